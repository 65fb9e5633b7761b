"""OpenID providers that we did not write."""
import base64
import json
import os
import subprocess
import urllib.parse

from . import web
from .processes import SOURCE, Process, accepts, eventually, free_port, missing, need

NODE_MODULES = os.environ.get("E2E_NODE_MODULES") or os.path.join(SOURCE, "build", "node", "node_modules")


def _basic(client, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded"}


class OpenIdProvider:
    """oidc-provider over HTTPS."""

    def __init__(self, folder, certificates):
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.address = ("127.0.0.1", self.port)
        self.folder, self.certificates = folder, certificates
        self.node = need("node")
        if not os.path.isdir(os.path.join(NODE_MODULES, "oidc-provider")):
            missing("npm module oidc-provider")
        self.start()

    def start(self):
        environment = {**os.environ, "ISSUER": self.url, "PORT": str(self.port), "NODE_MODULES": NODE_MODULES,
                       "TLS_CERTIFICATE": self.certificates.certificate, "TLS_KEY": self.certificates.key}
        self.process = Process([self.node, os.path.join(SOURCE, "tests", "e2e", "counterparts", "openid_provider.mjs")],
                               f"{self.folder}/openid-provider.log", env=environment)
        self.process.wait_until(lambda: accepts(self.port), "oidc-provider listens", 40)

    def stop(self):
        self.process.stop()

    def _ask(self, target, method="GET", headers=(), body=b""):
        answer = web.ask(self.address, target, method, headers, body, host=f"localhost:{self.port}",
                         tls=self.certificates.client(), timeout=20)
        assert answer.status == 200, answer
        return answer.body.decode()

    def token(self, audience="urn:api:demo"):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "read", "resource": audience}).encode()
        return json.loads(self._ask("/token", "POST", _basic("machine", "machine-secret"), form))["access_token"]

    def revoke(self, token):
        self._ask("/token/revocation", "POST", _basic("machine", "machine-secret"), urllib.parse.urlencode({"token": token}).encode())

    def rotate(self, alg, keep):
        return self._ask(f"/test/rotate?alg={alg}&keep={int(keep)}", "POST")

    def set(self, **controls):
        self._ask("/test/set?" + urllib.parse.urlencode(controls), "POST")

    def state(self):
        return json.loads(self._ask("/test/state"))


class Glewlwyd:
    """Debian's glewlwyd, an OpenID provider in C with its own database, one client and one user."""
    SCHEMA = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3"

    def __init__(self, folder):
        self.folder = os.path.join(folder, "glewlwyd")
        os.makedirs(self.folder, exist_ok=True)
        self.program, sqlite = need("glewlwyd"), need("sqlite3")
        self.port = free_port()
        self.base = f"http://localhost:{self.port}"
        self.url = f"{self.base}/api/oidc"
        self.address = ("127.0.0.1", self.port)
        self.cookie = None
        self.keys = []
        with open(self.SCHEMA, encoding="utf-8") as schema:
            subprocess.run([sqlite, self.file("db")], stdin=schema, check=True, capture_output=True)
        self.write_settings()
        self.start()
        self.configure()

    def file(self, name):
        return os.path.join(self.folder, name)

    def write_settings(self):
        modules = "\n".join(f'{kind}_module_path="/usr/lib/glewlwyd/{folder}"' for kind, folder in
                            (("user", "user"), ("client", "client"), ("user_auth_scheme", "scheme"), ("plugin", "plugin")))
        with open(self.file("settings"), "w", encoding="utf-8") as file:
            file.write(f"""port={self.port}
bind_address="127.0.0.1"
external_url="{self.base}"
api_prefix="api"
login_url="login.html"
log_mode="console"
log_level="WARNING"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
use_secure_connection=false
secure_connection_key_file=""
secure_connection_pem_file=""
hash_algorithm="SHA512"
{modules}
database={{ type="sqlite3" path="{self.file('db')}" }}
""")

    def start(self):
        self.process = Process([self.program, f"--config-file={self.file('settings')}"], self.file("log"))
        self.process.wait_until(lambda: accepts(self.port), "glewlwyd listens", 30)

    def stop(self):
        self.process.stop()

    def admin(self, target, body, method="POST"):
        headers = {"Content-Type": "application/json", **({"Cookie": self.cookie} if self.cookie else {})}
        answer = web.ask(self.address, "/api" + target, method, headers, json.dumps(body).encode(), host=f"localhost:{self.port}")
        assert answer.status == 200, (target, answer)
        if answer.header("Set-Cookie"):
            self.cookie = answer.header("Set-Cookie").split(";")[0]

    def configure(self):
        eventually(lambda: self.admin("/auth", {"username": "admin", "password": "password"}) or True, "glewlwyd lets its admin in")
        self.keys = [self.new_key("first", "RS256")]
        self.admin("/scope", {"name": "read", "display_name": "read", "password_required": False})
        self.admin("/mod/plugin/", self.plugin())
        self.admin("/client", {"client_id": "web", "name": "web", "confidential": True, "password": "web-secret", "enabled": True,
                               "scope": ["openid", "read"], "redirect_uri": ["http://127.0.0.1:9/cb"],
                               "authorization_type": ["password"], "token_endpoint_auth_method": ["client_secret_basic"]})
        self.admin("/user", {"username": "alice", "name": "Alice", "email": "alice@example.test", "password": "alice-password",
                             "enabled": True, "scope": ["g_profile", "openid", "read"]})

    @staticmethod
    def new_key(kid, alg):
        script = ("const c=require('crypto');const[kid,alg]=process.argv.slice(1);"
                  "const k=alg[0]==='E'?c.generateKeyPairSync('ec',{namedCurve:'P-256'}):c.generateKeyPairSync('rsa',{modulusLength:2048});"
                  "console.log(JSON.stringify({...k.privateKey.export({format:'jwk'}),kid,alg,use:'sig'}))")
        made = subprocess.run([need("node"), "-e", script, kid, alg], check=True, capture_output=True, text=True)
        return json.loads(made.stdout)

    def plugin(self):
        return {"module": "oidc", "name": "oidc", "display_name": "OIDC", "enabled": True, "parameters": {
            "iss": self.url, "jwks-private": json.dumps({"keys": self.keys}), "default-kid": self.keys[0]["kid"], "jwks-show": True,
            "access-token-duration": 300, "refresh-token-duration": 3600, "code-duration": 60, "refresh-token-rolling": True,
            "allow-non-oidc": True, "auth-type-code-enabled": False, "auth-type-token-enabled": False,
            "auth-type-id-token-enabled": True, "auth-type-none-enabled": False, "auth-type-password-enabled": True,
            "auth-type-client-enabled": True, "auth-type-refresh-enabled": True, "auth-type-implicit-enabled": False,
            "auth-type-device-enabled": False, "subject-type": "public", "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True, "claims": [], "name-claim": "on-demand",
            "email-claim": "on-demand", "scope-claim": "on-demand", "additional-parameters": []}}

    def rotate(self, kid, alg):
        """The new key signs; the others stay published."""
        self.keys.insert(0, self.new_key(kid, alg))
        self.admin("/mod/plugin/oidc", self.plugin(), "PUT")
        self.admin("/mod/plugin/oidc/reset", {}, "PUT")

    def token(self):
        form = urllib.parse.urlencode({"grant_type": "password", "username": "alice", "password": "alice-password",
                                       "scope": "openid read"}).encode()
        answer = web.ask(self.address, "/api/oidc/token", "POST", _basic("web", "web-secret"), form, host=f"localhost:{self.port}")
        assert answer.status == 200, answer
        return answer.json()["access_token"]
