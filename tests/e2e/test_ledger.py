"""The ledger: every change behind a node's back is found and located; proofs hold elsewhere."""

import contextlib
import json
import random
import re
import shutil
import sqlite3

import pytest

from harness import SCALE, SEED, Node, answer, bundle, indicator, run

# What is data of a table, and how a finding names the row: by these columns, as they were or as
# they are now. `arrival` only orders; no other column of these tables is left out.
PLACES = {"ledger": ("leaf_index", "ledger leaf {}"),
          "record": ("sequence", "record {}"),
          "protocol": ("id", "{}"),
          "grant_run": ("disclosure", "{}"),
          "peer": ("party", "peer {}")}
NO_DATA = {("protocol", "arrival")}
COLUMNS = [
    *(("ledger", column) for column in ("leaf_index", "kind", "entry", "random", "leaf", "at")),
    *(("record", column) for column in (
        "sequence", "assertion_id", "stix_id", "type", "version", "digest", "originator",
        "received_from", "source", "classes", "area", "purpose", "tlp", "published", "chain",
        "doubts", "state", "quarantine_reason", "arrived", "names", "leaf", "label",
        "bytes")),
    *(("protocol", column) for column in (
        "id", "kind", "direction", "peer", "number", "digest", "about", "at", "bytes")),
    *(("grant_run", column) for column in (
        "view", "date_added", "first_sequence", "count", "disclosure", "position", "again",
        "state", "ended")),
    *(("peer", column) for column in (
        "party", "endpoint", "invitation", "certificate", "node_key", "confirmed"))]
SETTINGS = [("register", "digest"), ("register", "files"), ("meta", "value")]
BOUND_META = ("checkpoint", "published_checkpoint", "party", "mode", "exercise", "register",
              "invitation:")
