"""Our own issuer, which mints whatever a test wants, and the upstream that echoes what reached it."""
import json

from . import web
from .processes import E2eCase, Process, accepts, built, free_port


class DemoIssuer:
    def __init__(self, folder, port=None, tls=None, name="issuer"):
        self.port = port or free_port()
        self.folder, self.tls, self.name = folder, tls, name
        self.address = ("127.0.0.1", self.port)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.process = None
        self.start()

    def start(self):
        argv = [built("bin", "demo-issuer"), "--port", str(self.port)]
        if self.tls:
            argv += ["--tls", self.tls.certificate, self.tls.key]
        self.process = Process(argv, f"{self.folder}/{self.name}.log")
        self.process.wait_until(lambda: accepts(self.port), "the issuer listens")

    def stop(self):
        self.process.stop()

    def _ask(self, target, method="GET", body=b""):
        answer = web.ask(self.address, target, method, body=body, tls=self.tls and self.tls.client())
        assert answer.status == 200, answer
        return answer.body.decode()

    def token(self, header=None, alg=None, tamper=None, stranger=False, payload=None, **claims):
        """claims with the value None are left out of the token."""
        wanted = {"claims": claims, "stranger": stranger}
        for name, value in (("header", header), ("alg", alg), ("tamper", tamper), ("payload", payload)):
            if value is not None:
                wanted[name] = value
        return self._ask("/token", "POST", json.dumps(wanted).encode())

    def rotate(self, keep=True, alg="RS256"):
        return self._ask(f"/rotate?keep={int(keep)}&alg={alg}", "POST")

    def set(self, **controls):
        self._ask("/set?" + "&".join(f"{name}={value}" for name, value in controls.items()), "POST")

    def state(self):
        return json.loads(self._ask("/state"))


class Echo:
    """The application behind a proxy."""

    def __init__(self, folder):
        self.port = free_port()
        self.process = Process([built("bin", "demo-issuer"), "--echo", str(self.port)], f"{folder}/echo.log")
        self.process.wait_until(lambda: accepts(self.port), "the upstream listens")

    def stop(self):
        self.process.stop()


class IssuerCase(E2eCase):
    """With an issuer for all tests of the class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = cls.start(DemoIssuer(cls.folder))
