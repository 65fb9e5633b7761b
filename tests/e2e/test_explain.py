"""Explaining a decision, watching decisions, trying settings: the running daemon and bearerctl."""
import json
import os
import re
import subprocess
import time

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import built, eventually

ROUTES = {"routes": {
    "open": {"paths": ["/public/.*"], "anonymous": True, "order": 1},
    "admin": {"paths": ["/admin/.*"], "methods": ["GET", "POST"], "userRoles": ["admin", "root"], "order": 2},
    "team": {"paths": ["/team/.*"], "rules": [{"source": "department", "function": "EQUAL", "targets": ["Physics"]}], "order": 3},
}}


class ExplainCase(IssuerCase):
    def daemon(self, dynamic=None, **settings):
        folder = self.own_folder()
        self.dynamic_file = os.path.join(folder, "config.json")
        self.write(dynamic or ROUTES)
        return self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)}, config={"files": [self.dynamic_file]},
                                       **settings))

    def write(self, dynamic, name=None):
        with open(name or self.dynamic_file, "w", encoding="utf-8") as file:
            json.dump(dynamic, file)

    def nginx(self, daemon, uri, token=None, method="GET"):
        headers = {"X-Original-Method": method, "X-Original-URI": uri, **(web.bearer(token) if token else {})}
        return daemon.ask("/verify/nginx", headers=headers)

    def call(self, daemon, **members):
        return web.ask(daemon.admin_socket, "/v1/explain", "POST", body=json.dumps(members).encode())

    def ctl(self, daemon, *arguments, text=""):
        return subprocess.run([built("bin", "bearerctl"), "--socket", daemon.admin_socket, *arguments], input=text,
                              capture_output=True, text=True, timeout=30, check=False)


