"""Patterns that the tests make of messages find what the messages say, and not something else."""

import pytest

from browser import WORDS, Words


@pytest.mark.parametrize("text, said, other", [
    ("Approve", ["Approve", " Approve\n"], ["Approve it", "approve"]),
    ("To {party} now", ["To Kazakhstan now", "To KZ now"], ["To Kazakhstan"]),
    ("Propose {count, plural, =0 {to release} one {to # party} other {to # parties}}",
     ["Propose to release", "Propose to 1 party", "Propose to 12 parties"],
     ["Propose", "Propose to 12", "Refuse to release"]),
    ("{n, plural, one {# line of {name}} other {# lines}}.",
     ["1 line of RU.", "2 lines."], ["2 lines of RU.", "lines", "x"]),
    ("Page {page, number} (of {total})", ["Page 1 (of 9)"], ["Page 1 of 9"]),
])
def test_a_pattern_takes_its_message_and_no_other(text, said, other):
    words = object.__new__(Words)
    words.texts = {"key": text}
    for one in said:
        assert words.about("key").search(one), one
    for one in other:
        assert not words.about("key").search(one), one


def test_every_message_has_a_pattern_but_those_that_say_nothing_of_their_own():
    for words in WORDS.values():
        bare = []
        for key in words.texts:
            try:
                words.about(key)
            except AssertionError:
                bare.append(key)
        assert len(bare) < len(words.texts) / 20, bare
