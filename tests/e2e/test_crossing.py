"""Records cross because an article lets them, byte for byte, once, with a receipt."""

import hashlib
import http.client
import itertools
import json
import random
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from harness import (COMITY, HTTP_SECONDS_MAX, INBOX, INCIDENTS, READY_SECONDS_MAX, SCALE, SEED,
                     TAXII, Answer, Envelope, Node, Peer, assert_taxii_error, bundle, canonical,
                     envelope_of, environment, identifier, indicator, object_slices, pair, run,
                     self_signed, sign, tls_context)

WANNACRY = INCIDENTS / "wannacry-2017.json"
CHANGED_BYTES = 10_000
RECORDS = "/comity/collections/records/objects/"


def release(cn, what, *parties, code=0):
    """The rows of a release, by party."""
    rows = cn.answer("release", what, "--to", ",".join(parties), code=code)["parties"]
    return {row["party"]: row for row in rows}


def content(records):
    return sorted((row["id"], row["digest"]) for row in records)


# --- the crossing -------------------------------------------------------------------------------


def test_an_incident_crosses_once_and_stays_where_no_article_is(federation):
    cn, ru, vn = federation
    ru.serve()
    vn.serve()
    report = cn.answer("import", WANNACRY)
    assert report["added"] == report["objects"] > 40 and report["refused"] == 0
    total = report["objects"]

    rows = release(cn, report["import"], "RU", "VN", code=1)
    assert (rows["RU"]["disclosed"], rows["RU"]["held_back"]) == (total, 0)
    assert sum(sent["accepted"] for sent in rows["RU"]["sent"]) == total
    for sent in rows["RU"]["sent"]:
        assert sent["receipt"] and not sent["quarantined"] and not sent["rejected"]
        assert sent["basis"][0]["instrument"] == "sco-2009" and sent["basis"][0]["article"]
        assert "sco-in-force-ru" in {item["id"] for item in sent["assumed"]}
    assert (rows["VN"]["disclosed"], rows["VN"]["held_back"]) == (0, total)
    # Identity and marking have no verdict of their own: nothing that goes carries them.
    carried = {row["id"] for row in cn.records() if row["classes"] == ""}
    assert len(carried) == 2
    assert {item["verdict"]["verdict"] for item in rows["VN"]["held"]
            if item["id"] not in carried} == {"no-basis"}
    assert vn.records() == []

    # The same records, byte for byte, as they stand in the file.
    held = ru.records()
    assert content(held) == content(cn.records())
    assert {row["from"] for row in held} == {"CN"} and {row["state"] for row in held} == {"live"}
    source = object_slices(WANNACRY)
    assert len(source) == total
    for node in (cn, ru):
        with node.store() as store:
            stored = dict(store.execute("SELECT stix_id, bytes FROM record").fetchall())
        assert {name: bytes(data) for name, data in stored.items()} == source

    # A second release sends nothing.
    before = cn.counts(), ru.counts()
    rows = release(cn, report["import"], "RU")
    assert (rows["RU"]["already"], rows["RU"]["disclosed"], rows["RU"]["sent"]) == (total, 0, [])
    assert (cn.counts(), ru.counts()) == before

    sent, received = cn.verify(), ru.verify()
    assert sent["sent"] == sent["redecided"] == sent["receipts"] >= 1
    assert sent["receipts_missing"] == 0
    assert received["received"] == received["received_redecided"] == sent["sent"]
    vn.verify()


def test_what_a_view_shows_are_the_bytes_of_the_file(federation):
    cn, ru, vn = federation
    ru.serve()
    report = cn.answer("import", WANNACRY)
    release(cn, report["import"], "RU")
    cn.serve()
    source = object_slices(WANNACRY)
    reader = Peer(ru, cn)
    for name, slice_of_file in source.items():
        got = reader.get(f"{RECORDS}{name}/")
        assert got.status == 200 and got.headers["Content-Type"].replace(" ", "") == TAXII
        assert slice_of_file in got.body, name
        assert [item["id"] for item in got.json()["objects"]] == [name]
    # Nobody else sees one of them, not even that it exists.
    other = Peer(vn, cn)
    for name in source:
        assert_taxii_error(other.get(f"{RECORDS}{name}/"), 404)
    assert "objects" not in other.get(RECORDS).json()


