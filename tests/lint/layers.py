#!/usr/bin/env python3
"""Who may include whom. A row may include what it names and nothing else, so there are no circles."""
import re
import sys

import sources

# layer: (our layers that it may include, outside libraries that it may include)
DAEMON = {
    "base": ([], []),
    "jose": (["base"], ["openssl", "simdjson"]),
    "settings": (["base"], ["rapidjson", "re2", "openssl"]),
    "observe": (["base"], ["prometheus", "poco", "openssl"]),
    "net": (["base", "observe"], ["poco", "openssl"]),
    "keys": (["jose", "net", "observe", "settings", "base"], []),
    "plugin": (["sdk", "jose", "net", "observe", "settings", "base"], ["boost", "openssl"]),  # OpenSSL: the base64 of Basic credentials
    "access": (["settings", "base"], ["re2"]),
    "state": (["settings", "observe", "base"], ["sqlite", "poco", "openssl"]),
    "runtime": (["plugin", "jose", "keys", "access", "state", "settings", "observe", "base"], []),
    "verify": (["runtime", "plugin", "keys", "access", "state", "jose", "net", "settings", "observe", "base"], ["openssl"]),
    "http": (["verify", "runtime", "plugin", "keys", "access", "state", "jose", "net", "settings", "observe", "base"],
             ["llhttp", "poco", "prometheus", "openssl"]),  # OpenSSL: TLS to proxies
    "app": (["http", "verify", "runtime", "plugin", "keys", "access", "state", "jose", "net", "settings", "observe", "base"],
            ["poco", "systemd"]),
}
# What plugin authors get beside the headers: the daemon's own decision path, and a tool that looks at the border. Folder: (our layers, own folders).
SDK_PARTS = {
    "testing": (["verify", "runtime", "plugin", "keys", "net", "jose", "settings", "observe", "base"], ("sdk/testing/",)),
    "check": (["plugin", "jose", "settings", "base"], ("sdk/check/", "sdk/testing/", "ctl/terminal.hpp")),
}
LIBRARIES = {
    "openssl": r"openssl/", "simdjson": r"simdjson", "rapidjson": r"rapidjson/", "re2": r"re2/", "prometheus": r"prometheus/",
    "poco": r"Poco/", "boost": r"boost/", "sqlite": r"sqlite3", "llhttp": r"llhttp", "systemd": r"systemd/", "expected": r"tl/",
}
# Everybody may use the result type.
EVERYWHERE = {"expected"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def place(name, text, at):
    return f"{name}:{text.count(chr(10), 0, at) + 1}"


def library_of(header):
    for library, pattern in LIBRARIES.items():
        if re.match(pattern, header):
            return library
    return None


def daemon_faults(name, layer, text):
    ours, outside = DAEMON[layer]
    for match in INCLUDE.finditer(text):
        header = match.group(2)
        first = header.split("/")[0]
        where = place(name, text, match.start())
        if first == "bearerd":
            if "sdk" not in ours:
                yield f"{where}: {layer} may not include the plugin border ({header})"
        elif first in DAEMON and "/" in header:
            if first != layer and first not in ours:
                yield f"{where}: {layer} may not include {header}"
        else:
            library = library_of(header)
            if library and library not in outside and library not in EVERYWHERE:
                yield f"{where}: {layer} may not include {header}"


def border_faults(name, text, allowed):
    """The SDK and the plugins: their own headers, the border's, and the standard library."""
    for match in INCLUDE.finditer(text):
        quote, header = match.groups()
        where = place(name, text, match.start())
        if library_of(header):
            yield f"{where}: no outside library here ({header})"
        elif quote == '"' and "/" in header and not header.startswith(allowed):
            yield f"{where}: may not include {header}"
        elif header.split("/")[0] in DAEMON and "/" in header:
            yield f"{where}: may not include the daemon ({header})"


def sdk_part_faults(name, part, text):
    layers, own = SDK_PARTS[part]
    for match in INCLUDE.finditer(text):
        header = match.group(2)
        first = header.split("/")[0]
        if first == "bearerd" or header.startswith(own):
            continue
        is_foreign = (first in DAEMON or first in ("ctl", "sdk")) and "/" in header and first not in layers
        if is_foreign or (library_of(header) and library_of(header) not in EVERYWHERE):
            yield f"{place(name, text, match.start())}: sdk/{part} may not include {header}"


def control_faults(name, text):
    for match in INCLUDE.finditer(text):
        header = match.group(2)
        first, library = header.split("/")[0], library_of(header)
        if (first in DAEMON and "/" in header and first not in ("base", "jose")) or (library and library not in ("poco", "expected")):
            yield f"{place(name, text, match.start())}: bearerctl may not include {header}"


def faults():
    for name in sources.listed(".cpp", ".hpp", ".h", ".c"):
        text = sources.read(name)
        parts = name.split("/")
        if name == "sdk/include/bearerd/plugin_abi.h":
            for match in INCLUDE.finditer(text):
                if match.group(2) not in ("stddef.h", "stdint.h"):
                    yield f"{place(name, text, match.start())}: the border includes stddef.h and stdint.h only"
        elif parts[0] == "daemon" and len(parts) > 2:
            if parts[1] not in DAEMON:
                yield f"{name}: daemon/{parts[1]} is not in the table"
            else:
                yield from daemon_faults(name, parts[1], text)
        elif parts[:2] == ["sdk", "include"]:
            yield from border_faults(name, text, ("bearerd/",))
        elif parts[0] == "sdk" and parts[1] in SDK_PARTS:
            yield from sdk_part_faults(name, parts[1], text)
        elif parts[0] == "plugins":
            yield from border_faults(name, text, ("bearerd/",))
        elif parts[0] == "ctl":
            yield from control_faults(name, text)


if __name__ == "__main__":
    sys.exit(sources.report("layers", list(faults())))
