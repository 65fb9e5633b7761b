"""The examples of the documentation, which the tests run: some JSON and a table of what comes of it."""
import json
import os
import re

from .processes import SOURCE


class Example:
    def __init__(self, page, name):
        with open(os.path.join(SOURCE, "docs", page), encoding="utf-8") as file:
            text = file.read()
        block = re.search(rf"<!-- example {name} -->(.*?)<!-- end -->", text, re.S)
        if not block:
            raise AssertionError(f"docs/{page} has no example {name!r}")
        self.settings = json.loads(re.search(r"```json\n(.*?)```", block.group(1), re.S).group(1))
        rows = [line for line in block.group(1).splitlines() if line.startswith("|")]
        # The heading and the line below it say nothing about an answer.
        self.rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]
        if not self.rows:
            raise AssertionError(f"docs/{page}: the example {name!r} has no table")


def code(cell):
    """What stands between the back ticks of a cell, in order."""
    return re.findall(r"`([^`]*)`", cell)
