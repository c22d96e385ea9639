"""Our own STIX files, whole, as the STIX library and the validator of OASIS read them."""

import json
import re

import pytest
import stix2

from harness import INCIDENTS

from judging import findings

FILES = sorted(INCIDENTS.glob("*.json"))
INCIDENTS_LEAST = 12
# What the validator advises against in every digest of a page that others may change.
ADVICE = "{302} External reference"


def test_there_are_enough():
    assert len(FILES) > INCIDENTS_LEAST  # one more is invented


def plain(item):
    """With times as it writes them: some without a fraction of zeros."""
    return re.sub(r"\.0+Z", "Z", json.dumps(item, sort_keys=True))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stix2_reads_the_bundle_without_leniency(path):
    text = path.read_text(encoding="utf-8")
    read = stix2.parse(text, allow_custom=False, version="2.1")
    given = json.loads(text)
    assert [item["id"] for item in read.objects] == [item["id"] for item in given["objects"]]
    for item, original in zip(read.objects, given["objects"]):
        # What it adds are defaults; an id that is made of content it would make again.
        written = json.loads(item.serialize())
        assert plain({name: written[name] for name in original}) == plain(original)
        if "created" not in original:
            again = type(item)(allow_custom=False, **{
                name: value for name, value in original.items() if name not in ("id", "type")})
            assert again.id == original["id"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_validator_finds_no_error(path):
    errors, advice = findings(json.loads(path.read_text(encoding="utf-8")))
    assert errors == []
    assert all(ADVICE in one for one in advice), advice


def test_the_validator_looks_into_a_bundle():
    given = json.loads(FILES[0].read_text(encoding="utf-8"))
    given["objects"][0]["modified"] = "soon"
    assert any("soon" in error for error in findings(given)[0])
