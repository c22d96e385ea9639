"""Objects on their way in, a hundred at a time: the node, raw SQLite with the rows that the node
wrote, and OpenTAXII."""

import json
import pathlib
import shutil
import sqlite3
import time

from harness import INBOX, TAXII, Node, envelope_of, pair
from load import must
from servers import Answers, opentaxii

BATCH_OBJECTS = 100


class Prepared:
    """CN has signed disclosures of a hundred objects each for RU, who has never served."""

    def __init__(self, work, objects, published):
        self.work = work
        self.sender, self.recipient = Node.make("CN", work / "CN"), Node.make("RU", work / "RU")
        pair(self.sender, self.recipient)
        for first in range(0, len(objects), BATCH_OBJECTS):
            path = work / "batch.json"
            path.write_text(json.dumps({
                "type": "bundle", "id": f"bundle--00000000-0000-4000-8000-{first:012d}",
                "objects": objects[first:first + BATCH_OBJECTS]}, ensure_ascii=False),
                encoding="utf-8")
            report = self.sender.answer("import", path, "--published", published)
            must(report["refused"] == 0, f"{report['refused']} objects are refused")
            self.sender.answer("release", report["import"], "--to", "RU", code=None)
        with self.sender.store() as store:
            (count,) = store.execute("SELECT max(number) FROM protocol WHERE direction = 0 AND "
                                     "kind = 'comity-disclosure'").fetchone()
        self.envelopes = [envelope_of(self.sender, "RU", number) for number in range(1, count + 1)]
        self.objects = sum(len(envelope.records) for envelope in self.envelopes)
        must(self.objects == len(objects), f"{self.objects} of {len(objects)} are disclosed")

    def admit(self, name):
        """Posts everything to a copy of RU; the seconds that took, and the copy."""
        shutil.copytree(self.recipient.folder, self.work / name)
        node = Node("RU", self.work / name)
        node.serve()
        try:
            answers = Answers(node.port, True, {"Accept": TAXII}, self.sender.certificate,
                              self.sender.key)
            spent = 0
            for envelope in self.envelopes:
                body = envelope.bytes()
                begin = time.monotonic()
                content, _ = answers.ask(INBOX, "POST", body, status=202)
                spent += time.monotonic() - begin
                status = json.loads(content)
                must(status["status"] == "complete" and status["failure_count"] == 0
                     and status["success_count"] == len(envelope.records) + 1, content[:500])
        finally:
            node.stop()
        must(len(node.records()) == self.objects, "the node does not hold what it took")
        return spent, node


def plain_tables(database):
    """The tables that hold rows of their own: no virtual ones, nor what lies behind those."""
    virtual = [name for (name,) in database.execute(
        "SELECT name FROM after.sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")]
    return [name for (name,) in database.execute(
        "SELECT name FROM after.sqlite_master WHERE type = 'table'")
        if not name.startswith("sqlite_")
        and not any(name == one or name.startswith(one + "_") for one in virtual)]


def rows_between(before, after):
    """The schema of what the node wrote, and by table the rows that it has now and had not."""
    database = sqlite3.connect(":memory:")
    database.execute("ATTACH ? AS before", (str(before),))
    database.execute("ATTACH ? AS after", (str(after),))
    tables = plain_tables(database)
    schema = [sql for name, table, sql in database.execute(
        "SELECT name, tbl_name, sql FROM after.sqlite_master WHERE type IN ('table', 'index') "
        "ORDER BY type DESC") if sql and table in tables and not name.startswith("sqlite_")]
    rows = {name: database.execute(
        f"SELECT * FROM after.{name} EXCEPT SELECT * FROM before.{name}").fetchall()
        for name in tables}
    database.close()
    return schema, {name: found for name, found in rows.items() if found}


def insert_raw(path, schema, rows, batches):
    """The seconds in which SQLite takes the same rows in as many transactions, each synced."""
    database = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", *schema):
        database.execute(statement)
    parts = []
    for batch in range(batches):
        part = [(f"INSERT OR REPLACE INTO {name} VALUES ({','.join('?' * len(found[0]))})",
                 found[len(found) * batch // batches:len(found) * (batch + 1) // batches])
                for name, found in rows.items()]
        parts.append(part)
    begin = time.monotonic()
    for part in parts:
        database.execute("BEGIN IMMEDIATE")
        for statement, values in part:
            database.executemany(statement, values)
        database.execute("COMMIT")
    spent = time.monotonic() - begin
    database.close()
    return spent


def post_to_opentaxii(work, objects):
    peer = opentaxii(pathlib.Path(work))
    try:
        spent = peer.post(objects)
        must(sorted(peer.held()) == sorted(item["id"] for item in objects), "OpenTAXII lost some")
        return spent
    finally:
        peer.stop()
