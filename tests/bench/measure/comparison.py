"""CPU for one request of each server, in interleaved rounds, and the ratios that bearerd is held to."""
import os
import statistics
import subprocess
from dataclasses import dataclass, field

from . import load, place, subjects

PARTS = ("verify", "signature", "digest", "parse", "tag")


@dataclass
class Row:
    """One server, or one part, over all rounds."""
    name: str
    subject: object = None
    token_file: str = "good"
    cpu_us: list = field(default_factory=list)
    loads: list = field(default_factory=list)

    @property
    def median(self):
        return statistics.median(self.cpu_us)


def quartiles(values):
    if len(values) < 3:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


@dataclass
class Target:
    """`compute` takes what was measured, by the rows' keys; the goal is met when it is at most (or at least) `bound`."""
    text: str
    bound: float
    compute: object
    is_upper: bool = False

    def verdict(self, rows):
        rounds = [self.compute({key: row.cpu_us[i] for key, row in rows.items()}) for i in range(len(next(iter(rows.values())).cpu_us))]
        value = self.compute({key: row.median for key, row in rows.items()})
        low, high = quartiles(rounds)
        is_met = value <= self.bound if self.is_upper else value >= self.bound
        return value, low, high, is_met


TARGETS = (
    Target("warm / nginx, at most", 1.0, lambda us: us["warm"] / us["nginx"], True),
    Target("warm / floor, at most", 1.35, lambda us: us["warm"] / us["floor"], True),
    Target("HAProxy / warm, at least", 8.0, lambda us: us["haproxy"] / us["warm"]),
    Target("HAProxy / cold, at least", 1.4, lambda us: us["haproxy"] / us["cold"]),
    Target("fast-jwt / warm, at least", 6.0, lambda us: us["fast-jwt"] / us["warm"]),
    Target("(cold - warm) / bare EVP_PKEY_verify, at most", 1.6, lambda us: (us["cold"] - us["warm"]) / us["verify"], True),
)


class Comparison:
    def __init__(self, folder, token_count, cache_entries, node_modules, start):
        self.tokens = subjects.Tokens(folder, token_count)
        provider = subjects.bench_provider(self.tokens)
        warm = start(subjects.Bearerd(folder, self.tokens, "bearerd, warm", provider)).start()
        self.cold = start(subjects.Bearerd(folder, self.tokens, "bearerd, cold", provider, cache={"verdictEntries": cache_entries})).start()
        servers = {
            "floor": start(subjects.Floor(folder, self.tokens, event_loops(warm))),
            "nginx": start(subjects.Nginx(folder, self.tokens)),
            "nginx-4k": start(subjects.Nginx(folder, self.tokens, has_large_buffer=True)),
            "warm": warm,
            "cold": self.cold,
            "haproxy": start(subjects.HAProxy(folder, self.tokens)),
            "fast-jwt": start(subjects.FastJwt(folder, self.tokens, node_modules)),
        }
        self.rows = {key: Row(server.name, server, "tokens" if key == "cold" else "good") for key, server in servers.items()}
        self.rows.update({part: Row(part) for part in PARTS})
        self.hits, self.misses = 0.0, 0.0

    @property
    def servers(self):
        return [row for row in self.rows.values() if row.subject]

    def check(self):
        for row in self.servers:
            row.subject.check()

    def run(self, rounds, seconds, say):
        self.check()
        for row in self.servers:
            load.ask_for(row.subject, self.tokens.file(row.token_file), 1)  # caches, compilers, allocators
        before = self.cache_counts()
        for number in range(rounds):
            turn = number % len(self.servers)  # nobody always follows the same neighbour
            for row in self.servers[turn:] + self.servers[:turn]:
                self.measure(row, seconds)
            self.measure_parts(seconds)
            say(f"round {number + 1} of {rounds}: " + ", ".join(f"{key} {row.cpu_us[-1]:.1f}" for key, row in self.rows.items()))
        self.hits, self.misses = (after - first for after, first in zip(self.cache_counts(), before))
        self.check()

    def measure(self, row, seconds):
        seen = load.ask_for(row.subject, self.tokens.file(row.token_file), seconds)
        if seen.failed or seen.refused:
            raise SystemExit(f"{row.name}: {seen.failed} requests failed, {seen.refused} were refused")
        row.cpu_us.append(seen.cpu_us)
        row.loads.append(seen)

    def measure_parts(self, seconds):
        """On the servers' core, in the same rounds: the machine's speed changes from one minute to the next."""
        each_ms = max(50, int(seconds * 1000 / len(PARTS)))
        done = subprocess.run(place.on_cpu(place.SERVER_CPU, [place.built("bench", "bench_parts"), self.tokens.folder, str(each_ms)]),
                              capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            name, microseconds = line.split()
            self.rows[name].cpu_us.append(float(microseconds))

    def cache_counts(self):
        metrics = self.cold.metrics()
        return metrics.sum("bearerd_token_cache_hits_total"), metrics.sum("bearerd_token_cache_misses_total")

    @property
    def cold_hit_share(self):
        return self.hits / (self.hits + self.misses)

    def report(self):
        yield "| server | CPU us per request, median | quartiles | least to most | requests/s | p99 ms |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for row in self.servers:
            low, high = quartiles(row.cpu_us)
            yield (f"| {row.name} | {row.median:.2f} | {low:.2f} to {high:.2f} | {min(row.cpu_us):.2f} to {max(row.cpu_us):.2f} "
                   f"| {statistics.median(one.per_second for one in row.loads):.0f} | {statistics.median(one.p99_us for one in row.loads) / 1000:.2f} |")
        yield ""
        yield f"cold: {self.cold_hit_share:.1%} of the tokens were remembered (to be below 10 %)."
        yield ""
        yield "| target | | measured | quartiles of the rounds | |"
        yield "| --- | ---: | ---: | ---: | --- |"
        for target in TARGETS:
            value, low, high, is_met = target.verdict(self.rows)
            yield f"| {target.text} | {target.bound:g} | {value:.2f} | {low:.2f} to {high:.2f} | {'met' if is_met else 'MISSED'} |"
        yield ""
        yield from self.account()

    def account(self):
        """Where the difference between cold and warm goes."""
        us = {key: row.median for key, row in self.rows.items()}
        parts = [("EVP_PKEY_verify alone", us["verify"]),
                 ("SHA-256 of what is signed, and the calls around", us["signature"] - us["verify"]),
                 ("base64url, strict JSON, header", us["parse"])]
        rest = us["cold"] - us["warm"] - sum(part for _, part in parts)
        yield "| part of cold - warm | us |"
        yield "| --- | ---: |"
        for name, part in [*parts, ("claims, the plugin, the identity, remembering it, and noise", rest)]:
            yield f"| {name} | {part:.2f} |"
        yield f"| together | {us['cold'] - us['warm']:.2f} |"
        yield ""
        yield f"SHA-256 alone costs {us['digest']:.2f} us, the keyed hash that finds a remembered token {us['tag']:.2f} us."

    @property
    def has_met_all(self):
        return self.cold_hit_share < 0.1 and all(target.verdict(self.rows)[3] for target in TARGETS)


def event_loops(bearerd):
    """How many loops the daemon chose: the floor gets as many. Each has an epoll descriptor."""
    folder = f"/proc/{bearerd.process.pid}/fd"
    return sum(os.readlink(os.path.join(folder, fd)) == "anon_inode:[eventpoll]" for fd in os.listdir(folder))
