"""Apache httpd with mod_lua, over TCP."""
import unittest

from harness.processes import E2eCase
from harness.proxies import Apache
from harness.proxy_cases import DaemonGoneCases, ProxyCases, RenamedHeadersCases


class ApacheTest(ProxyCases, E2eCase):
    proxy_class = Apache


class ApacheAloneTest(DaemonGoneCases, E2eCase):
    proxy_class = Apache


class ApacheRenamedTest(RenamedHeadersCases, E2eCase):
    proxy_class = Apache


if __name__ == "__main__":
    unittest.main()
