#!/usr/bin/env python3
"""What watchers are given fits together: each alert has a runbook entry and a test, each reason has a runbook entry, and the rules and the
dashboard name only metrics that docs/operations.md lists (which a unit test compares with what is exposed)."""
import json
import re
import shutil
import subprocess
import sys

import sources

RULES, RULES_TEST, DASHBOARD, PAGE = ("etc/prometheus/bearerd.rules.yml", "tests/watch/rules_test.yml", "etc/grafana/bearerd.json",
                                      "docs/operations.md")


def section(text, heading):
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def first_cells(text):
    return re.findall(r"^\| `(\w+)` \|", text, re.M)


def compare(what, left, right):
    for name in sorted(set(left) - set(right)):
        yield f"{what[0]} {name} has no {what[1]}"
    for name in sorted(set(right) - set(left)):
        yield f"{what[1]} {name} has no {what[0]}"


def alerts():
    rules = sources.read(RULES)
    names = re.findall(r"- alert: (\w+)", rules)
    page = sources.read(PAGE)
    yield from compare(("alert", "runbook entry"), names, re.findall(r"^### (Bearerd\w+)$", page, re.M))
    yield from compare(("alert", "runbook link"), [name.lower() for name in names], re.findall(r'runbook: "operations\.md#(\w+)"', rules))
    tested = sources.read(RULES_TEST)
    fires = re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n", tested)
    yield from compare(("alert", "test in which it fires"), names, fires)
    recorded = re.findall(r"- record: (\S+)", rules)
    yield from compare(("recording rule", "test"), recorded, re.findall(r"- expr: ([\w:]+)", tested))


def reasons():
    known = re.findall(r'\{Reason::k\w+, "(\w+)"', sources.read("daemon/base/reason.cpp"))
    entries = first_cells(section(sources.read(PAGE), "Runbook: many of one reason"))
    yield from compare(("reason", "runbook entry"), [name for name in known if name != "ok"], entries)


def metrics():
    known = set(first_cells(section(sources.read(PAGE), "Metrics"))) | {"up"}
    dashboard = json.loads(sources.read(DASHBOARD))
    expressions = [(DASHBOARD, target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", ())]
    expressions += [(RULES, line) for line in sources.read(RULES).splitlines()
                    if not line.lstrip().startswith(("#", "summary:", "runbook:", "- record:", "- name:", "- alert:"))]
    for name, expression in expressions:
        for metric in re.findall(r"(?<![:\w])((?:bearerd|process)_\w+)(?![:\w])", expression):
            if re.sub(r"_(bucket|count|sum)$", "", metric) not in known:
                yield f"{name}: {metric} is no metric of {PAGE}"


def rules_hold():
    promtool = shutil.which("promtool")
    if not promtool:
        yield from sources.untested("rules", "promtool")
        return
    for arguments in (["check", "rules", RULES], ["test", "rules", RULES_TEST]):
        done = subprocess.run([promtool, *arguments], cwd=sources.ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            yield f"promtool {' '.join(arguments)}: {(done.stdout + done.stderr).strip()}"


if __name__ == "__main__":
    sys.exit(sources.report("watch", [fault for check in (alerts, reasons, metrics, rules_hold) for fault in check()]))
