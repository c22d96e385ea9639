"""Runs the real `comity`: commands, serving processes, keys, and requests as a peer makes them.

Every wait has a bound. Nothing here reaches into a node except to read what it stored.
"""

import base64
import dataclasses
import fcntl
import hashlib
import http.client
import json
import os
import pathlib
import select
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMITY = os.environ.get("COMITY_BIN") or str(ROOT / "build/release/comity")
SCALE = int(os.environ.get("COMITY_SCALE") or 50)
SEED = int(os.environ.get("COMITY_SEED") or 20261101)
INCIDENTS = ROOT / "examples/incidents"
REGISTER = ROOT / "register"
# A global convention that is in no register, between VN and KE.
CONVENTION = (ROOT / "tests/data/conv-2025.toml").read_text(encoding="utf-8")

COMMAND_SECONDS_MAX = 120
READY_SECONDS_MAX = 20
STOP_SECONDS_MAX = 20
HTTP_SECONDS_MAX = 20

TAXII = "application/taxii+json;version=2.1"
INBOX = "/comity/collections/inbox/objects/"


def environment(extra=None):
    """The environment of the caller without its own data folder or register, and with `extra`."""
    return {name: value for name, value in os.environ.items()
            if name not in ("COMITY_DATA", "COMITY_REGISTER")} | (extra or {})


def run(*arguments, code=0, input=None, cwd=None, seconds=COMMAND_SECONDS_MAX, extra=None):
    """Runs one command; `code` is the exit code that it must give (None: any)."""
    done = subprocess.run([COMITY, *map(str, arguments)], input=input, capture_output=True,
                          text=True, encoding="utf-8", timeout=seconds, check=False, cwd=cwd,
                          env=environment(extra))
    told = f"comity {' '.join(map(str, arguments))}\nexit {done.returncode}\n" \
           f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert code is None or done.returncode == code, f"expected exit {code}\n{told}"
    assert "this is a defect of comity" not in done.stderr, told
    return done


def answer(*arguments, code=0, extra=None):
    """The JSON answer of one command."""
    return json.loads(run(*arguments, "--json", code=code, extra=extra).stdout)


