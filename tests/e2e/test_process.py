"""The daemon as a process: exit codes, --check, killing, draining, files of its own."""
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, IssuerCase
from harness.processes import SOURCE, E2eCase, built, eventually


class CommandLineTest(E2eCase):
    def setUp(self):
        self.daemon = Bearerd(self.own_folder(), {"demo": demo_provider("http://127.0.0.1:1")}, start=False)

    def check(self, text=None):
        if text is not None:
            self.daemon.write(text)
        return self.daemon.run("--check", "--config", self.daemon.settings_file)

    def test_version_is_printed(self):
        done = self.daemon.run("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"bearerd \d+\.\d+\.\d+")

    def test_bad_command_line_is_64(self):
        for arguments in (["--no-such-option"], ["--config"], ["stray"]):
            with self.subTest(arguments):
                self.assertEqual(self.daemon.run(*arguments).returncode, 64)

    def test_bad_settings_at_start_are_78_and_nothing_is_served(self):
        self.daemon.write("{ nonsense")
        done = self.daemon.run("--config", self.daemon.settings_file)
        self.assertEqual(done.returncode, 78, done)
        self.assertIn(self.daemon.settings_file, done.stderr)

    def test_absent_settings_file_is_78(self):
        self.assertEqual(self.daemon.run("--config", "/nowhere/settings.json").returncode, 78)

    def test_taken_port_is_69(self):
        with socket.socket() as taken:
            taken.bind(self.daemon.address)
            taken.listen()
            done = self.daemon.run("--config", self.daemon.settings_file)
        self.assertEqual(done.returncode, 69, done)
        self.assertIn(str(self.daemon.port), done.stderr)

    def test_check_of_good_settings_is_0_and_opens_no_port(self):
        with socket.socket() as taken:
            taken.bind(self.daemon.address)
            taken.listen()
            done = self.check()
        self.assertEqual(done.returncode, 0, done)

    def test_check_prints_every_fault_with_its_place(self):
        self.daemon.settings["identityProviders"] = {
            "demo": demo_provider("http://issuer.example.test", clockSkewSeconds=100000), "google": {"rolePath": "roles"},
            "api_key": demo_provider("http://127.0.0.1:2")}
        self.daemon.settings["listen"]["verify"] = ["0.0.0.0:9180"]
        self.daemon.write()
        done = self.check()
        self.assertEqual(done.returncode, 78, done)
        said = done.stdout + done.stderr
        for path in ("identityProviders.demo.issuer", "identityProviders.demo.clockSkewSeconds", "identityProviders.google",
                     "identityProviders.api_key", "listen.verify"):
            with self.subTest(path):
                self.assertRegex(said, rf"settings\.json:\d+:\d+: {path}")

    def test_settings_are_found_through_the_environment(self):
        for name in ("BEARERD_SETTINGS", "AIDIAL_SETTINGS"):
            with self.subTest(name):
                done = self.daemon.run("--check", environment={**self.daemon.environment, name: self.daemon.settings_file})
                self.assertEqual(done.returncode, 0, done)

    def test_settings_of_the_first_five_minutes_load(self):
        with open(os.path.join(SOURCE, "docs", "first-five-minutes.md"), encoding="utf-8") as page:
            text = page.read()
        settings = re.search(r"```jsonc\n(.*?)```", text, re.S).group(1)
        install = re.search(r"^install .*", text, re.M).group()
        for part in (settings, install):
            self.assertIn("/opt/bearerd/plugins", part)
        folder = os.path.join(self.own_folder(), "plugins")
        install = install.replace("/opt/bearerd/plugins", folder).replace("build/release/", built(""))
        subprocess.run(["sh", "-c", install], check=True)
        # The page's reader is root.
        own_user = json.dumps(os.geteuid() != 0)
        done = self.check(settings.replace('"/opt/bearerd/plugins"]', f'"{folder}"], "allowOwnUser": {own_user}'))
        self.assertEqual(done.returncode, 0, done)

    def test_comments_and_trailing_commas_are_tolerated_and_duplicates_are_not(self):
        text = json.dumps(self.daemon.settings)
        self.assertEqual(self.check("// a comment\n/* another */" + text[:-1] + ",}").returncode, 0)
        self.assertEqual(self.check(text[:-1] + ',"config":{}}').returncode, 78)


class LifeTest(IssuerCase):
    def setUp(self):
        self.daemon = self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}))
        self.token = self.issuer.token()

    def test_sigterm_is_a_clean_stop(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.assertEqual(self.daemon.stop(number), 0)
            self.assertFalse(os.path.exists(self.daemon.verify_socket) and self.unix_answers())
            self.daemon.start()

    def test_sigterm_ends_it_though_nobody_reads_its_log(self):
        self.daemon.stop()
        reader, writer = os.pipe()
        try:
            process = subprocess.Popen(self.daemon.argv(), stderr=writer, env=self.daemon.environment)
            eventually(lambda: self.unix_answers() and self.daemon.ask("/readyz").status == 200, "bearerd serves", 20)
            for _ in range(1000):
                self.assertEqual(self.daemon.verify(self.token).status, 200)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(15), 0)
        finally:
            process.kill()
            process.wait()
            os.close(reader)
            os.close(writer)

    def unix_answers(self):
        try:
            return web.ask(self.daemon.verify_socket, "/healthz").status == 200
        except OSError:
            return False

    def test_sigterm_lets_requests_under_way_finish(self):
        """Keep-alive callers get answers until the connection is closed, never a broken one."""
        broken, answered = [], []
        stop = threading.Event()

        def load():
            while not stop.is_set():
                try:
                    connection = web.Connection(self.daemon.address)
                except OSError:
                    return
                with connection:
                    try:
                        while True:
                            try:
                                connection.send(web.request_bytes("/verify", headers=web.bearer(self.token)))
                            except ConnectionError:
                                break  # it was over before there was a request: closed while idle, or never accepted
                            if connection.is_closed_by_peer():
                                break  # idle connections may be closed between requests
                            answer = connection.read()
                            answered.append(answer.status)
                            if (answer.header("Connection") or "").lower() == "close":
                                break
                    except ConnectionError as error:
                        broken.append(error)
        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(answered) > 200, "the load runs")
        code = self.daemon.stop()
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual((code, broken, set(answered)), (0, [], {200}))

    def test_kill_and_restart_serves_again_at_once(self):
        self.assertEqual(self.daemon.verify(self.token).status, 200)
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.daemon.start()
        self.assertEqual(self.daemon.verify(self.token).status, 200)
        self.assertEqual(web.ask(self.daemon.verify_socket, "/verify", headers=web.bearer(self.token)).status, 200)

    def test_restart_while_the_issuer_is_down_goes_on_verifying(self):
        folder = self.own_folder()
        issuer = self.start_here(DemoIssuer(folder))
        daemon = self.start_here(Bearerd(folder, {"demo": demo_provider(issuer.url)}))
        token, forged = issuer.token(), issuer.token(stranger=True)
        issuer.stop()
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
        daemon.start()
        self.assertEqual(daemon.verdict(token), (200, "ok"))
        self.assertEqual(daemon.verdict(forged), (401, "bad_signature"))

    def test_poisoned_disk_cache_opens_nothing(self):
        """Keys in the cache serve only the URL and issuer that they were fetched for, from files that are ours alone."""
        self.daemon.stop()
        stranger = self.start_here(DemoIssuer(self.own_folder(), name="stranger"))
        poisoned = 0
        for folder, _, names in os.walk(os.path.join(self.daemon.folder, "cache", "keys")):
            for name in names:
                poisoned += self.replace_text(os.path.join(folder, name), str(self.issuer.port), str(stranger.port))
        self.assertGreater(poisoned, 0, "nothing was cached")
        self.daemon.start()
        self.assertEqual(self.daemon.verify(stranger.token()).status, 401)
        self.assertEqual(self.daemon.verify(stranger.token(iss=self.issuer.url)).status, 401)
        self.assertEqual(self.daemon.verify(self.token).status, 200)

    @staticmethod
    def replace_text(path, old, new):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        return old in text

    def test_cache_that_others_may_write_is_not_believed(self):
        """With the issuer gone there are no keys then: better no answer than a stranger's keys."""
        folder = self.own_folder()
        issuer = self.start_here(DemoIssuer(folder))
        daemon = self.start_here(Bearerd(folder, {"demo": demo_provider(issuer.url)}))
        token = issuer.token()
        daemon.stop()
        issuer.stop()
        for place, _, names in os.walk(os.path.join(folder, "cache", "keys")):
            for name in names:
                os.chmod(os.path.join(place, name), 0o666)
        daemon.start(wait_for_keys=False)
        self.assertEqual(daemon.verdict(token), (503, "provider_unavailable"))

    def test_ready_never_waits_for_a_provider(self):
        folder = self.own_folder()
        daemon = self.start_here(Bearerd(folder, {"demo": demo_provider("http://127.0.0.1:1")}, start=False))
        started = time.monotonic()
        daemon.start(wait_for_keys=False)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(daemon.ask("/readyz").status, 503)
        self.assertEqual(daemon.verdict(self.issuer.token(iss="http://127.0.0.1:1")), (503, "provider_unavailable"))

    def test_bearerctl_status_answers(self):
        done = self.daemon.ctl("status")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("demo", done.stdout)

    def test_bearerctl_without_a_daemon_is_trouble(self):
        self.daemon.stop()
        self.assertEqual(self.daemon.ctl("status").returncode, 2)


if __name__ == "__main__":
    unittest.main()
