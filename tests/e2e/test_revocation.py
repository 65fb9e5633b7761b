"""Revocation through the running daemon: by call, by file, kept through kill -9, closed while what was revoked is not known."""
import json
import os
import re
import signal
import subprocess
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import SOURCE, eventually

REVOKED = (401, "revoked")
OK = (200, "ok")


class RevocationCase(IssuerCase):
    def daemon(self, **settings):
        return self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, **settings))

    def path(self, daemon, name="revocations.db"):
        return os.path.join(daemon.folder, "state", name)

    def aged(self, seconds=60, **claims):
        return self.issuer.token(iat=int(time.time()) - seconds, **claims)

    def ctl(self, daemon, *arguments, code=0):
        done = daemon.ctl(*arguments)
        self.assertEqual(done.returncode, code, done)
        return done.stdout

    def call(self, daemon, method, target="/v1/revocations", **members):
        if not members:
            return web.ask(daemon.admin_socket, target, method, headers={"Content-Length": "0"})
        return web.ask(daemon.admin_socket, target, method, body=json.dumps(members).encode())


class CallTest(RevocationCase):
    def test_every_kind_refuses_at_once_and_its_end_takes_the_token_again(self):
        daemon = self.daemon()
        token = self.aged(sub="alice", jti="t-1", sid="s-1")
        caller = daemon.verify(token).header("X-Bearerd-Caller")
        for words in (("demo", "--jti", "t-1"), ("demo", "--session", "s-1"), ("demo", "--subject", "alice"), ("--caller", caller),
                      ("demo", "--subject", "alice", "--issued-before", "now"), ("demo", "--issued-before", "now")):
            with self.subTest(words):
                self.assertEqual(daemon.verdict(token), OK)
                said = self.ctl(daemon, "revoke", *words)
                self.assertEqual(daemon.verdict(token), REVOKED)
                self.ctl(daemon, "revoke", "--end", said.split()[-1])
                self.assertEqual(daemon.verdict(token), OK)
        answer = daemon.verify(token)
        self.ctl(daemon, "revoke", "demo", "--jti", "t-1")
        refused = daemon.verify(token)
        self.assertIn('error="invalid_token"', refused.header("WWW-Authenticate"))
        self.assertEqual(daemon.ask("/verify/nginx", headers={**web.bearer(token), "X-Original-Method": "GET",
                                                             "X-Original-URI": "/"}).status, 401)
        self.assertEqual(answer.status, 200)
        self.assertEqual(daemon.verdict(self.aged(sub="bob", jti="t-2")), OK)
        daemon.told(event="audit", call="/v1/revocations", method="POST", status=201)
        daemon.told(event="audit", call="/v1/revocations", method="DELETE", status=200)
        self.assertNotIn("alice", daemon.log())

    def test_calls_that_can_not_be_meant_change_nothing(self):
        daemon = self.daemon()
        for members, code, detail in (({"provider": "dmo", "jti": "a"}, "unknown_provider", "there are: demo"),
                                      ({"provider": "demo"}, "invalid", "is missing"),
                                      ({"provider": "demo", "jti": "a", "until": "2020-01-01T00:00:00Z"}, "invalid", "in the past")):
            answer = self.call(daemon, "POST", **members)
            self.assertEqual((answer.status, answer.json()["code"]), (422, code))
            self.assertIn(detail, answer.json()["detail"])
        self.assertEqual(self.call(daemon, "DELETE", "/v1/revocations?id=jti." + "A" * 43).status, 404)
        self.assertEqual(self.call(daemon, "POST", "/v1/revocations/accept-loss").json()["code"], "nothing_lost")
        self.ctl(daemon, "revoke", "dmo", "--jti", "a", code=1)
        self.ctl(daemon, "revoke", "demo", "--jit", "a", code=2)
        self.ctl(daemon, "status", "--jti", "a", code=2)
        self.assertEqual(self.call(daemon, "GET").json(), {"revocations": [], "next": None})

    def test_list_has_ids_and_ends_and_pages(self):
        daemon = self.daemon(state={"longestTokenLifeSeconds": 3600})
        for number in range(3):
            answer = self.call(daemon, "POST", provider="demo", jti=f"t-{number}")
            self.assertEqual(answer.status, 201)
        first = self.call(daemon, "GET", "/v1/revocations?limit=2").json()
        second = self.call(daemon, "GET", "/v1/revocations?limit=2&after=" + first["next"]).json()
        self.assertEqual((len(first["revocations"]), len(second["revocations"]), second["next"]), (2, 1, None))
        self.assertIn(answer.json()["id"], self.ctl(daemon, "revocations"))
        self.assertEqual(daemon.metrics().sum("bearerd_revocations"), 3)


