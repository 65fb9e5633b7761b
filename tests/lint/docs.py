#!/usr/bin/env python3
"""Links in the documentation lead somewhere: files that exist, headings that are there. Nothing outside is asked."""
import os
import re
import sys

import sources

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
CODE = re.compile(r"`[^`\n]*`")


def anchors(text):
    found, seen = set(), {}
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCE.sub("", text), re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(slug if count == 0 else f"{slug}-{count}")
    return found


def faults():
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
    sys.exit(sources.report("docs", list(faults())))
