"""What TAXII clients rely on without asking for it. docs/taxii-probes.md, rows 32 to 41; row 42 is
src/exchange/page_reads_test.cpp."""

import datetime
import json
import shutil

import pytest

from harness import INBOX, TAXII, Node, Peer, bundle, identifier, indicator
from submitting import Submitter, expect_counts, told
from test_taxii_probes import (ADDRESS, CHANGED, INDICATORS, MANIFEST, OBJECTS, give, ids, ok,
                               probed, reader)

__all__ = ["probed", "reader"]  # fixtures

TOO_LARGE = 64 * 1024 + 1  # for who may submit nothing

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def test_probe_32_the_media_type_is_on_every_answer(written):
    cn, ru, sensor, _ = written
    peer = Peer(ru, cn)
    reads = Submitter(cn, "reads", cn.answer(
        "token", "new", "--party", "RU", "--collections", "records", "--read", "--name",
        "reads")["secret"])
    stranger = Submitter(cn, "sensor", "comity_of-nobody")
    status = sensor.post(indicator(1))
    first = f"{INBOX}{identifier('indicator', 1)}/"
    answers = [peer.request(*asked) for asked in (
        ("GET", "/taxii2/"), ("HEAD", "/taxii2/"), ("GET", OBJECTS), ("HEAD", OBJECTS),
        ("GET", f"{OBJECTS}?limit=0"), ("POST", OBJECTS, b"{}"), ("PUT", OBJECTS, b"{}"),
        ("GET", "/comity/status/nothing/"), ("GET", f"{OBJECTS}{identifier('indicator', 9)}/"),
        ("GET", OBJECTS, None, {"Accept": "text/html"}),
        ("POST", INBOX, b"{}", {"Content-Type": "text/plain"}))]
    seen = [(got.status, got.headers) for got in answers]
    posted = f'{{"objects":[{json.dumps(indicator(2))}]}}'.encode()
    seen += [(got.status_code, got.headers) for got in (
        sensor.ask("POST", INBOX, posted), sensor.status(status["id"]), sensor.ask("GET", INBOX),
        sensor.ask("DELETE", first), sensor.ask("DELETE", first), sensor.ask("POST", INBOX, b"["),
        reads.ask("GET", OBJECTS), stranger.ask("GET", OBJECTS),
        reads.ask("POST", INBOX, b" " * TOO_LARGE))]
    assert [headers["Content-Type"] for _, headers in seen] == [TAXII] * len(seen)
    assert {status for status, _ in seen} == {200, 202, 400, 401, 403, 404, 405, 406, 413, 415}
    for client in (peer, reads, stranger):
        client.close()


def test_probe_33_the_slash_at_the_end_matters_to_no_method(written):
    _, _, sensor, _ = written
    envelope = f'{{"objects":[{json.dumps(indicator(1))},{json.dumps(indicator(2))}]}}'.encode()
    without = sensor.ask("POST", INBOX.rstrip("/"), envelope)
    assert without.status_code == 202
    expect_counts(without.json(), 2, 0)
    assert sensor.ask("POST", INBOX, envelope).json() == without.json()
    where = f"/comity/status/{without.json()['id']}"
    assert told(sensor.ask("GET", where)) == told(sensor.ask("GET", where + "/"))
    for number, slash in ((1, ""), (2, "/")):
        path = f"{INBOX}{identifier('indicator', number)}"
        assert sensor.ask("DELETE", path + slash).status_code == 200
        gone = [sensor.ask("DELETE", path + end) for end in ("", "/")]
        assert gone[0].status_code == 404 and told(gone[0]) == told(gone[1])


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_probe_34_the_date_added_is_when_the_caller_could_see_it(federation, tmp_path):
    cn, ru, _ = federation
    secret = cn.answer("token", "new", "--party", "KZ", "--collections", "records", "--read",
                       "--name", "of-kz")["secret"]
    path = tmp_path / "early.json"
    path.write_text(bundle(*map(indicator, range(1, 5))), encoding="utf-8")
    cn.answer("import", path, "--tlp", "green")
    imported = now()
    cn.serve()
    peer, token = Peer(ru, cn), Submitter(cn, "of-kz", secret)

    def dates(party):
        got = peer.get(MANIFEST) if party == "RU" else token.ask("GET", MANIFEST)
        return {item["id"]: item["date_added"] for item in got.json().get("objects", [])}
    assert dates("RU") == dates("KZ") == {}
    # What was released later has a later date, whenever it came; and each caller a date of its own.
    order = [identifier("indicator", number) for number in (3, 1, 2)]
    before = [imported]
    for name in order:
        cn.run("release", name, "--to", "RU", code=3)  # who does not serve
        before.append(now())
    seen = dates("RU")
    assert list(seen) == order
    for name, after, until in zip(order, before, before[1:]):
        assert after < seen[name] < until
    cn.run("release", order[0], "--to", "KZ")
    assert list(dates("KZ")) == order[:1] and dates("KZ")[order[0]] > before[-1]
    assert dates("RU") == seen
    peer.close()
    token.close()


