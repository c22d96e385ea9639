"""What was asked of two open TAXII servers over HTTP is asked of a node. docs/taxii-probes.md says
row by row what a node answers."""

import datetime
import hashlib
import json
import re
import socket

import pytest
import taxii2client.v21 as taxii

from harness import (HTTP_SECONDS_MAX, INBOX, TAXII, Answer, Node, Peer, assert_taxii_error,
                     bundle, canonical, envelope_of, identifier, indicator, pair, sign,
                     tls_context, until)
from submitting import OUTSIDE, assert_taxii_error_of, expect_counts, states, told

COLLECTION = "/comity/collections/records/"
OBJECTS = COLLECTION + "objects/"
MANIFEST = COLLECTION + "manifest/"
INDICATORS = 7
PENDING = 101  # the smallest submission that is not taken in before its answer
CHANGED = identifier("indicator", 1)  # of two versions
MARKING = {
    "type": "marking-definition", "spec_version": "2.1", "id": identifier("marking-definition", 1),
    "created": "2017-06-01T00:00:00Z", "definition_type": "statement",
    "definition": {"statement": "An invented statement."}}
ADDRESS = {"type": "ipv4-addr", "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
           "value": "198.51.100.3"}
SECOND_VERSION = "2024-02-01T00:00:00.000000Z"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def give(node, path, *objects):
    """Imports objects, given as text, and releases them to RU, which is not there."""
    path.write_text(bundle(*objects), encoding="utf-8")
    made = node.answer("import", path, "--tlp", "green")
    assert made["refused"] == 0, made
    node.run("release", made["import"], "--to", "RU", code=3)
    return made


@pytest.fixture(scope="module")
def probed(tmp_path_factory):
    """CN serves; RU was given indicators, a marking as ATT&CK has it, and an address; VN nothing.
    Text of each object by its id, as it was imported last."""
    folder = tmp_path_factory.mktemp("probes")
    # Not the nodes of `federation`: those serve beside these, at ports of their own.
    cn, ru, vn = (Node.make(party, folder / party) for party in ("CN", "RU", "VN"))
    pair(cn, ru)
    pair(cn, vn)
    objects = [indicator(number) for number in range(1, INDICATORS + 1)]
    objects[6]["object_marking_refs"] = [MARKING["id"]]
    texts = {one["id"]: json.dumps(one) for one in [MARKING, *objects, ADDRESS]}
    give(cn, folder / "first.json", *texts.values())
    texts[CHANGED] = json.dumps({**objects[0], "modified": SECOND_VERSION, "name": "changed"})
    give(cn, folder / "second.json", texts[CHANGED])
    cn.serve()
    yield cn, ru, vn, texts
    cn.stop()


@pytest.fixture
def reader(probed):
    cn, ru, _, _ = probed
    peer = Peer(ru, cn)
    yield peer
    peer.close()


def ids(envelope, name="id"):
    return [item[name] for item in envelope.get("objects", [])]


def ok(got):
    assert got.status == 200, got.body
    return got.json()


def raw(node, data, certificate=None, key=None):
    """The one answer to bytes that are no request, or one that no client would make."""
    with socket.create_connection(("127.0.0.1", node.port), HTTP_SECONDS_MAX) as plain:
        with tls_context(certificate, key).wrap_socket(plain) as secure:
            secure.sendall(data)
            told = b""
            while part := secure.recv(65536):
                told += part
    head, _, body = told.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    headers = {name.title(): value.strip()
               for name, _, value in (field.partition(":") for field in fields)}
    return Answer(int(line.split()[1]), headers, body)


# --- negotiation and errors ----------------------------------------------------------------------


def test_probe_01_accept_without_version(reader):
    got = reader.request("GET", "/taxii2/", headers={"Accept": "application/taxii+json"})
    assert ok(got)["api_roots"] and got.headers["Content-Type"] == TAXII


@pytest.mark.parametrize("accept, status", [
    ("*/*", 200), ("application/*", 200), ("application/taxii+json;version=2.1;q=0.5", 200),
    ('application/taxii+json;version="2.1"', 200), (f"{TAXII};charset=utf-8", 200),
    ("text/html, */*;q=0.1", 200), ("text/html", 406), ("*/*;q=0", 406),
    ("application/taxii+json;version=2.0", 406)])
def test_probe_02_accept_is_negotiated(reader, accept, status):
    for path in ("/taxii2/", OBJECTS, MANIFEST):
        got = reader.request("GET", path, headers={"Accept": accept})
        assert got.status == status, path
        assert got.headers["Content-Type"] == TAXII
    if status == 406:
        assert_taxii_error(got, 406)


