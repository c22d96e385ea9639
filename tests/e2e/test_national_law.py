"""What a party's own law narrows, and what a later correction of the law tells of the past."""

import json

import pytest

from harness import REGISTER, Node, bundle, indicator, pair

AGREEMENT = "xa-xb-2024"
AGREEMENT_FILE = f"instruments/bilateral/{AGREEMENT}.toml"
QUESTION = ("--info", "indicator", "--area", "threat-information", "--purpose", "warning",
            "--tlp", "green", "--at", "2026-11-01")
OVERLAY = """[overlay]
party = "XA"
title.en = "Data protection act of Alpha"
provenance = "X"

[[rule]]
id = "no-indicators"
article = "s. 4"
provenance = "X"
verb = "forbid"
action = ["share", "onward"]
info = ["indicator"]
area = "any"
purpose = ["warning"]
to = ["XB"]
handling_min = "green"
"""
FORBIDS = ("overlay-forbids", "overlay-xa", "no-indicators", "s. 4")


@pytest.fixture
def parties(tmp_path):
    """XA, paired with XB, which serves; XA has imported indicators 1 to 3."""
    xa, xb = (Node.make(party, tmp_path / party) for party in ("XA", "XB"))
    pair(xa, xb)
    source = tmp_path / "bundle.json"
    source.write_text(bundle(*(indicator(number) for number in range(1, 4))), encoding="utf-8")
    xa.run("import", source, "--tlp", "green")
    xb.serve()
    yield xa, xb
    xb.stop()


