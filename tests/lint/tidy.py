#!/usr/bin/env python3
"""tidy.py BUILD_DIR [JOBS]: clang-tidy over what is shipped, by the build's compile commands. A file that was found clean is not
looked at again, in whatever checkout, until it, a header that it sees, its command, the checks or clang-tidy change.
TIDY_CHECKS is added to the checks of .clang-tidy."""
import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import sys

import sources

FOLDERS = ("daemon/", "plugins/", "ctl/", "sdk/")
CLEAN = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "bearerd-tidy")
TIDY = "clang-tidy-19"
CHECKS = os.environ.get("TIDY_CHECKS", "")


def entries(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            name = os.path.relpath(entry["file"], sources.ROOT)
            if name.startswith(FOLDERS):
                yield name, entry


def fingerprint(entry, rules):
    """Of everything that the compiler reads, and how; the same wherever the checkout is."""
    command = shlex.split(entry["command"])
    command = command[1:] if os.path.basename(command[0]) == "ccache" else command
    output = command.index("-o")
    command = command[:output] + command[output + 2:]
    preprocessed = subprocess.run([*command, "-E"], cwd=entry["directory"], capture_output=True, check=True).stdout
    root = sources.ROOT.encode()
    return hashlib.sha256(b"\0".join([rules, *(part.replace(root, b".") for part in (shlex.join(command).encode(), preprocessed))])).hexdigest()


def tidy(build, name, entry, rules):
    """The complaint, or nothing."""
    mark = os.path.join(CLEAN, fingerprint(entry, rules))
    if os.path.exists(mark):
        return ""
    done = subprocess.run([TIDY, "-p", build, "--quiet", f"--checks={CHECKS}", os.path.join(sources.ROOT, name)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        with open(mark, "w", encoding="ascii"):
            return ""
    return done.stdout or done.stderr


def main(build, jobs):
    os.makedirs(CLEAN, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    rules = version + sources.read(".clang-tidy").encode() + CHECKS.encode()
    complaints = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(tidy, build, name, entry, rules): name for name, entry in entries(build)}
        for count, done in enumerate(concurrent.futures.as_completed(running), 1):
            complaint = done.result()
            if complaint:
                complaints.append(f"{running[done]}:\n{complaint}")
            print(f"[{count}/{len(running)}] {running[done]}{': faults' if complaint else ''}", flush=True)
    print("\n".join([*complaints, f"tidy: {len(complaints)} files with faults"]) if complaints else "tidy: ok")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()))
