"""The guide to a first agreement, done as it is written: its commands are run block after block,
and where it says to look at the map, somebody looks."""

import os
import pathlib
import re
import signal
import time

import pytest

from browser import LANGUAGES, WORDS
from harness import COMITY, PORTS, ROOT, STOP_SECONDS_MAX, environment, until
from operators import Clock, Person
from test_walk import blocks, matches, run_block

GUIDE = ROOT / "docs/guide-first-agreement.md"
PAGES_IN_GUIDE = "127.0.0.1:8440"
LINK = re.compile(r"http://\S+/setup#\S+")
IN_FORCE = "2026-03-01"  # of the agreement that the guide writes
GUIDE_SECONDS_MAX = 600


class Reader:
    """Somebody with an empty folder who does what the guide says."""

    def __init__(self, folder):
        self.folder = folder / "guide"
        self.folder.mkdir()
        programs = folder / "bin"
        programs.mkdir()
        (programs / "comity").symlink_to(pathlib.Path(COMITY).resolve())
        self.variables = {**environment(), "PATH": f"{programs}:{os.environ['PATH']}"}
        # The port of the guide may be taken here.
        self.pages = f"127.0.0.1:{PORTS.take()}"
        self.told = None

    def here(self, text):
        return text.replace(PAGES_IN_GUIDE, self.pages)

    def do(self, block, shown):
        """Runs a block; its answer is compared with the one that the guide shows, if any."""
        code, self.told = run_block(self.here(block), self.folder, self.variables)
        if shown is None:
            assert code == 0, f"{block}\nexit {code}\n{self.told}"
        else:
            assert matches(self.here(shown), self.told), \
                f"{block}\nthe guide shows\n{shown}\nbut it said\n{self.told}"

    @property
    def process(self):
        """Of the node of the guide, or None."""
        path = self.folder / "serve.pid"
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    def wait_for_its_end(self):
        until(lambda: is_gone(self.process), "the node of the guide ends", STOP_SECONDS_MAX)

    def stop(self):
        """Ends the node of the guide, if the guide has not."""
        if self.process is None or is_gone(self.process):
            return
        os.kill(self.process, signal.SIGTERM)
        self.wait_for_its_end()


def is_gone(process):
    """A process that has ended and that nobody waits for is a zombie."""
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


def steps(text):
    """(block, answer or None) of the guide in order."""
    found = blocks(text)
    out = []
    for number, (kind, block, _) in enumerate(found):
        if kind != "sh":
            continue
        following = found[number + 1] if number + 1 < len(found) else ("", "", 0)
        out.append((block, following[1] if following[0] == "text" else None))
    return out


def codes(text):
    """The two countries of the guide."""
    return re.search(r"^OWN=([A-Z]{2}) OTHER=([A-Z]{2})$", text, re.M).groups()


def look(here, party, basis, state):
    """The map and its table say of a party what its basis is, and how sure."""
    words = here.words
    place = here.page.locator(f"svg.map-drawing .basis-{basis}[data-party={party}]")
    place.wait_for()
    label = place.get_attribute("aria-label")
    assert words(f"basis.{basis}") in label, label
    row = here.page.get_by_role("row").filter(has_text=party).filter(
        has_text=words(f"party.{party}"))
    assert row.count() == 1
    # The verdict of the row may be said in the same words as its basis.
    assert words(f"basis.{basis}") in row.locator(".basis-cell").inner_text(), row.inner_text()
    # So may the state of the article that the row names.
    sure = row.locator("td").nth(1)
    assert sure.get_by_text(words(f"coverage-state.{state}"), exact=True).count() == 1, \
        row.inner_text()
    return row


@pytest.fixture
def reader(tmp_path):
    someone = Reader(tmp_path)
    yield someone
    someone.stop()


def test_a_new_user_enters_an_agreement_and_sees_the_map_change(reader, visit):
    text = GUIDE.read_text(encoding="utf-8")
    own, other = codes(text)
    began = time.monotonic()
    here, entered, looked = None, False, 0
    for block, shown in steps(text):
        if "comity treaty enter" in block and "--dry-run" not in block:
            assert here, "the guide enters before anybody has looked"
            look(here, other, "none", "none")
            looked += 1
            entered = True
        if block.startswith("kill"):
            here.close()  # before the node goes away under it
        reader.do(block, shown)
        if "comity account new" in block:
            here = sign_in(reader, visit, own)
        elif entered and looked == 1:
            # The page was left open: nothing is loaded anew.
            row = look(here, other, "bilateral", "unverified")
            assert row.get_by_role("link").count() >= 1
            here.page.locator(f"svg.map-drawing [data-party={other}]").press("Enter")
            selected = here.page.locator(".coverage-selected")
            selected.get_by_text(here.words("basis.bilateral"), exact=True).wait_for()
            assert selected.get_by_role("link").first.get_attribute("href").startswith(
                f"/agreements/{own}-{other}-2026".lower())
            earlier(here, other)
            in_the_other_language(here, other)
            looked += 1
    assert looked == 2, "the guide does not enter the agreement"
    assert time.monotonic() - began < GUIDE_SECONDS_MAX, "more than ten minutes"
    reader.wait_for_its_end()


class Served:
    """What a Person needs to know of the node that the guide made."""

    def __init__(self, pages):
        self.pages = pages


def sign_in(reader, visit, own):
    """Opens the link of the account, sets it up, signs in as a person does, and looks at coverage
    in every language."""
    link = LINK.search(reader.told)
    assert link, reader.told
    someone = Person(Served(reader.pages), "lena", ["legal-adviser"], Clock())
    someone.set_up(link[0])
    here = visit(someone.node).sign_in(someone)
    here.go("/coverage")
    assert here.page.locator(f"svg.map-drawing .basis-own[data-party={own}]").count() == 1
    return here


def earlier(here, other):
    """The day before, there was nothing: it is the date of the file that counts."""
    before = "2026-02-28"
    field = here.page.get_by_label(here.words("coverage.day"), exact=True)
    now = field.input_value()
    assert now > IN_FORCE
    field.fill(before)
    look(here, other, "none", "none")
    field.fill(IN_FORCE)
    look(here, other, "bilateral", "unverified")
    field.fill(now)
    look(here, other, "bilateral", "unverified")


def in_the_other_language(here, other):
    for language in LANGUAGES[1:] + LANGUAGES[:1]:
        here.page.get_by_label(here.words("preferences.language"),
                               exact=True).select_option(language)
        here.words = WORDS[language]
        here.page.get_by_role("heading", level=1, name=here.words("nav.coverage"),
                              exact=True).wait_for()
        look(here, other, "bilateral", "unverified")
