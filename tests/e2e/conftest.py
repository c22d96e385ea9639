"""Nodes for the tests of the whole program."""

import shutil

import pytest

from harness import Node, pair


@pytest.fixture
def nodes(tmp_path):
    """Makes nodes by party in this test's folder and stops those that serve at its end."""
    made = []

    def make(*parties, **options):
        for party in parties:
            made.append(Node.make(party, tmp_path / party, **options))
        return made[-1] if len(parties) == 1 else made[-len(parties):]

    yield make
    for node in made:
        node.stop()


@pytest.fixture(scope="session")
def paired_template(tmp_path_factory):
    """CN, RU and VN; CN is paired with both. Made once, copied for each test."""
    folder = tmp_path_factory.mktemp("paired")
    cn, ru, vn = (Node.make(party, folder / party) for party in ("CN", "RU", "VN"))
    pair(cn, ru)
    pair(cn, vn)
    return folder


@pytest.fixture
def federation(paired_template, tmp_path):
    """CN, RU and VN in exercise mode, none of them serving; CN is paired with RU and VN."""
    folder = tmp_path / "federation"
    shutil.copytree(paired_template, folder)
    made = [Node(party, folder / party) for party in ("CN", "RU", "VN")]
    yield made
    for node in made:
        node.stop()
