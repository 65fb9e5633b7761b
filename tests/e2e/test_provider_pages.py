"""What docs/providers shows can be pasted, and what it says about a trap is true."""
import json
import os
import re
import unittest

from harness.daemon import Bearerd
from harness.processes import SOURCE, E2eCase

NAMES = ("auth0", "cognito", "entra", "google", "keycloak", "oidc", "okta")
TRAP_ROW = re.compile(r"^\| (\d+) \|.*\| ([^|]+) \|$", re.M)
HABIT_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$", re.M)
# What differs between the vendors, and what its tests are called.
HABITS = {"slash": "slash", "discovery": "discovery", "JWT": "jwt", "audience": "audience", "client": "client", "kind": "kind", "scopes": "scopes",
          "roles": "roles", "user id": "user", "machines": "machine", "algorithms": "algorithms", "key's `alg`": "key_alg",
          "introspection": "introspection", "revocation": "revocation"}
NOT_HANDLED = re.compile(r"not handled: \S.{20,}")
# How many numbered traps each vendor has.
TRAPS = {"auth0": 10, "cognito": 8, "entra": 12, "google": 9, "keycloak": 11, "oidc": 0, "okta": 9}
HEADINGS = ("## A token", "## What is checked, in this order", "## Refused? The usual mend", "## Limits", "**Tried against:**")


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def page(name):
    return read("docs", "providers", f"{name}.md")


def settings_blocks(name):
    return [json.loads("{" + block + "}") for block in re.findall(r"^```json\n(.*?)^```", page(name), re.M | re.S)]


def tests_of(name):
    """The names of a vendor's cases and tests."""
    cases = json.loads(read("tests", "data", "providers", name, "cases.json"))
    names = [case["case"] for kind in ("accepted", "refused", "unloadable") for case in cases.get(kind, [])]
    names += re.findall(r"^TEST_F\(\w+, (\w+)\)", read("tests", "unit", "plugins", f"{name}_test.cpp"), re.M)
    return names + re.findall(rf"^TEST_F\({name.capitalize()}Opaque, (\w+)\)", read("tests", "unit", "plugins", "opaque_test.cpp"), re.M)


class ProviderPagesTest(E2eCase):
    def test_every_settings_block_loads_without_a_warning(self):
        for name in NAMES:
            blocks = settings_blocks(name)
            self.assertTrue(blocks, name)
            for block in blocks:
                with self.subTest(name, entry=list(block)):
                    daemon = Bearerd(self.own_folder(), block, start=False)
                    checked = daemon.run("--check", "--config", daemon.settings_file)
                    said = [line for line in (checked.stdout + checked.stderr).splitlines() if "identityProviders" in line]
                    expected = [line for line in said if self.is_expected(name, line)]
                    self.assertEqual((checked.returncode, said), (0, expected))

    @staticmethod
    def is_expected(name, warning):
        """Google's tokens have no roles, and its page says so."""
        return name == "google" and "rolePath" in warning

    def test_every_page_has_all_its_parts(self):
        for name in NAMES:
            for heading in HEADINGS:
                self.assertIn(heading, page(name), name)

    def test_reasons_of_a_page_are_reasons(self):
        known = set(re.findall(r"^\| `(\w+)` \|", read("docs", "reasons.md"), re.M))
        for name in NAMES:
            mends = page(name).split("## Refused? The usual mend")[1].split("## ")[0]
            for row in re.findall(r"^\| (`.*?) \|", mends, re.M):
                for reason in re.findall(r"`(\w+)`", row):
                    self.assertIn(reason, known, name)

    def test_every_trap_is_handled_under_a_test_of_its_number_or_its_page_says_why_not(self):
        for name, count in TRAPS.items():
            rows = TRAP_ROW.findall(page(name).split("## Traps")[-1])
            self.assertEqual([int(number) for number, _ in rows], list(range(1, count + 1)) if count else [], name)
            for number, how in rows:
                self.assert_shown(name, f"trap_{number}_", how)

    def test_every_habit_of_a_vendor_is_handled_under_a_test_of_its_name_or_its_page_says_why_not(self):
        for name, traps in TRAPS.items():
            if not traps:  # no vendor: no habits
                continue
            habits = page(name).split("## What is special about its tokens")[1].split("\n## ")[0]
            rows = [row for row in HABIT_ROW.findall(habits) if row[0] != "---"]
            self.assertEqual([habit for habit, _ in rows], list(HABITS), name)
            for habit, how in rows:
                self.assert_shown(name, f"habit_{HABITS[habit]}_", how)

    def assert_shown(self, name, mark, how):
        if not how.startswith("handled: "):
            self.assertRegex(how, NOT_HANDLED, f"{name}, {mark}")
            return
        self.assertTrue([test for test in tests_of(name) if mark in test], f"{name}, {mark}")


if __name__ == "__main__":
    unittest.main()
