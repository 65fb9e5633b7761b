"""How much: limits by role, reports of usage, counters that outlive kill -9, damage and a full disk, and a Redis that two daemons share."""
import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import SOURCE, Process, eventually, free_port, need

MANY = 1000000


def blocks_of(page, language):
    """The code blocks of a page of docs/."""
    with open(os.path.join(SOURCE, "docs", page), encoding="utf-8") as file:
        return [text for found, text in re.findall(r"^```(\w*)\n(.*?)^```$", file.read(), re.S | re.M) if found == language]


def limited(**limit):
    return {"models": {"gpt-4": {}}, "roles": {"default": {"limits": {"gpt-4": limit}}}}


class LimitsCase(IssuerCase):
    def daemon_with(self, dynamic, folder=None, **settings):
        folder = folder or self.own_folder()
        self.dynamic_file = os.path.join(folder, "config.json")
        with open(self.dynamic_file, "w", encoding="utf-8") as file:
            file.write(dynamic if isinstance(dynamic, str) else json.dumps(dynamic))
        return self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)},
                                       config={"files": [self.dynamic_file]}, **settings))

    def ask(self, daemon, token, deployment="gpt-4"):
        return daemon.ask("/verify", headers={**web.bearer(token), "X-Bearerd-Resource": deployment})

    def statuses(self, daemon, token, count, deployment="gpt-4"):
        return [self.ask(daemon, token, deployment).status for _ in range(count)]

    def report(self, daemon, **members):
        return web.ask(daemon.admin_socket, "/v1/usage", "POST", body=json.dumps(members).encode())

    def windows(self, daemon, caller, deployment="gpt-4"):
        rows = web.ask(daemon.admin_socket, f"/v1/usage?caller={caller}").json()["usage"]
        found = [row["windows"] for row in rows if row["deployment"] == deployment]
        return found[0] if found else {}


class DocumentedTest(LimitsCase):
    def test_limits_of_the_page_hold_as_it_says(self):
        daemon = self.daemon_with(blocks_of("limits.md", "json")[0])
        token = self.issuer.token(roles=["nobody"])
        answer = self.ask(daemon, token)
        policy, state = [line.split(": ", 1)[1] for line in blocks_of("limits.md", "")[0].strip().splitlines()]
        self.assertEqual(answer.header("RateLimit-Policy"), policy)
        # The window's end depends on the second of the minute.
        self.assertEqual(re.sub(r"t=3[56]\d\d", "t=3600", answer.header("RateLimit")), state)
        self.assertEqual(self.statuses(daemon, token, 5), [200, 200, 200, 200, 429])
        # Staff have no limit of requests, and are the ones who may use "internal".
        staff = self.issuer.token(roles=["staff"], sub="bob")
        self.assertEqual(set(self.statuses(daemon, staff, 10)), {200})
        self.assertEqual(self.ask(daemon, staff, "internal").status, 200)
        self.assertEqual(self.ask(daemon, token, "internal").status, 403)

    def test_report_of_the_page_is_counted_as_it_says(self):
        daemon = self.daemon_with(blocks_of("limits.md", "json")[0])
        body = re.search(r"-d '(\{.*?\})'", blocks_of("limits.md", "")[1]).group(1)
        for result in ("counted", "repeated"):
            self.assertEqual(self.report(daemon, **json.loads(body)).json(), {"result": result})
        caller = json.loads(body)["caller"]
        self.assertEqual(self.windows(daemon, caller)["tokens_minute"], {"used": 812, "limit": None, "left": None})
        self.assertAlmostEqual(self.windows(daemon, caller, None)["cost_day"]["used"], 0.0243)

    def test_command_of_the_page_reports(self):
        need("curl")
        daemon = self.daemon_with(blocks_of("limits.md", "json")[0])
        command = blocks_of("limits.md", "")[1]
        self.assertIn(" /run/bearerd/admin.sock ", command)
        command = command.replace("/run/bearerd/admin.sock", daemon.admin_socket)
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, '{"result":"counted"}'), done)

    def test_redis_of_the_page_loads(self):
        daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, start=False,
                         **json.loads(blocks_of("limits.md", "json")[1]))
        password = os.path.join(daemon.folder, "redis.password")
        with open(password, "w", encoding="utf-8") as file:
            file.write("secret\n")
        os.chmod(password, 0o600)
        done = daemon.run("--check", "--config", daemon.settings_file)
        self.assertEqual(done.returncode, 0, done)


