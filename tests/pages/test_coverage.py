"""Coverage: the map and its table say the same for a day and an area; gaps, and drawings with their
text."""

import csv
import io
import random
import re
import xml.etree.ElementTree as ElementTree

import pytest

from browser import LANGUAGES, WORDS
from harness import SEED

STEPS_MAX = 4000  # on the map, until a state with articles is reached: there are few
ARROWS = ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"]
SVG = "{http://www.w3.org/2000/svg}"
ISOLATES = re.compile("[\u2066-\u2069]")


@pytest.fixture
def someone(demo):
    return demo.person("CN", "duty")


@pytest.fixture
def here(someone, visit):
    return visit(someone.node).carry(someone).go("/coverage")


def told(here, kind="legend-count"):
    return [int(text) for text in here.page.locator(f".{kind}").all_inner_texts()]


def day_of(here):
    return here.page.get_by_label(here.words("coverage.day"), exact=True).input_value()


def wait_for_rows(here, number):
    here.page.wait_for_function(
        "n => document.querySelectorAll('main tbody tr').length == n", arg=number)


def codes_of(here):
    """Of which states the rows of the table are."""
    return here.page.locator("main tbody th .code").all_inner_texts()


def claimed_area(someone, day):
    """An area in which something is only claimed, and the answer of the node for it."""
    for area in someone.get("/vocabulary")["areas"]:
        answer = someone.get(f"/coverage?at={day}&area={area}")
        if answer["states"].get("claimed"):
            return area, answer
    raise AssertionError("nothing is only claimed in any area")


def test_every_number_of_the_map_stands_in_its_table(here):
    numbers, sure = told(here), told(here, "legend-state-count")
    rows = here.page.get_by_role("table").get_by_role("rowheader")
    assert sum(numbers) == rows.count() > 190
    assert sum(numbers) == sum(sure) + 1, "the own party is in no state"
    assert sum(number > 0 for number in numbers) >= 3, "one kind of basis for all"
    # Each number filters the table to just so many rows.
    for index, number in enumerate(numbers + sure):
        item = here.page.locator(".legend-item").nth(index)
        item.click()
        wait_for_rows(here, number)
        item.click()
        wait_for_rows(here, sum(numbers))


def test_another_day_is_another_map(here):
    now = told(here)
    here.page.get_by_label(here.words("coverage.day"), exact=True).fill("2008-01-01")
    here.page.wait_for_function(
        "now => JSON.stringify([...document.querySelectorAll('.legend-count')].map("
        "e => +e.innerText)) !== now", arg=str(now).replace(" ", ""))
    assert sum(told(here)) == sum(now)
    assert "2008-01-01" in here.page.url


