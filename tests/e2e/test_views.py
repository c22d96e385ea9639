"""What a node's own readers rely on: the status of a submission, and views that go on when the law
changes under a client that polls."""

import pytest

from harness import Peer, assert_taxii_error, bundle, envelope_of, indicator, pair

RECORDS = "/comity/collections/records/objects/"


@pytest.fixture
def ready(federation, tmp_path):
    """CN has ten records released to RU, which was never there."""
    cn, ru, vn = federation
    path = tmp_path / "bundle.json"
    path.write_text(bundle(*map(indicator, range(10))), encoding="utf-8")
    made = cn.answer("import", path, "--tlp", "green")["import"]
    cn.run("release", made, "--to", "RU", code=3)
    return cn, ru, vn


def test_a_status_is_for_who_posted_and_survives_kill_9(ready):
    cn, ru, vn = ready
    pair(ru, vn)
    ru.serve()
    answer = Peer(cn, ru).post(envelope_of(cn, "RU", 1).bytes())
    assert answer.status == 202
    told = answer.json()
    assert told["status"] == "complete" and told["success_count"] == 11
    where = f"/comity/status/{told['id']}/"
    ru.kill()
    ru.serve()
    got = Peer(cn, ru).get(where)
    assert got.status == 200 and got.json() == told
    assert_taxii_error(Peer(vn, ru).get(where), 404)
    again = Peer(cn, ru).post(envelope_of(cn, "RU", 1).bytes())
    assert again.status == 202 and again.json()["id"] == told["id"]
    assert Peer(cn, ru).get(where).json() == told


def test_what_a_reader_had_is_not_withdrawn_as_never_sent(ready):
    cn, ru, _ = ready
    cn.serve()
    page = Peer(ru, cn).get(RECORDS).json()
    assert len(page["objects"]) == 10
    cn.kill()  # the mark was durable before the page left
    with cn.store() as store:
        marks = store.execute("SELECT count(*) FROM meta WHERE key LIKE 'served:%'").fetchone()[0]
        sent = store.execute("SELECT count(*) FROM protocol WHERE direction = 0 AND "
                             "kind = 'comity-disclosure'").fetchone()[0]
    assert marks == sent == 1
    cn.verify()
