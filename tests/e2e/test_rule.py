"""Standing rules: what comes is released within them, and without them nothing is."""

import json

from harness import INCIDENTS, bundle, indicator, until
from test_operational import parties, template  # fixtures

ARRIVES_SECONDS_MAX = 60


def test_imports_go_within_a_rule_and_no_further(federation, tmp_path):
    cn, ru, vn = federation
    ru.serve()
    vn.serve()
    cn.serve()
    cn.answer("rule", "add", "--to", "RU,VN", "--classes", "indicator", "--purpose", "warning",
              "--area", "threat-information", "--name", "warnings")
    paths = {}
    for number, tlp in ((1, "green"), (2, "red")):
        paths[tlp] = tmp_path / f"{tlp}.json"
        paths[tlp].write_text(bundle(indicator(number)), encoding="utf-8")
    cn.answer("import", paths["red"], "--tlp", "red")
    cn.answer("import", INCIDENTS / "content-class.json", "--tlp", "clear")
    cn.answer("import", paths["green"], "--tlp", "green")
    wanted = json.loads(paths["green"].read_text(encoding="utf-8"))["objects"][0]["id"]
    until(lambda: [row["id"] for row in ru.records()] == [wanted], "the indicator arrives at RU",
          ARRIVES_SECONDS_MAX)
    assert vn.records() == [], "the law permits nothing to VN"
    cn.run("rule", "end", "warnings")
    (rule,) = cn.answer("rule", "list")["rules"]
    assert rule["ended"]
    for node in (cn, ru, vn):
        node.stop()
        node.verify()


def test_an_operational_rule_is_entered_by_two_who_release(parties, tmp_path):
    xa, xb = parties
    xa.officer("Releaser", "releasing-officer", by=("One", "Two"))
    xa.officer("Second", "releasing-officer", by=("One", "Two"))
    xa.node.serve()
    add = ("rule", "add", "--to", "XB", "--classes", "indicator", "--purpose", "warning", "--area",
           "threat-information", "--name", "warnings")
    before = xa.node.counts()
    for by in ((), ("Releaser", "Releaser"), ("One", "Two"), ("Releaser", "Keeper")):
        xa.act(*add, by=by, code=1)
    xa.act(*add, by=("Releaser",), code=2)
    assert xa.node.counts() == before and xa.node.answer("rule", "list")["rules"] == []
    xa.act(*add, by=("Releaser", "Second"))
    until(lambda: len(xb.node.records()) == 3, "what is held arrives at XB", ARRIVES_SECONDS_MAX)
    path = tmp_path / "new.json"
    path.write_text(bundle(indicator(4)), encoding="utf-8")
    xa.node.answer("import", path, "--tlp", "green")
    until(lambda: len(xb.node.records()) == 4, "what comes arrives, too", ARRIVES_SECONDS_MAX)
    xa.act("rule", "end", "warnings", by=("Releaser", "One"), code=1)
    xa.act("rule", "end", "warnings", by=("Releaser", "Second"))
    (rule,) = xa.node.answer("rule", "list")["rules"]
    assert rule["ended"]
    entries = [row["entry"] for row in xa.node.answer("ledger", "log")["entries"]
               if row["kind"] == "rule"]
    assert [entry["officers"] for entry in entries] == [["Releaser", "Second"]] * 2
    for one in parties:
        one.node.stop()
        one.node.verify()
