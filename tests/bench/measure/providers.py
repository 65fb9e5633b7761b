"""Seven providers, one of each plugin, whose keys come over HTTPS from a local issuer."""
import json
import os
import subprocess

from . import place
from harness.processes import Process, accepts, free_port  # pylint: disable=wrong-import-order
from harness.tls import Certificates

TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


class Issuer:
    """On the load's core."""

    def __init__(self, folder):
        self.folder, self.port = os.path.join(folder, "issuer"), free_port()
        self.certificates = Certificates(self.folder)
        self.url = f"https://127.0.0.1:{self.port}"
        self.process = Process(place.on_cpu(place.LOAD_CPU, [
            place.built("bin", "demo-issuer"), "--port", str(self.port), "--tls", self.certificates.certificate, self.certificates.key]),
            os.path.join(self.folder, "log"))
        self.process.wait_until(lambda: accepts(self.port), "the issuer listens")

    def stop(self):
        self.process.stop()

    def ask(self, target, body):
        return subprocess.run(["curl", "-fsS", "--cacert", self.certificates.ca, "-d", body, f"{self.url}{target}"],
                              capture_output=True, text=True, check=True).stdout.strip()

    def token(self, **claims):
        return self.ask("/token", json.dumps({"claims": {"exp": 4102444800, **claims}}))

    def rotate(self):
        """A new signing key; the old ones stay published."""
        self.ask("/rotate?keep=1&alg=RS256", "")

    def providers(self):
        """`oidc` is found by discovery; the others' key sets are named, as their settings mostly do."""
        keys = {"jwksUrl": f"{self.url}/jwks", "caFile": self.certificates.ca, "audience": "demo-api", "rolePath": "roles"}
        issuers = {
            "auth0": "https://shop.eu.auth0.example/",
            "cognito": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01",
            "entra": f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "google": "https://accounts.google.com",
            "keycloak": "https://login.example.test/realms/shop",
            "okta": "https://shop.okta.example/oauth2/default",
        }
        entries = {name: {"plugin": name, "issuer": issuer, **keys} for name, issuer in issuers.items()}
        oidc = {key: value for key, value in keys.items() if key != "jwksUrl"}
        return {"oidc": {"plugin": "oidc", "issuer": self.url, **oidc}, **entries}
