"""The servers that are measured. Each is pinned to its core, answers on `port`, and is asked the same request."""
import json
import os
import re
import subprocess

from . import place
from harness import web  # pylint: disable=wrong-import-order
from harness.daemon import Metrics
from harness.processes import Process, accepts, free_port, need

ISSUER, AUDIENCE = "https://issuer.bench.test/realms/shop", "shop-api"
TARGET = "/verify/nginx"


class Tokens:
    """Made anew for each run."""

    def __init__(self, folder, count):
        self.folder = os.path.join(folder, "tokens")
        os.mkdir(self.folder)
        subprocess.run([place.built("bench", "bench_tokens"), self.folder, str(count), ISSUER, AUDIENCE], check=True)

    def file(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        return place.read(self.file(name)).strip()


class Subject:
    judges_tokens = True

    def __init__(self, folder, tokens, name):
        self.folder = os.path.join(folder, re.sub(r"\W+", "-", name))
        os.mkdir(self.folder)
        self.tokens, self.name, self.port = tokens, name, free_port()
        self.process = None

    def spawn(self, argv, environment=None):
        self.process = Process(place.on_cpu(place.SERVER_CPU, argv), self.file("log"), env={**os.environ, **(environment or {})})

    def launch(self, argv, environment=None):
        self.spawn(argv, environment)
        self.process.wait_until(lambda: accepts(self.port), f"{self.name} listens")

    def file(self, name):
        return os.path.join(self.folder, name)

    def stop(self):
        if self.process:
            self.process.stop()

    def status(self, token):
        return web.ask(("127.0.0.1", self.port), TARGET, headers=[
            ("Authorization", f"Bearer {token}"), ("X-Original-Method", "GET"), ("X-Original-URI", "/")]).status

    def check(self):
        """Nobody is measured who does not do the work."""
        wanted = {"good": 200, "expired": 401, "tampered": 401, "wrong_audience": 401}
        for name, status in wanted.items() if self.judges_tokens else [("good", 200)]:
            got = self.status(self.tokens.text(name))
            if got != status:
                raise SystemExit(f"{self.name} answers {got} to the {name} token, not {status}\n{self.process.log()[-2000:]}")

    def written(self, template, **values):
        """A file of ours with its @PLACES@ filled in."""
        text = place.read(place.subject_file(template))
        for key, value in {"FOLDER": self.folder, "PORT": self.port, **values}.items():
            text = text.replace(f"@{key}@", str(value))
        path = self.file(template)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Floor(Subject):
    """Our listener with a decision path that allows everything."""
    judges_tokens = False

    def __init__(self, folder, tokens, threads):
        super().__init__(folder, tokens, "floor: our listener, a constant 200")
        self.launch([place.built("bench", "bench_floor"), str(self.port), str(threads)])


class Nginx(Subject):
    judges_tokens = False

    def __init__(self, folder, tokens, has_large_buffer=False):
        super().__init__(folder, tokens, "nginx, return 200" + (", 4 KB header buffer" if has_large_buffer else ""))
        settings = self.written("nginx.conf", HEADER_BUFFER="client_header_buffer_size 4k;" if has_large_buffer else "")
        self.launch([need("nginx"), "-p", self.folder, "-e", self.file("nginx-error.log"), "-c", settings])


class HAProxy(Subject):
    def __init__(self, folder, tokens):
        super().__init__(folder, tokens, "HAProxy, jwt_verify")
        settings = self.written("haproxy.cfg", ISSUER=ISSUER, AUDIENCE=AUDIENCE, KEY_FILE=tokens.file("public.pem"))
        self.launch([need("haproxy"), "-db", "-f", settings])


class FastJwt(Subject):
    def __init__(self, folder, tokens, node_modules):
        super().__init__(folder, tokens, "fast-jwt, cache, Node's http")
        self.launch([need("node"), place.subject_file("fast_jwt.cjs"), str(self.port), tokens.file("public.pem"), ISSUER, AUDIENCE],
                    {"NODE_PATH": node_modules})


def shipped_settings():
    """etc/settings.json as the daemon reads it: without comments and trailing commas."""
    text = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*', lambda match: match.group(1) or "", place.read(os.path.join(place.SOURCE, "etc", "settings.json")))
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


class Bearerd(Subject):
    """The settings that are shipped, with other addresses and the given providers."""

    def __init__(self, folder, tokens, name, providers, **sections):
        super().__init__(folder, tokens, name)
        self.metrics_port = free_port()
        self.settings = shipped_settings()
        self.settings["identityProviders"] = providers
        self.settings["config"] = {"files": [os.path.join(place.SOURCE, "etc", "config.json")]}
        self.settings["listen"] = {"verify": [f"127.0.0.1:{self.port}", f"unix:{self.file('verify.sock')}"],
                                   "metrics": f"127.0.0.1:{self.metrics_port}", "admin": f"unix:{self.file('admin.sock')}"}
        self.settings["plugins"] = {"directories": [place.built("lib", "bearerd", "plugins")], "allowOwnUser": True}
        self.settings.update(sections)
        for directory in ("state", "cache"):
            os.mkdir(self.file(directory), 0o700)
        self.write()

    def write(self):
        """Replaced in one step, as editors do."""
        fresh = self.file("settings.json.new")
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(self.settings, file, indent=2)
        os.rename(fresh, self.file("settings.json"))

    def begin(self):
        self.spawn([place.built("bin", "bearerd"), "--config", self.file("settings.json")],
                   {"STATE_DIRECTORY": self.file("state"), "CACHE_DIRECTORY": self.file("cache")})

    def start(self):
        self.begin()
        self.process.wait_until(self.is_ready, "bearerd is ready", 30)
        return self

    def is_ready(self):
        return web.ask(("127.0.0.1", self.port), "/readyz?all").status == 200

    def metrics(self):
        return Metrics(web.ask(("127.0.0.1", self.metrics_port), "/metrics").body.decode())


def bench_provider(tokens):
    """One generic provider whose keys are a file: nothing is fetched while measuring."""
    return {"bench": {"plugin": "oidc", "issuer": ISSUER, "jwksFile": tokens.file("key_set.json"), "audience": AUDIENCE, "rolePath": "roles"}}
