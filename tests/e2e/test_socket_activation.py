"""Sockets that the service manager holds: taken over, checked against the settings, kept while the daemon is away."""
import configparser
import fcntl
import json
import os
import re
import signal
import socket
import stat
import subprocess
import threading
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, IssuerCase
from harness.processes import SOURCE, E2eCase, Process, eventually, free_port, need

FIRST_FD = 3  # sd_listen_fds(3)


class ServiceManager:
    """What systemd does for a service with socket units: it holds the listening sockets, and starts the daemon with them."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.sockets = []  # (name, socket)

    def listen(self, name, address):
        if isinstance(address, str):
            held = socket.socket(socket.AF_UNIX)
            held.bind(address)
            os.chmod(address, 0o660)
        else:
            held = socket.socket()
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(address)
        held.listen(4096)
        self.sockets.append((name, held))

    def listen_as_the_settings_say(self):
        self.listen("verify", self.daemon.address)
        self.listen("verify", self.daemon.verify_socket)
        self.listen("metrics", ("127.0.0.1", self.daemon.metrics_port))
        self.listen("admin", self.daemon.admin_socket)

    def _pass_on(self, copies):
        for number, copy in enumerate(copies, FIRST_FD):
            os.dup2(copy, number, inheritable=True)

    def spawn(self):
        """The daemon's process; $LISTEN_PID must be its own id, so a shell puts it there and becomes it."""
        count = len(self.sockets)
        copies = [fcntl.fcntl(held.fileno(), fcntl.F_DUPFD_CLOEXEC, 100) for _, held in self.sockets]
        environment = {**self.daemon.environment, "LISTEN_FDS": str(count),
                       "LISTEN_FDNAMES": ":".join(name for name, _ in self.sockets)}
        with open(self.daemon.log_file, "ab") as output:
            child = subprocess.Popen(["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *self.daemon.argv()], stdout=output,
                                     stderr=output, stdin=subprocess.DEVNULL, env=environment,
                                     pass_fds=range(FIRST_FD, FIRST_FD + count), preexec_fn=lambda: self._pass_on(copies))
        for copy in copies:
            os.close(copy)
        return child

    def start(self):
        process = Process.__new__(Process)
        process.argv, process.log_path, process.child = self.daemon.argv(), self.daemon.log_file, self.spawn()
        self.daemon.process = process
        process.wait_until(lambda: self.daemon.ask("/healthz").status == 200, "bearerd serves")

    def refusal(self):
        """How a start that must fail ends: (exit status, log)."""
        child = self.spawn()
        code = child.wait(20)
        with open(self.daemon.log_file, encoding="utf-8") as log:
            return code, log.read()

    def stop(self):
        self.daemon.stop()
        for _, held in self.sockets:
            held.close()


class PassedSocketsTest(IssuerCase):
    def setUp(self):
        self.daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, start=False)
        self.manager = self.start_here(ServiceManager(self.daemon))

    def test_every_listener_serves_the_socket_that_it_was_given(self):
        self.manager.listen_as_the_settings_say()
        self.manager.start()
        eventually(lambda: self.daemon.ask("/readyz").status == 200, "keys are there")
        token = self.issuer.token()
        self.assertEqual(self.daemon.verify(token).status, 200)
        self.assertEqual(web.ask(self.daemon.verify_socket, "/verify", headers=web.bearer(token)).status, 200)
        self.assertGreater(self.daemon.metrics().sum("bearerd_verify_requests_total", decision="allow"), 1)
        self.assertEqual(self.daemon.ctl("status").returncode, 0)
        self.assertEqual(self.daemon.told(event="sockets_passed")[0]["count"], 4)

    def test_socket_files_that_were_passed_stay_after_a_stop(self):
        self.manager.listen_as_the_settings_say()
        self.manager.start()
        self.assertEqual(self.daemon.stop(), 0)
        for path in (self.daemon.verify_socket, self.daemon.admin_socket):
            self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode), path)

    def test_what_is_not_passed_is_bound(self):
        self.manager.listen("verify", self.daemon.address)
        self.manager.start()
        self.assertEqual(web.ask(self.daemon.verify_socket, "/healthz").status, 200)
        self.assertIn(self.daemon.ctl("status").returncode, (0, 1))  # ready or not, it answers
        self.daemon.stop()
        self.assertFalse(os.path.exists(self.daemon.verify_socket))

    def test_socket_with_an_address_that_the_settings_do_not_have_is_refused(self):
        """The settings decide who may reach it and whether it needs TLS: an address behind their back could open what they close."""
        port = free_port()
        self.manager.listen("verify", ("127.0.0.1", port))
        code, log = self.manager.refusal()
        self.assertEqual(code, 78, log)
        self.assertIn(f"bearerd-verify.socket listens on 127.0.0.1:{port}, but listen.verify has 127.0.0.1:{self.daemon.port}, unix:", log)

    def test_socket_under_the_name_of_another_listener_is_refused(self):
        self.manager.listen("metrics", self.daemon.admin_socket)
        code, log = self.manager.refusal()
        self.assertEqual(code, 78, log)
        self.assertIn("bearerd-metrics.socket listens on unix:", log)

    def test_socket_with_an_unknown_name_is_refused(self):
        self.manager.listen("bearerd.socket", self.daemon.address)
        code, log = self.manager.refusal()
        self.assertEqual(code, 78, log)
        self.assertIn("FileDescriptorName= must be verify, metrics or admin", log)

    def test_socket_that_does_not_listen_for_streams_is_refused(self):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(self.daemon.address)
        self.manager.sockets.append(("verify", datagrams))
        code, log = self.manager.refusal()
        self.assertEqual(code, 78, log)
        self.assertIn("not a listening stream socket", log)

    def test_restart_loses_no_connection(self):
        """Callers that open a connection for each question never see a failed one, though the daemon is restarted under them."""
        self.manager.listen_as_the_settings_say()
        self.manager.start()
        eventually(lambda: self.daemon.ask("/readyz").status == 200, "keys are there")
        token = self.issuer.token()
        answered, failed, stop = [], [], threading.Event()

        def load(address):
            while not stop.is_set():
                try:
                    answer = web.ask(address, "/verify", headers={**web.bearer(token), "Connection": "close"}, timeout=20)
                    answered.append(answer.status)
                except (OSError, ValueError) as error:
                    failed.append(repr(error))
        threads = [threading.Thread(target=load, args=(address,)) for address in (self.daemon.address, self.daemon.verify_socket) * 2]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                seen = len(answered)
                eventually(lambda: len(answered) > seen + 100, "the load runs")
                self.assertEqual(self.daemon.stop(), 0)
                self.manager.start()
            seen = len(answered)
            eventually(lambda: len(answered) > seen + 100, "the load runs on")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual((failed, set(answered)), ([], {200}))

    def test_callers_that_come_while_it_is_away_wait_for_it(self):
        self.manager.listen_as_the_settings_say()
        self.manager.start()
        self.daemon.process.stop(signal.SIGKILL)
        with web.Connection(self.daemon.address) as early:
            early.send(web.request_bytes("/healthz"))
            self.manager.start()
            self.assertEqual(early.read().status, 200)