def until(condition, what, seconds=STOP_SECONDS_MAX):
    """Waits until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.01)


def read_until(process, text, seconds=READY_SECONDS_MAX):
    """What the process printed up to the end of the line with `text`."""
    end = time.monotonic() + seconds
    told = b""
    descriptor = process.stdout.fileno()
    while text.encode() not in told or not told.endswith(b"\n"):
        left = end - time.monotonic()
        assert left > 0, f"no line with {text!r} within {seconds} s:\n{told.decode()}"
        if select.select([descriptor], [], [], left)[0]:
            more = os.read(descriptor, 65536)
            assert more, f"ended before a line with {text!r}:\n{told.decode()}"
            told += more
    return told.decode()


def start(*arguments, extra=None, **options):
    return subprocess.Popen([COMITY, *map(str, arguments)], stdin=subprocess.DEVNULL,
                            env=environment(extra), **{"stdout": subprocess.PIPE, **options})


class Ports:
    """Ports for nodes, below those that the system hands out by itself: a node that is started
    again finds its own free. Each is locked against other runs on this machine until this one ends.
    """

    RANGE = range(20000, 32000)

    def __init__(self):
        self.lock = None
        self.next = self.RANGE.start + os.getpid() * 97 % len(self.RANGE)

    def take(self):
        if self.lock is None:  # never closed: closing it would let go of every port
            path = pathlib.Path(tempfile.gettempdir()) / f"comity-test-ports-{os.getuid()}"
            self.lock = open(path, "a", encoding="utf-8")
        for _ in self.RANGE:
            port = self.next
            self.next = port + 1 if port + 1 in self.RANGE else self.RANGE.start
            try:
                fcntl.lockf(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
                with socket.create_server(("127.0.0.1", port)):
                    return port
            except OSError:
                continue
        raise AssertionError(f"no port of {self.RANGE} is free")


PORTS = Ports()


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


class Node:
    """One party's node: its data folder and, while it serves, its process."""

    def __init__(self, party, folder):
        self.party = party
        self.folder = pathlib.Path(folder)
        self.process = None
        self.extra = {}  # environment of all its processes
        self.pages = None  # address and port of its pages, when they are served

    @classmethod
    def make(cls, party, folder, exercise="demo", **options):
        arguments = ["init", "--party", party, "--data", folder,
                     "--allow-network", "127.0.0.0/8"]
        if exercise:
            arguments += ["--exercise", exercise]
        options.setdefault("listen", f"127.0.0.1:{PORTS.take()}")
        for name, value in options.items():
            arguments += [f"--{name}", value]
        run(*arguments)
        return cls(party, folder)

    # Commands on this node.

    def run(self, *arguments, code=0):
        return run(*arguments, "--data", self.folder, code=code, extra=self.extra)

    def answer(self, *arguments, code=0):
        return answer(*arguments, "--data", self.folder, code=code, extra=self.extra)

    def records(self):
        return self.answer("records")["records"]

    def verify(self, code=0):
        found = self.answer("verify", code=code)
        if code == 0:
            assert found["verified"] and found["findings"] == []
        return found

    # Its service.

    @property
    def endpoint(self):
        with self.store() as store:
            (value,) = store.execute("SELECT value FROM meta WHERE key = 'listen'").fetchone()
        return value

    @property
    def port(self):
        return int(self.endpoint.rpartition(":")[2])

    def serve(self, *more, **options):
        """Serves with more arguments of the command, and options of its process."""
        assert self.process is None
        pages = ["--pages", self.pages] if self.pages else []
        self.process = start("serve", *pages, *more, "--data", self.folder, extra=self.extra,
                             **options)
        return read_until(self.process, "listens on")

    def serve_pages(self):
        """Serves with pages, at the same port each time."""
        self.pages = self.pages or f"127.0.0.1:{PORTS.take()}"
        return self.serve()

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()
            self.process = None
        assert code == 0, f"serve of {self.party} ended with {code}"

    def kill(self):
        """Ends the service by kill -9, if it serves."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    # What it stored, read past the program.

    def store(self):
        return Store(self.folder / "store.db")

    def counts(self):
        """Rows of everything that a message can change."""
        with self.store() as store:
            return {table: store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in ("record", "protocol", "grant_run", "ledger", "peer", "register")}

    # A connection with this node's keys, as its own program would make it.

    @property
    def certificate(self):
        return str(self.folder / "keys/tls-certificate.pem")

    @property
    def key(self):
        return str(self.folder / "keys/tls-key.pem")


class Store:
    """The database of a node, read only."""

    def __init__(self, path):
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)

    def __enter__(self):
        return self.connection

    def __exit__(self, *error):
        self.connection.close()


def pair(a, b):
    """Exchanges invitations and compares the digits."""
    papers = {}
    for one, other in ((a, b), (b, a)):
        papers[one.party] = one.folder.parent / f"from-{one.party}-for-{other.party}.json"
        one.run("invite", other.party, "--out", papers[one.party])
    digits = [one.answer("pair", papers[other.party], "--confirmed")["digits"]
              for one, other in ((a, b), (b, a))]
    assert digits[0] == digits[1] and len(digits[0].split()) == 8


def tls_context(certificate=None, key=None):
    """A client that takes any server: what is tested is the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


class Peer:
    """Speaks TAXII to `server` with the certificate of `client`."""

    def __init__(self, client, server):
        self.context = tls_context(client.certificate, client.key)
        self.port = server.port
        self.connection = None

    def request(self, method, path, body=None, headers=None):
        headers = {"Accept": TAXII, **({"Content-Type": TAXII} if body is not None else {}),
                   **(headers or {})}
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPSConnection(
                    "127.0.0.1", self.port, context=self.context, timeout=HTTP_SECONDS_MAX)
            try:
                self.connection.request(method, path, body=body, headers=headers)
                response = self.connection.getresponse()
                data = response.read()
                if response.will_close:
                    self.close()
                return Answer(response.status, dict(response.getheaders()), data)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # A kept connection may have been closed meanwhile; a fresh one must not be.
                self.close()
                if fresh or attempt == 2:
                    raise
        raise AssertionError("not reached")

    def get(self, path):
        return self.request("GET", path)

    def post(self, envelope):
        return self.request("POST", INBOX, body=envelope)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def assert_taxii_error(got, *statuses):
    """A TAXII 2.1 error resource (section 3.6.1) of one of these statuses, or of any 4xx."""
    assert (got.status in statuses) if statuses else (400 <= got.status < 500), \
        f"{got.status} {got.body[:500]!r}"
    assert got.headers["Content-Type"].replace(" ", "") == TAXII
    error = got.json()
    assert error["title"] and error["http_status"] == str(got.status)
    return error


