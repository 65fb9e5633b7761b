"""What a client sees behind nginx, Caddy and HAProxy when bearerd says 400, 401, 403, 404, 429 or 503."""
import json
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, Echo
from harness.processes import E2eCase
from harness.proxies import Apache, Caddy, HaProxy, Nginx
from harness.proxy_cases import NOBODY, Reached

DYNAMIC = {
    "models": {"gpt-4": {"userRoles": ["writer"]}, "closed": {"userRoles": []}, "org/model": {}, "scarce": {}},
    "roles": {"default": {"limits": {"scarce": {"requestHour": 2}}}},
    "routes": {"public": {"paths": ["/public/.*"], "anonymous": True},
               "app": {"paths": ["/app/.*"], "hosts": ["app.test"]},
               "reports": {"paths": ["/reports"], "methods": ["GET"], "userRoles": ["auditor"]}},
    "keys": {"s3cret": {"project": "apollo", "role": "writer"},
             "elsewhere": {"project": "gemini", "role": "writer", "allowedIpAddressRanges": ["192.0.2.0/24"]},
             "here": {"project": "gemini", "role": "writer", "allowedIpAddressRanges": ["127.0.0.0/8", "::1/128"]}},
}


class AccessCases:
    proxy_class = None

    @classmethod
    def setUpClass(cls):
        E2eCase.setUpClass.__func__(cls)
        dynamic = cls.path("config.json")
        with open(dynamic, "w", encoding="utf-8") as file:
            json.dump(DYNAMIC, file)
        cls.issuer = cls.start(DemoIssuer(cls.folder))
        cls.echo = cls.start(Echo(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {
            "demo": demo_provider(cls.issuer.url), "unreachable": demo_provider(NOBODY, optional=True)},
            config={"files": [dynamic]}))
        cls.proxy = cls.start(cls.proxy_class(cls.folder, cls.daemon, cls.echo.port))

    def ask(self, target, token=None, method="GET", extra=(), **more):
        return web.ask(self.proxy.address, target, method, [*extra, *(web.bearer(token).items() if token else ())], **more)

    def assert_refused(self, status, answer):
        self.assertEqual(answer.status, status, answer)
        self.assertNotIn(b'"target"', answer.body, "the upstream was reached")

    def assert_reached(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return Reached(answer)

    def test_deployments_by_path(self):
        token = self.issuer.token()
        self.assert_reached(self.ask("/openai/deployments/gpt-4/chat/completions?api-version=1", token, "POST", body=b"{}"))
        self.assert_reached(self.ask("/openai/deployments/org%2Fmodel/embeddings", token))
        self.assert_refused(403, self.ask("/openai/deployments/closed/chat/completions", token))
        self.assert_refused(403, self.ask("/openai/deployments/gpt-4/x", self.issuer.token(roles=["reader"])))
        self.assert_refused(404, self.ask("/openai/deployments/unheard-of/chat/completions", token))
        self.assert_refused(401, self.ask("/openai/deployments/gpt-4/chat/completions"))
        self.assert_refused(401, self.ask("/openai/deployments/unheard-of/chat/completions"))

    def test_routes(self):
        token = self.issuer.token()
        reached = self.assert_reached(self.ask("/public/x", extra=[("X-Auth-Request-User", "planted")]))
        self.assertEqual(reached.header("X-Auth-Request-User"), "")
        self.assert_refused(401, self.ask("/public/x", self.issuer.token(exp=1_000_000_000)))
        self.assert_refused(401, self.ask("/public/../reports"))
        self.assert_reached(self.ask("/app/x", token, host=f"app.test:{self.proxy.port}"))
        self.assert_refused(403, self.ask("/app/x", token, host=f"127.0.0.1:{self.proxy.port}"))
        self.assert_refused(403, self.ask("/reports", token))
        self.assert_reached(self.ask("/reports", self.issuer.token(roles=["auditor"])))
        self.assert_refused(403, self.ask("/reports", self.issuer.token(roles=["auditor"]), "DELETE"))
        self.assert_refused(403, self.ask("/elsewhere", token))

    def test_forbidden_is_said_with_insufficient_scope(self):
        answer = self.ask("/elsewhere", self.issuer.token())
        self.assert_refused(403, answer)
        self.assertIn('error="insufficient_scope"', answer.header("WWW-Authenticate"))

    def test_undecided_is_503(self):
        answer = self.ask("/public/x", self.issuer.token(iss=NOBODY))
        self.assert_refused(503, answer)
        self.assertTrue(answer.header("Retry-After"), answer)

    def test_reached_limit_is_429_with_the_time_to_wait(self):
        token, target = self.issuer.token(sub="greedy"), "/openai/deployments/scarce/chat/completions"
        for _ in range(2):
            self.assert_reached(self.ask(target, token))
        answer = self.ask(target, token)
        self.assert_refused(429, answer)
        self.assertTrue(0 < int(answer.header("Retry-After")) <= 3600, answer)
        self.assertEqual(len(answer.all("Retry-After")), 1, answer)
        # Another caller has a limit of its own, and this one other deployments.
        self.assert_reached(self.ask(target, self.issuer.token(sub="modest")))
        self.assert_reached(self.ask("/openai/deployments/gpt-4/chat/completions", token))

    def test_two_credentials_that_differ_are_400(self):
        self.assert_refused(400, self.ask("/reports", self.issuer.token(), extra=[("Api-Key", "s3cret")]))

    def test_api_keys(self):
        target = "/openai/deployments/gpt-4/chat/completions"
        reached = self.assert_reached(self.ask(target, extra=[("Api-Key", "s3cret")]))
        self.assertEqual((reached.header("X-Auth-Request-Project"), reached.header("X-Auth-Request-User")), ("apollo", ""))
        self.assert_refused(401, self.ask(target, extra=[("Api-Key", "guess")]))
        self.assert_refused(400, self.ask(target, self.issuer.token(), extra=[("Api-Key", "s3cret")]))

    def test_client_can_not_choose_the_address_that_its_api_key_is_used_from(self):
        target = "/openai/deployments/gpt-4/chat/completions"
        for planted in ((), [("X-Forwarded-For", "192.0.2.1")]):
            self.assert_reached(self.ask(target, extra=[("Api-Key", "here"), *planted]))
            self.assert_refused(403, self.ask(target, extra=[("Api-Key", "elsewhere"), *planted]))


class NginxAccessTest(AccessCases, E2eCase):
    proxy_class = Nginx


class CaddyAccessTest(AccessCases, E2eCase):
    proxy_class = Caddy


class HaProxyAccessTest(AccessCases, E2eCase):
    proxy_class = HaProxy


class ApacheAccessTest(AccessCases, E2eCase):
    proxy_class = Apache


if __name__ == "__main__":
    unittest.main()