def test_probe_02_no_accept_at_all(probed):
    cn, ru, _, _ = probed
    got = raw(cn, b"GET /taxii2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", ru.certificate,
              ru.key)
    assert got.status == 200 and got.headers["Content-Type"] == TAXII


def test_probe_03_a_blank_in_the_content_type(reader):
    def posted(content_type):
        return reader.request("POST", INBOX, body=b"{}", headers={"Content-Type": content_type})
    for taken in ("application/taxii+json; version=2.1", 'application/taxii+json;version="2.1"',
                  "application/taxii+json"):
        assert_taxii_error(posted(taken), 400, 403)  # read, and no envelope
    for other in ("application/json", "application/taxii+json; version=2.0"):
        assert_taxii_error(posted(other), 415)


def test_probe_04_every_error_is_an_error_resource(probed, reader):
    cn, ru, _, _ = probed
    assert_taxii_error(reader.request("POST", OBJECTS, body=b'{"objects":[]}'), 403)
    assert_taxii_error(reader.get("/no-such-page/"), 404)
    for method, path, allowed in (("PUT", OBJECTS, "GET, HEAD, POST"),
                                  ("POST", MANIFEST, "GET, HEAD"),
                                  ("DELETE", "/taxii2/", "GET, HEAD")):
        got = reader.request(method, path, body=b"{}")
        assert_taxii_error(got, 405)
        assert got.headers["Allow"] == allowed
    assert_taxii_error(reader.request("POST", INBOX, body=b'{"objects":'), 400)
    # What the HTTP server answers by itself, to a peer and to nobody.
    host = b" HTTP/1.1\r\nHost: x\r\n"
    for certificate, key in ((ru.certificate, ru.key), (None, None)):
        for data, status in ((b"GET\r\n\r\n", 400), (b"GET /taxii2/ HTTP/1.1\r\n\r\n", 400),
                             (b"GET taxii2" + host + b"\r\n", 400),
                             (b"GET /" + host + b"X: " + b"x" * 20_000 + b"\r\n\r\n", 431),
                             (b"POST /" + host + b"Content-Length: 99999999\r\n\r\n", 413)):
            assert_taxii_error(raw(cn, data, certificate, key), status)
    assert_taxii_error(raw(cn, b"GET /taxii2/" + host + b"Connection: close\r\n\r\n"), 401)


def test_probe_05_the_content_type_is_exact(reader):
    for path in ("/taxii2/", "/comity/", "/comity/collections/", COLLECTION, MANIFEST, OBJECTS,
                 f"{OBJECTS}{CHANGED}/", f"{OBJECTS}{CHANGED}/versions/"):
        got = reader.get(path)
        assert got.status == 200 and got.headers["Content-Type"] == TAXII, path


# --- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [OBJECTS, MANIFEST])
def test_probe_06_next_is_the_same_page_again_also_after_kill_9(probed, reader, path):
    cn = probed[0]
    first = ok(reader.get(f"{path}?limit=3"))
    assert first["more"] is True
    following = f"{path}?limit=3&next={first['next']}"
    second = reader.get(following)
    assert reader.get(following).body == second.body
    reader.close()
    cn.kill()
    cn.serve()
    assert reader.get(following).body == second.body
    assert ok(reader.get(f"{path}?limit=3")) == first


def test_probe_07_next_without_limit(probed, reader):
    texts = probed[3]
    first = ok(reader.get(f"{OBJECTS}?limit=2"))
    rest = ok(reader.get(f"{OBJECTS}?next={first['next']}"))
    assert "more" not in rest and len(ids(first) + ids(rest)) == len(texts)


def test_probe_08_next_with_other_filters(reader):
    following = ok(reader.get(f"{OBJECTS}?limit=1&match[type]=indicator"))["next"]
    assert reader.get(f"{OBJECTS}?match[type]=indicator&next={following}").status == 200
    for other in ("", "match[type]=malware&", "match[type]=indicator&match[version]=all&"):
        assert_taxii_error(reader.get(f"{OBJECTS}?{other}next={following}"), 400)
    for elsewhere in (MANIFEST, f"{OBJECTS}{CHANGED}/", f"{OBJECTS}{CHANGED}/versions/"):
        assert_taxii_error(reader.get(f"{elsewhere}?match[type]=indicator&next={following}"), 400)


