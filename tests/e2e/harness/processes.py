"""Programs, ports, folders and waiting. Nothing here sleeps for a fixed time: it polls what it waits for, up to a deadline."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BUILD = os.environ.get("E2E_BUILD") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "..", "..", "build", "dev"))
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
IS_STRICT = os.environ.get("E2E_STRICT") == "1"


def missing(what):
    """A counterpart is not there: scripts/test puts it there and insists, a lone run may go without, and says so."""
    text = f"COUNTERPART MISSING, NOT TESTED: {what} (scripts/test installs it)"
    if IS_STRICT:
        raise AssertionError(text)
    raise unittest.SkipTest(text)


def need(program):
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return found or missing(program)


def built(*path):
    return os.path.join(BUILD, *path)


# What the kernel gives to connections and to port 0: a port from there could be somebody's connection before its server binds it.
def _ports_for_servers():
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first, last = map(int, file.read().split())
    return [port for port in range(10000, 65536) if not first <= port <= last]


_ours = []


def free_port(among=None):
    """A port that no other test gets while this process lives: it is claimed by an abstract socket of its name, whose end is the process's."""
    candidates = list(among or _ports_for_servers())
    start = os.getpid() % len(candidates)
    for port in candidates[start:] + candidates[:start]:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0bearerd-test-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _ours.append(claim)
        return port
    raise AssertionError("every port is taken")


def eventually(check, what, seconds=10.0, pause=0.02):
    """Gives check()'s first true value; fails with `what` and the last value or error when the deadline passes."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = check()
            if last:
                return last
        except (OSError, AssertionError, ValueError) as error:
            last = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {what} (last: {last!r})")
        time.sleep(pause)


def accepts(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


class Process:
    """A program with its output in a file. Started at once; stop() is safe to call twice."""

    def __init__(self, argv, log, env=None, cwd=None):
        self.argv = argv
        self.log_path = log
        with open(log, "ab") as output:
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=cwd)

    @property
    def pid(self):
        return self.child.pid

    def is_running(self):
        return self.child.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_until(self, check, what, seconds=15.0):
        def look():
            if not self.is_running():
                raise RuntimeError(f"{self.argv[0]} ended with {self.child.returncode}: {self.log()[-3000:]}")
            return check()
        try:
            return eventually(look, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()[-3000:]}") from None

    def wait(self, seconds=15.0):
        return self.child.wait(seconds)

    def send_signal(self, number):
        self.child.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=15.0):
        if self.is_running():
            self.child.send_signal(number)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise AssertionError(f"{self.argv[0]} did not stop within {seconds} s of {number!r}") from None
        return self.child.returncode


class E2eCase(unittest.TestCase):
    """A test class with a folder of its own; what it starts is stopped in the opposite order, whatever happens."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="bearerd-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    @classmethod
    def start(cls, thing):
        """Anything with stop()."""
        cls.addClassCleanup(thing.stop)
        return thing

    @classmethod
    def path(cls, *parts):
        return os.path.join(cls.folder, *parts)

    def own_folder(self):
        """A folder for one test alone."""
        folder = tempfile.mkdtemp(prefix="bearerd-e2e-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def start_here(self, thing):
        self.addCleanup(thing.stop)
        return thing
