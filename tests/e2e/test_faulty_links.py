"""Five nodes exchange through links that delay, throttle, cut, stall and repeat: after healing
everybody has everything once, with receipts, and every ledger verifies."""

import collections
import json
import random

import pytest

from fault_proxy import Fault, FaultProxy
from harness import (COMMAND_SECONDS_MAX, SCALE, SEED, Node, Peer, bundle, envelope_of, indicator,
                     start, until)

PARTIES = ("CN", "RU", "KZ", "KG", "TJ")  # each may send to each, in the exercise
RECORDS_EACH = 8  # of one import
ROUNDS = max(6, 60 // SCALE)
HANDSHAKE_BYTES_MAX = 2_000  # before the message, in one direction
MESSAGE_BYTES = 8_000  # of an envelope with that many records, at least


@pytest.fixture
def linked(tmp_path):
    """Five nodes that serve, paired with one another through a proxy before each."""
    nodes = [Node.make(party, tmp_path / party) for party in PARTIES]
    proxies = {node.party: FaultProxy(node.port) for node in nodes}
    try:
        for node in nodes:
            for other in nodes:
                if other is not node:
                    node.run("invite", other.party, "--endpoint", proxies[node.party].endpoint,
                             "--out", tmp_path / f"{node.party}-{other.party}.json")
        for node in nodes:
            for other in nodes:
                if other is not node:
                    node.run("pair", tmp_path / f"{other.party}-{node.party}.json", "--confirmed")
            node.serve()
        yield nodes, proxies
    finally:
        for proxy in proxies.values():
            proxy.close()
        for node in nodes:
            node.stop()


def faults(draw):
    """One of each kind, with bounds that fall into the handshake, the message or the answer."""
    early, late = draw.randrange(HANDSHAKE_BYTES_MAX), draw.randrange(MESSAGE_BYTES)
    return [Fault(refuse=True), Fault(delay_s=0.02), Fault(bytes_per_s=100_000),
            Fault(cut_after=("up", early)), Fault(cut_after=("up", late)),
            Fault(cut_after=("down", early)), Fault(cut_after=("down", late)),
            Fault(stall_after=("up", late)), Fault(stall_after=("down", early)),
            # The whole request is through before a byte of the answer is: it is sent again later.
            Fault(cut_after=("down", HANDSHAKE_BYTES_MAX // 2)), Fault()]


def import_some(node, numbers, folder):
    path = folder / "bundle.json"
    path.write_text(bundle(*(indicator(number) for number in numbers)), encoding="utf-8")
    return node.answer("import", path, "--tlp", "clear")["import"]


def release_all(nodes, proxies, imports):
    """Every node releases to all others at the same time; the exit codes. What is half open is
    dropped again and again, as long as somebody waits."""
    commands = {}
    for node in nodes:
        others = ",".join(party for party in PARTIES if party != node.party)
        commands[node.party] = start("release", *imports[node.party], "--to", others, "--json",
                                     "--data", node.folder)

    def ended():
        for proxy in proxies.values():
            if proxy.stalled:
                proxy.drop_stalled()
        return all(command.poll() is not None for command in commands.values())

    try:
        until(ended, "releases through faulty links", COMMAND_SECONDS_MAX)
        answers = {party: json.loads(command.stdout.read() or b"{}")
                   for party, command in commands.items()}
    finally:
        for command in commands.values():
            command.kill()
            command.wait()
            command.stdout.close()
    codes = {party: command.returncode for party, command in commands.items()}
    assert set(codes.values()) <= {0, 3}, (codes, answers)
    return codes


def held_once(node):
    """How many records a node has from each party, itself included; each record only once."""
    records = node.records()
    digests = [row["digest"] for row in records]
    assert len(digests) == len(set(digests))
    assert {row["state"] for row in records} == {"live"}
    return collections.Counter(row["from"] for row in records)


def test_after_healing_everybody_has_everything_once(linked, tmp_path):
    nodes, proxies = linked
    draw = random.Random(SEED)
    imports = collections.defaultdict(list)
    codes = collections.Counter()
    number = 0
    for turn in range(ROUNDS):
        for place, node in enumerate(nodes):
            choice = faults(draw)
            # Every fault comes before every node in its turn.
            proxies[node.party].fault = choice[(turn * len(nodes) + place) % len(choice)]
            imports[node.party].append(
                import_some(node, range(number, number + RECORDS_EACH), tmp_path))
            number += RECORDS_EACH
        codes.update(release_all(nodes, proxies, imports).values())
    happened = collections.Counter()
    for proxy in proxies.values():
        happened.update(proxy.counts)
        proxy.fault = Fault()
    assert codes[3] > 0, "no release failed"
    for name in ("refused", "slow", "cut up", "cut down", "stalled up", "stalled down"):
        assert happened[name] > 0, happened

    assert set(release_all(nodes, proxies, imports).values()) == {0}, f"COMITY_SEED={SEED}"
    each = ROUNDS * RECORDS_EACH
    for node in nodes:
        assert held_once(node) == {party: each for party in PARTIES}, f"COMITY_SEED={SEED}"
        found = node.verify()
        assert found["receipts_missing"] == 0
        assert found["receipts"] == found["sent"] + found["received"]
        assert found["sent"] >= len(PARTIES) - 1
    assert sum(node.verify()["sent"] for node in nodes) == \
        sum(node.verify()["received"] for node in nodes)
    repeat_everything(nodes)


def repeat_everything(nodes):
    """The same envelopes once more, by the wire: each is answered and changes nothing."""
    for sender in nodes:
        for recipient in nodes:
            if recipient is sender:
                continue
            before = recipient.counts()
            peer = Peer(sender, recipient)
            got = peer.post(envelope_of(sender, recipient.party, 1).bytes())
            peer.close()
            assert got.status == 202, got.body
            assert recipient.counts() == before
        sender.verify()
