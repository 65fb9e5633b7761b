"""The admin API: every call against its own description, every right on every call, and those who try to get in without one."""
import base64
import collections
import glob
import json
import os
import re
import resource
import signal
import socket
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, IssuerCase
from harness.json_schema import Checker
from harness.processes import built, eventually, free_port
from harness.tls import Certificates

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SECRETS = {"salt": "salt-of-nobodys-business", "client": "client-secret-of-nobodys-business", "key": "api-key-of-nobodys-business",
           "hmac": "hmac-secret-of-nobodys-business-0123456789"}


def call(daemon, method, target, body=None, headers=()):
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return web.ask(daemon.admin_socket, target, method, headers=headers, body=raw)


class AdminCase(IssuerCase):
    def daemon(self, **settings):
        return self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, **settings))


class OpenApiTest(AdminCase):
    """Each operation of the document is called, and each answer held to its schema."""

    PAGE = os.path.join(ROOT, "docs", "admin-api.md")

    # operation: (target, body, status); what is not here is called as it stands in the document.
    CALLS = {
        "getProvider": ("/v1/providers/demo", None, 200),
        "refreshProvider": ("/v1/providers/demo/refresh", None, 200),
        "disableProvider": ("/v1/providers/demo/disable", None, 200),
        "enableProvider": ("/v1/providers/demo/enable", None, 200),
        "getPlugin": ("/v1/plugins/oidc", None, 200),
        "setLogLevel": ("/v1/log-level", {"level": "info", "seconds": 60}, 200),
        "recordUsage": ("/v1/usage", {"caller": "A" * 43, "deployment": "gpt-4", "tokens": 12}, 200),
        "explain": ("/v1/explain", {"method": "GET", "uri": "/", "endpoint": "nginx"}, 200),
        "revoke": ("/v1/revocations", {"provider": "demo", "jti": "t-1"}, 201),
        "endRevocation": ("/v1/revocations?id=jti." + "A" * 43, None, 404),
        "acceptLoss": ("/v1/revocations/accept-loss", None, 409),
        "checkSettings": ("/v1/settings/check", {"against_recent": True}, 200),
    }

    def setUp(self):
        folder = self.own_folder()
        self.dynamic_file = os.path.join(folder, "dynamic.json")
        self.dynamic = {"models": {"gpt-4": {}}, "roles": {"default": {"limits": {"gpt-4": {"minute": 100}}}}}
        with open(self.dynamic_file, "w", encoding="utf-8") as file:
            json.dump(self.dynamic, file)
        self.bearerd = self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)}, config={"files": [self.dynamic_file]},
                                               admin={"recentDecisions": 100}))
        answer = call(self.bearerd, "GET", "/v1/openapi.json")
        self.document = answer.json()
        self.checker = Checker(self.document)

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation

    def check(self, operation, answer):
        described = operation["responses"].get(str(answer.status))
        self.assertIsNotNone(described, f"{operation['operationId']}: {answer.status} is not described: {answer}")
        (content_type, content), = described["content"].items()
        self.assertEqual(answer.header("Content-Type"), content_type)
        self.assertEqual(self.checker.faults(content["schema"], answer.json()), [], operation["operationId"])

    def fill_every_list(self):
        for name, value in (("jti", "stolen"), ("session", "s-1"), ("subject", "mallory"), ("key", "k-old")):
            self.assertEqual(call(self.bearerd, "POST", "/v1/revocations", {"provider": "demo", name: value}).status, 201)
        answer = self.bearerd.ask("/verify", headers={**web.bearer(self.issuer.token(roles=["default"])), "X-Bearerd-Resource": "gpt-4"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.bearerd.verify("x.y.z").status, 401)
        without_models = {"files": {self.dynamic_file: json.dumps({**self.dynamic, "models": {}})}, "against_recent": True}
        return {"checkSettings": ("/v1/settings/check", without_models, 200)}

    def test_every_operation_answers_as_it_is_described(self):
        self.assertEqual(self.document["openapi"], "3.1.0")
        calls = {**self.CALLS, **self.fill_every_list()}
        called = set()
        for path, method, operation in self.operations():
            name = operation["operationId"]
            with self.subTest(name):
                target, body, status = calls.get(name, (path, None, 200))
                answer = call(self.bearerd, method, target, body)
                self.assertEqual(answer.status, status, answer)
                self.check(operation, answer)
                called.add(name)
                if name == "revoke":  # ends what it began
                    target = "/v1/revocations?id=" + answer.json()["id"]
                    self.check(self.document["paths"]["/v1/revocations"]["delete"], call(self.bearerd, "DELETE", target))
        self.assertEqual(set(calls) - called, set())
        self.lose_revocations()
        self.check(self.document["paths"]["/v1/revocations/accept-loss"]["post"], call(self.bearerd, "POST", "/v1/revocations/accept-loss"))
        # An empty list fits every schema, so there has to have been one of everything.
        asked = {operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                 for _, _, operation in self.operations() if "requestBody" in operation}
        self.assertEqual(set(self.document["components"]["schemas"]) - asked - self.checker.seen, set())

    def lose_revocations(self):
        self.bearerd.stop()
        with open(os.path.join(self.bearerd.folder, "state", "revocations.db"), "wb") as file:
            file.write(b"no database " * 1000)
        self.bearerd.start()

    def test_another_method_than_the_documents_is_405_and_told_which_there_are(self):
        for path, methods in self.document["paths"].items():
            for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - {each.upper() for each in methods}:
                with self.subTest(f"{method} {path}"):
                    answer = call(self.bearerd, method, path.replace("{name}", "demo"))
                    self.assertEqual((answer.status, answer.json()["code"]), (405, "method_not_allowed"))
                    self.assertEqual(set(answer.header("Allow").split(", ")), {each.upper() for each in methods})
                    self.assertEqual(self.checker.faults({"$ref": "#/components/schemas/HttpProblem"}, answer.json()), [])

    def test_what_a_call_takes_is_described_too(self):
        for _, _, operation in self.operations():
            target_body = self.CALLS.get(operation["operationId"], (None, None))[1]
            if target_body is not None:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                self.assertEqual(self.checker.faults(schema, target_body), [])

    def test_refusals_are_problems(self):
        problem = {"$ref": "#/components/schemas/HttpProblem"}
        for method, target, body, headers, status, code in (
                ("GET", "/v1/nothing", None, {}, 404, "not_found"),
                ("GET", "/v1/providers/nobody", None, {}, 404, "unknown_provider"),
                ("POST", "/v1/providers/nobody/disable", None, {}, 404, "unknown_provider"),
                ("GET", "/v1/plugins/nothing", None, {}, 404, "unknown_plugin"),
                ("DELETE", "/v1/status", None, {}, 405, "method_not_allowed"),
                ("PUT", "/v1/log-level", {"level": "loud"}, {}, 422, "invalid"),
                ("GET", "/v1/decisions?limit=1&limit=2", None, {}, 422, "invalid"),
                ("GET", "/v1/decisions?provider=%", None, {}, 422, "invalid"),
                ("GET", "/v1/decisions?provider=my%26idp", None, {}, 422, "unknown_provider"),
                ("GET", "/v1/status?limit=1", None, {}, 422, "invalid"),
                ("PUT", "/v1/log-level", {"level": "info", "seconds": 0}, {}, 422, "invalid"),
                ("PUT", "/v1/log-level", {"level": "info", "seconds": 2**64 - 1}, {}, 422, "invalid"),
                ("PUT", "/v1/log-level", {"level": "info", "more": 1}, {}, 422, "invalid"),
                ("PUT", "/v1/log-level", b"[" * 5000, {}, 400, "bad_request"),
                ("PUT", "/v1/log-level", b"level=info", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "no_json"),
                ("PUT", "/v1/log-level", b" " * 70000, {}, 413, "too_large")):
            with self.subTest(f"{method} {target} {str(body)[:30]}"):
                answer = call(self.bearerd, method, target, body, headers)
                self.assertEqual((answer.status, answer.json()["code"]), (status, code))
                self.assertEqual(answer.header("Content-Type"), "application/problem+json")
                self.assertEqual(self.checker.faults(problem, answer.json()), [])
        self.assertEqual(call(self.bearerd, "PUT", "/v1/revocations").header("Allow"), "GET, POST, DELETE")

    def test_no_spelling_of_a_path_but_its_own_reaches_a_call(self):
        for target in ("/v1/../v1/status", "/v1/./status", "//v1/status", "/v1//status", "/v1/status/", "/v1/%73tatus", "/v1/STATUS",
                       "/v1/providers/../status", "/v1/providers/%2e%2e/status", "/v1/providers/demo%2Fdisable", "/v1/providers/demo/",
                       "/v1/providers/%", "/v1/providers/%d", "/v1/providers/demo%00", "http://x/v1/status", "/v1/providers/demo/../demo/disable"):
            for method in ("GET", "POST"):
                with self.subTest(f"{method} {target}"):
                    self.assertIn(call(self.bearerd, method, target).status, (400, 404, 405))
        self.assertEqual(self.bearerd.verdict(self.issuer.token()), (200, "ok"))
        self.assertEqual(call(self.bearerd, "GET", "/v1/providers/d%65mo").json()["name"], "demo")

    def test_values_of_a_query_may_be_encoded(self):
        self.assertEqual(self.bearerd.verdict(self.issuer.token()), (200, "ok"))
        self.assertEqual(self.bearerd.verdict(self.issuer.token(sub="bob")), (200, "ok"))
        decisions = call(self.bearerd, "GET", "/v1/decisions?provider=d%65mo&limit=%31").json()["decisions"]
        self.assertEqual([each["provider"] for each in decisions], ["demo"])

    def test_the_page_lists_every_code_that_a_refusal_may_have(self):
        given = set()
        for name in glob.glob(os.path.join(ROOT, "daemon", "http", "admin_*.cpp")):
            with open(name, encoding="utf-8") as source:
                given |= set(re.findall(r'admin_refusal\(\s*(\d+),\s*"(\w+)"', source.read()))
        with open(self.PAGE, encoding="utf-8") as page:
            rows = re.findall(r"^\| (\d+) \| (`[^|]+`) \|", page.read(), re.M)
        listed = {(status, code) for status, codes in rows for code in re.findall(r"\w+", codes)}
        self.assertEqual(listed, given)

    def test_the_page_lists_every_call(self):
        with open(self.PAGE, encoding="utf-8") as page:
            listed = set(re.findall(r"^\| `([A-Z]+) (/v1/[^`? ]+)[^`]*` \| (\w+) \|", page.read(), re.M))
        served = {(method, path.replace("{name}", "NAME"), operation["x-bearerd-right"]) for path, method, operation in self.operations()}
        self.assertEqual(listed, served)


class ProviderTest(AdminCase):
    def test_a_disabled_provider_is_off_at_once_for_remembered_tokens_and_over_a_restart(self):
        daemon = self.daemon()
        token, other = self.issuer.token(sub="alice"), self.issuer.token(sub="bob")
        self.assertEqual(daemon.verdict(token), (200, "ok"))
        self.assertEqual(daemon.ctl("disable", "demo").returncode, 0)
        for each in (token, other):
            answer = daemon.verify(each)
            self.assertEqual((answer.status, answer.header("X-Bearerd-Reason")), (503, "provider_unavailable"))
            self.assertTrue(int(answer.header("Retry-After")) > 0)
        ready = daemon.ask("/readyz")
        self.assertEqual((ready.status, ready.json()["providers"][0]["state"]), (503, "disabled"))
        self.assertIn("bearerctl enable demo", daemon.ctl("status").stdout)
        daemon.stop(signal.SIGKILL)
        daemon.start(wait_for_keys=False)
        self.assertEqual(daemon.ask("/readyz").json()["providers"][0]["state"], "disabled")
        self.assertEqual(daemon.verdict(token), (503, "provider_unavailable"))
        daemon.change(lambda settings: settings.update(verify={"realm": "another"}))
        eventually(lambda: call(daemon, "GET", "/v1/status").json()["generations"]["static"] == 2, "the reload is taken in")
        self.assertEqual(daemon.verdict(token), (503, "provider_unavailable"))
        self.assertEqual(daemon.ctl("enable", "demo").returncode, 0)
        eventually(lambda: daemon.verdict(token) == (200, "ok"), "the token is taken again")
        daemon.told(event="audit", call="/v1/providers/{name}/enable", name="demo", peer_uid=os.getuid())
        self.assertEqual(daemon.ctl("disable", "nobody").returncode, 1)

    def test_when_it_is_not_known_who_was_disabled_everybody_is(self):
        daemon = self.daemon()
        self.assertEqual(daemon.ctl("disable", "demo").returncode, 0)
        daemon.stop()
        path = os.path.join(daemon.folder, "state", "disabled-providers")
        with open(path, "r+b") as file:
            file.truncate(10)
        daemon.start(wait_for_keys=False)
        self.assertEqual(daemon.verdict(self.issuer.token()), (503, "provider_unavailable"))
        daemon.told(event="disabled_unreadable", level="error")
        self.assertIn("all are", daemon.ctl("status").stdout)
        self.assertEqual(daemon.ctl("enable", "demo").returncode, 0)
        eventually(lambda: daemon.verdict(self.issuer.token()) == (200, "ok"), "tokens are taken again")

    def test_keys_are_fetched_when_asked_and_a_failure_is_told(self):
        issuer = self.start_here(DemoIssuer(self.own_folder()))
        daemon = self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(issuer.url)}))
        issuer.rotate(keep=False)
        before = call(daemon, "GET", "/v1/providers/demo").json()
        answer = call(daemon, "POST", "/v1/providers/demo/refresh").json()
        self.assertEqual(answer["result"], "fetched")
        self.assertGreater(answer["provider"]["last_success"], before["last_success"])
        issuer.stop()
        done = daemon.ctl("refresh", "demo")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("failed", done.stderr)
        self.assertIsNotNone(call(daemon, "GET", "/v1/providers/demo").json()["last_error"])

    def test_a_flush_forgets_every_token_and_nothing_else(self):
        daemon = self.daemon()
        token = self.issuer.token()
        for _ in range(2):
            self.assertEqual(daemon.verdict(token), (200, "ok"))
        hits = daemon.metrics().sum("bearerd_token_cache_hits_total")
        self.assertIn("forgotten", daemon.ctl("flush").stdout)
        self.assertEqual(daemon.verdict(token), (200, "ok"))
        self.assertEqual(daemon.metrics().sum("bearerd_token_cache_hits_total"), hits)
        # Each event loop remembers for itself, and which one answers is the kernel's choice.
        eventually(lambda: daemon.verdict(token) == (200, "ok") and daemon.metrics().sum("bearerd_token_cache_hits_total") > hits,
                   "it is remembered again")

    def test_a_log_level_ends_by_itself_and_not_by_a_reload(self):
        daemon = self.daemon(log={"level": "error", "format": "json", "decisions": "all"})
        daemon.verify("x.y.z")
        self.assertEqual(daemon.log_lines(event="decision"), [])
        self.assertEqual(daemon.ctl("log-level", "debug", "--seconds", "3").returncode, 0)
        daemon.change(lambda settings: settings.update(verify={"realm": "another"}))
        daemon.told(event="reload")
        eventually(lambda: self.is_silent(daemon), "the level of the settings is back", 20)
        self.assertEqual(daemon.ctl("log-level", "loud").returncode, 1)

    def test_no_log_level_hides_a_change(self):
        daemon = self.daemon()
        self.assertEqual(daemon.ctl("log-level", "error").returncode, 0)
        self.assertEqual(daemon.ctl("flush").returncode, 0)
        daemon.told(event="audit", call="/v1/log-level")
        daemon.told(event="audit", call="/v1/cache/flush")

    @staticmethod
    def is_silent(daemon):
        before = len(daemon.log_lines())
        daemon.verify("x.y.z")
        time.sleep(0.2)
        return len(daemon.log_lines()) == before


