"""A browser, and a demonstration to look at: seven nodes with their pages, made once for all."""

import pytest
from playwright.sync_api import sync_playwright

from browser import Visit, chromium_of
from demonstration import demonstration


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = chromium_of(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Makes visits and ends them after the test; one that complained fails it."""
    made = []

    def make(node, **options):
        made.append(Visit(chromium, node.pages, **options))
        return made[-1]

    yield make
    failure = None
    for one in made:
        try:
            one.close()
        except AssertionError as error:
            failure = error
    if failure:
        raise failure


@pytest.fixture(scope="session")
def demo(tmp_path_factory, shift_library):
    with demonstration(tmp_path_factory.mktemp("demonstration"), shift_library) as made:
        yield made
