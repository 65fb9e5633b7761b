"""Where things are, and what they run on. Importing this makes the end-to-end harness importable."""
import os
import platform
import re
import subprocess
import sys

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BUILD = os.environ.setdefault("E2E_BUILD", os.path.join(SOURCE, "build", "release"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "e2e"))

# The load has a core of its own, so that it does not compete with what is measured.
SERVER_CPU, LOAD_CPU = 1, 0


def on_cpu(cpu, argv):
    return ["taskset", "-c", str(cpu), *argv]


def built(*path):
    return os.path.join(BUILD, *path)


def subject_file(name):
    return os.path.join(SOURCE, "tests", "bench", "subjects", name)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def output_of(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def machine():
    """Lines that say what was measured on, and with what."""
    model = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = int(re.search(r"MemTotal:\s+(\d+)", read("/proc/meminfo")).group(1)) / 2**20
    system = re.search(r'PRETTY_NAME="(.*)"', read("/etc/os-release")).group(1)
    versions = {
        "bearerd": output_of(built("bin", "bearerd"), "--version"),
        "OpenSSL": output_of("openssl", "version"),
        "nginx": output_of("nginx", "-v").removeprefix("nginx version: "),
        "HAProxy": output_of("haproxy", "-v").split("\n")[0],
        "Node": output_of("node", "--version"),
    }
    return [f"{os.cpu_count()} x {model.group(1) if model else platform.machine()}, {memory:.0f} GiB, {system}, kernel {platform.release()}",
            ", ".join(text if text.lower().startswith(name.lower()) else f"{name} {text}" for name, text in versions.items())]


TARGETS = ("bearerd", "plugins/all", "bench_floor", "bench_tokens", "bench_parts", "bench_limits", "bench_routes", "demo-issuer")


def build():
    launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("C", "CXX")] if output_of("which", "ccache") else []
    for step in (["cmake", "--preset", "release", "-DBEARERD_TESTS=ON", *launcher], ["cmake", "--build", BUILD, "--target", *TARGETS]):
        done = subprocess.run(step, cwd=SOURCE, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout[-4000:] + done.stderr[-4000:])
