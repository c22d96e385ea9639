"""Keys that change while real nodes talk: rotation, revocation, the end of a root, kill -9."""

import hashlib
import json
import os
import random
import signal
import ssl
import subprocess
import time

import pytest

from harness import (COMITY, SCALE, SEED, Node, Peer, bundle, canonical, environment, envelope_of,
                     indicator, pair, run, sign, tls_context, until)


class Two:
    """XA and XB, paired and serving."""

    def __init__(self, folder):
        self.folder = folder
        self.xa, self.xb = (Node.make(party, folder / party) for party in ("XA", "XB"))
        self.count = 0

    def serve(self):
        self.xa.serve()
        self.xb.serve()

    def stop(self):
        for node in (self.xa, self.xb):
            node.kill()

    def imported(self, node):
        self.count += 1
        path = self.folder / f"bundle-{self.count}.json"
        path.write_text(bundle(indicator(self.count)), encoding="utf-8")
        return node.answer("import", path, "--tlp", "clear")["import"]

    def release(self, node=None, to="XB", code=0):
        """One new record; how many the other side accepted."""
        node = node or self.xa
        row = node.answer("release", self.imported(node), "--to", to, code=code)["parties"][0]
        return sum(sent["accepted"] for sent in row["sent"])

    def release_in_vain(self):
        """One new record for a peer that does not take it now: it waits."""
        assert self.release(code=3) == 0

    def arrived(self):
        """Records of XA that XB holds. What waited may have gone by itself meanwhile."""
        return sum(row["from"] == "XA" for row in self.xb.records())

    def verify(self):
        self.xa.verify()
        self.xb.verify()


@pytest.fixture
def two(tmp_path):
    made = Two(tmp_path)
    made.serve()
    pair(made.xa, made.xb)
    yield made
    made.stop()


def keys(node, party=None, use=None):
    rows = node.answer("key", "list")["keys"]
    return [row for row in rows if row["party"] == (party or node.party)
            and use in (None, row["use"])]


def states(node, party, use):
    return [(row["number"], row["state"]) for row in keys(node, party, use)]


def shown_certificate(node):
    """The digest of the certificate that a serving node presents."""
    pem = ssl.get_server_certificate(("127.0.0.1", node.port))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def test_a_node_key_is_rotated_between_releases(two):
    assert two.release() == 1
    done = two.xa.answer("key", "rotate", "node")
    assert done["number"] == 2 and done["told"] == [{"party": "XB", "taken": True}]
    assert two.release() == 1
    two.xb.answer("key", "rotate", "node")
    assert two.release() == 1
    assert two.release(two.xb, "XA") == 1
    assert states(two.xb, "XA", "node") == [(1, "replaced"), (2, "present")]
    assert {row["use"] for row in keys(two.xa)} == {"node", "tls", "seal"}
    two.verify()
    assert "node  number 2" in two.xa.run("key", "list").stdout
    # A node that starts anew goes on with its new key.
    two.xa.stop()
    two.xa.serve()
    assert two.release() == 1
    two.verify()


def test_a_certificate_is_rotated_while_both_serve(two):
    before = shown_certificate(two.xa)
    done = two.xa.answer("key", "rotate", "tls")
    assert done["presents_newest"]
    until(lambda: shown_certificate(two.xa) != before, "the new certificate is presented")
    assert shown_certificate(two.xa).startswith(keys(two.xa, use="tls")[-1]["id"])
    assert two.release() == 1
    assert two.release(two.xb, "XA") == 1
    two.verify()


def test_the_old_certificate_is_presented_while_a_peer_has_not_heard(two):
    before = shown_certificate(two.xa)
    two.xb.stop()
    done = two.xa.answer("key", "rotate", "tls")
    assert not done["presents_newest"] and not done["told"][0]["taken"]
    two.xa.run("key", "rotate", "tls", code=2)
    time.sleep(1.5)  # longer than the pause of what the service does by itself
    assert shown_certificate(two.xa) == before
    two.xb.serve()
    assert two.release(two.xb, "XA") == 1  # it knows the old one alone
    two.xa.run("statements", "send")
    until(lambda: shown_certificate(two.xa) != before, "the new certificate is presented")
    assert two.release(two.xb, "XA") == 1
    assert two.release() == 1
    two.verify()


def test_a_peer_that_was_away_gets_the_notice_and_then_what_waited_in_order(two):
    assert two.release() == 1
    two.xb.stop()
    two.release_in_vain()
    two.xa.answer("key", "rotate", "node")
    two.release_in_vain()
    two.xb.serve()
    two.release()
    assert two.arrived() == 4
    assert states(two.xb, "XA", "node") == [(1, "replaced"), (2, "present")]
    two.verify()


def test_a_file_is_taken_where_no_message_arrives_and_a_lower_number_is_not(two):
    two.xb.stop()
    first, second = two.folder / "first.json", two.folder / "second.json"
    two.xa.run("key", "notice", "XB", code=2)
    two.xa.answer("key", "rotate", "node")
    two.xa.run("key", "notice", "XB", "--out", first)
    two.xa.answer("key", "rotate", "node")
    two.xa.run("key", "notice", "XB", "--out", second)
    two.xb.run("key", "take", second)
    assert states(two.xb, "XA", "node")[-1] == (3, "present")
    done = two.xb.run("key", "take", first, code=2)
    assert "only a higher one is taken" in done.stderr
    two.xa.run("key", "take", second, code=2)  # it is for another
    two.xb.serve()
    assert two.release() == 1
    two.verify()


