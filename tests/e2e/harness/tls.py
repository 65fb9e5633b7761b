"""A certificate authority for one test run, and a server certificate for loopback."""
import os
import ssl
import subprocess


class Certificates:
    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.ca, self.certificate, self.key = (os.path.join(folder, name) for name in ("ca.crt", "server.crt", "server.key"))
        ca_key, request, extensions = (os.path.join(folder, name) for name in ("ca.key", "server.csr", "extensions"))
        with open(extensions, "w", encoding="ascii") as file:
            file.write("subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n")
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self._openssl("req", "-x509", *new_key, "-days", "2", "-subj", "/CN=bearerd test authority",
                      "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                      "-keyout", ca_key, "-out", self.ca)
        self._openssl("req", *new_key, "-subj", "/CN=localhost", "-keyout", self.key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
                      "-out", self.certificate, "-extfile", extensions)

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def client(self):
        return ssl.create_default_context(cafile=self.ca)