def test_a_state_is_reached_by_keyboard_and_names_its_articles(here):
    """Every arrow of every state is tried in turn, so that each state is come to in the end."""
    here.tab_to("e.closest('svg.map-drawing') !== null")
    draw = random.Random(SEED)
    focused = "document.activeElement.dataset.party"
    place, arrows = here.page.evaluate(focused), {}
    for _ in range(STEPS_MAX):
        if place not in arrows:
            arrows[place] = draw.sample(ARROWS, len(ARROWS))
            said = here.page.locator(".coverage-selected h2").inner_text()
            here.page.keyboard.press("Enter")
            here.page.wait_for_function(
                "said => document.querySelector('.coverage-selected h2').innerText !== said",
                arg=said)
            if here.page.locator(".coverage-selected a").count():
                break
        arrows[place].append(arrows[place].pop(0))
        here.page.keyboard.press(arrows[place][-1])
        place = here.page.evaluate(focused)
    assert None not in arrows, "the focus left the map"
    link = here.page.locator(".coverage-selected").get_by_role("link").first
    assert re.search(r"/agreements/", link.get_attribute("href"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_area_tells_a_claim_from_a_basis_on_map_legend_table_and_panel(
        someone, visit, language):
    here = visit(someone.node, language=language, axe=True).carry(someone).go("/coverage")
    area, answer = claimed_area(someone, day_of(here))
    here.field("coverage.area").select_option(area)
    word = here.words("coverage-state.claimed")
    claims = {row["party"]: row for row in answer["rows"] if row["state"] == "claimed"}
    legend = here.page.locator(".legend-item").filter(has_text=word).first
    here.page.wait_for_function(
        "n => +document.querySelectorAll('.legend-count')[4].innerText === n", arg=len(claims))
    assert sum(told(here)) == len(answer["rows"])
    # The legend filters the table to these states, and says the letter besides the colour.
    assert legend.locator("text").text_content() == "C"
    legend.click()
    wait_for_rows(here, len(claims))
    assert set(codes_of(here)) == set(claims)
    for row in here.page.locator("main tbody tr").all()[:3]:
        assert word in row.inner_text() and row.locator(".basis-letter").inner_text() == "C"
    # Each is on the map under the same word, with a pattern of its own.
    drawn = here.page.locator("[data-party]").evaluate_all(
        "all => all.map(e => [e.dataset.party, e.ariaLabel, e.getAttribute('class')])")
    for party, label, look in drawn:
        assert (word in label) == (party in claims) == ("basis-claimed" in look), party
    chosen = next(party for party, _, _ in drawn if party in claims)
    here.page.locator(f"[data-party='{chosen}']").focus()
    here.page.keyboard.press("Enter")
    panel = here.page.locator(".coverage-selected")
    panel.get_by_text(here.words("coverage.claimed-text")).wait_for()
    assert claims[chosen]["claims"]
    for claim in claims[chosen]["claims"]:
        assert panel.locator(f"a[href='/agreements/{claim['instrument']}']").count()
    assert here.violations() == []


def test_the_table_is_there_to_keep(here, someone):
    day = day_of(here)
    answer = someone.get(f"/coverage?at={day}")
    with here.page.expect_download() as download:
        here.button("coverage.csv").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert {row["mode"] for row in rows} == {"exercise demo"}
    assert {(row["to"], row["basis"], row["state"], row["verdict"]) for row in rows} == {
        (row["party"], row["basis"], row["state"], row["verdict"])
        for row in answer["rows"] if row["basis"] != "own"}
    assert download.value.suggested_filename == f"coverage-CN-{day}-exercise-demo.csv"
    with here.page.expect_download() as download:
        here.link("coverage.json").click()
    assert download.value.suggested_filename.endswith(".json")
    assert '"rows"' in download.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_gaps_list_with_whom_in_which_areas_and_what_is_only_claimed(someone, visit, language):
    here = visit(someone.node, language=language, axe=True).carry(someone)
    here.go("/coverage/gaps")
    answer = someone.get(f"/coverage/gaps?at={day_of(here)}")
    missing = [row for row in answer["rows"] if row["none"] or row["claimed"]]
    wait_for_rows(here, len(missing))
    assert set(codes_of(here)) == {row["party"] for row in missing} and missing
    # Only claimed: fewer, and each names the agreements of which it is claimed.
    claimed = {row["party"]: row for row in missing if row["claimed"]}
    assert 0 < len(claimed) < len(missing)
    here.field("gaps.kind").select_option("claimed")
    wait_for_rows(here, len(claimed))
    party, first = next(iter(claimed.items()))
    row = here.page.locator("main tbody tr").filter(
        has=here.page.locator("th .code", has_text=re.compile(rf"^\W*{party}\W*$")))
    assert first["claims"]
    for claim in first["claims"]:
        assert row.locator(f"a[href='/agreements/{claim['instrument']}']").count()
    # One area: the rows in which it is only claimed.
    area = first["claimed"][0]
    here.field("coverage.area").select_option(area)
    wait_for_rows(here, sum(area in one["claimed"] for one in claimed.values()))
    for summary in row.locator("summary").all():
        summary.click()
    assert here.violations() == []


def test_the_nearest_agreement_leads_to_what_it_would_change(someone, visit):
    here = visit(someone.node).carry(someone).go("/coverage/gaps")
    here.page.locator("main tbody button").first.wait_for()
    steps = [step["instrument"] for row in
             someone.get(f"/coverage/gaps?at={day_of(here)}")["rows"] for step in row["nearest"]]
    here.page.locator("main tbody button").first.click()
    here.page.get_by_role("heading", name=here.words("what-if.title"), level=1).wait_for()
    items = here.page.locator(".suppositions > li")
    assert items.count() in (1, 2)
    assert items.first.locator("a").get_attribute("href").removeprefix("/agreements/") in steps


@pytest.mark.parametrize("language", LANGUAGES)
def test_drawings_are_shown_and_said_in_words(someone, visit, language):
    here = visit(someone.node, language=language, axe=True).carry(someone)
    here.go("/coverage/drawings")
    day = day_of(here)
    for kind in ("pyramid", "web"):
        picture = here.page.locator(f"img[src*='/drawings/{kind}']")
        here.page.wait_for_function(
            "kind => document.querySelector(`img[src*='/drawings/${kind}']`)?.naturalWidth > 300",
            arg=kind)
        assert picture.get_attribute("alt")
        file = someone.request(
            "GET", f"/coverage/drawings/{kind}?party=CN&at={day}&lang={language}").body
        # As text: each thing that has a title in the drawing, in the drawing's words.
        section = here.page.locator(f"section[aria-labelledby='drawing-{kind}']")
        section.locator("summary").click()
        titles = [ISOLATES.sub("", title.text).split("\n")[0].strip() for title in
                  ElementTree.fromstring(file).iterfind(f".//{SVG}g/{SVG}title")]
        said = section.locator("details li > .data").all_inner_texts()
        assert [ISOLATES.sub("", text).strip() for text in said] == titles and len(titles) > 3
        with here.page.expect_download() as download:
            here.link("drawings.svg", section).click()
        assert download.value.path().read_bytes() == file
        assert download.value.suggested_filename == f"{kind}-CN-{day}-exercise-demo.svg"
    assert here.violations() == []
    here.resize(320, 1)
    assert here.wider_than_the_window() == []


def test_a_drawing_of_all_parties_has_more_in_it(someone, visit):
    here = visit(someone.node).carry(someone).go("/coverage/drawings")
    here.page.locator("details.drawing-twin").first.locator("summary").click()
    items = here.page.locator("details.drawing-twin").first.locator("li")
    own = items.count()
    here.field("coverage.party").select_option("")
    here.page.wait_for_function(
        "own => document.querySelectorAll("
        "'section[aria-labelledby=drawing-pyramid] li').length > own", arg=own)
    # The other pages are still about the own party.
    here.page.get_by_role("navigation", name=here.words("coverage.nav")).get_by_role(
        "link", name=WORDS["en"]("gaps.title")).click()
    here.settled()
    assert here.field("coverage.party").input_value() == "CN"


@pytest.mark.parametrize("page", ["coverage", "coverage/gaps"])
def test_a_day_that_no_calendar_has_is_refused_in_words(here, page):
    here.expected.add(400)
    here.go(f"/{page}?at=2026-99-99")
    alert = here.page.get_by_role("alert")
    alert.wait_for()
    assert "2026-99-99" in alert.inner_text()
    here.page.get_by_label(here.words("coverage.day"), exact=True).fill("2026-11-01")
    here.page.locator("main tbody tr").first.wait_for()
    assert alert.count() == 0
