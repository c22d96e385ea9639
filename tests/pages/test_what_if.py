"""What if: accessions, withdrawals and a file from disk, compared cell by cell; nothing is kept."""

import pytest

from browser import LANGUAGES
from harness import CONVENTION, answer
from operators import person

CHANGES = ("gained", "lost", "changed", "claimed", "unclaimed")
FILE_BYTES_MAX = 256 * 1024
AREA = "evidence"
CHINA_KENYA = CONVENTION.replace("VN", "CN")


@pytest.fixture
def someone(demo):
    return demo.person("CN", "duty")


@pytest.fixture
def open_page(someone, visit):
    def opened(path="/coverage/what-if", **options):
        return visit(someone.node, **options).carry(someone).go(path)

    return opened


def day_of(here):
    return here.page.get_by_label(here.words("coverage.day"), exact=True).input_value()


def suppose(here, kind, party, instrument):
    here.field("what-if.kind").select_option(kind)
    here.field("what-if.party").select_option(party)
    here.field("what-if.instrument").select_option(instrument)
    here.button("what-if.add").click()


def items(here):
    return here.page.locator(".suppositions > li")


def chooser(here):
    return here.page.locator("input[type=file]")


def table(here):
    return here.page.get_by_role("table", name=here.words("what-if.numbers"), exact=True)


def numbers(here):
    """Of each change: cells of the party, cells of all."""
    table(here).wait_for()
    here.settled()
    rows = table(here).locator("tbody tr").all()
    assert len(rows) == len(CHANGES)
    return {change: tuple(int(text) for text in row.locator("td").all_inner_texts())
            for change, row in zip(CHANGES, rows)}


def of_command(someone, here, *flags):
    """The same numbers, as the command says them by the law of the same node."""
    said = answer("treaty", "whatif", "--data", someone.node.folder, "--at", day_of(here),
                  "--party", "CN", *flags)
    return {change: (said["own"][change], said["cells"][change]) for change in CHANGES}


def codes_of(here):
    cells = here.page.get_by_role("table", name=here.words("what-if.cells"), exact=True)
    return set(cells.locator("tbody th .code").all_inner_texts())


def asked_of_node(here):
    """Every request of the page that carries a supposition, from now on."""
    found = []
    here.page.on("request", lambda request: found.append(request)
                 if request.url.endswith("/coverage/what-if") and request.method == "POST"
                 else None)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_accession_gains_the_cells_that_the_command_says(someone, open_page, language):
    here = open_page(language=language, axe=True)
    here.field("coverage.area").select_option(AREA)
    suppose(here, "accede", "CN", "coe-185")
    told = numbers(here)
    assert told == of_command(someone, here, "--area", AREA, "--accede", "CN:coe-185")
    own, _ = told["gained"]
    assert own > 50
    # The table has each of them, says what they rest on, and that it is only supposed.
    codes = codes_of(here)
    assert len(codes) == own
    after = here.page.locator("main .supposed-frame tbody tr").filter(
        has=here.page.locator("th .code")).first.locator("td").last
    assert here.words("what-if.supposed") in after.inner_text()
    assert after.locator("a[href*='/agreements/coe-185']").count()
    # The map marks the same states, by a word, a sign and a border.
    for party, label, look in here.page.locator("[data-party]").evaluate_all(
            "all => all.map(e => [e.dataset.party, e.ariaLabel, e.getAttribute('class')])"):
        assert (party in codes) == ("map-marked" in look), party
        assert (party in codes) == (here.words("what-if.mark.gained") in label), party
    assert here.page.locator(".mark-count").first.inner_text() == str(own)
    assert any("+" in text for text in here.page.locator(".map-letters text").all_text_contents())
    assert here.violations() == []
    here.resize(320, 1)
    assert here.wider_than_the_window() == []
    assert here.violations() == []


def test_several_are_supposed_together_and_each_can_be_taken_away(someone, open_page, tmp_path):
    here = open_page()
    suppose(here, "accede", "CN", "coe-185")
    suppose(here, "withdraw", "CN", "ru-cn-2015")
    file = tmp_path / "convention.toml"
    file.write_text(CHINA_KENYA, encoding="utf-8")
    chooser(here).set_input_files(file)
    items(here).nth(2).wait_for()
    steps = {"coe-185": ("--accede", "CN:coe-185"), "ru-cn-2015": ("--withdraw", "CN:ru-cn-2015"),
             "convention.toml": ("--add", file)}
    here.page.wait_for_function("() => document.querySelector('.supposed-frame')")
    assert numbers(here) == of_command(someone, here, *sum(steps.values(), ()))
    assert numbers(here)["lost"][0] + numbers(here)["changed"][0] > 0
    for name in list(steps)[:2]:
        items(here).filter(has_text=name).get_by_role("button").click()
        items(here).filter(has_text=name).wait_for(state="detached")
        del steps[name]
        assert numbers(here) == of_command(someone, here, *sum(steps.values(), ()))
    assert numbers(here)["gained"][0] > 0
    items(here).first.get_by_role("button").click()
    here.says("what-if.none").wait_for()
    assert table(here).count() == 0


