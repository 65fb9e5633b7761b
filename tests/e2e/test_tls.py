"""TLS where proxies ask from other machines: what is served, a renewed certificate, and clients that misbehave."""
import os
import shutil
import ssl
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, IssuerCase
from harness.processes import E2eCase
from harness.tls import Certificates


class TlsTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificates = Certificates(os.path.join(cls.folder, "tls"))
        cls.daemon = Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}, start=False)
        cls.daemon.settings["listen"]["tls"] = {"certificateFile": cls.certificates.certificate, "keyFile": cls.certificates.key}
        cls.daemon.write()
        cls.daemon.tls = cls.certificates.client()
        cls.daemon.start()
        cls.start(cls.daemon)

    def connect(self):
        return web.Connection(self.daemon.address, self.daemon.tls)

    def test_tokens_are_checked_as_without(self):
        self.assertEqual(self.daemon.verdict(self.issuer.token()), (200, "ok"))
        self.assertEqual(self.daemon.verdict(self.issuer.token(aud="another"))[0], 401)

    def test_old_versions_are_refused(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version):
                old = self.certificates.client()
                old.minimum_version = ssl.TLSVersion.TLSv1
                old.maximum_version = version
                old.set_ciphers("ALL:@SECLEVEL=0")
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    web.ask(self.daemon.address, "/healthz", tls=old)

    def test_both_new_versions_are_served(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                context = self.certificates.client()
                context.minimum_version = context.maximum_version = version
                self.assertEqual(web.ask(self.daemon.address, "/healthz", tls=context).status, 200)

    def test_many_requests_of_one_connection_and_many_in_one_record(self):
        good = web.request_bytes("/verify", headers=web.bearer(self.issuer.token()))
        with self.connect() as connection:
            for _ in range(3):
                connection.send(good)
                self.assertEqual(connection.read().status, 200)
            connection.send(good * 64)  # more than one buffer of ours, in records of 16 KB
            for _ in range(64):
                self.assertEqual(connection.read().status, 200)

    def test_the_unix_socket_stays_plain(self):
        self.assertEqual(web.ask(self.daemon.verify_socket, "/healthz").status, 200)

    def test_a_client_without_tls_gets_nothing(self):
        with web.Connection(self.daemon.address) as connection:
            connection.send(web.request_bytes("/healthz"))
            with self.assertRaises((ConnectionError, ValueError, IndexError)):
                connection.read()

    def test_handshakes_that_never_end_hold_up_nobody(self):
        silent = [web.Connection(self.daemon.address) for _ in range(64)]
        for connection in silent[::2]:
            connection.send(b"\x16\x03\x01\x02\x00\x01\x00")  # the beginning of a ClientHello
        self.assertEqual(self.daemon.verdict(self.issuer.token()), (200, "ok"))
        for connection in silent:
            connection.close()

    def test_a_stop_ends_the_connection_as_tls_does(self):
        daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, start=False)
        daemon.settings["listen"]["tls"] = self.daemon.settings["listen"]["tls"]
        daemon.write()
        daemon.tls = self.daemon.tls
        daemon.start()
        with web.Connection(daemon.address, daemon.tls) as connection:
            self.assertEqual(connection.ask("/healthz").status, 200)
            self.assertEqual(daemon.stop(), 0)
            self.assertEqual(connection.socket.recv(1), b"")  # an end, not a cut

    def test_a_certificate_that_can_not_be_used_is_told_with_its_file(self):
        folder = self.own_folder()
        daemon = Bearerd(folder, {"demo": demo_provider(self.issuer.url)}, start=False)
        other = Certificates(os.path.join(folder, "other"))
        for certificate, key, told in ((self.certificates.certificate, other.key, other.key),
                                       (self.certificates.key, self.certificates.key, self.certificates.key),
                                       (self.certificates.certificate, os.path.join(folder, "missing.key"), "missing.key")):
            daemon.settings["listen"]["tls"] = {"certificateFile": certificate, "keyFile": key}
            daemon.write()
            for arguments in (["--config", daemon.settings_file], ["--check", "--config", daemon.settings_file]):
                with self.subTest(f"{arguments[0]} {key}"):
                    done = daemon.run(*arguments)
                    self.assertEqual(done.returncode, 78, done)
                    self.assertIn(told, done.stdout + done.stderr)
                    self.assertIn("listen.tls", done.stdout + done.stderr)


class RenewalTest(E2eCase):
    def test_a_renewed_certificate_is_used_and_a_broken_one_is_not(self):
        issuer = self.start(DemoIssuer(self.folder))
        first, second = (Certificates(os.path.join(self.folder, name)) for name in ("first", "second"))
        daemon = Bearerd(self.folder, {"demo": demo_provider(issuer.url)}, start=False)
        certificate, key = os.path.join(self.folder, "server.crt"), os.path.join(self.folder, "server.key")
        daemon.settings["listen"]["tls"] = {"certificateFile": certificate, "keyFile": key}
        daemon.write()

        def put(source, target):
            shutil.copy(source, target + ".new")
            os.rename(target + ".new", target)

        put(first.certificate, certificate)
        put(first.key, key)
        daemon.tls = first.client()
        self.start(daemon)
        daemon.start()

        put(second.certificate, certificate)  # its key is still to come
        self.assertIn(key, daemon.told(event="certificate_refused")[0]["message"])
        self.assertEqual(daemon.ask("/healthz").status, 200)

        self.assertIn("warning: listen.tls: the files have changed", daemon.ctl("status").stdout)

        put(second.key, key)
        daemon.told(event="certificate_renewed")
        with self.assertRaises(ssl.SSLError):
            daemon.ask("/healthz")
        daemon.tls = second.client()
        self.assertEqual(daemon.ask("/healthz").status, 200)
        self.assertNotIn("listen.tls", daemon.ctl("status").stdout)
        for _ in range(2):  # each makes the control loop turn, and look
            self.assertEqual(daemon.ctl("status").returncode, 0)
        self.assertEqual(len(daemon.log_lines(event="certificate_refused")), 1)


if __name__ == "__main__":
    unittest.main()
