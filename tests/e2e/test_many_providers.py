"""Eight providers at once, as equals: who is asked about a token, and that nothing of one provider counts for another."""
import hashlib
import unittest

from harness.daemon import Bearerd
from harness.issuer import DemoIssuer
from harness.processes import E2eCase, eventually

TENANT = "11111111-2222-4333-8444-555555555555"
# name → what is special about a good token of its
CLAIMS = {
    "narrow": {"iss": "https://team-a.example.test/", "groups": ["of-narrow"]},
    "wide": {"iss": "https://anything.example.test/", "roles": ["of-wide"]},
    "auth0": {"iss": "https://shop.eu.auth0.example/", "azp": "web", "permissions": ["of-auth0"]},
    "cognito": {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01", "token_use": "access", "client_id": "for-cognito",
                "aud": None, "cognito:groups": ["of-cognito"]},
    "entra": {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "tid": TENANT, "oid": "object", "azp": "web", "scp": "read",
              "roles": ["of-entra"]},
    "google": {"iss": "https://accounts.google.com", "azp": "web.apps.googleusercontent.com", "hd": "example.com"},
    "keycloak": {"iss": "https://sso.example.test/realms/shop", "typ": "Bearer", "azp": "web",
                 "resource_access": {"our.client/api": {"roles": ["of-keycloak"]}}},
    "okta": {"iss": "https://shop.okta.example/oauth2/default", "cid": "web", "uid": "okta-user", "scp": ["read"], "Groups": ["of-okta"]},
}
ROLES = {name: f"of-{name}" for name in CLAIMS if name != "google"}
USERS = {"entra": f"{TENANT}.object", "okta": "okta-user"}


def entries(issuers):
    """In file order; the patterns come first, and take every issuer below example.test."""
    special = {
        "narrow": {"plugin": "oidc", "issuerPattern": r"^https://team-[a-z]+\.example\.test/.*$", "rolePath": "groups"},
        "wide": {"plugin": "oidc", "issuerPattern": r"^https://[^/]+\.example\.test/.*$", "rolePath": "roles", "algorithms": ["ES256"]},
        "auth0": {"issuer": CLAIMS["auth0"]["iss"], "permissionsAsRoles": True},
        "cognito": {"userPoolId": "eu-west-1_Example01"},
        "entra": {"tenants": [TENANT]},
        "google": {"hd": "example.com"},
        "keycloak": {"issuer": CLAIMS["keycloak"]["iss"], "clientId": "our.client/api"},
        "okta": {"issuer": CLAIMS["okta"]["iss"], "rolePath": "Groups"},
    }
    return {name: {"jwksUrl": f"{issuers[name].url}/jwks", "audience": f"for-{name}", "loggingKey": "sub", "loggingSalt": f"salt of {name}",
                   **entry} for name, entry in special.items()}


class ManyProvidersTest(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuers = {name: cls.start(DemoIssuer(cls.folder, name=f"issuer-{name}")) for name in CLAIMS}
        cls.issuers["wide"].token(alg="ES256")  # published with the first use
        cls.daemon = cls.start(Bearerd(cls.folder, entries(cls.issuers)))
        eventually(lambda: cls.daemon.ask("/readyz?all").status == 200, "all eight have keys", 30)

    def token(self, name, signer=None, **claims):
        return self.issuers[signer or name].token(alg="ES256" if name == "wide" else None,
                                                  **{"aud": f"for-{name}", "roles": None, **CLAIMS[name], **claims})

    def test_each_takes_its_own_token_and_says_who_by_its_own_rules(self):
        for name in CLAIMS:
            with self.subTest(name):
                answer = self.daemon.verify(self.token(name))
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(answer.header("X-Auth-Request-Provider"), name)
                self.assertEqual(answer.header("X-Auth-Request-Groups"), ROLES.get(name, ""))
                self.assertEqual(answer.header("X-Auth-Request-User"), USERS.get(name, "alice"))
                salted = hashlib.sha256(f"salt of {name}alice".encode()).hexdigest()
                self.assertEqual(answer.header("X-Auth-Request-User-Key"), salted)

    def test_no_provider_signs_for_another(self):
        for name in CLAIMS:
            for signer in CLAIMS:
                if signer == name:
                    continue
                with self.subTest(name, signer=signer):
                    status, reason = self.daemon.verdict(self.token(name, signer))
                    # 503 with Retry-After while the cooldown of the look for an unknown key runs.
                    self.assertIn((status, reason), ((401, "unknown_key"), (503, "provider_unavailable")))

    def test_audience_of_a_neighbour_does_not_count(self):
        for name in CLAIMS:
            where = "client_id" if name == "cognito" else "aud"
            neighbour = "okta" if name != "okta" else "auth0"
            with self.subTest(name):
                self.assertEqual(self.daemon.verdict(self.token(name, **{where: f"for-{neighbour}"})), (401, "wrong_audience"))

    def test_algorithm_of_a_neighbour_does_not_count(self):
        rs256 = self.issuers["wide"].token(**{"aud": "for-wide", **CLAIMS["wide"]})
        self.assertEqual(self.daemon.verdict(rs256), (401, "alg_not_allowed"))

    def test_exact_issuer_wins_over_a_pattern_that_comes_before_it(self):
        self.assertEqual(self.daemon.verify(self.token("keycloak")).header("X-Auth-Request-Provider"), "keycloak")

    def test_issuer_that_nobody_vouches_for_is_refused(self):
        self.assertEqual(self.daemon.verdict(self.token("okta", iss="https://shop.okta.example/oauth2/other")), (401, "unknown_issuer"))
        self.assertEqual(self.daemon.verdict(self.token("entra", iss="https://login.microsoftonline.com/99999999-2222-4333-8444-555555555555/v2.0")),
                         (401, "unknown_issuer"))

    def test_token_that_two_patterns_take_goes_to_the_first_and_is_counted_and_warned_about(self):
        answer = self.daemon.verify(self.token("narrow", jti="one"))
        self.assertEqual((answer.status, answer.header("X-Auth-Request-Provider")), (200, "narrow"))
        warned = self.daemon.told(event="ambiguous_issuer")
        self.assertEqual((warned[0]["level"], warned[0]["provider"]), ("warning", "narrow"))
        self.assertGreaterEqual(warned[0]["count"], 1)
        self.assertFalse(any(line["provider"] == "wide" for line in warned))

    def test_one_provider_that_fails_takes_nobody_with_it(self):
        self.issuers["okta"].set(down=1)
        self.addCleanup(self.issuers["okta"].set, down=0)
        unknown = self.issuers["okta"].token(header={"kid": "not-published"}, **{"aud": "for-okta", **CLAIMS["okta"]})
        self.assertEqual(self.daemon.verdict(unknown), (503, "provider_unavailable"))
        for name in CLAIMS:
            self.assertEqual(self.daemon.verify(self.token(name, jti="later")).status, 200, name)


if __name__ == "__main__":
    unittest.main()