def test_probe_09_limits(probed, reader):
    texts = probed[3]
    for path in (OBJECTS, MANIFEST, f"{OBJECTS}{CHANGED}/versions/"):
        for wrong in ("0", "-1", "", "x", "1.5"):
            assert_taxii_error(reader.get(f"{path}?limit={wrong}"), 400)
    assert len(ids(ok(reader.get(OBJECTS)))) == len(texts)
    assert len(ids(ok(reader.get(f"{OBJECTS}?limit=999999")))) == len(texts)


def test_probe_10_manifest_and_versions_have_next(probed, reader, monkeypatch):
    cn, ru, _, texts = probed

    def walk(path, name):
        found, query = [], "?limit=1"
        while query:
            page = ok(reader.get(path + query))
            assert len(page[name]) == 1 and page.get("more", False) == ("next" in page)
            found += page[name]
            query = f"?limit=1&next={page['next']}" if page.get("more") else ""
        return found
    assert sorted(item["id"] for item in walk(MANIFEST, "objects")) == sorted(texts)
    assert len(walk(f"{OBJECTS}{CHANGED}/versions/", "versions")) == 2
    # So the real client's as_pages ends, and has everything once.
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    server = taxii.Server(f"https://127.0.0.1:{cn.port}/taxii2/", verify=False,
                          cert=(ru.certificate, ru.key))
    (records,) = (item for item in server.default.collections if item.alias == "records")
    paged = [item for page in taxii.as_pages(records.get_manifest, per_request=2)
             for item in page["objects"]]
    assert paged == records.get_manifest()["objects"] == ok(reader.get(MANIFEST))["objects"]
    versions = records.object_versions(CHANGED)["versions"]
    assert versions == ok(reader.get(f"{OBJECTS}{CHANGED}/versions/"))["versions"]
    server.close()


# --- dates ---------------------------------------------------------------------------------------


def test_probe_11_every_form_of_added_after(probed, reader):
    texts = probed[3]
    first = ok(reader.get(f"{MANIFEST}?limit=1"))["objects"][0]["date_added"]
    left = len(texts) - 1
    at = first[:-1]
    for text in (first, at + "000Z", at + "%2B00:00", at + "+00:00",
                 datetime.datetime.fromisoformat(first).astimezone(
                     datetime.timezone(datetime.timedelta(hours=-3))).isoformat()):
        for path in (OBJECTS, MANIFEST):
            assert len(ids(ok(reader.get(f"{path}?added_after={text}")))) == left, text
    whole = first[:first.index(".")] + "Z"
    assert len(ids(ok(reader.get(f"{OBJECTS}?added_after={whole}")))) == len(texts)
    for junk in ("", "yesterday", "2024-13-01T00:00:00Z", "2024-01-01", first + "x"):
        for path in (OBJECTS, MANIFEST, f"{OBJECTS}{CHANGED}/versions/"):
            assert_taxii_error(reader.get(f"{path}?added_after={junk}"), 400)


def test_probe_13_dates_in_the_header(reader):
    dates = ids(ok(reader.get(MANIFEST)), "date_added")
    for path in (OBJECTS, MANIFEST):
        got = reader.get(f"{path}?limit=3")
        told = [got.headers[f"X-TAXII-Date-Added-{which}"] for which in ("First", "Last")]
        assert told == [dates[0], dates[2]] and all(map(INSTANT.fullmatch, told))
    got = reader.get(f"{OBJECTS}{CHANGED}/versions/")
    told = [got.headers[f"X-TAXII-Date-Added-{which}"] for which in ("First", "Last")]
    assert all(map(INSTANT.fullmatch, told)) and told[0] < told[1]
    none = reader.get(f"{OBJECTS}?added_after=2999-01-01T00:00:00Z")
    assert ok(none) == {} and "X-TAXII-Date-Added-First" not in none.headers


def test_probe_14_no_two_objects_have_one_date(reader):
    dates = ids(ok(reader.get(f"{MANIFEST}?match[version]=all")), "date_added")
    assert len(set(dates)) == len(dates) and dates == sorted(dates)
    # So who asks again after each date misses nothing.
    found, after = [], "2000-01-01T00:00:00Z"
    while True:
        got = reader.get(f"{OBJECTS}?limit=1&match[version]=all&added_after={after}")
        if not ok(got):
            break
        found += ids(got.json())
        after = got.headers["X-TAXII-Date-Added-Last"]
    assert len(found) == len(dates)


# --- what is posted ------------------------------------------------------------------------------


