"""Coverage: the map and its table say the same, and a day changes both."""

import random
import re

import pytest

from harness import SEED

STATES_MAX = 200  # that are tried until one has articles


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
    here.tab_to("e.closest('svg.map-drawing') !== null")
    visited = set()
    draw = random.Random(SEED)
    for _ in range(STATES_MAX):
        here.page.keyboard.press(draw.choice(["ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft"]))
        visited.add(here.page.evaluate("document.activeElement.dataset.party"))
        here.page.keyboard.press("Enter")
        if here.page.locator(".coverage-selected a").count():
            break
    assert None not in visited, "the focus left the map"
    link = here.page.locator(".coverage-selected").get_by_role("link").first
    assert re.search(r"/agreements/", link.get_attribute("href"))
