"""A serving node delivers what did not arrive, without anybody asking it to."""

from harness import INCIDENTS, until

BACK_SECONDS_MAX = 60


def receipts(node):
    with node.store() as store:
        return store.execute("SELECT count(*) FROM protocol WHERE kind = 'comity-receipt' "
                             "AND direction = 1").fetchone()[0]


def test_what_did_not_arrive_is_sent_again_until_it_does(federation):
    cn, ru, _ = federation
    cn.serve()
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    row = cn.answer("release", report["import"], "--to", "RU", code=3)["parties"][0]
    assert row["sent"] and not any(item["receipt"] for item in row["sent"])
    disclosed = cn.counts()["protocol"]
    assert {row["state"] for row in cn.answer("receipt", "list")["sent"]} == {"missing"}
    ru.serve()
    until(lambda: receipts(cn) == disclosed, "every disclosure has its receipt", BACK_SECONDS_MAX)
    assert len(ru.records()) == report["objects"]
    again = cn.answer("release", report["import"], "--to", "RU")["parties"][0]
    assert again["sent"] == [] and again["already"] == report["objects"]
    assert {row["state"] for row in cn.answer("receipt", "list")["sent"]} == {"receipt"}
    cn.verify()
    ru.verify()


def test_what_waited_while_the_node_was_down_is_sent_when_it_serves_again(federation):
    cn, ru, _ = federation
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU", code=3)
    disclosed = cn.counts()["protocol"]
    ru.serve()
    cn.serve()
    until(lambda: receipts(cn) == disclosed, "every disclosure has its receipt", BACK_SECONDS_MAX)
    assert len(ru.records()) == report["objects"]
    cn.stop()
    ru.stop()
    cn.verify()
    ru.verify()