@pytest.fixture
def sender(federation, tmp_path):
    """Posts records of CN's choice to RU, under a disclosure that CN signed anew for them."""
    cn, ru, vn = federation
    give(cn, tmp_path / "sent.json", *map(json.dumps, map(indicator, range(1, 4))))
    pair(ru, vn)
    ru.serve()

    def post(change):
        envelope = envelope_of(cn, "RU", 1)
        statement, records = envelope.statement(), [json.loads(text) for text in envelope.records]
        change(records)
        for entry, record in zip(statement["records"], records, strict=True):
            entry["digest"] = "sha256:" + hashlib.sha256(canonical(record)).hexdigest()
        altered = sign(statement, cn.folder / "keys/node.pem", tmp_path)
        peer = Peer(cn, ru)
        got = peer.post(envelope.altered(altered, map(canonical, records)).bytes())
        peer.close()
        assert got.status == 202, got.body
        return got.json()
    return cn, ru, vn, post


def expect_one_failure(status, failed_id, words):
    assert status["status"] == "complete" and status["pending_count"] == 0
    assert (status["success_count"], status["failure_count"]) == (3, 1)
    assert len(status["successes"]) == 3 and status["total_count"] == 4
    (failure,) = status["failures"]
    assert failure["id"] == failed_id and words in failure["message"]


def test_probe_15_a_malformed_timestamp_fails_its_object_alone(sender):
    _, ru, _, post = sender

    def change(records):
        records[1]["modified"] = "soon"
    status = post(change)
    failed = status["failures"][0]["id"]
    expect_one_failure(status, failed, "$.modified")
    assert failed.startswith("indicator--") and len(ru.records()) == 2
    ru.verify()


def test_probe_16_an_invalid_object_fails_alone(sender):
    _, ru, _, post = sender

    def change(records):
        records[2]["created_by_ref"] = "nobody"
    status = post(change)
    expect_one_failure(status, status["failures"][0]["id"], "$.created_by_ref")
    assert len(ru.records()) == 2
    ru.verify()


def test_probe_17_one_of_three_has_no_id(sender):
    _, ru, _, post = sender

    def change(records):
        del records[0]["id"]
    expect_one_failure(post(change), "", "$.id")
    assert len(ru.records()) == 2
    ru.verify()


def break_time(one):
    one["modified"] = "soon"


def break_reference(one):
    one["created_by_ref"] = "nobody"


def take_id(one):
    del one["id"]


@pytest.mark.parametrize("change, failed, words", [
    (break_time, identifier("indicator", 2), "$.modified"),
    (break_reference, identifier("indicator", 2), "$.created_by_ref"),
    (take_id, "", "$.id")], ids=["probe_15", "probe_16", "probe_17"])
def test_probe_15_16_17_an_object_of_a_token_fails_alone(written, change, failed, words):
    cn, _, sensor, outside = written
    for submitter in (sensor, outside):
        objects = [indicator(number) for number in (1, 2, 3)]
        change(objects[1])
        status = submitter.post(*objects)
        expect_counts(status, 2, 1)
        (failure,) = status["failures"]
        assert failure["id"] == failed and words in failure["message"]
        assert submitter.status(status["id"]).json() == status
    assert [row[0] for row in states(cn)] == 2 * [identifier("indicator", 1),
                                                  identifier("indicator", 3)]
    cn.stop()
    cn.verify()


# --- objects -------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [MARKING, ADDRESS], ids=["probe_18", "probe_19"])
def test_probe_18_19_what_others_cannot_load_is_served_as_it_came(probed, reader, one):
    """18: a timestamp without fraction; 19: an observable without spec_version."""
    texts = probed[3]
    got = reader.get(f"{OBJECTS}{one['id']}/")
    assert got.status == 200 and texts[one["id"]].encode() in got.body


def test_probe_20_versions_of_what_has_no_modified(reader):
    manifest = {item["id"]: item for item in ok(reader.get(MANIFEST))["objects"]}
    assert manifest[MARKING["id"]]["version"] == MARKING["created"]
    address = manifest[ADDRESS["id"]]
    assert address["version"] == address["date_added"]
    for name in (MARKING["id"], ADDRESS["id"]):
        versions = ok(reader.get(f"{OBJECTS}{name}/versions/"))["versions"]
        assert versions == [manifest[name]["version"]]
    assert {item["media_type"] for item in manifest.values()} == \
        {"application/stix+json;version=2.1"}


