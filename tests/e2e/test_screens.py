"""docs/screens/: pictures of each page in each language, light and dark, and a paragraph."""

import re

import pytest

from harness import ROOT

SCREENS = ROOT / "docs/screens"
BYTES_MAX = 150_000
PALETTE = 3  # colour type of PNG (ISO 15948, 11.2.2)


def pages():
    """The pages that tools/screens takes, from its table."""
    text = (ROOT / "tools/screens").read_text(encoding="utf-8")
    return re.findall(r'^    "([a-z-]+)": \((?:None|"\w+"), "', text, re.MULTILINE)


@pytest.mark.parametrize("page", pages())
def test_every_page_has_its_pictures_and_its_paragraph(page):
    told = (SCREENS / "README.md").read_text(encoding="utf-8")
    (section,) = [part for part in re.split(r"^## ", told, flags=re.MULTILINE)
                  if f"({page}-en-light.png)" in part]
    assert len(re.sub(r"\[.*?\]\(.*?\)", "", section)) > 200, "a paragraph says what and why"
    for language in ("en", "ar"):
        for theme in ("light", "dark"):
            name = f"{page}-{language}-{theme}.png"
            assert f"({name})" in section, name
            png = (SCREENS / name).read_bytes()
            assert png.startswith(b"\x89PNG\r\n\x1a\n") and png[25] == PALETTE, name
            assert len(png) <= BYTES_MAX, f"{name}: {len(png)} bytes"


def test_there_are_no_other_pictures():
    assert len(pages()) >= 20
    assert {path.name for path in SCREENS.glob("*.png")} == \
        {f"{page}-{language}-{theme}.png" for page in pages() for language in ("en", "ar")
         for theme in ("light", "dark")}
