"""Settings that change under a running daemon: good ones within a second, faulty ones never."""
import json
import os
import signal
import threading
import time
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, IssuerCase
from harness.processes import E2eCase, eventually

A_SECOND = 1.0


class ReloadTest(IssuerCase):
    def setUp(self):
        self.daemon = self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}))

    def provider(self, **changes):
        self.daemon.change(lambda settings: settings["identityProviders"]["demo"].update(changes))

    def groups(self, token):
        return self.daemon.verify(token).header("X-Auth-Request-Groups")

    def reloads(self, result, kind="static"):
        return self.daemon.metrics().sum("bearerd_config_reloads_total", kind=kind, result=result)

    def test_changed_role_path_shows_within_a_second(self):
        token = self.issuer.token(teams=["blue", "green"])
        self.assertEqual(self.groups(token), "reader,writer")
        self.provider(rolePath="teams")
        eventually(lambda: self.groups(token) == "blue,green", "the new rolePath is served", A_SECOND)

    def test_changed_audience_turns_a_remembered_200_into_401_within_a_second(self):
        token = self.issuer.token()
        self.assertEqual(self.daemon.verdict(token), (200, "ok"))
        self.assertEqual(self.daemon.verdict(token), (200, "ok"))
        self.provider(audience="another-api")
        eventually(lambda: self.daemon.verdict(token) == (401, "wrong_audience"), "the new audience is served", A_SECOND)
        self.provider(audience="demo-api")
        eventually(lambda: self.daemon.verdict(token) == (200, "ok"), "the old audience is served again", A_SECOND)

    def test_removed_provider_stops_verifying_and_an_added_one_begins(self):
        token = self.issuer.token()
        self.daemon.verify(token)
        entry = self.daemon.settings["identityProviders"]["demo"]
        self.daemon.change(lambda settings: settings.update(identityProviders={
            "other": demo_provider("http://127.0.0.1:1", optional=True)}))
        eventually(lambda: self.daemon.verdict(token) == (401, "unknown_issuer"), "the provider is gone", A_SECOND)
        eventually(lambda: not self.daemon.metrics().find("bearerd_provider_ready", provider="demo"), "its series leave", 5)
        self.daemon.change(lambda settings: settings["identityProviders"].update(demo=entry))
        eventually(lambda: self.daemon.verdict(token) == (200, "ok"), "the provider is back", 5)

    def test_keys_of_files_are_counted_and_the_log_takes_another_format(self):
        with open(os.path.join(self.daemon.folder, "keys.json"), "wb") as file:
            file.write(web.ask(self.issuer.address, "/jwks").body)
        self.daemon.change(lambda settings: settings.update(
            log={"level": "debug", "decisions": "all", "format": "text"},
            identityProviders={"files": {"plugin": "oidc", "issuer": self.issuer.url, "audience": "demo-api", "jwksFile": "keys.json"}}))
        eventually(lambda: self.daemon.metrics().find("bearerd_jwks_keys", provider="files"), "the keys are counted", 5)
        self.assertGreaterEqual(self.daemon.metrics().sum("bearerd_jwks_keys", provider="files"), 1)
        self.assertEqual(self.daemon.metrics().find("bearerd_jwks_stale", provider="files"), [0])
        self.daemon.verify(self.issuer.token())
        eventually(lambda: not self.daemon.log().rstrip().splitlines()[-1].startswith("{"), "lines are text now")

    def test_keys_survive_a_reload_without_a_fetch(self):
        before = self.issuer.state()["key_set_fetches"]
        token = self.issuer.token(teams=["blue"])
        self.provider(rolePath="teams")
        eventually(lambda: self.groups(token) == "blue", "the reload is served")
        self.assertEqual(self.issuer.state()["key_set_fetches"], before)

    def test_faulty_file_keeps_the_last_good_and_shows_until_mended(self):
        token = self.issuer.token()
        good = json.dumps(self.daemon.settings)
        faults = {"not JSON": "{ this is no JSON", "empty": "", "unknown algorithm": good.replace('"rolePath"', '"algorithms": ["none"], "rolePath"'),
                  "duplicate key": good.replace('"audience"', '"audience": "x", "audience"'),
                  "issuer twice": json.dumps({**self.daemon.settings, "identityProviders": {
                      name: self.daemon.settings["identityProviders"]["demo"] for name in ("one", "two")}})}
        for what, text in faults.items():
            with self.subTest(what):
                failed = self.reloads("failure")
                self.daemon.write(text)
                eventually(lambda: self.reloads("failure") > failed, "the fault is counted", 3)
                self.assertEqual(self.daemon.metrics().sum("bearerd_config_last_reload_successful", kind="static"), 0)
                self.assertEqual(self.daemon.verdict(token), (200, "ok"))
        self.daemon.write(good)
        eventually(lambda: self.daemon.metrics().sum("bearerd_config_last_reload_successful", kind="static") == 1, "mended", 3)
        self.assertEqual(self.daemon.verdict(token), (200, "ok"))

    def test_bearerctl_reload_says_yes_or_every_problem_with_its_place(self):
        done = self.daemon.ctl("reload")
        self.assertEqual(done.returncode, 0, done)
        text = json.dumps({**self.daemon.settings, "identityProviders": {
            "demo": demo_provider(self.issuer.url, clockSkewSeconds=100000), "second": {"jwksUrl": "nonsense", "rolePath": "roles"}}}, indent=1)
        self.daemon.write(text)
        failed = self.daemon.ctl("reload")
        self.assertEqual(failed.returncode, 1, failed)
        said = failed.stdout + failed.stderr
        self.assertIn("identityProviders.demo.clockSkewSeconds", said)
        self.assertIn("identityProviders.second.jwksUrl", said)
        self.assertRegex(said, r"settings\.json:\d+:\d+: ")

    def test_sighup_reloads(self):
        before = self.reloads("success")
        self.daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.reloads("success") > before, "SIGHUP reloads", 3)

    def test_listener_change_waits_for_a_restart_and_the_rest_is_taken(self):
        token = self.issuer.token(teams=["blue"])

        def edit(settings):
            settings["listen"]["verify"] = ["127.0.0.1:1"]
            settings["identityProviders"]["demo"]["rolePath"] = "teams"
        self.daemon.change(edit)
        eventually(lambda: self.groups(token) == "blue", "the rest of the change is served", A_SECOND)
        self.assertIn("listen", self.daemon.ctl("reload").stdout + self.daemon.log())

    def test_dynamic_file_is_watched_and_its_faults_keep_the_last_good(self):
        path = os.path.join(self.daemon.folder, "config.json")

        def write(text):
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(path + ".new", path)
        write('{"keys": {"proxyKey1": {"project": "P", "role": "default"}}}')
        self.daemon.change(lambda settings: settings.update(config={"files": [path]}))
        both = [*web.bearer(self.issuer.token()).items(), ("Api-Key", "another")]
        eventually(lambda: self.daemon.ask("/verify", headers=both).status == 400, "Api-Key is ours now", A_SECOND)
        failed = self.reloads("failure", "dynamic")
        write('{"keys": 7}')
        eventually(lambda: self.reloads("failure", "dynamic") > failed, "the fault is counted", 3)
        self.assertEqual(self.daemon.ask("/verify", headers=both).status, 400)
        write("{}")
        eventually(lambda: self.daemon.ask("/verify", headers=both).status == 200, "Api-Key is not ours any more", 3)

    def test_reload_every_moment_under_load_fails_no_request(self):
        token = self.issuer.token(teams=["blue"])
        stop, bad, served = threading.Event(), [], []

        def load():
            with web.Connection(self.daemon.address) as connection:
                while not stop.is_set():
                    answer = connection.ask("/verify", headers=web.bearer(token))
                    served.append(answer.header("X-Auth-Request-Groups"))
                    if answer.status != 200 or served[-1] not in ("blue", "reader,writer"):
                        bad.append(answer)
        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 4
        turn = 0
        while time.monotonic() < deadline:
            turn += 1
            self.provider(rolePath="teams" if turn % 2 else "roles")
            self.daemon.ctl("reload")
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(bad, [])
        self.assertGreater(len(set(served)), 1)