def test_what_a_revoked_key_signs_is_refused_and_what_it_signed_in_time_is_not(two, tmp_path):
    assert two.release() == 1
    stolen = tmp_path / "stolen.pem"
    stolen.write_bytes((two.xa.folder / "keys/node.pem").read_bytes())
    two.xb.stop()
    two.release_in_vain()  # signed by number 1, and not delivered
    done = two.xa.answer("key", "revoke", "node", "--number", "1")
    assert done["number"] == 2 and done["revoked"] == 1
    assert not (two.xa.folder / "keys/node.pem").exists()
    two.xb.serve()
    two.release()
    assert two.arrived() == 3
    assert states(two.xb, "XA", "node") == [(1, "revoked"), (2, "present")]
    two.verify()

    last = envelope_of(two.xa, "XB", 3)
    forged = {**last.statement(), "number": 4,
              "id": "comity-disclosure--00000000-0000-4000-8000-00000000000f",
              "previous": "sha256:" + hashlib.sha256(canonical(last.statement())).hexdigest()}
    thief = Peer(two.xa, two.xb)
    before = two.xb.counts()
    for moved in (0, -86400, 86400):
        statement = dict(forged)
        if moved:
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + moved)) + ".000000Z"
            statement["created"] = statement["modified"] = at
        answer = thief.post(last.altered(sign(statement, stolen, tmp_path)).bytes())
        assert answer.status == 403
        assert "number 1, which was revoked at" in answer.json()["description"]
    assert two.xb.counts() == before
    # The same signed by the present key is what XA itself would send.
    honest = sign(forged, two.xa.folder / "keys/node-2.pem", tmp_path)
    assert thief.post(last.altered(honest).bytes()).status == 202
    thief.close()


def test_a_revoked_certificate_is_refused(two, tmp_path):
    (tmp_path / "old").mkdir()
    for name in ("tls-certificate.pem", "tls-key.pem"):
        (tmp_path / "old" / name).write_bytes((two.xa.folder / "keys" / name).read_bytes())
    done = two.xa.answer("key", "revoke", "tls", "--number", "1")
    assert done["told"] == [{"party": "XB", "taken": True}]
    until(lambda: shown_certificate(two.xa).startswith(keys(two.xa, use="tls")[-1]["id"]),
          "the new certificate is presented")
    thief = Peer(two.xa, two.xb)
    thief.context = tls_context(str(tmp_path / "old/tls-certificate.pem"),
                                str(tmp_path / "old/tls-key.pem"))
    assert thief.get("/comity/collections/").status == 401
    thief.close()
    assert two.release() == 1
    assert two.release(two.xb, "XA") == 1
    two.verify()


def test_a_root_ends_and_the_two_pair_anew(two):
    assert two.release() == 1
    paper = two.xa.folder / "keys/root-revocation.json"
    moved = two.folder / "kept-offline.json"
    paper.rename(moved)
    two.xb.run("key", "take", moved)
    assert two.xb.run("key", "take", moved, code=2).stderr
    # Neither direction works, and XB says why.
    done = two.xb.run("release", two.imported(two.xb), "--to", "XA", code=2)
    assert "the root key of XA was revoked at" in done.stderr
    two.release_in_vain()
    assert Peer(two.xa, two.xb).get("/comity/collections/").status == 401
    assert two.xb.answer("doctor", code=1)["ailments"]
    two.xb.verify()
    renewed = two.xa.answer("key", "renew-root", moved)
    assert renewed["root_file"].endswith("root-2.pem")
    # Until they have paired nothing goes; then what waited arrives, and numbers go on.
    pair(two.xa, two.xb)
    two.release()
    assert two.arrived() == 3
    assert two.release(two.xb, "XA") == 1
    two.verify()
    two.xa.answer("key", "rotate", "node")  # under the new root
    assert two.release() == 1
    two.verify()


def test_only_the_root_rotates(two, tmp_path):
    root = two.xa.folder / "keys/root.pem"
    away = tmp_path / "medium.pem"
    root.rename(away)
    done = two.xa.run("key", "rotate", "node", code=2)
    assert "--root" in done.stderr
    wrong = two.xa.run("key", "rotate", "node", "--root", two.xb.folder / "keys/root.pem", code=1)
    assert "not the root key of this node" in wrong.stderr
    assert states(two.xa, "XA", "node") == [(1, "present")]
    assert two.xa.answer("key", "rotate", "node", "--root", away)["number"] == 2
    assert not root.exists()
    two.verify()


def test_a_process_that_is_killed_while_it_rotates_leaves_one_whole_set_of_keys(tmp_path):
    node = Node.make("XA", tmp_path / "XA")
    seeded = random.Random(SEED)
    began = time.monotonic()
    node.answer("key", "rotate", "node")
    whole = time.monotonic() - began
    rounds = max(6, 200 // SCALE)
    for number in range(rounds):
        use = ("node", "tls", "seal")[number % 3]
        before = len(keys(node, use=use))
        process = subprocess.Popen(
            [COMITY, "key", "rotate", use, "--data", str(node.folder)], env=environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * seeded.random() * 1.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # It opens, its key fits to the ring, and the ledger to its checkpoint.
        node.verify()
        after = keys(node, use=use)
        assert len(after) - before in (0, 1)
        assert [row["state"] for row in after][-1] == "present"
        assert sum(row["state"] == "present" for row in after) == 1
        run("import", write_bundle(tmp_path, number), "--tlp", "clear", "--data", node.folder)
    node.verify()


def write_bundle(folder, number):
    path = folder / "more.json"
    path.write_text(bundle(indicator(1000 + number)), encoding="utf-8")
    return path
