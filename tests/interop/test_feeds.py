"""A node reads from the servers of others, through their restarts: everything, and once."""

import hashlib
import json
import ssl

import pytest

from foreign import PASSWORD, USER, Medallion, OpenTaxii
from harness import Node, indicator

FIRST, MORE = 620, 210  # the first need a second page: the reader asks for 500
POST_OBJECTS = 100

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def pin_of(server):
    with open(server.certificate, encoding="ascii") as file:
        return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()


def post(server, objects):
    collection = server.collection()
    for first in range(0, len(objects), POST_OBJECTS):
        part = objects[first:first + POST_OBJECTS]
        assert collection.add_objects({"objects": part}).success_count == len(part), server.told()


def content(number):
    """Neither the order of names nor the writing of numbers is the originator's afterwards."""
    return indicator(number, confidence=number % 101, labels=["é", "\u2028"])


@pytest.mark.parametrize("kind", [Medallion, OpenTaxii])
def test_a_feed_brings_everything_once(kind, tmp_path):
    server = kind(tmp_path / "server")
    given = [content(number) for number in range(FIRST)]
    try:
        if kind is Medallion:  # which gives what was posted at once one date, too
            server.fill(given, "2026-11-23T05:00:00.000000Z")
            server.start()
        else:
            post(server.start(), given)
        node = Node.make("VN", tmp_path / "VN")
        credentials = tmp_path / "credentials.json"
        credentials.write_text(json.dumps({"user": USER, "password": PASSWORD}), encoding="utf-8")
        node.answer("feed", "add", "--name", "wares", "--url", f"{server.address}/taxii2/",
                    "--collection", server.collection().id, "--pin", pin_of(server),
                    "--credentials", credentials, "--tlp", "green")
        told = node.answer("feed", "pull", "wares")
        assert (told["finished"], told["added"], told["refused"], told["lost"],
                told["lost_unknown"]) == (True, FIRST, 0, 0, False)

        server.stop()
        assert not node.answer("feed", "pull", "wares", code=3)["finished"]
        server.start()
        more = [content(number) for number in range(FIRST, FIRST + MORE)]
        post(server, more)
        told = node.answer("feed", "pull", "wares")
        assert (told["finished"], told["added"], told["refused"], told["lost"],
                told["lost_unknown"]) == (True, MORE, 0, 0, False)
        assert node.answer("feed", "pull", "wares")["added"] == 0
        assert sorted(row["id"] for row in node.records()) == \
            sorted(item["id"] for item in given + more)
        node.verify()
    finally:
        server.stop()
