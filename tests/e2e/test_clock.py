"""Wrong clocks, with real processes (`set_clock` in conftest.py)."""

from harness import bundle, identifier, indicator, until

BACK_SECONDS_MAX = 5 * 60
HOUR = 60 * 60
MARGIN = 30  # seconds that the steps of a test may take
ARRIVES_SECONDS_MAX = 60


def bring(node, tmp_path, number):
    """Imports one indicator that may go to RU; its id."""
    path = tmp_path / f"indicator-{number}.json"
    path.write_text(bundle(indicator(number)), encoding="utf-8")
    node.answer("import", path, "--tlp", "green")
    return identifier("indicator", number)


def held_for_time(outcome):
    """Whether the one record of a release was held back because it needs the fact `time`."""
    (row,) = outcome["parties"]
    if row["held_back"] == 0:
        return False
    (held,) = row["held"]
    return any(need["kind"] == "fact" and need["what"].startswith("time: ")
               for need in held["verdict"]["needs"])


def clock_ailments(node):
    return [row for row in node.answer("doctor", code=None)["ailments"] if row["area"] == "clock"]


def test_a_clock_that_went_back_stops_release_until_it_is_right(federation, set_clock, tmp_path):
    cn, ru, _ = federation
    ru.serve()
    name = bring(cn, tmp_path, 1)
    set_clock(cn, -(BACK_SECONDS_MAX + MARGIN))
    assert held_for_time(cn.answer("release", name, "--to", "RU", code=1))
    assert "permitted: RU" not in cn.run("preview", name).stdout
    (ailment,) = clock_ailments(cn)
    assert "this machine's clock says" in ailment["what"]
    assert "nothing is released" in ailment["why"] and "set the clock" in ailment["remedy"]
    assert ru.records() == []
    set_clock(cn, -(BACK_SECONDS_MAX - MARGIN))
    assert clock_ailments(cn) == []
    assert not held_for_time(cn.answer("release", name, "--to", "RU"))
    assert [row["id"] for row in ru.records()] == [name]
    cn.verify()


def test_two_peers_with_another_time_stop_what_goes_by_itself(federation, set_clock, tmp_path):
    cn, ru, vn = federation
    cn.answer("rule", "add", "--to", "RU", "--classes", "indicator", "--purpose", "warning",
              "--area", "threat-information", "--name", "warnings")
    for node in (ru, vn):
        set_clock(node, HOUR + MARGIN)
        node.serve()
    set_clock(cn, 0)
    cn.serve()
    until(lambda: clock_ailments(cn), "the node hears the time of its peers")
    name = bring(cn, tmp_path, 1)
    (ailment,) = clock_ailments(cn)
    assert "RU 1 h 0 min ahead" in ailment["what"] and "VN 1 h 0 min ahead" in ailment["what"]
    assert "nothing is released" in ailment["why"]
    assert held_for_time(cn.answer("release", name, "--to", "RU", code=1))
    assert ru.records() == []
    # One of the two is right again: one alone may itself be wrong. The rule goes on by itself.
    set_clock(vn, HOUR - MARGIN)
    until(lambda: [row["id"] for row in ru.records()] == [name], "the record arrives at RU",
          ARRIVES_SECONDS_MAX)
    (ailment,) = clock_ailments(cn)
    assert "release goes on" in ailment["why"]
    cn.stop()
    cn.verify()
