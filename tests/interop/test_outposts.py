"""A node writes to the servers of others: what a party may have arrives there, and nothing else."""

import hashlib
import json
import ssl

import pytest

from foreign import PASSWORD, USER, Medallion, OpenTaxii
from harness import INCIDENTS, Node, bundle, indicator
from served import all_of

TLP_RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def pin_of(server):
    with open(server.certificate, encoding="ascii") as file:
        return "sha256:" + hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()


@pytest.fixture(params=[Medallion, OpenTaxii])
def foreign(request, tmp_path):
    server = request.param(tmp_path / "server").start()
    yield server
    server.stop()


@pytest.fixture
def node(foreign, tmp_path):
    """CN, which writes to `foreign` for RU."""
    made = Node.make("CN", tmp_path / "CN")
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({"user": USER, "password": PASSWORD}), encoding="utf-8")
    made.run("outpost", "add", "--name", "ru-cert", "--party", "RU", "--exercise", "demo",
             "--url", f"{foreign.address}/taxii2/", "--collection", foreign.collection().id,
             "--pin", pin_of(foreign), "--credentials", credentials)
    return made


def release(node, what):
    (row,) = node.answer("release", what, "--to", "RU", code=None)["parties"]
    return row


def test_what_a_party_may_have_arrives_and_nothing_else(node, foreign):
    path = INCIDENTS / "wannacry-2017.json"
    content = {item["id"]: item
               for item in json.loads(path.read_text(encoding="utf-8"))["objects"]}
    report = node.answer("import", path)
    row = release(node, report["import"])
    # What a server answers with 500 is taken as refused at the third attempt.
    for _ in range(2):
        if any(not one["acknowledged"] for one in row["sent"]):
            row = release(node, report["import"])
    held = {item["id"] for item in row["held"]}
    permitted = {name: item for name, item in content.items() if name not in held}
    takes = {name: item for name, item in permitted.items() if foreign.takes(item)}
    marked_by = {name: set(item.get("object_marking_refs", ())) for name, item in takes.items()}
    there = all_of(foreign.collection(), per_request=100)
    records = {item["id"]: item for item in there if not item["type"].startswith("comity-")}
    # Equal as JSON values; what is not permitted is not there, nor what it could not hold.
    assert all(content[name] == item for name, item in records.items())
    assert set(records) <= set(takes), foreign.told()
    assert set(takes) - set(records) <= \
        {name for name, refs in marked_by.items() if refs - set(takes)}
    assert len(records) > len(permitted) / 3
    disclosures = [item for item in there if item["type"] == "comity-disclosure"]
    sent = node.answer("receipt", "list", "--party", "RU")["sent"]
    assert len(disclosures) == len(sent) > 0
    assert {one["to_party"] for one in disclosures} == {"RU"}
    assert all(one["basis"] for one in disclosures)
    assert {one["state"] for one in sent} == {"acknowledged"}
    assert sum(one["taken"] for one in sent) == len(records)
    assert sum(one["taken"] + one["refused"] for one in sent) == len(permitted)
    found = node.verify()
    assert found["receipts"] == 0 and found["receipts_missing"] == len(sent)


def test_what_is_not_permitted_never_arrives(node, foreign, tmp_path):
    secret = indicator(1, object_marking_refs=[TLP_RED])
    path = tmp_path / "secret.json"
    path.write_text(bundle(secret, indicator(2)), encoding="utf-8")
    report = node.answer("import", path, "--tlp", "clear")
    row = release(node, report["import"])
    assert [item["id"] for item in row["held"]] == [secret["id"]]
    assert row["sent"][0]["acknowledged"], row
    there = all_of(foreign.collection(), per_request=100)
    assert sorted(item["type"] for item in there) == ["comity-disclosure", "indicator"]
    assert indicator(2) in there


def test_many_objects_arrive_once_through_a_restart(node, foreign, tmp_path):
    objects = [indicator(number, confidence=number % 101, labels=["é"]) for number in range(250)]
    path = tmp_path / "many.json"
    path.write_text(bundle(*objects), encoding="utf-8")
    report = node.answer("import", path, "--tlp", "clear")
    foreign.stop()
    row = release(node, report["import"])
    assert not row["sent"][0]["acknowledged"] and row["sent"][0]["taken"] == 0
    foreign.start()
    (told,) = release(node, report["import"])["sent"]
    assert (told["acknowledged"], told["taken"], told["refused"]) == (True, 250, 0)
    there = {item["id"]: item for item in all_of(foreign.collection(), per_request=100)
             if item["type"] == "indicator"}
    assert there == {item["id"]: item for item in objects}
    assert release(node, report["import"])["sent"] == []
    node.verify()
