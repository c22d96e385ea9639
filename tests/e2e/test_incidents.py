"""The example incidents are taken whole, and go to another party but for what cannot go."""

import json

from harness import INCIDENTS

INVENTED = "content-class.json"
# An opinion is covered by no clause between these two; a translation is named by no record, and
# what has no class of its own goes with what names it, never alone.
STAY = {"note", "language-content"}


def test_every_incident_imports_whole_and_goes(federation):
    cn, ru, _ = federation
    ru.serve()
    expected = set()
    for path in sorted(INCIDENTS.glob("*.json")):
        if path.name == INVENTED:
            continue
        things = json.loads(path.read_text(encoding="utf-8"))["objects"]
        report = cn.answer("import", path, "--tlp", "clear")
        assert report["losses"] == [] and report["refused"] == 0, path.name
        assert report["added"] + report["existed"] == report["objects"] == len(things), path.name

        go = {thing["id"] for thing in things if thing["type"] not in STAY}
        (row,) = cn.answer("release", report["import"], "--to", "RU", code=None)["parties"]
        assert row["disclosed"] + row["already"] == len(go), path.name
        assert {one["id"] for one in row["held"]} == {thing["id"] for thing in things} - go
        assert all(sent["receipt"] and sent["accepted"] == sent["records"] for sent in row["sent"])
        expected |= go
    held = ru.records()
    assert {one["id"] for one in held} == expected
    assert {one["state"] for one in held} == {"live"}
    cn.verify()
    ru.verify()
