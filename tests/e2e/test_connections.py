"""Ten thousand connections that ask for nothing, or slowly: each ends, and others are served."""

import re
import resource
import select
import socket
import ssl
import threading

import pytest

from harness import (HTTP_SECONDS_MAX, INBOX, SCALE, TAXII, Peer, bundle, indicator,
                     tls_context)
from submitting import Submitter, expect_counts, writer
from test_tokens import token

CONNECTIONS = 10_000 // SCALE
# What a server keeps at a time, by src/net/limits.h; fewer where a process may open fewer
# descriptors than four for each. A short run has fewer, so that it passes the bound as a full one.
KEPT = max(1024 // SCALE, 64)
DESCRIPTORS_OF_CONNECTION = 4
HANDSHAKE_SECONDS, REQUEST_SECONDS, IDLE_SECONDS = 10, 30, 60
SLACK_SECONDS = 30  # of a machine that is busy
IDLE_BYTES_MAX = 128 * 1024  # of one connection over TLS, as limits.h says
SLACK_BYTES = 16 * 1024 * 1024
OBJECTS = "/comity/collections/records/objects/"
RECORDS = 40
ELSEWHERE = "127.0.0.2"  # from where they all come

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(autouse=True)
def enough_descriptors():
    """For both ends of a connection in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + 512
    assert hard == resource.RLIM_INFINITY or hard >= wanted, f"at most {hard} descriptors here"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def few_descriptors():
    bound = KEPT * DESCRIPTORS_OF_CONNECTION
    resource.setrlimit(resource.RLIMIT_NOFILE, (bound, bound))


@pytest.fixture
def crowded(federation, tmp_path):
    """CN serves with a bound of `KEPT` connections; RU, which is not there, may read records."""
    cn, ru, _ = federation
    path = tmp_path / "records.json"
    path.write_text(bundle(*map(indicator, range(1, RECORDS + 1))), encoding="utf-8")
    made = cn.answer("import", path, "--tlp", "green")
    cn.run("release", made["import"], "--to", "RU", code=3)
    sensor = writer(cn, "CN", "sensor")
    cn.serve(preexec_fn=few_descriptors)
    yield cn, ru, sensor
    cn.stop()


def wire(node, address=ELSEWHERE):
    return socket.create_connection(("127.0.0.1", node.port), HTTP_SECONDS_MAX, (address, 0))


def over_tls(node, context, data=b""):
    secure = context.wrap_socket(wire(node))
    secure.sendall(data)
    return secure


def hello():
    """The first bytes of a handshake, as a client of this Python sends them."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = tls_context().wrap_bio(incoming, outgoing)
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


def half_a_handshake(node, _, data):
    plain = wire(node)
    plain.sendall(data)
    return plain


def ways_of_asking_nothing(secret):
    """How to open a connection of each kind, and by when it ends by itself."""
    first = hello()
    host = b" HTTP/1.1\r\nHost: x\r\n"
    body = b"POST " + INBOX.encode() + host + f"Content-Type: {TAXII}\r\nAuthorization: Bearer " \
        f"{secret}\r\nContent-Length: 60000\r\n\r\n{{".encode()
    return {
        "silent": (lambda *to: half_a_handshake(*to, b""), HANDSHAKE_SECONDS),
        "half a handshake": (lambda *to: half_a_handshake(*to, first[:len(first) // 2]),
                             HANDSHAKE_SECONDS),
        "idle": (lambda *to: over_tls(*to), IDLE_SECONDS),
        "slow head": (lambda *to: over_tls(*to, b"GET /taxii2/" + host), REQUEST_SECONDS),
        "slow body": (lambda *to: over_tls(*to, body), REQUEST_SECONDS),
    }


def walk(ask_page, limit=7):
    """Every id of a view, page by page."""
    found, query = [], f"?limit={limit}"
    while query:
        page = ask_page(OBJECTS + query)
        found += [one["id"] for one in page.get("objects", [])]
        query = f"?limit={limit}&next={page['next']}" if page.get("more") else ""
    return found


class Poller(threading.Thread):
    """Reads everything again and again, over one connection, until it is told to end."""

    def __init__(self, client, server):
        super().__init__()
        self.peer = Peer(client, server)
        self.enough = threading.Event()
        self.rounds, self.problem = [], None

    def page(self, path):
        got = self.peer.get(path)
        assert got.status == 200, got.body
        return got.json()

    def run(self):
        try:
            while not self.enough.is_set():
                self.rounds.append(walk(self.page))
        except BaseException as problem:  # told by the thread that joins
            self.problem = problem
        finally:
            self.peer.close()

    def end(self):
        self.enough.set()
        self.join()
        if self.problem:
            raise self.problem
        return self.rounds


def ended(sockets, seconds):
    """Waits until the server has ended all of these."""
    waiting = select.poll()
    left = {}
    for one in sockets:
        one.setblocking(False)
        left[one.fileno()] = one
        waiting.register(one.fileno(), select.POLLIN)
    told = b""
    while left:
        events = waiting.poll(seconds * 1000)
        assert events, f"{len(left)} of {len(sockets)} are still open"
        for descriptor, _ in events:
            try:
                part = left[descriptor].recv(65536)
            except (ssl.SSLWantReadError, BlockingIOError):
                continue  # a ticket of TLS, not an answer
            except OSError:
                part = b""
            told += part
            if not part:
                waiting.unregister(descriptor)
                left.pop(descriptor).close()
    return told


def test_thousands_of_connections_end_and_others_are_served(crowded):
    cn, ru, secret = crowded
    expected = [f"indicator--00000000-0000-4000-8000-{number:012d}"
                for number in range(1, RECORDS + 1)]
    context = tls_context()
    ways = ways_of_asking_nothing(secret)
    poller = Poller(ru, cn)
    poller.start()
    opened, refused = {name: [] for name in ways}, 0
    sensor = Submitter(cn, "sensor", secret)
    try:
        for number in range(CONNECTIONS):
            name = list(ways)[number % len(ways)]
            try:
                opened[name].append(ways[name][0](cn, context))
            except OSError:
                refused += 1  # ended already to make room for the ones that came after it
            if number % max(1, CONNECTIONS // 20) == 0:
                # From elsewhere and from the same place, and over new connections, too.
                fresh = Peer(ru, cn)
                assert walk(lambda path: fresh.get(path).json(), 100) == expected
                fresh.close()
                with wire(cn) as plain, context.wrap_socket(plain) as secure:
                    secure.sendall(b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    assert secure.recv(12) == b"HTTP/1.1 401"
        expect_counts(sensor.post(indicator(1000)), 1, 0)
        rounds = poller.end()
    finally:
        poller.enough.set()
        sensor.close()
    assert rounds and all(found == expected for found in rounds)
    count = sum(map(len, opened.values()))
    assert count + refused == CONNECTIONS and count > KEPT
    # More than may be kept came: so many have been ended already. The rest ends by itself, and a
    # short run does not wait for those that have long.
    patience = HANDSHAKE_SECONDS if SCALE > 1 else IDLE_SECONDS
    for name, (_, seconds) in ways.items():
        if seconds <= patience:
            assert ended(opened[name], seconds + SLACK_SECONDS) == b"", name
        else:
            for one in opened[name]:
                one.close()
    last = Peer(ru, cn)
    assert walk(lambda path: last.get(path).json()) == expected
    last.close()
    assert cn.process.poll() is None


def resident(node):
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s*(\d+) kB", status.read())[1]) * 1024


def test_an_idle_connection_takes_no_more_than_is_said(crowded):
    cn, ru, _ = crowded
    context = tls_context(ru.certificate, ru.key)
    count = KEPT - 8
    line = f"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nAccept: {TAXII}\r\n\r\n".encode()

    def opened():
        out = []
        for _ in range(count):
            out.append(over_tls(cn, context, line))
            head = b""
            while b"\r\n\r\n" not in head:
                head += out[-1].recv(65536)
            assert head.startswith(b"HTTP/1.1 200")
        return out
    for one in opened():  # so that what is taken once is there
        one.close()
    before = resident(cn)
    idle = opened()
    taken = resident(cn) - before
    for one in idle:
        one.close()
    assert taken <= count * IDLE_BYTES_MAX + SLACK_BYTES, f"{taken // count} bytes each"


def test_with_few_descriptors_the_oldest_connections_make_room(crowded):
    cn = crowded[0]
    secret = token(cn, "RU", "ru-siem")
    silent = [wire(cn) for _ in range(4 * KEPT)]
    reader = Submitter(cn, "ru-siem", secret)
    got = reader.ask("GET", OBJECTS)
    assert got.status_code == 200 and len(got.json()["objects"]) == RECORDS
    reader.close()
    assert ended(silent, HANDSHAKE_SECONDS + SLACK_SECONDS) == b""
