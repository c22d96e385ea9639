"""Objects go from a node into the servers of others, and from there into a node."""

import json

import pytest
from requests.exceptions import HTTPError

from foreign import Medallion, OpenTaxii
from harness import Node

from served import all_of

POST_OBJECTS = 50

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(scope="module", params=[Medallion, OpenTaxii])
def foreign(request, served, tmp_path_factory):
    """A foreign server that was given everything which the node serves."""
    server = request.param(tmp_path_factory.mktemp("foreign") / "server").start()
    try:
        collection = server.collection()
        given = [item for item in all_of(served.records()) if server.takes(item)]
        for first in range(0, len(given), POST_OBJECTS):
            part = given[first:first + POST_OBJECTS]
            status = collection.add_objects({"objects": part})
            assert (status.status, status.success_count) == ("complete", len(part)), server.told()
        yield server
    finally:
        server.stop()


def test_a_foreign_server_holds_what_a_node_has_served(served, foreign):
    held = all_of(foreign.collection(), per_request=100)
    expected = {name: item for name, item in served.objects.items() if foreign.takes(item)}
    assert {item["id"]: item for item in held} == expected
    assert len(held) == len(expected) > len(served.objects) / 2
    for item in [item for item in served.objects.values() if not foreign.takes(item)][:1]:
        with pytest.raises(HTTPError) as caught:
            foreign.collection().add_objects({"objects": [item]})
        assert caught.value.response.status_code == 500


def test_what_a_foreign_server_gives_can_be_imported(served, foreign, tmp_path):
    held = all_of(foreign.collection(), per_request=100)
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps({"type": "bundle", "objects": held,
                                "id": "bundle--5f9d7d4c-7f0c-4a3c-9c8e-0f6a5a3b7c1d"}),
                    encoding="utf-8")
    node = Node.make("VN", tmp_path / "VN")
    report = node.answer("import", path)
    assert (report["objects"], report["added"], report["refused"]) == (len(held), len(held), 0)
    # The same content as at the node where it comes from, whatever the spelling of the JSON.
    names = {item["id"] for item in held}
    assert {(row["id"], row["digest"]) for row in node.records()} == \
        {(row["id"], row["digest"]) for row in served.node.records() if row["id"] in names}


def test_medallion_gives_everything_of_one_date(served, tmp_path):
    """What was added at one instant comes in pages all the same, and after a restart again."""
    server = Medallion(tmp_path / "server")
    given = list(served.objects.values())
    server.fill(given, "2026-11-23T05:00:00.000000Z")
    try:
        for _ in range(2):
            server.start()
            assert all_of(server.collection(), per_request=40) == given
            server.stop()
    finally:
        server.stop()
