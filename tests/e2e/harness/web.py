"""HTTP as bytes: nothing is normalised, nothing is retried, duplicates and odd spellings arrive as written."""
import json
import socket
import ssl


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:200]!r}>"


class Connection:
    """One connection, to (host, port) or a UNIX socket's path."""

    def __init__(self, address, tls=None, timeout=10.0):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout=timeout)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def is_closed_by_peer(self):
        """True when the peer ended the connection and everything was read."""
        if self.buffer:
            return False
        try:
            data = self.socket.recv(1)
        except (ConnectionError, ssl.SSLError):
            return True
        self.buffer += data
        return not data

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"closed in the middle of an answer, after {self.buffer[:200]!r}")
        self.buffer += data

    def _line(self):
        while b"\r\n" not in self.buffer:
            self._more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def _exactly(self, count):
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _chunks(self):
        body = b""
        while True:
            size = int(self._line().split(";")[0], 16)
            if size == 0:
                while self._line():
                    pass
                return body
            body += self._exactly(size)
            self._line()

    def _until_end(self):
        while True:
            data = self.socket.recv(65536)
            if not data:
                body, self.buffer = self.buffer, b""
                return body
            self.buffer += data

    def read(self, method="GET"):
        status = int(self._line().split(" ")[1])
        headers = []
        while line := self._line():
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        response = Response(status, headers, b"")
        if method == "HEAD" or status in (204, 304) or status < 200:
            return response
        if (response.header("Transfer-Encoding") or "").lower() == "chunked":
            response.body = self._chunks()
        elif response.header("Content-Length") is not None:
            response.body = self._exactly(int(response.header("Content-Length")))
        else:
            response.body = self._until_end()
        return response

    def ask(self, target, method="GET", headers=(), body=b"", host="app.test"):
        self.send(request_bytes(target, method, headers, body, host))
        return self.read(method)


def request_bytes(target, method="GET", headers=(), body=b"", host="app.test"):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers.items() if isinstance(headers, dict) else headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def ask(address, target, method="GET", headers=(), body=b"", host="app.test", tls=None, timeout=10.0):
    """One request on a connection of its own."""
    with Connection(address, tls, timeout) as connection:
        return connection.ask(target, method, headers, body, host)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}
