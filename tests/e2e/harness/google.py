"""Google's three endpoints for an access token, as its documentation has them; tokens and groups are invented."""
import http.server
import json
import threading
import urllib.parse


class FakeGoogle:
    """`people` maps a token to what token info and user info say of it; `groups` an address to pages of groups."""

    def __init__(self):
        self.people, self.groups, self.trouble, self.asked = {}, {}, {}, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def entry(self, **changes):
        return {"plugin": "google", "userInfoEndpoint": self.url + "/userinfo", "tokenInfoUrl": self.url + "/tokeninfo",
                "groupsUrl": self.url + "/groups", "audience": "web.apps.googleusercontent.com", "negativeCacheExpirationMs": 200, **changes}

    def log_in(self, token, email, client="web.apps.googleusercontent.com", **claims):
        subject = claims.pop("sub", "100000000000000000001")
        self.people[token] = (
            {"aud": client, "azp": client, "sub": subject, "exp": "4102444800", "scope": "openid email", "email_verified": "true"},
            {"sub": subject, "email": email, "email_verified": True, "hd": "example.test", **claims})

    def answer(self, method, path, query, token):
        if path in self.trouble:
            return self.trouble[path]
        person = self.people.get(token)
        if (method, path) == ("POST", "/tokeninfo"):
            return (200, person[0]) if person else (400, {"error": "invalid_token", "error_description": "Invalid Value"})
        if person is None:
            return 401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}
        if (method, path) == ("GET", "/userinfo"):
            return 200, person[1]
        if (method, path) == ("GET", "/groups"):
            pages = self.groups.get(query["query"][0], [[]])
            number = int(query.get("pageToken", ["0"])[0])
            said = {"memberships": [{"groupKey": {"id": group}} for group in pages[number]]}
            return 200, {**said, "nextPageToken": str(number + 1)} if number + 1 < len(pages) else said
        return 404, {}

    def handler(self):
        google = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                target = urllib.parse.urlsplit(self.path)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                google.asked.append((self.command, self.path, token))
                status, said = google.answer(self.command, target.path, urllib.parse.parse_qs(target.query), token)
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        return Handler
