"""Programs that measure by themselves and end with 1 where a bound is missed."""
import subprocess

from . import place


def program(name, *arguments):
    done = subprocess.run(place.on_cpu(place.SERVER_CPU, [place.built("bench", name), *map(str, arguments)]),
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.splitlines(), done.returncode == 0
