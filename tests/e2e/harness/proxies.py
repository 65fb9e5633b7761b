"""nginx, Caddy, HAProxy and Apache with what `bearerctl integrate` writes for them, which are the files below etc/."""
import os
import subprocess

from .processes import Process, accepts, built, free_port, need


def integrate(proxy, *options):
    """What bearerctl integrate prints."""
    answer = subprocess.run([built("bin", "bearerctl"), "integrate", proxy, *options], capture_output=True, text=True, timeout=30,
                            check=False)
    if answer.returncode != 0:
        raise AssertionError(f"bearerctl integrate {proxy} {options}: {answer}")
    return answer.stdout


def replaced(text, changes):
    """Every (old, new) replaced; each `old` must be there."""
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"the snippet no longer has {old!r}")
        text = text.replace(old, new)
    return text


class Proxy:
    """Subclasses write their files and say how they are started."""
    name = program = None
    proxy = None  # what bearerctl calls it, where that is not the program

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

    def integrate(self, daemon, upstream_port):
        """Writes the files of bearerctl integrate into the folder."""
        integrate(self.proxy or self.program, "--socket", daemon.admin_socket, "--directory", self.folder, "--verify", self.where(daemon), "--application",
                  f"127.0.0.1:{upstream_port}", "--port", str(self.port))

    def where(self, daemon):
        return f"127.0.0.1:{daemon.port}"

    def change(self, name, changes):
        """Of a file that bearerctl wrote."""
        with open(self.file(name), encoding="utf-8") as file:
            text = file.read()
        return self.put(name, replaced(text, changes))

    def put(self, name, text):
        with open(self.file(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.file(name)

    def stop(self):
        self.process.stop()


class Nginx(Proxy):
    name = program = "nginx"

    def prepare(self, program, daemon, upstream_port):
        site = self.write_site(daemon, upstream_port)
        temporary = "\n".join(f"{kind}_temp_path {self.file(kind)};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        main = self.put("nginx.conf", f"""{user} daemon off; worker_processes 1; pid {self.file("pid")}; error_log stderr notice;
events {{ worker_connections 256; }}
http {{ access_log off; {temporary} include {site}; }}
""")
        return [program, "-p", self.folder, "-e", "stderr", "-c", main]

    def write_site(self, daemon, upstream_port):
        self.integrate(daemon, upstream_port)
        return self.change("example.conf", [(f"listen {self.port};", f"listen 127.0.0.1:{self.port};")])


class NginxOverUnixSocket(Nginx):
    """With the one file that bearerctl prints when it is not told to write several, and the socket that the daemon names."""
    name = "nginx-unix"

    def write_site(self, daemon, upstream_port):
        text = integrate("nginx", "--socket", daemon.admin_socket, "--application", f"127.0.0.1:{upstream_port}", "--port",
                         str(self.port))
        return self.put("site.conf", replaced(text, [(f"listen {self.port};", f"listen 127.0.0.1:{self.port};"),
                                                     (f"unix:{daemon.verify_socket}", f"unix:{daemon.verify_socket}")]))


class Caddy(Proxy):
    name = program = "caddy"

    def prepare(self, program, daemon, upstream_port):
        self.integrate(daemon, upstream_port)
        names = f"http://127.0.0.1:{self.port}, http://app.test:{self.port}"
        main = self.change("Caddyfile", [(f":{self.port} {{", names + " {\n\tbind 127.0.0.1"),
                                         ("# A whole", "{\n\tadmin off\n\tauto_https off\n}\n# A whole")])
        return [program, "run", "--config", main, "--adapter", "caddyfile"]

    def where(self, daemon):
        return f"unix:{daemon.verify_socket}"


class HaProxy(Proxy):
    name = program = "haproxy"
    script_changes = ()

    def prepare(self, program, daemon, upstream_port):
        self.integrate(daemon, upstream_port)
        self.change("bearerd.lua", self.script_changes)
        main = self.change("haproxy.cfg", [(f"bind :{self.port}", f"bind 127.0.0.1:{self.port}")])
        return [program, "-db", "-f", main]


class HaProxyWithBrokenScript(HaProxy):
    name = "haproxy-broken"
    script_changes = (("  local answer =", '  error("broken on purpose")\n  local answer ='),)


class Apache(Proxy):
    name, program, proxy = "apache", "apache2", "apache"
    modules = ("mpm_event", "authz_core", "headers", "lua", "proxy", "proxy_http")
    module_folder = "/usr/lib/apache2/modules"

    def prepare(self, program, daemon, upstream_port):
        self.integrate(daemon, upstream_port)
        load = "\n".join(f"LoadModule {name}_module {self.module_folder}/mod_{name}.so" for name in self.modules)
        main = self.put("httpd.conf", f"""ServerRoot {self.folder}
DefaultRuntimeDir {self.folder}
PidFile {self.file("pid")}
ServerName app.test
ErrorLog /dev/stderr
{load}
Listen 127.0.0.1:{self.port}
<VirtualHost *>
Include {self.file("bearerd.conf")}
</VirtualHost>
""")
        return [program, "-f", main, "-DFOREGROUND"]
