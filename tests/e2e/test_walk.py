"""The walks of the documentation: every command of a page runs and says what the page shows.

A fenced `sh` block is run line after line in one shell in an empty folder, with `comity` on PATH.
A fenced `text` block that follows shows what its last `sh` block printed; `…` stands for anything.
"""

import os
import pathlib
import re
import subprocess

import pytest

from harness import COMITY, COMMAND_SECONDS_MAX, ROOT, environment

PAGES = ["docs/guide-register.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks(page):
    """(language, text, line) of every fenced block of a page, in order."""
    return [(match.group(1), match.group(2), page[:match.start()].count("\n") + 1)
            for match in FENCE.finditer(page)]


def as_pattern(text):
    """What a `text` block stands for."""
    return r".*?".join(re.escape(part) for part in text.split("…"))


def matches(shown, told):
    """Line by line; a line that is only `…` stands for any number of lines."""
    pattern = ""
    for line in shown.rstrip("\n").split("\n"):
        pattern += r"(?:.*\n)*?" if line.strip() == "…" else as_pattern(line.rstrip()) + r" *\n"
    return re.fullmatch(pattern, told.rstrip("\n") + "\n") is not None


def run_block(text, folder, variables):
    """Runs one block; its exit code and all that it printed.

    The block goes on in the folder and with the variables that the one before it left.
    """
    keep = folder.parent / "variables"
    begin = f'. "{keep}"\ncd "$PWD"\n' if keep.exists() else ""
    end = f'\n__code=$?\nexport -p > "{keep}"\nexit $__code\n'
    done = subprocess.run(["bash", "-c", begin + text + end],
                          cwd=folder, env=variables, text=True, encoding="utf-8", check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS_MAX)
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", PAGES)
def test_the_page_says_what_happens(name, tmp_path):
    path = ROOT / name
    assert path.is_file(), f"{name} is missing"
    found = blocks(path.read_text(encoding="utf-8"))
    assert sum(kind == "sh" for kind, _, _ in found) >= 3, "a walk has commands"
    assert sum(kind == "text" for kind, _, _ in found) >= 2, "a walk shows answers"
    folder, programs = tmp_path / "walk", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    (programs / "comity").symlink_to(pathlib.Path(COMITY).resolve())
    variables = {**environment(), "PATH": f"{programs}:{os.environ['PATH']}",
                 "COMITY_SOURCE": str(ROOT)}
    told, compared = None, 0
    for number, (kind, text, line) in enumerate(found):
        if kind == "sh":
            code, told = run_block(text, folder, variables)
            # A step whose answer is not shown may not fail in silence.
            shown = number + 1 < len(found) and found[number + 1][0] == "text"
            assert shown or code == 0, f"{name}:{line}: exit {code}\n{told}"
        elif kind == "text":
            assert told is not None, f"{name}:{line}: an answer before any command"
            assert matches(text, told), \
                f"{name}:{line}: the page shows\n{text}\nbut it said\n{told}"
            compared += 1
    assert compared >= 2


@pytest.mark.parametrize("shown, told, same", [
    ("a\nb\n", "a\nb\n", True), ("a\n", "a\nb\n", False), ("a\nb\n", "a\n", False),
    ("a…c\n", "abbc\n", True), ("a…\n", "a\nb\n", False), ("a\n…\nd\n", "a\nb\nc\nd\n", True),
    ("a\n…\n", "a\n", True), ("…\n", "x\ny\n", True), ("a.c\n", "abc\n", False),
])
def test_the_comparison_itself(shown, told, same):
    assert matches(shown, told) == same
