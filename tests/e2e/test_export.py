"""comity export: what a party may have, in a file, and never more than its view shows."""

import json
import signal
import threading
import time

import pytest

from harness import (COMMAND_SECONDS_MAX, SCALE, Node, Peer, bundle, identifier, indicator,
                     object_slices, pair, run, start)

RECORDS = "/comity/collections/records/objects/"
OBJECTS = 2500  # three pages
KILLS = max(10, 200 // SCALE)


def released(node, path, objects, to="RU"):
    path.write_text(bundle(*objects), encoding="utf-8")
    made = node.answer("import", path, "--tlp", "green")["import"]
    node.run("release", made, "--to", to, code=3)
    return made


@pytest.fixture
def ready(federation, tmp_path):
    """CN has released objects to RU, others to KZ, and some to nobody."""
    cn, ru, _ = federation
    kz = Node.make("KZ", tmp_path / "KZ")
    pair(cn, kz)
    odd = '{"type" : "indicator", "x_a":"\\u0041\\/ \\u00e9 é" ,' + json.dumps(
        indicator(0))[len('{"type": "indicator",'):]
    released(cn, tmp_path / "in.json", [odd, *map(indicator, range(1, OBJECTS))])
    released(cn, tmp_path / "kz.json", [indicator(7001)], "KZ")
    (tmp_path / "mine.json").write_text(bundle(indicator(7002)), encoding="utf-8")
    cn.run("import", tmp_path / "mine.json", "--tlp", "green")
    return cn, ru


def view(reader, node, folder):
    """Every object of the view as its bytes stand in the pages, by id."""
    peer, found, following = Peer(reader, node), {}, ""
    while True:
        page = peer.get(f"{RECORDS}?limit=1000{following}")
        assert page.status == 200
        path = folder / "page.json"
        path.write_bytes(page.body)
        found |= object_slices(path)
        if not page.json().get("more"):
            peer.close()
            return found
        following = f"&next={page.json()['next']}"


def reads(node):
    with node.store() as store:
        return [json.loads(row[0]) for row in store.execute(
            "SELECT entry FROM ledger WHERE kind = 'read' ORDER BY leaf_index")]


def test_it_is_the_view_of_that_party_byte_for_byte(ready, tmp_path):
    cn, ru = ready
    told = cn.answer("export", "--to", "RU", "--out", tmp_path / "out.json")
    assert told["to"] == "RU" and told["objects"] == OBJECTS
    assert told["bytes"] == (tmp_path / "out.json").stat().st_size
    assert told["exercise"] == "demo"
    got = object_slices(tmp_path / "out.json")
    value = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert value["type"] == "bundle" and value["id"] == told["bundle"] and len(value) == 3
    assert len(value["objects"]) == len(got) == OBJECTS
    assert oct((tmp_path / "out.json").stat().st_mode & 0o777) == "0o600"
    (entry,) = reads(cn)
    assert (entry["credential"], entry["party"], entry["count"]) == ("export", "RU", OBJECTS)
    cn.verify()

    # What others may have, and what was released to nobody, is in no file for RU.
    assert identifier("indicator", 7001) not in got and identifier("indicator", 7002) not in got
    cn.serve()
    assert view(ru, cn, tmp_path) == got
    # A serving process does the same for whoever asks by its socket, in the caller's folder.
    done = run("export", "--to", "KZ", "--out", "kz-out.json", "--data", cn.folder, cwd=tmp_path)
    assert "1 objects" in done.stdout and "EXERCISE demo" in done.stdout
    assert list(object_slices(tmp_path / "kz-out.json")) == [identifier("indicator", 7001)]
    cn.stop()
    cn.verify()


def test_what_the_law_takes_back_is_in_no_file(ready, tmp_path):
    cn, ru = ready
    cn.answer("export", "--to", "RU", "--out", tmp_path / "before.json")
    gone = identifier("indicator", 3)
    cn.run("recall", gone, "--to", "RU", "--reason", "false-positive", code=None)
    cn.run("export", "--to", "RU", "--out", tmp_path / "after.json")
    left = object_slices(tmp_path / "after.json")
    assert set(object_slices(tmp_path / "before.json")) - set(left) == {gone}
    cn.serve()
    assert view(ru, cn, tmp_path) == left


def test_nothing_is_overwritten_and_nobody_else_gets_a_file(ready, tmp_path):
    cn, _ = ready
    out = tmp_path / "out.json"
    out.write_text("mine", encoding="utf-8")
    refused = cn.run("export", "--to", "RU", "--out", out, code=2)
    assert "nothing is overwritten" in refused.stderr and out.read_text(encoding="utf-8") == "mine"
    assert reads(cn) == []
    out.unlink()
    for party in ("CN", "ZZ"):
        cn.run("export", "--to", party, "--out", out, code=2)
    nothing = cn.answer("export", "--to", "VN", "--out", out, code=1)
    assert nothing["objects"] == 0
    cn.run("export", "--to", "RU", "--out", tmp_path / "none/out.json", code=2)
    assert not out.exists() and reads(cn) == []


def test_killed_exports_leave_no_file_and_no_half(ready, tmp_path):
    """Whatever moment: the file is whole or is not there, and beside it nothing is."""
    cn, _ = ready
    folder = tmp_path / "out"
    folder.mkdir()
    begun = time.monotonic()
    cn.run("export", "--to", "RU", "--out", folder / "whole.json")
    seconds = time.monotonic() - begun
    whole = object_slices(folder / "whole.json")
    (folder / "whole.json").unlink()
    killed = 0
    for turn in range(KILLS):
        out = folder / f"{turn}.json"
        process = start("export", "--to", "RU", "--out", out, "--data", cn.folder)
        watchdog = threading.Timer(COMMAND_SECONDS_MAX, process.kill)
        watchdog.start()
        time.sleep(seconds * turn / KILLS)  # the moment itself
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
        process.wait()
        process.stdout.close()
        watchdog.cancel()
        killed += process.returncode == -signal.SIGKILL
        assert [path.name for path in folder.iterdir()] in ([], [out.name])
        if out.exists():
            assert object_slices(out) == whole
            out.unlink()
    assert killed > 0
    cn.run("export", "--to", "RU", "--out", folder / "last.json")
    assert object_slices(folder / "last.json") == whole
    cn.verify()
