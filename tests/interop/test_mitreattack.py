"""mitreattack-python finds in what a node serves what it finds in the file that was imported."""

import json
import os
import pathlib
import random
import subprocess
import sys

import pytest

import seeded_bundle
from harness import ROOT, SCALE, SEED

from served import Served, all_of

FILE = "attack-enterprise-18.1-stix21.json"
GROUPS_MIN = 12  # however small the count of the run is
COUNT_SECONDS_MAX = 900

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def knowledge(folder):
    """The bundle, and where it is published."""
    data = pathlib.Path(os.environ.get("COMITY_TEST_DATA") or ROOT.parent / "shared/data")
    if (data / FILE).is_file():
        return data / FILE, "https://attack.mitre.org"
    assert os.environ.get("CI") != "true", f"with CI=true {FILE} must be there"
    path = folder / "seeded.json"
    seeded_bundle.write(path, SEED)
    return path, "https://example.org/seeded"


def ends(item):
    return {item.get("source_ref"), item.get("target_ref")}


def references(item):
    """The names by which an object needs others to be whole."""
    return {item.get("created_by_ref"), *item.get("object_marking_refs", []), *ends(item)}


def part_of(objects, groups):
    """Some groups, all that they and their software use, and what all this needs to be whole."""
    held = {item["id"]: item for item in objects}
    relations = [item for item in objects if item["type"] == "relationship"]
    draw = random.Random(SEED)
    names = sorted(name for name in held if name.startswith("intrusion-set--"))
    chosen = set(draw.sample(names, min(groups, len(names))))
    for kind in ("uses", "uses", "subtechnique-of"):
        chosen |= {item["target_ref"] for item in relations
                   if item["relationship_type"] == kind and item["source_ref"] in chosen}
    chosen |= {item["id"] for item in relations if ends(item) <= chosen}
    for name in list(chosen):
        chosen |= references(held[name]) & held.keys()
    return [item for item in objects if item["id"] in chosen]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The file that is imported, whole at full count, and where it is published."""
    folder = tmp_path_factory.mktemp("attack")
    path, published = knowledge(folder)
    if SCALE == 1:
        return path, published
    content = json.loads(path.read_text(encoding="utf-8"))
    groups = sum(item["type"] == "intrusion-set" for item in content["objects"])
    content["objects"] = part_of(content["objects"], max(GROUPS_MIN, groups // SCALE))
    part = folder / "part.json"
    part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return part, published


def counts(path):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", pathlib.Path(__file__).with_name("attack_counts.py"),
         path], capture_output=True, text=True, timeout=COUNT_SECONDS_MAX, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_it_counts_the_same_in_what_we_serve(source, tmp_path):
    path, published = source
    world = Served(tmp_path)
    try:
        content = world.release(path, "--published", published)
        world.node.serve()
        received = all_of(world.records())
    finally:
        world.stop()
    bundle = tmp_path / "received.json"
    bundle.write_text(json.dumps({"type": "bundle", "objects": received,
                                  "id": "bundle--0f0b5b7e-3d3c-4b5c-9d43-4f7d6f6d2c55"},
                                 ensure_ascii=False), encoding="utf-8")
    expected = counts(path)
    assert counts(bundle) == expected
    kinds = [item["type"] for item in content]
    assert expected["techniques"] == kinds.count("attack-pattern") > expected["subtechniques"] > 0
    assert expected["groups"] == kinds.count("intrusion-set") >= GROUPS_MIN
    assert expected["relationships"] == kinds.count("relationship") > expected["uses"] > 0
