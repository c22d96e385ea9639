"""The first minutes: a one-time link, a password, a second factor, signing in, and out again."""

import re

import pytest

from browser import LANGUAGES, WORDS
from operators import Factor, Person


@pytest.fixture(scope="module")
def node(paged_node, tmp_path_factory):
    return paged_node("CN", tmp_path_factory.mktemp("first-use"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_link_to_the_first_page(node, visit, language):
    someone = Person(node, f"wang-{language}", ["duty-officer"], node.clock)
    link = someone.enrol("Wang Min")
    # A browser that speaks English: the language is chosen before anybody is signed in.
    here = visit(node, language="en")
    here.expected.add(401)
    page = here.page
    page.goto(link)
    here.settled()
    page.get_by_label(here.words("preferences.language"), exact=True).select_option(language)
    here.words = WORDS[language]
    page.get_by_role("heading", name=here.words("setup.title"), exact=True).wait_for()
    # The token is not left in the address or the history.
    page.wait_for_url(re.compile(r"/setup$"))
    assert page.evaluate("location.hash") == ""
    assert page.get_by_text(someone.account, exact=True).first.is_visible()
    assert page.get_by_role("img", name=here.words("setup.qr-label")).is_visible()
    secret = page.locator(".setup-secret").inner_text().replace(" ", "")
    assert re.fullmatch(r"[A-Z2-7]{32}", secret)

    # What is missing is said beside the field, and nothing is sent.
    here.field("sign-in.password").fill("short")
    here.field("setup.password-again").fill("other")
    here.button("setup.submit").click()
    assert here.says("setup.password-short").is_visible()
    assert here.says("setup.password-differs").is_visible()
    assert here.says("setup.code-short").is_visible()

    someone.factor = Factor(secret, node.clock)
    here.field("sign-in.password").fill(someone.password)
    here.field("setup.password-again").fill(someone.password)
    here.field("setup.code").fill(someone.factor.code())
    here.button("setup.submit").click()
    here.says("setup.done").wait_for()
    here.link("setup.go-sign-in").click()

    # A wrong code first: the answer does not say what was wrong.
    here.field("sign-in.account").fill(someone.account)
    here.field("sign-in.password").fill(someone.password)
    here.field("sign-in.code").fill(someone.factor.wrong())
    here.button("sign-in.submit").click()
    here.says("sign-in.refused").wait_for()
    here.field("sign-in.code").fill(someone.factor.code())
    here.button("sign-in.submit").click()
    page.wait_for_url(re.compile(r"/today$"))
    here.heading().wait_for()
    assert page.evaluate("document.documentElement.lang") == language  # as it was chosen
    assert page.get_by_text("Wang Min").first.is_visible()

    # The link is used up, and says what to do.
    again = visit(node, language=language)
    again.expected.update((401, 404))
    again.page.goto(link)
    again.says("setup.link-used").wait_for()


def test_an_address_without_its_token_says_so(node, visit):
    here = visit(node)
    here.expected.add(401)
    here.page.goto("/setup")
    here.says("setup.no-token").wait_for()


def test_who_signs_out_sees_nothing_any_more_also_by_going_back(node, visit):
    someone = Person(node, "leaving", ["duty-officer"], node.clock)
    someone.set_up(someone.enrol())
    here = visit(node).sign_in(someone)
    here.go("/exchange/records")
    here.page.locator("details.menu > summary").click()
    here.button("session.sign-out").click()
    here.field("sign-in.account").wait_for()
    here.page.go_back()
    here.field("sign-in.account").wait_for()
    assert here.page.get_by_role("table").count() == 0


def test_a_session_that_ended_at_the_node_ends_on_the_page(node, visit):
    someone = Person(node, "idle", ["duty-officer"], node.clock)
    someone.set_up(someone.enrol())
    here = visit(node).sign_in(someone, "/agreements")
    node.clock.forward(31 * 60)
    here.page.get_by_role("link", name=here.words("nav.exchange"), exact=True).click()
    here.says("sign-in.ended").wait_for()
    # Signed in again, they go on where they were.
    here.field("sign-in.account").fill(someone.account)
    here.field("sign-in.password").fill(someone.password)
    here.field("sign-in.code").fill(someone.factor.code())
    here.button("sign-in.submit").click()
    here.page.wait_for_url(re.compile("/exchange/"))
    here.heading().wait_for()
