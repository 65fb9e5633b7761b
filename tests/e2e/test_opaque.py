"""Tokens that say nothing by themselves: oidc-provider's opaque ones, glewlwyd's introspection and user info, and Google's access tokens."""
import base64
import json
import os
import socket
import time
import unittest
import urllib.parse

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.google import FakeGoogle
from harness.issuer import DemoIssuer
from harness.processes import E2eCase, eventually
from harness.providers import Glewlwyd, OpenIdProvider
from harness.tls import Certificates


def secret_file(folder, name, secret):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    os.chmod(path, 0o600)
    return path


class OpaqueTest(E2eCase):
    def decided(self, token, daemon=None):
        """The first question may be cut off at verify.waitMs; the answer is there a moment later."""
        daemon = daemon or self.daemon
        return eventually(lambda: (answer := daemon.verify(token)).status != 503 and answer, "the provider was asked", 20, pause=0.1)


class IntrospectionTest(OpaqueTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(cls.path("tls"))

    def setUp(self):
        folder = self.own_folder()
        self.provider = self.start_here(OpenIdProvider(folder, self.certificates))
        self.provider.set(format="opaque")
        self.secret = secret_file(folder, "rs.secret", "rs-secret")
        self.entry = {"plugin": "oidc", "audience": "urn:api:demo", "rolePath": "scope", "userIdPath": "client_id", "caFile": self.certificates.ca,
                      "negativeCacheExpirationMs": 1000,
                      "introspection": {"url": self.provider.url + "/token/introspection", "clientId": "rs",
                                        "clientSecretFile": self.secret}}
        self.folder_here = folder
        self.serve(60)

    def serve(self, seconds):
        """A daemon that uses an answer for so long."""
        folder = os.path.join(self.folder_here, str(seconds))
        os.makedirs(folder)
        self.daemon = self.start_here(Bearerd(folder, {"op": self.entry}, cache={"opaqueSeconds": seconds}))

    def test_active_token_is_taken_for_its_audience_only(self):
        token = self.provider.token()
        self.assertNotIn(".", token)
        answer = self.decided(token)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.header("X-Auth-Request-Provider"), answer.header("X-Auth-Request-Groups")), ("op", "read"))
        other = self.decided(self.provider.token("urn:api:other"))
        self.assertEqual((other.status, other.header("X-Bearerd-Reason")), (401, "wrong_audience"))

    def test_explain_says_of_an_opaque_token_what_proxies_get(self):
        for token in (self.provider.token(), "an-invented-token-of-nobody"):
            answer = self.decided(token)
            said = web.ask(self.daemon.admin_socket, "/v1/explain", "POST", body=json.dumps({"token": token}).encode()).json()
            self.assertEqual((said["statuses"]["verify"], said["reason"]),
                             (answer.status, answer.header("X-Bearerd-Reason") or "ok"), said)

    def test_many_questions_about_one_token_ask_the_provider_once(self):
        token = self.provider.token()
        self.assertEqual(self.decided(token).status, 200)
        before = self.provider.state()["introspections"]
        for _ in range(50):
            self.assertEqual(self.daemon.verify(token).status, 200)
        self.assertEqual(self.provider.state()["introspections"], before)

    def test_revoked_token_is_refused_within_the_life_of_an_answer(self):
        self.serve(1)
        token = self.provider.token()
        self.assertEqual(self.decided(token).status, 200)
        self.provider.revoke(token)
        eventually(lambda: self.daemon.verdict(token) == (401, "opaque_inactive"), "the revocation is seen", 10, pause=0.2)

    def test_invented_token_is_inactive(self):
        answer = self.decided("an-invented-token-of-nobody")
        self.assertEqual((answer.status, answer.header("X-Bearerd-Reason")), (401, "opaque_inactive"))

    def test_outage_is_503_for_unknown_tokens_and_never_inactive(self):
        known, unknown = self.provider.token(), self.provider.token()
        self.assertEqual(self.decided(known).status, 200)
        self.provider.set(down=1)
        for _ in range(5):
            answer = self.daemon.verify(unknown)
            self.assertEqual((answer.status, answer.header("X-Bearerd-Reason")), (503, "provider_unavailable"))
            self.assertTrue(answer.header("Retry-After"))
            self.assertEqual(self.daemon.verify(known).status, 200)
        self.provider.set(down=0)
        self.assertEqual(self.decided(unknown).status, 200)

    def test_slow_provider_is_cut_off_at_the_wait_and_its_answer_serves_the_next_question(self):
        token = self.provider.token()
        self.provider.set(delay=900)
        started = time.monotonic()
        answer = self.daemon.verify(token)
        self.assertEqual(answer.status, 503, answer)
        self.assertLess(time.monotonic() - started, 0.8)
        self.assertEqual(self.decided(token).status, 200)

    def test_refused_client_is_told_in_the_log_and_decides_nothing(self):
        secret_file(os.path.dirname(self.secret), "rs.secret", "wrong-secret")
        token = self.provider.token()
        eventually(lambda: self.daemon.verify(self.provider.token()).status == 503 and
                   self.daemon.log_lines(event="introspection_refused"), "the refusal is told", 20, pause=0.2)
        self.assertEqual(self.daemon.verdict(token), (503, "provider_unavailable"))
        self.assertNotIn("wrong-secret", self.daemon.log())
        self.assertNotIn(token, self.daemon.log())
        secret_file(os.path.dirname(self.secret), "rs.secret", "rs-secret")
        eventually(lambda: self.daemon.verify(token).status == 200, "the mended secret is read", 20, pause=0.2)

    def test_requests_to_the_provider_are_counted(self):
        self.assertEqual(self.decided(self.provider.token()).status, 200)
        self.assertGreater(self.daemon.metrics().sum("bearerd_idp_requests_total", provider="op", endpoint="introspection",
                                                     result="ok"), 0)