class LimitsTest(LimitsCase):
    def test_full_limit_is_429_with_its_reason_window_and_wait(self):
        daemon = self.daemon_with(limited(requestHour="2"))
        token = self.issuer.token()
        self.assertEqual(self.statuses(daemon, token, 2), [200, 200])
        answer = self.ask(daemon, token)
        self.assertEqual((answer.status, answer.header("X-Bearerd-Reason")), (429, "limit_reached"))
        self.assertTrue(3540 <= int(answer.header("Retry-After")) <= 3600, answer)
        self.assertRegex(answer.header("RateLimit"), r'^"requests_hour";r=0;t=\d+$')
        self.assertIsNone(answer.header("X-Auth-Request-User"))
        daemon.told(event="decision", reason="limit_reached", limit="requests_hour", resource="gpt-4")
        # Another person, and a question without a deployment.
        self.assertEqual(self.ask(daemon, self.issuer.token(sub="bob")).status, 200)
        self.assertEqual(daemon.verify(token).status, 200)
        self.assertIsNone(daemon.verify(token).header("RateLimit"))

    def test_reported_tokens_and_cost_refuse_the_next_request(self):
        dynamic = limited(minute=1000)
        dynamic["roles"]["default"]["costLimit"] = {"day": 0.5}
        daemon = self.daemon_with(dynamic)
        for members, window in (({"tokens": 1000}, "tokens_minute"), ({"cost": 0.5}, "cost_day")):
            with self.subTest(window):
                token = self.issuer.token(sub=window)
                caller = self.ask(daemon, token).header("X-Bearerd-Caller")
                self.assertEqual(self.report(daemon, caller=caller, deployment="gpt-4", **members).status, 200)
                answer = self.ask(daemon, token)
                self.assertEqual(answer.status, 429)
                self.assertRegex(answer.header("RateLimit"), rf'"{window}";r=0')
        self.assertEqual(daemon.metrics().sum("bearerd_usage_recorded_total", kind="tokens"), 1000)
        self.assertEqual(daemon.metrics().sum("bearerd_usage_recorded_total", kind="cost"), 0.5)

    def test_report_that_is_none_is_a_problem_and_counts_for_nothing(self):
        daemon = self.daemon_with(limited(minute=1000))
        caller = self.ask(daemon, self.issuer.token()).header("X-Bearerd-Caller")
        for members, code in (({"caller": "alice", "deployment": "gpt-4", "tokens": 1}, "invalid"),
                              ({"caller": caller, "deployment": "other", "tokens": 1}, "unknown_deployment"),
                              ({"caller": caller, "deployment": "gpt-4", "tokens": -1}, "invalid")):
            with self.subTest(members):
                answer = self.report(daemon, **members)
                self.assertEqual((answer.status, answer.json()["code"]), (422, code))
                self.assertEqual(answer.header("Content-Type"), "application/problem+json")
        self.assertEqual(self.windows(daemon, caller)["tokens_minute"]["used"], 0)

    def test_limit_of_zero_is_403(self):
        daemon = self.daemon_with(limited(minute=0))
        answer = self.ask(daemon, self.issuer.token())
        self.assertEqual((answer.status, answer.header("X-Bearerd-Reason")), (403, "no_role"))

    def test_changed_limit_applies_within_a_second_and_keeps_the_counts(self):
        daemon = self.daemon_with(limited(requestDay=2))
        token = self.issuer.token()
        self.assertEqual(self.statuses(daemon, token, 3), [200, 200, 429])
        with open(self.dynamic_file + ".new", "w", encoding="utf-8") as file:
            json.dump(limited(requestDay=3), file)
        os.rename(self.dynamic_file + ".new", self.dynamic_file)
        eventually(lambda: self.ask(daemon, token).status == 200, "the new limit is served", 2)
        self.assertEqual(self.ask(daemon, token).status, 429)

    def test_bearerctl_shows_used_and_left(self):
        daemon = self.daemon_with(limited(requestDay=5))
        caller = self.ask(daemon, self.issuer.token()).header("X-Bearerd-Caller")
        done = daemon.ctl("usage", caller)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, rf"{caller} +gpt-4 +requests_day +1 +5 +4\n")
        self.assertEqual(json.loads(daemon.ctl("--json", "usage").stdout)["usage"][0]["caller"], caller)

    def test_no_user_id_is_in_the_counters_file(self):
        daemon = self.daemon_with(limited(requestDay=5))
        self.ask(daemon, self.issuer.token(sub="alice-the-user"))
        daemon.stop()
        with open(os.path.join(daemon.folder, "state", "usage.db"), "rb") as file:
            content = file.read()
        self.assertGreater(len(content), 4096)
        self.assertNotIn(b"alice", content)


