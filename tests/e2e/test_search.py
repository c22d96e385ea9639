"""Search by value and by words: what is found is what an oracle finds that reads every byte; after
kill -9 the index agrees with the records; who may not read records learns of none."""

import json
import random
import re
import sqlite3

import pytest

from harness import INCIDENTS, SCALE, SEED, bundle, identifier, indicator, until
from test_attack import knowledge  # noqa: F401  (a fixture)
from test_kill import interrupted_import

KILLS = max(3, 100 // SCALE)
ASKED = 25  # values of one kind that are compared
COUNTED_MAX = 10_000
CVE = re.compile(r"CVE-\d{4}-\d{4,}", re.I)
ADDRESS = re.compile(r"'((?:\d{1,3}\.){3}\d{1,3})'")


def search(node, text, *more, code=0):
    return node.answer("search", text, "--limit", "10000", *more, code=code)


def by_value(answer):
    return sorted(row["id"] for row in answer["records"] if row["found"] == "value")


def objects_of(node):
    """STIX id and object of every record, from the bytes that are stored."""
    with node.store() as store:
        rows = store.execute("SELECT stix_id, bytes FROM record ORDER BY sequence").fetchall()
    return [(stix_id, json.loads(text)) for stix_id, text in rows]


def catalogued(thing):
    """What other catalogues call it."""
    called = {reference["external_id"].strip().upper()
              for reference in thing.get("external_references", []) if "external_id" in reference}
    if thing["type"] == "vulnerability" and CVE.fullmatch(thing.get("name", "")):
        called.add(thing["name"].upper())
    return called


def occurrences_agree(node):
    """Every external id of every record is found, in the records that have it and in no other."""
    expected = {}
    for stix_id, thing in objects_of(node):
        for value in catalogued(thing):
            expected.setdefault(value, []).append(stix_id)
    with node.store() as store:
        indexed = store.execute(
            "SELECT value, stix_id FROM search_value JOIN record USING (sequence) "
            "WHERE kind IN ('external-id', 'vulnerability')").fetchall()
    found = {}
    for value, stix_id in indexed:
        found.setdefault(value, []).append(stix_id)
    assert {key: sorted(ids) for key, ids in found.items()} == \
        {key: sorted(ids) for key, ids in expected.items()}
    return expected


def test_values_and_words_of_attack_are_found(nodes, knowledge):  # noqa: F811
    cn = nodes("CN")
    path, published = knowledge
    cn.run("import", path, "--published", published)
    expected = occurrences_agree(cn)
    chosen = random.Random(SEED).sample(sorted(expected), min(ASKED, len(expected)))
    for value in chosen:
        answer = search(cn, value.lower())
        assert by_value(answer) == sorted(expected[value]), value
        assert sum(row["count"] for row in answer["values"]) >= len(expected[value])
    # Words: exactly the objects that have the word somewhere in what was written.
    things = objects_of(cn)
    words = {word for _, thing in things[:500]
             for word in re.findall(r"\b[A-Za-z]{9,14}\b", thing.get("description", ""))}
    for word in random.Random(SEED).sample(sorted(words), 5):
        pattern = re.compile(rf"(?<![^\W_]){word}(?![^\W_])", re.I)
        answer = search(cn, word)
        found = {row["id"] for row in answer["records"]}
        told = {stix_id for stix_id, thing in things
                if pattern.search(thing.get("description", "")[:8000])}
        assert told <= found, word
    # A list that is cut says so, and has what it may have.
    cut = cn.answer("search", "the", "--limit", "7")
    assert len(cut["records"]) == 7 and cut["more"]
    assert {row["type"] for row in search(cn, "the", "--type", "malware")["records"]} == {"malware"}
    cn.verify()


def test_values_of_the_incidents_are_found(nodes):
    cn = nodes("CN")
    for path in sorted(INCIDENTS.glob("*.json")):
        cn.run("import", path, "--tlp", "clear", code=None)
    occurrences_agree(cn)
    addresses = {}
    for stix_id, thing in objects_of(cn):
        for address in ADDRESS.findall(thing.get("pattern", "")):
            addresses.setdefault(address, set()).add(stix_id)
        if thing["type"] == "ipv4-addr":
            addresses.setdefault(thing["value"], set()).add(stix_id)
    for address, ids in sorted(addresses.items())[:ASKED]:
        assert ids <= set(by_value(search(cn, address))), address
    assert search(cn, "192.0.2.254")["records"] == []


def test_a_store_of_the_version_before_is_indexed(nodes):
    cn = nodes("CN")
    cn.run("import", sorted(INCIDENTS.glob("*.json"))[0], "--tlp", "clear", code=None)
    before = occurrences_agree(cn)
    store = sqlite3.connect(cn.folder / "store.db")
    store.executescript(
        "DROP TABLE search_value; DROP TABLE search_text; DELETE FROM counter WHERE name IN "
        "('values_owed', 'texts'); PRAGMA user_version = 4")
    store.close()
    refused = cn.run("search", "anything", code=None)
    assert refused.returncode != 0 and "comity serve" in refused.stderr
    cn.serve()
    until(lambda: search(cn, "anything")["texts_waiting"] == 0, "the texts are indexed")
    assert search(cn, "anything")["values_waiting"] == 0
    assert occurrences_agree(cn) == before
    cn.stop()
    cn.verify()


def test_after_kill_9_the_index_agrees_with_the_records(nodes, tmp_path):
    cn = nodes("CN")
    chance = random.Random(SEED)
    number = 0
    for turn in range(KILLS):
        things = [indicator(number + k, external_references=[
            {"source_name": "t", "external_id": f"X-{(number + k) % 50}"}]) for k in range(3000)]
        number += len(things)
        path = tmp_path / f"{turn}.json"
        path.write_text(bundle(*things), encoding="utf-8")
        interrupted_import(cn, path, chance.random() / 2, after=1)
        expected = occurrences_agree(cn)
        assert expected
    cn.run("search", "--rebuild")
    assert occurrences_agree(cn) == expected
    value = next(iter(expected))
    answer = search(cn, value)
    assert by_value(answer) == sorted(expected[value])
    assert answer["texts_waiting"] == 0
    cn.verify()


def test_a_value_is_counted_to_a_bound_and_shown_in_pages(nodes, tmp_path):
    cn = nodes("CN")
    count = COUNTED_MAX + 1
    path = tmp_path / "many.json"
    path.write_text(bundle(*(indicator(n, external_references=[
        {"source_name": "t", "external_id": "X-1"}]) for n in range(count))), encoding="utf-8")
    cn.run("import", path, "--tlp", "green")
    answer = cn.answer("search", "x-1", "--limit", "3")
    (row,) = answer["values"]
    assert (row["kind"], row["value"], row["count"], row["more"]) == \
        ("external-id", "X-1", COUNTED_MAX, True)
    assert len(answer["records"]) == 3 and answer["more"]


def test_the_api_finds_the_same_in_pages_and_marks_quarantine(office):
    node, people = office
    me = people["analyst"]
    me.post("/imports?tlp=green", raw=bundle(*(indicator(
        7000 + n, external_references=[{"source_name": "t", "external_id": "API-1"}])
        for n in range(25))).encode())
    rows, cursor = [], None
    while True:
        page = me.get("/search?q=api-1&limit=10" + (f"&cursor={cursor}" if cursor else ""))
        rows += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    assert [row["stix_id"] for row in rows] == \
        [identifier("indicator", 7000 + n) for n in reversed(range(25))]
    assert {(row["found"], row["state"]) for row in rows} == {("value", "live")}
    assert all("sequence" not in row for row in rows)
    for query in ("", "?q=", "?q=a&cursor=x", "?q=a&limit=0", "?q=a&surplus=1",
                  "?q=" + "w+" * 17, "?q=%ff"):
        assert me.request("GET", f"/search{query}").status == 400, query
    assert me.get("/search?q=%22not+closed+%28OR+NEAR%2A")["items"] == []


@pytest.mark.parametrize("role", ["administrator", "oversight"])
def test_who_may_not_read_records_searches_nothing(office, role):
    """The same answer, whether or not something would be found."""
    _, people = office
    told = [people[role].request("GET", f"/search?q={text}").told()
            for text in ("198.51.100.1", "nothing-of-that-name")]
    assert told[0] == told[1] and people[role].request("GET", "/search?q=a").status == 403
