"""Coverage: the map and its table say the same, and a day changes both."""

import random
import re

import pytest

from harness import SEED

STEPS_MAX = 4000  # on the map, until a state with articles is reached: there are few
ARROWS = ["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"]


@pytest.fixture
def here(demo, visit):
    someone = demo.person("CN", "duty")
    return visit(someone.node).carry(someone).go("/coverage")


def told(here):
    return [int(text) for text in here.page.locator(".legend-count").all_inner_texts()]


def test_every_number_of_the_map_stands_in_its_table(here):
    numbers = told(here)
    rows = here.page.get_by_role("table").get_by_role("rowheader")
    assert sum(numbers) == rows.count() > 190
    assert sum(number > 0 for number in numbers) >= 3, "one kind of basis for all"
    # Each number filters the table to just so many rows.
    for index, number in enumerate(numbers):
        item = here.page.locator(".legend-item").nth(index)
        item.click()
        here.page.wait_for_function(
            "n => document.querySelectorAll('main tbody tr').length == n", arg=number)
        item.click()
    here.page.wait_for_function(
        "n => document.querySelectorAll('main tbody tr').length == n", arg=sum(numbers))


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


def test_a_day_that_no_calendar_has_is_refused_in_words(here):
    here.expected.add(400)
    here.go("/coverage?at=2026-99-99")
    alert = here.page.get_by_role("alert")
    alert.wait_for()
    assert "2026-99-99" in alert.inner_text()
    here.page.get_by_label(here.words("coverage.day"), exact=True).fill("2026-11-01")
    here.page.locator(".legend-count").first.wait_for()
    assert alert.count() == 0