class OwnIntrospectionTest(OpaqueTest):
    """bearerd's own /introspect, for tokens of the demo issuer."""
    SECRET = "a-secret-of-the-shop"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = cls.start(DemoIssuer(cls.folder))
        secret = secret_file(cls.folder, "shop.secret", cls.SECRET)
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}, verify={
            "introspectionClients": [{"id": "shop", "secretFile": secret}]}))

    def introspect(self, form, client="shop", secret=None, method="POST", kind="application/x-www-form-urlencoded"):
        pair = base64.b64encode(f"{client}:{secret or self.SECRET}".encode()).decode()
        return web.ask(self.daemon.address, "/introspect", method, {"Authorization": f"Basic {pair}", "Content-Type": kind},
                       form if isinstance(form, bytes) else urllib.parse.urlencode(form).encode())

    def test_good_token_is_active_with_the_standard_members(self):
        answer = self.introspect({"token": self.issuer.token(), "token_type_hint": "access_token"})
        self.assertEqual(answer.status, 200, answer)
        said = answer.json()
        self.assertIs(said["active"], True)
        self.assertEqual((said["token_type"], said["iss"], said["aud"]), ("Bearer", self.issuer.url, ["demo-api"]))
        self.assertTrue(said["sub"])
        self.assertGreater(said["exp"], time.time())

    def test_whatever_is_not_allowed_is_inactive_and_nothing_else(self):
        for token in ("an-opaque-one", "a.b.c", self.issuer.token(aud="another"), self.issuer.token(tamper="signature"),
                      self.issuer.token(exp=1), "not a token"):
            with self.subTest(token[:20]):
                answer = self.introspect({"token": token})
                self.assertEqual((answer.status, answer.json()), (200, {"active": False}))

    def test_unknown_client_gets_401_and_learns_nothing(self):
        token = self.issuer.token()
        for client, secret in (("shop", "wrong-secret-of-16"), ("stranger", self.SECRET), ("", self.SECRET)):
            answer = self.introspect({"token": token}, client, secret)
            self.assertEqual((answer.status, answer.body), (401, b""))
            self.assertTrue(answer.header("WWW-Authenticate").startswith("Basic "))

    def test_malformed_questions_are_refused(self):
        token = self.issuer.token()
        self.assertEqual(self.introspect({"token": token}, method="PUT").status, 405)
        self.assertEqual(self.introspect({"toke": token}).status, 400)
        self.assertEqual(self.introspect(f"token={token}&token={token}".encode()).status, 400)
        self.assertEqual(self.introspect({"token": token}, kind="application/json").status, 400)
        self.assertEqual(self.introspect(b"token=%zz").status, 400)
        self.assertIn(self.introspect(b"token=" + b"x" * 100000).status, (400, 413))
        self.assertEqual(self.daemon.ask("/introspect").status, 401)

    def test_connection_goes_on_after_an_answer(self):
        pair = base64.b64encode(f"shop:{self.SECRET}".encode()).decode()
        form = f"token={self.issuer.token()}".encode()
        question = (f"POST /introspect HTTP/1.1\r\nHost: h\r\nAuthorization: Basic {pair}\r\n"
                    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n").encode() + form
        with socket.create_connection(self.daemon.address, timeout=10) as client:
            client.sendall(question[:-5])
            time.sleep(0.05)
            client.sendall(question[-5:] + question)
            received = b""
            while received.count(b'"active":true') < 2:
                some = client.recv(65536)
                self.assertTrue(some, received)
                received += some

    def test_without_clients_there_is_no_such_endpoint(self):
        folder = self.own_folder()
        daemon = self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)}))
        self.assertEqual(web.ask(daemon.address, "/introspect", "POST", {}, b"token=x").status, 404)


