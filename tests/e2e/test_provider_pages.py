"""What docs/providers shows can be pasted, and what it says about a trap is true."""
import json
import os
import re
import unittest

from harness.daemon import Bearerd
from harness.processes import SOURCE, E2eCase

NAMES = ("auth0", "cognito", "entra", "google", "keycloak", "oidc", "okta")
TRAP_ROW = re.compile(r"^\| (\d+) \|.*\| ([^|]+) \|$", re.M)
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

    def test_every_trap_is_on_its_page_and_a_handled_one_has_a_test_of_its_number(self):
        for name, count in TRAPS.items():
            rows = TRAP_ROW.findall(page(name))
            self.assertEqual([int(number) for number, _ in rows], list(range(1, count + 1)), name)
            tests = read("tests", "data", "providers", name, "cases.json") + read("tests", "unit", "plugins", f"{name}_test.cpp")
            tests += " ".join(re.findall(rf"{name.capitalize()}Opaque, (trap_\d+_)", read("tests", "unit", "plugins", "opaque_test.cpp")))
            for number, how in rows:
                if how.startswith("handled"):
                    self.assertIn(f"trap_{number}_", tests, f"{name}, trap {number}")


if __name__ == "__main__":
    unittest.main()
