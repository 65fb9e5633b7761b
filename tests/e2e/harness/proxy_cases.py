"""What holds behind every proxy, with the snippet that we ship for it. test_nginx, test_caddy, test_haproxy add their own."""
from . import web
from .daemon import IDENTITY_HEADERS, OMITTED_HEADER, Bearerd, demo_provider
from .issuer import DemoIssuer, Echo
from .processes import E2eCase, eventually

PLANTED = "planted-by-the-client"
NOBODY = "http://127.0.0.1:1"  # an issuer that does not answer


def spellings(name):
    """How a client may write a header so that some application reads it as `name`."""
    return {name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", "_", 1),
            "-".join(name.rsplit("-", 1)).replace("X-Auth-", "X-Auth_"), "_".join(name.rsplit("-", 1))}


class Reached:
    """What the upstream saw."""

    def __init__(self, answer):
        seen = answer.json()
        self.method, self.target = seen["method"], seen["target"]
        self.headers = [tuple(pair) for pair in seen["headers"]]

    def header(self, name):
        values = [value for key, value in self.headers if key.lower().replace("_", "-") == name.lower()]
        assert len(values) <= 1, f"{name} reached the upstream {len(values)} times: {values}"
        return values[0] if values else ""


class ProxyCases:
    """Mixed into an E2eCase; `proxy_class` says which proxy."""
    proxy_class = None

    @classmethod
    def setUpClass(cls):
        E2eCase.setUpClass.__func__(cls)
        cls.issuer = cls.start(DemoIssuer(cls.folder))
        cls.echo = cls.start(Echo(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {
            "demo": demo_provider(cls.issuer.url), "unreachable": demo_provider(NOBODY, optional=True)}))
        cls.proxy = cls.start(cls.proxy_class(cls.folder, cls.daemon, cls.echo.port))

    def ask(self, target="/anything", method="GET", headers=(), **more):
        return web.ask(self.proxy.address, target, method, headers, **more)

    def ask_with(self, token, target="/anything", extra=(), method="GET", **more):
        return self.ask(target, method, [("Authorization", f"Bearer {token}"), *extra], **more)

    # -- verdicts

    def test_good_token_reaches_the_upstream_with_its_identity(self):
        answer = self.ask_with(self.issuer.token(sub="alice", name="Alice", project="apollo"))
        self.assertEqual(answer.status, 200, answer)
        reached = Reached(answer)
        self.assertEqual(reached.header("X-Auth-Request-User"), "alice")
        self.assertEqual(reached.header("X-Auth-Request-Name"), "Alice")
        self.assertEqual(reached.header("X-Auth-Request-Groups"), "reader,writer")
        self.assertEqual(reached.header("X-Auth-Request-Provider"), "demo")
        self.assertEqual(reached.header("X-Auth-Request-Project"), "apollo")
        self.assertRegex(reached.header("X-Auth-Request-User-Key"), "^[0-9a-f]{64}$")
        self.assertTrue(reached.header("X-Bearerd-Caller"))

    def test_method_target_and_body_reach_the_upstream_unchanged(self):
        answer = self.ask_with(self.issuer.token(), "/a/b?q=1&r=%20x", method="POST", body=b"hello=body")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.json()["method"], answer.json()["target"], answer.json()["body_bytes"]),
                         ("POST", "/a/b?q=1&r=%20x", 10))

    def assert_refused(self, answer, status=401):
        self.assertEqual(answer.status, status, answer)
        self.assertNotIn(b'"target"', answer.body, "the upstream was reached")

    def test_no_token_is_401_with_a_challenge_without_error(self):
        answer = self.ask()
        self.assert_refused(answer)
        self.assertEqual(len(answer.all("WWW-Authenticate")), 1, answer)
        self.assertIn("Bearer", answer.header("WWW-Authenticate"))
        self.assertNotIn("error", answer.header("WWW-Authenticate"))

    def test_bad_tokens_are_401_with_invalid_token(self):
        bad = {
            "expired": self.issuer.token(exp=1_000_000_000),
            "tampered payload": self.issuer.token(tamper="payload"),
            "tampered signature": self.issuer.token(tamper="signature"),
            "another's key": self.issuer.token(stranger=True),
            "wrong audience": self.issuer.token(aud="another-api"),
            "wrong issuer": self.issuer.token(iss="http://127.0.0.1:2"),
            "not yet valid": self.issuer.token(nbf=4_000_000_000),
            "no exp": self.issuer.token(exp=None),
            "no token at all": "not-a-token",
        }
        for what, token in bad.items():
            with self.subTest(what):
                answer = self.ask_with(token)
                self.assert_refused(answer)
                self.assertEqual(len(answer.all("WWW-Authenticate")), 1, answer)
                self.assertIn('error="invalid_token"', answer.header("WWW-Authenticate"))

    def test_two_authorization_headers_never_pass(self):
        good = ("Authorization", f"Bearer {self.issuer.token()}")
        for other in (good, ("Authorization", "Bearer x"), ("authorization", "Basic eDp5")):
            answer = self.ask(headers=[good, other])
            self.assertIn(answer.status, (400, 401, 403), answer)
            self.assertNotIn(b'"target"', answer.body)

    def test_refusal_tells_the_client_no_reason_and_no_identity(self):
        for token in (self.issuer.token(exp=1_000_000_000), self.issuer.token(aud="another-api")):
            answer = self.ask_with(token)
            for name, _ in answer.headers:
                self.assertFalse(name.lower().startswith(("x-auth-request", "x-bearerd")), answer)

    # -- a client that plants headers

    def planted_identity(self, name):
        return [(spelling, PLANTED) for spelling in sorted(spellings(name))]

    def test_planted_identity_headers_never_reach_the_upstream(self):
        callers = {"with all claims": {"sub": "alice", "name": "Alice", "email": "alice@example.test", "project": "apollo"},
                   "with none of the optional claims": {"sub": "alice", "roles": None}}
        for what, claims in callers.items():
            token = self.issuer.token(**claims)
            for name in (*IDENTITY_HEADERS, OMITTED_HEADER):
                with self.subTest(f"caller {what}, {name}"):
                    answer = self.ask_with(token, extra=self.planted_identity(name))
                    self.assertEqual(answer.status, 200, answer)
                    self.assertNotIn(PLANTED.encode(), answer.body)
                    reached = Reached(answer)
                    self.assertEqual(reached.header("X-Auth-Request-User"), "alice")
                    self.assertNotIn("{http.", answer.body.decode(), "the proxy made up a value")

    def test_all_planted_at_once_with_every_header_that_we_read(self):
        read = [("X-Original-Method", "OPTIONS"), ("X-Original-URI", "/planted"), ("X-Original-URL", "http://planted/"),
                ("X-Original-Host", "planted.test"), ("X-Original-Proto", "https"), ("X-Forwarded-Method", "OPTIONS"),
                ("X-Forwarded-Uri", "/planted"), ("X-Forwarded-Host", "planted.test"), ("X-Forwarded-Proto", "https"),
                ("X-Forwarded-For", "6.6.6.6"), ("X-Bearerd-Resource", "planted"), ("X-Bearerd-Status", "200"),
                ("X-Bearerd-Reason", "ok"), ("X-Request-Id", "planted-id")]
        identity = [(name, PLANTED) for name in (*IDENTITY_HEADERS, OMITTED_HEADER)]
        answer = self.ask_with(self.issuer.token(roles=None), extra=read + identity)
        self.assertEqual(answer.status, 200, answer)
        self.assertNotIn(PLANTED.encode(), answer.body)
        self.assert_refused(self.ask(headers=read + identity))
        self.assert_refused(self.ask_with(self.issuer.token(exp=1_000_000_000), extra=read + identity))

    def test_each_header_that_we_read_planted_alone_changes_no_verdict(self):
        token = self.issuer.token()
        for name in ("X-Original-Method", "X-Original-URI", "X-Original-Host", "X-Original-Proto", "X-Forwarded-Method",
                     "X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Bearerd-Resource"):
            for count in (1, 2):
                with self.subTest(f"{name} x {count}"):
                    planted = [(name, "/planted")] * count
                    # A proxy may stop at a malformed X-Forwarded-For; it must not let a refused caller through.
                    self.assertIn(self.ask_with(token, extra=planted).status, (200, 400, 403))
                    self.assertIn(self.ask(headers=planted).status, (400, 401, 403))

    def test_underscored_names_of_headers_that_we_read_open_nothing(self):
        for name in ("Authorization", "X-Original-URI", "X-Forwarded-Uri", "X-Forwarded-For", "X-Original-Method"):
            underscored = name.replace("-", "_")
            with self.subTest(underscored):
                self.assertNotEqual(self.ask(headers=[(underscored + ("" if "_" in underscored else "_"), "Bearer x")]).status, 200)

    def test_connection_header_cannot_strip_what_the_proxy_sets(self):
        """A client names headers as hop-by-hop so that the proxy drops its own."""
        named = ", ".join(["close", "X-Forwarded-Uri", "X-Original-URI", "X-Forwarded-For", *IDENTITY_HEADERS])
        answer = self.ask_with(self.issuer.token(), extra=[("Connection", named), ("X-Auth-Request-User", PLANTED)])
        self.assertNotIn(PLANTED.encode(), answer.body)
        if answer.status == 200:
            self.assertIn(Reached(answer).header("X-Auth-Request-User"), ("alice", ""))
        self.assert_refused(self.ask(headers=[("Connection", named)]))

    # -- paths

    def test_odd_paths_without_a_token_never_reach_the_upstream(self):
        for target in ("/verify/../healthz", "/%2e%2e/healthz", "//healthz", "/healthz", "/verify/nginx", "/a/%2e%2e/b",
                       "/_bearerd", "/a%2Fb", "/a;b?c#d", "/%00", "/a\\b", "/?x=/healthz"):
            with self.subTest(target):
                answer = self.ask(target)
                self.assertNotEqual(answer.status, 200, answer)
                self.assertNotIn(b'"target"', answer.body)

    # -- trouble

    def test_undecided_is_503_with_retry_after(self):
        answer = self.ask_with(self.issuer.token(iss=NOBODY))
        self.assert_refused(answer, 503)
        self.assertTrue(answer.header("Retry-After"), answer)

    def test_many_requests_one_after_another(self):
        good, bad = self.issuer.token(), self.issuer.token(exp=1_000_000_000)
        with web.Connection(self.proxy.address) as connection:
            for _ in range(50):
                self.assertEqual(connection.ask("/x", headers=web.bearer(good)).status, 200)
        for _ in range(20):
            self.assertEqual(self.ask_with(bad).status, 401)


