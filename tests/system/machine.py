"""A booted systemd in a container, thrown away after the test: systemd-nspawn over a base system whose changes stay in memory."""
import os
import shutil
import signal
import subprocess
import tempfile

from harness.processes import eventually

BASE = os.environ.get("SYSTEM_BASE", "")
HIERARCHIES = ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")


class Machine:
    """Shares the caller's network, which is one without a way out; so the test's own programs and the container meet on loopback."""
    count = 0

    def __init__(self, shared):
        """`shared`: a folder of the host that is /mnt there."""
        Machine.count += 1
        self.name = f"bearerd-test-{os.getpid()}-{Machine.count}"
        self.console = tempfile.NamedTemporaryFile(prefix=self.name, suffix=".console")
        self.cgroups = [os.path.join(hierarchy, self.name) for hierarchy in HIERARCHIES if self._make_cgroup(hierarchy)]
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={BASE}", "--volatile=overlay", "--boot", "--register=no", "--keep-unit",
             f"--machine={self.name}", f"--bind-ro={shared}:/mnt"],
            stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console, preexec_fn=self._enter_cgroups)
        self.leader = None
        try:
            self.leader = eventually(self._find_leader, "systemd-nspawn starts systemd", 30)
            eventually(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"),
                       "the machine is up", 60, pause=0.2)
        except AssertionError as error:
            self.stop()
            with open(self.console.name, encoding="utf-8", errors="replace") as console:
                raise AssertionError(f"{error}: {console.read()[-3000:]}") from None

    def _make_cgroup(self, hierarchy):
        if not os.path.exists(os.path.join(hierarchy, "cgroup.procs")):
            return False
        os.mkdir(os.path.join(hierarchy, self.name))
        return True

    def _enter_cgroups(self):
        for cgroup in self.cgroups:
            with open(os.path.join(cgroup, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write(str(os.getpid()))

    def _find_leader(self):
        if self.nspawn.poll() is not None:
            raise RuntimeError(f"systemd-nspawn ended with {self.nspawn.returncode}")
        with open(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children", encoding="ascii") as file:
            for child in file.read().split():
                with open(f"/proc/{child}/comm", encoding="ascii") as name:
                    if name.read().strip() == "systemd":
                        return int(child)
        return None

    def run(self, *argv, check=True, stdin=None):
        """A program inside, as root."""
        done = subprocess.run(["nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd",
                               "--", *argv], input=stdin, capture_output=True, text=True, timeout=180, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{argv} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def shell(self, text, check=True):
        return self.run("/bin/sh", "-ec", text, check=check)

    def path(self, path):
        """A path inside, as the host sees it."""
        return f"/proc/{self.leader}/root{path}"

    def write(self, path, text, mode=0o644):
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(path), mode)

    def show(self, unit, name):
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    def stop(self):
        if self.nspawn.poll() is None:
            if self.leader:
                self.run("systemctl", "poweroff", "--force", check=False)
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                self.nspawn.send_signal(signal.SIGKILL)
                self.nspawn.wait()
        for cgroup in self.cgroups:
            for folder, _, _ in os.walk(cgroup, topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass
        self.console.close()


def repacked(package, folder, version):
    """The same package as a newer version."""
    tree = os.path.join(folder, "tree-" + version)
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = os.path.join(tree, "DEBIAN", "control")
    with open(control, encoding="utf-8") as file:
        lines = [f"Version: {version}" if line.startswith("Version:") else line for line in file.read().splitlines()]
    with open(control, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    made = os.path.join(folder, f"bearerd_{version}.deb")
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, made], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return made
