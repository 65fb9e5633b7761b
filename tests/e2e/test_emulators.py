"""Two vendors' emulators: tokens that we did not make, through the plugin of the vendor. An emulator is not the vendor: docs/providers says
what was tried against which."""
import unittest

from harness.daemon import Bearerd
from harness.emulators import Auth0Simulator, CognitoLocal
from harness.processes import E2eCase, eventually
from harness.tls import Certificates


class CognitoLocalTest(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = cls.start(CognitoLocal(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {"cognito": cls.emulator.entry()}))

    def test_access_token_is_taken_by_its_client_and_its_groups_are_the_roles(self):
        answer = self.daemon.verify(self.emulator.tokens()["AccessToken"])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.header("X-Auth-Request-Provider"), answer.header("X-Auth-Request-Groups")), ("cognito", CognitoLocal.GROUP))
        self.assertTrue(answer.header("X-Auth-Request-User"))

    def test_id_token_of_the_same_login_is_refused(self):
        self.assertEqual(self.daemon.verdict(self.emulator.tokens()["IdToken"]), (401, "wrong_audience"))

    def test_token_of_another_client_of_the_pool_is_refused(self):
        other = self.emulator.new_client("other")
        self.assertEqual(self.daemon.verdict(self.emulator.tokens(other)["AccessToken"]), (401, "wrong_audience"))


class CognitoLocalIdTokenTest(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emulator = cls.start(CognitoLocal(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {"cognito": cls.emulator.entry(tokenUse="id")}))

    def test_id_token_is_taken_when_told_and_an_unverified_address_is_not_said(self):
        answer = self.daemon.verify(self.emulator.tokens()["IdToken"])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("X-Auth-Request-Email"), "")

    def test_access_token_is_refused_then(self):
        self.assertEqual(self.daemon.verdict(self.emulator.tokens()["AccessToken"])[0], 401)


class CognitoLocalRotationTest(E2eCase):
    def test_key_of_another_name_takes_over_and_the_old_one_ends(self):
        emulator = self.start_here(CognitoLocal(self.folder))
        daemon = self.start_here(Bearerd(self.folder, {"cognito": emulator.entry(negativeCacheExpirationMs=1000)}))
        old = emulator.tokens()["AccessToken"]
        self.assertEqual(daemon.verify(old).status, 200)
        emulator.rotate("FAKEnext+Kid/=")
        new = emulator.tokens()["AccessToken"]
        eventually(lambda: daemon.verify(new).status == 200, "the new key is known", 60, pause=0.2)
        self.assertNotEqual(daemon.verify(old).status, 200)


class Auth0SimulatorTest(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(cls.path("tls"))
        cls.emulator = cls.start(Auth0Simulator(cls.folder, cls.certificates))
        cls.daemon = cls.start(Bearerd(cls.folder, {"auth0": cls.emulator.entry(rolePath="roles")}))

    def test_users_token_is_taken_from_the_issuer_with_its_slash(self):
        answer = self.daemon.verify(self.emulator.users_tokens()["access_token"])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("X-Auth-Request-Provider"), "auth0")

    def test_token_for_another_api_is_refused(self):
        self.assertEqual(self.daemon.verdict(self.emulator.machine_token("urn:api:other")), (401, "wrong_audience"))

    def test_id_token_of_the_same_login_is_refused(self):
        self.assertEqual(self.daemon.verdict(self.emulator.users_tokens()["id_token"]), (401, "wrong_audience"))

    def test_machine_token_names_nobody_as_the_simulator_makes_it(self):
        """Auth0's own has `<client>@clients` in sub; the simulator leaves sub out."""
        self.assertEqual(self.daemon.verdict(self.emulator.machine_token()), (401, "missing_claim"))

    def test_issuer_without_its_slash_is_refused_at_load(self):
        folder = self.own_folder()
        entry = self.emulator.entry(issuer=self.emulator.issuer.rstrip("/"))
        daemon = Bearerd(folder, {"auth0": entry}, start=False)
        checked = daemon.run("--check", "--config", daemon.settings_file)
        self.assertEqual(checked.returncode, 78)
        self.assertIn("ends with a slash", checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main()
