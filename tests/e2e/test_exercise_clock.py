"""The clock of an exercise moves the law's time, and nothing else."""

import datetime
import shutil

from harness import REGISTER, Node, bundle, indicator, pair, run

AGREEMENT = "instruments/bilateral/xa-xb-2024.toml"
IN_FORCE = 'code = "XB"\nin_force = 2024-06-01'
GREEN = {"object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}


def register_that_begins(folder, day):
    """The shipped register, with the agreement of XA and XB in force from that day."""
    shutil.copytree(REGISTER, folder)
    text = (folder / AGREEMENT).read_text(encoding="utf-8")
    assert IN_FORCE in text
    (folder / AGREEMENT).write_text(
        text.replace(IN_FORCE, f'code = "XB"\nin_force = {day}'), encoding="utf-8")
    return folder


def test_an_agreement_begins_when_the_exercise_says_so(nodes, tmp_path):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    law = register_that_begins(tmp_path / "law", today + datetime.timedelta(days=60))
    xa, xb = nodes("XA", "XB", register=law)
    pair(xa, xb)
    xa.serve()
    xb.serve()
    path = tmp_path / "bundle.json"
    path.write_text(bundle(indicator(1, **GREEN)), encoding="utf-8")
    report = xa.answer("import", path)

    (held,) = xa.answer("release", report["import"], "--to", "XB", code=1)["parties"]
    assert held["held_back"] == 1 and xb.records() == []

    told = xa.answer("exercise", "advance", "P61D")
    assert told["ahead"] == "P61D" and told["exercise"] == "demo"
    assert told["treaty_time"] > told["real_time"]
    assert xa.answer("exercise", "show")["ahead"] == "P61D"
    (sent,) = xa.answer("release", report["import"], "--to", "XB")["parties"]
    assert [item["accepted"] for item in sent["sent"]] == [1]
    assert [row["state"] for row in xb.records()] == ["live"]
    assert xb.answer("exercise", "show")["ahead"] == "PT0M"
    assert xa.verify()["redecided"] == 1
    assert xb.verify()["received_redecided"] == 1

    # Nothing else follows that clock: certificates and connections are as they were.
    xa.answer("exercise", "advance", "P3650D")
    path.write_text(bundle(indicator(2, **GREEN)), encoding="utf-8")
    report = xa.answer("import", path)
    (sent,) = xa.answer("release", report["import"], "--to", "XB")["parties"]
    assert [item["accepted"] for item in sent["sent"]] == [1]
    xa.stop()
    assert xa.answer("exercise", "show")["ahead"] == "P3711D"
    xa.verify()


def test_there_is_no_way_back_and_none_outside_an_exercise(nodes, tmp_path):
    xa = nodes("XA")
    before = xa.counts()
    for wrong in ("P0D", "P-1D", "1D", "P1Y"):
        xa.run("exercise", "advance", "--", wrong, code=2)
    xa.run("exercise", "advance", code=2)
    assert xa.counts() == before
    real = Node.make("XB", tmp_path / "real", exercise=None)
    told = real.run("exercise", "advance", "P1D", code=1)
    assert "operational" in told.stderr
    real.run("exercise", "show", code=1)
    run("exercise", code=2)
