"""A received record goes on to a third party with its originator's consent and not without."""

import json

import pytest

from harness import (INBOX, Peer, assert_taxii_error, bundle, canonical,
                     envelope_of, identifier, indicator, pair, sign)

RECORD = identifier("indicator", 1)
TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"


@pytest.fixture
def three(nodes):
    """CN, RU and BY, all paired and serving; RU holds a record of CN's."""
    cn, ru, by = nodes("CN", "RU", "BY")
    for one, other in ((cn, ru), (ru, by), (cn, by)):
        pair(one, other)
    for node in (cn, ru, by):
        node.serve()
    give(cn, indicator(1, object_marking_refs=[TLP_CLEAR]))
    return cn, ru, by


def give(cn, *objects):
    path = cn.folder.parent / "given.json"
    path.write_text(bundle(*objects))
    cn.answer("import", path)
    ids = [item["id"] for item in objects]
    row = cn.answer("release", *ids, "--to", "RU")["parties"][0]
    assert row["held_back"] == 0 and all(sent["receipt"] for sent in row["sent"])


def verdict(node, party, record=RECORD):
    rows = node.answer("preview", record)["parties"]
    return next(row["verdict"] for row in rows if row["party"] == party)


def release(node, party, code=0):
    return node.answer("release", RECORD, "--to", party, code=code)["parties"][0]


def ask(ru):
    asked = ru.answer("consent", "ask", RECORD, "--to", "BY")
    assert [row["originator"] for row in asked["requests"]] == ["CN"]
    assert all(row["taken"] for row in asked["told"])
    return asked["requests"][0]["request"]


def listed(node):
    return node.answer("consent", "list")["consents"]


def verify_all(*all_nodes):
    for node in all_nodes:
        node.verify()


def test_asked_granted_delivered_and_withdrawn(three):
    cn, ru, by = three
    before = verdict(ru, "BY")
    assert before["verdict"] == "needs"
    assert [(need["kind"], need["from"]) for need in before["needs"]] == [("consent", "CN")]
    assert release(ru, "BY", code=1)["held_back"] == 1 and by.records() == []

    request = ask(ru)
    (at_cn,) = listed(cn)
    assert (at_cn["request"], at_cn["state"], at_cn["party"], at_cn["recipient"]) == \
        (request, "unanswered", "RU", "BY")
    assert at_cn["held"] == [RECORD]
    # The message names the record by its digest alone.
    with cn.store() as store:
        (message,) = store.execute("SELECT bytes FROM protocol WHERE id = ?", (request,)).fetchone()
    assert RECORD not in bytes(message).decode() and at_cn["records"][0] in bytes(message).decode()
    assert json.loads(message)["basis"] == "procedure"

    consent = cn.answer("consent", "grant", request)["consent"]
    assert verdict(ru, "BY")["verdict"] == "permitted"
    row = release(ru, "BY")
    assert [(sent["accepted"], sent["receipt"]) for sent in row["sent"]] == [(1, True)]
    assert [(record["id"], record["originator"], record["from"], record["state"])
            for record in by.records()] == [(RECORD, "CN", "RU", "live")]
    statement = envelope_of(ru, "BY", 1).statement()
    assert [(used["consent"], used["originator"]) for used in statement["consents"]] == \
        [(consent, "CN")]
    (hop,) = statement["records"][0]["chain"]
    assert (hop["instrument"], hop["originator"]) == ("sco-2009", "CN")
    assert hop["received"] == envelope_of(cn, "RU", 1).statement()["created"]
    assert json.loads(Peer(by, ru).get("/comity/collections/records/objects/").body)["objects"]
    verify_all(cn, ru, by)

    cn.answer("consent", "withdraw", consent)
    assert listed(ru)[0]["state"] == "withdrawn" == listed(cn)[0]["state"]
    assert verdict(ru, "BY")["verdict"] == "needs"
    assert Peer(by, ru).get("/comity/collections/records/objects/").json() == {}
    verify_all(cn, ru, by)


