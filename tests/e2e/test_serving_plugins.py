"""What the admin API and the metrics say of plugins is what serves, whatever was tried or refused since."""
import json
import os
import shutil
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import built


class ServingPluginsTest(IssuerCase):
    def setUp(self):
        folder = self.own_folder()
        self.plugins = os.path.join(folder, "plugins")
        os.mkdir(self.plugins, 0o755)
        for name in ("oidc", "keycloak"):
            shutil.copy(built("lib", "bearerd", "plugins", f"{name}.so"), self.plugins)
        self.daemon = self.start_here(Bearerd(folder, {"demo": demo_provider(self.issuer.url)},
                                              plugins={"directories": [self.plugins], "allowOwnUser": True}))
        self.served = self.listed()
        self.assertEqual([(plugin["name"], plugin["providers"]) for plugin in self.served], [("oidc", ["demo"])])

    def ask(self, target, method="GET", body=b""):
        return web.ask(self.daemon.admin_socket, target, method, body=body)

    def listed(self):
        return self.ask("/v1/plugins").json()["plugins"]

    def exported(self):
        return [labels["plugin"] for name, labels, value in self.daemon.metrics().series
                if name == "bearerd_plugin_info" and value == 1]

    def expect_the_same(self):
        self.assertEqual(self.listed(), self.served)
        self.assertEqual(self.ask("/v1/plugins/oidc").json(), self.served[0])
        self.assertEqual(self.exported(), ["oidc"])

    def test_after_a_refused_reload(self):
        self.daemon.write('{"a":')
        self.assertEqual(self.ask("/v1/reload", "POST").status, 422)
        self.expect_the_same()

    def test_after_its_file_was_replaced_by_what_is_no_plugin(self):
        fresh = os.path.join(self.plugins, "oidc.so.new")
        with open(fresh, "wb") as file:
            file.write(b"no library")
        os.rename(fresh, os.path.join(self.plugins, "oidc.so"))
        self.assertEqual(self.ask("/v1/reload", "POST").status, 422)
        self.expect_the_same()

    def test_beside_a_candidate_with_another(self):
        entry = demo_provider("https://keycloak.example.test/realms/a", plugin="keycloak")
        self.daemon.settings["identityProviders"]["other"] = entry
        candidate = os.path.join(self.daemon.folder, "candidate.json")
        with open(candidate, "w", encoding="utf-8") as file:
            json.dump(self.daemon.settings, file)
        answer = self.ask("/v1/settings/check", "POST", json.dumps({"config_file": candidate}).encode())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json()["result"], "good", answer)
        self.expect_the_same()
        described = self.ask("/v1/plugins/keycloak").json()
        self.assertEqual((described["name"], described["providers"]), ("keycloak", []))
        self.expect_the_same()


if __name__ == "__main__":
    unittest.main()
