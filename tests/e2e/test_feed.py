"""Feeds: whatever a TAXII server does, what it has is here once, or the report says what lacks."""

import hashlib
import json
import random
import signal
import ssl
import time

import pytest

from harness import INCIDENTS, SCALE, SEED, Node, indicator, start
from quirky_taxii import QuirkyTaxii, Quirks

OBJECTS = 60
KILLS = max(8, 200 // SCALE)
FIRST = 1_790_000_000_000_000  # µs; in September 2026


@pytest.fixture
def server(tmp_path):
    made = QuirkyTaxii(tmp_path)
    yield made
    made.close()


@pytest.fixture
def node(nodes):
    return nodes("XA")


def fill(server, count, first=0, step_us=400_000):
    """Objects of which three share each date."""
    for number in range(first, first + count):
        server.objects.append((FIRST + number // 3 * step_us, indicator(number)))


def add(node, server, *more, name="wares", code=0):
    return node.answer("feed", "add", "--name", name, "--url", server.url(), "--collection", "all",
                       "--pin", server.pin, "--tlp", "green", *more, code=code)["feed"]


def ids(node):
    return [row["id"] for row in node.records()]


def held_by(server):
    return {item["id"] for _, item in server.objects}


QUIRKS = {
    "as the standard says": {},
    "one date for all": {"page_max": 100},
    "a next that works once": {"consumes_next": True, "loses_every": 4},
    "no next": {"omits_next": True},
    "lost answers": {"loses_every": 5},
    "unsorted": {"unsorted": True},
    "unsorted, lost answers": {"unsorted": True, "loses_every": 4, "consumes_next": True},
    "no dates": {"no_dates": True},
    "dates of seconds": {"cuts_dates": True, "omits_next": True},
    "for ever the last page": {"repeats": True},
    "a media type of its own": {"media_type": "application/json; charset=utf-8"},
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_everything_comes_once_whatever_the_server_does(node, server, quirk):
    server.quirks = Quirks(**QUIRKS[quirk])
    fill(server, OBJECTS, step_us=0 if quirk == "one date for all" else 400_000)
    feed = add(node, server)
    told = node.answer("feed", "pull", "wares")
    assert told["finished"] and told["import"] == feed["import"]
    assert (told["added"], told["refused"], told["lost"], told["lost_unknown"]) == \
        (OBJECTS, 0, 0, False)
    assert sorted(ids(node)) == sorted(held_by(server))
    assert node.answer("feed", "pull", "wares")["added"] == 0
    # More at the very date of the last ones, and later.
    fill(server, 7, first=OBJECTS, step_us=0 if quirk == "one date for all" else 400_000)
    server.objects.append((server.objects[OBJECTS - 1][0], indicator(900)))
    assert node.answer("feed", "pull", "wares")["added"] == 8
    assert sorted(ids(node)) == sorted(held_by(server))
    (row,) = node.answer("feed", "list")["feeds"]
    assert (row["state"], row["added"], row["lost"]) == ("read", OBJECTS + 8, 0)
    node.verify()


def test_an_idle_pull_is_one_question(node, server):
    fill(server, OBJECTS)
    add(node, server)
    node.run("feed", "pull", "wares")
    server.asked.clear()
    assert node.answer("feed", "pull", "wares")["objects"] == 0
    assert dict(server.asked) == {"objects": 1}


def test_what_is_named_and_not_given_is_in_the_report(node, server):
    fill(server, OBJECTS)
    lacking = server.objects[17][1]["id"]
    server.quirks = Quirks(hidden=(lacking,))
    add(node, server)
    told = node.answer("feed", "pull", "wares", code=1)
    assert (told["added"], told["lost"], told["finished"]) == (OBJECTS - 1, 1, True)
    (loss,) = [row for row in told["losses"] if row["severity"] == "lost"]
    assert loss["id"].startswith(lacking) and "manifest" in loss["why"]
    (ailment,) = node.answer("doctor", code=1)["ailments"]
    assert ailment["area"] == "feed" and "--again" in ailment["remedy"]
    server.quirks = Quirks()
    again = node.answer("feed", "pull", "wares", "--again")
    assert (again["added"], again["existed"], again["lost"]) == (1, OBJECTS - 1, 0)
    assert node.answer("doctor")["healthy"]


def test_without_manifest_the_report_says_where_something_may_lack(node, server):
    server.quirks = Quirks(omits_next=True, no_manifest=True)
    fill(server, OBJECTS, step_us=0)  # and a page has ten at most
    add(node, server)
    told = node.answer("feed", "pull", "wares", code=1)
    assert told["lost_unknown"] and told["added"] == 10
    (loss,) = [row for row in told["losses"] if row["severity"] == "lost"]
    assert "between" in loss["where"]


def test_a_broken_object_is_refused_and_holds_nothing_up(node, server):
    fill(server, OBJECTS)
    server.objects[5][1]["modified"] = "yesterday"
    add(node, server)
    told = node.answer("feed", "pull", "wares", code=1)
    assert (told["added"], told["refused"], told["lost"]) == (OBJECTS - 1, 1, 0)
    (loss,) = [row for row in told["losses"] if row["severity"] == "refused"]
    assert loss["where"] == "page 1 $.objects[5]" and loss["id"] == server.objects[5][1]["id"]


def test_killed_pulls_lose_and_double_nothing(node, server):
    draw = random.Random(SEED)
    server.quirks = Quirks(page_max=100, consumes_next=True)
    fill(server, 3000)
    add(node, server)
    begun = time.monotonic()
    seconds = None
    for kill in range(KILLS):
        process = start("feed", "pull", "wares", "--data", node.folder)
        time.sleep(draw.uniform(0, seconds or 0.5))  # the random moment itself
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        held = ids(node)
        assert len(held) == len(set(held)), f"COMITY_SEED={SEED}, kill {kill}"
        if len(held) == 3000:
            break
        seconds = min(2.0, time.monotonic() - begun)
    told = node.answer("feed", "pull", "wares")
    assert told["finished"] and told["lost"] == 0
    assert sorted(ids(node)) == sorted(held_by(server))
    node.verify()


def test_credentials_stay_in_their_file(node, tmp_path):
    server = QuirkyTaxii(tmp_path, login="reader:wAx-3-Zebra")
    try:
        fill(server, 3)
        file = tmp_path / "credentials.json"
        file.write_text(json.dumps({"user": "reader", "password": "wrong"}), encoding="utf-8")
        node.run("feed", "add", "--name", "wares", "--url", server.url(), "--collection", "all",
                 "--pin", server.pin, "--credentials", file, code=3)
        file.write_text(json.dumps({"user": "reader", "password": "wAx-3-Zebra"}),
                        encoding="utf-8")
        add(node, server, "--credentials", file)
        assert node.answer("feed", "pull", "wares")["added"] == 3
        for path in node.folder.rglob("*"):
            assert not path.is_file() or b"wAx-3-Zebra" not in path.read_bytes(), path
        # Read anew at each pull, and told when they do not open any more.
        file.write_text(json.dumps({"user": "reader", "password": "zebra-of-before"}),
                        encoding="utf-8")
        assert not node.answer("feed", "pull", "wares", code=3)["finished"]
        (ailment,) = node.answer("doctor", code=1)["ailments"]
        assert ailment["area"] == "feed"
        assert "zebra" not in json.dumps(ailment).lower()
        file.write_text("wAx-3-Zebra", encoding="utf-8")
        done = node.run("feed", "pull", "wares", code=2)
        assert "wAx-3-Zebra" not in done.stdout + done.stderr
    finally:
        server.close()


def test_only_the_server_that_is_meant_is_called(node, nodes, server, tmp_path):
    fill(server, 3)
    other = "sha256:" + "0" * 64
    node.run("feed", "add", "--name", "a", "--url", server.url(), "--collection", "all", "--pin",
             other, code=1)
    # Without a pin the authorities decide: those of the system do not know it, a given one does.
    named = server.url(host="localhost")
    node.run("feed", "add", "--name", "a", "--url", named, "--collection", "all", code=1)
    node.run("feed", "add", "--name", "a", "--url", named, "--collection", "all", "--ca",
             server.certificate)
    assert node.answer("feed", "pull", "a")["added"] == 3
    # Its name must be right as well.
    node.run("feed", "add", "--name", "b", "--url", server.url(), "--collection", "all", "--ca",
             server.certificate, code=1)
    node.run("feed", "add", "--name", "b", "--url", "http://127.0.0.1/", "--collection", "all",
             code=2)
    node.run("feed", "add", "--name", "b", "--url", server.url(), "--collection", "none", "--pin",
             server.pin, code=2)
    assert not server.asked["objects"] > 1
    node.run("feed", "end", "a")
    node.run("feed", "pull", "a", code=2)
    node.verify()


def test_beside_a_service_the_serving_process_reads(node, server):
    fill(server, 30)
    node.serve()
    add(node, server)
    assert node.answer("feed", "pull", "wares")["added"] == 30
    node.run("feed", "end", "wares")
    node.stop()
    node.verify()


def pin_of(node):
    with open(node.certificate, encoding="ascii") as file:
        return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()


def test_a_comity_node_is_read_by_a_token_and_not_by_a_peer(federation, nodes, tmp_path):
    cn, ru, _ = federation
    ru.serve()
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU", code=None)
    secret = cn.answer("token", "new", "--party", "RU", "--collections", "records", "--read",
                       "--name", "ru-desk")["secret"]
    cn.serve()
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"bearer": secret}), encoding="utf-8")
    terms = ("feed", "add", "--name", "cn", "--url", f"https://127.0.0.1:{cn.port}/taxii2/",
             "--collection", "records", "--pin", pin_of(cn), "--credentials", file)
    # A paired party gives with basis and duties; without them nothing is taken from it.
    ru.run(*terms, code=1)
    desk = Node.make("RU", tmp_path / "desk")
    desk.run(*terms)
    told = desk.answer("feed", "pull", "cn")
    assert (told["added"], told["lost"]) == (report["objects"], 0)
    assert sorted(ids(desk)) == sorted(ids(cn))
    assert all(row["originator"] == "RU" for row in desk.records())
    assert desk.answer("feed", "pull", "cn")["objects"] == 0
    more = cn.answer("import", INCIDENTS / "log4shell-2021.json", "--tlp", "green")
    cn.run("release", more["import"], "--to", "RU", code=None)
    assert desk.answer("feed", "pull", "cn")["added"] > 0
    desk.verify()
    cn.stop()
    cn.verify()