class KeyRevocationTest(AdminCase):
    @staticmethod
    def key_of(token):
        header = token.split(".")[0]
        return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]

    def test_what_a_revoked_key_signed_is_refused_and_what_its_successor_signs_is_not(self):
        issuer = self.start_here(DemoIssuer(self.own_folder()))
        daemon = self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(issuer.url)}))
        stolen = [issuer.token(sub=name) for name in ("alice", "bob")]
        self.assertEqual(daemon.verdict(stolen[0]), (200, "ok"))
        done = daemon.ctl("revoke", "demo", "--key", self.key_of(stolen[0]))
        self.assertEqual(done.returncode, 0, done)
        for token in stolen:  # one remembered, one never seen
            self.assertEqual(daemon.verdict(token), (401, "revoked"))
        issuer.rotate(keep=True)
        fresh = issuer.token(sub="alice")
        self.assertNotEqual(self.key_of(fresh), self.key_of(stolen[0]))
        eventually(lambda: daemon.verdict(fresh) == (200, "ok"), "a token of the new key is taken")
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertEqual((daemon.verdict(stolen[0]), daemon.verdict(fresh)), ((401, "revoked"), (200, "ok")))
        self.assertIn("key", daemon.ctl("revocations").stdout)
        self.assertEqual(daemon.ctl("revoke", "--end", done.stdout.split()[-1]).returncode, 0)
        self.assertEqual(daemon.verdict(stolen[0]), (200, "ok"))


