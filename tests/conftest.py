"""What the tests of whole nodes and those of their pages have in common."""

import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "e2e"))

from harness import COMMAND_SECONDS_MAX, ROOT, Node  # noqa: E402
from operators import Clock  # noqa: E402


@pytest.fixture(scope="session")
def shift_library(tmp_path_factory):
    library = tmp_path_factory.mktemp("clock") / "clock_shift.so"
    subprocess.run(["g++", "-shared", "-fPIC", "-O1", "-o", library,
                    ROOT / "tests/e2e/clock_shift.cpp"],
                   check=True, timeout=COMMAND_SECONDS_MAX)
    return library


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
def paged_node(shift_library):
    """Makes nodes that serve their pages, with a clock that can be set forward; stops them in the
    end. `clock` of a node is an operators.Clock."""
    made = []

    def make(party, folder, **options):
        node = Node.make(party, folder / party, **options)
        return equip(node, folder)

    def equip(node, folder):
        """The same for a node that is there already and does not serve."""
        node.clock = Clock(folder / f"clock-of-{node.party}")
        node.extra = {"LD_PRELOAD": str(shift_library), "CLOCK_SHIFT": str(node.clock.file)}
        node.serve_pages()
        made.append(node)
        return node

    make.equip = equip
    yield make
    for node in made:
        node.stop()
