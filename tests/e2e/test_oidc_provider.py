"""oidc-provider over HTTPS: the first use, rotation, slowness, failure, and a restart of ours while it is gone."""
import base64
import json
import time
import unittest

from harness.daemon import Bearerd
from harness.processes import E2eCase, eventually
from harness.providers import OpenIdProvider
from harness.tls import Certificates


class OidcProviderTest(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(cls.path("tls"))

    def setUp(self):
        folder = self.own_folder()
        self.provider = self.start_here(OpenIdProvider(folder, self.certificates))
        self.daemon = self.start_here(Bearerd(folder, {"op": {
            "issuer": self.provider.url, "audience": "urn:api:demo", "rolePath": "roles", "caFile": self.certificates.ca}}))

    def test_token_is_good_for_its_audience_only(self):
        answer = self.daemon.verify(self.provider.token())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.header("X-Auth-Request-User"), answer.header("X-Auth-Request-Groups")), ("machine", "reader"))
        self.assertEqual(self.daemon.verdict(self.provider.token("urn:api:other")), (401, "wrong_audience"))

    def test_every_algorithm_that_it_signs_with_is_verified(self):
        for alg in ("RS256", "ES256", "PS256", "EdDSA"):
            with self.subTest(alg):
                self.provider.set(alg=alg)
                self.assertEqual(self.daemon.verify(self.provider.token()).status, 200)

    def test_rotation_with_overlap_refuses_nobody(self):
        old = self.provider.token()
        self.assertEqual(self.daemon.verify(old).status, 200)
        self.provider.rotate("ES256", keep=True)
        new = self.provider.token()
        # The unknown kid is fetched at once, or answered with 503 and Retry-After while a cooldown runs; never refused for good.
        eventually(lambda: self.assert_undecided_or_good(new) == 200, "the new key is known", 40, pause=0.2)
        self.assertEqual(self.daemon.verify(old).status, 200)

    def assert_undecided_or_good(self, token):
        answer = self.daemon.verify(token)
        self.assertIn(answer.status, (200, 503), answer)
        if answer.status == 503:
            self.assertTrue(answer.header("Retry-After"))
        return answer.status

    def test_hard_cut_ends_the_old_key_with_the_next_key_set(self):
        old = self.provider.token()
        self.assertEqual(self.daemon.verify(old).status, 200)
        self.provider.rotate("ES256", keep=False)
        new = self.provider.token()
        eventually(lambda: self.assert_undecided_or_good(new) == 200, "the new key is known", 40, pause=0.2)
        status, reason = self.daemon.verdict(old)
        self.assertNotEqual(status, 200, "a token of a removed key was accepted, from the verdict cache or by a stale key")
        self.assertIn(reason, ("unknown_key", "provider_unavailable"))

    def test_key_set_is_fetched_once_for_many_requests(self):
        before = self.provider.state()["keySetFetches"]
        token = self.provider.token()
        for _ in range(50):
            self.assertEqual(self.daemon.verify(token).status, 200)
        self.assertEqual(self.provider.state()["keySetFetches"], before)

    def test_flood_of_unknown_kids_costs_at_most_one_fetch_and_delays_no_known_key(self):
        good = self.provider.token()
        before = self.provider.state()["keySetFetches"]
        _, payload, signature = good.split(".")
        for number in range(60):
            header = json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": f"made-up-{number}"}).encode()
            invented = ".".join([base64.urlsafe_b64encode(header).decode().rstrip("="), payload, signature])
            status, reason = self.daemon.verdict(invented)
            self.assertIn((status, reason), ((401, "unknown_key"), (503, "provider_unavailable")))
            if number % 10 == 0:
                self.assertEqual(self.daemon.verify(good).status, 200)
        self.assertLessEqual(self.provider.state()["keySetFetches"] - before, 1)
        self.assertGreater(self.daemon.metrics().sum("bearerd_jwks_refetches_suppressed_total", provider="op"), 0)

    def test_slow_or_failing_provider_delays_nobody_whose_key_is_known(self):
        token = self.provider.token()
        self.provider.set(delay=3000)
        self.daemon.change(lambda settings: settings["identityProviders"]["op"].update(rolePath="scope"))
        eventually(lambda: self.daemon.verify(token).header("X-Auth-Request-Groups") == "read", "the reload is served")
        started = time.monotonic()
        self.assertEqual(self.daemon.verify(token).status, 200)
        self.assertLess(time.monotonic() - started, 1.0)
        self.provider.set(delay=0, down=1)
        for _ in range(20):
            self.assertEqual(self.daemon.verify(token).status, 200)

    def test_restart_while_the_provider_is_down_goes_on_verifying(self):
        token = self.provider.token()
        self.assertEqual(self.daemon.verify(token).status, 200)
        self.provider.stop()
        self.daemon.stop()
        self.daemon.start()
        answer = self.daemon.verify(token)
        self.assertEqual((answer.status, answer.header("X-Auth-Request-User")), (200, "machine"))
        header, payload, signature = token.split(".")
        forged = ".".join([header, payload, signature[:50] + ("A" if signature[50] != "A" else "B") + signature[51:]])
        self.assertEqual(self.daemon.verdict(forged), (401, "bad_signature"))


class UntrustedProviderTest(E2eCase):
    def test_certificate_that_nobody_vouches_for_gives_no_keys(self):
        certificates = Certificates(self.path("tls"))
        provider = self.start(OpenIdProvider(self.folder, certificates))
        daemon = self.start_here(Bearerd(self.folder, {"op": {
            "issuer": provider.url, "audience": "urn:api:demo", "rolePath": "roles"}}, start=False))
        daemon.start(wait_for_keys=False)
        self.assertEqual(daemon.verdict(provider.token()), (503, "provider_unavailable"))
        self.assertEqual(provider.state()["keySetFetches"], 0)


if __name__ == "__main__":
    unittest.main()