def test_an_unreachable_recipient_gets_everything_later_and_once(federation):
    cn, ru, _ = federation
    report = cn.answer("import", WANNACRY)
    total = report["objects"]
    ru.serve()
    ru.stop()

    for attempt in (1, 2):  # trying twice makes no second disclosure
        done = cn.run("release", report["import"], "--to", "RU", code=3)
        assert "NO RECEIPT YET" in done.stdout and "refused" in done.stdout, attempt
        row = release(cn, report["import"], "RU", code=3)["RU"]
        assert len(row["sent"]) == 1 and not row["sent"][0]["receipt"] and row["sent"][0]["error"]
        assert cn.verify()["receipts_missing"] == 1
    assert ru.records() == []

    ru.serve()
    row = release(cn, report["import"], "RU")["RU"]
    assert row["already"] == total
    assert [(sent["number"], sent["accepted"], sent["receipt"]) for sent in row["sent"]] == \
        [(1, total, True)]
    held = ru.records()
    assert len(held) == total and content(held) == content(cn.records())
    assert cn.verify()["receipts_missing"] == 0
    ru.verify()
    assert release(cn, report["import"], "RU")["RU"]["sent"] == []


def test_while_the_sender_serves_commands_go_through_its_socket(federation):
    cn, ru, _ = federation
    ru.serve()
    report = cn.answer("import", WANNACRY)
    name = next(name for name in object_slices(WANNACRY) if name.startswith("malware--"))
    before = release(cn, name, "RU")["RU"]["disclosed"]
    assert before == 3  # with its author and its marking
    cn.serve()
    # Import and release of the rest, by the serving process.
    again = cn.answer("import", WANNACRY)
    assert again["import"] == report["import"] and again["existed"] == report["objects"]
    row = release(cn, report["import"], "RU")["RU"]
    assert (row["already"], row["disclosed"]) == \
        (before, report["objects"] - before)
    assert sum(sent["accepted"] for sent in row["sent"]) == report["objects"] - before
    assert [sent["number"] for sent in row["sent"]] == list(range(2, 2 + len(row["sent"])))
    assert "no recipient" in cn.run("release", report["import"], code=2).stderr
    # What it cannot do over the socket it says.
    assert "--acknowledge" in cn.run("import", WANNACRY, "--acknowledge", code=2).stderr
    cn.verify()
    assert cn.process.poll() is None
    assert (cn.folder / "socket").stat().st_mode & 0o077 == 0
    # A path means the caller's folder, not the one of the serving process.
    run("import", WANNACRY.name, "--data", cn.folder, cwd=WANNACRY.parent)
    cn.stop()
    # And by the command itself again.
    assert release(cn, report["import"], "RU")["RU"]["already"] == report["objects"]
    assert len(ru.records()) == report["objects"]
    cn.verify()
    ru.verify()


def test_a_second_owner_of_a_data_folder_is_refused(federation):
    cn, _, _ = federation
    cn.serve()
    second = Node("CN", cn.folder)
    done = second.run("serve", code=2)
    assert "is using this data directory" in done.stderr
    assert str(cn.process.pid) in done.stderr


def test_an_arrangement_changes_the_basis(federation):
    cn, ru, _ = federation
    ru.serve()
    made = cn.answer("import", WANNACRY)["import"]
    for node, other in ((cn, "RU"), (ru, "CN")):
        entered = node.answer("treaty", "arrange", "--instrument", "ru-cn-2015", "--kind",
                              "format-and-protection", "--with", other)
        assert entered["arrangement"] and entered["register"].startswith("sha256:")
    row = release(cn, made, "RU")["RU"]
    assert {sent["basis"][0]["instrument"] for sent in row["sent"]} == {"ru-cn-2015"}
    assert all(not sent["quarantined"] and sent["receipt"] for sent in row["sent"])
    assert {record["state"] for record in ru.records()} == {"live"}
    cn.verify()
    ru.verify()