class StatusTest(AdminCase):
    def test_a_provider_that_has_let_nobody_in_is_seen(self):
        daemon = self.daemon()
        daemon.verify(self.issuer.token(aud="another"))
        self.assertIn("has let nobody in since the start", daemon.ctl("status").stdout)
        self.assertEqual(daemon.verdict(self.issuer.token()), (200, "ok"))
        self.assertNotIn("has let nobody in", daemon.ctl("status").stdout)
        self.assertEqual(call(daemon, "GET", "/v1/providers/demo").json()["allowed"], 1)

    def test_the_log_level_in_force_is_told_and_whether_it_was_set_by_a_call(self):
        daemon = self.daemon(log={"level": "notice", "format": "json", "decisions": "all"})

        def told():
            status = call(daemon, "GET", "/v1/status").json()
            return status["log_level"], status["log_level_set"]
        self.assertEqual(told(), ("notice", False))
        call(daemon, "PUT", "/v1/log-level", {"level": "debug", "seconds": 600})
        self.assertEqual(told(), ("debug", True))
        call(daemon, "PUT", "/v1/log-level", {"level": None})
        self.assertEqual(told(), ("notice", False))

    def test_what_waits_for_a_restart_is_a_warning_until_it_is_undone(self):
        daemon = self.daemon()
        before = daemon.settings["listen"]["metrics"]
        daemon.change(lambda settings: settings["listen"].update(metrics=f"127.0.0.1:{free_port()}"))
        daemon.ctl("reload")
        self.assertIn("warning: listen.metrics was changed, but is read at start only", daemon.ctl("status").stdout)
        daemon.ctl("reload")  # which finds nothing new
        self.assertIn("listen.metrics was changed", daemon.ctl("status").stdout)
        daemon.change(lambda settings: settings["listen"].update(metrics=before))
        daemon.ctl("reload")
        self.assertNotIn("listen.metrics was changed", daemon.ctl("status").stdout)


