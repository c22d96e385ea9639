"""`comity serve --taxii-plain`: TAXII without TLS on this machine alone, by a token alone."""

import http.client
import json
import signal
import socket

import pytest
import requests
import taxii2client.v21 as taxii

from harness import (HTTP_SECONDS_MAX, INBOX, INCIDENTS, PORTS, STOP_SECONDS_MAX, TAXII, Answer,
                     Node, assert_taxii_error, identifier, indicator, read_until, run, start)
from submitting import Submitter, expect_counts, writer
from test_security import claims
from test_tokens import Bearer, ask, basic, only_collection, token

OBJECTS = "/comity/collections/records/objects/"

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(autouse=True)
def no_other_certificates(monkeypatch):
    """requests prefers these variables to verify=False."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def plain(federation):
    """CN has released an incident to RU, and serves in plain, too: node, its URL, how many objects
    there are, and a secret of RU's."""
    cn = federation[0]
    secret = token(cn, "RU", "ru-siem")
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU", code=None)
    place = f"127.0.0.1:{PORTS.take()}"
    told = cn.serve("--taxii-plain", place)
    assert f"CN serves TAXII without TLS at http://{place}\n" in told
    return cn, f"http://{place}", report["objects"], secret


def get(url, path, authorization=None, **headers):
    headers = {"Accept": TAXII, **headers}
    if authorization:
        headers["Authorization"] = authorization
    got = requests.get(url + path, headers=headers, timeout=HTTP_SECONDS_MAX)
    return Answer(got.status_code, dict(got.headers), got.content)


def test_the_real_client_reads_there_what_it_reads_over_tls(plain):
    cn, url, total, secret = plain
    for login in ({"user": "ru-siem", "password": secret}, {"auth": Bearer(secret)}):
        server = taxii.Server(f"{url}/taxii2/", **login)
        objects = [one for page in taxii.as_pages(only_collection(server).get_objects,
                                                  per_request=7) for one in page["objects"]]
        assert len(objects) == total
        server.close()
    for path in ("/taxii2/", "/comity/collections/", OBJECTS, f"{OBJECTS}?limit=3",
                 "/comity/collections/records/manifest/", "/nowhere/"):
        over_tls = ask(cn, path, f"Bearer {secret}")
        got = get(url, path, f"Bearer {secret}")
        assert (got.status, got.body) == (over_tls.status_code, over_tls.content), path
        assert got.headers["Content-Type"] == TAXII


def test_without_a_token_it_answers_nothing_whatever_headers_say(plain):
    cn, url, _, secret = plain
    far = token(cn, "RU", "far", "--network", "198.51.100.0/24")
    ru = Node("RU", cn.folder.parent / "RU")
    for authorization in (None, "Bearer x", f"Bearer {secret}x", basic("ru-siem", "x"),
                          f"Bearer {far}"):
        nobody = get(url, OBJECTS, authorization)
        assert_taxii_error(nobody, 401)
        assert "WWW-Authenticate" in nobody.headers
        for headers in claims(ru):
            assert get(url, OBJECTS, authorization, **headers).body == nobody.body, headers
    # A peer's own statements come over TLS with its certificate alone.
    before = cn.counts()
    got = requests.post(url + INBOX, data=b'{"objects":[]}', timeout=HTTP_SECONDS_MAX,
                        headers={"Accept": TAXII, "Content-Type": TAXII})
    assert_taxii_error(Answer(got.status_code, got.headers, got.content), 401)
    assert cn.counts() == before


def test_a_token_that_writes_submits_there(plain):
    cn, url, _, _ = plain
    sensor = Submitter(cn, "sensor", writer(cn, "CN", "sensor"))
    sensor.root = url
    expect_counts(sensor.post(indicator(1), indicator(2)), 2, 0)
    assert sensor.delete(identifier("indicator", 2)).status_code == 200
    sensor.close()
    cn.stop()
    cn.verify()


@pytest.mark.parametrize("place", ["0.0.0.0:0", "192.0.2.1:0", "10.0.0.1:8080", "[::]:0",
                                   "localhost:0", "127.0.0.1", "here"])
def test_anywhere_else_it_is_refused(nodes, place):
    node = nodes("XA")
    done = run("serve", "--taxii-plain", place, "--data", node.folder, code=2)
    assert done.stdout == "" and "--taxii-plain" in done.stderr
    if place[0].isdigit() and place.count(":") == 1 and not place.startswith("127."):
        assert "no loopback address" in done.stderr


def test_a_port_that_is_taken_is_said(nodes):
    node = nodes("XA")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--taxii-plain", f"127.0.0.1:{port}", "--data", node.folder, code=None)
        assert done.returncode != 0 and str(port) in done.stderr


def test_the_ready_line_says_where_and_nothing_listens_unasked(nodes):
    node = nodes("XA")
    for more, expected in ((("--taxii-plain", "127.0.0.1:0"), "http://127.0.0.1:"), ((), None)):
        process = start("serve", *more, "--json", "--data", node.folder)
        try:
            ready = json.loads(read_until(process, '"taxii_plain"'))
            if expected is None:
                assert ready["taxii_plain"] is None
                continue
            assert ready["taxii_plain"].startswith(expected)
            # Errors of the HTTP server are error resources there, too; TLS is none of its words.
            port = int(ready["taxii_plain"].rpartition(":")[2])
            for data in (b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"):
                with socket.create_connection(("127.0.0.1", port), HTTP_SECONDS_MAX) as wire:
                    wire.sendall(data)
                    response = http.client.HTTPResponse(wire)
                    response.begin()
                    assert_taxii_error(Answer(response.status, dict(response.getheaders()),
                                              response.read()), 400)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS_MAX) == 0
            process.stdout.close()
