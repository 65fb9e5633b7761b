"""Emulators of two vendors, by strangers: what they answer is what people who know those vendors took them to answer."""
import json
import os
import shutil
import subprocess

from . import web
from .processes import SOURCE, Process, accepts, need
from .processes import free_port, missing
from .providers import NODE_MODULES


def _module(name):
    folder = os.path.join(NODE_MODULES, name)
    if not os.path.isdir(folder):
        missing(f"npm module {name}")
    return folder


class CognitoLocal:
    """cognito-local over plain HTTP, with one pool, client, group and user. It emits the original form of issuer with a host of its own, and
    its discovery document names a fixed port, so that the settings need `jwksUrl`."""
    USER, PASSWORD, GROUP = "fake.user@example.test", "Passw0rd!", "order-admins"

    def __init__(self, folder):
        self.folder = os.path.join(folder, "cognito")
        os.makedirs(os.path.join(self.folder, ".cognito"))
        self.port, self.node = free_port(), need("node")
        self.address = ("127.0.0.1", self.port)
        self.package = _module("cognito-local")
        with open(os.path.join(self.folder, ".cognito", "config.json"), "w", encoding="utf-8") as file:
            json.dump({"TokenConfig": {"IssuerDomain": f"http://localhost:{self.port}"}}, file)
        self.start()
        self.pool = self.call("CreateUserPool", PoolName="p", UsernameAttributes=["email"])["UserPool"]["Id"]
        self.client = self.new_client("c")
        self.new_user()

    @property
    def issuer(self):
        return f"http://localhost:{self.port}/{self.pool}"

    def entry(self, **changes):
        return {"issuer": self.issuer, "jwksUrl": f"{self.issuer}/.well-known/jwks.json", "audience": self.client, **changes}

    def start(self):
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.port)}
        self.process = Process([self.node, os.path.join(self.package, "lib", "bin", "start.js")], os.path.join(self.folder, "log"),
                               env=environment, cwd=self.folder)
        self.process.wait_until(lambda: accepts(self.port), "cognito-local listens", 40)

    def stop(self):
        self.process.stop()

    def call(self, name, **body):
        headers = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{name}", "Content-Type": "application/x-amz-json-1.1"}
        answer = web.ask(self.address, "/", "POST", headers, json.dumps(body).encode(), host=f"localhost:{self.port}", timeout=20)
        assert answer.status == 200, (name, answer)
        return answer.json() if answer.body else {}

    def new_client(self, name):
        made = self.call("CreateUserPoolClient", UserPoolId=self.pool, ClientName=name, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
        return made["UserPoolClient"]["ClientId"]

    def new_user(self):
        who = {"UserPoolId": self.pool, "Username": self.USER}
        self.call("CreateGroup", UserPoolId=self.pool, GroupName=self.GROUP)
        self.call("AdminCreateUser", **who, TemporaryPassword=self.PASSWORD, MessageAction="SUPPRESS",
                  UserAttributes=[{"Name": "email", "Value": self.USER}])
        self.call("AdminSetUserPassword", **who, Password=self.PASSWORD, Permanent=True)
        self.call("AdminAddUserToGroup", **who, GroupName=self.GROUP)

    def tokens(self, client=None):
        """AccessToken and IdToken of one login."""
        login = {"USERNAME": self.USER, "PASSWORD": self.PASSWORD}
        return self.call("InitiateAuth", ClientId=client or self.client, AuthFlow="USER_PASSWORD_AUTH",
                         AuthParameters=login)["AuthenticationResult"]

    def rotate(self, kid):
        """The key and its name are files of the package: another copy of it, with a key of its own, takes over pool and port."""
        self.stop()
        private = os.path.join(self.folder, "package")
        shutil.copytree(_module("cognito-local"), private)
        if not os.path.exists(os.path.join(self.folder, "node_modules")):
            os.symlink(NODE_MODULES, os.path.join(self.folder, "node_modules"))
        script = ("const c=require('crypto'),fs=require('fs'),[d,kid]=process.argv.slice(1),x={use:'sig',kid,alg:'RS256'};"
                  "const k=c.generateKeyPairSync('rsa',{modulusLength:2048});"
                  "for(const [half,type] of [['private','pkcs1'],['public','spki']]){const key=k[half+'Key'];"
                  "fs.writeFileSync(`${d}/cognitoLocal.${half}.json`,JSON.stringify("
                  "{pem:key.export({type,format:'pem'}),jwk:{...key.export({format:'jwk'}),...x}}));}")
        subprocess.run([self.node, "-e", script, os.path.join(private, "lib", "keys"), kid], check=True, capture_output=True)
        generator = os.path.join(private, "lib", "services", "tokenGenerator.js")
        with open(generator, encoding="utf-8") as file:
            source = file.read()
        with open(generator, "w", encoding="utf-8") as file:
            file.write(source.replace('"CognitoLocal"', json.dumps(kid)))
        self.package = private
        self.start()


class Auth0Simulator:
    """@simulacrum/auth0-simulator over HTTPS: Auth0's paths, its slash at the end of the issuer, one fixed RS256 key."""

    def __init__(self, folder, certificates):
        self.folder, self.certificates = os.path.join(folder, "auth0"), certificates
        _module("@simulacrum/auth0-simulator")
        store = os.path.join(self.folder, ".simulacrum", "certs")
        os.makedirs(store)
        shutil.copy(certificates.certificate, os.path.join(store, "localhost.pem"))
        shutil.copy(certificates.key, os.path.join(store, "localhost-key.pem"))
        self.port = free_port(range(4400, 9999))  # it takes no port of five digits
        self.address = ("127.0.0.1", self.port)
        self.issuer = f"https://localhost:{self.port}/"
        environment = {**os.environ, "HOME": self.folder, "PORT": str(self.port), "NODE_MODULES": NODE_MODULES}
        self.process = Process([need("node"), os.path.join(SOURCE, "tests", "e2e", "counterparts", "auth0_simulator.cjs")],
                               os.path.join(self.folder, "log"), env=environment, cwd=self.folder)
        self.process.wait_until(lambda: accepts(self.port), "auth0-simulator listens", 40)

    def stop(self):
        self.process.stop()

    def entry(self, **changes):
        return {"issuer": self.issuer, "audience": "urn:api:demo", "caFile": self.certificates.ca, **changes}

    def _grant(self, **body):
        answer = web.ask(self.address, "/oauth/token", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode(),
                         host=f"localhost:{self.port}", tls=self.certificates.client(), timeout=20)
        assert answer.status == 200, answer
        return answer.json()

    def machine_token(self, audience="urn:api:demo"):
        return self._grant(grant_type="client_credentials", client_id="0" * 32, client_secret="x", audience=audience)["access_token"]

    def users_tokens(self):
        """access_token and id_token of its default user."""
        return self._grant(grant_type="password", client_id="0" * 32, username="default@example.com", password="12345", audience="urn:api:demo",
                           scope="openid profile email")