class KeptTest(RevocationCase):
    def test_revocation_outlives_kill_9_right_after_it(self):
        daemon = self.daemon()
        for number in range(5):
            token = self.aged(jti=f"t-{number}")
            self.assertEqual(daemon.verdict(token), OK)
            self.assertEqual(self.call(daemon, "POST", provider="demo", jti=f"t-{number}").status, 201)
            daemon.stop(signal.SIGKILL)
            daemon.start()
            self.assertEqual(daemon.verdict(token), REVOKED)
            self.assertEqual(daemon.ask("/readyz").json()["revocations"], "ok")

    def test_damaged_file_fails_closed_until_it_is_restored(self):
        daemon = self.daemon()
        revoked, good = self.aged(jti="t-1", sub="mallory"), self.aged(sub="alice")
        self.ctl(daemon, "revoke", "demo", "--subject", "mallory")
        daemon.stop()
        with open(self.path(daemon), "rb") as file:
            backup = file.read()
        with open(self.path(daemon), "wb") as file:
            file.write(b"no database " * 1000)
        for is_last in (False, True):  # and no crash loop
            daemon.start()
            self.assertEqual((daemon.verdict(revoked), daemon.verdict(good)), (REVOKED, REVOKED))
            self.assertEqual(self.call(daemon, "POST", provider="demo", jti="t-2").status, 503)
            self.assertEqual(daemon.metrics().sum("bearerd_revocations_unreadable"), 1)
            ready = daemon.ask("/readyz")
            self.assertEqual((ready.status, ready.json()["revocations"]), (200, "unreadable"))
            daemon.told(event="revocations_unreadable", level="error")
            self.assertIn("bearerctl revoke --accept-loss", daemon.ctl("status").stdout)
            if not is_last:
                self.assertEqual(daemon.stop(), 0)
        time.sleep(1.1)  # the issuer's clock is ours, and tells seconds
        self.assertEqual(daemon.verdict(self.issuer.token(sub="alice")), OK)
        with open(self.path(daemon) + ".new", "wb") as file:
            file.write(backup)
        os.rename(self.path(daemon) + ".new", self.path(daemon))
        eventually(lambda: daemon.verdict(good) == OK, "the restored file is taken in", 5)
        self.assertEqual(daemon.verdict(revoked), REVOKED)
        self.assertEqual(daemon.metrics().sum("bearerd_revocations_unreadable"), 0)

    def test_missing_file_fails_closed_until_the_loss_is_accepted(self):
        daemon = self.daemon()
        token = self.aged()
        self.assertEqual(daemon.verdict(token), OK)
        daemon.stop()
        os.remove(self.path(daemon))
        daemon.start()
        self.assertEqual(daemon.verdict(token), REVOKED)
        self.ctl(daemon, "revoke", "--accept-loss")
        self.assertEqual(daemon.verdict(token), OK)
        daemon.told(event="audit", call="/v1/revocations/accept-loss", status=200)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(daemon.verdict(token), OK)

    def test_accepted_loss_sets_the_damaged_file_aside(self):
        daemon = self.daemon()
        daemon.stop()
        with open(self.path(daemon), "wb") as file:
            file.write(b"damaged")
        daemon.start()
        self.assertIn("revocations.db.damaged-", self.ctl(daemon, "revoke", "--accept-loss"))
        self.assertEqual(daemon.verdict(self.aged()), OK)

    def test_new_state_key_is_a_loss_too(self):
        daemon = self.daemon()
        daemon.stop()
        os.remove(self.path(daemon, "state.key"))
        daemon.start()
        self.assertEqual(daemon.verdict(self.aged()), REVOKED)

    def test_second_daemon_on_the_directory_knows_nothing_and_fails_closed(self):
        daemon = self.daemon()
        token = self.aged()
        other = self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)},
                                        state={"directory": os.path.join(daemon.folder, "state")}))
        self.assertEqual((daemon.verdict(token), other.verdict(token)), (OK, REVOKED))
        status = other.ctl("status").stdout
        self.assertEqual(status.count("another process has it"), 2, status)  # the counters too
        self.assertEqual(daemon.stop(), 0)
        eventually(lambda: other.verdict(token) == OK, "it takes the file over", 15)

    def test_no_identity_is_in_the_file(self):
        daemon = self.daemon()
        self.call(daemon, "POST", provider="demo", subject="alice-the-user")
        daemon.stop()
        with open(self.path(daemon), "rb") as file:
            self.assertNotIn(b"alice", file.read())


