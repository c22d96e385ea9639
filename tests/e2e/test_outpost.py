"""Outposts: what was released to a party without node is at its TAXII server, once, or it is told
what is not; and it is never told as a receipt."""

import json
import random
import signal
import time

import pytest

from harness import SCALE, SEED, Node, bundle, indicator, pair, start, until
from quirky_taxii import QuirkyTaxii, Quirks

OBJECTS = 30
KILLS = max(6, 200 // SCALE)
TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
TLP_RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
MARKING = {"type": "marking-definition", "spec_version": "2.1",
           "id": "marking-definition--00000000-0000-4000-8000-000000000007",
           "created": "2024-01-01T00:00:00.000Z", "definition_type": "statement",
           "definition": {"statement": "For the desk."}}


@pytest.fixture
def server(tmp_path):
    made = QuirkyTaxii(tmp_path)
    made.quirks = Quirks(writable=True)
    yield made
    made.close()


@pytest.fixture
def node(nodes):
    return nodes("CN")


def enter(node, server, *more, name="ru-cert", party="RU", code=0):
    done = node.run("outpost", "add", "--name", name, "--party", party, "--url", server.url(),
                    "--collection", "all", "--pin", server.pin, "--exercise", "demo", "--json",
                    *more, code=code)
    if code == 0:
        return json.loads(done.stdout)["outpost"]
    assert done.stdout == "" and done.stderr  # what is refused is told as an error alone
    return None


def imported(node, objects, folder):
    path = folder / f"{objects[0]['id']}.json"
    path.write_text(bundle(*objects), encoding="utf-8")
    report = node.answer("import", path, "--tlp", "clear")
    assert report["refused"] == 0, report
    return report["import"]


def release(node, what, code=0):
    (row,) = node.answer("release", what, "--to", "RU", code=code)["parties"]
    return row


def records_at(server):
    return [item for item in server.posted if not item["type"].startswith("comity-")]


def sent(node):
    return node.answer("receipt", "list", "--party", "RU")["sent"]


def test_what_a_party_may_have_is_there_with_its_basis_and_nothing_else(node, server, tmp_path):
    marked = indicator(1, object_marking_refs=[TLP_CLEAR, MARKING["id"]])
    secret = indicator(2, object_marking_refs=[TLP_RED])
    what = imported(node, [marked, secret, MARKING, indicator(3, labels=["é", "\u2028"])],
                    tmp_path)
    outpost = enter(node, server)
    assert outpost["title"] == "Wares" and outpost["exercise"] == "demo"
    row = release(node, what, code=1)
    assert [item["id"] for item in row["held"]] == [secret["id"]]
    (told,) = row["sent"]
    assert (told["outpost"], told["acknowledged"], told["receipt"]) == ("ru-cert", True, False)
    assert (told["taken"], told["refused"], told["records"]) == (3, 0, 3)
    # The statement alone, then what defines a marking, then what bears it.
    assert [len(ids) for ids in server.envelopes] == [1, 1, 2]
    statement = server.posted[0]
    assert statement["type"] == "comity-disclosure"
    assert (statement["from"], statement["to_party"], statement["mode"]) == ("CN", "RU", "exercise")
    assert statement["basis"] and server.posted[1] == MARKING
    assert {item["id"]: item for item in records_at(server)} == \
        {item["id"]: item for item in (marked, MARKING, indicator(3, labels=["é", "\u2028"]))}
    assert release(node, what, code=1)["sent"] == []
    (row,) = sent(node)
    assert (row["state"], row["taken"], row["accepted"]) == ("acknowledged", 3, 0)
    found = node.verify()
    assert (found["receipts"], found["receipts_missing"]) == (0, 1)
    assert any("signs no receipt" in note for note in found["notes"])
    text = node.run("receipt", "list").stdout
    assert "unsigned" in text and "EXERCISE" in node.run("outpost", "list").stdout
    assert node.answer("doctor")["healthy"]


@pytest.mark.parametrize("way", ["one by one", "whole", "by a fault"])
def test_what_a_server_does_not_take_is_counted_and_holds_nothing_up(node, server, tmp_path, way):
    objects = [indicator(number) for number in range(OBJECTS)]
    what = imported(node, objects, tmp_path)
    enter(node, server)
    bad = (objects[7]["id"], objects[20]["id"])
    server.quirks = Quirks(writable=True, refuses_whole=way == "whole",
                           **({"faults": bad} if way == "by a fault" else {"refused": bad}))
    row = release(node, what, code=3 if way == "by a fault" else 1)
    if way == "by a fault":  # which is no word until it was said three times
        assert row["sent"][0]["taken"] == OBJECTS - 2
        release(node, what, code=3)
        row = release(node, what, code=1)
    assert (row["sent"][0]["taken"], row["sent"][0]["refused"]) == (OBJECTS - 2, 2)
    assert len(records_at(server)) == OBJECTS - 2
    (ailment,) = node.answer("doctor", code=1)["ailments"]
    assert ailment["area"] == "outpost" and "retry" in ailment["remedy"]
    node.verify()
    server.quirks = Quirks(writable=True)
    assert node.answer("outpost", "retry", "ru-cert")["again"] == 2
    assert sorted(item["id"] for item in records_at(server)) == \
        sorted(item["id"] for item in objects)
    assert node.answer("doctor")["healthy"]
    node.verify()


def test_a_pending_submission_is_followed_and_small_envelopes_are_kept_to(node, server, tmp_path):
    what = imported(node, [indicator(number, description="x" * 400) for number in range(OBJECTS)],
                    tmp_path)
    enter(node, server)
    server.quirks = Quirks(writable=True, pending_looks=2, bytes_max=12_000)
    told = release(node, what)["sent"][0]
    assert (told["taken"], told["acknowledged"]) == (OBJECTS, True)
    assert len(server.envelopes) > 2 and server.asked["status"] >= 2 * len(server.envelopes)
    assert len(records_at(server)) == OBJECTS
    node.verify()


def test_a_serving_node_delivers_by_itself_when_the_server_is_back(node, server, tmp_path):
    what = imported(node, [indicator(1)], tmp_path)
    enter(node, server)
    server.quirks = Quirks(writable=True, busy=2, retry_after=2)
    node.serve()
    begun = time.monotonic()
    assert not release(node, what, code=3)["sent"][0]["acknowledged"]
    until(lambda: sent(node)[0]["state"] == "acknowledged", "the courier to deliver", 60)
    assert time.monotonic() - begun > 2
    assert server.asked["post"] >= 4
    assert len(records_at(server)) == 1
    node.stop()
    node.verify()


def test_killed_at_any_moment_nothing_is_lost_or_counted_twice(node, server, tmp_path):
    draw = random.Random(SEED)
    objects = [indicator(number) for number in range(150)]
    what = imported(node, objects, tmp_path)
    enter(node, server)
    server.quirks = Quirks(writable=True, slow=0.1)
    for kill in range(KILLS):
        process = start("release", what, "--to", "RU", "--data", node.folder)
        time.sleep(draw.uniform(0.02, 1.0))  # the random moment itself
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        rows = sent(node)
        # Before its server has spoken of a disclosure nothing is counted.
        assert all("outpost" in row or row["state"] == "missing" for row in rows), rows
        taken = sum(row["taken"] for row in rows if "outpost" in row)
        assert taken <= len(records_at(server)), f"COMITY_SEED={SEED}, kill {kill}"
        node.verify()
    server.quirks = Quirks(writable=True)
    release(node, what)
    assert sum(row["taken"] for row in sent(node)) == len(objects)
    assert sorted(item["id"] for item in records_at(server)) == \
        sorted(item["id"] for item in objects)
    node.verify()


def test_lost_answers_count_nothing(node, server, tmp_path):
    what = imported(node, [indicator(number) for number in range(5)], tmp_path)
    enter(node, server)
    server.quirks.loses_posts = 1_000_000
    for _ in range(2):
        told = release(node, what, code=3)["sent"][0]
        assert not told["acknowledged"] and told["taken"] == 0
    # One that is lost on a kept connection is posted again over a new one.
    server.quirks.loses_posts = 1
    told = release(node, what)["sent"][0]
    assert server.quirks.loses_posts == 0
    assert (told["taken"], told["refused"]) == (5, 0)
    assert len(records_at(server)) == 5
    node.verify()


def test_credentials_stay_in_their_file(node, tmp_path):
    server = QuirkyTaxii(tmp_path, login="writer:wAx-3-Zebra")
    server.quirks = Quirks(writable=True)
    try:
        what = imported(node, [indicator(1)], tmp_path)
        file = tmp_path / "credentials.json"
        file.write_text(json.dumps({"user": "writer", "password": "wrong"}), encoding="utf-8")
        enter(node, server, "--credentials", file, code=3)
        file.write_text(json.dumps({"user": "writer", "password": "wAx-3-Zebra"}),
                        encoding="utf-8")
        enter(node, server, "--credentials", file, name="second")
        assert node.answer("outpost", "check", "second")["can_write"]
        assert release(node, what)["sent"][0]["acknowledged"]
        for path in node.folder.rglob("*"):
            assert not path.is_file() or b"wAx-3-Zebra" not in path.read_bytes(), path
        file.write_text(json.dumps({"user": "writer", "password": "zebra-of-before"}),
                        encoding="utf-8")
        more = imported(node, [indicator(2)], tmp_path)
        assert not release(node, more, code=3)["sent"][0]["acknowledged"]
        ailments = node.answer("doctor", code=1)["ailments"]
        assert [one["area"] for one in ailments] == ["outpost"]
        assert "login" in ailments[0]["why"]
        assert "zebra" not in json.dumps(ailments).lower()
    finally:
        server.close()


def test_who_may_be_an_outpost(node, server, tmp_path):
    enter(node, server, party="CN", code=2)
    enter(node, server, party="QQ", code=2)
    node.run("outpost", "add", "--name", "a", "--party", "RU", "--url", server.url(),
             "--collection", "all", "--pin", server.pin, code=1)  # without the exercise
    server.quirks = Quirks()
    enter(node, server, code=1)  # it does not let us write
    server.quirks = Quirks(writable=True)
    enter(node, server)
    enter(node, server, name="second", code=2)
    enter(node, server, name="of-vn", party="VN", code=2)  # the collection is that of RU
    server.quirks = Quirks()
    assert not node.answer("outpost", "check", "ru-cert", code=1)["can_write"]
    node.run("outpost", "check", "none", code=2)
    node.run("outpost", "remove", "ru-cert")
    node.run("outpost", "remove", "ru-cert", code=2)
    what = imported(node, [indicator(1)], tmp_path)
    node.run("release", what, "--to", "RU", code=2)
    node.verify()


def test_a_recall_is_posted_and_officers_are_told_to_speak(node, server, tmp_path):
    what = imported(node, [indicator(1)], tmp_path)
    enter(node, server)
    release(node, what)
    told = node.answer("recall", indicator(1)["id"], "--reason", "false-positive")
    (row,) = told["recalls"]
    assert (row["party"], row["by_hand"]) == ("RU", True)
    assert server.posted[-1]["type"] == "comity-recall"
    assert indicator(1) in server.posted  # nothing is deleted at another's server
    (row,) = node.answer("recall", "list")["recalls"]
    assert row["told"] == "acknowledged by its server, unsigned"
    assert release(node, indicator(1)["id"], code=1)["held_back"] == 1
    node.verify()


def test_a_party_that_gets_a_node_signs_for_everything(node, server, tmp_path):
    what = imported(node, [indicator(1)], tmp_path)
    enter(node, server)
    release(node, what)
    other = Node.make("RU", tmp_path / "RU")
    pair(node, other)
    other.serve()
    try:
        (told,) = release(node, what)["sent"]
        assert (told["receipt"], told["accepted"]) == (True, 1)
        assert len(other.records()) == 1
    finally:
        other.stop()
    (row,) = sent(node)
    assert row["state"] == "receipt"
    ailments = node.answer("doctor", code=1)["ailments"]
    assert any(one["area"] == "outpost" and "not used" in one["what"] for one in ailments)
    node.verify()
