"""The date of one party in one file, changed: what follows from it, and that nothing else does.
The list of what must change is made from the files and from questions asked one by one."""

import csv
import functools
import io
import json
import random
import shutil
import tomllib
import xml.etree.ElementTree as ElementTree
from collections import Counter

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


def changed(folder, instrument, party, register=REGISTER):
    """A copy of the register in which that party is bound from another day on."""
    copy = folder / "register"
    shutil.copytree(register, copy)
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


CELL = ("basis", "state", "verdict", "claimed")
NO_CELL = {"basis": "none", "state": "none", "verdict": "no-basis", "claimed": None}
AT = ("--at", COMMON["at"], "--exercise")
ON_NEW_DATE = ("--at", NEW_DATE, "--exercise")


def others_of(instrument, party):
    return [one["code"] for one in tables(file_of(instrument))["party"] if one["code"] != party]


def outsider_of(instrument):
    members = {one["code"] for one in tables(file_of(instrument))["party"]}
    return next(code for code in PARTIES if code not in members)


def place(cell):
    return cell["from"], cell["to"], cell["area"]


@functools.cache
def covered(register, asked):
    """What the cells of that party are, without the articles."""
    told = answer("treaty", "coverage", *AT, "--party", asked, "--register", register)
    return {place(one): {name: one[name] for name in CELL} for one in told["cells"]}


@functools.cache
def elsewhere(register):
    """What would change if a party joined what has nothing to do with the date."""
    return run("treaty", "whatif", *AT, "--accede", "KZ:coe-185", "--register", register).stdout


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_gaps_follow(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)
    others = others_of(instrument, party)

    def gaps(register, asked):
        told = answer("treaty", "gaps", *AT, "--party", asked, "--register", register)
        return {row["party"]: row for row in told["rows"]}

    def by_area(rows):
        return {(code, area): state for code, row in rows.items()
                for state in ("verified", "unverified", "assumed", "claimed", "none")
                for area in row[state]}

    for asked in (party, others[0], outsider_of(instrument)):
        before, after = gaps(REGISTER, asked), gaps(copy, asked)
        found = moved(by_area(before), by_area(after))
        if asked != party:
            # An outsider may be told of another nearest agreement with that party, and no more.
            assert moved(before, after) <= {party} and bool(found) == (asked in others)
            continue
        then, now = covered(REGISTER, asked), covered(copy, asked)
        assert found == {key[1:] for key in then.keys() | now.keys()
                         if then.get(key, NO_CELL)["state"] != now.get(key, NO_CELL)["state"]}
        assert {code for code, _ in found} <= set(others) and found
        # What is nearest may be another, for whoever has that agreement before themselves.
        for code in moved(before, after) - {code for code, _ in found}:
            assert instrument in {step["instrument"] for row in (before[code], after[code])
                                  for step in row["nearest"]}, code


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_what_if_follows(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)
    others = others_of(instrument, party)

    def supposed(register, step, who):
        told = answer("treaty", "whatif", *AT, step, f"{who}:{instrument}", "--party", who,
                      "--register", register)
        return {place(row): row for row in told["rows"]}

    def refused(register, step):
        return run("treaty", "whatif", *AT, step, f"{party}:{instrument}", "--register", register,
                   code=2).stderr

    # Who was in can leave; who is not yet in can join, and each undoes the other.
    then, now = covered(REGISTER, party), covered(copy, party)
    left, joined = supposed(REGISTER, "--withdraw", party), supposed(copy, "--accede", party)
    assert left.keys() == joined.keys() == moved(then, now) != set()
    for key in left:
        for row, side, cells in ((left[key], "before", then), (left[key], "after", now),
                                 (joined[key], "before", now)):
            assert {name: row[side][name] for name in CELL} == cells.get(key, NO_CELL), key
    assert "not bound" in refused(copy, "--withdraw")
    assert "already" in refused(REGISTER, "--accede")

    # If another left, nothing more would be lost with that party; the rest would be lost as before.
    before, after = (supposed(register, "--withdraw", others[0]) for register in (REGISTER, copy))
    lost = {key for key in before if party in key}
    assert lost and moved(before, after) == lost and not lost & after.keys()

    assert elsewhere(REGISTER) == elsewhere(copy)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", ["pyramid", "web"])