def test_a_step_that_the_law_does_not_allow_is_named(open_page):
    here = open_page()
    here.expected.add(400)
    suppose(here, "accede", "CN", "coe-185")
    suppose(here, "accede", "CN", "ru-cn-2015")
    here.page.get_by_role("alert").wait_for()
    refused = here.page.locator(".suppositions > li").filter(
        has_text=here.words("what-if.refused"))
    assert "ru-cn-2015" in refused.locator("a").get_attribute("href") and refused.count() == 1
    # The same step is not there twice, which the page knows by itself.
    here.button("what-if.add").click()
    here.says("what-if.there").wait_for()
    refused.get_by_role("button").click()
    assert numbers(here)["gained"][0] > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistake_has_its_line_and_the_mended_file_is_chosen_again(
        open_page, language, tmp_path):
    here = open_page(language=language, axe=True)
    file = tmp_path / "convention.toml"
    file.write_text(CHINA_KENYA + 'colour = "blue"\n', encoding="utf-8")
    chooser(here).set_input_files(file)
    mistakes = here.page.get_by_role("table", name=here.words("what-if.mistakes-table"),
                                     exact=True)
    mistakes.wait_for()
    line = CHINA_KENYA.count("\n") + 1
    assert mistakes.locator("tbody th").inner_text().strip() == f"{line}:1"
    assert "colour" in mistakes.inner_text()
    assert table(here).count() == 0, "nothing was compared"
    assert here.violations() == []
    # A browser says nothing of a field that keeps its value when the same path is chosen again.
    assert chooser(here).input_value() == ""
    file.write_text(CHINA_KENYA, encoding="utf-8")
    chooser(here).set_input_files(file)
    assert numbers(here)["gained"][0] > 0
    assert mistakes.count() == 0 and items(here).count() == 1


def test_a_file_too_large_is_refused_before_it_is_sent(open_page, tmp_path):
    here = open_page()
    sent = asked_of_node(here)
    full = CHINA_KENYA + "#" * (FILE_BYTES_MAX - len(CHINA_KENYA))
    file = tmp_path / "large.toml"
    file.write_text(full + "#", encoding="utf-8")
    chooser(here).set_input_files(file)
    here.says("what-if.file-large").wait_for()
    assert items(here).count() == 0 and sent == []
    # No text and nothing at all are refused as well; the largest that may be is taken.
    for name, data, key in (("image.toml", b"\xff\xd8\xff", "no-text"), ("no.toml", b"", "empty")):
        (tmp_path / name).write_bytes(data)
        chooser(here).set_input_files(tmp_path / name)
        here.says(f"what-if.file-{key}").wait_for()
    assert sent == []
    file.write_text(full, encoding="utf-8")
    chooser(here).set_input_files(file)
    assert numbers(here)["gained"][0] > 0
    assert len(sent) == 1 and here.page.locator(".field-error").count() == 0


def test_nothing_of_it_is_kept(someone, open_page):
    here = open_page()
    before = someone.get(f"/coverage?at={day_of(here)}")
    assert here.says("what-if.not-kept").is_visible()
    suppose(here, "accede", "CN", "coe-185")
    numbers(here)
    # A look at another page of coverage takes nothing away; loading anew does.
    here.follow("/coverage/gaps")
    here.follow("/coverage/what-if")
    assert items(here).count() == 1
    assert "coe-185" not in here.page.url
    here.go("/coverage/what-if")
    assert items(here).count() == 0
    assert someone.get(f"/coverage?at={before['at'][:10]}") == before


def test_by_keyboard_alone(open_page):
    here = open_page()
    index = here.field("what-if.instrument").locator("option[value='coe-185']")
    index.wait_for(state="attached")
    place = index.evaluate("e => e.index")
    instrument = here.field("what-if.instrument").get_attribute("id")
    here.tab_to(f"e.id === {instrument!r}")
    here.page.keyboard.press("Home")
    for _ in range(place):
        here.page.keyboard.press("ArrowDown")
    here.tab_to_text(here.words("what-if.add"), "button")
    here.page.keyboard.press("Enter")
    assert numbers(here)["gained"][0] > 0
    here.tab_to("e.closest('svg.map-drawing') !== null")
    here.page.keyboard.press("Enter")
    here.page.locator(".coverage-selected h3").wait_for()
    here.tab_to("e.closest('.suppositions') !== null && e.tagName === 'BUTTON'", back=True)
    here.page.keyboard.press("Enter")
    here.says("what-if.none").wait_for()


@pytest.fixture(scope="module")
def operational(paged_node, tmp_path_factory):
    """An operational node and somebody there."""
    node = paged_node("XA", tmp_path_factory.mktemp("what-if"), exercise=None)
    return person(node, "one", "legal-adviser", clock=node.clock)


@pytest.mark.parametrize("mode", ["exercise", "operational"])
def test_what_is_supposed_says_so_in_either_mode(someone, operational, visit, mode):
    one, party = (someone, "CN") if mode == "exercise" else (operational, "XA")
    here = visit(one.node).carry(one).go("/coverage/what-if")
    suppose(here, "accede", party, "coe-185")
    numbers(here)
    for medium in ("screen", "print"):
        here.page.emulate_media(media=medium)
        assert here.says("what-if.supposed-title").is_visible()
        assert here.page.locator(".supposed-frame").get_by_text(
            here.words("what-if.supposed"), exact=True).first.is_visible()
        assert here.page.locator(".suppositions").get_by_text(
            here.words("what-if.supposed"), exact=True).first.is_visible()
    here.page.emulate_media(media="screen")
    assert here.page.get_by_text(here.words("what-if.operational")).count() == \
        (1 if mode == "operational" else 0)
    assert (here.page.locator(".exercise-banner").count() == 0) == (mode == "operational")