def write(folder, text, name="overlay.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def decide(node, sender, recipient, code):
    told = node.run("treaty", "decide", "--from", sender, "--to", recipient, *QUESTION, "--json",
                    code=code).stdout
    return json.loads(told)


def release(node, number, code=0):
    (row,) = node.answer("release", indicator(number)["id"], "--to", "XB", code=code)["parties"]
    return row


def reasons(verdict):
    return {(one["code"], one.get("instrument"), one.get("clause"), one.get("article"))
            for one in verdict["reasons"]}


def test_an_overlay_is_entered_heeded_shown_and_taken_out(parties, tmp_path):
    xa, xb = parties
    assert release(xa, 1)["disclosed"] == 1
    path = write(tmp_path, OVERLAY)
    proposed = xa.answer("treaty", "enter", path, "--dry-run")
    assert proposed["added"] == ["overlays/xa.toml"]
    assert proposed["gained"] == 0 and proposed["lost"] > 0
    assert decide(xa, "XA", "XB", 0)["verdict"] == "permitted"
    before = decide(xa, "XA", "XB", 0)["register"]
    assert xa.answer("treaty", "enter", path)["added"] == ["overlays/xa.toml"]

    forbidden = decide(xa, "XA", "XB", 1)
    assert forbidden["verdict"] == "forbidden" and FORBIDS in reasons(forbidden)
    assert forbidden["basis"] == [] and forbidden["register"] != before
    # It binds its own party, at its own node: neither what XB does, nor what XB decides.
    assert decide(xa, "XB", "XA", 0)["verdict"] == "permitted"
    assert decide(xb, "XA", "XB", 0)["verdict"] == "permitted"
    row = release(xa, 2, code=1)
    assert row["disclosed"] == 0
    assert FORBIDS in reasons(row["held"][0]["verdict"])

    shown = xa.run("treaty", "show", "overlay-xa").stdout
    assert "s. 4: XA shall not share indicator with XB" in shown and "from TLP:green on" in shown
    told = xa.answer("treaty", "show", "overlay-xa")
    assert [(rule["id"], rule["verb"]) for rule in told["rules"]] == [("no-indicators", "forbid")]

    in_arabic = xa.answer("treaty", "show", "overlay-xa", "--lang", "ar")
    assert in_arabic["language"] == "ar"
    (said,) = [rule["sentence"] for rule in in_arabic["rules"]]
    assert said != told["rules"][0]["sentence"] and "s. 4" in said
    assert said in xa.run("treaty", "show", "overlay-xa", "--lang", "ar").stdout
    # The analysis of the node's law knows what of the agreement its own law stops.
    stopped = [one for one in xa.answer("treaty", "analyse", code=1)["findings"]
               if one["kind"] == "conflict"
               and {"instrument": "overlay-xa", "clause": "no-indicators", "article": "s. 4"}
               in one["others"]]
    assert [(one["instrument"], one["clause"]) for one in stopped] == [(AGREEMENT, "a3")]
    assert "national overlay" in stopped[0]["en"] and stopped[0]["ar"] != stopped[0]["en"]
    xa.run("treaty", "analyse", "--exercise", code=2)

    # A demand in the place of the forbid: what goes is for two officers.
    path = write(tmp_path, OVERLAY.replace('"forbid"', '"require"') + 'needs = ["four-eyes"]\n')
    assert xa.answer("treaty", "enter", path)["changed"] == ["overlays/xa.toml"]
    needs = decide(xa, "XA", "XB", 1)
    assert needs["verdict"] == "needs"
    assert ("human", "four-eyes under overlay-xa no-indicators (s. 4)") in \
        {(one["kind"], one["what"]) for one in needs["needs"]}

    dropping = xa.answer("treaty", "enter", "--drop-overlay", "--dry-run")
    assert dropping["removed"] == ["overlays/xa.toml"] and dropping["gained"] > 0
    assert xa.answer("treaty", "enter", "--drop-overlay")["removed"] == ["overlays/xa.toml"]
    assert decide(xa, "XA", "XB", 0)["register"] == before
    xa.run("treaty", "enter", "--drop-overlay", code=2)
    xa.run("treaty", "show", "overlay-xa", code=2)
    assert release(xa, 3)["disclosed"] == 1
    assert sum("overlays/xa.toml" in entry for entry in changes(xa)) == 3
    for one in parties:
        one.verify()


@pytest.mark.parametrize("old, new, words", [
    ('verb = "forbid"', 'verb = "permit"', "overlays/xa.toml:10:8: the verb 'permit' in a "
     "national overlay; expected forbid or require"),
    ('to = ["XB"]', 'from = ["XB"]', "overlays/xa.toml:15:1: 'from' in a national overlay"),
    ('to = ["XB"]', 'except = "consent"', "overlays/xa.toml:15:1: 'except' in a national overlay"),
    ('action = ["share", "onward"]', 'action = "refuse"', "overlays/xa.toml:11:10: 'action'"),
    ("[[rule]]", "[[clause]]", "overlays/xa.toml:6:3: unknown key 'clause'"),
    ('party = "XA"', 'party = "XB"', "this is the national overlay of 'XB'"),
])
def test_what_would_widen_is_refused_with_its_place(parties, tmp_path, old, new, words):
    xa, _ = parties
    assert OVERLAY.count(old) == 1
    before = xa.counts()
    path = write(tmp_path, OVERLAY.replace(old, new))
    assert words in xa.run("treaty", "enter", path, code=2).stderr
    assert xa.counts() == before


def test_a_file_and_dropping_exclude_each_other(parties, tmp_path):
    xa, _ = parties
    path = write(tmp_path, OVERLAY)
    assert xa.run("treaty", "enter", path, "--drop-overlay", code=2).stderr
    assert "--drop-overlay" in xa.run("treaty", "enter", code=2).stderr


def test_a_register_folder_is_checked_with_its_overlays(tmp_path):
    folder = tmp_path / "register"
    for path in REGISTER.rglob("*.toml"):
        copy = folder / path.relative_to(REGISTER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (folder / "overlays").mkdir()
    (folder / "overlays/xa.toml").write_text(OVERLAY, encoding="utf-8")
    node = Node.make("XA", tmp_path / "XA", register=folder)
    assert decide(node, "XA", "XB", 1)["verdict"] == "forbidden"
    with pytest.raises(AssertionError):
        Node.make("XB", tmp_path / "XB", register=folder)


def test_a_later_correction_of_a_past_date_is_told_with_its_day(parties, tmp_path):
    xa, xb = parties
    assert release(xa, 1)["disclosed"] == 1
    assert xa.verify()["not_permitted_today"] == []
    text = (REGISTER / AGREEMENT_FILE).read_text(encoding="utf-8")
    old = 'code = "XB"\nin_force = 2024-06-01\n'
    assert text.count(old) == 1
    corrected = text.replace(old, old + "until = 2025-01-01\n")
    xa.answer("treaty", "enter", write(tmp_path, corrected, f"{AGREEMENT}.toml"))

    found = xa.verify()  # as known then it was permitted: the proof holds
    assert found["verified"] and found["redecided"] == 1
    assert found["not_permitted_today_count"] == 1
    (told,) = found["not_permitted_today"]
    change = json.loads(changes(xa)[-1])
    assert told["number"] == 1 and told["to"] == "XB" and told["change"] == "enter"
    assert told["register"] == change["register"]
    assert told["since"][:19] == change["entered"]["at"][:19]
    said = xa.run("verify").stdout
    assert f"{told['disclosure']}: permitted as known; not permitted as known today (" in said
    assert f"since the register was changed at {told['since']} (enter)" in said
    # The recipient's register was not corrected.
    assert xb.verify()["not_permitted_today"] == []

    # Taken back: nothing to tell any more.
    xa.answer("treaty", "enter", write(tmp_path, text, f"{AGREEMENT}.toml"))
    assert xa.verify()["not_permitted_today"] == []


def changes(node):
    """The ledger entries about the register, as text."""
    with node.store() as store:
        return [text if isinstance(text, str) else text.decode() for (text,) in store.execute(
            "SELECT entry FROM ledger WHERE kind = 'register' ORDER BY leaf_index")]