def test_a_basis_that_the_recipient_does_not_hold_is_quarantined(federation):
    """Only the sender has the arrangement: the recipient keeps the records apart and says so."""
    cn, ru, _ = federation
    ru.serve()
    made = cn.answer("import", WANNACRY)["import"]
    cn.run("treaty", "arrange", "--instrument", "ru-cn-2015", "--kind", "format-and-protection",
           "--with", "RU")
    row = release(cn, made, "RU")["RU"]
    quarantined = sum(sent["quarantined"] for sent in row["sent"])
    assert quarantined > 0 and sum(sent["rejected"] for sent in row["sent"]) == 0
    held = ru.records()
    assert sum(record["state"] == "quarantined" for record in held) == quarantined
    # Both sides see why: the sender in the answer to its release, the recipient at its records.
    assert "basis-not-recognised" in {why for sent in row["sent"] for why in sent["reasons"]}
    for record in held:
        if record["state"] == "quarantined" and record["classes"]:
            assert record["reason"] == "basis-not-recognised"
    assert "basis-not-recognised" in ru.run("records").stdout
    with cn.store() as store:  # and the signed receipts, which both keep
        receipts = [bytes(row[0]) for row in store.execute(
            "SELECT bytes FROM protocol WHERE kind = 'comity-receipt' ORDER BY id")]
    with ru.store() as store:
        assert receipts == [bytes(row[0]) for row in store.execute(
            "SELECT bytes FROM protocol WHERE kind = 'comity-receipt' ORDER BY id")]
    assert any(b"basis-not-recognised" in receipt for receipt in receipts)
    cn.verify()
    ru.verify()


def test_content_and_red_never_leave(federation, tmp_path):
    cn, ru, _ = federation
    ru.serve()
    path = tmp_path / "red.json"
    path.write_text(bundle(indicator(1)), encoding="utf-8")
    for imported in (cn.answer("import", INCIDENTS / "content-class.json", "--tlp", "clear"),
                     cn.answer("import", path, "--tlp", "red")):
        row = release(cn, imported["import"], "RU", code=1)["RU"]
        assert row["disclosed"] == 0 and row["held_back"] == imported["objects"]
    assert ru.records() == []


# --- TLS ----------------------------------------------------------------------------------------


