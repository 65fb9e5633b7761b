"""HAProxy with our Lua action, over TCP."""
import unittest

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer, Echo
from harness.processes import E2eCase
from harness.proxies import HaProxy, HaProxyWithBrokenScript
from harness.proxy_cases import DaemonGoneCases, ProxyCases, RenamedHeadersCases


class HaProxyTest(ProxyCases, E2eCase):
    proxy_class = HaProxy

    def test_absolute_target_is_judged_by_its_path(self):
        self.assert_refused(self.ask("http://app.test/anything"))


class HaProxyAloneTest(DaemonGoneCases, E2eCase):
    proxy_class = HaProxy


class HaProxyRenamedTest(RenamedHeadersCases, E2eCase):
    proxy_class = HaProxy


class HaProxyBrokenTest(E2eCase):
    def test_script_that_fails_lets_nobody_through(self):
        """HAProxy itself goes on with a request whose action failed."""
        issuer = self.start(DemoIssuer(self.folder))
        echo = self.start(Echo(self.folder))
        daemon = self.start(Bearerd(self.folder, {"demo": demo_provider(issuer.url)}))
        proxy = self.start(HaProxyWithBrokenScript(self.folder, daemon, echo.port))
        answer = web.ask(proxy.address, "/x", headers=web.bearer(issuer.token()))
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("broken on purpose", proxy.process.log())


if __name__ == "__main__":
    unittest.main()
