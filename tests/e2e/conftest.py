"""Nodes for the tests of the whole program."""

import shutil

import pytest

from harness import ROOT, Node, pair
from operators import one_of_each
from submitting import OUTSIDE, Submitter, writer


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


@pytest.fixture
def written(federation):
    """CN serves; `sensor` writes in its own name, `outside` in that of a party without node."""
    cn, ru, vn = federation
    cn.serve()
    sensor = Submitter(cn, "sensor", writer(cn, "CN", "sensor"))
    outside = Submitter(cn, "outside", writer(cn, OUTSIDE, "outside"))
    yield cn, ru, sensor, outside
    sensor.close()
    outside.close()


@pytest.fixture
def set_clock(shift_library, tmp_path):
    """Sets the clock of a node's processes so many seconds wrong, running ones too."""
    def shift(node, seconds):
        path = tmp_path / f"clock-of-{node.party}"
        path.write_text(f"{seconds}\n", encoding="utf-8")
        node.extra = {"LD_PRELOAD": str(shift_library), "CLOCK_SHIFT": str(path)}
    return shift


@pytest.fixture(scope="module")
def office_of_module(paged_node, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    node = Node.make("CN", folder / "CN")
    pair(node, Node.make("RU", folder / "RU"))  # who does not serve
    paged_node.equip(node, folder)
    node.run("import", ROOT / "examples/incidents/log4shell-2021.json", "--tlp", "green")
    return node, one_of_each(node, node.clock)


@pytest.fixture
def office(office_of_module):
    """CN, paired with RU, with one account of each role and some records: node and people, all
    signed in. Tests that set its clock forward do so by minutes."""
    for someone in office_of_module[1].values():
        someone.get("/session")  # a session that is used does not run out
    return office_of_module