# Of each column, on each of two nodes: 1,000 and more for a node in the full count.
CHANGES = max(2, -(-1000 // (SCALE * len(COLUMNS))))


@pytest.fixture(scope="module")
def crossed(paired_template, tmp_path_factory):
    """CN and RU after releases with their receipts and a published checkpoint; neither serves."""
    folder = tmp_path_factory.mktemp("crossed")
    for party in ("CN", "RU"):
        shutil.copytree(paired_template / party, folder / party)
    cn, ru = Node("CN", folder / "CN"), Node("RU", folder / "RU")
    path = folder / "bundle.json"
    ru.serve()
    try:
        for first in (0, 5):
            path.write_text(bundle(*map(indicator, range(first, first + 5))), encoding="utf-8")
            made = cn.answer("import", path, "--tlp", "green")["import"]
            cn.run("release", made, "--to", "RU")
            cn.run("ledger", "checkpoint", "--publish")
    finally:
        ru.stop()
    ru.run("ledger", "checkpoint", "--publish")
    cn.verify()
    ru.verify()
    return folder


@contextlib.contextmanager
def changed(template, folder, party):
    """A copy of a node and its database, which may be written; the node goes at the end."""
    node = Node(party, folder / "node")
    shutil.copytree(template / party, node.folder)
    connection = sqlite3.connect(node.folder / "store.db", isolation_level=None)
    try:
        yield node, connection
    finally:
        connection.close()
        shutil.rmtree(node.folder)


def another(value, draw):
    """The value with one character, byte or bit changed."""
    if isinstance(value, int):
        return value ^ 1 if value in (0, 1) else value ^ (1 << draw.randrange(20))
    if not value:
        return "x"
    place = draw.randrange(len(value))
    old = value[place]
    if isinstance(value, str):
        new = draw.choice([one for one in "abcXYZ0123456789" if one != old])
        return value[:place] + new + value[place + 1:]
    new = draw.choice([one for one in b"abcXYZ0123456789" if one != old])
    return value[:place] + bytes([new]) + value[place + 1:]


def flip(connection, table, column, draw, rows="true"):
    """Changes one value; (key as it was, old value, new value)."""
    key = PLACES[table][0] if table in PLACES else "key" if table == "meta" else "rowid"
    # A disclosure may have several runs: the instant tells its rows apart.
    also = "date_added" if table == "grant_run" else key
    identity, value, more = draw.choice(connection.execute(
        f"SELECT {key}, {column}, {also} FROM {table} WHERE {column} IS NOT NULL AND ({rows})"
    ).fetchall())
    for attempt in range(100):
        new = another(value, draw)
        if attempt > 0 and isinstance(value, int):  # the one other value of a bit is taken
            new = value ^ (1 << draw.randrange(20))
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ? AND {also} = ?",
                               (new, identity, more))
        except sqlite3.IntegrityError:
            continue  # another row has it
        return identity, value, new
    raise AssertionError(f"no other value for {table}.{column}: {value!r}")


def verify_finds(node, told, codes=(1, 3)):
    """What verify says of a store that does not hold: findings, or why it is not opened."""
    done = node.run("verify", code=None)
    assert done.returncode in codes, told + done.stdout + done.stderr
    assert "\nverified" not in done.stdout, told
    if done.returncode == 1:
        assert "DOES NOT HOLD" in done.stdout and "NOT VERIFIED" in done.stdout, told
    return done.stdout + done.stderr


def test_the_columns_are_all_there_are(crossed):
    with Node("CN", crossed / "CN").store() as store:
        for table in PLACES:
            there = {row[1] for row in store.execute(f"PRAGMA table_info({table})")}
            listed = {column for name, column in [*COLUMNS, *NO_DATA] if name == table}
            assert there == listed, table


@pytest.mark.parametrize("party", ["CN", "RU"])
@pytest.mark.parametrize("table, column", COLUMNS, ids=lambda word: word)
def test_a_change_of_any_column_is_found_and_located(crossed, tmp_path, party, table, column):
    if table == "grant_run" and party == "RU":
        party = "CN"  # RU has granted nothing
    draw = random.Random(f"{SEED} {party} {table} {column}")
    for _ in range(CHANGES):
        with changed(crossed, tmp_path, party) as (node, connection):
            identity, old, new = flip(connection, table, column, draw)
            told = f"COMITY_SEED={SEED} {party} {table}.{column} of {identity}\n{old!r}\n{new!r}\n"
            said = verify_finds(node, told)
            key, form = PLACES[table]
            places = [form.format(identity)]
            if column == key:
                places.append(form.format(new))
            assert "its rows end at" in said or any(
                re.search(re.escape(place) + r"\b", said) for place in places), told + said


@pytest.mark.parametrize("party", ["CN", "RU"])
@pytest.mark.parametrize("table, column", SETTINGS, ids=lambda word: word)
def test_a_changed_register_or_setting_is_found(crossed, tmp_path, party, table, column):
    draw = random.Random(f"{SEED} {party} {table} {column}")
    bound = " OR ".join(f"key LIKE '{name}%'" if name.endswith(":") else f"key = '{name}'"
                        for name in BOUND_META)
    for _ in range(CHANGES * 3):
        with changed(crossed, tmp_path, party) as (node, connection):
            told = str(flip(connection, table, column, draw, bound if table == "meta" else "true"))
            # A register that cannot be read is an error of input.
            verify_finds(node, f"COMITY_SEED={SEED} {party} {table} {told}\n", (1, 2, 3))


def swap(table, key, columns, a, b):
    """SQL that exchanges two rows by their key, or these columns of them."""
    if columns == key:
        return [f"UPDATE {table} SET {key} = -1 WHERE {key} = {a}",
                f"UPDATE {table} SET {key} = {a} WHERE {key} = {b}",
                f"UPDATE {table} SET {key} = {b} WHERE {key} = -1"]
    return [f"CREATE TEMP TABLE was AS SELECT {key} AS k, {columns} AS c FROM {table}",
            f"UPDATE {table} SET {columns} = (SELECT c FROM was WHERE k = {b}) WHERE {key} = {a}",
            f"UPDATE {table} SET {columns} = (SELECT c FROM was WHERE k = {a}) WHERE {key} = {b}"]


LOST = {
    "the last leaf": (["DELETE FROM ledger WHERE leaf_index = (SELECT max(leaf_index) FROM "
                       "ledger)"], "its rows end at"),
    "the last leaf and its count": (
        ["DELETE FROM ledger WHERE leaf_index = (SELECT max(leaf_index) FROM ledger)",
         "UPDATE counter SET value = value - 1 WHERE name = 'ledger'"], "checkpoint: signed for"),
    "a leaf in the middle": (["DELETE FROM ledger WHERE leaf_index = 2"], "ledger leaf 3"),
    "the checkpoint": (["DELETE FROM meta WHERE key = 'checkpoint'"], "has no checkpoint"),
    "a record": (["DELETE FROM record WHERE sequence = 2"], "record 2: was entered"),
    "the last record and its count": (
        ["DELETE FROM record WHERE sequence = 10",
         "UPDATE counter SET value = value - 1 WHERE name = 'record'"], "record 10: was entered"),
    "the first disclosure": (["DELETE FROM protocol WHERE number = 1"], "does not follow"),
    "the last disclosure": (["DELETE FROM protocol WHERE number = 2"],
                            "the statement that it entered is gone"),
    "a receipt": (["DELETE FROM protocol WHERE arrival = (SELECT max(arrival) FROM protocol WHERE "
                   "kind = 'comity-receipt')"], "the statement that it entered is gone"),
    "a grant": (["UPDATE grant_run SET count = count - 1 WHERE first_sequence = 1"],
                "4 of its 5 records are granted"),
    "a run": (["DELETE FROM grant_run WHERE first_sequence = 6"], "0 of its 5 records are granted"),
    "a peer": (["DELETE FROM peer WHERE party = 'RU'"], "peer RU"),
    "two leaves exchanged": (swap("ledger", "leaf_index", "leaf_index", 3, 4), "ledger leaf 3"),
    "two entries exchanged": (swap("ledger", "leaf_index", "entry", 3, 4), "ledger leaf 4"),
    "two records exchanged": (swap("record", "sequence", "sequence", 2, 5), "record 5 "),
    "two records' bytes exchanged": (swap("record", "sequence", "bytes", 2, 5), "record 2 "),
    "two runs exchanged": (
        ["UPDATE grant_run SET first_sequence = -1 WHERE first_sequence = 1",
         "UPDATE grant_run SET first_sequence = 1 WHERE first_sequence = 6",
         "UPDATE grant_run SET first_sequence = 6 WHERE first_sequence = -1"],
        "grant of record 1 to RU"),
    "a grant more": (
        ["INSERT INTO grant_run SELECT view, date_added + 1000000, 7, 1, disclosure, position, 0, "
         "0, 0 FROM grant_run WHERE first_sequence = 1"], "grant of record 7 to RU"),
    "a grant that ended": (["UPDATE grant_run SET state = 1, ended = date_added + 5 WHERE "
                            "first_sequence = 1"], "grant of record 1 to RU"),
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_added_or_exchanged_is_found_and_located(crossed, tmp_path, name):
    statements, place = LOST[name]
    with changed(crossed, tmp_path, "CN") as (node, connection):
        for statement in statements:
            connection.execute(statement)
        assert place in verify_finds(node, name)


def test_one_record_is_named_and_no_other(crossed, tmp_path):
    with changed(crossed, tmp_path, "RU") as (node, connection):
        connection.execute("UPDATE record SET tlp = 'clear' WHERE sequence = 4")
        found = node.verify(code=1)
        assert found["finding_count"] == len(found["findings"])
        assert found["findings"][0].startswith("record 4 (")
        assert not [text for text in found["findings"] if text.startswith("records ")]


# --- proofs ---------------------------------------------------------------------------------------


def identity_of(node):
    told = node.answer("ledger", "checkpoint")
    return ["--key", told["key"], "--origin", told["origin"]]


def test_a_proof_is_checked_without_the_node(crossed, tmp_path):
    cn = Node("CN", crossed / "CN")
    owner = identity_of(cn)
    published = cn.answer("ledger", "checkpoint")["published"]
    assert published["size"] == 512
    proof = tmp_path / "proof.json"
    for entry in cn.answer("ledger", "log")["entries"][:8]:
        cn.run("ledger", "prove", entry["index"], "--entry", "--out", proof)
        told = answer("ledger", "check", proof, *owner)
        assert told["holds"] and told["leaf"] == entry["leaf"] and told["size"] == 512
        assert json.loads(told["entry"]) == entry["entry"]
    cn.run("ledger", "prove", "--consistency", 256, "--out", proof)
    held = tmp_path / "held"
    held.write_text(json.loads(proof.read_text())["old_checkpoint"], encoding="utf-8")
    assert answer("ledger", "check", proof, *owner, "--held", held)["old_size"] == 256
    altered = json.loads(proof.read_text())
    altered["path"][0] = "sha256:" + 64 * "0"
    proof.write_text(json.dumps(altered), encoding="utf-8")
    assert "leads to" in run("ledger", "check", proof, *owner, code=1).stderr
    other = identity_of(Node("RU", crossed / "RU"))
    run("ledger", "check", proof, *other, code=1)
    run("ledger", "check", proof, "--key", "AAAA", *owner[2:], code=2)


def test_proofs_and_lists_are_read_beside_a_serving_node(federation):
    cn = federation[0]
    cn.run("ledger", "prove", 0, code=2)
    cn.run("ledger", "checkpoint", "--publish")
    cn.serve()
    try:
        size = cn.answer("ledger", "log")["size"]
        assert size == 256
        assert cn.answer("ledger", "log", "--after", 250)["entries"][0]["index"] == 251
        cn.run("ledger", "prove", 0)
        cn.run("ledger", "prove", 0, "--size", 1)
        cn.run("ledger", "prove", 5, "--size", 5, code=2)
        cn.run("ledger", "prove", code=2)
        cn.run("ledger", "prove", 1, "--consistency", 1, code=2)
        # Publishing changes the node and goes to the process that serves it.
        first = cn.run("ledger", "checkpoint", "--publish").stdout
        assert first == cn.run("ledger", "checkpoint", "--publish").stdout
        cn.run("invite", "KZ")
        assert cn.answer("ledger", "checkpoint", "--publish")["published"]["size"] == 512
    finally:
        cn.stop()
    assert cn.verify()["leaves"] == 512


# --- the ledger of a peer -------------------------------------------------------------------------


def test_a_database_that_was_put_back_is_found_by_the_peer(federation, tmp_path):
    cn, ru, _ = federation
    note, proof = tmp_path / "note", tmp_path / "proof"
    note.write_text(cn.run("ledger", "checkpoint", "--publish").stdout, encoding="utf-8")
    assert ru.answer("ledger", "witness", note, "--from", "CN")["kept"]
    backup = tmp_path / "backup"
    shutil.copytree(cn.folder, backup)
    cn.run("invite", "KZ")
    cn.run("ledger", "checkpoint", "--publish")
    cn.run("ledger", "prove", "--consistency", 256, "--out", proof)
    assert ru.answer("ledger", "witness", proof, "--from", "CN")["size"] == 512
    assert not ru.answer("ledger", "witness", proof, "--from", "CN")["kept"]
    ru.verify()
    shutil.rmtree(cn.folder)
    shutil.copytree(backup, cn.folder)
    # By itself the node is sound: only who saw more can tell.
    cn.verify()
    told = ru.answer("ledger", "witness", note, "--from", "CN", code=1)
    assert told["alarm"] == "older"
    cn.run("invite", "BY")
    note.write_text(cn.run("ledger", "checkpoint", "--publish").stdout, encoding="utf-8")
    assert ru.answer("ledger", "witness", note, "--from", "CN", code=1)["alarm"] == "split"
    assert ru.verify(code=1)["finding_count"] == 2
    (peer,) = ru.answer("peers")["peers"]
    assert [alarm["code"] for alarm in peer["ledger"]["alarms"]] == ["older", "split"]
    assert peer["ledger"]["size"] == 512