def test_probe_21_a_changed_copy_is_an_assertion_of_its_own(probed, reader, tmp_path):
    cn, _, _, texts = probed
    third = identifier("indicator", 3)
    before = reader.get(f"{OBJECTS}{third}/?match[version]=all").body
    counted = cn.counts()["record"]
    made = give(cn, tmp_path / "copy.json",
                json.dumps({**json.loads(texts[third]), "name": "changed in silence"}))
    assert made["added"] == 1 and made["warnings"] == 0
    assert reader.get(f"{OBJECTS}{third}/?match[version]=all").body == before
    assert ids(ok(reader.get(f"{MANIFEST}?match[version]=all"))).count(third) == 1
    assert cn.counts()["record"] == counted + 1  # which the node's own officers see


def test_probe_22_one_instant_in_two_spellings_is_one_version(probed, reader, tmp_path):
    cn, _, _, texts = probed
    fourth = identifier("indicator", 4)
    value = json.loads(texts[fourth])
    assert value["modified"].endswith(".000Z")
    give(cn, tmp_path / "spelling.json",
         json.dumps({**value, "modified": value["modified"].replace(".000Z", ".000000Z")}))
    assert ok(reader.get(f"{OBJECTS}{fourth}/versions/"))["versions"] == [value["modified"]]
    for spelling in ("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00Z",
                     "2024-01-01T03:00:00%2B03:00"):
        got = ok(reader.get(f"{OBJECTS}{fourth}/?match[version]={spelling}"))
        assert got["objects"] == [value]


def test_probe_23_versions_ascend_in_the_words_of_their_originator(reader):
    assert ok(reader.get(f"{OBJECTS}{CHANGED}/versions/"))["versions"] == \
        ["2024-01-01T00:00:00.000Z", SECOND_VERSION]
    assert ok(reader.get(f"{OBJECTS}{CHANGED}/"))["objects"][0]["modified"] == SECOND_VERSION


def test_probe_24_match_version_must_be_one(reader):
    for path in (OBJECTS, MANIFEST, f"{OBJECTS}{CHANGED}/"):
        for junk in ("junk", "last,junk", "2024"):
            assert_taxii_error(reader.get(f"{path}?match[version]={junk}"), 400)


def test_probe_25_unknown_parameters_are_ignored(reader):
    for path in ("/taxii2/", OBJECTS, MANIFEST, f"{OBJECTS}{CHANGED}/versions/"):
        assert reader.get(f"{path}?colour=red&match[colour]=red").body == reader.get(path).body


def test_probe_26_without_the_slash_at_the_end(reader):
    for path in ("/taxii2/", "/comity/", "/comity/collections/", COLLECTION, MANIFEST, OBJECTS,
                 f"{OBJECTS}{CHANGED}/", f"{OBJECTS}{CHANGED}/versions/"):
        got, without = reader.get(path), reader.get(path[:-1])
        assert got.status == without.status == 200 and got.body == without.body, path


def test_probe_27_head(reader):
    def fields(got):
        return {name: value for name, value in got.headers.items() if name != "Date"}
    for path in ("/taxii2/", "/comity/", "/comity/collections/", MANIFEST, OBJECTS,
                 f"{OBJECTS}{CHANGED}/", f"{OBJECTS}{CHANGED}/versions/"):
        got, head = reader.get(path), reader.request("HEAD", path)
        assert head.status == 200 and head.body == b"" and fields(head) == fields(got), path


def test_probe_28_delete_of_what_is_not_there(written):
    cn, _, sensor, outside = written
    sensor.post(indicator(1))
    missing = sensor.delete(identifier("indicator", 999))
    assert_taxii_error_of(missing, 404)
    assert told(outside.delete(identifier("indicator", 1))) == told(missing)
    got = sensor.delete(identifier("indicator", 1))
    assert got.status_code == 200 and got.content == b"" and got.headers["Content-Type"] == TAXII
    assert told(sensor.delete(identifier("indicator", 1))) == told(missing)
    cn.stop()
    cn.verify()


def test_probe_28_delete_of_what_was_released_is_refused_alike(reader):
    told = []
    for name in (CHANGED, identifier("indicator", 999)):
        got = reader.request("DELETE", f"{OBJECTS}{name}/")
        assert_taxii_error(got, 405)
        told.append((got.body, got.headers["Allow"]))
    assert told[0] == told[1]
    assert reader.get(f"{OBJECTS}{CHANGED}/").status == 200


