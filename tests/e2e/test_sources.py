"""Every technical value of the example incidents stands in SOURCES.tsv, and every row is used."""

import copy
import csv
import ipaddress
import json
import re
import tomllib
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INCIDENTS = ROOT / "examples" / "incidents"
INVENTED = "content-class.json"
INCIDENTS_LEAST = 12
COLUMNS = ["value", "document", "address", "words_around", "seen"]
MOST_WORDS = 20
LONGEST_DESCRIPTION = 400

HEX = "[0-9a-fA-F]"
HASH = re.compile(rf"(?<![0-9A-Za-z])(?:{HEX}{{64}}|{HEX}{{40}}|{HEX}{{32}})(?![0-9A-Za-z])")
CVE = re.compile(r"\bCVE-\d{4}-\d{4,}\b")
ATTACK = re.compile(r"\b[TSM]\d{4}(?:\.\d{3})?\b")
HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z]{2,}", re.IGNORECASE)
IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
IPV6 = re.compile(r"(?<![0-9a-fA-F:])[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*")
LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")

OBSERVABLES_WITH_HOSTS = {
    "domain-name", "url", "email-addr", "email-message", "network-traffic", "file",
}
OBSERVABLES = OBSERVABLES_WITH_HOSTS | {
    "artifact", "directory", "software", "windows-registry-key",
}
# What states a fact says where it can be read. Observables stand in an indicator or a malware that
# does; a relationship is between things that do; a note is an opinion, and says so by its type.
WITH_SOURCES = {
    "report", "malware", "tool", "infrastructure", "vulnerability", "attack-pattern", "indicator",
    "grouping",
}


def texts(node, key=""):
    """All strings of an object, except the addresses of its references and opaque payloads."""
    if isinstance(node, str):
        if key not in ("payload_bin", "id") and not key.endswith(("_ref", "_refs")):
            yield node
    elif isinstance(node, list):
        for item in node:
            yield from texts(item, key)
    elif isinstance(node, dict):
        for name, item in node.items():
            if key == "external_references" and name == "url":
                continue
            yield from texts(name)
            yield from texts(item, name)


def addresses(text):
    for match in [*IPV4.findall(text), *IPV6.findall(text)]:
        try:
            ipaddress.ip_address(match)
        except ValueError:
            continue
        yield match


def hosts(thing):
    """Hosts stand in the quoted parts of a pattern and in the values of an observable."""
    if thing["type"] == "indicator":
        for literal in LITERAL.findall(thing["pattern"]):
            yield from HOST.findall(literal)
    elif thing["type"] in OBSERVABLES_WITH_HOSTS:
        for text in texts(thing):
            yield from HOST.findall(text)


def values_of(bundle):
    found = set()
    for thing in bundle["objects"]:
        found.update(hosts(thing))
        for text in texts(thing):
            for expression in (HASH, CVE, ATTACK):
                found.update(expression.findall(text))
            found.update(addresses(text))
    return found


def read_sources(path):
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == COLUMNS, f"{path.name}:1: found {rows[0]}, expected {COLUMNS}"
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]


def read_bundles(folder):
    paths = sorted(folder.glob("*.json"))
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def complaints(bundles, rows):
    result = []
    known = [row["value"] for row in rows]
    for name, bundle in bundles.items():
        for value in sorted(values_of(bundle) - set(known)):
            result.append(f"{name}: {value} has no row in SOURCES.tsv")
    used = "\n".join(t for b in bundles.values() for thing in b["objects"] for t in texts(thing))
    for row in rows:
        value = row["value"]
        if known.count(value) > 1:
            result.append(f"{value} has more than one row")
        if len(row["words_around"].split()) > MOST_WORDS:
            result.append(f"{value}: more than {MOST_WORDS} words around it")
        if value not in row["words_around"] and not re.fullmatch(r"S\d{4}", value):
            result.append(f"{value} is not among the words around it")
        # The boundary keeps a row for T1003 from passing because T1003.001 is used.
        if not re.search(r"(?<![\w.-])" + re.escape(value) + r"(?![\w-]|\.\w)", used):
            result.append(f"{value} has a row but no bundle uses it")
        if not all(row.values()) or not row["address"].startswith("https://"):
            result.append(f"{value}: a column is empty or the address is not https")
    return result


def names_of_states():
    """A pattern of the English names of the states, as the register has them."""
    parties = tomllib.loads((ROOT / "register" / "parties.toml").read_text(encoding="utf-8"))
    names = [name for party in parties["party"] if party["kind"] == "state"
             for name in (party["name"], *party.get("aliases", []))]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


STATE = names_of_states()


def states_named(thing):
    """States that our own words about an incident name; the title of a source may name one."""
    own = (thing.get(key, "") for key in ("name", "description", "abstract", "content"))
    return STATE.findall("\n".join(own))


BUNDLES = read_bundles(INCIDENTS)


def test_every_value_has_a_source_and_every_source_a_use():
    assert len(BUNDLES.keys() - {INVENTED}) >= INCIDENTS_LEAST
    assert complaints(BUNDLES, read_sources(INCIDENTS / "SOURCES.tsv")) == []


