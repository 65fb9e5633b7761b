"""A real Prometheus with our rules scrapes a real bearerd: every query of the Grafana dashboard has an answer there, and alerts rise."""
import json
import os
import re
import unittest
import urllib.parse

from harness import web
from harness.daemon import Bearerd, demo_provider
from harness.issuer import IssuerCase
from harness.processes import SOURCE, Process, eventually, free_port, need

DASHBOARD = os.path.join(SOURCE, "etc", "grafana", "bearerd.json")
SCRAPE = os.path.join(SOURCE, "etc", "prometheus", "scrape.yml")
RULES = os.path.join(SOURCE, "etc", "prometheus", "bearerd.rules.yml")
# What Grafana puts in for "All" and for a panel at this scrape interval.
VARIABLES = {"$job": ".+", "$instance": ".+", "$provider": ".+", "$__rate_interval": "20s"}


def dashboard():
    with open(DASHBOARD, encoding="utf-8") as file:
        return json.load(file)


def filled(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


class Prometheus:
    """Reads the scrape.yml that we ship; only the addresses and the pace differ."""

    def __init__(self, folder, target):
        self.address = ("127.0.0.1", free_port())
        with open(SCRAPE, encoding="utf-8") as file:
            text = file.read()
        for old, new in (("127.0.0.1:9181", target), ("/etc/bearerd/prometheus/bearerd.rules.yml", RULES)):
            assert old in text, old
            text = text.replace(old, new)
        settings = os.path.join(folder, "prometheus.yml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write("global: {scrape_interval: 1s, evaluation_interval: 1s}\n" + text)
        self.process = Process([need("prometheus"), f"--config.file={settings}", f"--storage.tsdb.path={folder}/tsdb",
                                f"--web.listen-address=127.0.0.1:{self.address[1]}"], os.path.join(folder, "prometheus.log"))

    def stop(self):
        self.process.stop()

    def ask(self, path, **parameters):
        answer = web.ask(self.address, f"/api/v1/{path}?" + urllib.parse.urlencode(parameters)).json()
        if answer["status"] != "success":
            raise ValueError(answer["error"])
        return answer["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]


class DashboardTest(IssuerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url)}))
        cls.prometheus = cls.start(Prometheus(cls.folder, f"127.0.0.1:{cls.daemon.metrics_port}"))
        eventually(lambda: cls.prometheus.query("up == 1"), "Prometheus scraped us", 30, pause=0.2)

    def ask_all(self):
        for token in (self.issuer.token(), self.issuer.token(exp=1_000_000_000), self.issuer.token(aud="x"), None):
            self.daemon.verify(token)

    def answer(self, expression):
        """The result, once there is one, while callers go on asking."""
        def look():
            self.ask_all()
            return self.prometheus.query(expression)
        return eventually(look, f"Prometheus has an answer to {expression}", 40, pause=0.3)

    def test_every_query_of_the_dashboard_has_an_answer(self):
        self.issuer.rotate()  # so that keys are fetched once more, after Prometheus saw the first count
        self.ask_all()
        asked = 0
        for panel in dashboard()["panels"]:
            for target in panel.get("targets", ()):
                with self.subTest(panel["title"], expr=target["expr"]):
                    result = self.answer(filled(target["expr"]))
                    asked += 1
                    for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                        self.assertIn(label, result[0]["metric"])
        self.assertGreater(asked, 30)

    def test_annotations_and_variables_of_the_dashboard_have_an_answer(self):
        for annotation in dashboard()["annotations"]["list"]:
            self.prometheus.query(filled(annotation["expr"]))  # an error would be thrown; that nothing changed is no fault
        for variable in dashboard()["templating"]["list"]:
            if variable["type"] == "query":
                selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"]).groups()
                with self.subTest(variable["name"]):
                    self.assertTrue([series for series in self.answer(filled(selector)) if label in series["metric"]])

    def test_no_query_uses_a_variable_that_the_dashboard_does_not_define(self):
        text = json.dumps([panel.get("targets", []) for panel in dashboard()["panels"]])
        defined = {variable["name"] for variable in dashboard()["templating"]["list"]} | {"__rate_interval"}
        self.assertEqual(set(re.findall(r"\$\{?(\w+)", text)) - defined, set())

    def test_rules_that_we_ship_are_evaluated_without_a_fault(self):
        def healths():
            groups = self.prometheus.ask("rules")["groups"]
            found = {rule["health"] for group in groups for rule in group["rules"]}
            return found if found and "unknown" not in found else None
        self.assertEqual(eventually(healths, "every rule was evaluated", 30, pause=0.2), {"ok"})

    def test_alert_rises_for_faulty_settings_and_goes_when_they_are_mended(self):
        def kinds():
            return [alert["labels"]["kind"] for alert in self.prometheus.ask("alerts")["alerts"]
                    if alert["labels"]["alertname"] == "BearerdReloadRefused"]
        self.daemon.write("{ nonsense")
        eventually(lambda: kinds() == ["static"], "the alert is pending", 20, pause=0.2)
        self.daemon.write()
        eventually(lambda: kinds() == [], "the alert is gone", 20, pause=0.2)

    def test_alerts_see_this_job(self):
        """The rules name the job "bearerd", which is what the scrape.yml that we ship calls it."""
        self.assertTrue(self.prometheus.query('up{job="bearerd"} == 1'))
        self.assertTrue(self.prometheus.query('process_open_fds{job="bearerd"} / process_max_fds{job="bearerd"} < 0.8'))


if __name__ == "__main__":
    unittest.main()
