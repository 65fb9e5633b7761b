"""The package on a real systemd: from install to purge. Each test has a machine of its own; tests/system/run starts them."""
import glob
import json
import os
import re
import shutil
import tempfile
import threading
import unittest

from harness import web
from harness.issuer import DemoIssuer, Echo
from harness.processes import SOURCE, eventually
from machine import Machine, repacked

PACKAGES = os.environ.get("SYSTEM_PACKAGES", "")
VERIFY = ("127.0.0.1", 9180)
NGINX = ("127.0.0.1", 80)
UNITS = ("bearerd.service", "bearerd-verify.socket", "bearerd-metrics.socket", "bearerd-admin.socket")
SALT = "/etc/bearerd/logging-salt"


class BootedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="bearerd-system-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        package, = glob.glob(os.path.join(PACKAGES, "bearerd_[0-9]*.deb"))
        shutil.copy(package, os.path.join(cls.folder, "bearerd.deb"))
        version = os.path.basename(package).split("_")[1]
        os.rename(repacked(package, cls.folder, version + "+newer"), os.path.join(cls.folder, "newer.deb"))
        cls.issuer = DemoIssuer(cls.folder)
        cls.addClassCleanup(cls.issuer.stop)
        cls.upstream = Echo(cls.folder)
        cls.addClassCleanup(cls.upstream.stop)

    def setUp(self):
        self.machine = Machine(self.folder)
        self.addCleanup(self.machine.stop)
        self.machine.run("dpkg", "--install", "/mnt/bearerd.deb")

    # -- what the tests do

    def settings(self, **changes):
        provider = {"plugin": "oidc", "issuer": self.issuer.url, "audience": "demo-api", "rolePath": "roles", "loggingKey": "sub",
                    "loggingSaltFile": SALT, **changes}
        return json.dumps({
            "identityProviders": {"demo": provider}, "config": {"files": ["config.json"]},
            "listen": {"verify": ["127.0.0.1:9180", "unix:/run/bearerd/verify.sock"], "metrics": "127.0.0.1:9181",
                       "admin": "unix:/run/bearerd/admin.sock"}}, indent=2)

    def serve_the_demo_issuer(self):
        self.machine.shell(f"umask 077; printf pepper >{SALT}; chown bearerd {SALT}")
        self.machine.write("/etc/bearerd/settings.json", self.settings())
        self.machine.run("systemctl", "reload", "bearerd")
        eventually(lambda: web.ask(VERIFY, "/readyz").status == 200, "the provider is ready", 20)

    def start_nginx(self):
        """The whole example that is shipped; only its application is ours."""
        text = self.machine.run("cat", "/etc/bearerd/nginx/example.conf").stdout
        self.assertIn("http://127.0.0.1:8080", text)
        self.machine.write("/etc/nginx/conf.d/bearerd.conf", text.replace("127.0.0.1:8080", f"127.0.0.1:{self.upstream.port}"))
        self.machine.run("usermod", "-aG", "bearerd-proxy", "www-data")
        self.machine.run("systemctl", "restart", "nginx")

    def verify(self, token=None, where=VERIFY):
        headers = web.bearer(token) if token else {}
        return web.ask(where, "/verify" if where == VERIFY else "/", headers=headers)

    def main_pid(self):
        return int(self.machine.show("bearerd.service", "MainPID"))

    def expect_in_journal(self, pattern):
        """Lines reach it a while after they were written."""
        eventually(lambda: re.search(pattern, self.machine.run("journalctl", "-u", "bearerd", "-o", "cat").stdout), f"the journal has {pattern}")

    def under_load(self, act):
        """act() while four callers go on asking, through nginx and directly; their statuses, and what failed."""
        token = self.issuer.token()
        statuses, failures, stop = [], [], threading.Event()

        def load(where):
            while not stop.is_set():
                try:
                    statuses.append(self.verify(token, where).status)
                except (OSError, ValueError) as error:
                    failures.append(repr(error))
        threads = [threading.Thread(target=load, args=(where,)) for where in (NGINX, VERIFY, NGINX, VERIFY)]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: len(statuses) > 200, "the load runs")
            act()
            seen = len(statuses)
            eventually(lambda: len(statuses) > seen + 200, "the load runs on", 30)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        return set(statuses), failures

    # -- the tests

    def test_install_enables_and_starts_the_daemon_with_its_sockets(self):
        for unit in UNITS:
            with self.subTest(unit):
                self.assertEqual(self.machine.show(unit, "ActiveState"), "active")
                self.assertEqual(self.machine.show(unit, "UnitFileState"), "enabled")
        self.assertEqual(self.verify().status, 401)
        self.assertEqual(self.machine.run("ps", "-o", "user=", "-p", str(self.main_pid())).stdout.strip(), "bearerd")
        self.expect_in_journal("sockets_passed")
        self.assertEqual(self.machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout, "")

    def test_smoke_test_that_the_package_brings_passes(self):
        shutil.copy(os.path.join(SOURCE, "debian", "tests", "daemon"), os.path.join(self.folder, "daemon"))
        self.machine.run("/mnt/daemon")

    def test_sandbox_is_as_tight_as_promised(self):
        said = self.machine.run("systemd-analyze", "security", "--no-pager", "bearerd.service").stdout
        self.assertLessEqual(float(re.search(r"exposure level for bearerd.service: ([\d.]+)", said).group(1)), 1.5)

    def test_admin_socket_knows_its_groups_by_the_access_list(self):
        for group, expected in (("bearerd-observe", (0, 1)), ("bearerd-admin", (0, 1)), ("users", (2,))):
            with self.subTest(group):
                self.machine.run("useradd", "--no-create-home", "--gid", "nogroup", "--groups", group, "one-of-" + group)
                done = self.machine.run("setpriv", "--reuid", "one-of-" + group, "--regid", "nogroup", "--init-groups", "bearerctl",
                                        "status", check=False)
                self.assertIn(done.returncode, expected, done)

    def test_nginx_lets_a_good_token_through_and_no_other(self):
        self.serve_the_demo_issuer()
        self.start_nginx()
        good = self.verify(self.issuer.token(), NGINX)
        self.assertEqual(good.status, 200, good)
        self.assertIn("alice", good.body.decode())
        self.assertEqual(self.verify(None, NGINX).status, 401)
        self.assertEqual(self.verify(self.issuer.token(stranger=True), NGINX).status, 401)

    def test_reload_takes_good_settings_and_prints_the_faults_of_bad_ones(self):
        self.serve_the_demo_issuer()
        self.assertEqual(self.verify(self.issuer.token()).status, 200)
        self.machine.write("/etc/bearerd/settings.json", self.settings(audience="another"))
        self.machine.run("systemctl", "reload", "bearerd")
        self.assertEqual(self.verify(self.issuer.token()).status, 401)
        self.assertEqual(self.verify(self.issuer.token(aud="another")).status, 200)
        self.machine.write("/etc/bearerd/settings.json", self.settings(clockSkewSeconds=100000))
        self.assertNotEqual(self.machine.run("systemctl", "reload", "bearerd", check=False).returncode, 0)
        self.expect_in_journal(r"settings\.json:\d+:\d+: identityProviders\.demo\.clockSkewSeconds")
        self.assertEqual(self.verify(self.issuer.token(aud="another")).status, 200)
        self.assertEqual(self.machine.show("bearerd.service", "ActiveState"), "active")

    def test_journal_knows_how_grave_each_line_is(self):
        self.serve_the_demo_issuer()
        self.verify(self.issuer.token(exp=1_000_000_000))
        def lines(*arguments):
            return self.machine.run("journalctl", "-u", "bearerd", "-o", "json", *arguments).stdout
        eventually(lambda: '\\"reason\\":\\"expired\\"' in lines("-p", "notice"), "the denial is in the journal")
        self.assertNotIn('\\"reason\\":\\"expired\\"', lines("-p", "warning"))
        line, = lines("BEARERD_EVENT=decision", "BEARERD_REASON=expired").splitlines()
        fields = json.loads(line)
        self.assertEqual((fields["PRIORITY"], fields["BEARERD_PROVIDER"], fields["_SYSTEMD_UNIT"]), ("5", "demo", "bearerd.service"))
        self.assertEqual(json.loads(fields["MESSAGE"])["reason"], "expired")
        self.assertNotIn("alice", lines())

    def test_upgrade_under_load_fails_no_request_and_keeps_settings_and_counters(self):
        self.serve_the_demo_issuer()
        self.start_nginx()
        self.machine.write("/etc/bearerd/config.json", '{"models": {"gpt-4": {}}, "roles": {"default": {"limits": {"gpt-4": {"requestDay": 1000}}}}}')
        self.machine.run("systemctl", "reload", "bearerd")
        bob = {**web.bearer(self.issuer.token(sub="bob")), "X-Bearerd-Resource": "gpt-4"}
        caller, = {web.ask(VERIFY, "/verify", headers=bob).header("X-Bearerd-Caller") for _ in range(7)}
        self.assertTrue(caller)
        before, settings = self.main_pid(), self.machine.run("cat", "/etc/bearerd/settings.json").stdout
        statuses, failures = self.under_load(
            lambda: self.machine.run("dpkg", "--force-confdef", "--force-confold", "--install", "/mnt/newer.deb"))
        self.assertEqual((statuses, failures), ({200}, []))
        self.assertNotEqual(self.main_pid(), before)
        self.assertIn("+newer", self.machine.run("dpkg-query", "-W", "bearerd").stdout)
        self.assertEqual(self.machine.run("cat", "/etc/bearerd/settings.json").stdout, settings)
        said = json.loads(self.machine.run("bearerctl", "usage", caller, "--json").stdout)
        used = {row["deployment"]: row["windows"]["requests_day"]["used"] for row in said["usage"]}
        self.assertEqual(used, {"gpt-4": 7})
        self.assertEqual(web.ask(VERIFY, "/verify", headers=bob).header("X-Bearerd-Caller"), caller)

    def test_daemon_that_hangs_is_killed_and_serves_again(self):
        self.machine.shell("mkdir -p /etc/systemd/system/bearerd.service.d; printf '[Service]\\nWatchdogSec=2s\\nTimeoutAbortSec=1s\\n' "
                           ">/etc/systemd/system/bearerd.service.d/soon.conf; systemctl daemon-reload; systemctl restart bearerd")
        self.serve_the_demo_issuer()
        before = self.main_pid()
        self.machine.run("kill", "-STOP", str(before))
        eventually(lambda: self.machine.show("bearerd.service", "NRestarts") != "0", "systemd started it again", 30, pause=0.2)
        eventually(lambda: self.verify(self.issuer.token()).status == 200, "it serves again", 20)
        self.assertNotEqual(self.main_pid(), before)
        self.expect_in_journal("Watchdog timeout")

    def test_credential_of_the_unit_is_read(self):
        self.serve_the_demo_issuer()
        self.machine.shell("umask 077; printf other-pepper >/root/salt; mkdir -p /etc/systemd/system/bearerd.service.d; "
                           "printf '[Service]\\nLoadCredential=salt:/root/salt\\n' >/etc/systemd/system/bearerd.service.d/salt.conf; "
                           "systemctl daemon-reload")
        plain = self.verify(self.issuer.token()).header("X-Auth-Request-User-Key")
        self.machine.write("/etc/bearerd/settings.json", self.settings(loggingSaltFile="$CREDENTIALS_DIRECTORY/salt"))
        self.machine.run("systemctl", "restart", "bearerd")
        eventually(lambda: self.verify(self.issuer.token()).status == 200, "it serves again", 20)
        self.assertNotEqual(self.verify(self.issuer.token()).header("X-Auth-Request-User-Key"), plain)

    def test_dynamic_user_works(self):
        self.machine.shell("mkdir -p /etc/systemd/system/bearerd.service.d; printf '[Service]\\nDynamicUser=yes\\nUser=bearerd-made-up\\nGroup=bearerd-made-up\\n' "
                           ">/etc/systemd/system/bearerd.service.d/dynamic.conf; systemctl daemon-reload; systemctl restart bearerd")
        self.assertEqual(self.verify().status, 401)
        uid = os.stat(f"/proc/{self.machine.leader}/root/proc/{self.main_pid()}").st_uid
        self.assertTrue(61184 <= uid <= 65519, f"{uid} is no user that systemd made up")
        self.assertIn(self.machine.run("bearerctl", "status", check=False).returncode, (0, 1))
        self.machine.run("dpkg", "--purge", "bearerd")
        for path in ("/var/lib/bearerd", "/var/lib/private/bearerd", "/var/cache/private/bearerd"):
            self.assertFalse(os.path.lexists(self.machine.path(path)), path)

    def test_purge_takes_settings_counters_and_units_away(self):
        self.serve_the_demo_issuer()
        self.machine.run("rm", SALT)  # the operator's own
        self.machine.run("dpkg", "--remove", "bearerd")
        self.assertTrue(os.path.exists(self.machine.path("/etc/bearerd/settings.json")))
        self.assertTrue(os.path.exists(self.machine.path("/var/lib/bearerd/state.key")))
        self.machine.run("dpkg", "--purge", "bearerd")
        for path in ("/etc/bearerd", "/var/lib/bearerd", "/var/cache/bearerd", "/run/bearerd", "/lib/systemd/system/bearerd.service",
                     "/etc/systemd/system/sockets.target.wants/bearerd-verify.socket"):
            with self.subTest(path):
                self.assertFalse(os.path.lexists(self.machine.path(path)))
        self.assertNotEqual(self.machine.run("systemctl", "is-active", "bearerd.service", "bearerd-verify.socket", check=False).returncode, 0)
        self.assertIn("bearerd", self.machine.run("getent", "passwd", "bearerd").stdout)  # files elsewhere may be its


if __name__ == "__main__":
    unittest.main()
