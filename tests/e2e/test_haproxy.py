"""HAProxy with our Lua action, over TCP."""
import unittest

from harness.processes import E2eCase
from harness.proxies import HaProxy
from harness.proxy_cases import DaemonGoneCases, ProxyCases


class HaProxyTest(ProxyCases, E2eCase):
    proxy_class = HaProxy

    def test_absolute_target_is_judged_by_its_path(self):
        self.assert_refused(self.ask("http://app.test/anything"))


class HaProxyAloneTest(DaemonGoneCases, E2eCase):
    proxy_class = HaProxy


if __name__ == "__main__":
    unittest.main()
