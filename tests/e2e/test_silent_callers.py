"""The admin and metrics listeners among callers that say nothing, and others that say too much."""
import os
import socket
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import free_port
from harness.tls import Certificates

MANY = 40
AT_ONCE = 1.5  # seconds: nobody's patience had to end
PATIENCE = 3.0  # longer than the silent are borne with


class SilentCallersTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certificates = Certificates(os.path.join(cls.folder, "tls"))
        cls.client = certificates.client()
        cls.tcp = ("127.0.0.1", free_port())
        cls.daemon = Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}, start=False, admin={"providers": ["demo"]},
                             access={"admin": {"rules": [{"source": "roles", "function": "EQUAL", "targets": ["boss"]}]}})
        cls.daemon.settings["listen"]["admin"] = [f"unix:{cls.daemon.admin_socket}", f"127.0.0.1:{cls.tcp[1]}"]
        cls.daemon.settings["listen"]["adminTls"] = {"certificateFile": certificates.certificate, "keyFile": certificates.key}
        cls.daemon.write()
        cls.daemon.start()
        cls.start(cls.daemon)
        cls.token = cls.issuer.token(roles=["boss"])
        # Where each listener is, and what is asked there: a UNIX socket, plain TCP, TCP with TLS.
        cls.listeners = {"admin": (cls.daemon.admin_socket, "/v1/status", None),
                         "metrics": (("127.0.0.1", cls.daemon.metrics_port), "/metrics", None),
                         "admin over TCP": (cls.tcp, "/v1/status", cls.client)}

    def connect(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        silent = socket.socket(family)
        self.addCleanup(silent.close)
        silent.connect(address)
        return silent

    def expect_answered_at_once(self, address, target, tls):
        started = time.monotonic()
        answer = web.ask(address, target, headers=web.bearer(self.token), tls=tls)
        self.assertEqual(answer.status, 200, answer)
        self.assertLess(time.monotonic() - started, AT_ONCE)

    def test_silent_callers_keep_nobody_waiting_and_are_sent_away(self):
        for name, (address, target, tls) in self.listeners.items():
            with self.subTest(name):
                silent = [self.connect(address) for _ in range(MANY)]
                self.expect_answered_at_once(address, target, tls)
                deadline = time.monotonic() + PATIENCE
                for each in silent:
                    each.settimeout(max(0.1, deadline - time.monotonic()))
                    self.assertEqual(each.recv(1), b"", "it was not sent away")
                self.expect_answered_at_once(address, target, tls)

    def test_who_stops_in_the_middle_keeps_nobody_waiting(self):
        for name, (address, target, tls) in self.listeners.items():
            with self.subTest(name):
                # A record of one byte that is whole; one of 256 with the beginning of a ClientHello (RFC 8446, section 5.1).
                beginnings = (b"\x16\x03\x01\x00\x01\x01", b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03") if tls else \
                    (b"GET /v1/status HTTP/1.1\r\nHost: b\r\n", b"\n\n", b"GET /\n\n", b"GET /" + b"a" * 16379)
                for number in range(MANY):
                    self.connect(address).sendall(beginnings[number % len(beginnings)])
                self.expect_answered_at_once(address, target, tls)

    def test_who_sends_all_of_too_large_a_body_reads_the_answer(self):
        for name, (address, _, tls) in self.listeners.items():
            if name == "metrics":
                continue
            with self.subTest(name), web.Connection(address, tls=tls) as connection:
                body = b" " * (3 * 1024 * 1024)
                connection.send(web.request_bytes("/v1/reload", "POST", web.bearer(self.token), body))
                self.assertEqual(connection.read().status, 413)


if __name__ == "__main__":
    unittest.main()