def self_signed(folder, name="stranger"):
    """A P-256 key and a certificate that signs itself, by the openssl command; (crt, key)."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True, timeout=COMMAND_SECONDS_MAX)
    return str(certificate), str(key)


# Disclosures, as docs/formats/signature.md says.


def canonical(value):
    """RFC 8785 for what protocol objects hold: ASCII names, strings, small integers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(disclosure, key_file, folder):
    """The object with a fresh signature by the Ed25519 key in `key_file`."""
    key_file, folder = pathlib.Path(key_file), pathlib.Path(folder)
    der = subprocess.run(["openssl", "pkey", "-in", key_file, "-pubout", "-outform", "DER"],
                         check=True, capture_output=True, timeout=COMMAND_SECONDS_MAX).stdout
    kid = hashlib.sha256(der[-32:]).hexdigest()[:16]
    body = {name: value for name, value in disclosure.items() if name != "signature"}
    header = base64url(canonical({"alg": "EdDSA", "b64": False, "crit": ["b64"], "kid": kid,
                                  "typ": body["type"]}))
    (folder / "signed").write_bytes(header.encode() + b"." + canonical(body))
    signature = subprocess.run(
        ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key_file, "-in", folder / "signed"],
        check=True, capture_output=True, timeout=COMMAND_SECONDS_MAX).stdout
    return {**body, "signature": f"{header}..{base64url(signature)}"}


@dataclasses.dataclass
class Envelope:
    """A disclosure and the bytes of its records, as they travel."""
    disclosure: bytes
    records: list

    def bytes(self):
        return b'{"objects":[' + b",".join([self.disclosure, *self.records]) + b"]}"

    def statement(self):
        return json.loads(self.disclosure)

    def altered(self, statement=None, records=None):
        return Envelope(self.disclosure if statement is None else canonical(statement),
                        self.records if records is None else list(records))


def envelope_of(sender, recipient_party, number):
    """What `sender` has ready for a recipient under this number, from its store."""
    with sender.store() as store:
        identity, disclosure = store.execute(
            "SELECT id, bytes FROM protocol WHERE kind = 'comity-disclosure' AND direction = 0 "
            "AND peer = ? AND number = ?", (recipient_party, number)).fetchone()
        records = store.execute(
            "SELECT record.bytes FROM grant_run CROSS JOIN record ON record.sequence >= "
            "first_sequence AND record.sequence < first_sequence + count "
            "WHERE view = ? AND disclosure = ? AND again = 0 ORDER BY date_added, record.sequence",
            (recipient_party, identity)).fetchall()
    return Envelope(bytes(disclosure), [bytes(row[0]) for row in records])


# STIX for tests.


def identifier(kind, number):
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


def indicator(number, **members):
    return {"type": "indicator", "spec_version": "2.1", "id": identifier("indicator", number),
            "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
            "name": f"example {number}", "pattern": f"[file:name = 'example-{number}.exe']",
            "pattern_type": "stix", "valid_from": "2024-01-01T00:00:00Z", **members}


def bundle(*objects):
    """The text of a bundle; objects given as text are put in as they are."""
    return '{"type":"bundle","id":"%s","objects":[%s]}' % (
        identifier("bundle", 1),
        ",\n".join(item if isinstance(item, str) else json.dumps(item) for item in objects))


def object_slices(path):
    """The bytes of every object of a bundle file as they stand there, by STIX id."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    decoder = json.JSONDecoder()
    at = text.index("[", text.index('"objects"')) + 1
    found = {}
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return found
        value, end = decoder.raw_decode(text, at)
        found[value["id"]] = text[at:end].encode()
        at = end
