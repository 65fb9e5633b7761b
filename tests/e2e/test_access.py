"""Who may do what: the examples of the documentation, and changes while the daemon runs."""
import hashlib
import json
import os
import subprocess
import unittest

from harness import web
from harness.daemon import IDENTITY_HEADERS, Bearerd, demo_provider
from harness.examples import Example, code
from harness.issuer import IssuerCase
from harness.processes import built, eventually

A_SECOND = 1.0


class AccessCase(IssuerCase):
    def write(self, dynamic):
        fresh = self.dynamic_file + ".new"
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(dynamic, file)
        os.rename(fresh, self.dynamic_file)

    def start_with(self, dynamic, **settings):
        folder = self.own_folder()
        self.dynamic_file = os.path.join(folder, "config.json")
        self.write(dynamic)
        self.daemon = self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)},
                                              config={"files": [self.dynamic_file]}, **settings))

    def ask(self, target, token=None, method="GET", extra=()):
        headers = [("X-Forwarded-Method", method), ("X-Forwarded-Uri", target), ("X-Forwarded-Host", "app.test"), *extra]
        return self.daemon.ask("/verify/forward", headers=[*headers, *(web.bearer(token).items() if token else ())])


class DocumentationTest(AccessCase):
    def test_deployments_as_documented(self):
        example = Example("authorization.md", "deployments")
        self.start_with(example.settings)
        for request, caller, answer in example.rows:
            with self.subTest(f"{request}, {caller}"):
                self.assertEqual(self.ask(code(request)[0], self.issuer.token(roles=code(caller))).status, int(answer))

    def token_of(self, caller):
        if caller == "none":
            return None
        names = code(caller)
        if "with the role" in caller:
            return self.issuer.token(roles=[names[0]])
        claims = {names[0]: names[1]} if names else {}
        return self.issuer.token(roles=None, **claims)

    def test_routes_as_documented(self):
        example = Example("authorization.md", "routes")
        self.start_with(example.settings)
        for request, caller, answer in example.rows:
            method, target = code(request)[0].split()
            with self.subTest(f"{request}, {caller}"):
                self.assertEqual(self.ask(target, self.token_of(caller), method).status, int(answer))

    def test_api_keys_as_documented(self):
        example = Example("api-keys.md", "keys")
        self.start_with(example.settings)
        for key, address, answer in example.rows:
            extra = [("Api-Key", code(key)[0]), *(("X-Forwarded-For", sent) for sent in code(address))]
            with self.subTest(f"{key}, {address}"):
                got = self.ask("/x", extra=extra)
                self.assertEqual(got.status, int(answer[:3]))
                if got.status == 200:
                    self.assertEqual(got.header("X-Auth-Request-Project"), code(answer)[0])
                    self.assertEqual(got.header("X-Auth-Request-Provider"), "api_key")
                else:
                    self.assertEqual(self.daemon.ask("/verify", headers=extra).header("X-Bearerd-Reason"), code(answer)[0])

    def test_bearerctl_makes_the_hash_that_the_settings_take(self):
        key = "a key with spaces, and ünïcode"
        made = subprocess.run([built("bin", "bearerctl"), "key", "hash"], input=key + "\n", capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual((made.returncode, made.stdout), (0, "sha256:" + hashlib.sha256(key.encode()).hexdigest() + "\n"), made)
        self.start_with({"keys": {made.stdout.strip(): {"project": "p", "role": "r"}}})
        self.assertEqual(self.ask("/x", extra=[("Api-Key", key.encode().decode("latin-1"))]).status, 200)
        self.assertEqual(self.ask("/x", extra=[("Api-Key", made.stdout.strip())]).status, 401)


class LiveTest(AccessCase):
    """Tokens that were verified long ago feel a change within a second, and are not verified anew for it."""

    def becomes(self, status, target, token=None, **more):
        eventually(lambda: self.ask(target, token, **more).status == status, f"{target} is {status}", A_SECOND)

    def test_role_that_is_taken_away_is_gone_for_remembered_tokens(self):
        self.start_with({"models": {"m": {"userRoles": ["reader"]}}})
        token, target = self.issuer.token(), "/openai/deployments/m/chat/completions"
        self.assertEqual(self.ask(target, token).status, 200)
        self.write({"models": {"m": {"userRoles": ["boss"]}}})
        self.becomes(403, target, token)
        self.write({"models": {}})
        self.becomes(200, target, token)  # nothing is deployed, so the path names nothing
        self.write({"models": {"n": {}}})
        self.becomes(404, target, token)
        loops = 4  # each remembers for itself
        self.assertLessEqual(self.daemon.metrics().sum("bearerd_signature_verifications_total"), loops)

    def test_routes_appear_and_go(self):
        self.start_with({})
        token = self.issuer.token()
        self.assertEqual(self.ask("/a", token).status, 200)
        self.write({"routes": {"b": {"paths": ["/b"]}}})
        self.becomes(403, "/a", token)
        self.write({"routes": {"a": {"paths": ["/a"], "anonymous": True}}})
        self.becomes(200, "/a")
        self.write({"routes": {"a": {"paths": ["/a"]}}})
        self.becomes(401, "/a")
        self.assertEqual(self.ask("/a", token).status, 200)

    def test_rule_about_a_claim_that_nobody_asked_for_before_sees_it_in_remembered_tokens(self):
        self.start_with({"routes": {"a": {"paths": ["/a"]}}})
        sales, research = self.issuer.token(department="Sales"), self.issuer.token(department="research")
        for token in (sales, research):
            self.assertEqual(self.ask("/a", token).status, 200)
        rule = {"source": "department", "function": "EQUAL", "targets": ["sales"]}
        self.write({"routes": {"a": {"paths": ["/a"], "rules": [rule]}}})
        self.becomes(403, "/a", research)
        self.assertEqual(self.ask("/a", sales).status, 200)

    def test_another_order_of_the_same_routes_is_another_decision(self):
        closed, everything = {"paths": ["/a"], "userRoles": ["boss"]}, {"paths": ["/.*"]}
        self.start_with({"routes": {"everything": everything, "closed": closed}})
        token = self.issuer.token()
        self.assertEqual(self.ask("/a", token).status, 200)
        self.write({"routes": {"closed": closed, "everything": everything}})
        self.becomes(403, "/a", token)

    def test_faulty_routes_keep_the_last_good(self):
        self.start_with({"routes": {"a": {"paths": ["/a"], "userRoles": ["boss"]}}})
        token = self.issuer.token()
        self.assertEqual(self.ask("/a", token).status, 403)
        self.write({"routes": {"a": {"paths": ["/a(?!x)"]}}})
        refused = self.daemon.ctl("reload")
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn("routes.a.paths: the pattern can't be taken", refused.stderr)
        self.assertEqual(self.ask("/a", token).status, 403)

    def test_api_key_that_is_removed_is_refused(self):
        keys = {"first": {"project": "p", "role": "r"}, "second": {"project": "q", "role": "r"}}
        self.start_with({"keys": keys})
        key = [("Api-Key", "second")]
        self.assertEqual(self.ask("/a", extra=key).header("X-Auth-Request-Project"), "q")
        del keys["second"]
        self.write({"keys": keys})
        self.becomes(401, "/a", extra=key)

    def test_default_route_is_obeyed(self):
        self.start_with({"routes": {"a": {"paths": ["/a"], "userRoles": []}}}, verify={"defaultRoute": "allow"})
        token = self.issuer.token()
        self.assertEqual(self.ask("/a", token).status, 403)
        self.assertEqual(self.ask("/b", token).status, 200)
        self.daemon.change(lambda settings: settings.update(verify={"defaultRoute": "deny"}))
        self.becomes(403, "/b", token)

    def test_anonymous_answer_names_nobody_on_every_endpoint(self):
        self.start_with({"routes": {"a": {"paths": ["/a"], "anonymous": True}}})
        answers = [self.ask("/a"), self.daemon.ask("/verify/envoy/a"),
                   self.daemon.ask("/verify/nginx", headers=[("X-Original-Method", "GET"), ("X-Original-URI", "/a")])]
        for answer in answers:
            self.assertEqual(answer.status, 200)
            for name in IDENTITY_HEADERS:
                self.assertEqual(answer.all(name), [""], name)

    def test_log_has_configured_names_only(self):
        self.start_with({"models": {"m": {"userRoles": ["boss"]}}, "routes": {"r": {"paths": ["/r"]}},
                         "keys": {"key-that-must-not-leak": {"project": "apollo", "role": "r"}}})
        token = self.issuer.token()
        self.ask("/openai/deployments/m/x", token, extra=[("X-Request-Id", "one")])
        self.ask("/openai/deployments/alice-must-not-leak/x", token, extra=[("X-Request-Id", "two")])
        self.ask("/r", token, extra=[("X-Request-Id", "three")])
        self.ask("/r", extra=[("Api-Key", "key-that-must-not-leak"), ("X-Request-Id", "four")])
        line = lambda name: self.daemon.told(request_id=name)[0]
        self.assertEqual((line("one")["resource"], line("one")["reason"]), ("m", "no_role"))
        self.assertTrue(line("one")["user"])
        self.assertFalse(line("two").get("resource"))
        self.assertEqual((line("three")["resource"], line("three")["decision"]), ("r", "allow"))
        self.assertEqual((line("four")["provider"], line("four")["project"]), ("api_key", "apollo"))
        self.daemon.ctl("reload")
        self.assertNotIn("must-not-leak", self.daemon.log())


if __name__ == "__main__":
    unittest.main()