@pytest.mark.parametrize("instrument, party, own", CASES)
def test_drawings_follow(tmp_path, instrument, party, own, kind):
    copy = changed(tmp_path, instrument, party)
    others = others_of(instrument, party)
    title = tables(file_of(instrument))["instrument"]["title"]["en"]
    names = {one["name"] for one in tables(REGISTER / "parties.toml")["party"]
             if one["code"] in others or one["code"] == party}

    def drawn(register, asked, when=AT):
        return run("treaty", "draw", kind, *when, *(("--party", asked) if asked else ()),
                   "--register", register).stdout

    def listed(root):
        """Each instrument that the description names."""
        text = root.find(f"{SVG}desc").text
        return {one for line in text.splitlines() for one in line.partition(": ")[2].split(", ")}

    def count(text):
        return int(text.rpartition("·")[2].split()[0])

    # Of all parties one kind is enough.
    for asked in (*[None] * (kind == "pyramid"), party, others[0], outsider_of(instrument)):
        before, after = drawn(REGISTER, asked), drawn(copy, asked)
        if asked not in (None, party, *others) or own and asked is None:
            assert before == after  # nothing of it is drawn there
            continue
        roots = [ElementTree.fromstring(text) for text in (before, after)]
        then, now = (Counter(one.text for one in root.iter(f"{SVG}title")) for root in roots)
        gone, come = then - now, now - then
        # That agreement has a party less or is not there; who was drawn for it alone is not either.
        was, = (text for text in gone if "\n" in text)
        assert was.startswith(f"{title}\n")
        assert gone.keys() - {was} <= (names if kind == "web" else set())
        assert len(come) <= (asked != party)
        for text in come:
            assert text.startswith(f"{title}\n") and count(text) == count(was) - 1
            assert count(text) > 1 or "\nin force ·" not in text  # nobody is bound alone
        listings = [listed(root) - {""} for root in roots]
        assert listings[0] - listings[1] == ({instrument} if asked == party else set())
        assert listings[1] <= listings[0]
    assert drawn(REGISTER, party, ON_NEW_DATE) == drawn(copy, party, ON_NEW_DATE)


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_sheets_of_coverage_follow(tmp_path, instrument, party, own):
    copy = changed(tmp_path, instrument, party)
    others = others_of(instrument, party)

    def sheet(register, *more):
        """The lines as they stand, by the cell that each is about."""
        text = run("treaty", "coverage", *AT, "--format", "csv", "--register", register,
                   *more).stdout
        head, *lines = text.splitlines()
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return head, {place(row): line for row, line in zip(rows, lines, strict=True)}

    for asked in (party, None):
        more = ("--party", asked) if asked else ()
        (head, before), (same_head, after) = sheet(REGISTER, *more), sheet(copy, *more)
        found = moved(before, after)
        assert head == same_head
        assert [line for key, line in before.items() if key not in found] == \
            [line for key, line in after.items() if key not in found]
        if asked == party:
            assert found == moved(covered(REGISTER, asked), covered(copy, asked))
        assert bool(found) == (asked is not None or not own)
        assert all(party in key and (key[0] in others or key[1] in others) for key in found)


# Analysis takes long of all: what is in question here is in three instruments.
ANALYSED = {"xa-xb-2024", "sco-2009", "ru-cn-2015"}


def analysed(folder):
    """The register with the clauses of those three alone, of which XA leaves one in 2030."""
    copy = folder / "analysed"
    shutil.copytree(REGISTER, copy)
    for path in copy.glob("instruments/*/*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.stem not in ANALYSED:
            text = text.partition("[[clause]]")[0]
        if path.stem == "xa-xb-2024":
            assert text.count("code = \"XA\"\n") == 1
            text = text.replace("code = \"XA\"\n", "code = \"XA\"\nuntil = 2030-01-01\n")
        path.write_text(text, encoding="utf-8")
    return copy


@pytest.mark.parametrize("instrument, party, own", CASES)
def test_findings_follow(tmp_path, instrument, party, own):
    whole = analysed(tmp_path)
    copy = changed(tmp_path, instrument, party, whole)

    def findings(register):
        told = answer("treaty", "analyse", register, code=1)["findings"]
        out = {(one["kind"], one["instrument"], one["clause"]): one for one in told}
        assert len(out) == len(told)
        return out

    before, after = findings(whole), findings(copy)
    found = moved(before, after)
    assert found
    if own:
        # XB comes when XA has left: nothing of it is ever asked.
        assert {key[1] for key in found} == {instrument}
        assert {key[0] for key in found & after.keys()} == {"never-matches"}
        assert ("never-matches", instrument, "a3") in found
        return
    # What contradicts does so from that day on: the example is another, and the words that tell it.
    for key in found:
        then, now = before[key], after[key]
        assert instrument in {then["instrument"], *(one["instrument"] for one in then["others"])}
        assert now["example"]["at"] == f"{NEW_DATE}T00:00:00Z" > then["example"]["at"]
        assert moved(then, now) == {"example", "en", "ar"}
        assert moved(then["example"], now["example"]) == {"at"}
        for language in ("en", "ar"):
            assert now[language] == then[language].replace(then["example"]["at"],
                                                           now["example"]["at"])
