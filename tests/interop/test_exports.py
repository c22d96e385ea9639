"""What a node writes into a file for a party, as the STIX library and the validator of OASIS
read it."""

import json

import stix2

from harness import bundle, indicator

from judging import findings
from served import all_of

# What the standard lets pass with SHOULD NOT: nobody may mend it on the way.
DOUBTFUL = [indicator(1, indicator_types=["of-no-vocabulary"]), indicator(2, acme_rating="five")]


def test_an_export_is_a_bundle_of_what_its_party_reads(served, tmp_path):
    path = tmp_path / "doubtful.json"
    path.write_text(bundle(*DOUBTFUL), encoding="utf-8")
    served.release(path, "--tlp", "green")
    out = tmp_path / "out.json"
    told = served.node.answer("export", "--to", "RU", "--out", out)
    text = out.read_text(encoding="utf-8")
    exported = json.loads(text)
    assert exported["objects"] == all_of(served.records())
    assert {item["id"]: item for item in exported["objects"]} == served.objects
    assert told["objects"] == len(served.objects)

    strange = {item["id"] for item in DOUBTFUL}
    own = {**exported, "objects": [item for item in exported["objects"]
                                   if item["id"] not in strange]}
    read = stix2.parse(own, allow_custom=False, version="2.1")
    assert [item.id for item in read.objects] == [item["id"] for item in own["objects"]]
    assert findings(own)[0] == []
    # Of what was doubtful it says what it said of the original.
    received = {item["id"]: item for item in exported["objects"]}
    for original in DOUBTFUL:
        assert findings(received[original["id"]]) == findings(original)
