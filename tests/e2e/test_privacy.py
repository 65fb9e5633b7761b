"""Who a caller is stays between the caller and the upstream: never in a log, a metric or an answer to somebody else."""
import hashlib
import json
import os
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase

SUBJECT = "subject-that-must-not-leak"
EMAIL = "test@email.com"


class PrivacyTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(
            cls.issuer.url, loggingKey="email", loggingSalt="salt", projectPath=None)}))

    def test_user_key_is_the_one_that_dial_core_writes(self):
        answer = self.daemon.verify(self.issuer.token(email=EMAIL))
        expected = hashlib.sha256(b"salttest@email.com").hexdigest()
        self.assertEqual(answer.header("X-Auth-Request-User-Key"), expected)
        self.daemon.told(decision="allow", user=expected)

    def test_log_at_debug_holds_no_token_claim_query_or_secret(self):
        claims = {"sub": SUBJECT, "email": EMAIL, "name": "Name-that-must-not-leak", "roles": ["role-that-must-not-leak"],
                  "other": "claim-that-must-not-leak"}
        tokens = [self.issuer.token(**claims), self.issuer.token(exp=1_000_000_000, **claims),
                  self.issuer.token(tamper="payload", **claims), self.issuer.token(**{**claims, "iss": "http://issuer-that-must-not-leak/"}),
                  self.issuer.token(header={"kid": "kid-that-must-not-leak"}, **claims), self.issuer.token(**{**claims, "aud": "aud-that-must-not-leak"}),
                  self.issuer.token(header={"crit": ["crit-that-must-not-leak"]}, **claims)]
        for token in tokens:
            self.daemon.verify(token)
            self.daemon.ask("/verify/envoy/path-that-must-not-leak?query-that-must-not-leak=1", headers=web.bearer(token))
            self.daemon.ask("/verify", headers=[*web.bearer(token).items(), ("Cookie", "cookie-that-must-not-leak"),
                                                ("X-Request-Id", "bad id that must not leak"), ("Api-Key", "key-that-must-not-leak")])
        self.daemon.ask("/verify", headers=web.bearer("opaque-that-must-not-leak"))
        self.daemon.ask("/verify?must-not-leak", headers={"Authorization": "Basic must-not-leak"})
        self.daemon.ctl("reload")
        self.daemon.stop()
        log = self.daemon.log()
        self.daemon.start()
        self.assertGreater(len(log), 1000)
        self.assertNotIn("must-not-leak", log)
        self.assertNotIn("must not leak", log)
        self.assertNotIn(EMAIL, log)
        self.assertNotIn('"salt"', log)
        for token in tokens:
            for part in token.split("."):
                self.assertNotIn(part[:24], log)
        for kept in ("state", "cache"):
            for folder, _, names in os.walk(os.path.join(self.daemon.folder, kept)):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as file:
                        self.assertNotIn(b"must-not-leak", file.read(), name)

    def test_every_log_line_is_one_json_object_with_the_fields_of_a_decision(self):
        self.daemon.ask("/verify", headers=[*web.bearer(self.issuer.token(email=EMAIL)).items(), ("X-Request-Id", "request-42")])
        decision = self.daemon.told(request_id="request-42")[0]
        for line in self.daemon.log().splitlines():
            self.assertIsInstance(json.loads(line), dict, line)
        for field in ("time", "level", "event", "decision", "reason", "provider", "user", "duration_us", "request_id"):
            self.assertIn(field, decision)
        self.assertEqual((decision["decision"], decision["reason"], decision["provider"]), ("allow", "ok", "demo"))

    def test_files_of_the_daemon_are_its_own_alone(self):
        for kept in ("state", "cache"):
            for folder, _, names in os.walk(os.path.join(self.daemon.folder, kept)):
                self.assertEqual(os.stat(folder).st_mode & 0o077, 0, folder)
                for name in names:
                    self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o077, 0, name)

    def test_answer_is_never_cached_by_anybody(self):
        for token in (self.issuer.token(email=EMAIL), "x", None):
            self.assertEqual(self.daemon.verify(token).header("Cache-Control"), "no-store")

    def test_forward_answers_tell_no_reason_unless_asked_to(self):
        answer = self.daemon.ask("/verify/forward", headers=[
            *web.bearer(self.issuer.token(exp=1_000_000_000)).items(), ("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/"),
            ("X-Forwarded-Host", "x"), ("X-Forwarded-Proto", "https")])
        self.assertEqual((answer.status, answer.header("X-Bearerd-Reason")), (401, None))


if __name__ == "__main__":
    unittest.main()