@pytest.mark.parametrize("pattern, value", [
    ("[file:hashes.MD5 = '0123456789abcdef0123456789abcdef']", "0123456789abcdef0123456789abcdef"),
    ("[domain-name:value = 'unknown.example']", "unknown.example"),
    ("[url:value = 'http://unknown.example/a']", "unknown.example"),
    ("[ipv4-addr:value = '192.0.2.7']", "192.0.2.7"),
    ("[ipv6-addr:value = '2001:db8::7']", "2001:db8::7"),
    ("[file:name = 'unknown_b.exe']", "unknown_b.exe"),
    ("[file:name = 'CVE-1999-0001']", "CVE-1999-0001"),
    ("[file:name = 'T9999.001']", "T9999.001"),
])
def test_a_value_without_a_source_is_found(pattern, value):
    bundles = copy.deepcopy(BUNDLES)
    bundles["wannacry-2017.json"]["objects"].append({"type": "indicator", "pattern": pattern})
    rows = read_sources(INCIDENTS / "SOURCES.tsv")
    assert complaints(bundles, rows) == [f"wannacry-2017.json: {value} has no row in SOURCES.tsv"]


@pytest.mark.parametrize("thing, value", [
    ({"type": "domain-name", "value": "unknown.example"}, "unknown.example"),
    ({"type": "ipv6-addr", "value": "2001:db8::7"}, "2001:db8::7"),
    ({"type": "file", "hashes": {"SHA-1": "a" * 40}}, "a" * 40),
    ({"type": "file", "name": "unknown_b.exe"}, "unknown_b.exe"),
])
def test_an_observable_without_a_source_is_found(thing, value):
    rows = read_sources(INCIDENTS / "SOURCES.tsv")
    bundles = {**BUNDLES, "x.json": {"objects": [thing]}}
    assert complaints(bundles, rows) == [f"x.json: {value} has no row in SOURCES.tsv"]


def test_an_unused_or_wordy_row_is_found():
    rows = read_sources(INCIDENTS / "SOURCES.tsv")
    words = "T1003" + " word" * MOST_WORDS
    extra = dict(zip(COLUMNS, ["T1003", "d", "https://a.example/", words, "2026-11-23"]))
    assert complaints(BUNDLES, [*rows, extra]) == [
        f"T1003: more than {MOST_WORDS} words around it",
        "T1003 has a row but no bundle uses it",
    ]


@pytest.mark.parametrize("name", BUNDLES)
def test_bundles_are_closed_neutral_and_short(name):
    things = {thing["id"]: thing for thing in BUNDLES[name]["objects"]}
    assert len(things) == len(BUNDLES[name]["objects"])
    for thing in things.values():
        assert thing["type"] not in ("threat-actor", "intrusion-set", "campaign", "location")
        assert thing.get("relationship_type") != "attributed-to"
        assert len(thing.get("description", "")) < LONGEST_DESCRIPTION
        assert not states_named(thing), thing["id"]
        if thing["type"] in WITH_SOURCES:
            assert thing["external_references"], f"{thing['id']} says nowhere who says so"
        for key, value in thing.items():
            if key.endswith("_ref"):
                assert value in things, f"{thing['id']}: {key} leads out of the bundle"
            elif key.endswith("_refs"):
                assert set(value) <= set(things), f"{thing['id']}: {key} leads out of the bundle"
        if thing["type"] == "language-content":
            assert thing["object_modified"] == things[thing["object_ref"]]["modified"]
            assert things[thing["object_ref"]]["lang"] not in thing["contents"]
    # A report has the classes of all that it names: a note in it would make it an opinion too.
    apart = {"report", "identity", "marking-definition", "artifact", "language-content", "note"}
    named = {i for t in things.values() if t["type"] == "report" for i in t["object_refs"]}
    assert named == {i for i, t in things.items() if t["type"] not in apart}


@pytest.mark.parametrize("words, named", [
    ("a bank in Chad", ["Chad"]), ("attacked by the USA", ["USA"]), ("Chadian, a bank", []),
])
def test_a_state_that_is_named_is_found(words, named):
    assert states_named({"description": words}) == named


def test_what_incidents_share_is_the_same_in_each():
    """One identifier is one object, one UUID is one identifier; observables have theirs by content
    (version 5, `src/stix/observable_id_test.cpp` computes them), the rest by chance (version 4)."""
    by_id, by_uuid, bundles = {}, {}, set()
    for name, bundle in BUNDLES.items():
        assert bundle["id"] not in bundles, f"{name}: another bundle has its identifier"
        bundles.add(bundle["id"])
        for thing in bundle["objects"]:
            assert by_id.setdefault(thing["id"], thing) == thing, f"{name}: {thing['id']} differs"
    for identifier in [*by_id, *bundles]:
        kind, _, number = identifier.partition("--")
        assert by_uuid.setdefault(number, identifier) == identifier
        # The two identifiers of TLP 2.0 are FIRST's; they are of version 4 as well.
        assert uuid.UUID(number).version == (5 if kind in OBSERVABLES else 4), identifier


def test_the_page_lists_every_bundle():
    page = (INCIDENTS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w.-]+\.json)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(BUNDLES)


def test_the_demonstration_bundle_holds_only_its_classes():
    allowed = {"identity", "marking-definition", "report", "malware", "attack-pattern",
               "vulnerability", "course-of-action", "relationship", "indicator"}
    assert {t["type"] for t in BUNDLES["wannacry-2017.json"]["objects"]} == allowed