class FileTest(RevocationCase):
    def daemon_with(self, entries):
        folder = self.own_folder()
        self.list = os.path.join(folder, "revoked.json")
        self.write(entries)
        return self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)}, state={"revocationsFile": self.list}))

    def write(self, entries):
        with open(self.list + ".new", "w", encoding="utf-8") as file:
            file.write(entries if isinstance(entries, str) else json.dumps(entries))
        os.rename(self.list + ".new", self.list)

    def test_change_of_the_file_holds_within_a_second_also_for_remembered_tokens(self):
        daemon = self.daemon_with([])
        token = self.aged(sub="alice")
        self.assertEqual(daemon.verdict(token), OK)
        self.assertEqual(daemon.verdict(token), OK)
        self.write([{"provider": "demo", "subject": "alice"}])
        eventually(lambda: daemon.verdict(token) == REVOKED, "it is revoked", 2)
        # What is faulty changes nothing.
        self.write('[{"provider": "demo", "subject": }]')
        daemon.told(event="settings_problem", level="error")
        daemon.told(event="settings_problem", file=self.list, line=1)
        self.assertEqual(daemon.verdict(token), REVOKED)
        self.write([])
        eventually(lambda: daemon.verdict(token) == OK, "it is taken again", 2)

    def test_faulty_file_ends_a_start_with_78(self):
        daemon = self.daemon_with([])
        daemon.stop()
        self.write('[{"provider": "demo"}]')
        done = subprocess.run(daemon.argv(), capture_output=True, text=True, timeout=20, check=False, env=daemon.environment)
        self.assertEqual(done.returncode, 78, done)
        self.assertIn(f"{self.list}:1:2: ", done.stderr)

    def test_file_of_the_page_loads_and_revokes(self):
        with open(os.path.join(SOURCE, "docs", "revocation.md"), encoding="utf-8") as file:
            text = re.search(r"^```json\n(\[.*?)^```$", file.read(), re.S | re.M).group(1)
        daemon = self.daemon_with(text)
        self.assertEqual(daemon.verdict(self.aged(sub="alice", jti="x")), REVOKED)
        self.assertEqual(daemon.verdict(self.aged(sub="bob", jti="7f3c")), REVOKED)
        self.assertEqual(daemon.verdict(self.aged(sub="bob", jti="other")), OK)
        daemon.run("--check", "--config", daemon.settings_file)

    def test_check_reads_the_file(self):
        daemon = self.daemon_with([{"provider": "demo", "jti": "a"}])
        done = daemon.run("--check", "--config", daemon.settings_file)
        self.assertEqual(done.returncode, 0, done)


if __name__ == "__main__":
    unittest.main()