def test_without_certificate_and_token_nobody_is_served(federation):
    _, ru, _ = federation
    ru.serve()
    for path in ("/taxii2/", "/comity/", "/nowhere/"):
        connection = http.client.HTTPSConnection("127.0.0.1", ru.port, context=tls_context(),
                                                 timeout=HTTP_SECONDS_MAX)
        connection.request("GET", path, headers={"Accept": TAXII})
        response = connection.getresponse()
        got = Answer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        assert_taxii_error(got, 401)
        assert b"RU" not in got.body
    # Plain HTTP is no way in either.
    with socket.create_connection(("127.0.0.1", ru.port), HTTP_SECONDS_MAX) as plain:
        plain.sendall(b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert b"HTTP/" not in plain.recv(1000)
        except ConnectionResetError:
            pass


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(federation):
    cn, ru, _ = federation
    ru.serve()
    context = tls_context(cn.certificate, cn.key)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", ru.port), HTTP_SECONDS_MAX) as plain:
        with pytest.raises(ssl.SSLError) as caught:
            context.wrap_socket(plain)
    # The server says so; it is not that this client cannot.
    assert caught.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


@pytest.mark.parametrize("who", ["a stranger", "a peer's name", "a party not paired"])
def test_a_certificate_that_nobody_paired_is_unknown(federation, tmp_path, who):
    cn, ru, vn = federation
    ru.serve()
    if who == "a stranger":
        stranger = self_signed(tmp_path)
    elif who == "a peer's name":
        # The name in a certificate proves nothing.
        stranger = self_signed(tmp_path, "CN")
    else:
        stranger = (vn.certificate, vn.key)
    peer = Peer(cn, ru)
    peer.context = tls_context(*stranger)
    before = ru.counts()
    for path in ("/taxii2/", "/comity/", "/comity/collections/", RECORDS, "/no-such-page/"):
        error = assert_taxii_error(peer.get(path), 401)
        assert "paired" in error["description"]
    assert_taxii_error(peer.post(Envelope(b'{"type":"comity-disclosure"}', []).bytes()), 401)
    assert ru.counts() == before


class Impostor:
    """A TLS server on a recipient's address with another certificate; keeps what it is told."""

    def __init__(self, port, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", port))
        self.listener.settimeout(HTTP_SECONDS_MAX)
        self.heard, self.connections = b"", 0
        self.thread = threading.Thread(target=self.answer)
        self.thread.start()

    def answer(self):
        try:
            plain, _ = self.listener.accept()
            self.connections += 1
            plain.settimeout(HTTP_SECONDS_MAX)
            with plain, self.context.wrap_socket(plain, server_side=True) as secure:
                self.heard = secure.recv(100_000)
        except (OSError, ssl.SSLError):
            pass

    def stop(self):
        self.thread.join(HTTP_SECONDS_MAX)
        self.listener.close()
        assert not self.thread.is_alive()


@pytest.mark.parametrize("name", ["stranger", "VN"])
def test_a_server_with_another_certificate_gets_nothing(federation, tmp_path, name):
    cn, ru, vn = federation
    made = cn.answer("import", WANNACRY)["import"]
    identity = (vn.certificate, vn.key) if name == "VN" else self_signed(tmp_path, name)
    impostor = Impostor(ru.port, *identity)
    try:
        row = release(cn, made, "RU", code=3)["RU"]
    finally:
        impostor.stop()
    assert impostor.connections == 1 and impostor.heard == b""
    (sent,) = row["sent"]
    assert not sent["receipt"] and sent["accepted"] == 0
    assert "certificate" in sent["error"]
    assert cn.verify()["receipts_missing"] == 1
    # The true recipient is told afterwards.
    ru.serve()
    assert release(cn, made, "RU")["RU"]["sent"][0]["receipt"]


def test_swapped_key_files_do_not_serve(federation):
    """The certificate of a node is the one that its root signed for, or it does not start."""
    _, ru, vn = federation
    for name in ("tls-certificate.pem", "tls-key.pem"):
        shutil.copy(vn.folder / "keys" / name, ru.folder / "keys" / name)
    process = subprocess.run([COMITY, "serve", "--data", str(ru.folder)], capture_output=True,
                             text=True, check=False, env=environment(), timeout=READY_SECONDS_MAX)
    assert process.returncode in (1, 3)
    assert "listens on" not in process.stdout
    assert "certificate" in process.stderr and str(ru.folder) in process.stderr


# --- hostile disclosures ------------------------------------------------------------------------


class Wire:
    """A recipient, and what the sender has ready for it."""

    def __init__(self, cn, ru, vn, folder):
        self.cn, self.ru, self.vn, self.folder = cn, ru, vn, folder
        self.first, self.second = (envelope_of(cn, "RU", number) for number in (1, 2))
        self.peer = Peer(cn, ru)

    def signed(self, envelope, records=None, **members):
        """The same disclosure with other members, signed by the sender's own key."""
        statement = sign({**envelope.statement(), **members}, self.cn.folder / "keys/node.pem",
                         self.folder)
        return envelope.altered(statement, records)

    def refused(self, envelope, *statuses):
        """Posts it; it must be answered with an error and change nothing."""
        before = self.ru.counts()
        data = envelope if isinstance(envelope, bytes) else envelope.bytes()
        got = self.peer.post(data)
        error = assert_taxii_error(got, *statuses)
        assert self.ru.counts() == before, error
        return error

    def accepted(self, envelope):
        got = self.peer.post(envelope.bytes())
        assert got.status == 202, got.body
        return got


@pytest.fixture(scope="module")
def wire_template(paired_template, tmp_path_factory):
    """CN has two disclosures ready that RU never got."""
    folder = tmp_path_factory.mktemp("wire")
    for party in ("CN", "RU", "VN"):
        shutil.copytree(paired_template / party, folder / party)
    cn = Node("CN", folder / "CN")
    for first in (1, 11):
        path = folder / f"from-{first}.json"
        path.write_text(bundle(*(indicator(first + number) for number in range(4))),
                        encoding="utf-8")
        made = cn.answer("import", path, "--tlp", "green")["import"]
        release(cn, made, "RU", code=3)
    return folder


@pytest.fixture
def wire(wire_template, tmp_path):
    folder = tmp_path / "wire"
    shutil.copytree(wire_template, folder)
    cn, ru, vn = (Node(party, folder / party) for party in ("CN", "RU", "VN"))
    ru.serve()
    made = Wire(cn, ru, vn, tmp_path)
    yield made
    made.peer.close()
    for node in (cn, ru, vn):
        node.stop()


def test_our_own_signatures_are_those_of_the_program(wire):
    """Otherwise the refusals below would prove nothing."""
    statement = wire.first.statement()
    assert sign(statement, wire.cn.folder / "keys/node.pem", wire.folder) == statement
    assert len(wire.first.records) == 4 and statement["number"] == 1
    wire.accepted(wire.signed(wire.first))
    assert len(wire.ru.records()) == 4
    wire.ru.verify()


def test_a_repeat_is_answered_alike_and_stored_once(wire):
    first = wire.accepted(wire.first)
    counts = wire.ru.counts()
    assert counts["record"] == 4
    for _ in range(3):
        assert wire.accepted(wire.first).json() == first.json()
        assert wire.ru.counts() == counts
    # Also after a restart, and after another one has come.
    wire.peer.close()
    wire.ru.stop()
    wire.ru.serve()
    wire.accepted(wire.second)
    counts = wire.ru.counts()
    assert wire.accepted(wire.first).json() == first.json()
    assert wire.ru.counts() == counts and counts["record"] == 8
    # The sender, who knows of no receipt yet, gets the first ones.
    made = wire.cn.answer("release", wire.cn.records()[0]["id"], "--to", "RU")["parties"][0]
    assert [(sent["number"], sent["accepted"]) for sent in made["sent"]] == [(1, 4), (2, 4)]
    assert wire.ru.counts() == counts
    wire.ru.verify()
    wire.cn.verify()


def test_every_changed_byte_is_found(wire):
    """One byte of an envelope changed, at many places: nothing of it is stored."""
    data = wire.first.bytes()
    value = json.loads(data)
    draw = random.Random(SEED)
    count = max(200, CHANGED_BYTES // SCALE)
    places = list(range(len(data))) if count >= len(data) else draw.sample(range(len(data)), count)
    before = wire.ru.counts()
    tried = 0
    for place in places:
        altered = bytearray(data)
        altered[place] = draw.choice([byte for byte in range(256) if byte != data[place]])
        try:
            if json.loads(altered) == value:
                continue  # another spelling of the same statement
        except ValueError:
            pass
        got = wire.peer.post(bytes(altered))
        assert 400 <= got.status < 500, (SEED, place, altered[place], got.status, got.body)
        assert_taxii_error(got)
        assert wire.ru.counts() == before, (SEED, place, altered[place])
        tried += 1
    assert tried > count * 0.9 or tried > len(data) * 0.9
    wire.accepted(wire.first)  # what was changed would have been taken unchanged


def test_a_disclosure_without_a_signature_that_holds(wire):
    statement = wire.first.statement()
    header, _, signature = statement["signature"].split(".")
    missing = {name: value for name, value in statement.items() if name != "signature"}
    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    others = [missing, {**missing, "signature": ""}, {**missing, "signature": None},
              {**missing, "signature": [statement["signature"]]},
              {**missing, "signature": f"{none}..{signature}"},
              {**missing, "signature": f"{none}.."},
              {**missing, "signature": f"{header}.e30.{signature}"},
              {**missing, "signature": f"{header}..{signature}="},
              {**missing, "signature": wire.second.statement()["signature"]},
              # Signed well, by a key that is not the sender's.
              sign(statement, wire.vn.folder / "keys/node.pem", wire.folder),
              sign(statement, wire.cn.folder / "keys/root.pem", wire.folder)]
    for other in others:
        wire.refused(wire.first.altered(other))
    wire.accepted(wire.first)


def test_well_signed_but_not_for_here(wire):
    """Wrong mode, exercise, recipient, sender or form, each signed by the sender's own key."""
    statement = wire.first.statement()
    wrong = [{"mode": "operational"}, {"mode": "operational", "exercise": ""},
             {"exercise": "another"}, {"to_party": "VN"}, {"to_party": "CN"}, {"from": "VN"},
             {"from": "RU"}, {"to": "RU"}, {"format": 1}, {"format": 3}, {"format": 5},
             {"semantics": 2}, {"treaty_action": "onward"}, {"basis": []}, {"consents": []},
             {"records": []}, {"extra": 1}, {"type": "comity-receipt"}, {"spec_version": "2.0"},
             {"number": 0}, {"number": -1}, {"number": 2**53}, {"number": "1"},
             {"previous": statement["register"]},
             {"created": "2020-01-01T00:00:00Z"}, {"register": "sha256:"}]
    for members in wrong:
        wire.refused(wire.signed(wire.first, **members))
    for member in statement:
        # A list that may be empty is left out then, so that one less says something else.
        if member not in ("signature", "asserts", "assumed", "consents", "duties"):
            less = {name: value for name, value in statement.items() if name != member}
            if "type" not in less:
                continue  # nothing that could be signed
            wire.refused(wire.first.altered(
                sign(less, wire.cn.folder / "keys/node.pem", wire.folder)))
    error = wire.refused(wire.signed(wire.first, mode="operational"), 403)
    assert "never mix" in error["description"]
    error = wire.refused(wire.signed(wire.first, format=5), 400)
    assert "reads 2, 3, 4" in error["description"]
    error = wire.refused(wire.signed(wire.first, to_party="VN"), 403)
    assert "VN" in error["description"] and "RU" in error["description"]
    wire.accepted(wire.first)


def test_a_disclosure_for_another_party_is_not_taken(wire):
    """CN's disclosure to RU, unchanged and well signed, brought to VN by CN and to RU by VN."""
    wire.vn.serve()
    before = wire.vn.counts()
    assert_taxii_error(Peer(wire.cn, wire.vn).post(wire.first.bytes()), 403)
    assert wire.vn.counts() == before
    pair(wire.vn, wire.ru)
    before = wire.ru.counts()
    assert_taxii_error(Peer(wire.vn, wire.ru).post(wire.first.bytes()), 403)
    assert wire.ru.counts() == before


def test_records_that_are_not_the_disclosed_ones(wire):
    first, records = wire.first, wire.first.records
    foreign = wire.second.records[0]
    changed = json.dumps({**json.loads(records[0]), "name": "other"}).encode()
    for other in ([], records[:-1], records[1:], [*records, foreign], [*records, records[0]],
                  [records[1], records[0], *records[2:]], [foreign, *records[1:]],
                  [changed, *records[1:]], [records[0]] * 4, [b"5", *records[1:]],
                  [b"{}", *records[1:]], list(reversed(records))):
        wire.refused(first.altered(records=other))
    for order in itertools.islice(itertools.permutations(records), 1, 24):
        wire.refused(first.altered(records=order))
    # The disclosure is first, alone and once.
    wire.refused(Envelope(records[0], [first.disclosure, *records[1:]]))
    wire.refused(Envelope(first.disclosure, [first.disclosure, *records]))
    wire.accepted(first)


@pytest.mark.parametrize("body", [
    b"", b"{}", b"[]", b"null", b"5", b'{"objects":[]}', b'{"objects":{}}', b'{"objects":[null]}',
    b'{"objects":[{}]}', b"\xff\xfe", b"[" * 10_000, b'{"objects":[' + b"[" * 10_000,
    b'{"objects":[{"type":"comity-disclosure","type":"comity-disclosure"}]}',
    b'{"objects":[9007199254740992]}', b'{"objects":["\\ud800"]}',
])
def test_what_is_no_envelope(wire, body):
    wire.refused(body)


def test_two_lists_of_objects_are_refused(wire):
    data = wire.first.bytes()
    wire.refused(data[:-1] + b',"objects":[]}')
    wire.refused(b'{"objects":[],' + data[1:])
    wire.refused(data + data)


def test_a_replay_with_other_content_and_a_gap_are_refused(wire):
    # A gap: the second before the first.
    error = wire.refused(wire.second, 409)
    assert "expected 1" in error["description"]
    wire.accepted(wire.first)
    wire.refused(wire.signed(wire.second, number=3), 409)
    # The number of the first with other content, under a new id or the old one.
    fresh = identifier("comity-disclosure", 7)
    error = wire.refused(wire.signed(wire.first, purpose="incident-response"), 409)
    assert "replay" in error["description"]
    wire.refused(wire.signed(wire.first, id=fresh), 409)
    one = wire.second.statement()
    other = sign({**wire.first.statement(), "id": fresh, "records": one["records"]},
                 wire.cn.folder / "keys/node.pem", wire.folder)
    wire.refused(wire.first.altered(other, wire.second.records), 409)
    # The second, following something else than the first.
    wire.refused(wire.signed(wire.second, previous=one["register"]), 409)
    # The id of the first under the number of the second.
    wire.refused(wire.signed(wire.second, id=wire.first.statement()["id"]), 409)
    wire.accepted(wire.second)
    wire.refused(wire.signed(wire.first, purpose="incident-response"), 409)
    assert len(wire.ru.records()) == 8
    wire.ru.verify()


def test_a_body_without_end_is_cut_off(wire):
    """More than the server says it takes is refused; what was promised longer is not waited for."""
    root = wire.peer.get("/comity/").json()
    limit = root["max_content_length"]
    before = wire.ru.counts()
    with socket.create_connection(("127.0.0.1", wire.ru.port), HTTP_SECONDS_MAX) as plain:
        with wire.peer.context.wrap_socket(plain) as secure:
            secure.sendall((f"POST {INBOX} HTTP/1.1\r\nHost: x\r\nAccept: {TAXII}\r\n"
                            f"Content-Type: {TAXII}\r\nContent-Length: {limit + 1}\r\n\r\n"
                            ).encode())
            secure.settimeout(HTTP_SECONDS_MAX)
            told = secure.recv(1000)
    assert told.startswith(b"HTTP/1.1 413"), told
    assert wire.ru.counts() == before
    assert wire.peer.get("/taxii2/").status == 200


def test_forms_that_the_standard_does_not_have(wire):
    peer = wire.peer
    before = wire.ru.counts()
    data = wire.first.bytes()
    wrong = {"Content-Type": "application/json"}
    assert_taxii_error(peer.request("POST", INBOX, body=data, headers=wrong), 415)
    assert_taxii_error(peer.request("GET", "/taxii2/", headers={"Accept": "text/html"}), 406)
    assert_taxii_error(peer.request("POST", RECORDS, body=data), 403)
    assert_taxii_error(peer.get(INBOX), 403)
    assert_taxii_error(peer.request("PUT", INBOX, body=data), 405)
    assert_taxii_error(peer.request("DELETE", RECORDS + identifier("indicator", 1) + "/"), 405)
    assert_taxii_error(peer.request("POST", "/comity/collections/none/objects/", body=data), 404)
    for page in ("/", "/comity/../taxii2/", "/comity/collections/none/", "/command/records",
                 "/comity/status/00000000-0000-4000-8000-000000000000/"):
        assert_taxii_error(peer.get(page), 400, 404)
    for query in ("limit=0", "limit=-1", "limit=x", "next=stolen", "added_after=yesterday",
                  "match[version]=newest"):
        assert_taxii_error(peer.get(f"{RECORDS}?{query}"), 400)
    assert wire.ru.counts() == before


# --- what a sender says of a record, and what the record says itself ----------------------------

TLP_RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"


def disclosed(record, like, **members):
    digest = hashlib.sha256(canonical(record)).hexdigest()
    return {**like, "digest": f"sha256:{digest}", **members}


@pytest.mark.parametrize("record, members", [
    (indicator(1, object_marking_refs=[TLP_RED]), {"tlp": "clear"}),
    ({**indicator(1), "type": "malware", "id": identifier("malware", 1), "is_family": True,
      "sample_refs": []}, {"classes": ""}),
    (indicator(1), {"classes": "content-data"}),
    (indicator(1), {"classes": "indicator,content-data"}),
    (indicator(1), {"classes": "gossip"}),
    (indicator(1), {"classes": "indicator,?"}),
    (indicator(1), {"tlp": "red"}),
    (indicator(1), {"tlp": "purple"}),
    (indicator(1), {"tlp": ""}),
    (indicator(1), {"chain": [{"instrument": "ru-cn-2015", "originator": "BY"}]}),
], ids=lambda value: json.dumps(value)[:60])
def test_a_sender_cannot_talk_a_record_through(wire, record, members):
    """Signed well, but no honest sender would send it: not taken as a good record."""
    like = wire.first.statement()["records"][0]
    statement = sign({**wire.first.statement(), "records": [disclosed(record, like, **members)]},
                     wire.cn.folder / "keys/node.pem", wire.folder)
    got = wire.peer.post(wire.first.altered(statement, [canonical(record)]).bytes())
    assert got.status == 202 or 400 <= got.status < 500, got.body
    for held in wire.ru.records():
        if held["state"] == "live":
            marked = record.get("object_marking_refs") == [TLP_RED]
            assert marked and held["tlp"] == "red", held
    wire.ru.verify()
