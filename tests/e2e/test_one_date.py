"""The date of one party in one file, changed: what follows from it, and that nothing else does.
The list of what must change is made from the files and from questions asked one by one."""

import json
import random
import shutil
import tomllib

import pytest

from harness import REGISTER, answer, run
from test_law import COMMON, decide_lines, flags

NEW_DATE = "2031-01-01"
SEED = 20261129

# (instrument, party, whether its cells are those of its own clause alone)
CASES = [("xa-xb-2024", "XB", True), ("sco-2009", "CN", False), ("ru-cn-2015", "RU", False)]


def tables(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def file_of(instrument):
    return next(REGISTER.glob(f"instruments/*/{instrument}.toml"))


VOCABULARY = tables(REGISTER / "vocabulary.toml")
PARTIES = [one["code"] for one in tables(REGISTER / "parties.toml")["party"]]


def changed(folder, instrument, party):
    """A copy of the register in which that party is bound from another day on."""
    copy = folder / "register"
    shutil.copytree(REGISTER, copy)
    path = copy / file_of(instrument).relative_to(REGISTER)
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines.index(f'code = "{party}"')
    date = next(i for i in range(at, len(lines)) if lines[i].startswith("in_force = "))
    assert "[[party]]" not in lines[at:date], "the party has a date of its own"
    lines[date] = f"in_force = {NEW_DATE}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return copy


# What a party does of itself; what of it transfers something is asked about with a class.
TRANSFERS = ("share", "preserve", "disclose", "notify")
ACTIONS = (*TRANSFERS, "request", "assist", "mitigate", "consult", "ping", "report")


def question(sender, recipient, action, info, area, purpose):
    asked = {**COMMON, "from": sender, "to": recipient, "action": action, "area": area,
             "purpose": purpose}
    return asked if info is None else {**asked, "info": info}


def verdicts(cells, register):
    told = decide_lines([json.dumps(question(*cell)) for cell in cells], "--exercise",
                        "--register", str(register))
    return [json.loads(line)["verdict"] for line in told]


def shared_between(pairs):
    """Every class and area of what is shared to warn."""
    return [(a, b, "share", info, area, COMMON["purpose"]) for a, b in pairs
            for info in VOCABULARY["classes"] for area in VOCABULARY["areas"]]


def any_between(dice, pairs, count):
    """Some of all that can be asked about the pairs."""
    cells = set()
    while len(cells) < count:
        action = dice.choice(ACTIONS)
        info = dice.choice(VOCABULARY["classes"]) if action in TRANSFERS else None
        cells.add((*dice.choice(pairs), action, info, dice.choice(VOCABULARY["areas"]),
                   dice.choice(VOCABULARY["purposes"])))
    return sorted(cells, key=str)


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_the_cells_of_that_party_change_and_no_others(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)
    diff = ("treaty", "diff", str(REGISTER), str(copy), "--exercise", "--at", COMMON["at"])
    found = json.loads(run(*diff, "--json", code=1).stdout)
    told = {tuple(one[name] for name in ("from", "to", "action", "info", "area", "purpose")):
            (one["before"], one["after"]) for one in found["cells"]}
    assert len(told) == len(found["cells"]) == found["gained"] + found["lost"] > 0

    others = [one["code"] for one in tables(file_of(instrument))["party"] if one["code"] != party]
    pairs = [(party, other) for other in others] + [(other, party) for other in others]
    assert {cell[:2] for cell in told} <= set(pairs)
    dice = random.Random(SEED)
    cells = sorted({*shared_between(pairs), *any_between(dice, pairs, 3000)}, key=str)
    before, after = verdicts(cells, REGISTER), verdicts(cells, copy)
    for cell, then, now in zip(cells, before, after, strict=True):
        assert told.get(cell, (then, then)) == (then, now), cell
    if own:
        exchange = next(one for one in tables(file_of(instrument))["clause"]
                        if one["verb"] == "permit" and one["action"] == "share")
        assert COMMON["purpose"] in exchange["purpose"]
        assert {cell for cell in told if cell[2] == "share"} == {
            (a, b, "share", info, area, purpose) for a, b in pairs for info in exchange["info"]
            for area in exchange["area"] for purpose in exchange["purpose"]}
        assert set(told.values()) == {("permitted", "no-basis")}

    # Any other cell is what it was.
    strangers = set()
    while len(strangers) < 200:
        a, b = dice.sample(PARTIES, 2)
        if (a, b) not in pairs:
            strangers.add((a, b))
    sample = any_between(dice, sorted(strangers), 3000)
    assert verdicts(sample, REGISTER) == verdicts(sample, copy)

    # On the new day the difference is gone.
    run(*diff[:-1], NEW_DATE, code=0)


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_sheets_and_audiences_follow(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)

    def sheet(name, register, *more):
        return run("treaty", "show", name, "--register", str(register), *more).stdout.splitlines()

    for more in ([], ["--lang", "en"], ["--lang", "ar"]):
        before, after = sheet(instrument, REGISTER, *more), sheet(instrument, copy, *more)
        differ = [(x, y) for x, y in zip(before, after, strict=True) if x != y]
        assert len(differ) == 1 and NEW_DATE in differ[0][1] and NEW_DATE not in differ[0][0]
    for path in sorted(REGISTER.glob("instruments/*/*.toml"))[::7]:
        if path.stem != instrument:
            assert sheet(path.stem, REGISTER) == sheet(path.stem, copy)

    members = [one["code"] for one in tables(file_of(instrument))["party"]]
    outsider = next(code for code in PARTIES if code not in members)
    for sender in (*members[:3], party, outsider):
        asked = {**COMMON, "from": sender, "info": "indicator"}
        rows = [{row["party"]: row["verdict"]["verdict"]
                 for row in answer("treaty", "audience", *flags(asked), "--exercise", "--register",
                                   str(register), code=None)["parties"]}
                for register in (REGISTER, copy)]
        moved = {one for one in rows[0] if rows[0][one] != rows[1][one]}
        assert moved <= (set(members) if sender == party else {party})
        if own and sender in members:
            assert moved == set(members) - {sender}
        if sender == outsider:
            assert not moved


def moved(before, after):
    """What differs between two tables, or stands in one of them alone."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_coverage_follows(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)
    others = {one["code"] for one in tables(file_of(instrument))["party"]} - {party}
    pairs = {(party, other) for other in others} | {(other, party) for other in others}

    def coverage(register, *more):
        told = answer("treaty", "coverage", "--at", COMMON["at"], "--exercise", *more,
                      "--register", str(register))
        return {(one["from"], one["to"], one["area"]): one for one in told["cells"]}

    whole = moved(coverage(REGISTER), coverage(copy))
    # Of invented states only they themselves are told.
    assert bool(whole) != own and {key[:2] for key in whole} <= pairs
    for asked in (party, *sorted(others)[:3]):
        cells = moved(*(coverage(register, "--party", asked) for register in (REGISTER, copy)))
        assert {key[:2] for key in cells} <= {pair for pair in pairs if pair[0] == asked}
        assert cells or asked != party
        if own:
            exchange = next(one for one in tables(file_of(instrument))["clause"]
                            if one["verb"] == "permit" and one["action"] == "share")
            assert {key[2] for key in cells} >= set(exchange["area"])
    outsider = next(code for code in PARTIES if code not in others | {party})
    assert coverage(REGISTER, "--party", outsider) == coverage(copy, "--party", outsider)


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_legal_dates_follow(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)
    members = [one["code"] for one in tables(file_of(instrument))["party"]]

    def dates(register, asked):
        told = answer("treaty", "calendar", "--party", asked, "--exercise", "--from", "2009-01-01",
                      "--to", "2035-12-31", "--register", str(register))
        return {one["id"]: one for one in told["dates"]}

    outsider = next(code for code in PARTIES if code not in members)
    for asked in (party, *(one for one in members[:3] if one != party), outsider):
        before, after = dates(REGISTER, asked), dates(copy, asked)
        found = moved(before, after)
        assert {(before.get(key) or after[key])["instrument"] for key in found} <= {instrument}
        if asked == party:
            entered = {one["party"] for one in after.values()
                       if one["kind"] == "entry-into-force" and one["instrument"] == instrument
                       and one["first"] == NEW_DATE}
            assert entered == {party} and found
        if asked == outsider:
            assert not found
