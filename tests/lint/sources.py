"""The files of the tree that are ours, as the checks see them."""
import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def listed(*patterns):
    """Paths below the root, known to git or about to be, that end in one of the patterns."""
    command = ["git", "-C", ROOT, "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        names = [os.path.relpath(os.path.join(folder, name), ROOT) for folder, _, files in os.walk(ROOT) for name in files]
        names = [name for name in names if not name.startswith(("build/", "."))]
    return sorted(name for name in set(names) if name.endswith(patterns) and os.path.exists(os.path.join(ROOT, name)))


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def untested(what, program):
    """The fault that a missing program is where all of them have to be there; a remark elsewhere."""
    text = f"{what}: not tested, {program} is missing"
    if os.environ.get("E2E_STRICT") == "1":
        return [text]
    print(text)
    return []


def report(what, faults):
    """Prints the faults and gives the exit code."""
    for fault in faults:
        print(fault)
    print(f"{what}: {len(faults)} faults" if faults else f"{what}: ok")
    return 1 if faults else 0
