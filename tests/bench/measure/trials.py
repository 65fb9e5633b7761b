"""What a benchmark of requests does not show: idle connections, memory, reloads, starts. Each trial gives lines to print and whether its
target was met."""
import collections
import resource
import selectors
import statistics
import threading
import time

from . import load, place, subjects
from .providers import Issuer
from harness import web  # pylint: disable=wrong-import-order


def request(token):
    return web.request_bytes(subjects.TARGET, headers=[("Authorization", f"Bearer {token}"), ("X-Original-Method", "GET"),
                                                       ("X-Original-URI", "/")])


class BusyClients:
    """Connections that each ask again as soon as they are answered; knows how long each one waited at most."""

    def __init__(self, port, token, count):
        self.connections = [web.Connection(("127.0.0.1", port)) for _ in range(count)]
        self.question = request(token)

    def run(self, seconds):
        answers, longest = collections.Counter(), collections.Counter()
        asked = {}
        with selectors.DefaultSelector() as selector:
            for number, connection in enumerate(self.connections):
                selector.register(connection.socket, selectors.EVENT_READ, number)
                asked[number] = time.monotonic()
                connection.send(self.question)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for key, _ in selector.select(0.1):
                    number = key.data
                    answer = self.connections[number].read()
                    now = time.monotonic()
                    if answer.status != 200:
                        raise SystemExit(f"a busy connection was answered {answer}")
                    answers[number] += 1
                    longest[number] = max(longest[number], now - asked[number])
                    asked[number] = now
                    self.connections[number].send(self.question)
        return answers, longest


