"""What others write is shown as it is, and never becomes a part of the page."""

import re
import urllib.parse

import pytest

from corpus import corpus
from harness import bundle, identifier, indicator

FIRST = 7000
# What a page spells out instead of obeying it (web/src/i18n/catalogue.ts says the same).
HIDDEN = re.compile("[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
                    "\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
                    "\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


ISOLATES = "\u2068\u2069"  # round data, of our own making


def shown(text):
    return HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture(scope="module")
def planted(demo):
    """The corpus in every field that travels or is typed at CN; text → row of its record."""
    duty, release = demo.person("CN", "duty"), demo.person("CN", "release")
    texts = corpus()
    objects = [indicator(FIRST + number, name=text, description=text, labels=[text],
                         indicator_types=[text],
                         external_references=[{"source_name": text, "description": text,
                                               "url": "javascript:window.__xss=1"}])
               for number, text in enumerate(texts)]
    report = duty.post("/imports?tlp=green&published=javascript:window.__xss%3D1",
                       raw=bundle(*objects).encode())
    assert report["added"] == len(texts)
    rows = {row["stix_id"]: row for row in duty.everything("/records?type=indicator")}
    found = {}
    for number, text in enumerate(texts):
        row = rows[identifier("indicator", FIRST + number)]
        found[text] = row
        made = duty.request("POST", "/release-requests", {"ids": [row["id"]], "parties": ["KZ"],
                                                          "note": text})
        if made.status == 201 and number % 2:
            release.request("POST", f"/release-requests/{made.json()['id']}/refusal",
                            {"ground": text})
        elif made.status == 201:
            duty.send("DELETE", f"/release-requests/{made.json()['id']}")
    return found


def assert_untouched(here):
    """Nothing of the corpus ran, or became an element, a link or an address."""
    told = here.page.evaluate("""() => ({
        ran: window.__xss !== undefined,
        elements: [...document.querySelectorAll('script:not([src]), iframe, object, embed, base, ' +
            'form[action^=javascript], a[href^="javascript" i], [onerror], [onload], [onfocus], ' +
            '[ontoggle], [onmouseover], meta[http-equiv=refresh], link[href^=http], ' +
            'math, main template, main style')]
            .filter(e => !e.href?.startsWith?.(`${location.origin}/assets/`))
            .map(e => e.outerHTML.slice(0, 200)),
        place: location.origin})""")
    assert told == {"ran": False, "elements": [], "place": here.url}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_row_13_lists_show_every_text_as_it_is(demo, planted, visit, language):
    someone = demo.person("CN", "duty")
    here = visit(someone.node, language=language).carry(someone)
    seen = set()
    here.go("/exchange/records?type=indicator")
    while True:
        assert_untouched(here)
        seen |= {squeezed(text) for text in
                 here.page.locator("tbody th a").all_inner_texts()}
        following = here.button("page.next")
        if following.count() == 0 or following.is_disabled():
            break
        first = here.page.locator("tbody th a").first.get_attribute("href")
        following.click()
        here.page.wait_for_function(
            "first => document.querySelector('tbody th a')?.getAttribute('href') !== first",
            arg=first)
        here.settled()
    missing = [text for text in planted if squeezed(shown(text)) not in seen]
    assert not missing


def test_row_13_the_page_of_a_record_shows_every_text_as_it_is(demo, planted, visit):
    someone = demo.person("CN", "duty")
    here = visit(someone.node).carry(someone).go("/exchange/records")
    for text, row in planted.items():
        here.follow(f"/exchange/records/{row['id']}")
        assert_untouched(here)
        assert squeezed(here.heading().inner_text().strip(ISOLATES)) == squeezed(shown(text))
        body = squeezed(here.page.locator(".object").inner_text())
        assert squeezed(shown(text)) in body, text
        assert "Comity" in here.page.title()


def test_row_13_notes_and_grounds_are_shown_as_they_are(demo, planted, visit):
    someone = demo.person("CN", "duty")
    requests = someone.get("/release-requests")["items"]
    here = visit(someone.node).carry(someone)
    here.go("/exchange/release-requests")
    assert_untouched(here)
    body = squeezed(here.page.locator("main").inner_text())
    texts = [text for request in requests for text in (request["note"], request["ground"]) if text]
    assert len(set(texts)) > 20
    assert [text for text in texts if squeezed(shown(text)) not in body] == []


def test_row_13_names_of_accounts_are_shown_as_they_are(demo, visit):
    admin = demo.person("CN", "admin")
    taken = []
    for number, text in enumerate(corpus()):
        made = admin.request("POST", "/account-changes", {
            "change": "add", "account": f"planted-{number}", "name": text, "roles": ["analyst"]})
        if made.status == 200:
            taken.append(text)
    assert len(taken) > 10
    here = visit(admin.node).carry(admin)
    here.go("/node/accounts")
    assert_untouched(here)
    body = squeezed(here.page.locator("main").inner_text())
    assert [text for text in taken if squeezed(shown(text)) not in body] == []


def test_row_13_what_turns_direction_is_spelled_out(demo, planted, visit):
    """A name that would read as another file, site or word stands there with what it hides."""
    someone = demo.person("CN", "duty")
    here = visit(someone.node).carry(someone).go("/exchange/records")
    turned = [text for text in planted if HIDDEN.search(text)]
    assert len(turned) >= 5
    for text in turned:
        here.follow(f"/exchange/records/{planted[text]['id']}")
        assert here.page.locator(".deceptive").first.is_visible()
        marks = {mark.strip() for mark in here.page.locator(".deceptive").all_inner_texts()}
        assert {f"[U+{ord(found):04X}]" for found in HIDDEN.findall(text)} <= marks
        # What is read out and copied has no such character left either.
        for said in (here.page.locator("main").inner_text(), here.page.title()):
            assert not HIDDEN.search(re.sub(f"[{ISOLATES}]", "", said))


def test_row_13_a_search_and_an_address_are_no_part_of_the_page(demo, planted, visit):
    someone = demo.person("CN", "duty")
    here = visit(someone.node).carry(someone)
    here.expected.update((400, 404))
    for text in list(planted)[::4]:
        quoted = urllib.parse.quote(text, safe="")
        # The first is loaded anew, which is the node's answer as well; the others are links. (An
        # address that ends with a point and more is one of a file, and there is none.)
        for number, path in enumerate((
                f"/{quoted}/page", f"/exchange/records?q={quoted}", f"/agreements/{quoted}",
                f"/exchange/records/{quoted}", f"/today#{quoted}")):
            (here.follow if number else here.go)(path)
            assert_untouched(here)


def test_row_13_the_policy_holds_in_the_browser(demo, visit):
    """What a hole in our own code would let in still does not run."""
    someone = demo.person("CN", "duty")
    here = visit(someone.node).carry(someone)
    here.go("/today")
    here.page.evaluate("""() => {
        const s = document.createElement('script'); s.textContent = 'window.__xss = 1';
        document.body.append(s);
        const i = document.createElement('div');
        i.innerHTML = '<img src=x onerror="window.__xss=1"><a style="color:red">x</a>';
        document.body.append(i); }""")
    here.page.wait_for_timeout(200)
    assert here.page.evaluate("window.__xss") is None
    blocked = [text for text in here.complaints if "policy: script-src" in text]
    assert blocked
    here.complaints.clear()  # they were meant
