"""nginx's auth_request, over TCP and over the UNIX socket."""
import json
import os
import unittest

from harness import web
from harness.processes import E2eCase
from harness.proxies import Nginx, NginxOverUnixSocket
from harness.proxy_cases import DaemonGoneCases, ProxyCases, RenamedHeadersCases


class NginxTest(ProxyCases, E2eCase):
    proxy_class = Nginx

    def open_connections(self):
        return self.daemon.metrics().sum("bearerd_connections", listener="verify")

    def assert_connections_are_kept(self, headers, status):
        """Every question would cost a connection if nginx closed it after an answer."""
        with web.Connection(self.proxy.address) as client:
            self.assertEqual(client.ask("/x", headers=headers).status, status)
            held = self.daemon_peers()
            for _ in range(40):
                self.assertEqual(client.ask("/x", headers=headers).status, status)
            self.assertEqual(self.daemon_peers(), held, "nginx opened new connections to bearerd")
            self.assertEqual(len(held), 1)

    def daemon_peers(self):
        """The peers' ports of the connections that bearerd's TCP listener holds, read from the kernel."""
        mine = f"0100007F:{self.daemon.port:04X}"

        def read():
            with open("/proc/net/tcp", encoding="ascii") as table:
                rows = [line.split() for line in table.readlines()[1:]]
            return {row[2] for row in rows if row[1] == mine and row[3] == "01"}

        # The table is read in pieces: what comes and goes elsewhere meanwhile shifts rows, which are seen twice or not at all.
        before, peers = None, read()
        while peers != before:
            before, peers = peers, read()
        return peers

    def test_keep_alive_to_us_holds_on_allow(self):
        self.assert_connections_are_kept(web.bearer(self.issuer.token()), 200)

    def test_keep_alive_to_us_holds_on_deny(self):
        self.assert_connections_are_kept(web.bearer(self.issuer.token(exp=1_000_000_000)), 401)

    def test_connections_metric_counts_what_nginx_holds(self):
        self.ask_with(self.issuer.token())
        self.assertGreaterEqual(self.open_connections(), 1)

    def test_status_that_nginx_cannot_relay_reaches_the_client_all_the_same(self):
        """Two credentials that differ are a 400; auth_request alone would make 403 of it."""
        self.daemon_with_keys()
        answer = self.ask_with(self.issuer.token(), extra=[("Api-Key", "another")])
        self.assertEqual(answer.status, 400, answer)

    def daemon_with_keys(self):
        path = os.path.join(self.folder, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"keys": {"proxyKey1": {"project": "P", "role": "default"}}}, file)
        self.daemon.change(lambda settings: settings.update(config={"files": [path]}))
        reload = self.daemon.ctl("reload")
        self.assertEqual(reload.returncode, 0, reload)


class NginxOverUnixSocketTest(ProxyCases, E2eCase):
    proxy_class = NginxOverUnixSocket


class NginxAloneTest(DaemonGoneCases, E2eCase):
    proxy_class = Nginx


class NginxRenamedTest(RenamedHeadersCases, E2eCase):
    proxy_class = Nginx


if __name__ == "__main__":
    unittest.main()