class UnitsTest(E2eCase):
    LISTENERS = ("verify", "metrics", "admin")

    def unit(self, name):
        """ListenStream= may stand several times, which configparser would refuse."""
        with open(os.path.join(SOURCE, "systemd", f"bearerd-{name}.socket"), encoding="utf-8") as file:
            text = file.read()
        parser = configparser.ConfigParser(strict=False)
        parser.optionxform = str
        parser.read_string(text)
        return parser["Socket"], re.findall(r"^ListenStream=(.+)$", text, re.M)

    def test_units_listen_where_the_shipped_settings_do(self):
        with open(os.path.join(SOURCE, "etc", "settings.json"), encoding="utf-8") as file:
            text = re.search(r'"listen": \{.*?\}', file.read(), re.S).group(0)
        listen = json.loads("{" + re.sub(r",(\s*\})", r"\1", text) + "}")["listen"]
        for name in self.LISTENERS:
            socket_section, streams = self.unit(name)
            wanted = listen[name] if isinstance(listen[name], list) else [listen[name]]
            self.assertEqual([f"unix:{stream}" if stream.startswith("/") else stream for stream in streams], wanted)
            self.assertEqual((socket_section["FileDescriptorName"], socket_section["Service"]), (name, "bearerd.service"))

    def test_unix_sockets_of_the_units_are_closed_to_others(self):
        for name, group in (("verify", "bearerd-proxy"), ("admin", "bearerd-admin")):
            socket_section, _ = self.unit(name)
            self.assertEqual((socket_section["SocketUser"], socket_section["SocketGroup"], socket_section["SocketMode"]),
                             ("bearerd", group, "0660"))

    def test_first_connection_starts_it_through_systemds_own_program(self):
        issuer = self.start_here(DemoIssuer(self.own_folder()))
        daemon = Bearerd(self.own_folder(), {"demo": demo_provider(issuer.url)}, start=False)
        waiting = self.start_here(Process(
            [need("systemd-socket-activate"), "-l", f"127.0.0.1:{daemon.port}", "-l", daemon.admin_socket, "--fdname=verify:admin",
             "-E", "STATE_DIRECTORY", "-E", "CACHE_DIRECTORY", *daemon.argv()], daemon.log_file, env=daemon.environment))
        eventually(lambda: os.path.exists(daemon.admin_socket), "systemd-socket-activate listens")
        waiting.wait_until(lambda: daemon.ask("/healthz").status == 200, "bearerd was started")
        daemon.process = waiting
        self.assertEqual(daemon.told(event="sockets_passed")[0]["count"], 2)
        self.assertIn(daemon.ctl("status").returncode, (0, 1))


if __name__ == "__main__":
    unittest.main()
