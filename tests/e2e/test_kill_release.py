"""kill -9 of sender or recipient during a release: nothing acknowledged is lost, nothing is sent
under two disclosures, and another release completes it."""

import collections
import json
import random
import shutil
import subprocess
import time

import pytest

from harness import SCALE, SEED, Node, bundle, indicator, pair, start

KILLS = max(50, 1000 // SCALE)
AREAS = ("threat-information", "csirt-response")
PURPOSES = ("warning", "incident-response")
DISCLOSURES = len(AREAS) * len(PURPOSES)  # one for each area and purpose
RECORDS_EACH = 25
RECORDS = DISCLOSURES * RECORDS_EACH

# Who is struck: the command that releases, the recipient, or a sender that serves and releases.
VICTIMS = ("release", "recipient", "sender")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """XA with records and XB without, paired; the imports; how long a release takes, by who runs
    it."""
    folder = tmp_path_factory.mktemp("kill-release")
    (folder / "first").mkdir()
    xa, xb = (Node.make(party, folder / "first" / party) for party in ("XA", "XB"))
    pair(xa, xb)
    imports = []
    for area in AREAS:
        for purpose in PURPOSES:
            path = folder / "bundle.json"
            first = RECORDS_EACH * len(imports)
            path.write_text(bundle(*map(indicator, range(first, first + RECORDS_EACH))),
                            encoding="utf-8")
            imports.append(xa.answer("import", path, "--tlp", "clear", "--area", area,
                                     "--purpose", purpose)["import"])
    seconds = {}
    for serving in (False, True):
        xa, xb = copy(folder, "timed")
        try:
            xb.serve()
            if serving:
                xa.serve()
            begun = time.monotonic()
            (row,) = xa.answer("release", *imports, "--to", "XB")["parties"]
            seconds[serving] = time.monotonic() - begun
            assert row["disclosed"] == RECORDS and len(row["sent"]) == DISCLOSURES
        finally:
            xa.stop()
            xb.stop()
    return folder, imports, seconds


def copy(folder, name):
    shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(folder / "first", folder / name)
    return [Node(party, folder / name / party) for party in ("XA", "XB")]


Held = collections.namedtuple("Held", "made kept got answered records")


def held(xa, xb):
    """What both stored: disclosures that were made, and those with a receipt kept, by id, at the
    sender; those received, those answered, and the digests of records, at the recipient."""
    def statements(store, kind, direction):
        return [json.loads(bytes(row[0])) for row in store.execute(
            "SELECT bytes FROM protocol WHERE kind = ? AND direction = ? ORDER BY arrival",
            (kind, direction))]

    with xa.store() as store:
        made = statements(store, "comity-disclosure", 0)
        kept = {item["disclosure"]: item for item in statements(store, "comity-receipt", 1)}
    with xb.store() as store:
        # One snapshot: the recipient lives on and may be admitting what a killed sender had posted.
        store.execute("BEGIN")
        got = statements(store, "comity-disclosure", 1)
        answered = {item["disclosure"]: item for item in statements(store, "comity-receipt", 0)}
        records = [bytes(row[0]).hex() for row in store.execute("SELECT digest FROM record")]
    return Held(made, kept, got, answered, records)


def check(now, told):
    """What holds at every moment, also right after a blow."""
    assert [item["number"] for item in now.made] == list(range(1, len(now.made) + 1)), told
    # No assertion stands in two disclosures: each has one basis only.
    disclosed = [item["digest"] for made in now.made for item in made["records"]]
    assert len(disclosed) == len(set(disclosed)), told
    # What came is what was made, in order, whole, and every record once.
    assert now.got == now.made[:len(now.got)], told
    arrived = [item["digest"].removeprefix("sha256:") for got in now.got
               for item in got["records"]]
    assert sorted(now.records) == sorted(arrived) and len(arrived) == len(set(arrived)), told
    # The recipient answers everything it took, and a receipt that was kept is one that it gave.
    assert set(now.answered) == {item["id"] for item in now.got}, told
    for disclosure, receipt in now.kept.items():
        assert receipt == now.answered[disclosure], told


def strike(xa, xb, imports, victim, seconds):
    """Releases and kills the victim after so many seconds; the command's answer, if it gave one."""
    command = start("release", *imports, "--to", "XB", "--json", "--data", xa.folder,
                    stderr=subprocess.DEVNULL)
    try:
        time.sleep(seconds)  # the random moment itself
        if victim == "release":
            command.kill()
        else:
            (xb if victim == "recipient" else xa).kill()
        output = command.stdout.read()  # the command is dead, or done, or told of the loss
        code = command.wait()
    finally:
        command.kill()
        command.wait()
        command.stdout.close()
    # 3: a receipt is missing; without an answer the command ended before it had one.
    return json.loads(output) if code in (0, 3) and output else None


def test_killed_releases_lose_nothing_and_send_nothing_twice(prepared):
    folder, imports, seconds = prepared
    draw = random.Random(SEED)
    stages = collections.Counter()
    for blow in range(KILLS * 4):
        # A few blows may by chance all fall early or late; then some more follow.
        if blow >= KILLS and well_spread(stages):
            break
        victim = VICTIMS[blow % len(VICTIMS)]
        told = f"COMITY_SEED={SEED}, blow {blow} of {KILLS}, at {victim}"
        xa, xb = copy(folder, "node")
        try:
            xb.serve()
            if victim == "sender":
                xa.serve()
            answer = strike(xa, xb, imports, victim,
                            draw.uniform(0, seconds[victim == "sender"] * 1.1))
            after = held(xa, xb)
            check(after, told)
            if answer:  # what the command acknowledged is there
                (row,) = answer["parties"]
                assert {sent["disclosure"] for sent in row["sent"] if sent["receipt"]} <= \
                    set(after.kept), told
            stages[(victim, len(after.made), len(after.got), len(after.kept))] += 1

            if xb.process is None:
                xb.serve()
            xa.kill()
            (row,) = xa.answer("release", *imports, "--to", "XB")["parties"]
            assert row["held_back"] == 0, told
            assert all(sent["receipt"] for sent in row["sent"]), told
        finally:
            xa.kill()
            xb.kill()
        done = held(xa, xb)
        check(done, told)
        # What was made and acknowledged before is there still, and the rest has followed.
        assert done.made[:len(after.made)] == after.made, told
        assert after.kept.items() <= done.kept.items(), told
        assert len(done.made) == len(done.got) == len(done.kept) == DISCLOSURES, told
        assert len(done.records) == RECORDS, told
        assert xa.verify()["receipts_missing"] == 0, told
        xb.verify()
    assert well_spread(stages), stages


def well_spread(stages):
    """The blows fell at different points, or they would have proved little."""
    between = sum(count for (_, made, _, kept), count in stages.items()
                  if made > 0 and kept < DISCLOSURES)
    return between >= KILLS // 5 and all(
        len({stage[1:] for stage in stages if stage[0] == victim}) >= 3 for victim in VICTIMS)