def test_a_refusal_forbids_and_is_shown_to_nobody_else(three):
    cn, ru, by = three
    request = ask(ru)
    # A ground need not be said; one that is said is a word of the register, and the other reads it.
    wrong = cn.run("consent", "refuse", request, "--ground", "weather", code=2).stderr
    assert "--ground" in wrong and "political-offence" in wrong
    assert listed(cn)[0]["state"] == "unanswered"
    refusal = cn.answer("consent", "refuse", request, "--ground", "political-offence")["refusal"]
    assert [listed(node)[0]["ground"] for node in (cn, ru)] == ["political-offence"] * 2
    after = verdict(ru, "BY")
    assert after["verdict"] == "forbidden"
    assert "refused" in {reason["code"] for reason in after["reasons"]}
    assert release(ru, "BY", code=1)["sent"] == [] and by.records() == []
    for reader in (cn, ru):
        found = Peer(by, reader).get(f"/comity/collections/protocol/objects/{refusal}/")
        assert_taxii_error(found, 404)
    assert Peer(ru, cn).get(f"/comity/collections/protocol/objects/{refusal}/").status == 200
    assert "already" in cn.run("consent", "grant", request, code=2).stderr
    verify_all(cn, ru, by)


def test_a_new_version_needs_a_new_consent(three):
    cn, ru, by = three
    cn.answer("consent", "grant", ask(ru))
    assert verdict(ru, "BY")["verdict"] == "permitted"
    give(cn, indicator(1, object_marking_refs=[TLP_CLEAR], modified="2024-02-01T00:00:00.000Z"))
    assert verdict(ru, "BY")["verdict"] == "needs"
    cn.answer("consent", "grant", ask(ru), "--once")
    assert release(ru, "BY")["sent"][0]["accepted"] == 1
    assert verdict(ru, "BY")["verdict"] == "needs"
    assert [row["state"] for row in listed(ru)] == ["granted", "spent"]
    verify_all(cn, ru, by)


def test_an_answer_that_cannot_be_sent_waits(three):
    cn, ru, by = three
    request = ask(ru)
    ru.stop()
    done = cn.run("consent", "grant", request, code=3)
    assert "NOT SENT YET" in done.stdout
    assert listed(cn)[0]["told"] == "waiting"
    ru.serve()
    # With the next delivery it goes first.
    give(cn, indicator(2, object_marking_refs=[TLP_CLEAR]))
    assert listed(cn)[0]["told"] == "taken" and listed(ru)[0]["state"] == "granted"
    verify_all(cn, ru, by)


def test_forged_altered_and_replayed_messages_change_nothing(three, tmp_path):
    cn, ru, by = three
    request = ask(ru)
    with ru.store() as store:
        (asked,) = store.execute("SELECT bytes FROM protocol WHERE id = ?", (request,)).fetchone()
    asked = json.loads(asked)
    cn_key, by_key = cn.folder / "keys/node.pem", by.folder / "keys/node.pem"
    before = cn.counts()

    def post(client, server, *statements):
        body = b'{"objects":[' + b",".join(canonical(item) for item in statements) + b"]}"
        return Peer(client, server).request("POST", INBOX, body=body)

    # To CN: the request again is answered as the first time; anything else under its id is not.
    assert post(ru, cn, asked).status == 202
    assert_taxii_error(post(by, cn, asked), 403)
    assert_taxii_error(post(ru, cn, {**asked, "body": {**asked["body"], "recipient": "KZ"}}), 403)
    resigned = sign({**asked, "body": {**asked["body"], "recipient": "KZ"}},
                    ru.folder / "keys/node.pem", tmp_path)
    assert_taxii_error(post(ru, cn, resigned), 409)
    assert_taxii_error(post(ru, cn, asked, asked), 400, 403)
    assert cn.counts() == before

    # To RU: a consent that CN did not give.
    before = ru.counts()
    forged = {**asked, "type": "comity-consent", "from": "CN",
              "to_party": "RU", "id": "comity-consent--00000000-0000-4000-8000-000000000001",
              "body": {"request": request, "request_digest": "sha256:" + "0" * 64,
                       "answer": "granted", "records": asked["body"]["records"],
                       "recipient": "BY", "purpose": asked["body"]["purpose"], "once": False}}
    assert_taxii_error(post(by, ru, sign({**forged, "from": "BY"}, by_key, tmp_path)), 403)
    assert_taxii_error(post(by, ru, sign(forged, by_key, tmp_path)), 403)
    assert_taxii_error(post(cn, ru, sign(forged, by_key, tmp_path)), 403)
    assert_taxii_error(post(cn, ru, sign(forged, cn_key, tmp_path)), 403)  # another digest
    assert_taxii_error(post(cn, ru, sign({**forged, "exercise": "other"}, cn_key, tmp_path)), 403)
    assert ru.counts() == before
    assert verdict(ru, "BY")["verdict"] == "needs"
    verify_all(cn, ru, by)
