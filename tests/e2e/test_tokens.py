"""Tokens that attackers send, through the real binary: each with its reason, none with 200."""
import base64
import hashlib
import hmac
import json
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import eventually


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class TokenTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}))

    def assert_refused(self, token, *reasons):
        for _ in range(2):  # the second time from whatever is remembered
            status, reason = self.daemon.verdict(token)
            self.assertIn(reason, reasons, token[:60])
            self.assertEqual(status, 401)

    def test_claims_that_are_wrong_have_their_reasons(self):
        wrong = {"expired": {"exp": 1_000_000_000}, "not_yet_valid": {"nbf": 4_000_000_000}, "wrong_audience": {"aud": ["a", "b"]},
                 "unknown_issuer": {"iss": self.issuer.url + "/"}, "missing_claim": {"sub": None}}
        for reason, claims in wrong.items():
            with self.subTest(reason):
                self.assert_refused(self.issuer.token(**claims), reason)
        self.assert_refused(self.issuer.token(aud=None), "wrong_audience", "missing_claim")
        self.assert_refused(self.issuer.token(exp=None), "missing_claim", "expired")
        self.assert_refused(self.issuer.token(cnf={"jkt": "x"}), "sender_constrained")

    def test_numbers_that_are_no_time_never_pass(self):
        for exp in ("1e308", '"4000000000"', "-1", "9007199254740993", "1e400", "true", "[4000000000]", "null", "NaN", "04000000000"):
            payload = '{"iss":"%s","aud":"demo-api","sub":"a","exp":%s}' % (self.issuer.url, exp)
            with self.subTest(exp):
                status, reason = self.daemon.verdict(self.issuer.token(payload=payload))
                self.assertEqual(status, 401, reason)

    def test_json_that_parsers_disagree_about_never_passes(self):
        start = '{"iss":"%s","aud":"demo-api","sub":"a","exp":4000000000' % self.issuer.url
        for rest in (',"aud":"other"}', ',"x":{"y":1,"y":2}}', ",}", ',"x":1}}', ',"x":"\\ud800"}', ',"x":tru}', ',"x":00012}', ',"x":[1,,2]}',
                     ',"x":' + "[" * 2000 + "]" * 2000 + "}"):
            with self.subTest(rest[:30]):
                self.assert_refused(self.issuer.token(payload=start + rest), "malformed")

    def test_algorithm_confusion_is_refused(self):
        _, payload, signature = self.issuer.token().split(".")
        for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "ES384", "EdDSA", "RS257"):
            header = b64(json.dumps({"alg": alg, "kid": self.issuer.state()["kids"][0]}).encode())
            for end in (signature, "", "AA"):
                with self.subTest(f"{alg} {end[:4]}"):
                    self.assertEqual(self.daemon.verify(f"{header}.{payload}.{end}").status, 401)

    def test_public_key_as_hmac_secret_is_refused(self):
        keys = web.ask(self.issuer.address, "/jwks").body
        key = json.loads(keys)["keys"][0]
        header = b64(json.dumps({"alg": "HS256", "kid": key["kid"]}).encode())
        payload = self.issuer.token().split(".")[1]
        for secret in (keys, key["n"].encode(), json.dumps(key).encode(), b""):
            forged = b64(hmac.new(secret, f"{header}.{payload}".encode(), hashlib.sha256).digest())
            self.assert_refused(f"{header}.{payload}.{forged}", "alg_not_allowed")

    def test_header_that_brings_its_own_key_is_not_believed(self):
        key = json.loads(web.ask(self.issuer.address, "/jwks").body)["keys"][0]
        for extra in ({"jwk": key}, {"jku": self.issuer.url + "/jwks"}, {"x5u": self.issuer.url}, {"x5c": ["AAAA"]}):
            with self.subTest(list(extra)):
                self.assert_refused(self.issuer.token(stranger=True, header=extra), "bad_signature", "malformed")
        self.assert_refused(self.issuer.token(header={"crit": ["exp"]}), "critical_header")
        self.assert_refused(self.issuer.token(header={"b64": False}), "critical_header", "malformed")

    def test_compact_form_is_strict(self):
        token = self.issuer.token()
        header, payload, signature = token.split(".")
        for odd in (token + ".", "." + token, token + "=", f"{header}.{payload}", f"{header}..{signature}", f"{header}.{payload}.",
                    f"{header} .{payload}.{signature}", token + "\tx", f"{header}.{payload}.{signature}.x.y", token.replace("_", "/").replace("-", "+") + "+",
                    "..", "a.b.c", header):
            with self.subTest(odd[-20:]):
                status = self.daemon.verify(odd).status
                self.assertIn(status, (400, 401))

    def test_every_changed_character_of_the_signature_is_refused(self):
        token = self.issuer.token()
        start = token.rindex(".") + 1
        with web.Connection(self.daemon.address) as connection:
            for at in range(start, len(token), 7):
                changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
                self.assertEqual(connection.ask("/verify", headers=web.bearer(changed)).status, 401)
            self.assertEqual(connection.ask("/verify", headers=web.bearer(token)).status, 200)

    def test_remembered_verdict_ends_with_the_token(self):
        self.daemon.change(lambda settings: settings["identityProviders"]["demo"].update(clockSkewSeconds=0))
        self.assertEqual(self.daemon.ctl("reload").returncode, 0)
        token = self.issuer.token(exp=int(time.time()) + 2)
        self.assertEqual(self.daemon.verdict(token), (200, "ok"))
        eventually(lambda: self.daemon.verdict(token) == (401, "expired"), "the token has expired", 4)


if __name__ == "__main__":
    unittest.main()
