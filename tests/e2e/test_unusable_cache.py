"""A cache directory that is not the daemon's alone, or none: it serves without, says so, and leaves nothing behind."""
import os
import tempfile
import unittest

from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase

UNMAPPED = 61_999  # nobody's


class UnusableCacheTest(IssuerCase):
    def setUp(self):
        folder = self.own_folder()
        self.temporary = tempfile.mkdtemp(dir=folder)
        self.daemon = Bearerd(folder, {"demo": demo_provider(self.issuer.url)}, start=False,
                              environment={"TMPDIR": self.temporary})
        self.cache = os.path.join(folder, "cache")

    def expect_served(self):
        self.start_here(self.daemon)
        self.daemon.start()
        self.assertEqual(self.daemon.verdict(self.issuer.token()), (200, "ok"))
        told = self.daemon.told(event="no_cache")
        self.assertTrue(any("temporary directory" in line["message"] for line in told), told)
        self.assertEqual(self.daemon.ctl("reload").returncode, 0)
        self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(os.listdir(self.temporary), [])

    def test_others_may_write(self):
        for mode in (0o770, 0o777):
            with self.subTest(oct(mode)):
                os.chmod(self.cache, mode)
                self.expect_served()
                self.assertEqual(os.listdir(self.cache), [])

    def test_a_file(self):
        os.rmdir(self.cache)
        with open(self.cache, "w", encoding="utf-8"):
            pass
        self.expect_served()

    def test_can_not_be_made(self):
        os.rmdir(self.cache)
        self.daemon.environment["CACHE_DIRECTORY"] = "/proc/nowhere/cache"
        self.expect_served()

    def test_folder_of_the_copies_is_open_to_others(self):
        os.mkdir(os.path.join(self.cache, "plugins"))
        os.chmod(os.path.join(self.cache, "plugins"), 0o755)
        self.expect_served()
        self.assertTrue(os.listdir(os.path.join(self.cache, "keys")), "keys are cached all the same")

    @unittest.skipIf(os.geteuid() != 0, "only root can give files away")
    def test_belongs_to_somebody_else(self):
        os.mkdir(os.path.join(self.cache, "plugins"), 0o700)
        for path in (os.path.join(self.cache, "plugins"), self.cache):
            with self.subTest(path):
                os.chown(path, UNMAPPED, UNMAPPED)
                self.expect_served()

    def test_no_place_at_all_is_bad_settings(self):
        os.chmod(self.cache, 0o777)
        self.daemon.environment["TMPDIR"] = "/proc/nowhere"
        done = self.daemon.run("--config", self.daemon.settings_file)
        self.assertEqual(done.returncode, 78, done)
        self.assertIn("no temporary directory either", done.stderr)


if __name__ == "__main__":
    unittest.main()
