"""Operational nodes from the command line only: officers, an agreement, verification, release."""

import json
import os
import pty
import re
import select
import shutil
import sqlite3
import time

import pytest

from harness import COMITY, COMMAND_SECONDS_MAX, Node, bundle, environment, indicator, run

AGREEMENT = "xa-xb-2026"
CLAUSES = ("a1", "a2")


def on_terminal(*arguments, answers, code=0):
    """Runs a command on a terminal; `answers` are pairs: part of a question, what is typed."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(COMITY, [COMITY, *map(str, arguments)], environment())
    answers, told = list(answers), b""
    end = time.monotonic() + COMMAND_SECONDS_MAX
    while True:
        assert time.monotonic() < end, told.decode()
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the other end of a terminal is closed
            break
        if not more:
            break
        told += more
        if answers and answers[0][0].encode() in told:
            os.write(terminal, answers.pop(0)[1].encode() + b"\n")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    told = told.decode()
    assert os.waitstatus_to_exitcode(status) == code and not answers, told
    return told


class Party:
    """An operational node with its officers; One and Two are legal advisers."""

    def __init__(self, code, folder):
        self.folder = folder
        self.keys = {}
        self.node = Node.make(code, folder / code, exercise=None)
        self.officer("One", "legal-adviser")
        self.officer("Two", "legal-adviser")
        self.officer("Keeper", "administrator", by=("One", "Two"))

    def officer(self, name, role, by=(), code=0):
        key = self.folder / f"{self.node.party}-{name}.pem"
        self.keys[name] = key
        key.with_suffix(".pass").write_text(f"the secret of {name}\n", encoding="utf-8")
        return self.node.run("officer", "add", name, "--role", role, "--key", key,
                             "--passphrase-file", key.with_suffix(".pass"), *self.signed(by),
                             code=code)

    def signed(self, by):
        flags = []
        for name in by:
            flags += ["--officer", self.keys[name],
                      "--passphrase-file", self.keys[name].with_suffix(".pass")]
        return flags

    def act(self, *arguments, by=("One", "Two"), code=0):
        return self.node.run(*arguments, *self.signed(by), code=code)


def write_agreement(path):
    run("treaty", "new", AGREEMENT, "--title", "Agreement of XA and XB on warning each other",
        "--party", "XA", "--party", "XB", "--signed", "2026-01-15", "--in-force", "2026-02-01",
        "--out", path)
    text = path.read_text(encoding="utf-8")
    assert text.count("# designated = \"both\"") == 1
    path.write_text(text.replace("# designated = \"both\"", "designated = \"both\"  #"),
                    encoding="utf-8")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """XA and XB, paired, with the agreement entered, verified and designated on both."""
    folder = tmp_path_factory.mktemp("operational")
    agreement = folder / f"{AGREEMENT}.toml"
    write_agreement(agreement)
    parties = [Party(code, folder) for code in ("XA", "XB")]
    xa, xb = parties
    # One file into the one register, a folder into the other: the same law.
    proposed = xa.node.answer("treaty", "enter", agreement, "--dry-run")
    assert proposed["added"] == [f"instruments/bilateral/{AGREEMENT}.toml"]
    # The shipped agreement of the two covers these cells already, unverified like this one.
    assert (proposed["gained"], proposed["lost"]) == (0, 0)
    other = folder / "xc-xd-2026.toml"
    run("treaty", "new", "xc-xd-2026", "--title", "Agreement of XC and XD on the same",
        "--party", "XC", "--party", "XD", "--signed", "2026-01-15", "--in-force", "2026-02-01",
        "--out", other)
    foreign = xa.node.answer("treaty", "enter", other, "--dry-run")
    assert foreign["gained"] > 0 and foreign["lost"] == 0
    xa.act("treaty", "enter", agreement, by=("One", "Keeper"), code=1)
    xa.act("treaty", "enter", agreement, code=0)
    proposal = folder / "proposal/instruments/bilateral"
    proposal.mkdir(parents=True)
    shutil.copy(agreement, proposal)
    xb.act("treaty", "accept", folder / "proposal")
    for party in parties:
        for clause in CLAUSES:
            party.act("treaty", "verify", AGREEMENT, clause, "--source", "the signed original")
        for code in ("XA", "XB"):
            party.act("treaty", "designate", AGREEMENT, "--party", code, "--body", f"{code}-CERT")
    papers = {}
    for one, other in ((xa, xb), (xb, xa)):
        papers[one] = folder / f"from-{one.node.party}.json"
        one.node.run("invite", other.node.party, "--out", papers[one])
    digits = []
    for one, other in ((xa, xb), (xb, xa)):
        told = on_terminal("pair", papers[other], "--data", one.node.folder,
                           answers=[("Type yes", "yes")])
        digits.append(re.search(r"(?:\d{5} ?){8}", told).group())
    assert digits[0] == digits[1]
    source = folder / "bundle.json"
    source.write_text(bundle(*(indicator(number) for number in range(1, 4))), encoding="utf-8")
    xa.node.run("import", source, "--tlp", "green")
    return parties


@pytest.fixture
def parties(template, tmp_path):
    """A copy of XA and XB, of which XB serves."""
    copies = []
    for one in template:
        copy = object.__new__(Party)
        copy.folder, copy.keys = one.folder, one.keys
        copy.node = Node(one.node.party, tmp_path / one.node.party)
        shutil.copytree(one.node.folder, copy.node.folder)
        copies.append(copy)
    copies[1].node.serve()
    yield copies
    for one in copies:
        one.node.stop()


def release(party, number, code=0):
    (row,) = party.node.answer("release", indicator(number)["id"], "--to", "XB",
                               code=code)["parties"]
    return row


def test_a_release_under_a_verified_agreement(parties):
    xa, xb = parties
    row = release(xa, 1)
    (sent,) = row["sent"]
    assert sent["receipt"] and sent["accepted"] == 1 and sent["assumed"] == []
    assert [(basis["instrument"], basis["clause"]) for basis in sent["basis"]] == \
        [(AGREEMENT, "a1")]
    (record,) = xb.node.records()
    assert record["state"] == "live" and record["from"] == "XA"
    for one in parties:
        one.node.verify()
    shown = xa.node.run("treaty", "show", AGREEMENT).stdout
    assert shown.count("by One and Two on ") == len(CLAUSES)


def test_one_changed_character_voids_the_verification(parties, tmp_path):
    xa, _ = parties
    with sqlite3.connect(xa.node.folder / "store.db") as store:
        (files,) = store.execute("SELECT files FROM register ORDER BY rowid DESC").fetchone()
    text = json.loads(files)[f"instruments/bilateral/{AGREEMENT}.toml"]
    changed = tmp_path / f"{AGREEMENT}.toml"
    assert text.count("for warning.") == 1
    changed.write_text(text.replace("for warning.", "for warning!"), encoding="utf-8")
    xa.act("treaty", "enter", changed)
    row = release(xa, 1, code=1)
    assert row["disclosed"] == 0
    (held,) = row["held"]
    assert held["verdict"]["verdict"] == "needs"
    assert ("verification", f"{AGREEMENT} a1 (Art. 1)") in \
        {(need["kind"], need["what"]) for need in held["verdict"]["needs"]}
    assert "VOID" in xa.node.run("treaty", "show", AGREEMENT).stdout
    xa.act("treaty", "verify", AGREEMENT, "a1", "--source", "the signed original")
    assert release(xa, 1)["disclosed"] == 1


def test_a_suspension_stops_in_the_same_second_and_resumption_goes_on(parties):
    xa, _ = parties
    assert release(xa, 1)["disclosed"] == 1
    xa.act("treaty", "suspend", AGREEMENT, by=("One", "Keeper"), code=1)
    assert release(xa, 2)["disclosed"] == 1
    xa.act("treaty", "suspend", AGREEMENT)
    row = release(xa, 3, code=1)
    assert row["disclosed"] == 0
    assert "suspended" in {reason["code"] for reason in row["held"][0]["verdict"]["reasons"]}
    xa.act("treaty", "resume", AGREEMENT)
    assert release(xa, 3)["disclosed"] == 1
    xa.node.verify()


def test_an_overlay_is_entered_and_taken_out_by_two_officers(parties, tmp_path):
    xa, _ = parties
    overlay = tmp_path / "overlay.toml"
    overlay.write_text("""[overlay]
