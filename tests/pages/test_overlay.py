"""The page of agreements shows what the party's own law narrows, while there is such a law."""

import pytest

from browser import LANGUAGES
from operators import one_of_each

OVERLAY = """[overlay]
party = "XA"
title.en = "Data protection act of Alpha"
provenance = "X"
[[rule]]
id = "two-look"
article = "s. 5"
provenance = "X"
says = "Two officers look at what leaves."
verb = "require"
action = "share"
needs = ["four-eyes"]
"""


@pytest.fixture(scope="module")
def party(paged_node, tmp_path_factory):
    """XA with its pages, somebody of each role, and the file of its overlay."""
    folder = tmp_path_factory.mktemp("overlay")
    path = folder / "overlay.toml"
    path.write_text(OVERLAY, encoding="utf-8")
    node = paged_node("XA", folder)
    return node, one_of_each(node, node.clock), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_overlay_is_shown_from_its_entry_to_its_end(party, visit, language):
    node, people, path = party
    here = visit(node, language=language).carry(people["legal-adviser"]).go("/agreements")
    title = here.page.get_by_role("heading", name=here.words("agreements.overlay"), exact=True)
    assert title.count() == 0
    node.answer("treaty", "enter", path)
    title.wait_for()  # the open page hears of it
    panel = here.page.get_by_role("region", name=here.words("agreements.overlay"), exact=True)
    assert panel.get_by_text("Data protection act of Alpha").is_visible()
    assert panel.get_by_text("s. 5").first.is_visible()
    assert panel.get_by_text("Two officers look at what leaves.").is_visible()
    node.answer("treaty", "enter", "--drop-overlay")
    title.wait_for(state="detached")
