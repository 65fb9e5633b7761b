#!/usr/bin/env python3
"""tidy.py BUILD_DIR [JOBS]: clang-tidy over what is shipped, by the build's compile commands. A file that was found clean is not
looked at again, in whatever checkout, until it, a header that it sees, its command, the checks or clang-tidy change.
Files are looked at several at a time, as one unit, since most of the time goes into the headers that they share. Only when there are
faults is each looked at alone.
TIDY_CHECKS is added to the checks of .clang-tidy."""
import collections
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import sources

FOLDERS = ("daemon/", "plugins/", "ctl/", "sdk/")
CLEAN = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "bearerd-tidy")
TIDY = "clang-tidy-19"
CHECKS = os.environ.get("TIDY_CHECKS", "")
AT_ONCE = 12  # files in a unit; more save little and need more memory

# command: what the compiler is called with, without the file and what is made of it.
File = collections.namedtuple("File", "name folder command mark")


def compiled(build):
    """(name, folder, command) of every file."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            name = os.path.relpath(entry["file"], sources.ROOT)
            if name.startswith(FOLDERS):
                command = shlex.split(entry["command"])
                start = 1 if os.path.basename(command[0]) == "ccache" else 0
                yield name, entry["directory"], tuple(command[start:command.index("-o")])


def identified(rules, name, folder, command):
    """With a mark of everything that the compiler reads, and how; the same wherever the checkout is."""
    preprocessed = subprocess.run([*command, "-E", os.path.join(sources.ROOT, name)], cwd=folder, capture_output=True, check=True).stdout
    root = sources.ROOT.encode()
    seen = (part.replace(root, b".") for part in (shlex.join(command).encode(), preprocessed))
    return File(name, folder, command, os.path.join(CLEAN, hashlib.sha256(b"\0".join([rules, *seen])).hexdigest()))


def units(files):
    """Of files in one folder that are compiled in one way."""
    alike = collections.defaultdict(list)
    for file in files:
        alike[os.path.dirname(file.name), file.folder, file.command].append(file)
    for group in alike.values():
        count = -(-len(group) // AT_ONCE)
        yield from (group[i::count] for i in range(count))


def source_of(unit, scratch):
    if len(unit) == 1:
        return os.path.join(sources.ROOT, unit[0].name)
    source = os.path.join(scratch, hashlib.sha256(unit[0].name.encode()).hexdigest() + ".cpp")
    with open(source, "w", encoding="utf-8") as file:
        file.writelines(f'#include "{os.path.join(sources.ROOT, each.name)}"\n' for each in unit)
    return source


def clashing(unit, scratch):
    """The first file that does not compile behind those before it (they have a name in common); None when all do."""
    if len(unit) == 1:
        return None
    source = source_of(unit, scratch)
    done = subprocess.run([*unit[0].command, "-fsyntax-only", "-Wfatal-errors", source], cwd=unit[0].folder, capture_output=True, text=True, check=False)
    place = re.search(re.escape(source) + r":(\d+):", done.stderr)
    return unit[int(place[1]) - 1] if place else None


def compatible(unit, scratch):
    """The unit, in as many as it takes for each to compile."""
    aside = []
    while clash := clashing(unit, scratch):
        unit.remove(clash)
        aside.append(clash)
    return [unit, *compatible(aside, scratch)] if aside else [unit]


def complaint_about(unit, scratch):
    """What clang-tidy says; nothing when it is content."""
    first = unit[0]
    checks = CHECKS if len(unit) == 1 else f"{CHECKS},-bugprone-suspicious-include"
    command = [TIDY, "--quiet", f"--config-file={os.path.join(sources.ROOT, '.clang-tidy')}", f"--checks={checks}", source_of(unit, scratch),
               "--", *first.command[1:]]
    done = subprocess.run(command, cwd=first.folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout or done.stderr


def tidy(unit, scratch):
    """The complaints."""
    complaint = complaint_about(unit, scratch)
    if not complaint:
        for file in unit:
            with open(file.mark, "w", encoding="ascii"):
                pass
        return []
    if len(unit) == 1:
        return [f"{unit[0].name}:\n{complaint}"]
    return [complaint for file in unit for complaint in tidy([file], scratch)]


def main(build, jobs):
    os.makedirs(CLEAN, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    rules = version + sources.read(".clang-tidy").encode() + CHECKS.encode()
    complaints = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool, tempfile.TemporaryDirectory() as scratch:
        files = list(pool.map(lambda entry: identified(rules, *entry), compiled(build)))
        todo = [file for file in files if not os.path.exists(file.mark)]
        print(f"{len(todo)} of {len(files)} files to look at", flush=True)
        grouped = [unit for parts in pool.map(lambda unit: compatible(unit, scratch), units(todo)) for unit in parts]
        running = {pool.submit(tidy, unit, scratch): unit for unit in sorted(grouped, key=len, reverse=True)}
        for count, done in enumerate(concurrent.futures.as_completed(running), 1):
            complaints += done.result()
            names = " ".join(file.name for file in running[done])
            print(f"[{count}/{len(running)}] {names}{': faults' if done.result() else ''}", flush=True)
    print("\n".join([*complaints, f"tidy: {len(complaints)} files with faults"]) if complaints else "tidy: ok")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()))