def idle(folder, seconds, start):
    """1000 connections are held, 64 are served; each of both kinds gets its answers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the shell's usual 1024 are too few
    tokens = subjects.Tokens(folder, 1)
    server = start(subjects.Bearerd(folder, tokens, "bearerd", subjects.bench_provider(tokens))).start()
    server.check()
    token = tokens.text("good")
    held = [web.Connection(("127.0.0.1", server.port)) for _ in range(1000)]
    for connection in held:
        connection.send(request(token))
        assert connection.read().status == 200
    waits = []
    busy = BusyClients(server.port, token, 64)
    stopping = threading.Event()

    def ask_the_held():
        """In turns, while the others keep the server busy."""
        number = 0
        while not stopping.wait(0.02):
            connection, number = held[number % len(held)], number + 1
            asked = time.monotonic()
            connection.send(request(token))
            assert connection.read().status == 200
            waits.append(time.monotonic() - asked)

    asker = threading.Thread(target=ask_the_held)
    asker.start()
    answers, longest = busy.run(seconds)
    stopping.set()
    asker.join()
    crowded = load.ask_for(server, tokens.file("good"), seconds)
    for connection in held:  # all are still there
        connection.send(request(token))
        assert connection.read().status == 200
    is_met = len(answers) == 64 and min(answers.values()) > 0 and max(longest.values()) < 1 and crowded.failed == 0 and crowded.refused == 0
    return [
        f"64 busy connections beside 1000 idle ones: {min(answers.values())} to {max(answers.values())} answers each in {seconds} s, "
        f"the longest wait {max(longest.values()) * 1000:.1f} ms (the client is Python and the limit here).",
        f"{len(waits)} requests on idle connections meanwhile: median {statistics.median(waits) * 1000:.1f} ms, longest {max(waits) * 1000:.1f} ms; "
        "all 1000 answered at the end.",
        f"wrk on 64 connections beside them: {crowded.per_second:.0f} requests/s, {crowded.cpu_us:.2f} us CPU each, p99 {crowded.p99_us / 1000:.2f} ms, "
        f"longest {crowded.max_us / 1000:.1f} ms, {crowded.failed} failed.",
        f"nobody waits: {'met' if is_met else 'MISSED'}",
    ], is_met


def resident_mb(pid):
    return int(next(line.split()[1] for line in place.read(f"/proc/{pid}/status").splitlines() if line.startswith("VmRSS"))) / 1024


def memory(folder, start):
    """Resident memory with seven providers, their keys fetched over HTTPS, and no token remembered."""
    issuer = start(Issuer(folder))
    server = start(subjects.Bearerd(folder, None, "bearerd", issuer.providers())).start()
    loaded = server.metrics().sum("bearerd_jwks_keys")
    resident = resident_mb(server.process.pid)
    is_met = resident <= 25 and server.metrics().sum("bearerd_token_cache_entries") == 0
    return [f"resident with {len(server.settings['identityProviders'])} providers, {loaded:.0f} keys and an empty cache: "
            f"{resident:.1f} MB (at most 25): {'met' if is_met else 'MISSED'}"], is_met


def reload(folder, rounds, seconds, start):
    """A reload that changes the provider every second, with pauses for 30 % of what the server can do (the share reached is another: whole
    milliseconds, and answers take their time); rounds with and without in turns."""
    tokens = subjects.Tokens(folder, 1)
    server = start(subjects.Bearerd(folder, tokens, "bearerd", subjects.bench_provider(tokens))).start()
    server.check()
    full = load.ask_for(server, tokens.file("good"), seconds)
    connections = 64
    pause_ms = max(1, round(connections * 1000 / (0.3 * full.per_second)))
    seen = {False: [], True: []}
    before = reloads_of(server)
    for _ in range(rounds):
        for has_reloads in (False, True):
            stopping = threading.Event()
            thread = threading.Thread(target=change_every_second, args=(server, stopping))
            if has_reloads:
                thread.start()
            seen[has_reloads].append(load.ask_for(server, tokens.file("good"), seconds, pause_ms, connections))
            stopping.set()
            if has_reloads:
                thread.join()
    done = reloads_of(server) - before
    p99 = {kind: statistics.median(one.p99_us for one in loads) for kind, loads in seen.items()}
    share = statistics.median(one.per_second for one in seen[True]) / full.per_second
    unanswered = sum(one.failed + one.refused for loads in seen.values() for one in loads)
    is_met = unanswered == 0 and done >= rounds * (seconds - 1) and (p99[True] <= 2 * p99[False] or p99[True] - p99[False] <= 2000)
    spread = {kind: ", ".join(f"{one.p99_us / 1000:.2f}" for one in loads) for kind, loads in seen.items()}
    return [
        f"{done:.0f} reloads in {rounds} x {seconds} s at {share:.0%} of {full.per_second:.0f} requests/s; {unanswered} requests failed or were refused.",
        f"p99 without {p99[False] / 1000:.2f} ms ({spread[False]}), with {p99[True] / 1000:.2f} ms ({spread[True]}).",
        f"no failed request, p99 at most 2 x or 2 ms more: {'met' if is_met else 'MISSED'}",
    ], is_met


def reloads_of(server):
    return server.metrics().sum("bearerd_config_reloads_total", kind="static", result="success")


def change_every_second(server, stopping):
    while True:
        provider = server.settings["identityProviders"]["bench"]
        provider["audience"] = [subjects.AUDIENCE] if isinstance(provider["audience"], list) and len(provider["audience"]) > 1 \
            else [subjects.AUDIENCE, "another-api-of-ours"]
        server.write()
        if stopping.wait(1):
            return


def starts(folder, count, start):
    """From the start of the process to a ready answer, with seven providers whose issuer is gone: the keys come from the disk."""
    issuer = start(Issuer(folder))
    server = start(subjects.Bearerd(folder, None, "bearerd", issuer.providers())).start()
    token = issuer.token()
    assert server.status(token) == 200
    server.stop()
    issuer.stop()
    taken = []
    for _ in range(count):
        begin = time.monotonic()
        taken.append(time_to_ready(server, begin) * 1000)
        assert server.status(token) == 200
        server.stop()
    median = statistics.median(taken)
    return [f"{count} starts with seven providers from the disk cache: median {median:.0f} ms, {min(taken):.0f} to {max(taken):.0f} "
            f"(at most 150): {'met' if median <= 150 else 'MISSED'}"], median <= 150


def time_to_ready(server, begin):
    server.begin()
    while True:
        try:
            if server.is_ready():
                return time.monotonic() - begin
        except OSError:
            pass
        if time.monotonic() - begin > 20 or not server.process.is_running():
            raise SystemExit(f"bearerd does not get ready: {server.process.log()[-2000:]}")
        time.sleep(0.001)

