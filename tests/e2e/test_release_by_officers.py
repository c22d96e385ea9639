"""What two officers release, and nobody else: with four eyes, and at national discretion."""

import json

from harness import bundle, indicator
from test_operational import parties, template  # fixtures


def test_two_officers_release_what_no_agreement_speaks_of(parties, tmp_path):
    xa, xb = parties
    path = tmp_path / "new.json"
    path.write_text(bundle(indicator(9)), encoding="utf-8")
    xa.node.answer("import", path, "--tlp", "green", "--area", "research")
    wanted = ("release", indicator(9)["id"], "--to", "XB")
    (row,) = xa.node.answer(*wanted, code=1)["parties"]
    assert row["held"][0]["verdict"]["verdict"] == "no-basis"
    why = ("--discretion", "Their researchers asked for it.")
    before = xa.node.counts()
    for by, code in (((), 1), (("One",), 2), (("One", "One"), 1)):
        xa.act(*wanted, *why, by=by, code=code)
    xa.act("release", indicator(1)["id"], "--to", "XB", *why, code=1)
    # A ground that is empty, as of a variable without value, is no release under an agreement.
    assert "--discretion" in xa.act(*wanted, "--discretion", "", code=2).stderr
    assert xa.node.counts() == before and xb.node.records() == []
    (row,) = json.loads(xa.act(*wanted, *why, "--json").stdout)["parties"]
    (sent,) = row["sent"]
    assert sent["at_discretion"] and sent["basis"] == []
    assert sent["receipt"] and sent["accepted"] == 1
    (record,) = xb.node.records()
    assert record["state"] == "live" and record["under"] == "national-discretion"
    assert xa.node.verify()["sent_at_discretion"] == 1
    xb.node.verify()
    (entry,) = [row["entry"] for row in xa.node.answer("ledger", "log")["entries"]
                if row["kind"] == "disclosure"]
    assert entry["ground"] == "national-discretion" and entry["officers"] == ["One", "Two"]
    assert entry["approval"]["act"]["arguments"]["ground"] == why[1]


def test_two_officers_release_what_an_agreement_permits_by_hand(parties, tmp_path):
    xa, xb = parties
    path = tmp_path / "red.json"
    path.write_text(bundle(indicator(9)), encoding="utf-8")
    xa.node.answer("import", path, "--tlp", "red")
    wanted = ("release", indicator(9)["id"], "--to", "XB")
    (row,) = xa.node.answer(*wanted, code=1)["parties"]
    assert [need["from"] for need in row["held"][0]["verdict"]["needs"]] == ["two officers of XA"]
    assert "--four-eyes" in xa.act(*wanted, code=2).stderr  # signatures, and for nothing
    xa.act(*wanted, "--four-eyes", "--discretion", "They asked.", code=2)
    for by, code in (((), 1), (("One",), 2)):
        xa.act(*wanted, "--four-eyes", by=by, code=code)
    assert "without them" in xa.act("release", indicator(1)["id"], "--to", "XB", "--four-eyes",
                                    code=1).stderr
    assert xb.node.records() == []
    (row,) = json.loads(xa.act(*wanted, "--four-eyes", "--json").stdout)["parties"]
    (sent,) = row["sent"]
    assert sent["four_eyes"] and sent["basis"] and sent["receipt"] and sent["accepted"] == 1
    (record,) = xb.node.records()
    assert record["state"] == "live" and record["under"].startswith("xa-xb-2026 ")
    assert xa.node.verify()["sent_at_discretion"] == 0
    xb.node.verify()
