"""kill -9 during import: what was acknowledged is there once, and a second import completes it."""

import json
import random
import shutil
import signal
import threading
import time

import pytest

from harness import COMMAND_SECONDS_MAX, SCALE, SEED, Node, bundle, indicator, run, start

KILLS = max(50, 1000 // SCALE)
OBJECTS = 3500
BATCH = 1000  # import_batch_objects


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A node without records, a bundle, and how long the node takes for it."""
    folder = tmp_path_factory.mktemp("kill")
    Node.make("XA", folder / "empty")
    path = folder / "bundle.json"
    ids = [indicator(number)["id"] for number in range(OBJECTS)]
    path.write_text(bundle(*map(indicator, range(OBJECTS))), encoding="utf-8")
    shutil.copytree(folder / "empty", folder / "timed")
    begun = time.monotonic()
    report = Node("XA", folder / "timed").answer("import", path, "--tlp", "clear")
    seconds = time.monotonic() - begun
    assert report["added"] == OBJECTS
    shutil.rmtree(folder / "timed")
    return folder, path, ids, seconds


def interrupted_import(node, path, seconds, after=0):
    """Imports until killed, `seconds` after so many acknowledgements; (acknowledged, killed)."""
    process = start("import", path, "--tlp", "clear", "--acknowledge", "--data", node.folder)
    watchdog = threading.Timer(COMMAND_SECONDS_MAX, process.kill)
    watchdog.start()
    try:
        told = b"".join(process.stdout.readline() for _ in range(after))
        time.sleep(seconds)  # the random moment itself
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read()
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    lines = [line for line in told.decode().split("\n")[:-1] if line.startswith('{"acknowledged"')]
    numbers = [json.loads(line)["acknowledged"] for line in lines]
    assert numbers == sorted(set(numbers))
    return (numbers[-1] if numbers else 0), process.returncode == -signal.SIGKILL


def test_killed_imports_lose_and_double_nothing(prepared):
    folder, path, ids, whole = prepared
    draw = random.Random(SEED)
    outcomes, killed_inside = set(), 0
    for kill in range(KILLS):
        told = f"COMITY_SEED={SEED}, kill {kill} of {KILLS}"
        node = Node("XA", folder / "node")
        shutil.copytree(folder / "empty", node.folder)
        # Half of the blows fall anywhere, half at some distance from a commit.
        if draw.random() < 0.5:
            moment = draw.uniform(0, whole * 1.1), 0
        else:
            moment = draw.uniform(0, whole / 10), draw.randint(1, OBJECTS // BATCH)
        acknowledged, killed = interrupted_import(node, path, *moment)
        assert acknowledged >= min(moment[1] * BATCH, OBJECTS), told

        held = [row["id"] for row in node.records()]
        assert held[:acknowledged] == ids[:acknowledged], told
        assert held == ids[:len(held)], told
        # A batch is there whole or not at all.
        assert len(held) % BATCH == 0 or len(held) == OBJECTS, told
        outcomes.add(len(held))
        killed_inside += killed and 0 < len(held) < OBJECTS
        node.verify()

        if draw.random() < 0.3:  # a second blow, while it completes
            interrupted_import(node, path, draw.uniform(0, whole))
            node.verify()
        report = node.answer("import", path, "--tlp", "clear")
        assert report["objects"] == OBJECTS and report["refused"] == 0, told
        assert report["added"] + report["existed"] == OBJECTS, told
        assert [row["id"] for row in node.records()] == ids, told
        node.verify()
        shutil.rmtree(node.folder)
    # The blows fell before, inside and after the batches, or they would have proved little.
    assert killed_inside >= KILLS // 10 and len(outcomes) >= 3, (SEED, outcomes, killed_inside)


def test_a_killed_server_leaves_a_node_that_serves_again(prepared, tmp_path):
    folder, path, ids, _ = prepared
    node = Node("XA", tmp_path / "node")
    shutil.copytree(folder / "empty", node.folder)
    try:
        for _ in range(3):
            node.serve()
            node.answer("import", path, "--tlp", "clear")
            node.process.kill()
            node.process.wait()
            node.process.stdout.close()
            node.process = None
            assert [row["id"] for row in node.records()] == ids
            node.verify()
        # The socket that the killed process left does not stand in the way of a command.
        assert node.answer("import", path, "--tlp", "clear")["existed"] == OBJECTS
        node.serve()
    finally:
        node.stop()
    assert run("records", "--data", node.folder).stdout.count("\n") == OBJECTS + 1
