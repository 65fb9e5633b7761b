"""A real Prometheus scrapes us, and promtool finds nothing to say about what it gets."""
import json
import os
import subprocess
import unittest
import urllib.parse

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import Process, eventually, free_port, need


class PrometheusTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}))
        for token in (cls.issuer.token(), cls.issuer.token(exp=1_000_000_000), cls.issuer.token(aud="x"), None):
            cls.daemon.verify(token)

    def test_promtool_finds_the_exposition_clean(self):
        text = self.daemon.metrics().text
        checked = subprocess.run([need("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    def test_every_decision_is_counted_by_provider_decision_and_reason(self):
        metrics = self.daemon.metrics()
        for provider, decision, reason in (("demo", "allow", "ok"), ("demo", "deny", "expired"), ("demo", "deny", "wrong_audience"),
                                           ("none", "deny", "no_token")):
            with self.subTest(reason):
                count = metrics.sum("bearerd_verify_requests_total", provider=provider, decision=decision, reason=reason)
                self.assertGreaterEqual(count, 1)

    def test_metrics_of_the_contract_are_there(self):
        metrics = self.daemon.metrics()
        for name in ("verify_requests_total", "verify_duration_seconds_bucket", "signature_verifications_total",
                     "token_cache_hits_total", "token_cache_misses_total", "token_cache_evictions_total", "token_cache_entries",
                     "jwks_fetches_total", "jwks_keys", "jwks_last_success_timestamp_seconds", "jwks_stale", "provider_ready",
                     "idp_requests_total", "idp_request_duration_seconds_bucket", "config_reloads_total",
                     "config_last_reload_successful", "config_last_reload_success_timestamp_seconds", "config_generation",
                     "plugin_info", "connections", "log_dropped_total", "build_info"):
            with self.subTest(name):
                self.assertTrue(metrics.find("bearerd_" + name), metrics.text[:2000])
        for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"):
            with self.subTest(name):
                self.assertTrue(metrics.find(name))

    def test_labels_hold_no_user_token_url_or_kid(self):
        text = self.daemon.metrics().text
        for secret in ("alice", self.issuer.url, *self.issuer.state()["kids"]):
            self.assertNotIn(secret, text)

    def test_prometheus_scrapes_and_answers_queries(self):
        port = free_port()
        settings = os.path.join(self.folder, "prometheus.yml")
        with open(settings, "w", encoding="utf-8") as file:
            json.dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [
                {"job_name": "bearerd", "static_configs": [{"targets": [f"127.0.0.1:{self.daemon.metrics_port}"]}]}]}, file)
        self.start_here(Process([need("prometheus"), f"--config.file={settings}", f"--storage.tsdb.path={self.path('tsdb')}",
                                 f"--web.listen-address=127.0.0.1:{port}"], self.path("prometheus.log")))

        def value(expression):
            target = "/api/v1/query?" + urllib.parse.urlencode({"query": expression})
            result = web.ask(("127.0.0.1", port), target).json()["data"]["result"]
            return float(result[0]["value"][1]) if result else 0.0

        eventually(lambda: value("up") == 1, "Prometheus scraped us", 30, pause=0.2)
        self.assertGreaterEqual(value('sum(bearerd_verify_requests_total{decision="allow"})'), 1)
        eventually(lambda: value('bearerd_provider_ready{provider="demo"}') == 1, "the provider is seen as ready", 10, pause=0.2)


if __name__ == "__main__":
    unittest.main()
