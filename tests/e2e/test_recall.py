"""A recall is chased to everyone who got the record, and each confirms it."""

import json

import pytest

from harness import (INBOX, Peer, assert_taxii_error, bundle, canonical, identifier, indicator,
                     pair, sign)

RECORD = identifier("indicator", 1)
TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


@pytest.fixture
def three(nodes, tmp_path):
    """CN, RU and BY, all paired and serving; RU and, with CN's consent, BY hold CN's record."""
    cn, ru, by = nodes("CN", "RU", "BY")
    for one, other in ((cn, ru), (ru, by), (cn, by)):
        pair(one, other)
    for node in (cn, ru, by):
        node.serve()
    path = tmp_path / "given.json"
    path.write_text(bundle(indicator(1, object_marking_refs=[TLP_CLEAR])))
    cn.answer("import", path)
    assert cn.answer("release", RECORD, "--to", "RU")["parties"][0]["sent"][0]["accepted"] == 1
    request = ru.answer("consent", "ask", RECORD, "--to", "BY")["requests"][0]["request"]
    cn.answer("consent", "grant", request)
    assert ru.answer("release", RECORD, "--to", "BY")["parties"][0]["sent"][0]["accepted"] == 1
    return cn, ru, by


def recalls(node):
    return node.answer("recall", "list")["recalls"]


def states(node):
    return [(record["state"], record.get("reason")) for record in node.records()]


def verify_all(*nodes):
    for node in nodes:
        node.verify()


def test_a_recall_is_chased_and_confirmed(three):
    cn, ru, by = three
    view = "/comity/collections/records/objects/"
    assert Peer(ru, cn).get(view).json()["objects"] and Peer(by, ru).get(view).json()["objects"]
    done = cn.answer("recall", RECORD, "--reason", "false-positive")
    assert [(row["party"], row["records"]) for row in done["recalls"]] == [("RU", 1)]
    # At the sender it ends at once.
    assert Peer(ru, cn).get(view).json() == {}
    row = cn.answer("release", RECORD, "--to", "RU", code=1)["parties"][0]
    assert "recalled" in {reason["code"] for reason in row["held"][0]["verdict"]["reasons"]}
    # At the recipient, too; and it goes on.
    assert states(ru) == [("quarantined", "recalled by CN")]
    assert Peer(by, ru).get(view).json() == {}
    ru.run("statements", "send", code=None)
    by.run("statements", "send", code=None)
    ru.run("statements", "send", code=None)
    assert states(by) == [("quarantined", "recalled by RU")]
    (at_cn,) = recalls(cn)
    assert (at_cn["state"], at_cn["copies"], at_cn["passed_on"], at_cn["awaiting"]) == \
        ("confirmed", 1, 1, 0)
    assert {(row["ours"], row["party"], row["state"]) for row in recalls(ru)} == \
        {(False, "CN", "confirmed"), (True, "BY", "confirmed")}
    assert [(row["party"], row["state"]) for row in recalls(by)] == [("RU", "confirmed")]
    assert "nobody" in cn.run("recall", RECORD, "--reason", "law", code=2).stderr
    verify_all(cn, ru, by)


def test_while_a_party_is_away_its_confirmation_is_awaited(three):
    cn, ru, by = three
    by.stop()
    cn.answer("recall", RECORD, "--to", "RU", "--reason", "wrong-content")
    ru.run("statements", "send", code=None)
    (at_cn,) = recalls(cn)
    assert (at_cn["state"], at_cn["passed_on"], at_cn["awaiting"]) == ("awaiting", 1, 1)
    by.serve()
    for node in (ru, by, ru):
        node.run("statements", "send", code=None)
    assert recalls(cn)[0]["state"] == "confirmed"
    assert states(by) == [("quarantined", "recalled by RU")]
    verify_all(cn, ru, by)


def test_only_who_disclosed_may_recall(three, tmp_path):
    cn, ru, by = three
    with cn.store() as store:
        (sent,) = store.execute("SELECT bytes FROM protocol WHERE kind = 'comity-disclosure'"
                                ).fetchone()
        (like,) = store.execute("SELECT bytes FROM protocol WHERE kind = 'comity-consent'"
                                ).fetchone()
    disclosure, like = json.loads(sent), json.loads(like)
    digest = disclosure["records"][0]["digest"]
    before = ru.counts()

    def post(sender, key, **members):
        body = {"records": [digest], "disclosures": [disclosure["id"]], "reason": "law", **members}
        # A list without items is left out.
        statement = sign({**like, "type": "comity-recall", "from": sender.party,
                          "id": identifier("comity-recall", 1),
                          "body": {name: value for name, value in body.items() if value != []}},
                         key.folder / "keys/node.pem", tmp_path)
        return Peer(sender, ru).request("POST", INBOX,
                                        body=b'{"objects":[' + canonical(statement) + b"]}")

    # BY did not disclose it to RU, by that disclosure or any other.
    assert_taxii_error(post(by, by), 403)
    assert_taxii_error(post(by, by, disclosures=[]), 403)
    assert_taxii_error(post(cn, by), 403)
    # CN recalls what it has not disclosed to RU: the same answer for what RU holds and for what
    # it does not.
    unknown = post(cn, cn, disclosures=[], records=["sha256:" + "0" * 64])
    assert_taxii_error(unknown, 403)
    assert unknown.json()["description"] == \
        post(by, by, disclosures=[]).json()["description"]
    assert_taxii_error(post(cn, cn, reason="because"), 400)
    assert ru.counts() == before and states(ru) == [("live", None)]
    # And what is CN's own it may.
    assert post(cn, cn).status == 202 and states(ru) == [("quarantined", "recalled by CN")]
    again = ru.counts()
    assert post(cn, cn).status == 202 and ru.counts() == again
