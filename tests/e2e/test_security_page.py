"""docs/security-tests.md names tests; each of them exists, and every row is there."""

import re

from harness import ROOT

PAGE = ROOT / "docs/security-tests.md"
ROWS = 20
NAMED = re.compile(r"`(?:(test_\w+\.py)::(test_\w+)|(\w+)\.(\w+))`")


def rows():
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| (\d+) \|", line):
            yield int(row[1]), line


def existing():
    found = set()
    for path in (ROOT / "src").glob("*/**/*_test.cpp"):
        found |= set(re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)",
                                path.read_text(encoding="utf-8"), re.MULTILINE))
    for folder in ("e2e", "interop", "pages"):
        for path in (ROOT / "tests" / folder).glob("test_*.py"):
            found |= {(path.name, name) for name in re.findall(
                r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)}
    return found


def test_every_row_is_there_once_and_has_tests_or_says_what_it_waits_for():
    assert [number for number, _ in rows()] == list(range(1, ROWS + 1))
    for number, line in rows():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 4, number
        assert cells[2] != "–" or cells[3], number


def test_every_test_that_is_named_exists():
    there = existing()
    named = [tuple(part for part in match.groups() if part)
             for _, line in rows() for match in NAMED.finditer(line)]
    assert len(named) > 80
    missing = [name for name in named if name not in there and name[1] not in ("py", "cpp")]
    assert not missing


def test_every_test_named_after_a_row_stands_in_it():
    by_row = dict(rows())
    for file, name in existing():
        if row := re.match(r"test_row_(\d+)_", name):
            assert f"`{file}::{name}`" in by_row[int(row[1])], name
