"""nginx, Caddy and HAProxy with the snippets that we ship; only the addresses in them are replaced."""
import os

from .processes import SOURCE, Process, accepts, free_port, need

UNIX_SOCKET = "/run/bearerd/verify.sock"
TCP_ADDRESS = "127.0.0.1:9180"


def shipped(name, changes):
    """The text of a file below etc/ with every (old, new) replaced; each `old` must be there."""
    with open(os.path.join(SOURCE, "etc", name), encoding="utf-8") as file:
        text = file.read()
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"etc/{name} no longer has {old!r}")
        text = text.replace(old, new)
    return text


class Proxy:
    """Subclasses write their files and say how they are started."""
    name = program = None

    def __init__(self, folder, daemon, upstream_port):
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder, exist_ok=True)
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        program = need(self.program)
        argv = self.prepare(program, daemon, upstream_port)
        self.process = Process(argv, self.file("log"), env={**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder,
                                                            "XDG_DATA_HOME": self.folder}, cwd=self.folder)
        self.process.wait_until(lambda: accepts(self.port), f"{self.name} listens")

    def prepare(self, program, daemon, upstream_port):
        raise NotImplementedError

    def file(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text):
        with open(self.file(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.file(name)

    def stop(self):
        self.process.stop()


class Nginx(Proxy):
    name = program = "nginx"

    def prepare(self, program, daemon, upstream_port):
        for part in ("server", "location"):
            self.put(f"bearerd-{part}.conf", shipped(f"nginx/bearerd-{part}.conf", []))
        self.put("bearerd-upstream.conf", shipped("nginx/bearerd-upstream.conf", [(f"unix:{UNIX_SOCKET}", self.where(daemon))]))
        site = self.put("site.conf", shipped("nginx/example.conf", [
            ("/etc/bearerd/nginx/", self.folder + "/"), ("listen 80;", f"listen 127.0.0.1:{self.port};"),
            ("http://127.0.0.1:8080", f"http://127.0.0.1:{upstream_port}")]))
        temporary = "\n".join(f"{kind}_temp_path {self.file(kind)};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        main = self.put("nginx.conf", f"""{user} daemon off; worker_processes 1; pid {self.file("pid")}; error_log stderr notice;
events {{ worker_connections 256; }}
http {{ access_log off; {temporary} include {site}; }}
""")
        return [program, "-p", self.folder, "-e", "stderr", "-c", main]

    def where(self, daemon):
        return f"127.0.0.1:{daemon.port}"


class NginxOverUnixSocket(Nginx):
    name = "nginx-unix"

    def where(self, daemon):
        return f"unix:{daemon.verify_socket}"


class Caddy(Proxy):
    name = program = "caddy"

    def prepare(self, program, daemon, upstream_port):
        self.put("bearerd.caddy", shipped("caddy/bearerd.caddy", [(f"unix/{UNIX_SOCKET}", f"unix/{daemon.verify_socket}")]))
        names = f"http://127.0.0.1:{self.port}, http://app.test:{self.port}"
        site = shipped("caddy/Caddyfile", [("/etc/bearerd/caddy/", self.folder + "/"), (":80 {", names + " {\n\tbind 127.0.0.1"),
                                           ("127.0.0.1:8080", f"127.0.0.1:{upstream_port}")])
        main = self.put("Caddyfile", "{\n\tadmin off\n\tauto_https off\n}\n" + site)
        return [program, "run", "--config", main, "--adapter", "caddyfile"]


class HaProxy(Proxy):
    name = program = "haproxy"
    script_changes = ()

    def prepare(self, program, daemon, upstream_port):
        changes = [(TCP_ADDRESS, f"127.0.0.1:{daemon.port}"), *self.script_changes]
        self.put("bearerd.lua", shipped("haproxy/bearerd.lua", changes))
        main = self.put("haproxy.cfg", shipped("haproxy/haproxy.cfg", [
            ("/etc/bearerd/haproxy/", self.folder + "/"), ("bind :80", f"bind 127.0.0.1:{self.port}"),
            ("127.0.0.1:8080", f"127.0.0.1:{upstream_port}")]))
        return [program, "-db", "-f", main]


class HaProxyWithBrokenScript(HaProxy):
    name = "haproxy-broken"
    script_changes = (("  local answer =", '  error("broken on purpose")\n  local answer ='),)
