"""docs/taxii-probes.md has a row for each behaviour that TAXII clients depend on, and names tests
that exist. Which behaviours these are stands in a table of its own, tests/data/taxii-behaviour.tsv.
"""

import csv
import re

from harness import ROOT
from test_security_page import NAMED, existing

PAGE = ROOT / "docs/taxii-probes.md"
BEHAVIOUR = ROOT / "tests/data/taxii-behaviour.tsv"
COLUMNS = ["row", "section", "behaviour", "words"]
SECTIONS = {"servers": range(1, 32), "always": range(32, 43), "client": range(43, 51)}


def behaviours():
    with BEHAVIOUR.open(encoding="utf-8", newline="") as stream:
        lines = (line for line in stream if not line.startswith("#"))
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def rows():
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| (\d+) \|", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            assert len(cells) == 5, line
            assert int(row[1]) not in found, line
            found[int(row[1])] = cells
    return found


def named_in(cell):
    return [tuple(part for part in match.groups() if part) for match in NAMED.finditer(cell)]


def test_the_table_of_behaviours_is_whole():
    table = behaviours()
    assert list(table[0]) == COLUMNS and all(all(row.values()) for row in table)
    for section, numbers in SECTIONS.items():
        assert [int(row["row"]) for row in table if row["section"] == section] == list(numbers)
    assert len({row["behaviour"] for row in table}) == len(table)
    assert len(table) == sum(map(len, SECTIONS.values()))


def test_every_behaviour_has_its_row_on_the_page():
    page = rows()
    assert list(page) == [int(row["row"]) for row in behaviours()]
    for row in behaviours():
        _, asked, answered, _, _ = page[int(row["row"])]
        plain = f"{asked} {answered}".replace("`", "")
        for word in row["words"].split(", "):
            assert word.lower() in plain.lower(), f"row {row['row']}: {word!r} is not in {plain!r}"


def test_every_row_names_tests_and_they_exist():
    there = existing()
    for number, (_, _, answered, tests, _) in rows().items():
        named = named_in(tests)
        assert answered and named, number
        assert [name for name in named if name not in there] == [], number


def test_every_test_of_a_probe_stands_in_its_row():
    page, seen = rows(), set()
    for file, name in existing():
        if numbers := re.match(r"test_probe_((?:\d\d_)+)", name):
            for number in map(int, numbers[1].split("_")[:-1]):
                assert (file, name) in named_in(page[number][3]), f"{number}: {name}"
                seen.add(number)
    # These are shown by tests that have another name.
    assert set(page) - seen == {12, 42}
