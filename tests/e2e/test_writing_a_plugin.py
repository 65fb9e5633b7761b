"""docs/writing-a-plugin.md, followed to the letter: in an empty folder, with the installed files alone, up to the real daemon's answer."""
import glob
import os
import re
import subprocess
import unittest

from harness.processes import BUILD, SOURCE, E2eCase, need

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LANGUAGES_OF_FILES = ("cmake", "json", "cpp")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Page:
    """The files that it shows, the commands that it gives, and the answer that it promises."""

    def __init__(self, text):
        self.files, self.commands, self.promised = {}, [], []
        for block in FENCE.finditer(text):
            language, content = block.groups()
            if language in LANGUAGES_OF_FILES:
                # The last file that is named before the block.
                names = re.findall(r"`([\w.]+\.(?:txt|json|cpp))`", text[:block.start()].rsplit("```", 1)[-1])
                assert names, f"no name for {content[:40]}"
                self.files[names[-1]] = content
            elif language == "sh":
                self.commands.append(content)
            elif language == "http":
                self.promised += content.splitlines()


class InstalledCase(E2eCase):
    """The SDK and the daemon, installed into a prefix of this test's own; nothing of the source tree is on any path."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.path("prefix")
        for component in ("daemon", "sdk"):
            subprocess.run([need("cmake"), "--install", BUILD, "--component", component, "--prefix", cls.prefix], check=True,
                           stdout=subprocess.DEVNULL, timeout=120)
        cls.page = Page(read(os.path.join(cls.prefix, "share", "doc", "bearerd-sdk", "writing-a-plugin.md")))
        pkg_config = os.path.dirname(glob.glob(os.path.join(cls.prefix, "lib", "**", "bearerd-sdk.pc"), recursive=True)[0])
        cls.environment = {
            "PATH": os.pathsep.join([os.path.join(cls.prefix, "bin"), os.path.join(cls.prefix, "sbin"), os.environ["PATH"]]),
            "CMAKE_PREFIX_PATH": cls.prefix, "PKG_CONFIG_PATH": pkg_config, "HOME": cls.folder, "LC_ALL": "C.UTF-8"}

    def run_shell(self, script, folder, timeout=280, environment=None):
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment or self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False)

    def new_folder(self, name, files):
        folder = self.path(name)
        os.mkdir(folder, 0o755)
        for file_name, text in files.items():
            with open(os.path.join(folder, file_name), "w", encoding="utf-8") as file:
                file.write(text)
        return folder


class WritingAPluginTest(InstalledCase):
    def test_page_leads_from_an_empty_folder_to_an_answer_of_the_daemon(self):
        for program in ("curl", "openssl", "pkg-config"):
            need(program)
        folder = self.new_folder("acme", self.page.files)
        done = self.run_shell("trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "\n".join(self.page.commands), folder)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("100% tests passed, 0 tests failed out of 2", done.stdout)
        self.assertIn("acme: 13 passed, 0 failed, 0 skipped", done.stdout)
        self.assertIn("settings are good: 0 faults, 0 warnings", done.stdout)
        self.assertEqual(len(self.page.promised), 4)
        answered = [line.strip() for line in done.stdout.splitlines()]
        for line in self.page.promised:
            self.assertIn(line, answered, done.stdout)
        self.assertTrue(glob.glob(os.path.join(self.prefix, "lib", "**", "bearerd", "plugins", "acme.so"), recursive=True))

    def test_page_and_example_are_the_same(self):
        example = os.path.join(SOURCE, "sdk", "example")
        self.assertEqual(set(self.page.files), set(os.listdir(example)))
        for name, text in self.page.files.items():
            with self.subTest(name):
                self.assertEqual(text, read(os.path.join(example, name)))

    def test_test_of_the_page_can_fail(self):
        files = dict(self.page.files)
        files["acme.cpp"] = files["acme.cpp"].replace('"employee", "number"', '"employee", "name"')
        self.assertNotEqual(files["acme.cpp"], self.page.files["acme.cpp"])
        folder = self.new_folder("broken", files)
        done = self.run_shell(self.page.commands[0], folder)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("0% tests passed, 2 tests failed out of 2", done.stdout)
        self.assertIn("missing_claim", done.stdout)


class InstalledSdkTest(InstalledCase):
    def configure(self, name, find_package):
        files = dict(self.page.files)
        files["CMakeLists.txt"] = files["CMakeLists.txt"].replace("find_package(bearerd-sdk 1.0 REQUIRED)", find_package)
        return self.run_shell("cmake -B build", self.new_folder(name, files))

    def test_package_of_another_version_is_refused(self):
        for name, version in (("newer", "1.999"), ("other-major", "2.0")):
            done = self.configure(name, f"find_package(bearerd-sdk {version} REQUIRED)")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f'compatible with requested version "{version}"', " ".join(done.stdout.split()))

    def test_plugin_builds_with_pkg_config_alone(self):
        folder = self.new_folder("by-hand", {"hand.c": '''#include <bearerd/plugin_abi.h>
static bearerd_status create(const bearerd_host* host, const bearerd_object* settings, const bearerd_refusal* refusal, bearerd_instance** instance) {
  static char self; (void)host; (void)settings; (void)refusal; *instance = (bearerd_instance*)(void*)&self; return BEARERD_DONE; }
static void destroy(bearerd_instance* instance) { (void)instance; }
static bearerd_status trust(const bearerd_instance* instance, const bearerd_trust_sink* sink) { (void)instance; (void)sink; return BEARERD_DONE; }
static bearerd_verdict check(const bearerd_instance* instance, const bearerd_token* token) { (void)instance; (void)token; return BEARERD_ACCEPT; }
static bearerd_status identify(const bearerd_instance* instance, const bearerd_token* token, const bearerd_identity_sink* sink) {
  (void)instance; (void)token; (void)sink; return BEARERD_DONE; }
BEARERD_PLUGIN_EXPORT const bearerd_plugin bearerd_plugin_v1 = {sizeof(bearerd_plugin), BEARERD_PLUGIN_ABI_MINOR, "hand", "1",
  "{\\"description\\": \\"by hand\\", \\"settings\\": []}", create, destroy, trust, check, identify, 0, 0};
int helper(void); int helper(void) { return 1; }
'''})
        done = self.run_shell("cc -std=c99 -shared -fPIC -fvisibility=hidden $(pkg-config --cflags bearerd-sdk) hand.c -o hand.so "
                              "-Wl,--version-script=$(pkg-config --variable=export_map bearerd-sdk)\nbearerd-plugin-check hand.so\n"
                              "pkg-config --atleast-version=1.0 bearerd-sdk", folder)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_nothing_of_the_daemon_is_installed_with_the_sdk(self):
        names = {os.path.relpath(name, os.path.join(self.prefix, "include"))
                 for name in glob.glob(os.path.join(self.prefix, "include", "**", "*"), recursive=True) if os.path.isfile(name)}
        tree = os.path.join(SOURCE, "sdk", "include")
        ours = {os.path.relpath(name, tree) for name in glob.glob(os.path.join(tree, "**", "*"), recursive=True) if os.path.isfile(name)}
        self.assertEqual(names, ours)
        for name in glob.glob(os.path.join(self.prefix, "include", "**", "*.h*"), recursive=True):
            for header in re.findall(r'#include "([^"]+)"', read(name)):
                self.assertTrue(header.startswith("bearerd/"), f"{name} includes {header}")
        self.assertEqual(glob.glob(os.path.join(self.prefix, "**", "*.a"), recursive=True), [])
        for name in glob.glob(os.path.join(self.prefix, "lib", "**", "*.cmake"), recursive=True):
            self.assertNotIn(SOURCE, read(name), name)
            self.assertNotIn(BUILD, read(name), name)

    def test_testing_library_exports_its_functions_alone(self):
        library = glob.glob(os.path.join(self.prefix, "lib", "**", "libbearerd-testing.so"), recursive=True)[0]
        listed = subprocess.run([need("nm"), "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
        names = {line.split()[-1].split("@")[0] for line in listed.splitlines() if line.split()[-2] != "A"}
        self.assertEqual(names, {"bearerd_bench_open", "bearerd_bench_ask", "bearerd_bench_ask_opaque", "bearerd_bench_look_up", "bearerd_bench_close"})


if __name__ == "__main__":
    unittest.main()
