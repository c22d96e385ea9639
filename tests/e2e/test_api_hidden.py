"""What somebody may not see is in no answer of the API, and not to be told from what is not there.

At its own node a party's records are hidden from administrators and oversight; changes of accounts
from those whom they do not concern. Two copies of a node, one with a record that the other has not,
answer alike to both.
"""

import re
import shutil

import pytest

from harness import Node, bundle, identifier, indicator, pair
from operators import one_of_each
from test_api_roles import MAY

HIDDEN = identifier("indicator", 4711)
NEW = identifier("indicator", 4712)  # nobody has it
WITHOUT_RECORDS = ("administrator", "oversight")
# The ledger tells whoever may read it that something was entered, and not what; what it signs is
# the same with it.
TELLS_OF_ENTRIES = ("GET /ledger", "GET /ledger/checkpoint", "GET /doctor")


@pytest.fixture(scope="module")
def two_states(paged_node, tmp_path_factory):
    """CN and a copy that has one record more, and a request to release it; who asks."""
    folder = tmp_path_factory.mktemp("two-states")
    cn = Node.make("CN", folder / "CN")
    ru = Node.make("RU", folder / "RU")
    pair(cn, ru)
    paged_node.equip(cn, folder)
    people = one_of_each(cn, cn.clock)
    cn.stop()
    shutil.copytree(cn.folder, folder / "with")
    other = Node("CN", folder / "with")
    (folder / "hidden.json").write_text(bundle(indicator(4711, name="hidden")), encoding="utf-8")
    other.run("import", folder / "hidden.json", "--tlp", "amber")
    return cn, other, people


def answers(node, people, people_of, ids):
    """Everything that these people can ask, as the node tells it: route and id → answer."""
    told = {}
    node.serve()
    try:
        for role in people_of:
            me = people[role].another_browser()
            me.sign_in()
            for route in MAY:
                method, _, template = route.partition(" ")
                if method != "GET" or route in TELLS_OF_ENTRIES or MAY[route] is None:
                    continue
                if "{" in template:
                    paths = [re.sub(r"\{\w+\}", value, template) for value in ids]
                else:
                    paths = [template] + [f"{template}?{query}" for query in (
                        f"q={HIDDEN}", f"q={NEW}", "q=hidden", "limit=1", "state=live",
                        "type=indicator", "party=RU", "from=RU")]
                for path in paths:
                    answer = me.request("GET", path)
                    # Times, the session, and whether a peer was heard of just now.
                    body = re.sub(rb'"(now|treaty_now|ends|at|since|due|last_seen|last_sign_in|'
                                  rb'csrf)":"[^"]*"|"state":"(ok|behind|unreachable|unknown)"',
                                  b"", answer.body)
                    told[role, path] = (answer.status, [
                        pair for pair in sorted(answer.headers)
                        if pair[0].lower() not in ("date", "etag", "content-length")], body)
            # And what they could try to do with it.
            for method, path, body in (
                    ("POST", "/release-requests", {"ids": ids[:1], "parties": ["RU"], "note": ""}),
                    ("POST", "/consents", {"ids": ids[:1], "recipient": "BY",
                                           "purpose": "warning"}),
                    ("POST", "/recalls", {"ids": ids[:1], "parties": ["RU"], "reason": "other"}),
                    ("PUT", f"/today/items/{ids[0]}/owner", {"owner": "me"})):
                told[role, method, path] = me.request(method, path, body).told()
            me.send("DELETE", "/session")
    finally:
        node.stop()
    return told


def test_row_2_who_may_not_see_records_learns_of_none(two_states):
    cn, other, people = two_states
    other.pages, other.extra = cn.pages, cn.extra
    other.serve()
    try:
        (record,) = [row["id"] for row in sign_in(people["analyst"]).everything("/records")
                     if row["stix_id"] == HIDDEN]
    finally:
        other.stop()
    ids = [record, "f" * len(record), HIDDEN, NEW]
    without = answers(cn, people, WITHOUT_RECORDS, ids)
    seen = answers(other, people, WITHOUT_RECORDS, ids)
    assert len(seen) > 100
    assert [key for key in seen if seen[key] != without[key]] == []
    # It would have been found: who may see it is told of it on the same routes.
    for_analyst = answers(other, people, ["analyst"], ids)
    assert any(b"4711" in answer[2] for answer in for_analyst.values())
    assert not any(b"4711" in answer[2] and ("4711" not in key[1])
                   for key, answer in seen.items() if len(key) == 2)


def sign_in(someone):
    other = someone.another_browser()
    other.sign_in()
    return other


@pytest.fixture(scope="module")
def holding(office_of_module):
    """Ids that are there: a record, a request."""
    _, people = office_of_module
    record = people["analyst"].everything("/records")[0]["id"]
    request = people["duty-officer"].post("/release-requests", {
        "ids": [record], "parties": ["RU"], "note": ""})["id"]
    return record, request


def test_row_3_not_there_and_not_visible_are_one_answer(office, holding):
    """Whoever may not see what has this id gets what they get for an id of nothing."""
    _, people = office
    record, request = holding
    nothing = ("e" * len(record), "00000000-0000-4000-8000-00000000000e")
    for role in WITHOUT_RECORDS:
        me = people[role]
        for route in MAY:
            method, _, template = route.partition(" ")
            if "{record}" not in template and "{request}" not in template:
                continue
            there = record if "{record}" in template else request
            absent = nothing[0] if "{record}" in template else nothing[1]
            body = None if method in ("GET", "DELETE") else {"ground": "no"}
            told = [me.request(method, re.sub(r"\{\w+\}", value, template), body).told()
                    for value in (there, absent)]
            assert told[0] == told[1], (role, route)


def test_row_3_what_somebody_else_proposed_is_not_withdrawn(office, holding):
    """The request of another is not to be told from none by who may not take it back."""
    _, people = office
    _, request = holding
    analyst = people["analyst"]
    answer = analyst.request("DELETE", f"/release-requests/{request}")
    assert answer.status in (403, 404)
    (row,) = [row for row in people["duty-officer"].get("/release-requests")["items"]
              if row["id"] == request]
    assert row["state"] == "waiting"


def test_row_3_already_imported_and_new_are_told_to_who_may_see_them_only(office):
    """Importing is for those who see what is there; for the others it is one refusal."""
    _, people = office
    raw = bundle(indicator(1)).encode()
    people["analyst"].post("/imports?tlp=green", raw=raw)
    for role in ("administrator", "oversight", "auditor", "rights-officer", "legal-adviser"):
        told = {people[role].request("POST", "/imports?tlp=green", raw=body).told()[2]
                for body in (raw, bundle(indicator(2)).encode())}
        assert len(told) == 1, role