class UnnamedFileTest(IssuerCase):
    """aidial.config.json is read where no "files" name another: it takes no guard with it when it is lost."""

    def setUp(self):
        self.daemon = Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}, start=False)
        del self.daemon.settings["config"]
        self.daemon.write()
        self.file = os.path.join(self.daemon.folder, "aidial.config.json")
        self.target = os.path.join(self.daemon.folder, "target.json")
        self.token = self.issuer.token()

    def begin(self):
        self.start_here(self.daemon)
        self.daemon.start()

    def publish(self, path, **route):
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump({"routes": {"all": {"paths": [".*"], **route}}}, file)
        os.rename(path + ".new", path)

    def status(self):
        return self.daemon.ask("/verify/nginx", headers={**web.bearer(self.token), "X-Original-Method": "GET",
                                                         "X-Original-URI": "/guarded"}).status

    def refused(self):
        return self.daemon.metrics().sum("bearerd_config_reloads_total", kind="dynamic", result="failure")

    def assert_refused(self, lose, said):
        before = self.refused()
        lose()
        eventually(lambda: self.refused() > before, "the loss is refused", 3)
        self.assertEqual(self.status(), 403)
        problem = self.daemon.told(event="settings_problem", file=self.file)[-1]
        self.assertIn(said, problem["message"])
        self.assertIn('"config": {"files": []}', problem["message"])
        check = self.daemon.ctl("check", self.daemon.settings_file)
        self.assertNotEqual(check.returncode, 0)
        self.assertIn(said, check.stdout + check.stderr)

    def assert_returns(self, come_back):
        come_back()
        eventually(lambda: self.status() == 200, "the file is back, and says something else", 3)

    def test_removed_file_is_refused_until_it_returns(self):
        self.publish(self.file, userRoles=[])
        self.begin()
        self.assertEqual(self.status(), 403)
        self.assert_refused(lambda: os.unlink(self.file), "was in force and is gone")
        self.assert_returns(lambda: self.publish(self.file))

    def test_link_that_dangles_is_refused_until_it_leads_somewhere(self):
        self.publish(self.target, userRoles=[])
        os.symlink("target.json", self.file)
        self.begin()
        self.assertEqual(self.status(), 403)
        self.assert_refused(lambda: os.rename(self.target, self.target + ".away"), "leads nowhere")
        self.assert_returns(lambda: self.publish(self.target))

    def test_going_on_without_it_is_said_in_the_settings(self):
        self.publish(self.file, userRoles=[])
        self.begin()
        self.assert_refused(lambda: os.unlink(self.file), "was in force and is gone")
        self.daemon.change(lambda settings: settings.update(config={"files": []}))
        eventually(lambda: self.status() == 200, "there is no dynamic file", 3)

    def test_file_may_come_after_the_start(self):
        self.begin()
        self.assertEqual(self.status(), 200)
        self.publish(self.file, userRoles=[])
        eventually(lambda: self.status() == 403, "the file is read", A_SECOND)

    def test_start_with_a_link_that_dangles_is_a_fault(self):
        os.symlink("target.json", self.file)
        for arguments in ([], ["--check"]):
            with self.subTest(arguments):
                done = self.daemon.run("--config", self.daemon.settings_file, *arguments)
                self.assertEqual(done.returncode, 78, done)
                self.assertIn("leads nowhere", done.stdout + done.stderr)


