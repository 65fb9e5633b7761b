"""Whether providers mind each other: what eight cost beside one, and what four in trouble do to the other four."""
import collections
import http.server
import os
import socket
import statistics
import threading

from . import load, subjects
from .providers import Issuer
from harness import web  # pylint: disable=wrong-import-order
from harness.processes import eventually, need

COUNT, TOKENS_EACH = 8, 8
COST_BOUND = 1.05  # eight against one; the rest is the machine's noise
HEALTHY = [f"healthy-{number}" for number in range(4)]
TROUBLED = ("unresolved", "silent", "broken", "rotating")
BLACK_HOLE = "127.9.9.9"  # takes questions on port 53 and answers none


def entry(issuer, **changes):
    return {"plugin": "oidc", "issuer": issuer.url, "caFile": issuer.certificates.ca, "audience": "demo-api", "rolePath": "roles", **changes}


def issuers_for(folder, names, start):
    return {name: start(Issuer(os.path.join(folder, f"at-{name}"))) for name in names}


def write_tokens(folder, name, tokens):
    path = os.path.join(folder, f"{name}.tokens")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{token}\n" for token in tokens)
    return path


def ask_well(server, tokens, seconds, pause_ms=None):
    seen = load.ask_for(server, tokens, seconds, pause_ms)
    if seen.failed or seen.refused:
        raise RuntimeError(f"{server.name}: {seen.failed} requests failed, {seen.refused} were refused\n{server.process.log()[-2000:]}")
    return seen


def cost(folder, rounds, seconds, start):
    """The same number of tokens, of one provider and spread over eight; remembered, and verified in full each time."""
    names = [f"p{number}" for number in range(COUNT)]
    issuers = issuers_for(folder, names, start)
    of_one = [issuers["p0"].token(jti=str(number)) for number in range(COUNT * TOKENS_EACH)]
    of_all = [issuers[name].token(jti=str(number)) for name in names for number in range(TOKENS_EACH)]
    entries = {name: entry(issuer) for name, issuer in issuers.items()}
    servers = {}
    for kind, cache in (("remembered", {}), ("verified each time", {"cache": {"verdictSeconds": 0}})):
        one = start(subjects.Bearerd(folder, None, f"one provider {kind}", {"p0": entries["p0"]}, **cache)).start()
        all_of_them = start(subjects.Bearerd(folder, None, f"eight providers {kind}", entries, **cache)).start()
        servers[kind] = ((one, write_tokens(folder, "one", of_one)), (all_of_them, write_tokens(folder, "eight", of_all)))
    cpu_us = {(kind, which): [] for kind in servers for which in (0, 1)}
    for number in range(rounds + 1):  # the first one warms up
        for kind, pair in servers.items():
            for which in (0, 1) if number % 2 else (1, 0):
                seen = ask_well(*pair[which], seconds)
                if number > 0:
                    cpu_us[kind, which].append(seen.cpu_us)
    lines, is_met = ["| tokens | one provider, CPU us per request | eight | ratio of the rounds, median | least to most |",
                     "| --- | ---: | ---: | ---: | ---: |"], True
    for kind in servers:
        ratios = [eight / one for one, eight in zip(cpu_us[kind, 0], cpu_us[kind, 1])]
        ratio = statistics.median(ratios)
        is_met = is_met and ratio <= COST_BOUND
        lines.append(f"| {kind} | {statistics.median(cpu_us[kind, 0]):.2f} | {statistics.median(cpu_us[kind, 1]):.2f} | {ratio:.2f} | "
                     f"{min(ratios):.2f} to {max(ratios):.2f} |")
    return lines + ["", f"eight cost no more than one (at most {COST_BOUND}): {'met' if is_met else 'MISSED'}"], is_met


class Silent:
    """Takes connections and says nothing."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def stop(self):
        self.socket.close()


class Broken:
    """Answers 500 to everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # pylint: disable=invalid-name
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class BlackHole:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((BLACK_HOLE, 53))

    def was_asked(self):
        self.socket.setblocking(False)
        try:
            return bool(self.socket.recv(512))
        except BlockingIOError:
            return False

    def stop(self):
        self.socket.close()


class Unresolving(subjects.Bearerd):
    """Its name server is the black hole, and only its."""

    def spawn(self, argv, environment=None):
        with open(self.file("resolv.conf"), "w", encoding="ascii") as file:
            file.write(f"nameserver {BLACK_HOLE}\n")
        script = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
        super().spawn([need("unshare"), "--mount", "sh", "-c", script, "sh", self.file("resolv.conf"), *argv], environment)

    def start(self):
        self.begin()
        self.process.wait_until(lambda: web.ask(("127.0.0.1", self.port), "/readyz").status == 200, "bearerd is ready", 30)
        return self


