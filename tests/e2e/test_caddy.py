"""Caddy's forward_auth, over the UNIX socket."""
import unittest

from harness.processes import E2eCase
from harness.proxies import Caddy
from harness.proxy_cases import DaemonGoneCases, ProxyCases, RenamedHeadersCases


class CaddyTest(ProxyCases, E2eCase):
    proxy_class = Caddy

    def test_clients_query_cannot_choose_another_endpoint(self):
        """Caddy appends the client's query to the question."""
        self.assert_refused(self.ask("/x?/healthz"))
        self.assertEqual(self.ask_with(self.issuer.token(), "/x?a=/../../healthz&X-Forwarded-Uri=/y").status, 200)


class CaddyAloneTest(DaemonGoneCases, E2eCase):
    proxy_class = Caddy


class CaddyRenamedTest(RenamedHeadersCases, E2eCase):
    proxy_class = Caddy


if __name__ == "__main__":
    unittest.main()
