"""bearerctl without a daemon: tokens judged by others, what shells are offered, manual pages, and how it looks on a terminal."""
import base64
import fcntl
import json
import os
import pty
import re
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import unittest

from harness.daemon import Bearerd, demo_provider
from harness.issuer import DemoIssuer
from harness.processes import SOURCE, E2eCase, built, eventually, missing, need
from harness.providers import NODE_MODULES

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"]


def bearerctl(*words, **more):
    return subprocess.run([built("bin", "bearerctl"), *words], capture_output=True, text=True, timeout=60, check=False, **more)


def commands():
    """The names of the commands, as the help has them."""
    text = bearerctl("--help").stdout
    block = text.split("commands:\n", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^  ([a-z-]+(?: [a-z-]+)?)(?:  |$)", block, re.M)


def options(text):
    return set(re.findall(r"^\s+(--[a-z-]+)", text, re.M))


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bearerctl-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_well(self, *words, **more):
        answer = bearerctl(*words, **more)
        self.assertEqual(answer.returncode, 0, answer)
        return answer.stdout


class TokensTest(Folder):
    """Keys by openssl, tokens and key sets by bearerctl, verdicts by jose and fast-jwt."""

    @classmethod
    def setUpClass(cls):
        cls.node = need("node")
        for library in ("jose", "fast-jwt"):
            if not os.path.isdir(os.path.join(NODE_MODULES, library)):
                missing(library)

    def make_key(self, algorithm):
        kind = {"ES": ["EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES.get(algorithm)}"], "Ed": ["ED25519"]}.get(
            algorithm[:2], ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        key, public = self.path("key.pem"), self.path("public.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", *kind, "-out", key], check=True, capture_output=True)
        os.chmod(key, 0o600)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
        return key, public

    def case(self, algorithm):
        common = ["token", "sign", "--alg", algorithm, "--issuer", "https://i", "--subject", algorithm, "--claim", "n:=1.5"]
        if algorithm.startswith("HS"):
            secret, path = os.urandom(64), self.path("secret")
            with open(path, "wb") as file:
                file.write(secret)
            os.chmod(path, 0o600)
            return {"alg": algorithm, "token": self.run_well(*common, "--secret-file", path).strip(),
                    "secret": base64.b64encode(secret).decode()}
        key, public = self.make_key(algorithm)
        jwks = json.loads(self.run_well("jwks", "from-pem", public))
        return {"alg": algorithm, "token": self.run_well(*common, "--key", key).strip(), "jwks": jwks}

    def judge(self, cases):
        judged = subprocess.run([self.node, os.path.join(SOURCE, "tests/e2e/counterparts/token_judge.mjs"), NODE_MODULES],
                                input=json.dumps({"cases": cases}), capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(judged.returncode, 0, judged)
        return json.loads(judged.stdout)

    def test_jose_and_fast_jwt_take_a_token_of_each_algorithm_and_no_damaged_one(self):
        good = [self.case(algorithm) for algorithm in ALGORITHMS]
        bad = [{**case, "token": case["token"][:-9] + ("A" if case["token"][-9] != "A" else "B") + case["token"][-8:]} for case in good]
        for case, verdicts in zip(good, self.judge(good)):
            for judge, verdict in verdicts.items():
                with self.subTest(f"{case['alg']} by {judge}"):
                    self.assertEqual(verdict.get("claims", verdict).get("sub"), case["alg"], verdict)
                    self.assertEqual(verdict["claims"]["n"], 1.5)
        for case, verdicts in zip(bad, self.judge(bad)):
            for judge, verdict in verdicts.items():
                with self.subTest(f"damaged {case['alg']} by {judge}"):
                    self.assertIn("error", verdict)

    def test_thumbprints_of_an_assertion_are_those_that_openssl_computes(self):
        key, _ = self.make_key("PS256")
        certificate = self.path("certificate.pem")
        subprocess.run(["openssl", "req", "-x509", "-key", key, "-subj", "/CN=client", "-days", "2", "-out", certificate], check=True,
                       capture_output=True)
        token = self.run_well("token", "sign", "--key", key, "--certificate", certificate, "--alg", "PS256")
        header = json.loads(bearerctl("token", "decode", "--json", input=token).stdout)["header"]
        for digest, member in (("-sha1", "x5t"), ("-sha256", "x5t#S256")):
            printed = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", digest], check=True,
                                     capture_output=True, text=True).stdout
            raw = bytes.fromhex(printed.strip().split("=")[1].replace(":", ""))
            self.assertEqual(header[member], base64.urlsafe_b64encode(raw).decode().rstrip("="))


class TroubleTest(Folder):
    def test_daemon_that_never_answers_is_not_waited_for(self):
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(self.path("admin.sock"))
            silent.listen()
            answer = bearerctl("--socket", self.path("admin.sock"), "status")
        self.assertEqual((answer.returncode, answer.stdout), (2, ""), answer)
        self.assertIn("has not answered for 10 seconds: does it hang?", answer.stderr)

    def test_answer_that_cannot_be_written_is_trouble(self):
        for words in (("--help",), ("completion", "bash"), ("integrate", "nginx")):
            with self.subTest(words[0]), open("/dev/full", "w", encoding="ascii") as full:
                answer = subprocess.run([built("bin", "bearerctl"), *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                self.assertEqual(answer.returncode, 2, answer)
                self.assertIn("could not be written", answer.stderr)


class KeySetTest(Folder):
    def test_keys_are_taken_from_standard_input_too_with_text_around_them(self):
        private = subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519"], check=True, capture_output=True).stdout
        public = subprocess.run(["openssl", "pkey", "-pubout"], input=private, check=True, capture_output=True).stdout.decode()
        with open(self.path("public.pem"), "w", encoding="utf-8") as file:
            file.write(public)
        from_file = self.run_well("jwks", "from-pem", self.path("public.pem"))
        self.assertEqual(json.loads(from_file)["keys"][0]["alg"], "EdDSA")
        self.assertEqual(self.run_well("jwks", "from-pem", "-", input=f"a line before\n{public}and behind\n"), from_file)


class CompletionTest(Folder):
    def offered_by_bash(self, *words):
        script = self.path("completion.bash")
        with open(script, "w", encoding="utf-8") as file:
            file.write(self.run_well("completion", "bash"))
        # compopt works only while a key is pressed.
        line = " ".join(f"'{word}'" for word in ("bearerctl", *words))
        answer = subprocess.run(
            ["bash", "--norc", "-c", f"compopt() {{ :; }}; . {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _bearerctl; "
                                     'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True, timeout=30, check=False,
            cwd=self.folder)
        self.assertEqual((answer.returncode, answer.stderr), (0, ""), answer)
        return answer.stdout.split()

    def test_bash_is_offered_every_command_and_its_options(self):
        for command in commands():
            with self.subTest(command):
                words = command.split()
                self.assertIn(words[0], self.offered_by_bash(""))
                self.assertIn(words[-1], self.offered_by_bash(*words[:-1], words[-1][:2]))
                own = options(bearerctl(*words, "--help").stdout)
                self.assertEqual(set(self.offered_by_bash(*words, "--")), own)

    def test_bash_is_offered_the_words_that_an_option_or_an_argument_may_be(self):
        self.assertEqual(self.offered_by_bash("completion", ""), ["bash", "zsh"])
        self.assertEqual(self.offered_by_bash("integrate", "n"), ["nginx"])
        self.assertEqual(self.offered_by_bash("--socket", "/x", "integrate", "ca"), ["caddy"])
        self.assertEqual(self.offered_by_bash("token", "sign", "--alg", "ES"), ["ES256", "ES384", "ES512"])
        self.assertEqual(self.offered_by_bash("token", "sign", "--alg", "=", "Ed"), ["EdDSA", "Ed25519"])
        self.assertIn("no_role", self.offered_by_bash("tail", "--reason", "no_"))
        self.assertEqual(self.offered_by_bash("revoke", "--key", ""), [])

    def test_bash_is_offered_files_where_a_file_is_meant(self):
        open(self.path("my.pem"), "w", encoding="utf-8").close()
        self.assertEqual(self.offered_by_bash("token", "sign", "--key", "my"), ["my.pem"])
        self.assertEqual(self.offered_by_bash("jwks", "from-pem", "my"), ["my.pem"])

    def test_zsh_completes_a_command_a_word_and_an_option_at_its_prompt(self):
        zsh = need("zsh")
        with open(self.path("_bearerctl"), "w", encoding="utf-8") as file:
            file.write(self.run_well("completion", "zsh"))
        with open(self.path(".zshrc"), "w", encoding="utf-8") as file:
            file.write(f"fpath=({self.folder} $fpath); autoload -U compinit; compinit -u -d {self.folder}/dump; PS1='ready> '\n"
                       f"bearerctl() {{ print -r -- \"ran <$*>\"; }}\n")
        for typed, ran in (("bearerctl reloa\t\n", "ran <reload>"), ("bearerctl integrate ngi\t\n", "ran <integrate nginx>"),
                           ("bearerctl token sign --expire\t\n", "ran <token sign --expires-in>"),
                           ("bearerctl token sign --alg EdD\t\n", "ran <token sign --alg EdDSA>")):
            with self.subTest(typed):
                terminal = Terminal([zsh, "-i"], {"HOME": self.folder, "ZDOTDIR": self.folder, "TERM": "xterm"}, 100, self.folder)
                self.addCleanup(terminal.close)
                terminal.read_until("ready> ")
                terminal.write(typed)
                self.assertIn(ran, terminal.read_until(">\r\n"))


class Terminal:
    """A program at a pseudo-terminal of its own.

    Not its controlling terminal: that hangs up when its leader ends, and what nobody has read yet may be thrown away.
    """

    END = b"\0the program has ended\0"

    def __init__(self, argv, environment, width, cwd=None):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self.child = subprocess.Popen(argv, stdin=self.slave, stdout=self.slave, stderr=self.slave, close_fds=True,
                                      start_new_session=True, cwd=cwd, env={"PATH": os.environ["PATH"], **environment})
        self.marker = threading.Thread(target=self.mark_end)
        self.marker.start()

    def mark_end(self):
        """Behind all that the program wrote, so that whoever sees the mark has seen that."""
        self.child.wait()
        os.write(self.slave, self.END)

    def write(self, text):
        os.write(self.master, text.encode())

    def read_until(self, wanted=None):
        """All that comes until `wanted`, or until the program has ended."""
        seen = b""
        while self.END not in seen and (wanted is None or wanted.encode() not in seen):
            seen += os.read(self.master, 65536)
        return seen.partition(self.END)[0].decode(errors="replace")

    def end(self):
        """(output, exit status)"""
        output = self.read_until()
        return output, self.child.wait(timeout=30)

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
        self.marker.join(timeout=30)
        os.close(self.slave)
        os.close(self.master)


ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class TerminalTest(E2eCase):
    WIDTHS = (40, 80, 200)
    DYNAMIC = {"models": {"gpt-4": {}, "a-deployment-with-a-long-name-of-its-own": {}},
               "roles": {"default": {"limits": {"gpt-4": {"minute": 100000, "requestDay": 1}}}},
               "keys": {"proxyKey1": {"project": "jenkins", "role": "default"}}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = cls.start(DemoIssuer(cls.folder))
        cls.dynamic_file = os.path.join(cls.folder, "config.json")
        with open(cls.dynamic_file, "w", encoding="utf-8") as file:
            json.dump(cls.DYNAMIC, file)
        cls.daemon = cls.start(Bearerd(cls.folder, {"demo": demo_provider(cls.issuer.url),
                                                    "a-provider-with-a-long-name": demo_provider("http://127.0.0.1:1", optional=True)},
                                       config={"files": [cls.dynamic_file]}, admin={"recentDecisions": 100}))

    def use(self, deployment, headers=None):
        headers = headers or {"Authorization": f"Bearer {self.issuer.token()}"}
        return self.daemon.ask("/verify", headers={**headers, "X-Bearerd-Resource": deployment})

    def at_terminal(self, *words, width=80, typed=None, **environment):
        terminal = Terminal([built("bin", "bearerctl"), "--socket", self.daemon.admin_socket, *words],
                            {"TERM": "xterm-256color", **environment}, width)
        self.addCleanup(terminal.close)
        if typed is not None:
            terminal.read_until(": ")
            terminal.write(typed)
        return terminal.end()

    def assert_fits(self, text, width):
        for line in ESCAPE.sub("", text).replace("\r\n", "\n").split("\n"):
            self.assertLessEqual(len(line), width, line)

    def test_help_of_every_command_fits_the_terminal(self):
        for width in self.WIDTHS:
            for words in ([], *(command.split() for command in commands())):
                with self.subTest(f"{words} at {width}"):
                    output, status = self.at_terminal(*words, "--help", width=width)
                    self.assertEqual(status, 0, output)
                    self.assert_fits(output, width)

    def test_tables_fit_the_terminal_and_are_not_cut_in_a_pipe(self):
        self.use("a-deployment-with-a-long-name-of-its-own")
        self.assertEqual(self.daemon.ctl("revoke", "demo", "--subject", "mallory", "--issued-before", "now").returncode, 0)
        for command in ("status", "usage", "revocations", "tail --once", "reloads", "providers demo"):
            for width in self.WIDTHS:
                with self.subTest(f"{command} at {width}"):
                    output, status = self.at_terminal(*command.split(), width=width)
                    self.assertEqual(status, 0, output)
                    self.assert_fits(output, width)
        status = self.daemon.ctl("status").stdout
        self.assertIn("a-provider-with-a-long-name", status)
        self.assertIn("revoked    1 revocation in force", status)

    def test_usage_of_a_usual_terminal_has_every_number_on_its_line(self):
        self.use("gpt-4")
        caller = self.use("gpt-4", {"Api-Key": "proxyKey1"}).header("X-Bearerd-Caller")
        output = self.at_terminal("usage", NO_COLOR="1")[0]
        self.assertRegex(output, r"CALLER +DEPLOYMENT +WINDOW +USED +LIMIT +LEFT\r\n")
        self.assertRegex(output, rf"{caller[:8]}\S*… +gpt-4 +requests_day +1 +1 +0\r\n")
        self.assertRegex(output, r"gpt-4 +tokens_minute +0 +100000 +100000\r\n")
        self.assertIn(caller + "  gpt-4", self.daemon.ctl("usage").stdout)

    def test_tail_of_a_usual_terminal_loses_nothing_and_names_the_project_of_a_key(self):
        self.use("a-deployment-with-a-long-name-of-its-own")
        self.use("a-deployment-with-a-long-name-of-its-own", {"Api-Key": "proxyKey1"})
        output = self.at_terminal("tail", "--once", NO_COLOR="1")[0]
        self.assertRegex(output, r"\d\d:\d\d:\d\dZ allow ok +demo +[0-9a-f]{8}\r\n +a-deployment-with-a-long-name-of-its-own\r\n")
        self.assertRegex(output, r"allow ok +api_key +jenkins +a-deployment|allow ok +api_key +jenkins\r\n +a-deployment")
        refused = self.daemon.ctl("tail", "--once", "--provider", "alice")
        self.assertEqual((refused.returncode, refused.stderr),
                         (1, "bearerctl: there is no provider alice; there are: demo, a-provider-with-a-long-name\n"))

    def test_tail_names_the_limit_that_was_reached(self):
        headers = {"Authorization": f"Bearer {self.issuer.token(sub='insatiable')}"}
        self.assertEqual([self.use("gpt-4", headers).status for _ in range(2)], [200, 429])
        output = self.at_terminal("tail", "--once", "--reason", "limit_reached", width=120, NO_COLOR="1")[0]
        self.assertRegex(output, r"deny +limit_reached +demo +[0-9a-f]{8} gpt-4 \[limit requests_day\]\r\n")

    def test_tail_says_where_to_write_what_it_needs_and_that_is_taken_in_without_a_restart(self):
        daemon = self.start_here(Bearerd(self.own_folder(), {"demo": demo_provider(self.issuer.url)}))
        done = daemon.ctl("tail", "--once")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn(f'"admin": {{"recentDecisions": 10000}} in {daemon.settings_file} keeps them', done.stderr)
        daemon.change(lambda settings: settings.update(admin={"recentDecisions": 10000}))
        eventually(lambda: "no decisions yet" in daemon.ctl("tail", "--once").stderr, "decisions are kept")
        daemon.verify(self.issuer.token())
        self.assertIn(" allow ok ", daemon.ctl("tail", "--once").stdout)

    def test_status_names_the_files_that_are_read(self):
        output = self.at_terminal("status", width=200, NO_COLOR="1")[0]
        self.assertIn(f"files      {self.daemon.settings_file}, {self.dynamic_file}\r\n", output)
        self.assertRegex(output, r"demo +oidc \S+ +ready +\d+ +\d+ (s|min) ago")

    def test_colours_are_for_terminals_that_can_and_whoever_did_not_refuse_them(self):
        self.assertRegex(self.at_terminal("status")[0], ESCAPE)
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotRegex(self.at_terminal("status", **environment)[0], ESCAPE)
        self.assertRegex(self.at_terminal("status", NO_COLOR="")[0], ESCAPE)
        self.assertNotRegex(self.daemon.ctl("status").stdout, ESCAPE)
        self.assertNotRegex(self.at_terminal("status", "--json")[0], ESCAPE)

    def test_exit_status_is_yes_no_or_trouble(self):
        self.assertEqual(self.at_terminal("status")[1], 0)
        self.assertEqual(self.at_terminal("revoke", "nobody", "--jti", "x")[1], 1)
        self.assertEqual(self.at_terminal("statsu")[1], 2)
        self.assertEqual(self.at_terminal("status", "--socket", "/nowhere/admin.sock")[1], 2)
        for command in commands():
            with self.subTest(command):
                self.assertEqual(self.at_terminal(*command.split(), "--no-such-option")[1], 2)

    def test_token_typed_at_the_terminal_is_decoded_and_one_from_elsewhere_can_not_steer_it(self):
        claims = base64.urlsafe_b64encode(b'{"iss":"i","exp":4000000000,"x":"\xc2\x9b31m\x7f"}').decode().rstrip("=")
        output, status = self.at_terminal("token", "decode", typed=f"eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln\n", width=200)
        self.assertEqual(status, 0, output)
        self.assertIn('"x": "\\u009b31m\\u007f"', output)
        self.assertIn("not verified", output)

    def test_key_typed_at_the_terminal_is_not_shown(self):
        output, status = self.at_terminal("key", "hash", typed="s3cret-key\n", width=200)
        self.assertEqual(status, 0, output)
        self.assertIn("sha256:", output)
        self.assertNotIn("s3cret", output)


class ManualTest(unittest.TestCase):
    PAGES = {"bearerd.8": ("docs", "man"), "bearerctl.1": None, "bearerd-settings.5": None}

    def page(self, name):
        path = os.path.join(SOURCE, *self.PAGES[name], name) if self.PAGES[name] else built("man", name)
        if not os.path.exists(path):
            missing(f"the manual page {name}")
        return path

    def shown(self, name):
        """As man shows it, without its bold and underlined."""
        answer = subprocess.run([need("man"), "--warnings", "-l", self.page(name)], capture_output=True, text=True, timeout=60, check=False,
                                env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        self.assertEqual((answer.returncode, answer.stderr), (0, ""), answer.stderr)
        return re.sub(r".\x08", "", answer.stdout)

    def test_pages_are_shown_without_a_warning_and_mandoc_finds_no_fault(self):
        for name in self.PAGES:
            with self.subTest(name):
                self.assertIn("NAME", self.shown(name))
                answer = subprocess.run([need("mandoc"), "-Tlint", "-Wwarning", self.page(name)], capture_output=True, text=True,
                                        timeout=60, check=False)
                self.assertEqual((answer.returncode, answer.stdout), (0, ""), answer.stdout)

    def test_bearerctls_page_has_every_command_and_the_options_of_its_help(self):
        text = self.shown("bearerctl.1")
        for command in commands():
            self.assertRegex(text, rf"(?m)^   {command}\b")
            for option in options(bearerctl(*command.split(), "--help").stdout):
                self.assertIn(option, text)

    def test_bearerds_page_has_the_options_of_its_help(self):
        text = self.shown("bearerd.8")
        usage = subprocess.run([built("bin", "bearerd"), "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
        wanted = set(re.findall(r"--[a-z]+", usage))
        self.assertEqual(set(re.findall(r"^ +(?:-\w, )?(--[a-z]+)", text.split("OPTIONS")[1].split("SIGNALS")[0], re.M)), wanted)


if __name__ == "__main__":
    unittest.main()
