"""Bytes that mean harm, through HTTP, an import file and `comity stix validate`: a clear answer
each time, nothing of it is kept, and others are served as before."""

import json
import re
import resource
import socket
import subprocess

import pytest

from harness import (COMITY, COMMAND_SECONDS_MAX, HTTP_SECONDS_MAX, INBOX, SCALE, TAXII, Peer,
                     assert_taxii_error, bundle, indicator, run, start, tls_context)
from submitting import expect_counts, writer
from test_taxii_probes import raw

GIGABYTE = 1 << 30
# A file that is read by a command; what goes over the wire is cut off long before.
FILE_BYTES = max(GIGABYTE // SCALE, 70 << 20)
ENVELOPE_BYTES_MAX = 32 << 20
SERVED_BYTES_MAX = 128 << 20  # by which a node may grow while it refuses
OBJECT_BYTES_MAX = 64 << 20
LINE_BYTES_MAX = 16 << 20
HEAP_BYTES_MAX = 512 << 20  # of a command, whatever the size of its file
DEPTH = 10_000

HOST = b"Host: x\r\n"
LINE = b"GET /taxii2/ HTTP/1.1\r\n"
SMUGGLED = b"GET /comity/collections/ HTTP/1.1\r\nHost: x\r\n\r\n"


pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture
def target(written):
    """CN serves; a secret of a token that writes, and how its requests begin."""
    cn, ru, sensor, _ = written
    secret = writer(cn, "CN", "hostile")
    fields = HOST + f"Accept: {TAXII}\r\nContent-Type: {TAXII}\r\n" \
        f"Authorization: Bearer {secret}\r\n".encode()
    before = cn.counts()["record"]
    yield cn, sensor, b"POST " + INBOX.encode() + b" HTTP/1.1\r\n" + fields, fields
    # Others are served as before, and nothing was kept.
    assert cn.process.poll() is None and cn.counts()["record"] == before
    peer = Peer(ru, cn)
    assert peer.get("/taxii2/").status == 200
    peer.close()
    expect_counts(sensor.post(indicator(77)), 1, 0)
    cn.stop()
    cn.verify()


# --- heads ----------------------------------------------------------------------------------------

HEADS = {
    "a long line": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431),
    "a long field": (LINE + HOST + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n", 431),
    "ten thousand fields": (LINE + HOST + b"X: y\r\n" * 10_000 + b"\r\n", 431),
    "a head that does not end": (LINE + HOST + b"X-" * 20_000, 431),
    "a NUL in the target": (b"GET /taxii2/\0 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a NUL in a field": (LINE + HOST + b"X: a\0b\r\n\r\n", 400),
    "a NUL in a name": (LINE + HOST + b"X\0: a\r\n\r\n", 400),
    "a line feed alone": (b"GET /taxii2/ HTTP/1.1\nHost: x\n\n", 400),
    "a blank before the colon": (LINE + b"Host : x\r\n\r\n", 400),
    "no version": (b"GET /taxii2/\r\n\r\n", 400),
    "another version": (b"GET /taxii2/ HTTP/3.0\r\n" + HOST + b"\r\n", 400),
    "no host": (LINE + b"\r\n", 400),
    "two hosts": (LINE + HOST + b"Host: y\r\n\r\n", 400),
    "another's address": (b"GET http://x/taxii2/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no request": (bytes(range(256)) * 4 + b"\r\n\r\n", 400),
    "TLS within TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
}


def test_a_head_that_is_none_is_refused(target):
    cn = target[0]
    for name, (data, status) in HEADS.items():
        error = assert_taxii_error(raw(cn, data), status)
        assert error["description"], name


# --- how long a body is, and where the next request begins ----------------------------------------

CHUNKED = b"Transfer-Encoding: chunked\r\n"
FRAMES = {
    "both lengths": b"Content-Length: 4\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
    "both lengths, in the other order":
        CHUNKED + b"Content-Length: 48\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": b"Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" + SMUGGLED,
    "a negative length": b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "a length with a sign": b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
    "a length in hexadecimal digits": b"Content-Length: 0x2\r\n\r\n{}" + SMUGGLED,
    "a length beyond 64 bits": b"Content-Length: 99999999999999999999\r\n\r\n" + SMUGGLED,
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a coding within chunks": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks twice": CHUNKED + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
    "a blank before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk without size": CHUNKED + b"\r\n\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk of negative size": CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk beyond 64 bits": CHUNKED + b"\r\n1FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk that is longer than it says": CHUNKED + b"\r\n1\r\n{}}\r\n0\r\n\r\n" + SMUGGLED,
    "a long line of a chunk": CHUNKED + b"\r\n2;" + b"x" * 200_000 + b"\r\n{}\r\n0\r\n\r\n",
}


def test_what_leaves_the_length_of_a_body_open_smuggles_no_request(target):
    cn, _, post, _ = target
    for name, rest in FRAMES.items():
        got = raw(cn, post + rest)
        assert_taxii_error(got, 400, 413, 431)
        # One answer, and the connection has ended: what was behind is no request.
        assert not re.search(rb"HTTP/1\.1 \d", got.body), name
        assert got.headers["Connection"] == "close", name


def everything(cn, data):
    """All answers to these bytes, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", cn.port), HTTP_SECONDS_MAX) as plain:
        with tls_context().wrap_socket(plain) as secure:
            secure.sendall(data)
            told = b""
            while part := secure.recv(65536):
                told += part
    return told


def test_a_body_that_is_shorter_or_longer_than_it_says(target):
    cn, _, post, _ = target
    # Shorter: it never comes to a request. Longer: the rest is no request.
    with socket.create_connection(("127.0.0.1", cn.port), HTTP_SECONDS_MAX) as plain:
        with tls_context().wrap_socket(plain) as secure:
            secure.sendall(post + b'Content-Length: 1000\r\n\r\n{"objects":[')
    told = everything(cn, post + b"Content-Length: 2\r\n\r\n{}{}\r\n\r\n")
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"400", b"400"]
    assert told.count(b'"http_status"') == 2


def test_requests_that_come_together_are_answered_in_their_order(target):
    cn, _, post, fields = target
    many = 100
    paths = [b"/taxii2/", b"/nowhere/", b"/comity/"]
    data = b"".join(b"GET " + paths[number % 3] + b" HTTP/1.1\r\n" + fields + b"\r\n"
                    for number in range(many))
    told = everything(cn, data + post + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}" +
                      SMUGGLED)
    expected = [[b"200", b"404", b"200"][number % 3] for number in range(many)] + [b"400"]
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == expected


# --- JSON -----------------------------------------------------------------------------------------

BAD = {
    "depth": b"[" * DEPTH + b"]" * DEPTH,
    "depth that does not end": b'{"a":' * DEPTH,
    "no UTF-8": b'{"type":"indicator","name":"\xff"}',
    "an overlong form": b'{"type":"indicator","name":"\xc0\xaf"}',
    "half a character": b'{"type":"indicator","name":"\xe4\xb8"}',
    "a surrogate": b'{"type":"indicator","name":"\\ud800"}',
    "a NUL": b'{"type":"indicator","name":"a\0b"}',
    "NULs alone": b"\0" * 1000,
    "a number without end": b'{"x":' + b"9" * 100_000 + b"}",
    "a comma too many": b'{"a":1,}',
    "nothing": b"",
}


def test_no_bad_json_comes_in_over_http(target):
    cn, _, post, _ = target
    for name, bad in BAD.items():
        for body in (bad, b'{"objects":[' + bad + b",{}]}",
                     b'{"objects":[{}],"more":' + bad + b"}"):
            length = b"Content-Length: %d\r\n\r\n" % len(body)
            got = raw(cn, post + b"Connection: close\r\n" + length + body)
            if got.status == 202:  # each object has its own fate, and all of these failed
                assert got.json()["success_count"] == 0 and got.json()["failures"], name
            else:
                assert assert_taxii_error(got, 400, 413)["description"], name


def test_no_bad_json_comes_in_by_a_file(nodes, tmp_path):
    node = nodes("XA")
    path = tmp_path / "bad.json"
    before = node.counts()
    for name, bad in BAD.items():
        for text in (bad, bundle("@").encode().replace(b"@", bad + b",@@").replace(b"@@", b"5")):
            path.write_bytes(text)
            done = node.run("import", path, "--tlp", "clear", code=None)
            assert done.returncode in (1, 2) and done.stdout + done.stderr, name
            assert node.counts()["record"] == before["record"], name
            said = run("stix", "validate", path, code=1).stdout
            assert said.endswith("warnings\n") and "invalid" in said, name
    node.verify()


# --- a string of a gigabyte -----------------------------------------------------------------------


def high_water(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1]) * 1024


def stream(node, head, chunked):
    """Sends a string of a gigabyte as far as it is taken: answer, and bytes that were sent."""
    piece, sent, told = b"x" * (1 << 20), 0, b""
    with socket.create_connection(("127.0.0.1", node.port), HTTP_SECONDS_MAX) as plain:
        with tls_context().wrap_socket(plain) as secure:
            secure.sendall(head)
            try:
                while sent < GIGABYTE:
                    secure.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n" if chunked else piece)
                    sent += len(piece)
            except OSError:
                pass  # it reads no more; what it said is there
            try:
                while part := secure.recv(65536):
                    told += part
            except OSError:
                pass
    return told, sent


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_string_of_a_gigabyte_is_refused_before_it_is_in_memory(target, chunked):
    cn, _, post, _ = target
    begun = b'{"objects":[{"type":"indicator","name":"'
    frame = CHUNKED + b"\r\n" + b"%x\r\n" % len(begun) + begun + b"\r\n" if chunked else \
        b"Content-Length: %d\r\n\r\n" % GIGABYTE + begun
    before = high_water(cn.process)
    # Who may submit, and who may not.
    stranger = post.replace(b"Authorization: Bearer ", b"Authorization: Bearer x")
    for head, bound in ((post, ENVELOPE_BYTES_MAX), (stranger, 64 * 1024)):
        told, sent = stream(cn, head + frame, chunked)
        assert sent < 2 * ENVELOPE_BYTES_MAX + (32 << 20), sent
        if told:  # the end of the connection can overtake the answer while so much is under way
            assert told.startswith(b"HTTP/1.1 413"), told[:200]
            assert str(bound).encode() in told and re.search(rb'"http_status": ?"413"', told)
    assert high_water(cn.process) - before < SERVED_BYTES_MAX
    got = raw(cn, post + b"Content-Length: %d\r\n\r\n" % GIGABYTE)
    assert_taxii_error(got, 413)


def large_file(path):
    """A bundle: one object with a string of a gigabyte, or so much of one, and a good one."""
    whole = {**indicator(1), "description": "@"}
    head, tail = bundle(whole, indicator(2)).encode().split(b"@")
    with open(path, "wb") as file:
        file.write(head)
        piece = b"x" * (1 << 20)
        for _ in range(FILE_BYTES // len(piece)):
            file.write(piece)
        file.write(tail)
    return path


def object_bytes(path):
    """How long the first object of the large file is."""
    head, tail = bundle("@", indicator(2)).encode().split(b"@")
    return path.stat().st_size - len(head) - len(tail)


def little_heap():
    resource.setrlimit(resource.RLIMIT_DATA, (HEAP_BYTES_MAX, HEAP_BYTES_MAX))


def test_a_file_with_a_string_of_a_gigabyte_is_read_in_little_memory(nodes, tmp_path):
    node = nodes("XA")
    path = large_file(tmp_path / "large.json")
    process = start("import", path, "--tlp", "clear", "--json", "--data", node.folder,
                    preexec_fn=little_heap)
    told, _ = process.communicate(timeout=COMMAND_SECONDS_MAX)
    assert process.returncode == 1, told
    report = json.loads(told)
    assert (report["refused"], report["added"]) == (1, 1)
    assert [row["id"] for row in node.records()] == [indicator(2)["id"]]
    # A bundle is judged object by object: this one is a finding at its place, the next is judged.
    # A line of requests is bounded as a whole; the next line, which is none, is answered, too.
    rule = f"found a JSON document of {object_bytes(path)} bytes, expected at most " \
        f"{OBJECT_BYTES_MAX}"
    found = {"path": "$.objects[0]", "rule": rule, "section": "1.6", "check": "json"}
    advised = {"path": "$.objects[1]", "rule": "expected both a name and a description",
               "section": "4.7", "check": "indicator-properties"}
    said = {"valid": False, "errors": [found], "warnings": [advised]}
    for more, code, expected in (
            (("--json", path), 1, said), (("--json",), 1, said),
            (("--jsonl",), 2, {"error": f"line 1: more than {LINE_BYTES_MAX} bytes"})):
        with open(path, "rb") as file:
            done = subprocess.run([COMITY, "stix", "validate", *more], stdin=file, check=False,
                                  capture_output=True, timeout=COMMAND_SECONDS_MAX,
                                  preexec_fn=little_heap)
        assert (done.returncode, done.stderr) == (code, b""), (more, done)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert told[0] == expected, more
        assert [list(one) for one in told[1:]] == ([["error"]] if "--jsonl" in more else []), more
    node.verify()
