"""Every page that navigation leads to, and one of each kind below: at the widths that people have,
in both languages, in both colours, for people who use a screen reader, on paper."""

import pytest

from browser import LANGUAGES, WORDS, Visit, pages_of

# CSS pixels and scale: a small phone (or 1280 at 400 %), 640 at 200 %, 1280 at 200 %.
WINDOWS = [(320, 1), (320, 2), (640, 2)]
# Without these the walk through navigation would have missed something.
AT_LEAST = {"/today", "/agreements", "/coverage", "/exchange/inbox", "/exchange/outbox",
            "/exchange/release-requests", "/exchange/records", "/exchange/import",
            "/exchange/consents", "/exchange/recalls", "/node/peers", "/node/pairing",
            "/node/accounts", "/node/officers", "/node/ledger", "/node/doctor"}


@pytest.fixture(scope="module")
def reader(demo):
    return demo.all_roles()


@pytest.fixture(scope="module")
def below(reader):
    """One page of each kind that has an id."""
    records = reader.everything("/records")
    sent = reader.get("/outbox")["items"]
    waiting = reader.post("/release-requests", {
        "ids": [records[0]["id"]], "parties": ["KZ"], "note": "a note to be seen"})
    assert waiting["state"] == "waiting"
    kinds = {row["type"]: row["id"] for row in records}
    return [*(f"/exchange/records/{kinds[kind]}" for kind in ("vulnerability", "indicator")
              if kind in kinds),
            f"/exchange/disclosures/{sent[0]['disclosure']}", "/agreements/ru-cn-2015",
            "/agreements/sco-2009", "/agreements/nothing-of-that-name", "/nothing"]


@pytest.fixture(scope="module")
def everywhere(demo, reader, below, chromium):
    """All paths, each with who looks at it: what administrators alone see comes from one."""


    admin = demo.person("CN", "admin")
    found = {}
    for someone in (reader, admin):
        walk = Visit(chromium, someone.node.pages).carry(someone)
        for path in pages_of(walk):
            found.setdefault(path, someone)
        walk.close()
    assert AT_LEAST <= set(found)
    for path in below:
        found[path] = reader
    # An administrator sees other things on the pages of the node.
    for path in [path for path in found if path.startswith("/node")]:
        found[path + "?as=admin"] = admin
    return found


def look(visit, everywhere, check, **options):
    """What `check` finds on each page: path → findings."""
    visits, found = {}, {}
    for path, someone in everywhere.items():
        here = visits.get(someone)
        if here is None:
            here = visits[someone] = visit(someone.node, **options).carry(someone)
            here.expected.update((404, 403))
        here.go(path.partition("?as=")[0])
        if findings := check(here):
            found[path] = findings
    return found


