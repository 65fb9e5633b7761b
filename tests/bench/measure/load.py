"""Load from wrk, and what it cost the server."""
import json
import os
import subprocess
from dataclasses import dataclass

from . import place

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids):
    """User and system time of these processes, all threads."""
    total = 0
    for pid in pids:
        fields = place.read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def family(pid):
    """The process and its children's children."""
    found = [pid]
    for child in place.read(f"/proc/{pid}/task/{pid}/children").split():
        found += family(int(child))
    return found


@dataclass
class Load:
    requests: int
    seconds: float
    cpu_us: float  # of the server, for one request
    p50_us: int
    p99_us: int
    max_us: int
    failed: int   # no answer, a broken connection, or too late
    refused: int  # an answer that is not 2xx or 3xx

    @property
    def per_second(self):
        return self.requests / self.seconds


def ask_for(subject, tokens, seconds, pause_ms=None, connections=64, target="/verify/nginx", resource=None):
    """All connections ask as fast as they can, or with pauses. `tokens`: a file, a token a line. `resource`: of X-Bearerd-Resource."""
    arguments = [tokens, str(pause_ms or 0)] + ([resource] if resource else [])
    command = place.on_cpu(place.LOAD_CPU, [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "2s", "-s", place.subject_file("load.lua"),
        f"http://127.0.0.1:{subject.port}{target}", "--", *arguments])
    pids = family(subject.process.pid)
    before = cpu_seconds(pids)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    used = cpu_seconds(pids) - before
    if done.returncode != 0:
        raise RuntimeError(f"wrk: {done.stdout[-500:]}{done.stderr[-500:]}")
    seen = json.loads(done.stdout.strip().split("\n")[-1])
    return Load(requests=seen["requests"], seconds=seen["microseconds"] / 1e6, cpu_us=used * 1e6 / max(1, seen["requests"]),
                p50_us=seen["p50"], p99_us=seen["p99"], max_us=seen["max"], failed=seen["failed"], refused=seen["refused"])
