"""glewlwyd: a second OpenID provider, of other origin, with other habits (aud is the scope list in one string)."""
import unittest

from harness.daemon import Bearerd
from harness.processes import E2eCase, eventually
from harness.providers import Glewlwyd


class GlewlwydTest(E2eCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.start(Glewlwyd(cls.folder))
        cls.daemon = cls.start(Bearerd(cls.folder, {"glewlwyd": {
            "issuer": cls.provider.url, "audience": "openid read", "rolePath": "scope", "rolesDelimiter": " "}}))

    def test_token_is_verified_and_its_scope_split(self):
        answer = self.daemon.verify(self.provider.token())
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.header("X-Auth-Request-Provider"), "glewlwyd")
        self.assertTrue(answer.header("X-Auth-Request-User"))
        self.assertEqual(answer.header("X-Auth-Request-Groups"), "openid,read")

    def test_tampered_token_is_refused(self):
        header, payload, signature = self.provider.token().split(".")
        middle = len(payload) // 2
        changed = payload[:middle] + ("A" if payload[middle] != "A" else "B") + payload[middle + 1:]
        self.assertEqual(self.daemon.verify(".".join([header, changed, signature])).status, 401)

    def test_rotation_refuses_nobody(self):
        old = self.provider.token()
        self.assertEqual(self.daemon.verify(old).status, 200)
        self.provider.rotate("second", "ES256")
        new = self.provider.token()
        eventually(lambda: self.daemon.verify(new).status == 200, "the new key is known", 40, pause=0.2)
        self.assertEqual(self.daemon.verify(old).status, 200)


if __name__ == "__main__":
    unittest.main()
