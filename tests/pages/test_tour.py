"""The guided tour in the demonstration: with a pointer, and by keyboard alone.

Both end with somebody who asked for another instant and saw a verdict change.
"""

import re

import pytest

from browser import LANGUAGES

YEARS_MAX = 30


@pytest.fixture
def newcomer(demo):
    return demo.person("CN", "duty")


def step_of(here):
    """Number of the step that the tour stands at."""
    text = here.page.locator(".tour-number").inner_text()
    return int(re.search(r"\d+", text)[0])


def stands_at(here, step):
    here.page.wait_for_function(
        "step => document.querySelector('.tour-number')?.innerText.match(/\\d+/)?.[0] == step",
        arg=str(step))


def decided(here):
    """Waits until the answer that is shown is the one to the instant that was chosen."""
    here.page.wait_for_function("() => document.querySelector('.who-answer[aria-busy=false]')")


def counts(here):
    """verdict → number of parties, as the record page shows them."""
    return {name: int(here.page.locator(f".count-{name} .count-number").inner_text())
            for name in ("permitted", "needs", "forbidden", "no-basis")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tour(newcomer, visit, language):
    here = visit(newcomer.node, language=language).carry(newcomer)
    here.go("/today")
    here.button("tour.start").click()
    assert here.page.get_by_text(here.words("tour.today-title")).first.is_visible()
    stands_at(here, 1)
    here.button("tour.next").click()
    stands_at(here, 2)
    here.link("tour.go-there").click()
    here.page.wait_for_url(re.compile("/exchange/records"))
    here.settled()
    here.page.locator("tbody a").first.click()
    here.page.locator(".counts").wait_for()
    stands_at(here, 3)
    before = counts(here)
    assert sum(before.values()) > 200 and before["permitted"] >= 1
    here.button("tour.next").click()
    stands_at(here, 4)
    # Why: the details of the first answer, which name the article.
    here.page.locator("details.recipient-more > summary, .group-no-basis details > summary") \
        .first.click()
    stands_at(here, 5)
    here.field("record.instant-day").fill("2009-01-01")
    stands_at(here, 6)
    decided(here)
    assert here.page.get_by_text(here.words("tour.end-title")).first.is_visible()
    assert here.page.locator(".difference tbody tr").count() > 0
    assert counts(here) != before
    here.button("tour.finish").click()
    assert here.page.locator(".tour").count() == 0
    # Nothing was sent by asking, and now is now again.
    here.button("record.now").click()
    here.page.wait_for_function(
        "n => document.querySelector('.count-permitted .count-number')?.innerText == n",
        arg=str(before["permitted"]))


def test_the_tour_by_keyboard_alone(newcomer, visit):
    here = visit(newcomer.node).carry(newcomer)
    words, keys = here.words, here.page.keyboard
    here.go("/today")
    here.tab_to_text(words("tour.start"), "button")
    keys.press("Enter")
    stands_at(here, 1)
    # The panel has the focus when the tour begins; its own buttons come next.
    assert here.page.evaluate("document.activeElement.classList.contains('tour')")
    here.tab_to_text(words("tour.next"), "button")
    keys.press("Enter")
    stands_at(here, 2)
    here.tab_to_text(words("tour.go-there"), "a")
    keys.press("Enter")
    here.page.wait_for_url(re.compile("/exchange/records"))
    here.settled()
    # A new page takes the focus to its heading.
    here.page.wait_for_function("() => document.activeElement.matches('h1')")
    here.tab_to("e.matches('tbody a')")
    keys.press("Enter")
    here.page.locator(".counts").wait_for()
    stands_at(here, 3)
    before = counts(here)
    here.tab_to_text(words("tour.next"), "button")
    keys.press("Space")
    stands_at(here, 4)
    here.tab_to("e.matches('details.recipient-more > summary, .group-no-basis summary')")
    keys.press("Space")
    stands_at(here, 5)
    here.tab_to_text(words("record.year-back"), "button")
    for _ in range(YEARS_MAX):
        keys.press("Enter")
        decided(here)
        if step_of(here) == 6:
            break
    stands_at(here, 6)
    decided(here)
    assert here.page.locator(".difference tbody tr").count() > 0
    assert counts(here) != before
    here.tab_to_text(words("tour.finish"), "button")
    keys.press("Enter")
    assert here.page.locator(".tour").count() == 0


def test_where_the_keyboard_is_can_be_seen(newcomer, visit):
    """WCAG 2.4.7 and 2.4.11: what has the focus shows it and is not covered."""
    here = visit(newcomer.node).carry(newcomer)
    here.go("/exchange/records")
    here.page.evaluate("document.activeElement.blur()")
    seen, unseen = set(), []
    for _ in range(60):
        here.page.keyboard.press("Tab")
        told = here.page.evaluate("""() => {
            const e = document.activeElement, s = getComputedStyle(e);
            if (!e || e === document.body) return null;
            const b = e.getBoundingClientRect();
            const at = document.elementFromPoint(
                Math.min(Math.max(b.left + b.width / 2, 0), innerWidth - 1),
                Math.min(Math.max(b.top + b.height / 2, 0), innerHeight - 1));
            return {what: e.outerHTML.slice(0, 120),
                    marked: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1
                            || s.boxShadow !== 'none',
                    there: at !== null && (e.contains(at) || at.contains(e)
                            || [...(e.labels || [])].some(l => l.contains(at)))}; }""")
        if told is None:
            continue
        seen.add(told["what"])
        if not told["marked"] or not told["there"]:
            unseen.append(told)
    assert len(seen) > 15
    assert not unseen, unseen[:5]


def test_a_table_of_records_is_opened_by_its_name_and_the_skip_link_leads_to_it(newcomer, visit):
    here = visit(newcomer.node).carry(newcomer)
    here.go("/exchange/records")
    here.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    here.page.keyboard.press("Tab")
    assert here.page.evaluate("document.activeElement.className") == "skip"
    here.page.keyboard.press("Enter")
    assert here.page.evaluate("document.activeElement.closest('main, #main') !== null")
    table = here.page.get_by_role("table")
    assert table.get_by_role("columnheader").count() >= 5
    assert table.get_by_role("rowheader").first.get_by_role("link").is_visible()