class ExplainTest(ExplainCase):
    def test_it_says_what_the_listener_answers_and_why(self):
        daemon = self.daemon()
        cases = [
            (self.issuer.token(roles=["admin"]), "/admin/x", "permission"),
            (self.issuer.token(roles=["dev"]), "/admin/x", "permission"),
            (self.issuer.token(exp=int(time.time()) - 600), "/admin/x", "expiry"),
            (self.issuer.token(nbf=int(time.time()) + 600), "/admin/x", "not_before"),
            (self.issuer.token(aud="another"), "/admin/x", "audience"),
            (self.issuer.token(iss="https://nobody.example"), "/admin/x", "issuer"),
            (self.issuer.token(stranger=True), "/admin/x", "signature"),
            ("garbage", "/admin/x", "shape"),
            (None, "/admin/x", "permission"),
            (None, "/public/x", None),
            (self.issuer.token(), "/elsewhere", "permission"),
            (self.issuer.token(), "/../x", "request"),
            (self.issuer.token(department="physics"), "/team/x", None),
            (self.issuer.token(department="chemistry"), "/team/x", "permission"),
        ]
        for token, uri, expected in cases:
            with self.subTest(uri=uri, expected=expected):
                answer = self.nginx(daemon, uri, token)
                said = self.call(daemon, endpoint="nginx", uri=uri, **({"token": token} if token else {})).json()
                self.assertEqual(said["reason"], answer.header("X-Bearerd-Reason") or "ok", said)
                self.assertEqual(said["statuses"]["nginx"], answer.status)
                self.assertEqual(str(said["statuses"]["forward"]), answer.header("X-Bearerd-Status") or "200")
                failed = [step["check"] for step in said["steps"] if step["outcome"] == "failed"]
                self.assertEqual(failed, [expected] if said["decision"] != "allow" else [], said["steps"])

    def test_claims_and_tokens_stay_where_they_are(self):
        daemon = self.daemon()
        token = self.issuer.token(sub="alice-the-user", roles=["secret-role"], department="department-of-alice")
        masked = self.call(daemon, uri="/team/x", token=token).body.decode()
        for text in ("alice-the-user", "secret-role", "department-of-alice", token):
            self.assertNotIn(text, masked)
        shown = self.call(daemon, uri="/team/x", token=token, claims=True).body.decode()
        self.assertIn("alice-the-user", shown)
        self.assertIn("secret-role", shown)
        self.assertNotIn(token, shown)
        audit = daemon.told(2, event="audit", call="/v1/explain")
        self.assertEqual([line["verdict"] for line in audit], ["no_role", "no_role"])
        for text in ("alice-the-user", "secret-role", token):
            self.assertNotIn(text, daemon.log())

    def test_it_leaves_no_trace_in_cache_counters_and_metrics(self):
        dynamic = {"models": {"m": {}}, "roles": {"default": {"limits": {"m": {"requestHour": "1"}}}}}
        daemon = self.daemon(dynamic)
        token = self.issuer.token()

        def explain():
            return self.call(daemon, endpoint="verify", resource="m", token=token).json()
        for _ in range(3):
            self.assertEqual(explain()["reason"], "ok")
        self.assertEqual(daemon.metrics().sum("bearerd_verify_requests_total", provider="demo"), 0)
        self.assertEqual(daemon.metrics().sum("bearerd_token_cache_entries"), 0)
        request = {**web.bearer(token), "X-Bearerd-Resource": "m"}
        self.assertEqual(daemon.ask("/verify", headers=request).status, 200)
        said = explain()
        self.assertEqual((said["reason"], said["statuses"]["verify"]), ("limit_reached", 429))
        self.assertIn("requests_hour: 1 of 1 used, 0 left", [d for s in said["steps"] if s["check"] == "limits" for d in s["details"]])
        self.assertEqual(daemon.ask("/verify", headers=request).status, 429)

    def test_bearerctl_prints_it_and_exits_accordingly(self):
        daemon = self.daemon()
        done = self.ctl(daemon, "explain", "--uri", "/admin/x", text=self.issuer.token(roles=["admin"]) + "\n")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("✓ signature", done.stdout)
        self.assertIn("allow: ok", done.stdout)
        done = self.ctl(daemon, "explain", "--uri", "/admin/x", text=self.issuer.token(roles=["dev"]))
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("✗ permission", done.stdout)
        self.assertIn("one of these roles is needed: admin, root; the caller has none of them", done.stdout)
        self.assertEqual(self.ctl(daemon, "explain", "--no-token", "--uri", "/public/x").returncode, 0)
        token = self.issuer.token()
        done = self.ctl(daemon, "explain", token)
        self.assertEqual(done.returncode, 2)
        self.assertNotIn(token, done.stderr)

    def test_bearerctl_takes_a_token_as_it_is_copied_from_files_and_pipes(self):
        daemon = self.daemon()
        token = self.issuer.token(roles=["admin"])
        name = os.path.join(daemon.folder, "token")
        with open(name, "w", encoding="utf-8") as file:
            file.write(f"Bearer {token}\r\n")
        for arguments, text in (((name,), ""), ((), f"Bearer {token}\n"), (("-",), f"  {token}"), (("/dev/stdin",), token)):
            for command in (("explain", "--uri", "/admin/x"), ("token", "decode")):
                with self.subTest(command=command, arguments=arguments):
                    self.assertEqual(self.ctl(daemon, *command, *arguments, text=text).returncode, 0)
        for command in (("explain",), ("token", "decode")):
            with self.subTest(command=command):
                done = self.ctl(daemon, *command, daemon.folder)
                self.assertEqual((done.returncode, done.stderr), (2, f"bearerctl: cannot read {daemon.folder}: Is a directory\n"))
                self.assertEqual(self.ctl(daemon, *command, text="a" * 100_000).returncode, 2)

    def test_it_says_what_was_not_asked_about_and_names_a_revocation(self):
        daemon = self.daemon({"models": {"gpt-4": {"userRoles": ["nobody"]}}})
        token = self.issuer.token()
        said = self.ctl(daemon, "explain", text=token).stdout
        self.assertIn("allow: ok", said)
        self.assertIn("Only the credential was asked about. --resource NAME", said)
        self.assertIn("--show-claims", said)
        said = self.ctl(daemon, "explain", "--resource", "gpt-4", "--show-claims", text=token).stdout
        self.assertIn("deny: no_role", said)
        self.assertNotIn("Only the credential", said)
        self.assertNotIn("not shown", said)
        self.assertNotIn("the last reload was refused", said)
        self.write({"models": 7})
        eventually(lambda: "refused" in daemon.ctl("status").stdout, "the file is not taken", 5)
        said = self.ctl(daemon, "explain", "--resource", "gpt-4", text=token).stdout
        self.assertIn("the last reload was refused; this is by older settings", said)
        self.assertEqual(daemon.ctl("revoke", "demo", "--subject", "alice").returncode, 0)
        found = re.search(r"revoke --end (subject\.[\w-]+)", self.ctl(daemon, "explain", text=token).stdout)
        self.assertEqual(daemon.ctl("revoke", "--end", found.group(1)).returncode, 0)
        self.assertIn("allow: ok", self.ctl(daemon, "explain", text=token).stdout)

    def test_it_finds_the_client_where_the_daemon_finds_it(self):
        keys = {"keys": {"k-1": {"project": "p", "roles": ["dev"], "allowedIpAddressRanges": ["10.20.0.0/16", "2001:db8::/32"]}}}
        for proxies in (0, 1, 2):
            daemon = self.daemon(keys, apiKeyValidation={"proxyCount": proxies})
            for forwarded in ("10.20.3.4", "10.20.3.4, 192.0.2.10", "192.0.2.10, 10.20.3.4", "2001:db8::1, 192.0.2.1, 192.0.2.2",
                              "unknown", "10.20.3.4,", ",", "10.20.3.4:80"):
                with self.subTest(proxies=proxies, forwarded=forwarded):
                    answer = daemon.ask("/verify", headers={"Api-Key": "k-1", "X-Forwarded-For": forwarded})
                    said = self.call(daemon, api_key="k-1", forwarded_for=forwarded).json()
                    self.assertEqual(said["reason"], answer.header("X-Bearerd-Reason") or "ok", said["steps"])
            self.assertEqual(self.call(daemon, api_key="k-1", client_address="10.20.3.4").json()["reason"], "ok")
            refused = self.ctl(daemon, "explain", "--api-key", "--client-address", "192.0.2.10", text="k-1")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("taken from 10.20.0.0/16, 2001:db8::/32 only; the client is \"192.0.2.10\"",
                          re.sub(r"\s+", " ", refused.stdout).replace('"10.20.0.0/16", "2001:db8::/32"', "10.20.0.0/16, 2001:db8::/32"))
            self.assertIn("proxyCount", refused.stdout)
        self.assertEqual(self.ctl(daemon, "explain", "--api-key", "--client-address", "10.20.3.4, 192.0.2.10", text="k-1").returncode, 2)

    def test_a_refusal_names_what_has_to_be_mended(self):
        daemon = self.daemon({**ROUTES, "models": {"gpt-4": {}}, "roles": {"dev": {"limits": {"gpt-4": {"requestHour": 1}}}}})
        said = self.ctl(daemon, "explain", text=self.issuer.token(iss=self.issuer.url + "/")).stdout
        self.assertIn("demo has it but for a slash at its end", re.sub(r"\s+", " ", said))
        self.assertIn("demo: answers for", said)
        token = self.issuer.token(roles=["dev"])
        said = self.ctl(daemon, "explain", "--uri", "/team", text=token).stdout
        self.assertIn("deny: no_route (403)", said)
        self.assertIn("route team: no pattern of its matches the whole path: /team/.*",
                      re.sub(r"\s+", " ", self.ctl(daemon, "explain", "--uri", "/team", "--details", text=token).stdout))
        said = self.ctl(daemon, "explain", "--uri", "/admin/x", text=self.issuer.token(roles=["Admin"])).stdout
        self.assertIn("has none of them, but admin in other letters", re.sub(r"\s+", " ", said))
        self.assertEqual(daemon.ask("/verify", headers={"X-Bearerd-Resource": "gpt-4", **web.bearer(token)}).status, 200)
        token = self.issuer.token(roles=["secret-role", "dev"])
        for arguments in ((), ("--show-claims",)):
            said = self.ctl(daemon, "explain", "--resource", "gpt-4", *arguments, text=token).stdout
            self.assertIn('tokens and requests are limited by the role "dev"', re.sub(r"\s+", " ", said))
            self.assertIn("deny: limit_reached", said)
            self.assertEqual("secret-role" in said, bool(arguments))
        self.assertEqual(daemon.ctl("disable", "demo").returncode, 0)
        for token in (token, self.issuer.token(stranger=True)):
            said = re.sub(r"\s+", " ", self.ctl(daemon, "explain", text=token).stdout)
            self.assertIn("✗ provider demo is switched off; this takes its tokens again: bearerctl enable demo", said)
            self.assertNotIn("✓ signature", said)
            self.assertEqual(said.count("✗"), 1)

    def test_a_bad_request_says_what_is_bad(self):
        daemon = self.daemon()
        for uri, expected in (("/../x", "climbs above the root"), ("/a%5cb", "encoded backslash"), ("/a%00", "encoded NUL"),
                              ("/a/%2e%2e/x", "encoded dot"), ("/%zz", "broken percent-encoding"), ("/admin/x#f", "fragment"),
                              ("admin", "does not begin with a slash")):
            with self.subTest(uri):
                said = self.ctl(daemon, "explain", "--uri", uri, "--no-token").stdout
                self.assertRegex(said, "✗ request +path .*" + expected)
                self.assertIn("deny: bad_request (envoy 400, forward 400, nginx 403, verify 400)", said)
        said = self.ctl(daemon, "explain", "--uri", "/", "--method", "GE T", "--no-token").stdout
        self.assertRegex(said, "✗ request +the method is no token")

    def test_a_revoked_project_is_named_with_the_command_that_ends_it(self):
        daemon = self.daemon({"keys": {"k-1": {"project": "p", "roles": ["dev"]}}})
        caller = daemon.ask("/verify", headers={"Api-Key": "k-1"}).header("X-Bearerd-Caller")
        self.assertEqual(daemon.ctl("revoke", "--caller", caller).returncode, 0)
        said = re.sub(r"\s+", " ", self.ctl(daemon, "explain", "--api-key", text="k-1").stdout)
        self.assertIn("✗ revocation its project is revoked; this ends that: bearerctl revoke --end subject.", said)
        found = re.search(r"revoke --end (subject\.[\w-]+)", said)
        self.assertEqual(daemon.ctl("revoke", "--end", found.group(1)).returncode, 0)
        self.assertIn("allow: ok", self.ctl(daemon, "explain", "--api-key", text="k-1").stdout)

    def test_what_can_not_be_meant_is_refused(self):
        daemon = self.daemon()
        for members in ({"token": "a", "api_key": "b"}, {"tokn": "a"}, {"endpoint": "healthz"}, {"uri": "/a\r\nX: y"},
                        {"endpoint": "verify", "uri": "/a"}, {"endpoint": "nginx", "resource": "m"}, {"claims": 1}, {"token": 1}):
            with self.subTest(members):
                answer = self.call(daemon, **members)
                self.assertEqual((answer.status, answer.json()["code"]), (422, "invalid"))


