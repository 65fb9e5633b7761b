"""Envoy's HTTP ext_authz as it goes over the wire: the protected request's own method and path after our prefix."""
import unittest

from harness import web
from harness.daemon import IDENTITY_HEADERS, Bearerd, demo_provider
from harness.issuer import IssuerCase

TRICKS = (
    "/verify/envoy/../../healthz", "/verify/envoy/../healthz", "/verify/envoy/%2e%2e/%2e%2e/healthz",
    "/verify/envoy/%2E%2E/%2E%2E/healthz", "/verify/envoy/..%2f..%2fhealthz", "/verify/envoy//../../healthz",
    "/verify/envoy/./../../readyz", "/verify/envoy/..;/..;/healthz", "/verify/envoy/\\..\\..\\healthz",
    "/verify/envoy/%5c..%5chealthz", "/verify/envoy//healthz", "/verify/envoy/?/../../healthz", "/verify/envoy?x=/healthz",
    "/verify/envoy#/../../healthz", "/verify/envoy/%00/../../healthz", "/verify/envoy/healthz", "/verify/envoy/readyz",
    "/verify/envoy/.well-known/oauth-protected-resource", "/verify/envoy/%252e%252e/healthz", "/verify/envoyx", "/verify/envoyhealthz",
    "//healthz", "/./healthz", "/verify/../healthz", "/healthz/../verify", "/%68ealthz", "/healthz/", "/HEALTHZ",
    "http://127.0.0.1/healthz", "http://x/verify/envoy/../../healthz", "https://healthz", "127.0.0.1:80", "*", "/healthz%3f", "/healthz#",
)


class EnvoyFormTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}))

    def test_path_tricks_without_a_token_are_never_200(self):
        for method in ("GET", "HEAD", "POST", "OPTIONS", "CONNECT"):
            for target in TRICKS:
                with self.subTest(f"{method} {target}"):
                    answer = web.ask(self.daemon.address, target, method)
                    self.assertNotEqual(answer.status, 200, answer)
                    self.assertGreaterEqual(answer.status, 400, answer)

    def test_path_tricks_with_a_refused_token_are_never_200(self):
        expired = web.bearer(self.issuer.token(exp=1_000_000_000))
        for target in TRICKS:
            with self.subTest(target):
                self.assertNotEqual(self.daemon.ask(target, headers=expired).status, 200)

    def test_climbing_and_encoded_dots_are_refused_with_a_good_token_too(self):
        good = web.bearer(self.issuer.token())
        for target in ("/verify/envoy/../../healthz", "/verify/envoy/%2e%2e/x", "/verify/envoy/a/%2e%2e/b", "/verify/envoy/%00",
                       "/verify/envoy/a%5cb"):
            with self.subTest(target):
                self.assertEqual(self.daemon.ask(target, headers=good).status, 400)

    def test_every_method_and_an_ordinary_path_pass_with_a_good_token(self):
        good = web.bearer(self.issuer.token())
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
            answer = self.daemon.ask("/verify/envoy/a/b?q=1", method, good)
            self.assertEqual(answer.status, 200, method)
            self.assertEqual(answer.header("Content-Length"), "0")

    def test_answer_names_exactly_the_empty_identity_headers_for_removal(self):
        answer = self.daemon.ask("/verify/envoy/", headers=web.bearer(self.issuer.token(roles=None)))
        self.assertEqual(answer.status, 200)
        named = {name.strip().lower() for name in answer.header("x-envoy-auth-headers-to-remove").split(",")}
        empty = {name.lower() for name in IDENTITY_HEADERS if answer.header(name) == ""}
        self.assertTrue(empty)
        self.assertTrue(empty <= named, (empty, named))
        self.assertFalse(named & {name.lower() for name in IDENTITY_HEADERS if answer.header(name)})

    def test_forwarded_headers_of_the_client_change_nothing(self):
        planted = [("X-Forwarded-Uri", "/healthz"), ("X-Original-URI", "/healthz"), ("X-Forwarded-Method", "OPTIONS")]
        self.assertEqual(self.daemon.ask("/verify/envoy/x", headers=planted).status, 401)


if __name__ == "__main__":
    unittest.main()