party = "XA"
title.en = "Data protection act"
provenance = "K:h"
[[rule]]
id = "r1"
article = "s. 4"
provenance = "K:h"
verb = "forbid"
action = "share"
info = ["indicator"]
""", encoding="utf-8")
    for by in ((), ("One", "Keeper")):
        xa.act("treaty", "enter", overlay, by=by, code=1)
    xa.act("treaty", "enter", overlay)
    row = release(xa, 1, code=1)
    assert row["disclosed"] == 0
    (reason,) = [one for one in row["held"][0]["verdict"]["reasons"]
                 if one["code"] == "overlay-forbids"]
    assert (reason["instrument"], reason["clause"]) == ("overlay-xa", "r1")
    xa.act("treaty", "enter", "--drop-overlay", by=(), code=1)
    xa.act("treaty", "enter", "--drop-overlay")
    assert release(xa, 1)["disclosed"] == 1
    for one in parties:
        one.node.verify()


def test_a_denunciation_needs_its_instant_where_the_notice_is_not_known(parties):
    xa, _ = parties
    assert "--effective" in xa.act("treaty", "denounce", AGREEMENT, code=2).stderr
    told = xa.act("treaty", "denounce", AGREEMENT, "--effective", "2198-01-01").stdout
    assert "bound until 2198-01-01T00:00:00Z" in told
    assert release(xa, 1)["disclosed"] == 1


def test_a_body_is_designated_for_the_areas_that_were_said(parties):
    xa, _ = parties
    xa.act("treaty", "designate", AGREEMENT, "--party", "XB", "--body", "XB-CERT", "--areas",
           "threat-information")
    with sqlite3.connect(xa.node.folder / "store.db") as store:
        (files,) = store.execute("SELECT files FROM register ORDER BY rowid DESC").fetchone()
    assert '"threat-information"' in "".join(
        text for text in json.loads(files).values() if "XB-CERT" in text)


def test_who_may_not_sign_changes_nothing(parties):
    xa, _ = parties
    before = xa.node.counts()
    verify = ("treaty", "verify", AGREEMENT, "a1", "--source", "another")
    for by in ((), ("One", "One"), ("One", "Keeper"), ("Keeper", "Two")):
        xa.act(*verify, by=by, code=1)
    xa.act(*verify, by=("One",), code=2)
    wrong = xa.folder / "wrong.pass"
    wrong.write_text("not the passphrase", encoding="utf-8")
    told = xa.node.run(*verify, "--officer", xa.keys["One"], "--passphrase-file", wrong,
                       "--officer", xa.keys["Two"], code=1).stderr
    assert "passphrase" in told and str(xa.keys["One"]) in told
    assert xa.node.counts() == before
    xa.node.verify()


def test_a_serving_node_takes_acts_and_obeys_at_once(parties):
    xa, _ = parties
    xa.node.serve()
    assert release(xa, 1)["disclosed"] == 1
    xa.act("treaty", "suspend", AGREEMENT)
    assert release(xa, 2, code=1)["disclosed"] == 0
    xa.act("treaty", "resume", AGREEMENT)
    assert release(xa, 2)["disclosed"] == 1
    xa.officer("Late", "duty-officer", by=("One", "Two"))
    xa.act("officer", "end", "Two", by=("One", "Keeper"))
    xa.act("treaty", "suspend", AGREEMENT, by=("One", "Two"), code=1)
    xa.act("treaty", "suspend", AGREEMENT, by=("One", "Late"))
    names = [(row["name"], "until" in row)
             for row in xa.node.answer("officer", "list")["officers"]]
    assert names == [("One", False), ("Two", True), ("Keeper", False), ("Late", False)]


def test_a_passphrase_is_typed_unseen(tmp_path):
    node = Node.make("XA", tmp_path / "XA", exercise=None)
    secret = "typed by hand, unseen"
    told = on_terminal("officer", "add", "One", "--role", "legal-adviser", "--key",
                       tmp_path / "one.pem", "--data", node.folder,
                       answers=[("Passphrase", secret), ("again", secret)])
    assert "One is legal-adviser" in told and secret not in told
    told = on_terminal("officer", "add", "Two", "--role", "legal-adviser", "--key",
                       tmp_path / "two.pem", "--data", node.folder,
                       answers=[("Passphrase", secret), ("again", secret + "?")], code=2)
    assert "differ" in told and not (tmp_path / "two.pem").exists()