def test_probe_35_next_is_kept_nowhere_but_with_the_client(probed, reader, tmp_path):
    """Another process that has the same data, as behind a load balancer, goes on with it."""
    cn, ru, _, texts = probed
    first = ok(reader.get(f"{OBJECTS}?limit=2"))
    second = reader.get(f"{OBJECTS}?limit=2&next={first['next']}")
    third = f"{OBJECTS}?limit=2&next={ok(second)['next']}"
    other = Peer(ru, cn)  # of another connection it is as good
    expected = other.get(third).body
    other.close()
    reader.close()
    cn.stop()
    shutil.copytree(cn.folder, tmp_path / "twin")
    twin = Node("CN", tmp_path / "twin")
    twin.serve()
    try:
        assert reader.get(f"{OBJECTS}?limit=2&next={first['next']}").body == second.body
        assert reader.get(third).body == expected
        fourth = f"{OBJECTS}?limit=2&next={json.loads(expected)['next']}"
        given = reader.get(fourth).body
    finally:
        reader.close()
        twin.stop()
        cn.serve()
    assert reader.get(fourth).body == given
    # It tells nothing of what is stored: neither an id nor the number of a row.
    assert not any(name[-12:] in first["next"] for name in texts)


def walk(reader, path, query):
    """Every page, as the real client asks for it: with the same parameters and `next`."""
    pages, following = [], ""
    while True:
        page = ok(reader.get(f"{path}?{query}{following}"))
        pages.append(page)
        assert page.get("more", False) == ("next" in page)
        if not page.get("more"):
            return pages
        following = f"&next={page['next']}"


@pytest.mark.parametrize("path", [OBJECTS, MANIFEST])
def test_probe_36_added_after_beside_next(probed, reader, path):
    dates = ids(ok(reader.get(MANIFEST)), "date_added")
    names = ids(ok(reader.get(path)))
    for left in (1, 4, len(dates) - 1):
        after = dates[-left - 1]
        pages = walk(reader, path, f"added_after={after}&limit=2")
        assert [name for page in pages for name in ids(page)] == names[-left:]
        assert len(pages) == (left + 1) // 2


@pytest.mark.parametrize("path", [OBJECTS, MANIFEST])
@pytest.mark.parametrize("query, count, kinds", [
    ("match[type]=indicator", INDICATORS, {"indicator"}),
    ("match[type]=ipv4-addr,marking-definition", 2, {"ipv4-addr", "marking-definition"}),
    (f"match[id]={CHANGED},{ADDRESS['id']}", 2, {"indicator", "ipv4-addr"}),
    ("match[type]=indicator&match[version]=all", INDICATORS + 1, {"indicator"}),
    ("match[type]=indicator&match[version]=first", INDICATORS, {"indicator"}),
    ("match[spec_version]=2.0", 0, set())])
def test_probe_37_a_filter_applies_on_every_page(reader, path, query, count, kinds):
    whole = ids(ok(reader.get(f"{path}?{query}")))
    pages = [ids(page) for page in walk(reader, path, f"{query}&limit=1")]
    assert [name for page in pages for name in page] == whole and len(whole) == count
    assert {name.partition("--")[0] for name in whole} == kinds
    assert len(pages) == max(1, count)


@pytest.mark.parametrize("path", [OBJECTS, MANIFEST])
def test_probe_38_more_is_said_only_when_there_is_more(probed, reader, path):
    count = len(probed[3])
    whole = ids(ok(reader.get(path)))
    for limit in (count, count + 1):
        page = ok(reader.get(f"{path}?limit={limit}"))
        assert ids(page) == whole and not page.get("more", False) and "next" not in page
    page = ok(reader.get(f"{path}?limit={count - 1}"))
    assert page["more"] is True and ids(page) == whole[:-1]
    last = ok(reader.get(f"{path}?limit={count - 1}&next={page['next']}"))
    assert ids(last) == whole[-1:] and not last.get("more", False)
    # What the filter leaves out behind the page is nothing more.
    page = ok(reader.get(f"{path}?match[type]=indicator&limit={INDICATORS}"))
    assert len(ids(page)) == INDICATORS and not page.get("more", False)


