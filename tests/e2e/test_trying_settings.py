"""What `check --against-recent` foretells, held to what the daemon decides once the candidate applies."""
import collections
import json
import os

from harness import web
from harness.daemon import Bearerd
from harness.google import FakeGoogle
from harness.issuer import IssuerCase

ISSUERS = "https://issuers.test/"
PATTERN = r"^https://issuers\.test/.*$"
ROUTES = {"open": {"paths": ["/public/.*"], "anonymous": True, "order": 1}, "all": {"paths": ["/.*"], "order": 2}}


class ForetellingTest(IssuerCase):
    def serve(self, providers, **dynamic):
        folder = self.own_folder()
        self.dynamic_file = os.path.join(folder, "config.json")
        self.write(self.dynamic_file, {"routes": ROUTES, **dynamic})
        self.daemon = self.start_here(Bearerd(folder, providers, config={"files": [self.dynamic_file]}, admin={"recentDecisions": 1000}))

    def write(self, name, settings):
        with open(name, "w", encoding="utf-8") as file:
            json.dump(settings, file)

    def entry(self, audience="api", **members):
        return {"jwksUrl": f"{self.issuer.url}/jwks", "audience": audience, **members}

    def token(self, issuer="t1"):
        return web.bearer(self.issuer.token(iss=ISSUERS + issuer, aud="api"))

    def reason(self, credential, path="/x"):
        answer = self.daemon.ask("/verify/nginx", headers={"X-Original-Method": "GET", "X-Original-URI": path, **credential})
        return answer.header("X-Bearerd-Reason") or "ok"

    def foretell(self, providers=None, dynamic=None):
        """The comparison; the candidate stands where it is to apply afterwards, and nobody has read it yet."""
        candidate = os.path.join(self.daemon.folder, "candidate.json")
        self.write(candidate, {**self.daemon.settings, "identityProviders": providers} if providers is not None else dynamic)
        stands_for = () if providers is not None else ("--for", self.dynamic_file)
        comparison = json.loads(self.daemon.ctl("check", candidate, *stands_for, "--against-recent", "--json").stdout)["comparison"]
        os.rename(candidate, self.daemon.settings_file if providers is not None else self.dynamic_file)
        return comparison

    def hold_to(self, questions, **candidate):
        """Asks, foretells, applies and asks again: (reasons then, reasons now, unjudged). Whatever was judged has to have come true."""
        then = [self.reason(*question) for question in questions]
        comparison = self.foretell(**candidate)
        reload = self.daemon.ctl("reload")
        self.assertEqual(reload.returncode, 0, reload)
        self.daemon.process.wait_until(lambda: self.daemon.ask("/readyz?all").status == 200, "the new ones have keys")
        now = [self.reason(*question) for question in questions]
        came = collections.Counter((before, after) for before, after in zip(then, now) if "ok" in (before, after) and before != after)
        foretold = collections.Counter()
        for change in comparison["changes"]:
            foretold[change["before"]["reason"], change["after"]["reason"]] += change["count"]
        self.assertFalse(foretold - came, f"foretold, and did not come: {foretold - came}")
        self.assertLessEqual(sum((came - foretold).values()), comparison["unjudged"], f"came, and was not foretold: {came - foretold}")
        self.assertEqual(comparison["compared"] + comparison["unjudged"], len(questions))
        return then, now, comparison["unjudged_by"]

    def test_a_new_entry_with_the_exact_issuer_takes_tokens_of_a_pattern(self):
        self.serve({"pat": self.entry(issuerPattern=PATTERN)})
        then, now, unjudged = self.hold_to([(self.token("txx"),)] * 3 + [(self.token("other"),)], providers={
            "pat": self.entry(issuerPattern=PATTERN), "txx": self.entry("another", issuer=ISSUERS + "txx")})
        self.assertEqual((then, now), (["ok"] * 4, ["wrong_audience"] * 3 + ["ok"]))
        self.assertEqual(unjudged, {"providers_differ": 3})

    def test_a_new_pattern_takes_tokens_when_it_stands_before(self):
        pat, new = self.entry(issuerPattern=PATTERN), self.entry("another", issuerPattern=r"^https://issuers\.test/t.*$")
        for providers, reason, doubts in (({"pat": pat, "new": new}, "ok", {}), ({"new": new, "pat": pat}, "wrong_audience", {"providers_differ": 1})):
            with self.subTest(list(providers)):
                self.serve({"pat": pat})
                self.assertEqual(self.hold_to([(self.token(),)], providers=providers), (["ok"], [reason], doubts))

    def test_an_entry_that_is_moved_takes_tokens_when_it_stands_before(self):
        pat, other = self.entry(issuerPattern=PATTERN), self.entry("another", issuerPattern=r"^https://issuers\.test/t.*$")
        self.serve({"pat": pat, "other": other})
        self.assertEqual(self.hold_to([(self.token(),)], providers={"other": other, "pat": pat}),
                         (["ok"], ["wrong_audience"], {"providers_differ": 1}))

    def test_tokens_of_a_removed_entry_may_be_anothers(self):
        exact, wide = self.entry(issuer=ISSUERS + "t1"), self.entry(issuerPattern=PATTERN)
        self.serve({"exact": exact, "wide": wide})
        self.assertEqual(self.hold_to([(self.token(),), (self.token("t2"),)], providers={"wide": wide}),
                         (["ok", "ok"], ["ok", "ok"], {"providers_differ": 1}))

    def test_tokens_of_a_removed_entry_are_nobodys_where_no_other_has_the_issuer(self):
        exact, other = self.entry(issuer=ISSUERS + "t1"), self.entry(issuer=ISSUERS + "t2")
        self.serve({"exact": exact, "other": other})
        self.assertEqual(self.hold_to([(self.token(),), (self.token("t2"),), (self.token("t3"),)], providers={"other": other}),
                         (["ok", "ok", "unknown_issuer"], ["unknown_issuer", "ok", "unknown_issuer"], {}))

    def test_without_its_provider_an_opaque_token_is_not_taken(self):
        google = self.start_here(FakeGoogle())
        google.log_in("ya29.of-a-user", "a@example.test")
        demo = self.entry(issuer=ISSUERS + "t1")
        self.serve({"google": google.entry(), "demo": demo})
        self.assertEqual(self.hold_to([(web.bearer("ya29.of-a-user"),), (web.bearer("ya29.of-nobody"),), (self.token(),)], providers={"demo": demo}),
                         (["ok", "opaque_inactive", "ok"], ["opaque_unsupported", "opaque_unsupported", "ok"], {}))

    def test_without_keys_an_api_key_is_no_credential(self):
        self.serve({"demo": self.entry(issuer=ISSUERS + "t1")}, keys={"k-1": {"project": "p", "role": "r"}})
        known, unknown = {"Api-Key": "k-1"}, {"Api-Key": "of-nobody"}
        questions = [(known, "/x"), (unknown, "/x"), (known, "/public/x"), (unknown, "/public/x"), ({}, "/public/x"), (self.token(), "/x")]
        self.assertEqual(self.hold_to(questions, dynamic={"routes": ROUTES}),
                         (["ok", "unknown_api_key", "ok", "unknown_api_key", "ok", "ok"], ["no_token", "no_token", "ok", "ok", "ok", "ok"], {}))

    def test_of_requests_without_a_credential_it_is_not_known_whether_they_bore_a_key_before_there_were_keys(self):
        self.serve({"demo": self.entry(issuer=ISSUERS + "t1")})
        self.assertEqual(self.hold_to([({"Api-Key": "k-1"},), ({},)], dynamic={"routes": ROUTES, "keys": {"k-1": {"project": "p", "role": "r"}}}),
                         (["no_token", "no_token"], ["ok", "no_token"], {"api_keys_differ": 2}))
