"""docs/rights.md names files and tests; each of them exists, and every safeguard has its row."""

import re

from harness import ROOT
from test_security_page import NAMED, existing

PAGE = ROOT / "docs/rights.md"
ROWS = 28
# Of these a test is named for the safeguard itself, and nothing may be said to lack a test.
PROVEN = {1, 2, 9, 11, 13, 14, 15, 20, 22, 25}
ENUMERATED = {2, 11, 22}


def rows():
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| HR-(\d\d) \|", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            assert len(cells) == 5, line
            assert int(row[1]) not in found, line
            found[int(row[1])] = cells
    return found


def test_every_safeguard_has_a_row_with_tests_or_says_that_it_is_not_there():
    assert list(rows()) == list(range(1, ROWS + 1))
    for number, (_, asks, place, tests, lacks) in rows().items():
        assert len(asks) > 30, number
        assert (place == "–") == (tests == "–"), number
        assert tests != "–" or lacks, number


def test_every_file_that_is_named_exists():
    files = {name for _, _, *cells in rows().values() for cell in cells
             for name in re.findall(r"`([\w./-]+/[\w./-]+)`", cell)}
    assert len(files) > 15
    assert sorted(name for name in files if not (ROOT / name).is_file()) == []


def test_every_test_that_is_named_exists():
    there = existing()
    named = {tuple(part for part in match.groups() if part)
             for cells in rows().values() for match in NAMED.finditer(cells[3])}
    assert len(named) > 40
    assert sorted(name for name in named if name not in there) == []


def test_the_safeguards_that_are_proven_name_their_tests():
    for number in PROVEN:
        assert NAMED.search(rows()[number][3]), number
    for number in ENUMERATED:
        assert "(every " in rows()[number][3], number


def test_every_test_named_after_a_safeguard_stands_in_its_row():
    for _, name in existing():
        if row := re.match(r"Hr(\d\d)", name):
            assert f".{name}`" in rows()[int(row[1])][3], name
