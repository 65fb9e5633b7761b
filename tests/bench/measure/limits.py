"""What authorization and limits add to a request, in interleaved rounds."""
import json
import os
import statistics

from . import comparison, load, subjects

DEPLOYMENT = "gpt-4"
BOUND = 0.2  # of the floor
# As many as a role may have; none of them is ever reached.
LIMITS = {name: 10 ** 12 for name in ("minute", "day", "week", "month", "requestHour", "requestDay")}
COST = {name: 10 ** 6 for name in ("minute", "day", "week", "month")}


def limited_settings(folder):
    path = os.path.join(folder, "limits.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"models": {DEPLOYMENT: {}}, "roles": {"default": {"limits": {DEPLOYMENT: LIMITS}, "costLimit": COST}}}, file)
    return {"files": [path]}


def limits(folder, rounds, seconds, start):
    """The same daemon is asked on /verify with and without a deployment; the bound is a share of the floor."""
    tokens = subjects.Tokens(folder, 64)
    daemon = start(subjects.Bearerd(folder, tokens, "bearerd", subjects.bench_provider(tokens), config=limited_settings(folder))).start()
    floor = start(subjects.Floor(folder, tokens, comparison.event_loops(daemon)))
    servers = {"floor": (floor, None), "token only": (daemon, None), "with all ten limits": (daemon, DEPLOYMENT)}
    cpu_us = {name: [] for name in servers}
    for number in range(rounds + 1):  # the first one warms up
        names = list(servers)
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            subject, deployment = servers[name]
            seen = load.ask_for(subject, tokens.file("good"), seconds, target="/verify", resource=deployment)
            if seen.failed or seen.refused:
                raise SystemExit(f"{name}: {seen.failed} requests failed, {seen.refused} were refused")
            if number > 0:
                cpu_us[name].append(seen.cpu_us)
    shares = [(limited - plain) / least for least, plain, limited in zip(*cpu_us.values())]
    share = statistics.median(shares)
    lines = ["| server | CPU us per request, median |", "| --- | ---: |"]
    lines += [f"| {name} | {statistics.median(values):.2f} |" for name, values in cpu_us.items()]
    lines += ["", f"authorization and limits add {share:.2f} of the floor ({min(shares):.2f} to {max(shares):.2f}); to be at most {BOUND}: "
              + ("met" if share <= BOUND else "MISSED")]
    return lines, share <= BOUND