def test_probe_29_a_large_submission_is_pending_and_then_complete(written):
    cn, _, sensor, outside = written
    objects = [indicator(number) for number in range(1, PENDING + 1)]
    pending = outside.post(*objects)
    expect_counts(pending, 0, 0, PENDING)
    assert [one["id"] for one in pending["pendings"]] == [one["id"] for one in objects]
    missing = sensor.status("00000000-0000-4000-8000-000000000000")
    assert_taxii_error_of(missing, 404)
    assert told(sensor.status(pending["id"])) == told(missing)
    until(lambda: outside.status(pending["id"]).json()["status"] == "complete", "the submission")
    expect_counts(outside.status(pending["id"]).json(), PENDING, 0)
    assert {row[1:] for row in states(cn)} == {(OUTSIDE, "quarantined", "unsigned-submission")}


def test_probe_29_a_status_is_for_its_owner(sender):
    cn, ru, vn, post = sender
    status = post(lambda records: None)
    where = f"/comity/status/{status['id']}/"
    owner, other = Peer(cn, ru), Peer(vn, ru)
    assert ok(owner.get(where)) == status
    missing = other.get("/comity/status/00000000-0000-4000-8000-000000000000/")
    assert_taxii_error(missing, 404)
    assert other.get(where).body == missing.body
    owner.close()
    other.close()


def test_probe_30_permission_is_of_each_object(probed, reader):
    cn, _, vn, texts = probed
    other = Peer(vn, cn)
    for path in (OBJECTS, MANIFEST):
        assert ok(other.get(path)) == {}
        assert sorted(ids(ok(reader.get(path)))) == sorted(texts)
    for rest in ("", "versions/", "?match[version]=all"):
        missing = other.get(f"{OBJECTS}{identifier('indicator', 999)}/{rest}")
        assert_taxii_error(missing, 404)
        for name in texts:
            got = other.get(f"{OBJECTS}{name}/{rest}")
            assert (got.status, got.body) == (missing.status, missing.body)
    other.close()


def test_probe_31_the_alias_names_the_collection(reader):
    (records,) = (item for item in ok(reader.get("/comity/collections/"))["collections"]
                  if item["alias"] == "records")
    for rest in ("", "objects/", "manifest/", f"objects/{CHANGED}/versions/"):
        by_id = reader.get(f"/comity/collections/{records['id']}/{rest}")
        assert by_id.status == 200 and by_id.body == reader.get(COLLECTION + rest).body


@pytest.mark.parametrize("path", [OBJECTS, MANIFEST])
def test_every_filter_and_several_at_once(probed, reader, path):
    texts = probed[3]

    def found(query):
        return sorted(ids(ok(reader.get(f"{path}?{query}"))))
    indicators = sorted(name for name in texts if name.startswith("indicator--"))
    second = identifier("indicator", 2)
    assert found(f"match[id]={second}") == [second]
    assert found(f"match[id]={second},{ADDRESS['id']},{identifier('indicator', 999)}") == \
        sorted([second, ADDRESS["id"]])
    assert found("match[type]=indicator") == indicators
    assert found("match[type]=ipv4-addr,marking-definition") == \
        sorted([ADDRESS["id"], MARKING["id"]])
    assert found("match[type]=malware") == []
    # Objects are of STIX 2.1 here, also those that need not say so.
    assert found("match[spec_version]=2.1") == found("match[spec_version]=2.0,2.1") == sorted(texts)
    assert found("match[spec_version]=2.0") == []
    assert found("match[version]=all").count(CHANGED) == 2
    for version in ("first", "last", "last,first", "2024-01-01T00:00:00.000Z"):
        times = len(set(version.split(","))) if version != "2024-01-01T00:00:00.000Z" else 1
        assert found(f"match[version]={version}&match[id]={CHANGED}") == times * [CHANGED]
    assert found(f"match[version]=2020-01-01T00:00:00Z&match[id]={CHANGED}") == []
    # All of them have to hold.
    assert found(f"match[id]={second},{ADDRESS['id']}&match[type]=ipv4-addr") == [ADDRESS["id"]]
    assert found(f"match[id]={second}&match[type]=ipv4-addr") == []
    last = ok(reader.get(f"{MANIFEST}?match[type]=indicator"))["objects"][-1]
    assert found(f"match[type]=indicator&added_after={last['date_added']}") == []
    assert found("match[type]=indicator&limit=2&match[version]=first") == indicators[:2]
    # Below one object its own parameters count alone.
    if path == OBJECTS:
        one = f"{OBJECTS}{second}/"
        assert reader.get(f"{one}?match[type]=malware&match[id]=x").body == reader.get(one).body