class KeptTest(LimitsCase):
    def test_stop_loses_nothing(self):
        daemon = self.daemon_with(limited(requestDay=5))
        token = self.issuer.token()
        self.assertEqual(self.statuses(daemon, token, 3), [200] * 3)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(self.statuses(daemon, token, 3), [200, 200, 429])

    def test_kill_9_under_load_loses_a_second_at_most(self):
        daemon = self.daemon_with(limited(requestDay=MANY))
        token = self.issuer.token()
        caller = self.ask(daemon, token).header("X-Bearerd-Caller")
        answered, is_over = [], threading.Event()

        def load():
            try:
                with web.Connection(daemon.address) as connection:
                    while not is_over.is_set():
                        headers = {**web.bearer(token), "X-Bearerd-Resource": "gpt-4"}
                        if connection.ask("/verify", headers=headers).status == 200:
                            answered.append(time.monotonic())
            except (ConnectionError, OSError):
                pass  # it was killed

        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        eventually(lambda: answered and answered[-1] - answered[0] > 2.5, "there was load for a while", 20)
        killed_at = time.monotonic()
        daemon.stop(signal.SIGKILL)
        is_over.set()
        for thread in threads:
            thread.join()
        daemon.start()
        kept = self.windows(daemon, caller)["requests_day"]["used"]
        self.assertGreaterEqual(kept, sum(1 for at in answered if at < killed_at - 1.0))
        # One answer of each connection may have been under way.
        self.assertLessEqual(kept, len(answered) + 1 + len(threads))
        self.assertEqual(self.ask(daemon, token).status, 200)

    def test_damaged_file_is_set_aside_and_told_and_counting_starts_anew(self):
        daemon = self.daemon_with(limited(requestDay=2))
        token = self.issuer.token()
        self.assertEqual(self.statuses(daemon, token, 3), [200, 200, 429])
        daemon.stop()
        path = os.path.join(daemon.folder, "state", "usage.db")
        with open(path, "wb") as file:
            file.write(b"this is no database " * 1000)
        daemon.start()
        self.assertEqual(self.statuses(daemon, token, 3), [200, 200, 429])
        daemon.told(event="state_damaged", level="error")
        self.assertTrue([name for name in os.listdir(os.path.dirname(path)) if name.startswith("usage.db.damaged-")])
        daemon.stop()
        daemon.start()
        self.assertEqual(self.ask(daemon, token).status, 429)

    def test_full_disk_is_told_and_stops_no_answer(self):
        folder = self.own_folder()
        state = os.path.join(folder, "state")
        os.makedirs(state, mode=0o700)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", state],
                                               check=False, capture_output=True).returncode != 0:
            self.skipTest("only who may mount can fill a disk")
        self.addCleanup(subprocess.run, ["umount", "-l", state], check=False)
        daemon = self.daemon_with(limited(requestDay=MANY), folder)
        with open(os.path.join(state, "ballast"), "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        tokens = [self.issuer.token(sub=f"user-{number}") for number in range(60)]

        def is_told():
            self.assertEqual({self.ask(daemon, token).status for token in tokens}, {200})
            return daemon.metrics().sum("bearerd_state_degraded") == 1
        eventually(is_told, "the full disk shows", 20)
        self.assertIn("counters are not kept", daemon.ctl("status").stdout)
        daemon.told(event="state_unavailable", level="error")
        # What is allocated already takes the first ones.
        self.assertTrue(any(daemon.ctl("revoke", "demo", "--jti", f"none-{number}").returncode for number in range(100)))
        refused = daemon.ctl("revoke", "demo", "--subject", "user-7")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("can't be kept", refused.stderr)
        self.assertEqual(self.ask(daemon, tokens[7]).header("X-Bearerd-Reason"), "revoked")
        self.assertIn("a restart would lose some", daemon.ctl("status").stdout)
        os.remove(os.path.join(state, "ballast"))
        self.ask(daemon, tokens[0])
        eventually(lambda: daemon.metrics().sum("bearerd_state_degraded") == 0, "there is room again", 20)
        daemon.told(event="revocations_kept")
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(self.ask(daemon, tokens[7]).header("X-Bearerd-Reason"), "revoked")
        caller = self.ask(daemon, tokens[5]).header("X-Bearerd-Caller")
        self.assertGreaterEqual(self.windows(daemon, caller)["requests_day"]["used"], 2)


class RedisTest(LimitsCase):
    def setUp(self):
        self.program = need("redis-server")
        self.redis_port = free_port()
        self.redis_folder = self.own_folder()
        self.redis = self.start_redis()

    def start_redis(self):
        log = os.path.join(self.redis_folder, "redis.log")
        redis = self.start_here(Process([self.program, "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "",
                                         "--appendonly", "no", "--requirepass", "s3cret", "--dir", self.redis_folder], log))
        redis.wait_until(lambda: "Ready to accept connections" in redis.log().split("Redis is starting")[-1], "redis serves")
        return redis

    def daemon_on_redis(self, dynamic, key_file=None, **redis):
        folder = self.own_folder()
        password = os.path.join(folder, "redis.password")
        with open(password, "w", encoding="utf-8") as file:
            file.write("s3cret\n")
        os.chmod(password, 0o600)
        key = {"keyFile": key_file} if key_file else {}
        daemon = self.daemon_with(dynamic, folder, state={
            "store": "redis", **key, "redis": {"address": f"127.0.0.1:{self.redis_port}", "passwordFile": password,
                                               "deadlineMs": 1000, **redis}})
        daemon.told(event="state_shared")
        return daemon

    def test_without_the_state_key_nothing_is_shared_so_nothing_starts(self):
        key_file = os.path.join(self.own_folder(), "state.key")
        with open(key_file, "wb") as file:
            file.write(os.urandom(32))
        os.chmod(key_file, 0o644)
        daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, start=False, state={
            "store": "redis", "keyFile": key_file, "redis": {"address": f"127.0.0.1:{self.redis_port}"}})
        daemon.write()
        done = daemon.run("--config", daemon.settings_file)
        self.assertEqual(done.returncode, 78, done)
        self.assertIn("needs the state key that all daemons share", done.stderr)
        self.assertIn(key_file, done.stderr)

    def test_two_daemons_share_one_limit_and_one_caller(self):
        one = self.daemon_on_redis(limited(requestDay=5))
        other = self.daemon_on_redis(limited(requestDay=5), os.path.join(one.folder, "state", "state.key"))
        token = self.issuer.token()
        statuses = [self.ask(daemon, token).status for daemon in (one, other) * 4]
        self.assertEqual(statuses, [200] * 5 + [429] * 3)
        caller = self.ask(one, self.issuer.token(sub="bob")).header("X-Bearerd-Caller")
        self.assertEqual(self.report(one, caller=caller, deployment="gpt-4", tokens=7, idempotency_key="k").json()["result"], "counted")
        self.assertEqual(self.report(other, caller=caller, deployment="gpt-4", tokens=7, idempotency_key="k").json()["result"], "repeated")
        self.assertEqual(self.windows(other, caller)["tokens_day"]["used"], 7)

    def test_explaining_looks_at_redis_and_counts_nothing(self):
        daemon = self.daemon_on_redis(limited(requestDay=2))
        token = self.issuer.token()

        def explained():
            body = json.dumps({"token": token, "resource": "gpt-4"}).encode()
            answer = web.ask(daemon.admin_socket, "/v1/explain", "POST", body=body).json()
            limits, = [step for step in answer["steps"] if step["check"] == "limits"]
            return answer["reason"], " ".join(limits.get("details", []))

        caller = self.ask(daemon, token).header("X-Bearerd-Caller")
        for _ in range(3):
            reason, details = explained()
            self.assertEqual(reason, "ok")
            self.assertIn("requests_day", details)
        self.assertEqual(self.windows(daemon, caller)["requests_day"]["used"], 1)
        self.assertEqual(self.ask(daemon, token).status, 200)
        self.assertEqual(explained()[0], "limit_reached")

    def test_two_daemons_share_their_revocations_and_keep_them_without_redis(self):
        one = self.daemon_on_redis(limited())
        other = self.daemon_on_redis(limited(), os.path.join(one.folder, "state", "state.key"))
        token, revoked = self.issuer.token(sub="alice"), (401, "revoked")
        self.assertEqual([daemon.verdict(token) for daemon in (one, other)], [(200, "ok")] * 2)
        said = one.ctl("revoke", "demo", "--subject", "alice")
        self.assertEqual((said.returncode, one.verdict(token)), (0, revoked), said)
        eventually(lambda: other.verdict(token) == revoked, "the other was told")
        self.redis.stop(signal.SIGKILL)
        other.told(event="revocations_not_shared")
        self.assertIn("revocations are not shared with all daemons at present", other.ctl("status").stdout)
        other.stop()
        other.start()
        self.assertEqual(other.verdict(token), revoked)
        self.assertEqual(one.ctl("revoke", "--end", said.stdout.split()[-1]).returncode, 2)
        self.start_redis()
        eventually(lambda: one.ctl("revoke", "--end", said.stdout.split()[-1]).returncode == 0, "it is back")
        eventually(lambda: other.verdict(token) == (200, "ok"), "the other was told that it is over")

    def test_redis_killed_and_back_under_load_never_stops_answers(self):
        daemon = self.daemon_on_redis(limited(requestDay=MANY))
        token = self.issuer.token()
        statuses, is_over = [], threading.Event()

        def load():
            while not is_over.is_set():
                statuses.append(self.ask(daemon, token).status)

        thread = threading.Thread(target=load)
        thread.start()
        try:
            eventually(lambda: len(statuses) > 50, "there is load")
            self.redis.stop(signal.SIGKILL)
            eventually(lambda: daemon.metrics().sum("bearerd_state_degraded") == 1, "its loss shows")
            self.assertIn("counts alone", daemon.ctl("status").stdout)
            ready = daemon.ask("/readyz")
            self.assertEqual((ready.status, ready.json()["counters"]), (200, "degraded"))
            before = len(statuses)
            eventually(lambda: len(statuses) > before + 50, "answers go on")
            self.start_redis()
            eventually(lambda: daemon.metrics().sum("bearerd_state_degraded") == 0, "it is back")
            eventually(lambda: len(statuses) > before + 150, "answers go on")
            self.assertEqual(daemon.ask("/readyz").json()["counters"], "ok")
        finally:
            is_over.set()
            thread.join()
        self.assertEqual(set(statuses), {200})

    def test_refuse_is_503_while_redis_is_gone(self):
        daemon = self.daemon_on_redis(limited(requestDay=MANY), onFailure="refuse")
        token = self.issuer.token()
        self.assertEqual(self.ask(daemon, token).status, 200)
        self.redis.stop(signal.SIGKILL)
        answer = self.ask(daemon, token)
        self.assertEqual((answer.status, answer.header("Retry-After")), (503, "1"))
        self.assertEqual(daemon.verify(token).status, 200)
        self.start_redis()
        eventually(lambda: self.ask(daemon, token).status == 200, "it is back")


if __name__ == "__main__":
    unittest.main()
