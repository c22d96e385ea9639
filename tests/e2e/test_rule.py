"""Standing rules: what comes is released within them, and without them nothing is."""

import json

from harness import INCIDENTS, bundle, indicator, until

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
