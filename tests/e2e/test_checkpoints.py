"""Checkpoints on their way between real nodes: shown daily, passed on, and held against liars."""

import shutil

import pytest

from harness import Node, bundle, indicator, pair, until

ARRIVES_SECONDS_MAX = 60
DAY = 24 * 60 * 60


@pytest.fixture
def trio(tmp_path):
    """CN, RU and KZ, each paired with the others; none serves."""
    made = [Node.make(party, tmp_path / party) for party in ("CN", "RU", "KZ")]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        pair(made[first], made[second])
    yield made
    for node in made:
        node.stop()


def bring(node, tmp_path, number):
    path = tmp_path / f"indicator-{number}.json"
    path.write_text(bundle(indicator(number)), encoding="utf-8")
    node.answer("import", path, "--tlp", "green")
    return indicator(number)["id"]


def ledger_of(node, party):
    (row,) = [row for row in node.answer("peers")["peers"] if row["party"] == party]
    return row["ledger"]


def codes(node, party):
    return [alarm["code"] for alarm in ledger_of(node, party)["alarms"]]


def ledger_ailments(node):
    return [row["what"] for row in node.answer("doctor", code=None)["ailments"]
            if row["area"] == "ledger"]


def publish(node, *more):
    return node.answer("ledger", "checkpoint", "--publish", "--show", *more)["published"]


def test_a_split_view_is_found_by_two_peers_that_talk(trio, tmp_path):
    cn, ru, kz = trio
    ru.serve()
    kz.serve()
    assert publish(cn, "--public")["size"] == 256
    assert ledger_of(ru, "CN")["public"] and ledger_of(kz, "CN")["size"] == 256
    # From here on CN keeps two ledgers, one for each.
    twin = Node("CN", tmp_path / "twin")
    shutil.copytree(cn.folder, twin.folder)
    kz.stop()
    bring(cn, tmp_path, 1)
    publish(cn)
    ru.stop()
    kz.serve()
    bring(twin, tmp_path, 2)
    publish(twin)
    ru.serve()
    assert ledger_of(ru, "CN")["size"] == ledger_of(kz, "CN")["size"] == 512
    # Neither can know it by itself.
    assert codes(ru, "CN") == codes(kz, "CN") == []
    # One exchange of the two, about something else.
    name = bring(kz, tmp_path, 3)
    kz.run("release", name, "--to", "RU", code=None)
    until(lambda: codes(ru, "CN") == ["split"], "RU finds the two ledgers")
    until(lambda: codes(kz, "CN") == ["split"], "KZ finds them, too", ARRIVES_SECONDS_MAX)
    for node in (ru, kz):
        (alarm,) = ledger_of(node, "CN")["alarms"]
        sizes = {note.splitlines()[1] for note in (alarm["held"], alarm["shown"])}
        roots = {note.splitlines()[2] for note in (alarm["held"], alarm["shown"])}
        assert sizes == {"512"} and len(roots) == 2
        assert any("two ledgers" in text for text in ledger_ailments(node))
        node.stop()
        assert any("two ledgers" in text for text in node.verify(code=1)["findings"])
    cn.verify()
    twin.verify()


def test_a_database_that_was_put_back_is_found_when_it_serves_again(trio, tmp_path):
    cn, ru, _ = trio
    ru.serve()
    publish(cn)
    backup = tmp_path / "backup"
    shutil.copytree(cn.folder, backup)
    bring(cn, tmp_path, 1)
    assert publish(cn)["size"] == 512
    assert ledger_of(ru, "CN")["size"] == 512 and codes(ru, "CN") == []
    shutil.rmtree(cn.folder)
    shutil.copytree(backup, cn.folder)
    cn.serve()
    until(lambda: codes(ru, "CN") == ["older"], "RU, which holds a newer one, finds it",
          ARRIVES_SECONDS_MAX)
    assert any("was put back" in text for text in ledger_ailments(ru))
    # The node itself is shown what it has signed and cannot prove, and warns its officers.
    (text,) = ledger_ailments(cn)
    assert text.startswith("RU holds a checkpoint that this node has signed")
    cn.stop()
    assert any(text in finding for finding in cn.verify(code=1)["findings"])


def test_a_serving_node_publishes_once_a_day(trio, set_clock):
    cn, ru, _ = trio
    set_clock(cn, 0)
    ru.serve()
    cn.serve()
    with cn.store() as store:
        until(lambda: store.execute("SELECT 1 FROM meta WHERE key = 'checkpoint-day'").fetchone(),
              "the node knows the day")
    assert "checkpoint" not in ledger_of(ru, "CN")
    set_clock(cn, DAY)
    until(lambda: ledger_of(ru, "CN")["size"] == 256, "RU is shown the checkpoint of the day",
          ARRIVES_SECONDS_MAX)
    assert not ledger_of(ru, "CN")["public"]
    cn.stop()
    cn.verify()