class GlewlwydTest(OpaqueTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.start(Glewlwyd(cls.folder))

    def test_every_token_is_asked_about_where_the_settings_say_so(self):
        secret = secret_file(self.folder, "web.secret", "web-secret")
        daemon = self.start_here(Bearerd(self.own_folder(), {"glewlwyd": {
            "plugin": "oidc", "issuer": self.provider.url, "rolePath": "scope", "rolesDelimiter": " ",
            "introspection": {"url": self.provider.url + "/introspect", "clientId": "web", "clientSecretFile": secret,
                              "tokens": "all"}}}))
        token = self.provider.token()
        answer = self.decided(token, daemon)
        self.assertEqual(answer.status, 200, (answer, daemon.log()[-2000:]))
        self.assertTrue(answer.header("X-Auth-Request-User"))
        self.assertEqual(answer.header("X-Auth-Request-Groups"), "openid,read")
        self.assertEqual(daemon.metrics().sum("bearerd_signature_verifications_total"), 0)

    def test_user_info_says_who_holds_a_token(self):
        daemon = self.start_here(Bearerd(self.own_folder(), {"glewlwyd": {
            "plugin": "oidc", "userInfoEndpoint": self.provider.url + "/userinfo", "rolePath": "scope"}}))
        answer = self.decided(self.provider.token(), daemon)
        self.assertEqual(answer.status, 200, (answer, daemon.log()[-2000:]))
        self.assertTrue(answer.header("X-Auth-Request-User"))
        other = self.decided("an-invented-token-of-nobody", daemon)
        self.assertEqual((other.status, other.header("X-Bearerd-Reason")), (401, "opaque_inactive"))


class GoogleTest(OpaqueTest):
    """Token info, then user info, then groups."""

    def setUp(self):
        self.google = self.start_here(FakeGoogle())
        self.daemon = self.start_here(Bearerd(self.own_folder(), {"google": self.google.entry(rolePath="fn:getGoogleWorkspaceGroups")}))

    def refusal(self, token):
        answer = self.decided(token)
        return answer.status, answer.header("X-Bearerd-Reason")

    def test_token_info_then_user_info_then_groups_make_the_identity(self):
        self.google.log_in("ya29.of-a-user", "o'neil@example.test")
        self.google.groups["member_key_id=='o\\'neil@example.test'"] = [["staff@example.test"], ["buyers@example.test"]]
        answer = self.decided("ya29.of-a-user")
        self.assertEqual(answer.status, 200, (answer, self.daemon.log()[-2000:]))
        self.assertEqual([answer.header(f"X-Auth-Request-{name}") for name in ("User", "Email", "Groups")],
                         ["100000000000000000001", "o'neil@example.test", "staff@example.test,buyers@example.test"])
        self.assertEqual([(method, path.split("?")[0]) for method, path, _ in self.google.asked],
                         [("POST", "/tokeninfo"), ("GET", "/userinfo"), ("GET", "/groups"), ("GET", "/groups")])
        for _, path, token in self.google.asked:
            self.assertEqual((token, "ya29" in path), ("ya29.of-a-user", False))

    def test_token_of_another_application_is_refused_before_anybody_is_asked_who_it_is(self):
        self.google.log_in("ya29.of-another-app", "victim@example.test", client="evil.apps.googleusercontent.com")
        self.assertEqual(self.refusal("ya29.of-another-app"), (401, "wrong_audience"))
        self.assertEqual([path for _, path, _ in self.google.asked], ["/tokeninfo"])

    def test_dead_token_is_inactive_and_an_address_that_google_does_not_vouch_for_has_no_groups_to_ask_for(self):
        self.assertEqual(self.refusal("ya29.invented"), (401, "opaque_inactive"))
        self.google.log_in("ya29.of-a-consumer", "boss@example.test", hd=None)
        self.assertEqual(self.refusal("ya29.of-a-consumer"), (401, "missing_claim"))
        self.assertFalse([path for _, path, _ in self.google.asked if path.startswith("/groups")])

    def test_refusal_that_is_not_about_the_token_is_503_and_told_without_token_or_user(self):
        for number, (path, status, endpoint) in enumerate((("/tokeninfo", 400, "token_info"), ("/tokeninfo", 403, "token_info"),
                                                           ("/userinfo", 403, "userinfo"), ("/groups", 403, "groups"))):
            with self.subTest(path, status=status):
                self.google.trouble = {path: (status, {"error": {"message": "for somebody@example.test"}})}
                daemon = self.start_here(Bearerd(self.own_folder(), {"google": self.google.entry(rolePath="fn:getGoogleWorkspaceGroups")}))
                token = f"ya29.secret-{number}"
                self.google.log_in(token, "somebody@example.test")
                eventually(lambda d=daemon, t=token: (d.verdict(t), d.log_lines(event="idp_unavailable"))[1], "the trouble is told", 20, pause=0.1)
                self.assertEqual(daemon.verdict(token), (503, "provider_unavailable"))
                line = daemon.told(event="idp_unavailable")[0]
                self.assertEqual((line["provider"], line["endpoint"]), ("google", endpoint))
                self.assertIn(str(status), str(line))
                self.assertNotIn("ya29", daemon.log())
                self.assertNotIn("somebody", daemon.log())
                self.google.trouble = {}
                self.assertEqual(self.decided(token, daemon).status, 200)


if __name__ == "__main__":
    unittest.main()