class RenamedHeadersCases:
    """With verify.identityHeaders, what bearerctl integrate writes sets and deletes the headers that the daemon names."""
    proxy_class = None
    NAMES = {"user": "X-My-User", "groups": "Remote-Groups", "caller": "X-Auth-Request-User"}

    @classmethod
    def setUpClass(cls):
        E2eCase.setUpClass.__func__(cls)
        cls.issuer = cls.start(DemoIssuer(cls.folder))
        cls.echo = cls.start(Echo(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}, verify={"identityHeaders": cls.NAMES}))
        cls.proxy = cls.start(cls.proxy_class(cls.folder, cls.daemon, cls.echo.port))

    def test_renamed_headers_are_bearerds_alone(self):
        token = self.issuer.token(sub="alice", roles=["reader"])
        for name in self.NAMES.values():
            with self.subTest(name):
                answer = web.ask(self.proxy.address, "/x", headers=[("Authorization", f"Bearer {token}"),
                                                                    *((spelling, PLANTED) for spelling in sorted(spellings(name)))])
                self.assertEqual(answer.status, 200, answer)
                self.assertNotIn(PLANTED.encode(), answer.body)
                reached = Reached(answer)
                self.assertEqual((reached.header("X-My-User"), reached.header("Remote-Groups")), ("alice", "reader"))
                self.assertRegex(reached.header("X-Auth-Request-User"), "^[A-Za-z0-9_-]{43}$")


class DaemonGoneCases:
    """A second class so that the shared daemon is not taken away from the others."""
    proxy_class = None

    @classmethod
    def setUpClass(cls):
        E2eCase.setUpClass.__func__(cls)
        cls.issuer = cls.start(DemoIssuer(cls.folder))
        cls.echo = cls.start(Echo(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}))
        cls.proxy = cls.start(cls.proxy_class(cls.folder, cls.daemon, cls.echo.port))

    def test_without_the_daemon_nothing_passes_and_with_it_again_all_is_well(self):
        token = self.issuer.token()
        ask = lambda: web.ask(self.proxy.address, "/x", headers=web.bearer(token))
        self.assertEqual(ask().status, 200)
        self.daemon.stop()
        answer = ask()
        self.assertGreaterEqual(answer.status, 500, answer)
        self.assertNotIn(b'"target"', answer.body)
        self.daemon.start()
        eventually(lambda: ask().status == 200, "the proxy uses bearerd again")
