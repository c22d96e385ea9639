"""Every page that navigation leads to, one of each kind below, and those before sign-in: at the
widths that people have, in both languages, in both colours, for people who use a screen reader, on
paper."""

import pytest

from browser import LANGUAGES, WORDS, Visit, pages_of
from operators import Person

# CSS pixels and scale: a small phone (or 1280 at 400 %), 640 at 200 %, 1280 at 200 %.
WINDOWS = [(320, 1), (320, 2), (640, 2)]
COLOURS = [False, True]  # dark
# Without these the walk through navigation would have missed something.
AT_LEAST = {"/today", "/agreements", "/coverage", "/coverage/what-if",
            "/coverage/gaps", "/coverage/drawings", "/exchange/inbox", "/exchange/outbox",
            "/exchange/release-requests", "/exchange/records", "/exchange/import",
            "/exchange/consents", "/exchange/recalls", "/exchange/search", "/node/peers",
            "/node/pairing", "/node/accounts", "/node/officers", "/node/ledger", "/node/doctor"}


@pytest.fixture(scope="module")
def reader(demo):
    return demo.all_roles()


@pytest.fixture(scope="module")
def below(reader):
    """One page of each kind that has an id."""
    records = [row for row in reader.everything("/records?state=live")
               if row["received_from"] is None]
    sent = reader.get("/outbox")["items"]
    waiting = reader.post("/release-requests", {
        "ids": [records[0]["id"]], "parties": ["KZ"], "note": "a note to be seen"})
    assert waiting["state"] == "waiting"
    kinds = {row["type"]: row["id"] for row in records}
    return [*(f"/exchange/records/{kinds[kind]}" for kind in ("vulnerability", "indicator")
              if kind in kinds),
            "/exchange/search?q=indicator",
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
    for path in [path for path in found
                 if path.startswith("/node") and found[path] is not admin]:
        found[path + "?as=admin"] = admin
    return found


def labels(here, handled=True):
    """What is wrong with the labels of a page: the exercise banner and the handling, twice each.
    Before sign-in nothing is shown that would have to be handled."""
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
    if not handled:
        wrong += told["handling"]
    elif len(told["handling"]) != 2 or len(set(told["handling"])) != 1 or not told["handling"][0]:
        wrong.append(told["handling"])
    if "exercise.svg" not in here.page.evaluate("getComputedStyle(document.body).backgroundImage"):
        wrong.append("no watermark")
    return wrong


def frame(here):
    """What is wrong with heading, title, language and words."""
    told = here.page.evaluate("""() => ({h1: document.querySelectorAll('h1').length,
        title: document.title, lang: document.documentElement.lang,
        dir: document.documentElement.dir,
        keys: [...document.querySelectorAll('.words')].map(e => e.innerText.trim())
            .filter(text => /^[a-z-]+\\.[a-z-]+$/.test(text))})""")
    wrong = told["keys"]  # a key in place of its words
    if told["h1"] != 1 or "Comity" not in told["title"]:
        wrong.append(told)
    language = here.words.language
    if (told["lang"], told["dir"]) != (language, "rtl" if language == "ar" else "ltr"):
        wrong.append((told["lang"], told["dir"]))
    return wrong


def on_paper(here):
    wrong = here.wider_than_the_window()
    if here.page.locator("nav.nav").first.is_visible():
        wrong.append("navigation is printed")
    return wrong


def look_at(here, handled=True):
    """Every check of one page that is open: name → findings."""
    found = {"frame": frame(here), "axe": here.violations(), "screen": labels(here, handled)}
    if not here.dark:
        for width, scale in WINDOWS:
            here.resize(width, scale)
            found[f"{width}@{scale}"] = here.wider_than_the_window()
            if (width, scale) == WINDOWS[0]:
                found["axe on a phone"] = here.violations()
        # A sheet of A4 upright, between margins.
        here.resize(718, 1)
        here.page.emulate_media(media="print")
        found["print"] = labels(here, handled)
        found["paper"] = on_paper(here)
        here.page.emulate_media(media="screen")
        here.resize(1280, 1)
    return found


def before_sign_in(demo, newcomer):
    """What is shown to somebody without a session, by name."""
    link = Person(demo.nodes["CN"], newcomer, ["duty-officer"], demo.clock).enrol("Wang Min")
    return {"sign-in": "/", "set-up": link, "set-up without a link": "/setup",
            "set-up by another's link": link[:-8] + "AAAAAAAA"}


@pytest.fixture(scope="module")
def survey(demo, everywhere, chromium):
    """(language, dark) → check → path → findings. Each page is opened once for all checks of it."""
    made = {}

    def note(found, path, checks):
        for check, findings in checks.items():
            found.setdefault(check, {})
            if findings:
                found[check][path] = findings

    def surveyed(language, dark):
        if (language, dark) in made:
            return made[language, dark]
        visits, found = {}, {}
        for path, someone in everywhere.items():
            here = visits.get(someone)
            if here is None:
                here = visits[someone] = Visit(chromium, someone.node.pages, language=language,
                                               dark=dark, axe=True).carry(someone)
                here.expected.update((404, 403))
                here.go("/today")
            here.follow(path.partition("?as=")[0])
            note(found, path, look_at(here))
        newcomer = f"newcomer-{language}-{'dark' if dark else 'light'}"
        for name, path in before_sign_in(demo, newcomer).items():
            here = visits[name] = Visit(chromium, demo.nodes["CN"].pages, language=language,
                                        dark=dark, axe=True)
            here.expected.update((401, 404))
            here.go(path)
            note(found, name, look_at(here, handled=False))
        for here in visits.values():
            here.close()
        made[language, dark] = found
        return found

    return surveyed


@pytest.mark.parametrize("width, scale", WINDOWS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_wider_than_its_window(survey, language, width, scale):
    assert survey(language, False)[f"{width}@{scale}"] == {}


@pytest.mark.parametrize("dark", COLOURS, ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_violation_of_wcag(survey, language, dark):
    assert survey(language, dark)["axe"] == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_violation_of_wcag_on_a_phone(survey, language):
    assert survey(language, False)["axe on a phone"] == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("medium", ["screen", "print"])
def test_every_page_says_that_it_is_an_exercise_and_how_it_is_handled(survey, language, medium):
    assert survey(language, False)[medium] == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper_nothing_is_cut_off_and_nothing_is_to_be_pressed(survey, language):
    assert survey(language, False)["paper"] == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_one_heading_a_title_its_language_and_words(survey, language):
    assert survey(language, False)["frame"] == {}


def test_a_page_that_is_too_wide_would_be_found(reader, visit):
    here = visit(reader.node, width=320).carry(reader)
    here.go("/today")
    here.page.evaluate("document.querySelector('h1').style.width = '400px'")
    assert here.wider_than_the_window()


def test_a_violation_would_be_found(reader, visit):
    here = visit(reader.node, axe=True).carry(reader)
    here.go("/today")
    here.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [rule for rule, _ in here.violations()] == ["button-name"]


def test_a_missing_label_would_be_found(reader, visit):
    here = visit(reader.node).carry(reader)
    here.go("/today")
    assert labels(here) == []
    here.page.evaluate("document.querySelector('.exercise-banner').remove()")
    assert labels(here)


def test_a_missing_label_before_sign_in_would_be_found(demo, visit):
    here = visit(demo.nodes["CN"])
    here.expected.add(401)
    here.go("/")
    assert labels(here, handled=False) == []
    here.page.evaluate("document.documentElement.classList.remove('exercise')")
    assert labels(here, handled=False) == ["no watermark"]
    here.page.evaluate("document.querySelector('.exercise-banner').remove()")
    assert len(labels(here, handled=False)) == 2


def test_what_somebody_fills_in_stays_while_the_mode_is_asked_anew(demo, visit):
    here = visit(demo.nodes["CN"])
    here.expected.add(401)
    here.page.clock.install()
    here.go("/")
    here.field("sign-in.account").fill("wang")
    # As when somebody comes back to the window after a while.
    here.page.clock.fast_forward(60_000)
    with here.page.expect_response("**/api/v1/mode"):
        here.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    assert here.field("sign-in.account").input_value() == "wang"


def test_a_record_carries_its_own_handling(reader, visit):
    row = next(row for row in reader.everything("/records") if row["tlp"])
    here = visit(reader.node).carry(reader)
    here.go(f"/exchange/records/{row['id']}")
    assert [text.strip() for text in here.page.locator(".handling .tlp").all_inner_texts()] == \
        [f"TLP:{row['tlp'].upper()}"] * 2


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