WRONG = {
    "time": {"modified": "soon"}, "reference": {"created_by_ref": "nobody"},
    "kind": {"type": "malware"}, "list": {"labels": []}, "pattern": {"pattern": 17},
    "member": {"Name": "x"}, "version": {"spec_version": "3.0"}}


@pytest.mark.parametrize("count", [100, 101], ids=["at once", "pending"])
def test_probe_39_what_is_wrong_fails_alone_and_is_named(written, count):
    sensor = written[2]
    texts, wrong = [], {}
    for number in range(1, count + 1):
        one = indicator(number)
        if number % 9 == 0:
            kind = list(WRONG)[number // 9 % len(WRONG)]
            one |= WRONG[kind]
            wrong[one["id"]] = kind
        texts.append(json.dumps(one))
    texts[4], texts[5] = "17", json.dumps({**indicator(6), "id": None})
    status = sensor.post(*texts)
    end = datetime.datetime.now() + datetime.timedelta(seconds=60)
    while status["status"] == "pending" and datetime.datetime.now() < end:
        status = sensor.status(status["id"]).json()
    expect_counts(status, count - len(wrong) - 2, len(wrong) + 2)
    assert sorted(failure["id"] for failure in status["failures"]) == sorted(["", "", *wrong])
    for failure in status["failures"]:
        assert failure["message"].startswith("$"), failure
    good = {success["id"] for success in status["successes"]}
    assert len(good) == count - len(wrong) - 2 and not good & wrong.keys()


def test_probe_40_nothing_waits_for_what_it_names(federation, tmp_path):
    """What is released together comes after what it names; what is nowhere holds nothing back."""
    cn, ru, _ = federation
    author = {"type": "identity", "spec_version": "2.1", "id": identifier("identity", 1),
              "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
              "name": "An invented author", "identity_class": "organization"}
    named = indicator(1, created_by_ref=author["id"])
    astray = indicator(2, created_by_ref=identifier("identity", 999))
    report = {"type": "report", "spec_version": "2.1", "id": identifier("report", 1),
              "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
              "name": "A report", "published": "2024-01-01T00:00:00Z",
              "object_refs": [named["id"], astray["id"], identifier("malware", 999)]}
    whole = [report, named, astray, author]
    give(cn, tmp_path / "astray.json", *map(json.dumps, whole))
    cn.serve()
    peer = Peer(ru, cn)
    shown = ok(peer.get(OBJECTS))["objects"]
    assert sorted(shown, key=whole.index) == whole
    place = {item["id"]: at for at, item in enumerate(shown)}
    assert place[author["id"]] < place[named["id"]] < place[report["id"]]
    assert place[astray["id"]] < place[report["id"]]
    peer.close()


# After the form in which ACS marks; the values are invented.
ACS = {
    "type": "marking-definition", "spec_version": "2.1", "id": identifier("marking-definition", 7),
    "created": "2024-01-01T00:00:00.000Z", "name": "ACS in exercise",
    "extensions": {"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce": {
        "extension_type": "property-extension", "identifier": "isa:guide.19001.ACS3-exercise",
        "create_date_time": "2024-01-01T00:00:00Z", "responsible_entity_custodian": "XA.ONE",
        "control_set": {"classification": "U", "formal_determination": ["PUBREL"]},
        "access_privilege": [{"privilege_action": "ALL", "rule_effect": "permit",
                              "privilege_scope": {"entity": ["ALL"]}}]}}}
STATEMENT = {
    "type": "marking-definition", "spec_version": "2.1", "id": identifier("marking-definition", 8),
    "created": "2024-01-01T00:00:00.000Z", "definition_type": "statement",
    "definition": {"statement": "Invented."}}


def test_probe_41_markings_of_others_are_kept_as_they_came(federation, tmp_path):
    cn, ru, _ = federation
    marked = indicator(
        1, object_marking_refs=[ACS["id"], STATEMENT["id"]],
        granular_markings=[{"selectors": ["name"], "marking_ref": ACS["id"]},
                           {"selectors": ["pattern"], "lang": "en"}])
    # A writing that no JSON library would give back: it is kept all the same.
    texts = [json.dumps(one, indent=3).replace('"id": ', '"id" :  ')
             for one in (ACS, STATEMENT, marked)]
    give(cn, tmp_path / "marked.json", *texts)
    cn.serve()
    peer = Peer(ru, cn)
    body = peer.get(OBJECTS).body
    assert len(ids(json.loads(body))) == len(texts)
    for text in texts:
        assert text.encode() in body
    peer.close()
