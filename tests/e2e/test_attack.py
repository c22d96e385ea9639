"""A real body of knowledge crosses: the ATT&CK file, or a seeded bundle of its size and shape."""

import json
import os
import pathlib

import pytest

import seeded_bundle
from harness import ROOT, SEED

FILE = "attack-enterprise-18.1-stix21.json"
OBJECTS = 24_771
RELEASE_RECORDS_MAX = 1000
BYTES_LEAST, BYTES_MOST = 32_000_000, 38_000_000  # the file itself: 34,944,068


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory):
    """The bundle's path and where it is published."""
    folder = pathlib.Path(os.environ.get("COMITY_TEST_DATA") or ROOT.parent / "shared/data")
    if (folder / FILE).is_file():
        return folder / FILE, "https://attack.mitre.org"
    assert os.environ.get("CI") != "true", \
        f"no {FILE} in COMITY_TEST_DATA (default ../shared/data); with CI=true it must be there"
    path = tmp_path_factory.mktemp("seeded") / "seeded.json"
    seeded_bundle.write(path, SEED)
    return path, "https://example.org/seeded"


def test_it_imports_and_crosses_whole(federation, knowledge):
    cn, ru, _ = federation
    path, published = knowledge
    report = cn.answer("import", path, "--published", published)
    assert (report["objects"], report["added"], report["refused"]) == (OBJECTS, OBJECTS, 0)

    ru.serve()
    (row,) = cn.answer("release", report["import"], "--to", "RU")["parties"]
    assert (row["selected"], row["disclosed"], row["held_back"]) == (OBJECTS, OBJECTS, 0)
    assert all(sent["receipt"] and sent["records"] <= RELEASE_RECORDS_MAX for sent in row["sent"])
    assert sum(sent["accepted"] for sent in row["sent"]) == OBJECTS
    assert sum(sent["quarantined"] + sent["rejected"] for sent in row["sent"]) == 0
    numbers = [sent["number"] for sent in row["sent"]]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= OBJECTS // 1000 + 1

    held, kept = ru.records(), cn.records()
    assert sorted((one["id"], one["digest"]) for one in held) == \
        sorted((one["id"], one["digest"]) for one in kept)
    assert {(one["state"], one["from"], one["tlp"]) for one in held} == {("live", "CN", "clear")}
    with cn.store() as ours, ru.store() as theirs:
        query = "SELECT bytes FROM record ORDER BY stix_id, digest"
        pairs = zip(ours.execute(query), theirs.execute(query), strict=True)
        assert all(one == other for one, other in pairs)

    assert cn.verify()["redecided"] == len(numbers)
    assert ru.verify()["received_redecided"] == len(numbers)

    # Importing the same file again adds nothing, and nothing is sent twice.
    again = cn.answer("import", path, "--published", published)
    assert (again["import"], again["added"], again["existed"]) == (report["import"], 0, OBJECTS)
    (row,) = cn.answer("release", report["import"], "--to", "RU")["parties"]
    assert (row["already"], row["sent"]) == (OBJECTS, [])


def test_the_seeded_bundle_has_its_size_and_shape(nodes, tmp_path):
    path = tmp_path / "seeded.json"
    assert seeded_bundle.write(path, SEED) == OBJECTS
    assert BYTES_LEAST < path.stat().st_size < BYTES_MOST
    first = path.read_bytes()
    seeded_bundle.write(path, SEED)
    assert path.read_bytes() == first
    objects = json.loads(first)["objects"]
    kinds = [item["type"] for item in objects]
    assert kinds.count("identity") == kinds.count("marking-definition") == 1
    assert kinds.count("relationship") > OBJECTS / 2
    report = nodes("CN").answer("import", path, "--published", "https://example.org/seeded")
    assert (report["added"], report["refused"]) == (OBJECTS, 0)
    assert len({item["id"] for item in objects}) == OBJECTS
