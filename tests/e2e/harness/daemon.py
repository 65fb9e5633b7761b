"""bearerd under test: the real binary, in a folder of its own."""
import copy
import json
import os
import re
import signal
import subprocess

from . import web
from .processes import Process, built, free_port

SERIES = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

IDENTITY_HEADERS = ("X-Auth-Request-User", "X-Auth-Request-Name", "X-Auth-Request-Email", "X-Auth-Request-Groups",
                    "X-Auth-Request-Provider", "X-Auth-Request-Project", "X-Auth-Request-User-Key", "X-Bearerd-Caller")
OMITTED_HEADER = "X-Auth-Request-Groups-Omitted"


def demo_provider(issuer_url, **changes):
    provider = {"issuer": issuer_url, "audience": "demo-api", "rolePath": "roles", "loggingKey": "sub",
                "loggingSalt": "a-salt-of-the-tests", "projectPath": "project", "userDisplayName": "name"}
    provider.update(changes)
    return {key: value for key, value in provider.items() if value is not None}


class Metrics:
    def __init__(self, text):
        self.text = text
        self.series = []
        for line in text.splitlines():
            if line.startswith("#") or not line:
                continue
            name, labels, value = SERIES.match(line).groups()
            self.series.append((name, dict(LABEL.findall(labels or "")), float(value)))

    def find(self, name, **labels):
        return [value for key, has, value in self.series
                if key == name and all(has.get(label) == value_ for label, value_ in labels.items())]

    def sum(self, name, **labels):
        return sum(self.find(name, **labels))


class Bearerd:
    def __init__(self, folder, providers, start=True, environment=None, **settings):
        self.folder = folder
        self.port, self.metrics_port = free_port(), free_port()
        self.address = ("127.0.0.1", self.port)
        self.admin_socket = os.path.join(folder, "admin.sock")
        self.verify_socket = os.path.join(folder, "verify.sock")
        self.settings_file = os.path.join(folder, "settings.json")
        self.log_file = os.path.join(folder, "bearerd.log")
        self.environment = {**os.environ, "STATE_DIRECTORY": os.path.join(folder, "state"),
                            "CACHE_DIRECTORY": os.path.join(folder, "cache"), **(environment or {})}
        for name in ("state", "cache"):
            os.makedirs(os.path.join(folder, name), mode=0o700, exist_ok=True)
        self.settings = {
            "listen": {"verify": [f"127.0.0.1:{self.port}", f"unix:{self.verify_socket}"],
                       "metrics": f"127.0.0.1:{self.metrics_port}", "admin": f"unix:{self.admin_socket}"},
            "plugins": {"directories": [built("lib", "bearerd", "plugins")], "allowOwnUser": True},
            "config": {"files": []},
            "log": {"level": "debug", "decisions": "all", "format": "json"},
            "identityProviders": providers,
            **settings,
        }
        self.process = None
        self.tls = None  # a client's context, where TCP is served with TLS
        self.write()
        if start:
            self.start()

    # -- settings

    def write(self, text=None):
        """Replaces the file in one step, as editors do."""
        fresh = self.settings_file + ".new"
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text if text is not None else json.dumps(self.settings, indent=2))
        os.rename(fresh, self.settings_file)

    def change(self, edit):
        """edit(settings) changes them; the file is replaced; the daemon is to notice by itself."""
        self.settings = copy.deepcopy(self.settings)
        edit(self.settings)
        self.write()

    # -- life

    def argv(self, *more):
        return [built("bin", "bearerd"), "--config", self.settings_file, *more]

    def start(self, wait_for_keys=True):
        self.process = Process(self.argv(), self.log_file, env=self.environment)
        self.process.wait_until(lambda: self.ask("/healthz").status == 200, "bearerd serves")
        if wait_for_keys:
            self.process.wait_until(lambda: self.ask("/readyz").status == 200, "bearerd has keys", 20)

    def stop(self, number=signal.SIGTERM):
        return self.process.stop(number) if self.process else None

    def run(self, *arguments, environment=None):
        """The binary with other arguments, to its end."""
        return subprocess.run([built("bin", "bearerd"), *arguments], capture_output=True, text=True, timeout=30, check=False,
                              env=environment or self.environment)

    def ctl(self, *arguments):
        return subprocess.run([built("bin", "bearerctl"), "--socket", self.admin_socket, *arguments], capture_output=True,
                              text=True, timeout=30, check=False)

    # -- questions

    def ask(self, target, method="GET", headers=()):
        return web.ask(self.address, target, method, headers, tls=self.tls)

    def verify(self, token=None, endpoint="/verify"):
        return self.ask(endpoint, headers=web.bearer(token) if token is not None else {})

    def verdict(self, token=None):
        """(status, reason) of /verify."""
        answer = self.verify(token)
        return answer.status, answer.header("X-Bearerd-Reason")

    def metrics(self):
        answer = web.ask(("127.0.0.1", self.metrics_port), "/metrics")
        assert answer.status == 200, answer
        return Metrics(answer.body.decode())

    def log(self):
        return self.process.log()

    def told(self, count=1, **fields):
        """Such lines, as soon as there are so many: the log is written by a thread of its own, after the answer."""
        def look():
            lines = self.log_lines(**fields)
            return lines if len(lines) >= count else None
        return self.process.wait_until(look, f"{count} lines of the log with {fields}")

    def log_lines(self, **fields):
        lines = []
        for line in self.log().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and all(entry.get(name) == value for name, value in fields.items()):
                lines.append(entry)
        return lines
