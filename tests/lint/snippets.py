#!/usr/bin/env python3
"""Each proxy's snippet deletes every identity header of the client and takes bearerd's own. nginx, Caddy, HAProxy and
Apache are also started for real by tests/e2e; Envoy and Traefik are checked here alone, by shape."""
import re
import sys

import sources

HEADERS = ["x-auth-request-user", "x-auth-request-name", "x-auth-request-email", "x-auth-request-groups",
           "x-auth-request-groups-omitted", "x-auth-request-provider", "x-auth-request-project", "x-auth-request-user-key",
           "x-bearerd-caller"]


def named(text, pattern):
    """The header names that `pattern` finds, lower case."""
    return {match.group(1).lower() for match in re.finditer(pattern, text, re.M | re.I)}


def missing(name, what, found, wanted=None):
    for header in wanted or HEADERS:
        if header not in found:
            yield f"{name}: {what} lacks {header}"


def without_comments(text, mark="#"):
    return "\n".join(line.split(mark)[0] for line in text.splitlines())


def nginx():
    server, location = "etc/nginx/bearerd-server.conf", "etc/nginx/bearerd-location.conf"
    yield from missing(server, "what is cleared for the question", named(sources.read(server), r'proxy_set_header (\S+) "";'))
    text = sources.read(location)
    yield from missing(location, "what is set for the upstream", named(text, r"proxy_set_header (\S+) \$bearerd_\w+;"))
    for variable, answer in re.findall(r"auth_request_set \$bearerd_(\w+) \$upstream_http_(\w+);", text):
        expected = {"status": "x_bearerd_status", "retry_after": "retry_after", "challenge": "www_authenticate",
                    "caller": "x_bearerd_caller"}.get(variable, f"x_auth_request_{variable}")
        if answer != expected:
            yield f"{location}: ${variable} is taken from {answer}"


def caddy():
    name = "etc/caddy/bearerd.caddy"
    text = without_comments(sources.read(name))
    prefixes = named(text, r"request_header -(\S+)\*")
    yield from missing(name, "what is deleted", {header for header in HEADERS if any(header.startswith(prefix) for prefix in prefixes)})
    copied = set(re.search(r"copy_headers (.+)", text).group(1).lower().split())
    yield from missing(name, "what is copied", copied, [header for header in HEADERS if not header.endswith("omitted")])
    if text.index("request_header") > text.index("forward_auth"):
        yield f"{name}: bearerd is asked before the headers are deleted"


def haproxy():
    name = "etc/haproxy/bearerd.lua"
    yield from missing(name, "identity_headers", named(sources.read(name), r'"(x-[\w-]+)"'))


def envoy():
    name = "etc/envoy/envoy.yaml"
    text = without_comments(sources.read(name))
    yield from missing(name, "early_header_mutation", named(text, r"- remove: (\S+)"))
    upstream = text[text.index("allowed_upstream_headers"):text.index("allowed_client_headers")]
    yield from missing(name, "allowed_upstream_headers", named(upstream, r"exact: ([\w-]+)"))
    for line in ("failure_mode_allow: false", "path_prefix: /verify/envoy", "normalize_path: true", "merge_slashes: true",
                 "path_with_escaped_slashes_action: REJECT_REQUEST", "headers_with_underscores_action: REJECT_REQUEST"):
        if line not in text:
            yield f"{name}: lacks {line}"
    yield from yaml_faults(name)


def traefik():
    name = "etc/traefik/bearerd.yaml"
    text = without_comments(sources.read(name))
    yield from missing(name, "customRequestHeaders", named(text, r'^\s+(X-[\w-]+): ""'))
    yield from missing(name, "authResponseHeaders", named(text, r"^\s+- (X-[\w-]+)"))
    if "middlewares: [bearerd-clean, bearerd-ask]" not in text:
        yield f"{name}: the headers must be deleted before bearerd is asked"
    yield from yaml_faults(name)


def apache():
    yield from missing("etc/apache/bearerd.conf", "what is deleted",
                       named(without_comments(sources.read("etc/apache/bearerd.conf")), r"RequestHeader unset (\S+) early"))
    yield from missing("etc/apache/bearerd.lua", "identity_headers", named(sources.read("etc/apache/bearerd.lua"), r'"(x-[\w-]+)"'))


def yaml_faults(name):
    try:
        import yaml
    except ImportError:
        yield from sources.untested(name, "python3-yaml")
        return
    try:
        yaml.safe_load(sources.read(name))
    except yaml.YAMLError as error:
        yield f"{name}: {error}"


if __name__ == "__main__":
    sys.exit(sources.report("snippets", [fault for check in (nginx, caddy, haproxy, envoy, traefik, apache) for fault in check()]))
