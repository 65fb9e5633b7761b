#!/usr/bin/env python3
"""Names that say nothing, and notes to come back later, are not kept."""
import os
import re
import sys

import sources

# SocketImpl is POCO's own word for what it lets others implement.
EMPTY_WORDS = r"(?:Manager|Helper|Helpers|Util|Utils|Data|Info|(?<!Socket)Impl)"
TYPE = re.compile(rf"\b(?:class|struct|enum(?: class)?)\s+(\w*{EMPTY_WORDS})\b(?!\s*::)")
# What does and says nothing; a question such as do_all_fit() returns something.
FUNCTION = re.compile(r"\bvoid\s+(?:\w+::)*(do_\w+)\s*\(")
LATER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
FILE = re.compile(r"(?:^|_)(?:manager|helper|helpers|util|utils|impl|misc|common)\.")


def faults():
    for name in sources.listed(".cpp", ".hpp", ".h", ".c", ".py", ".sh", ".txt", ".cmake", ".lua", ".conf", ".cfg", ".yaml"):
        if name == "tests/lint/names.py":
            continue
        text = sources.read(name)
        if FILE.search(os.path.basename(name)):
            yield f"{name}: the file's name says nothing"
        patterns = [LATER] + ([TYPE, FUNCTION] if name.endswith((".cpp", ".hpp")) else [])
        for pattern in patterns:
            for match in pattern.finditer(text):
                at = match.start(match.lastindex or 0)
                yield f"{name}:{text.count(chr(10), 0, at) + 1}: {match.group(match.lastindex or 0)}"


if __name__ == "__main__":
    sys.exit(sources.report("names", list(faults())))