@pytest.mark.parametrize("width, scale", WINDOWS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_wider_than_its_window(everywhere, visit, language, width, scale):
    assert look(visit, everywhere, lambda here: here.wider_than_the_window(),
                language=language, width=width, height=900, scale=scale) == {}


def test_a_page_that_is_too_wide_would_be_found(reader, visit):
    here = visit(reader.node, width=320).carry(reader)
    here.go("/today")
    here.page.evaluate("document.querySelector('h1').style.width = '400px'")
    assert here.wider_than_the_window()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_violation_of_wcag(everywhere, visit, language, dark):
    assert look(visit, everywhere, lambda here: here.violations(), language=language, dark=dark,
                axe=True) == {}


def test_no_page_has_a_violation_of_wcag_on_a_phone(everywhere, visit):
    assert look(visit, everywhere, lambda here: here.violations(), width=320, axe=True) == {}


def test_a_violation_would_be_found(reader, visit):
    here = visit(reader.node, axe=True).carry(reader)
    here.go("/today")
    here.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [rule for rule, _ in here.violations()] == ["button-name"]


def labels(here):
    """What is wrong with the labels of a page: the exercise banner and the handling, twice each."""
    told = here.page.evaluate("""() => {
        const shown = e => e.getBoundingClientRect().height > 8 && e.checkVisibility(
            {visibilityProperty: true, opacityProperty: true});
        return Object.fromEntries(['exercise-banner', 'handling'].map(name => [name,
            [...document.getElementsByClassName(name)].filter(shown).map(e => e.innerText)])); }""")
    wrong = []
    if len(told["exercise-banner"]) != 2 or not all(
            here.words("exercise.banner") in text and "demo" in text
            for text in told["exercise-banner"]):
        wrong.append(told["exercise-banner"])
    if len(told["handling"]) != 2 or len(set(told["handling"])) != 1 or not told["handling"][0]:
        wrong.append(told["handling"])
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("medium", ["screen", "print"])
def test_every_page_says_that_it_is_an_exercise_and_how_it_is_handled(
        everywhere, visit, language, medium):
    def check(here):
        here.page.emulate_media(media=medium)
        return labels(here)

    assert look(visit, everywhere, check, language=language) == {}


def test_a_record_carries_its_own_handling(reader, visit):
    row = next(row for row in reader.everything("/records") if row["tlp"] == "green")
    here = visit(reader.node).carry(reader)
    here.go(f"/exchange/records/{row['id']}")
    assert [text.strip() for text in here.page.locator(".handling .tlp").all_inner_texts()] == \
        ["TLP:GREEN"] * 2


def test_on_paper_nothing_is_cut_off_and_nothing_is_to_be_pressed(everywhere, visit):
    def check(here):
        here.page.emulate_media(media="print")
        wrong = here.wider_than_the_window()
        if here.page.locator("nav.nav").is_visible():
            wrong.append("navigation is printed")
        return wrong

    # A sheet of A4 upright, between margins.
    assert look(visit, everywhere, check, width=718, height=1000) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_one_heading_a_title_and_its_language(everywhere, visit, language):
    def check(here):
        told = here.page.evaluate("""() => ({h1: document.querySelectorAll('h1').length,
            title: document.title, lang: document.documentElement.lang,
            dir: document.documentElement.dir,
            keys: [...document.querySelectorAll('main .words')].map(e => e.innerText.trim())
                .filter(text => /^[a-z-]+\\.[a-z-]+$/.test(text))})""")
        wrong = []
        if told["h1"] != 1 or "Comity" not in told["title"]:
            wrong.append(told)
        wrong += told["keys"]  # a key in place of its words
        if (told["lang"], told["dir"]) != (language, "rtl" if language == "ar" else "ltr"):
            wrong.append((told["lang"], told["dir"]))
        return wrong

    assert look(visit, everywhere, check, language=language) == {}


def test_a_change_of_language_mirrors_the_page_and_leaves_data_as_it_is(reader, visit):
    here = visit(reader.node).carry(reader)
    here.go("/exchange/records")

    def places():
        return here.page.evaluate("""() => {
            const box = s => document.querySelector(s).getBoundingClientRect();
            const links = [...document.querySelectorAll('nav.nav a')].map(
                a => a.getBoundingClientRect().left);
            return {brand: box('.top .brand').left + box('.top .brand').width / 2,
                    first: links[0], last: links.at(-1), wide: innerWidth,
                    column: document.querySelector('thead th').getBoundingClientRect().left,
                    data: [...document.querySelectorAll('tbody bdi.data')].slice(0, 12)
                        .map(e => e.textContent)}; }""")

    left = places()
    here.page.get_by_label(here.words("preferences.language"), exact=True).select_option("ar")
    here.page.wait_for_function("() => document.documentElement.dir === 'rtl'")
    here.settled()
    right = places()
    assert left["first"] < left["last"] and right["first"] > right["last"]
    assert left["brand"] < left["wide"] / 2 < right["brand"]
    assert left["column"] < left["wide"] / 2 < right["column"]
    # Names and codes of records are the same text, isolated from the words around them.
    assert right["data"] == left["data"] and left["data"]
    assert set(here.page.locator("tbody bdi.data").evaluate_all(
        "all => all.map(e => getComputedStyle(e).unicodeBidi)")) == {"isolate"}
    # The account keeps the choice.
    assert reader.get("/session")["language"] == "ar"
    here.page.get_by_label(WORDS["ar"]("preferences.language"),
                           exact=True).select_option("en")
    here.page.wait_for_function("() => document.documentElement.dir === 'ltr'")


def test_unreviewed_wording_is_marked_and_the_mark_is_explained(reader, visit):
    here = visit(reader.node).carry(reader)
    here.go("/agreements/ru-cn-2015")
    assert here.page.locator(".sentence .unreviewed-mark").count() > 0
    assert here.page.locator("footer").get_by_text(here.words("text.unreviewed-page")).is_visible()
