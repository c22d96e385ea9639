"""A disclosure of many records names them by a root over their rows; the root is computed here once
more, from what the pages of the formats say."""

import hashlib
import json
import shutil
import sqlite3

import pytest

from harness import (Node, Peer, assert_taxii_error, bundle, canonical, envelope_of, identifier,
                     indicator, sign)

TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
LISTED_MAX = 100
COUNT = 130
AUTHOR = {"type": "identity", "spec_version": "2.1", "id": identifier("identity", 1),
          "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
          "name": "a team", "identity_class": "organization", "object_marking_refs": [TLP_CLEAR]}


def authored(number, **members):
    return indicator(number, created_by_ref=AUTHOR["id"], object_marking_refs=[TLP_CLEAR],
                     **members)


def merkle_root(leaves):
    """RFC 9162 section 2.1.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + merkle_root(leaves[:split]) +
                          merkle_root(leaves[split:])).digest()


def digest_of(record):
    return "sha256:" + hashlib.sha256(canonical(json.loads(record))).hexdigest()


def rows_of(envelope):
    """The rows that a disclosure in sum speaks of, as a short one would list them."""
    said = envelope.statement()["record_set"]
    parts = [said["parts"][run["part"]] for run in said["runs"] for _ in range(run["count"])]
    assert len(parts) == said["count"] == len(envelope.records)
    return [{**part, "digest": digest_of(record)}
            for part, record in zip(parts, envelope.records, strict=True)]


def root_of(rows):
    return "sha256:" + merkle_root([canonical(row) for row in rows]).hex()


def release(node, folder, numbers, code=0):
    path = folder / "many.json"
    path.write_text(bundle(AUTHOR, *map(authored, numbers)), encoding="utf-8")
    made = node.answer("import", path)["import"]
    (row,) = node.answer("release", made, "--to", "RU", code=code)["parties"]
    return row["sent"]


@pytest.fixture
def waiting(federation, tmp_path):
    """CN has signed COUNT records and their author for RU, who serves now."""
    cn, ru, _ = federation
    (sent,) = release(cn, tmp_path, range(COUNT), code=3)
    assert not sent["receipt"] and sent["records"] == COUNT + 1
    ru.serve()
    return cn, ru, envelope_of(cn, "RU", 1)


def test_the_root_is_that_of_the_rows(waiting):
    *_, envelope = waiting
    statement = envelope.statement()
    said = statement["record_set"]
    assert "records" not in statement and statement["format"] == 4
    assert len(said["parts"]) == 2 and {part["classes"] for part in said["parts"]} == \
        {"", "indicator"}
    assert said["root"] == root_of(rows_of(envelope))
    # A list of them has five times as many bytes, and more the longer it is.
    assert len(envelope.disclosure) * 5 < sum(len(canonical(row)) for row in rows_of(envelope))


def test_it_arrives_is_answered_in_sum_and_verified(waiting):
    cn, ru, envelope = waiting
    done = cn.answer("release", AUTHOR["id"], identifier("indicator", 1), "--to", "RU", code=None)
    (sent,) = [one for one in done["parties"][0]["sent"] if one["number"] == 1]
    assert sent["receipt"] and sent["accepted"] == COUNT + 1
    with cn.store() as store:
        (receipt,) = store.execute(
            "SELECT bytes FROM protocol WHERE kind = 'comity-receipt'").fetchone()
    answered = json.loads(receipt)
    assert "results" not in answered and answered["result_set"] == {
        "count": COUNT + 1, "root": envelope.statement()["record_set"]["root"],
        "runs": [{"result": "accepted", "count": COUNT + 1}]}
    assert len(ru.records()) == COUNT + 1
    assert cn.verify()["redecided"] == 1
    ru.verify()
    # The view shows every record of it.
    cn.serve()
    peer = Peer(ru, cn)
    shown = peer.get("/comity/collections/records/objects/?limit=1000").json()["objects"]
    assert len(shown) == COUNT + 1
    peer.close()


def test_what_does_not_make_the_root_is_refused_whole(waiting, tmp_path):
    cn, ru, envelope = waiting
    peer = Peer(cn, ru)
    before = ru.counts()
    records = envelope.records
    foreign = canonical(authored(999))
    altered = json.dumps({**json.loads(records[7]), "name": "other"}).encode()
    for other in ([], records[:-1], records[1:], [*records, foreign], [*records, records[0]],
                  [records[1], records[0], *records[2:]], [*records[:7], altered, *records[8:]],
                  [*records[:-1], records[0]], list(reversed(records))):
        assert_taxii_error(peer.post(envelope.altered(records=other).bytes()), 403)
        assert ru.counts() == before
    statement = envelope.statement()
    said = statement["record_set"]
    for members in ({"root": statement["register"]}, {"count": COUNT}, {"runs": said["runs"][:-1]},
                    {"parts": said["parts"][:1]},
                    {"parts": [{**part, "tlp": "green"} for part in said["parts"]]}):
        lie = sign({**statement, "record_set": {**said, **members}},
                   cn.folder / "keys/node.pem", tmp_path)
        assert_taxii_error(peer.post(envelope.altered(lie).bytes()), 400, 403)
        assert ru.counts() == before
    both = sign({**statement, "records": rows_of(envelope)}, cn.folder / "keys/node.pem", tmp_path)
    assert_taxii_error(peer.post(envelope.altered(both).bytes()), 400)
    assert ru.counts() == before
    # The same rows, listed, are the same statement in other words, and are taken.
    listed = {name: value for name, value in statement.items() if name != "record_set"}
    told = sign({**listed, "records": rows_of(envelope)}, cn.folder / "keys/node.pem", tmp_path)
    assert peer.post(envelope.altered(told).bytes()).status == 202
    peer.close()
    assert len(ru.records()) == COUNT + 1
    ru.verify()


def test_a_short_one_lists_its_records(federation, tmp_path):
    cn, ru, _ = federation
    ru.serve()
    (sent,) = release(cn, tmp_path, range(LISTED_MAX - 1))
    assert sent["records"] == LISTED_MAX and sent["accepted"] == LISTED_MAX
    short = envelope_of(cn, "RU", 1).statement()
    assert len(short["records"]) == LISTED_MAX and "record_set" not in short
    path = tmp_path / "more.json"
    path.write_text(bundle(*(authored(number) for number in range(1000, 1001 + LISTED_MAX))),
                    encoding="utf-8")
    made = cn.answer("import", path)["import"]
    (row,) = cn.answer("release", made, "--to", "RU")["parties"]
    assert row["sent"][-1]["accepted"] == LISTED_MAX + 1
    assert "record_set" in envelope_of(cn, "RU", 2).statement()
    cn.verify()
    ru.verify()


@pytest.mark.parametrize("change", [
    "UPDATE grant_run SET count = count - 1 WHERE count > 1",
    "UPDATE grant_run SET first_sequence = first_sequence + 1",
    "DELETE FROM grant_run",
    "UPDATE record SET digest = (SELECT digest FROM record WHERE sequence = 9) WHERE sequence = 8",
    "UPDATE protocol SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"part\":0', '\"part\":1') AS "
    "BLOB) WHERE kind = 'comity-disclosure'",
])
def test_what_is_altered_behind_the_node_is_found(waiting, tmp_path, change):
    cn, *_ = waiting
    cn.run("release", identifier("indicator", 1), "--to", "RU", code=None)
    cn.verify()
    other = Node("CN", tmp_path / "altered")
    shutil.copytree(cn.folder, other.folder)
    connection = sqlite3.connect(other.folder / "store.db")
    with connection:
        assert connection.execute(change).rowcount > 0
    connection.close()
    told = other.run("verify", code=None)
    assert told.returncode in (1, 3) and "\nverified" not in told.stdout, told.stdout


def test_a_record_of_it_is_recalled(waiting):
    cn, ru, _ = waiting
    cn.serve()
    cn.run("release", identifier("indicator", 1), "--to", "RU", code=None)
    assert len(ru.records()) == COUNT + 1
    done = cn.answer("recall", identifier("indicator", 5), "--reason", "wrong-content")
    assert [(row["party"], row["records"]) for row in done["recalls"]] == [("RU", 1)]
    states = {record["id"]: record["state"] for record in ru.records()}
    assert states[identifier("indicator", 5)] == "quarantined"
    assert list(states.values()).count("live") == COUNT
    cn.verify()
    ru.verify()