class SymlinkTest(E2eCase):
    """Kubernetes mounts a ConfigMap as links into a folder that it swaps with one rename."""

    def test_swapped_folder_is_noticed(self):
        issuer = self.start_here(DemoIssuer(self.folder))
        daemon = self.start_here(Bearerd(self.folder, {"demo": demo_provider(issuer.url)}, start=False))
        mount = self.path("mount")
        os.makedirs(mount)

        def publish(version, settings):
            folder = os.path.join(mount, f"..{version}")
            os.makedirs(folder)
            with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as file:
                json.dump(settings, file)
            os.symlink(f"..{version}", os.path.join(mount, "..data.new"))
            os.rename(os.path.join(mount, "..data.new"), os.path.join(mount, "..data"))

        publish("first", daemon.settings)
        os.symlink("..data/settings.json", os.path.join(mount, "settings.json"))
        daemon.settings_file = os.path.join(mount, "settings.json")
        daemon.start()
        token = issuer.token(teams=["blue"])
        self.assertEqual(daemon.verify(token).header("X-Auth-Request-Groups"), "reader,writer")
        daemon.settings["identityProviders"]["demo"]["rolePath"] = "teams"
        publish("second", daemon.settings)
        eventually(lambda: daemon.verify(token).header("X-Auth-Request-Groups") == "blue", "the swap is noticed", A_SECOND)


if __name__ == "__main__":
    unittest.main()
