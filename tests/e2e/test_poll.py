"""A client polls with added_after while records are written and released and the law changes: it
gets everything that was granted, nothing is lost between two pages, and nothing comes too early."""

import random
import shutil
import threading
import time
import uuid

import pytest

from harness import SCALE, SEED, Node, Peer, bundle, canonical, indicator, pair

RUNS = max(1, 20 // SCALE)
WRITERS = 3
TURNS = 20  # of each writer
OBJECTS = 40  # of one turn
SAMPLES = 4  # of those, objects that may go only after the arrangement
RECORDS = "/comity/collections/records/objects/"
PAGE = 100
SECONDS_MAX = 300
ARTIFACTS = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9


def artifact(number):
    """A sample by its name alone; its id follows from its content."""
    hashes = {"SHA-256": f"{number:064x}"}
    made = uuid.uuid5(ARTIFACTS, canonical({"hashes": hashes}).decode())
    return {"type": "artifact", "spec_version": "2.1", "id": f"artifact--{made}", "hashes": hashes,
            "url": f"https://example.com/{number}"}


@pytest.fixture(scope="module")
def pair_of_nodes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("poll")
    nodes = [Node.make(party, folder / party) for party in ("CN", "RU")]
    pair(*nodes)
    return folder


class Poller:
    """Reads the view of RU at CN again and again, each time after the last it has seen."""

    def __init__(self, reader, server):
        self.peer = Peer(reader, server)
        self.after = None
        self.pages = 0
        self.seen = {}  # id → when the answer with it had come
        self.repeated = []

    def poll(self):
        """One page, and those that it says follow it."""
        following, newest = "", self.after
        while following is not None:
            path = f"{RECORDS}?limit={PAGE}"
            if following:
                path += f"&next={following}"
            if self.after:
                path += f"&added_after={self.after}"
            got = self.peer.get(path)
            assert got.status == 200, got.body
            envelope = got.json()
            self.pages += 1
            for item in envelope.get("objects", []):
                if item["id"] in self.seen:
                    self.repeated.append(item["id"])
                self.seen[item["id"]] = time.monotonic()
            following = envelope.get("next") if envelope.get("more") else None
            newest = got.headers.get("X-TAXII-Date-Added-Last") or newest
        self.after = newest


class Writers:
    """Import and release, each in its own thread, by commands to the serving node."""

    def __init__(self, node, folder, first):
        self.failures = []
        self.imports = []
        self.expected = {"indicator": set(), "artifact": set()}
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.write, args=(node, folder, place, first))
            for place in range(WRITERS)]

    def write(self, node, folder, place, first):
        try:
            for turn in range(TURNS):
                begin = first + (place * TURNS + turn) * OBJECTS
                objects = [artifact(number) if number - begin < SAMPLES else indicator(number)
                           for number in range(begin, begin + OBJECTS)]
                path = folder / f"writer-{place}.json"
                path.write_text(bundle(*objects), encoding="utf-8")
                made = node.answer("import", path, "--tlp", "clear")["import"]
                with self.lock:
                    self.imports.append(made)
                    for item in objects:
                        self.expected[item["type"]].add(item["id"])
                # 1: samples are held back before the arrangement. 3: no receipt, RU is busy.
                node.run("release", made, "--to", "RU", code=None)
        except (AssertionError, OSError, ValueError) as error:
            self.failures.append(error)

    @property
    def done(self):
        return not any(thread.is_alive() for thread in self.threads)


def arrange(cn, ru):
    """Both enter the arrangement without which no samples may go, the recipient first; when the
    sender began to."""
    for node, other in ((ru, "CN"), (cn, "RU")):
        begun = time.monotonic()
        node.run("treaty", "arrange", "--instrument", "ru-cn-2015", "--kind",
                 "format-and-protection", "--with", other)
    return begun


@pytest.mark.parametrize("turn", range(RUNS))
def test_nothing_is_lost_and_nothing_comes_early(pair_of_nodes, tmp_path, turn):
    draw = random.Random(SEED + turn)
    copy = tmp_path / "nodes"
    shutil.copytree(pair_of_nodes, copy)
    cn, ru = [Node(party, copy / party) for party in ("CN", "RU")]
    try:
        cn.serve()
        ru.serve()
        poller = Poller(ru, cn)
        writers = Writers(cn, tmp_path, 1)
        for thread in writers.threads:
            thread.start()
        # The law changes somewhere in the middle of the writing.
        moment = draw.randrange(WRITERS * TURNS // 4, WRITERS * TURNS // 2)
        changed = None
        end = time.monotonic() + SECONDS_MAX
        while not writers.done:
            assert time.monotonic() < end, "the writers have not ended"
            poller.poll()
            if changed is None and len(writers.imports) >= moment:
                changed = arrange(cn, ru)
        for thread in writers.threads:
            thread.join()
        assert not writers.failures, writers.failures[0]
        assert changed is not None and poller.pages > WRITERS
        # What was held back goes now; the last poll fetches what the ones before had not.
        cn.run("release", *writers.imports, "--to", "RU")
        poller.poll()

        told = f"COMITY_SEED={SEED}, run {turn}"
        expected = writers.expected["indicator"] | writers.expected["artifact"]
        assert len(expected) == WRITERS * TURNS * OBJECTS
        assert set(poller.seen) == expected, told
        assert not poller.repeated, told
        early = [name for name in writers.expected["artifact"] if poller.seen[name] < changed]
        assert not early, told
        assert any(poller.seen[name] < changed for name in writers.expected["indicator"]), told
        held = ru.records()
        assert {row["id"] for row in held} == expected and len(held) == len(expected), told
        assert {row["state"] for row in held} == {"live"}, told
        assert cn.verify()["receipts_missing"] == 0
        ru.verify()
    finally:
        cn.stop()
        ru.stop()
