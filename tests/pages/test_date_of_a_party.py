"""The date of one party in one file of a serving node, changed: the map, its table, the chosen
cell and the sheet of that agreement follow without being loaded anew, and nothing else changes."""

from operators import person
from test_law import COMMON
from test_one_date import NEW_DATE, changed, moved

AGREEMENT, PARTY, OWN = "ru-cn-2015", "RU", "CN"
PARTIES = "section[aria-labelledby=parties] tbody tr"
OTHER = "sco-2009"  # the two are in it as well: their cell rests on it in the end


def drawn(here):
    """How each state looks on the map and what it says."""
    found = here.page.locator("svg.map-drawing [data-party]").evaluate_all(
        "all => all.map(e => [e.dataset.party, e.ariaLabel + ' ' + e.getAttribute('class')])")
    assert len(found) > 190
    return dict(found)


def rows(here, lines="main tbody tr"):
    """The text of each line of a table, by the code of its state."""
    return dict(here.page.locator(lines).evaluate_all(
        "all => all.map(e => [e.querySelector('th .code').innerText, e.innerText])"))


def cited(here):
    """The agreements of the chosen cell."""
    return {href.partition("#")[0].rpartition("/")[2] for href in
            here.page.locator(".coverage-selected a[href^='/agreements/']").evaluate_all(
                "all => all.map(e => e.getAttribute('href'))")}


def text_of(here):
    return here.page.locator("main").inner_text().splitlines()


def test_map_cell_and_sheet_follow_and_others_stay(paged_node, visit, tmp_path):
    node = paged_node(OWN, tmp_path)
    officer = person(node, "dora", "duty-officer", clock=node.clock)
    here = visit(node).carry(officer).go(f"/coverage?at={COMMON['at']}")
    place = here.page.locator(f"svg.map-drawing [data-party={PARTY}]")
    place.press("Enter")
    here.page.locator(".coverage-selected a").first.wait_for()
    looks, lines, cell = drawn(here), rows(here), cited(here)
    assert "basis-bilateral" in looks[PARTY] and {AGREEMENT, OTHER} <= cell
    sheet = visit(node).carry(officer).go(f"/agreements/{OTHER}")
    other_words = text_of(sheet)
    sheet.go(f"/agreements/{AGREEMENT}")
    sheet.page.locator(PARTIES).first.wait_for()
    words, bound = text_of(sheet), rows(sheet, PARTIES)

    node.run("treaty", "accept", changed(tmp_path, AGREEMENT, PARTY))
    here.page.locator(f"svg.map-drawing .basis-multilateral[data-party={PARTY}]").wait_for()
    here.settled()
    assert moved(looks, drawn(here)) == moved(lines, rows(here)) == {PARTY}
    assert cited(here) == cell - {AGREEMENT}

    sheet.page.locator(f"main time[datetime='{NEW_DATE}']").first.wait_for()
    sheet.settled()
    assert moved(bound, rows(sheet, PARTIES)) == {PARTY}
    assert sum(a != b for a, b in zip(words, text_of(sheet), strict=True)) == 1
    sheet.go(f"/agreements/{OTHER}")
    assert text_of(sheet) == other_words
