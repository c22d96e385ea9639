"""Search from the head of every page: by pointer and by keyboard, in both directions of writing."""

import json
import re

import pytest

from browser import LANGUAGES
from harness import bundle, identifier, indicator, until

VALUE = "198.51.100.201"


@pytest.fixture(scope="module")
def analyst(demo):
    """Who reads records; two of them have the value, one of them only in its text."""
    someone = demo.person("CN", "duty")
    someone.post("/imports?tlp=green", raw=bundle(
        indicator(8101, name="the address itself", pattern=f"[ipv4-addr:value = '{VALUE}']"),
        indicator(8102, name="a heron that flies", description=f"seen beside {VALUE}")).encode())
    until(lambda: someone.get("/search?q=heron+flies")["texts_waiting"] == 0, "texts are indexed")
    return someone


def group(here, key):
    return here.page.get_by_role("region", name=here.words(key))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_then_its_words(analyst, visit, language):
    here = visit(analyst.node, language=language).carry(analyst)
    here.go("/today")
    here.field("search.field").fill(f" {VALUE}/32 ")
    here.button("search.go").click()
    here.page.wait_for_url(re.compile("/exchange/search"))
    here.settled()
    assert here.words("search.kind.address") in group(here, "search.values").inner_text()
    exact = group(here, "search.by-value").get_by_role("row")
    assert exact.get_by_text("the address itself").count() == 1
    here.field("search.field").fill(VALUE)
    here.button("search.go").click()
    group(here, "search.by-text").get_by_text("a heron that flies").wait_for()
    assert here.page.evaluate("document.documentElement.dir") == \
        ("rtl" if language == "ar" else "ltr")
    assert here.wider_than_the_window() == []


def test_by_keyboard_alone(analyst, visit):
    here = visit(analyst.node).carry(analyst)
    here.go("/exchange/inbox")
    here.tab_to("e.matches('.top-search input')")
    here.page.keyboard.type('"heron that"')
    here.page.keyboard.press("Enter")
    here.page.wait_for_url(re.compile("/exchange/search"))
    here.settled()
    here.tab_to_text("a heron that flies", "a")
    here.page.keyboard.press("Enter")
    here.page.wait_for_url(re.compile("/exchange/records/"))


def test_nothing_found_and_nothing_asked_say_so(analyst, visit):
    here = visit(analyst.node).carry(analyst)
    here.go("/exchange/search")
    here.says("search.start").wait_for()
    here.go("/exchange/search?q=nothing-of-that-name-anywhere")
    here.says("search.none").wait_for()


def test_who_reads_no_records_has_no_field(demo, visit):
    admin = demo.person("CN", "admin")
    here = visit(admin.node).carry(admin)
    here.go("/today")
    assert here.field("search.field").count() == 0


def test_a_quarantined_record_is_marked(analyst, visit):
    """Its state stands beside it, as in the list of records."""
    here = visit(analyst.node).carry(analyst)
    row = analyst.get(f"/search?q={identifier('indicator', 8101)}")["items"][0]
    shown = {**row, "state": "quarantined"}
    here.page.route("**/api/v1/search?*", lambda route: route.fulfill(
        status=200, content_type="application/json", body=json.dumps(
            {"values": [], "items": [shown], "next": None, "values_waiting": 0,
             "texts_waiting": 0})))
    here.go(f"/exchange/search?q={VALUE}")
    assert group(here, "search.by-value").get_by_text(
        here.words("exchange.record-state.quarantined"), exact=True).is_visible()