class StartedByARelativeNameTest(AdminCase):
    def setUp(self):
        folder = self.own_folder()
        certificates = Certificates(os.path.join(folder, "tls"))
        self.daemon_ = Bearerd(folder, {"demo": demo_provider(self.issuer.url)}, start=False, config={"files": ["config.json"]})
        self.daemon_.settings["listen"]["adminTls"] = {"certificateFile": os.path.relpath(certificates.certificate, folder),
                                                       "keyFile": os.path.relpath(certificates.key, folder)}
        self.daemon_.write()
        self.dynamic_file = self.write("config.json", {})
        self.daemon_.argv = lambda: ["sh", "-c", 'cd "$0" && exec "$@"', folder, built("bin", "bearerd"), "--config", "./settings.json"]
        self.daemon_.start()
        self.start_here(self.daemon_)

    def write(self, name, content):
        path = os.path.join(self.daemon_.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(content, file)
        return path

    def test_files_have_whole_names_and_are_known_by_them(self):
        files = call(self.daemon_, "GET", "/v1/status").json()["files"]
        self.assertEqual(files[0], self.daemon_.settings_file)
        self.assertIn(self.dynamic_file, files)
        self.assertTrue(all(os.path.isabs(file) for file in files), files)

    def test_what_is_tried_is_compared_with_what_runs(self):
        copy = self.write("copy.json", self.daemon_.settings)
        done = self.daemon_.ctl("check", copy)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("listen.adminTls", done.stdout + done.stderr)
        changed = self.write("changed.json", {"routes": {"a": {"paths": ["/a"]}}})
        link = os.path.join(self.own_folder(), "link")
        os.symlink(self.daemon_.folder, link)
        for name in (self.dynamic_file, os.path.join(link, "config.json")):
            done = self.daemon_.ctl("check", changed, "--for", name)
            self.assertEqual(done.returncode, 0, done)
        done = self.daemon_.ctl("check", changed, "--for", os.path.join(link, "other.json"))
        self.assertIn("the settings do not read this file", done.stdout + done.stderr)


class SettingsTest(AdminCase):
    def test_no_secret_is_shown_whatever_its_setting_is_called(self):
        folder = self.own_folder()
        for name in ("client", "hmac"):
            with open(os.path.join(folder, name), "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(SECRETS[name])
        with open(os.path.join(folder, "dynamic.json"), "w", encoding="utf-8") as file:
            json.dump({"keys": {SECRETS["key"]: {"project": "p-1", "role": "r-1"}}, "models": {"gpt-4": {"userRoles": ["r-1"]}},
                       "roles": {"r-1": {"limits": {"gpt-4": {"minute": 10}}}}, "routes": {"open": {"paths": ["/open/.*"]}},
                       "storage": {"secretKey": "of-another-part"}}, file)
        providers = {
            "demo": demo_provider(self.issuer.url, loggingSalt=SECRETS["salt"],
                                  introspection={"url": f"{self.issuer.url}/introspect", "clientId": "us",
                                                 "clientSecretFile": os.path.join(folder, "client")}),
            "hmac": {"issuer": "https://hmac.test", "audience": "a", "hmacSecretFile": os.path.join(folder, "hmac")},
        }
        daemon = self.start_here(Bearerd(folder, providers, config={"files": [os.path.join(folder, "dynamic.json")]}))
        answer = call(daemon, "GET", "/v1/settings")
        text, shown = answer.body.decode(), answer.json()
        for secret in (*SECRETS.values(), "of-another-part"):
            self.assertNotIn(secret, text)
            self.assertNotIn(secret, daemon.ctl("settings").stdout)
        self.assertEqual(shown["keys"], [{"key": "***", "project": "p-1", "roles": ["r-1"], "secured": False, "allowedIpAddressRanges": None}])
        self.assertEqual(shown["identityProviders"]["demo"]["loggingSalt"], "***")
        self.assertEqual(shown["identityProviders"]["demo"]["audience"], ["demo-api"])
        self.assertEqual(shown["verify"]["waitMs"], 150)  # a default
        self.assertEqual(shown["roles"]["r-1"]["limits"]["gpt-4"]["minute"], 10)
        self.assertEqual(shown["models"], {"gpt-4": {"userRoles": ["r-1"]}})

    def test_reloads_are_remembered_with_what_was_wrong(self):
        daemon = self.daemon()
        good = json.dumps(daemon.settings)
        daemon.write(good.replace('"demo-api"', "7, [", 1))
        eventually(lambda: call(daemon, "GET", "/v1/reloads").json()["reloads"][0]["result"] == "refused", "the fault is seen")
        reloads = call(daemon, "GET", "/v1/reloads").json()["reloads"]
        self.assertEqual((reloads[0]["cause"], reloads[-1]["cause"]), ("file", "start"))
        self.assertTrue(reloads[0]["problems"])
        daemon.write(good)
        for _ in range(40):
            daemon.ctl("reload")
        self.assertEqual(len(call(daemon, "GET", "/v1/reloads").json()["reloads"]), 32)
        self.assertIn("CAUSE", daemon.ctl("reloads").stdout)


class TokenTest(AdminCase):
    """Over TCP: the daemon's own engine decides who gets in."""

    RIGHTS = {"admin": "boss", "observe": "on-call", "usage": "gateway"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_issuer = cls.start(DemoIssuer(cls.folder, name="other"))
        cls.off_issuer = cls.start(DemoIssuer(cls.folder, name="off"))
        cls.certificates = Certificates(os.path.join(cls.folder, "tls"))
        cls.tcp = ("127.0.0.1", free_port())
        secret = os.path.join(cls.folder, "introspection-secret")
        with open(secret, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(SECRETS["client"])
        # Opaque tokens too, which is nothing to the admin listener: nobody answers there, so who asked would say 503.
        asked = {"url": f"http://127.0.0.1:{free_port()}/introspect", "clientId": "us", "clientSecretFile": secret}
        providers = {"demo": demo_provider(cls.issuer.url, introspection=asked), "other": demo_provider(cls.other_issuer.url),
                     "off": demo_provider(cls.off_issuer.url)}
        rules = {right: {"rules": [{"source": "roles", "function": "EQUAL", "targets": [role]}]} for right, role in cls.RIGHTS.items()}
        rules["observe"]["rules"].append({"source": "team", "function": "EQUAL", "targets": ["sre"]})
        cls.daemon_ = Bearerd(cls.folder, providers, start=False, admin={"providers": ["demo", "off"]}, access=rules)
        cls.daemon_.settings["listen"]["admin"] = [f"unix:{cls.daemon_.admin_socket}", f"127.0.0.1:{cls.tcp[1]}"]
        cls.daemon_.settings["listen"]["adminTls"] = {"certificateFile": cls.certificates.certificate, "keyFile": cls.certificates.key}
        cls.daemon_.write()
        cls.daemon_.start()
        cls.start(cls.daemon_)
        cls.client = cls.certificates.client()
        cls.daemon_.ctl("disable", "off")

    def ask(self, method, target, token=None, body=b"", headers=()):
        fields = list(headers) + ([("Authorization", f"Bearer {token}")] if token else [])
        return web.ask(self.tcp, target, method, headers=fields, body=body, tls=self.client)

    def token_of(self, right, **claims):
        return self.issuer.token(roles=[self.RIGHTS[right]], **claims)

    def test_each_right_opens_its_calls_and_no_other(self):
        document = self.ask("GET", "/v1/openapi.json", self.token_of("admin")).json()
        tokens = {right: self.token_of(right) for right in self.RIGHTS}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                needed = operation["x-bearerd-right"]
                target = path.replace("{name}", "nobody")
                for right, token in tokens.items():
                    if method.upper() == "POST" and "reload" in path:
                        continue  # tried below
                    with self.subTest(f"{right}: {method} {path}"):
                        answer = self.ask(method.upper(), target, token)
                        is_allowed = right in ("admin", needed)
                        self.assertEqual(answer.status == 403, not is_allowed, answer)
        self.assertEqual(self.ask("POST", "/v1/reload", tokens["observe"]).status, 403)
        self.assertEqual(self.ask("POST", "/v1/reload", tokens["admin"]).status, 200)

    # What only this operation refuses: status, target (where it differs), body.
    REFUSED = {
        "setLogLevel": [(422, None, {"level": "loud"})],
        "listUsage": [(422, "/v1/usage?limit=x", None)],
        "recordUsage": [(422, None, {})],
        "listRevocations": [(422, "/v1/revocations?limit=x", None)],
        "revoke": [(422, None, {})],
        "endRevocation": [(422, "/v1/revocations?id=x", None), (404, "/v1/revocations?id=jti." + "A" * 43, None)],
        "acceptLoss": [(409, None, None)],
        "checkSettings": [(422, None, {"files": 1})],
        "listDecisions": [(422, "/v1/decisions?limit=x", None)],
        "explain": [(422, None, {"token": 1})],
    }

    def refusals_of(self, path, method, operation):
        """Each status with which this operation may refuse, and an answer that has it."""
        target = path.replace("{name}", "nobody")
        token = self.token_of("admin")

        def over_tcp(bearer, *fields, body=b""):
            return self.ask(method, target, bearer, body, fields)
        yield 400, over_tcp(token, ("Content-Length", "-5"))
        yield 401, over_tcp(None)
        yield 403, over_tcp(self.issuer.token(roles=[]))
        yield 411, over_tcp(token, ("Transfer-Encoding", "chunked"))
        yield 413, over_tcp(token, ("Content-Length", "99999999"))
        yield 422, call(self.daemon_, method, target + "?odd=1")
        yield 503, over_tcp(self.off_issuer.token(roles=["boss"]))
        if "{name}" in path:
            yield 404, over_tcp(token)
        if "requestBody" in operation:
            yield 415, over_tcp(token, ("Content-Type", "text/plain"), body=b"{}")
        for status, own_target, body in self.REFUSED.get(operation["operationId"], ()):
            yield status, call(self.daemon_, method, own_target or target, body)
        if operation["operationId"] == "reload":
            with open(self.daemon_.settings_file, encoding="utf-8") as file:
                good = file.read()
            self.daemon_.write(good.replace('"demo-api"', "7, [", 1))
            yield 422, over_tcp(token)
            self.daemon_.write(good)
            self.assertEqual(over_tcp(token).status, 200)

    def test_every_refusal_that_is_described_can_be_had_and_is_a_problem(self):
        document = self.ask("GET", "/v1/openapi.json", self.token_of("admin")).json()
        checker = Checker(document)
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                described = operation["responses"]
                had = {500}  # nobody can have a bug at will
                for status, answer in self.refusals_of(path, method.upper(), operation):
                    with self.subTest(f"{method} {path}: {status}"):
                        self.assertEqual(answer.status, status, answer)
                        self.assertIn(str(status), described)
                        (content_type, content), = described[str(status)]["content"].items()
                        self.assertEqual((answer.header("Content-Type"), content_type), ("application/problem+json",) * 2)
                        self.assertEqual(checker.faults(content["schema"], answer.json()), [])
                        had.add(status)
                self.assertEqual(had, {int(status) for status in described if status > "3"}, operation["operationId"])

    def test_a_rule_may_look_at_a_claim_that_is_no_role(self):
        self.assertEqual(self.ask("GET", "/v1/status", self.issuer.token(roles=[], team="sre")).status, 200)
        self.assertEqual(self.ask("GET", "/v1/status", self.issuer.token(roles=[], team="hr")).status, 403)

    def test_no_file_of_the_machine_is_opened_by_its_name(self):
        secret = os.path.join(self.folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write("what nobody may read")
        for wish in ({"config_file": secret}, {"files": {"/s.json": json.dumps({"config": {"files": [secret]}})}, "config_file": "/s.json"}):
            with self.subTest(wish):
                body = json.dumps(wish).encode()
                over_tcp = self.ask("POST", "/v1/settings/check", self.token_of("admin"), body)
                self.assertEqual(over_tcp.status, 200, over_tcp)
                self.assertIn(f"{secret} is not opened for this caller", over_tcp.body.decode())
                over_unix = web.ask(self.daemon_.admin_socket, "/v1/settings/check", "POST", body=body)
                self.assertNotIn("is not opened for this caller", over_unix.body.decode())

    def test_who_has_no_good_token_gets_nothing(self):
        now = int(time.time())
        boss = {"roles": ["boss"]}
        good = self.issuer.token(**boss)
        for name, token, status in (
                ("expired", self.issuer.token(exp=now - 3600, iat=now - 7200, **boss), 401),
                ("of another audience", self.issuer.token(aud="another", **boss), 401),
                ("of a stranger's key", self.issuer.token(stranger=True, **boss), 401),
                ("of no algorithm", self.issuer.token(header={"alg": "none"}, **boss), 401),
                ("of a provider that is not an admin provider", self.other_issuer.token(**boss), 403),
                ("without a role", self.issuer.token(roles=[]), 403),
                ("of another role", self.issuer.token(roles=["user"]), 403),
                ("cut", good[:-4], 401), ("opaque", "abcdef", 401)):
            with self.subTest(name):
                answer = self.ask("GET", "/v1/status", token)
                self.assertEqual(answer.status, status, answer)
                self.assertEqual(answer.header("Content-Type"), "application/problem+json")
                self.assertEqual(answer.header("WWW-Authenticate") is not None, status == 401)
        self.assertIn(self.ask("GET", "/v1/status", "a" * 20000 + ".b.c").status, (400, 401))
        self.assertEqual(self.ask("GET", "/v1/status").json()["code"], "no_token")
        self.assertEqual(self.ask("GET", "/v1/status", headers=[("Authorization", "Basic YTpi")]).status, 401)
        twice = [("Authorization", f"Bearer {good}"), ("authorization", f"Bearer {good}")]
        self.assertEqual(self.ask("GET", "/v1/status", headers=twice).status, 400)
        self.assertEqual(self.ask("GET", "/v1/status", good).status, 200)

    def test_a_revoked_token_gets_nothing(self):
        token = self.issuer.token(roles=["boss"], jti="stolen", iat=int(time.time()) - 60)
        self.assertEqual(self.ask("GET", "/v1/status", token).status, 200)
        self.daemon_.ctl("revoke", "demo", "--jti", "stolen")
        self.assertEqual(self.ask("GET", "/v1/status", token).status, 401)

    def test_a_change_is_told_with_the_users_hash_and_never_the_token(self):
        token = self.token_of("admin", sub="alice-of-the-admins")
        self.assertEqual(self.ask("POST", "/v1/cache/flush", token).status, 200)
        self.ask("POST", "/v1/cache/flush", self.token_of("observe"))
        line = self.daemon_.told(event="audit", call="/v1/cache/flush", status=200, provider="demo")[0]
        self.assertRegex(line["user"], "^[0-9a-f]{64}$")
        self.daemon_.told(event="audit", call="/v1/cache/flush", status=403)
        self.assertNotIn(token.split(".")[2], self.daemon_.log())
        self.assertNotIn("alice-of-the-admins", self.daemon_.log())

    def test_each_change_is_told_with_what_it_changed(self):
        daemon, boss = self.daemon_, self.token_of("admin", sub="who-changes")
        json_field = [("Content-Type", "application/json")]
        daemon.ask("/verify", headers=[*web.bearer(boss).items(), ("X-Request-Id", "who-changes")])
        user = daemon.told(request_id="who-changes")[0]["user"]
        made = collections.Counter()

        def done(method, target, body=None):
            answer = self.ask(method, target, boss, b"" if body is None else json.dumps(body).encode(), json_field)
            kind = {"call": target.split("?")[0].replace("/demo/", "/{name}/"), "method": method, "status": answer.status}
            made[str(kind)] += 1
            lines = daemon.told(made[str(kind)], event="audit", user=user, **kind)
            told = {name: value for name, value in lines[-1].items()
                    if name not in ("time", "level", "event", "message", "call", "method", "status", "provider", "user", "caller")}
            return answer, told
        self.assertEqual(done("POST", "/v1/reload")[1], {"result": "unchanged", "static_generation": 1, "dynamic_generation": 1})
        self.assertEqual(done("PUT", "/v1/log-level", {"level": "info", "seconds": 30})[1], {"log_level": "info", "seconds": 30})
        self.assertEqual(done("PUT", "/v1/log-level", {"level": None})[1], {"log_level": "of the settings"})
        self.assertEqual(done("PUT", "/v1/log-level", {"level": "loud"})[1], {"code": "invalid"})
        self.assertEqual(done("POST", "/v1/providers/demo/refresh")[1], {"name": "demo", "result": "fetched"})
        self.assertEqual(done("POST", "/v1/providers/demo/enable")[1], {"name": "demo"})
        self.assertIsInstance(done("POST", "/v1/cache/flush")[1]["verdicts"], int)
        answer, told = done("POST", "/v1/revocations", {"provider": "demo", "subject": "carol-the-user", "until": "2099-01-01T00:00:00Z"})
        self.assertEqual(told, {"name": "demo", "kind": "subject", "revocation": answer.json()["id"], "until": "2099-01-01T00:00:00Z"})
        answer, told = done("DELETE", "/v1/revocations?id=" + answer.json()["id"])
        self.assertRegex(told.pop("revocation"), r"^subject\.[\w-]{43}$")
        self.assertEqual(told, {})
        self.assertEqual(done("POST", "/v1/revocations/accept-loss")[1], {"code": "nothing_lost"})
        self.assertEqual(done("POST", "/v1/explain", {"uri": "/", "method": "GET", "endpoint": "nginx"})[1], {"verdict": "no_token"})
        self.assertNotIn("carol-the-user", daemon.log())

    def test_without_tls_nobody_is_heard(self):
        with web.Connection(self.tcp) as connection:
            connection.send(web.request_bytes("/v1/status", headers=web.bearer(self.token_of("admin"))))
            try:
                self.assertNotIn(b"HTTP/1.1 200", connection.socket.recv(65536))
            except ConnectionError:
                pass

    def test_slow_callers_and_crowds_do_not_keep_others_out(self):
        crowd = []
        self.addCleanup(lambda: [each.close() for each in crowd])
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1000):
            crowd.append(socket.create_connection(self.tcp, timeout=5))
            crowd.append(socket.socket(socket.AF_UNIX))
            crowd[-1].connect(self.daemon_.admin_socket)  # waits for its turn to be taken from the backlog
        token = self.token_of("observe")
        # Each place is given back after five seconds at the latest.
        eventually(lambda: self.is_served(token), "somebody with a token is served", 60)
        eventually(lambda: self.daemon_.ctl("status").returncode == 0, "and somebody on the UNIX socket", 60)
        self.assertEqual(call(self.daemon_, "GET", "/v1/status").status, 200)
        self.assertEqual(self.daemon_.verdict(self.issuer.token())[0], 200)

    def is_served(self, token):
        try:
            return self.ask("GET", "/v1/status", token).status == 200
        except OSError:
            return False


class SettingsOfTheListenerTest(AdminCase):
    def check(self, **changes):
        daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, start=False, **changes.pop("more", {}))
        daemon.settings["listen"].update(changes)
        daemon.write()
        return daemon.run("--check", "--config", daemon.settings_file)

    def test_tcp_without_tls_is_refused_with_what_to_add(self):
        done = self.check(admin=f"127.0.0.1:{free_port()}")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stdout, r"listen\.admin: .*TLS.*adminTls")

    def test_a_provider_of_opaque_tokens_only_is_no_admin_provider(self):
        secret = os.path.join(self.own_folder(), "secret")
        with open(secret, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(SECRETS["client"])
        opaque = {"plugin": "oidc", "audience": "demo-api", "rolePath": "roles",
                  "introspection": {"url": "https://idp.example.test/introspect", "clientId": "us", "clientSecretFile": secret}}
        daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url), "three": opaque}, start=False,
                         admin={"providers": ["demo", "three"]})
        done = daemon.run("--check", "--config", daemon.settings_file)
        self.assertEqual(done.returncode, 78, done)
        self.assertRegex(done.stdout, r'settings\.json:\d+:\d+: admin\.providers: the provider "three" takes opaque tokens only')

    def test_tcp_takes_the_certificate_of_the_proxies_where_it_has_none_of_its_own(self):
        certificates = Certificates(os.path.join(self.own_folder(), "tls"))
        files = {"certificateFile": certificates.certificate, "keyFile": certificates.key}
        done = self.check(admin=f"127.0.0.1:{free_port()}", tls=files)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("nobody gets in over TCP", done.stdout)
        done = self.check(admin=f"127.0.0.1:{free_port()}", adminTls={**files, "keyFile": "/nowhere"})
        self.assertEqual(done.returncode, 78)
        self.assertIn("listen.adminTls", done.stdout)


if __name__ == "__main__":
    unittest.main()