class DecisionsTest(ExplainCase):
    def test_tail_shows_decisions_and_filters_them(self):
        daemon = self.daemon(admin={"recentDecisions": 100})
        self.nginx(daemon, "/admin/x?secret=1", self.issuer.token(sub="alice-the-user", roles=["admin"]))
        self.nginx(daemon, "/admin/y", self.issuer.token(roles=["dev"]))
        self.nginx(daemon, "/public/z")
        done = self.ctl(daemon, "tail", "--once", "--json")
        self.assertEqual(done.returncode, 0, done)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        asked = [line for line in lines if line["path"]]
        self.assertEqual([(line["decision"], line["reason"], line["route"], line["path"]) for line in asked],
                         [("allow", "ok", "admin", "/admin/x"), ("deny", "no_role", "admin", "/admin/y"),
                          ("allow", "ok", "open", "/public/z")])
        self.assertNotIn("alice-the-user", done.stdout)
        self.assertNotIn("secret", done.stdout)
        done = self.ctl(daemon, "tail", "--once", "--reason", "no_role")
        self.assertEqual(len(done.stdout.splitlines()), 1, done)
        self.assertIn("GET /admin/y [route admin]", done.stdout)

    def test_tail_follows(self):
        daemon = self.daemon(admin={"recentDecisions": 100})
        self.nginx(daemon, "/public/first")
        with open(os.path.join(daemon.folder, "tail"), "w+", encoding="utf-8") as out:
            with subprocess.Popen([built("bin", "bearerctl"), "--socket", daemon.admin_socket, "tail"], stdout=out) as tail:
                def printed(text):
                    with open(out.name, encoding="utf-8") as file:
                        return text in file.read()
                eventually(lambda: printed("/public/first"), "the last ones are printed")
                self.nginx(daemon, "/public/second")
                eventually(lambda: printed("/public/second"), "a new one is printed")
                tail.terminate()

    def test_tail_follows_over_a_restart(self):
        daemon = self.daemon(admin={"recentDecisions": 100})
        for number in range(5):
            self.nginx(daemon, f"/public/before-{number}")
        with open(os.path.join(daemon.folder, "tail"), "w+", encoding="utf-8") as out:
            with subprocess.Popen([built("bin", "bearerctl"), "--socket", daemon.admin_socket, "tail"], stdout=out, stderr=out) as tail:
                def printed(text):
                    with open(out.name, encoding="utf-8") as file:
                        return text in file.read()
                eventually(lambda: printed("/public/before-4"), "the last ones are printed")
                daemon.stop()
                eventually(lambda: printed("waiting"), "it says that the daemon is away")
                daemon.start()
                self.nginx(daemon, "/public/after")
                eventually(lambda: printed("/public/after"), "the first decision of the new process is printed")
                tail.terminate()

    def test_without_the_setting_nothing_is_kept(self):
        daemon = self.daemon()
        self.nginx(daemon, "/public/x")
        self.assertEqual(web.ask(daemon.admin_socket, "/v1/decisions").json()["decisions"], [])
        self.assertEqual(self.ctl(daemon, "tail", "--once").returncode, 2)


