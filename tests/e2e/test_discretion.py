"""National discretion: two officers release what no agreement speaks of, and nobody else does."""

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