class TroubleMakers:
    """Asks for the troubled providers while others are measured, and makes one rotate its keys every two seconds."""

    def __init__(self, server, issuers):
        self.server, self.issuers = server, issuers
        self.stopping = threading.Event()
        self.seen = collections.Counter()
        self.rotations = 0
        self.lasting = issuers["rotating"].token(jti="before the first rotation")
        self.wanted = {name: issuers[name].token() for name in ("unresolved", "silent", "broken")}
        eventually(lambda: server.status(self.lasting) == 200, "the rotating provider's first key is known", 30)
        self.threads = [threading.Thread(target=work) for work in (self.ask, self.rotate)]
        for thread in self.threads:
            thread.start()

    def verdict(self, token):
        return web.ask(("127.0.0.1", self.server.port), "/verify", headers=[("Authorization", f"Bearer {token}")]).status

    def ask(self):
        while not self.stopping.wait(0.02):
            for name, token in self.wanted.items():
                self.seen[name, self.verdict(token)] += 1
            self.seen["rotating, its first key", self.verdict(self.lasting)] += 1

    def rotate(self):
        while not self.stopping.wait(2):
            self.issuers["rotating"].rotate()
            self.rotations += 1
            self.seen["rotating, its newest key", self.verdict(self.issuers["rotating"].token(jti=str(self.rotations)))] += 1

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def faults(self):
        """An undecided token is 503; a good one is never refused, and an unknown one never allowed."""
        allowed = {"rotating, its first key": {200}, "rotating, its newest key": {200, 503}}
        return [f"{name}: {count} x {status}" for (name, status), count in self.seen.items() if status not in allowed.get(name, {503})]


def troubled_entries(issuers, start):
    elsewhere = {"unresolved": "https://keys.bench.test", "silent": start(Silent()).url, "broken": start(Broken()).url}
    entries = {name: entry(issuer) for name, issuer in issuers.items()}
    for name, url in elsewhere.items():
        entries[name] = entry(issuers[name], jwksUrl=f"{url}/jwks")
        del entries[name]["caFile"]
    return entries


def trouble(folder, rounds, seconds, start):
    """Latency and verdicts of four healthy providers, with pauses for 30 % of the load: beside four others in health, and beside four in trouble."""
    issuers = issuers_for(folder, [*HEALTHY, *TROUBLED], start)
    tokens = write_tokens(folder, "healthy", [issuers[name].token(jti=str(number)) for name in HEALTHY for number in range(TOKENS_EACH)])
    calm = start(subjects.Bearerd(folder, None, "all in health", {name: entry(issuer) for name, issuer in issuers.items()})).start()
    black_hole = start(BlackHole())
    stirred = start(Unresolving(folder, None, "four in trouble", troubled_entries(issuers, start))).start()
    full = ask_well(calm, tokens, seconds)
    pause_ms = max(1, round(64 * 1000 / (0.3 * full.per_second)))
    makers = TroubleMakers(stirred, issuers)
    p99 = {calm: [], stirred: []}
    try:
        for number in range(rounds + 1):
            for server in (calm, stirred) if number % 2 else (stirred, calm):
                seen = ask_well(server, tokens, seconds, pause_ms)
                if number > 0:
                    p99[server].append(seen.p99_us / 1000)
    finally:
        makers.stop()
    faults = makers.faults() + ([] if black_hole.was_asked() else ["unresolved: its name server was never asked"])
    beside_health, beside_trouble = statistics.median(p99[calm]), statistics.median(p99[stirred])
    is_met = not faults and makers.rotations > 0 and (beside_trouble <= 2 * beside_health or beside_trouble - beside_health <= 2)
    return [
        f"{rounds} x {seconds} s with pauses for 30 % of {full.per_second:.0f} requests/s to the healthy four; none failed or was refused.",
        f"p99 beside four in health {beside_health:.2f} ms ({min(p99[calm]):.2f} to {max(p99[calm]):.2f}), beside four in trouble "
        f"{beside_trouble:.2f} ms ({min(p99[stirred]):.2f} to {max(p99[stirred]):.2f}).",
        f"the troubled meanwhile, {makers.rotations} rotations: "
        + ", ".join(f"{name}: {count} x {status}" for (name, status), count in sorted(makers.seen.items())) + ".",
        *faults,
        f"nobody is touched (p99 at most 2 x or 2 ms more, no wrong verdict): {'met' if is_met else 'MISSED'}",
    ], is_met


def neighbours(folder, rounds, seconds, start):
    lines, is_met = [], True
    for number, trial in enumerate((cost, trouble)):
        own = os.path.join(folder, str(number))
        os.mkdir(own)
        said, is_good = trial(own, rounds, seconds, start)
        lines += [*said, ""]
        is_met = is_met and is_good
    return lines, is_met
