#!/usr/bin/env python3
"""Links in the documentation lead somewhere: files that exist, headings that are there. Nothing outside is asked. Settings that it names, such as
`listen.verify`, stand in a table of docs/settings.md (which a unit test compares with the code)."""
import os
import re
import sys

import sources

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")
TABLE = re.compile(r"^<!-- table (\S+) -->\n(.*?)^<!-- end -->", re.M | re.S)
KEY = re.compile(r"^\| `(\w+)` \|", re.M)
FILES = ("state.key", "verify.sock")  # they look like settings


def anchors(text):
    found, seen = set(), {}
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCE.sub("", text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(slug if count == 0 else f"{slug}-{count}")
    return found


def documented_settings():
    """The sections that docs/settings.md has tables for, and a pattern that matches each setting of these tables."""
    sections, patterns = [], []
    for path, rows in TABLE.findall(sources.read("docs/settings.md")):
        if path.isalpha():
            sections.append(path)
        if not path.endswith(">"):
            patterns.append(path)
        patterns += [f"{path}.{key}" for key in KEY.findall(rows)]
    return sections, re.compile("|".join(re.sub(r"<\w+>", r"\\w+", re.escape(each)) for each in patterns))


def setting_faults():
    sections, documented = documented_settings()
    named = re.compile(rf"(?<![\w./-])(?:{'|'.join(sections)})(?:\.\w+)+")
    for name in sources.listed(".md", ".1", ".8", ".1.in", ".5.in"):
        for setting in sorted(set(named.findall(sources.read(name))) - set(FILES)):
            if not documented.fullmatch(setting):
                yield f"{name}: {setting} is no setting of docs/settings.md"


def link_faults():
    for name in sources.listed(".md"):
        text = sources.read(name)
        for match in LINK.finditer(CODE.sub("", FENCE.sub("", text))):
            target = match.group(1) or match.group(2)
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            full = os.path.normpath(os.path.join(sources.ROOT, os.path.dirname(name), path)) if path else os.path.join(sources.ROOT, name)
            if not os.path.exists(full):
                yield f"{name}: {target} does not exist"
            elif anchor and full.endswith(".md"):
                with open(full, encoding="utf-8") as file:
                    if anchor not in anchors(file.read()):
                        yield f"{name}: {target} has no such heading"


if __name__ == "__main__":
    sys.exit(sources.report("docs", [*link_faults(), *setting_faults()]))
