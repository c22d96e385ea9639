"""Legal dates on the Today page: they follow the exercise clock and the register, and each leads to
its article."""

import datetime
import re
import shutil

import pytest

from browser import LANGUAGES, WORDS
from harness import REGISTER
from operators import person

AGREEMENT = "xa-xb-2024"
FILE = f"instruments/bilateral/{AGREEMENT}.toml"
WRITTEN = "in_force = 2024-06-01"
NOTICE_DAYS = 60  # its Art. 4
AHEAD_DAYS = 30  # that the page looks ahead


def days(number):
    return datetime.timedelta(days=number)


def register_that_begins(folder, day):
    """The shipped register, with the agreement of XA and XB in force from that day for both."""
    shutil.copytree(REGISTER, folder)
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert text.count(WRITTEN) == 2
    path.write_text(text.replace(WRITTEN, f"in_force = {day}"), encoding="utf-8")
    return folder


class Desk:
    """XA with an agreement that begins in ten days, and an officer who looks at Today."""

    def __init__(self, paged_node, folder):
        self.folder = folder
        self.node = paged_node("XA", folder)
        self.begins = self.noon().date() + days(10)
        self.accept("law", self.begins)
        self.officer = person(self.node, "dora", "duty-officer", clock=self.node.clock)

    def noon(self):
        """Sets the law's clock to a noon: no day ends while a test runs."""
        told = self.node.answer("exercise", "show")["treaty_time"]
        now = datetime.datetime.fromisoformat(told.replace("Z", "+00:00"))
        noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + days(1)
        self.node.run("exercise", "advance", f"PT{(noon - now) // datetime.timedelta(minutes=1)}M")
        return noon

    def accept(self, name, day):
        self.node.run("treaty", "accept", register_that_begins(self.folder / name, day))

    @property
    def due(self):
        return self.begins + days(NOTICE_DAYS)


@pytest.fixture
def desk(paged_node, tmp_path):
    return Desk(paged_node, tmp_path)


def lines(here):
    """(kind, day, late, text) of each legal date that the page shows."""
    items = here.page.locator(".today-legal .today-items > li")
    return [(items.nth(i).get_attribute("data-kind"),
             items.nth(i).locator("time").first.get_attribute("datetime"),
             "late" in (items.nth(i).get_attribute("class") or "").split(),
             items.nth(i).inner_text()) for i in range(items.count())]


def shows(here, *wanted):
    """Waits until the page, without being loaded anew, shows just these kinds and days."""
    wanted = sorted([str(kind), str(day), late] for kind, day, late in wanted)
    here.page.wait_for_function(
        """wanted => JSON.stringify([...document.querySelectorAll(
            '.today-legal .today-items > li')].map(e => [e.dataset.kind,
            e.querySelector('time').getAttribute('datetime'), e.classList.contains('late')])
            .sort()) === JSON.stringify(wanted)""", arg=wanted)


def test_the_list_follows_the_exercise_clock(desk, visit):
    here = visit(desk.node).carry(desk.officer).go("/today")
    begins = ("entry-into-force", desk.begins, False)
    notice, late = ("duty", desk.due, False), ("duty", desk.due, True)
    shows(here, begins, begins)

    # The day itself still counts, the next does not.
    desk.node.run("exercise", "advance", "P10D")
    shows(here, begins, begins)
    desk.node.run("exercise", "advance", "P1D")
    shows(here)
    assert here.says("today-page.legal-none").is_visible()

    # Art. 4: each owes the other its competent bodies.
    desk.node.run("exercise", "advance", f"P{NOTICE_DAYS - AHEAD_DAYS - 2}D")
    shows(here)
    desk.node.run("exercise", "advance", "P1D")
    shows(here, notice, notice)
    desk.node.run("exercise", "advance", f"P{AHEAD_DAYS}D")
    shows(here, notice, notice)
    desk.node.run("exercise", "advance", "P1D")
    shows(here, late, late)
    assert here.page.locator(".today-legal").get_by_text(
        here.words("today-page.is-late"), exact=True).count() == 2

    # What has been entered is met.
    desk.node.run("treaty", "designate", AGREEMENT, "--party", "XA", "--body", "XA-CERT")
    shows(here, late)
    desk.node.run("treaty", "designate", AGREEMENT, "--party", "XB", "--body", "XB-CERT")
    shows(here)
    assert desk.node.verify()["verified"]


def test_the_list_follows_the_register(desk, visit):
    here = visit(desk.node).carry(desk.officer).go("/today")
    shows(here, *[("entry-into-force", desk.begins, False)] * 2)
    later = desk.begins + days(5)
    desk.accept("later", later)
    shows(here, *[("entry-into-force", later, False)] * 2)
    never = desk.begins + days(AHEAD_DAYS - 9)
    desk.accept("never", never)
    shows(here)
    # A year and a month that are known are a span, and no day.
    month = f"\"{desk.begins:%Y-%m}\""
    desk.accept("month", month)
    first = desk.begins.replace(day=1)
    shows(here, *[("entry-into-force", first, False)] * 2)
    text = lines(here)[0][3]
    assert here.words("today-page.legal-between") in text
    assert re.search(here.words.texts["rests.partly-known"].split("{written}")[1].strip(), text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_leads_to_its_article_in_the_readers_language(desk, visit, language):
    desk.node.run("exercise", "advance", f"P{10 + NOTICE_DAYS - 5}D")
    here = visit(desk.node).carry(desk.officer).go("/today")
    here.page.get_by_label(here.words("preferences.language"), exact=True).select_option(language)
    here.words = WORDS[language]
    here.page.get_by_role("heading", level=1, name=here.words("nav.today"), exact=True).wait_for()
    shows(here, *[("duty", desk.due, False)] * 2)
    line = here.page.locator(".today-legal .today-items > li").first
    link = line.get_by_role("link")
    assert here.words.about("calendar.duty").match(link.inner_text().replace("†", ""))
    assert here.words("party.XA") in link.inner_text()
    # What it rests on, and the sentence of the article.
    rests = line.locator(".today-rests").inner_text()
    assert "Art. 4" in rests and "a4" in rests
    link.click()
    here.page.wait_for_url(re.compile(rf"/agreements/{AGREEMENT}#a4$"))
    here.settled()
    assert here.page.get_by_text("Art. 4", exact=True).first.is_visible()