class CheckTest(ExplainCase):
    def candidate(self, daemon, change):
        dynamic = json.loads(json.dumps(ROUTES))
        change(dynamic["routes"])
        name = os.path.join(daemon.folder, "candidate.json")
        self.write(dynamic, name)
        return name

    def test_faults_are_named_with_their_place_and_nothing_is_applied(self):
        daemon = self.daemon()
        self.assertEqual(self.ctl(daemon, "check").returncode, 0)
        name = os.path.join(daemon.folder, "faulty.json")
        with open(name, "w", encoding="utf-8") as file:
            file.write('{\n  "identityProviders": {\n    "demo": {"jwksUrl": "ftp://x"}\n  }\n}\n')
        done = self.ctl(daemon, "check", name)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(f"{name}:3:", done.stderr)
        self.assertIn("identityProviders.demo.jwksUrl", done.stderr)
        done = self.ctl(daemon, "check", name, "--for", self.dynamic_file + ".wrong")
        self.assertEqual(done.returncode, 2, "of what nobody reads nothing is known")
        self.assertIn("do not read this file", done.stderr)
        self.assertIn(self.dynamic_file, done.stderr)
        done = self.ctl(daemon, "check", name, "--for", self.dynamic_file + ".wrong", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["unread_files"]), (2, [self.dynamic_file + ".wrong"]))
        done = self.ctl(daemon, "check", self.dynamic_file)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("--for PATH", done.stderr)
        done = self.ctl(daemon, "check", self.dynamic_file, "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["partial"]), (1, True))
        self.assertEqual(self.ctl(daemon, "check", self.dynamic_file, "--for", self.dynamic_file).returncode, 0)
        self.assertEqual(daemon.verdict(self.issuer.token()), (200, "ok"))
        self.assertFalse(daemon.log_lines(event="reload", cause="admin"))

    def test_against_recent_says_which_decisions_would_change(self):
        daemon = self.daemon(admin={"recentDecisions": 1000})
        self.assertEqual(self.ctl(daemon, "check", "--against-recent").returncode, 2)
        admin, dev = self.issuer.token(roles=["admin"], sub="a"), self.issuer.token(roles=["dev"], sub="d")
        physicist = self.issuer.token(department="PHYSICS", sub="p")
        for token, uri, times in ((admin, "/admin/x", 3), (dev, "/admin/x", 2), (None, "/public/x", 1), (physicist, "/team/x", 1)):
            for _ in range(times):
                self.nginx(daemon, uri, token)
        self.assertEqual(self.ctl(daemon, "check", "--against-recent").returncode, 0)

        def swap_roles(routes):
            routes["admin"]["userRoles"] = ["dev"]
        name = self.candidate(daemon, swap_roles)
        done = self.ctl(daemon, "check", name, "--for", self.dynamic_file, "--against-recent")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("5 decisions would change: 3 allows to deny, 2 denies to allow", done.stdout)
        self.assertRegex(done.stdout, r"3\s+1\s+allow\s+deny no_role\s+route admin\s+demo\s+admin")
        self.assertRegex(done.stdout, r"2\s+1\s+deny no_role\s+allow\s+route admin\s+demo\s+dev")
        self.assertIn("compared", done.stdout)
        self.assertEqual(self.nginx(daemon, "/admin/x", admin).status, 200)

        def by_claim(routes):
            routes["team"]["rules"] = [{"source": "department", "function": "EQUAL", "targets": ["Chemistry"]}]
        done = self.ctl(daemon, "check", self.candidate(daemon, by_claim), "--for", self.dynamic_file, "--against-recent", "--json")
        comparison = json.loads(done.stdout)["comparison"]
        self.assertEqual((comparison["allow_to_deny"], comparison["unjudged"]), (1, 0))

        def by_pattern(routes):
            routes["team"]["rules"] = [{"source": "department", "function": "REGEX", "targets": ["phys.*"]}]
        done = self.ctl(daemon, "check", self.candidate(daemon, by_pattern), "--for", self.dynamic_file, "--against-recent", "--json")
        comparison = json.loads(done.stdout)["comparison"]
        self.assertEqual((comparison["changed"], comparison["unjudged_by"]), (0, {"claim_not_kept": 1}))

    def test_another_entry_of_a_provider_leaves_its_decisions_open(self):
        daemon = self.daemon(admin={"recentDecisions": 1000})
        self.nginx(daemon, "/admin/x", self.issuer.token(roles=["admin"]))
        settings = json.loads(json.dumps(daemon.settings))
        settings["identityProviders"]["demo"]["audience"] = "another"
        name = os.path.join(daemon.folder, "settings-candidate.json")
        self.write(settings, name)
        done = self.ctl(daemon, "check", name, "--against-recent", "--json")
        self.assertEqual(json.loads(done.stdout)["comparison"]["unjudged_by"].get("provider_differs"), 1, done)
