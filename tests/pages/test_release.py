"""Release with four eyes: two persons at two browsers; refusals; consent between two nodes."""

import re
import urllib.parse

import pytest

from harness import bundle, identifier, indicator, until

DELIVERY_SECONDS_MAX = 60
# On these a party may refuse under every register (docs/formats/semantics-1.md, section 12).
KEPT = {"political-offence", "sex", "race", "language", "religion", "nationality", "ethnic-origin",
        "political-opinion"}


def imported(person, number, **members):
    """A new record at the person's node; its row."""
    person.post("/imports?tlp=green", raw=bundle(indicator(number, **members)).encode())
    (row,) = person.get(f"/records?q={identifier('indicator', number)}")["items"]
    return row


def recipients(person, record):
    """party → answer. Not held against the document here, which takes seconds for two hundred
    parties; the tests of the API do that."""
    answer = person.get(f"/records/{record}/recipients", check=False)
    return {row["party"]: row for row in answer["parties"]}


def card(here, request):
    return here.page.locator(f"[id='{request['id']}']")


def test_release_takes_two_persons_at_two_browsers(demo, visit):
    duty, release = demo.person("CN", "duty"), demo.person("CN", "release")
    row = imported(duty, 501, name="for the four eyes")

    # The duty officer proposes from the record page.
    one = visit(duty.node).carry(duty)
    one.go(f"/exchange/records/{row['id']}")
    one.button("record.propose-open").click()
    dialog = one.dialog()
    dialog.get_by_role("checkbox", name=re.compile("KZ")).check()
    one.field("exchange.note", dialog).fill("seen twice this week")
    one.button("record.propose", dialog).click()
    one.says("record.proposed").wait_for()
    (request,) = [item for item in duty.get("/release-requests?state=waiting")["items"]
                  if row["id"] in item["ids"] or row["stix_id"] in item["ids"]]
    assert request["proposed_by"] == "duty" and request["parties"] == ["KZ"]
    one.go("/exchange/release-requests")
    assert card(one, request).get_by_text("seen twice this week").is_visible()
    assert one.button("exchange.approve", card(one, request)).count() == 0
    assert not recipients(duty, row["id"])["KZ"]["already"]

    # Nobody approves alone, whatever the page offers.
    refused = duty.request("POST", f"/release-requests/{request['id']}/approval", duty.fresh())
    assert refused.status == 403

    # The releasing officer, at another browser, with a code of their own.
    two = visit(release.node).carry(release)
    two.expected.add(403)
    two.go("/exchange/release-requests")
    two.button("exchange.approve", card(two, request)).click()
    two.field("exchange.code", two.dialog()).fill(release.factor.wrong())
    two.button("exchange.approve", two.dialog()).click()
    two.dialog().get_by_role("alert").wait_for()
    assert duty.get("/release-requests?state=waiting")["items"]
    two.field("exchange.code", two.dialog()).fill(release.factor.code())
    two.button("exchange.approve", two.dialog()).click()
    card(two, request).get_by_text(two.words("exchange.request.released"), exact=True).wait_for()
    assert card(two, request).get_by_text(re.compile("KZ")).first.is_visible()

    # It has gone, with a receipt, and the first browser hears of it by itself.
    card(one, request).get_by_text(one.words("exchange.request.released"), exact=True).wait_for()
    assert recipients(duty, row["id"])["KZ"]["already"]
    there = demo.person("KZ", "duty")
    (arrived,) = there.get(f"/records?q={row['stix_id']}")["items"]
    assert arrived["received_from"] == "CN" and arrived["state"] == "live"
    (sent,) = [item for item in duty.get("/outbox")["items"] if item["party"] == "KZ"][:1]
    assert sent["state"] == "receipt" and sent["basis"]
    duty.node.verify()


def test_who_proposed_does_not_approve_even_a_releasing_officer(demo, visit):
    release = demo.person("CN", "release")
    row = imported(release, 502)
    request = release.post("/release-requests", {"ids": [row["id"]], "parties": ["KZ"],
                                                 "note": ""})
    here = visit(release.node).carry(release)
    here.go("/exchange/release-requests")
    assert here.button("exchange.withdraw", card(here, request)).is_visible()
    assert here.button("exchange.approve", card(here, request)).count() == 0
    assert card(here, request).get_by_text(here.words("exchange.own-proposal")).is_visible()
    answer = release.request("POST", f"/release-requests/{request['id']}/approval",
                             release.fresh())
    assert answer.status == 403
    assert not recipients(release, row["id"])["KZ"]["already"]


def test_a_refusal_has_a_ground_that_the_proposer_reads(demo, visit):
    duty, release = demo.person("CN", "duty"), demo.person("CN", "release")
    row = imported(duty, 503)
    request = duty.post("/release-requests", {"ids": [row["id"]], "parties": ["KZ"], "note": ""})
    two = visit(release.node).carry(release)
    two.go("/exchange/release-requests")
    two.button("exchange.refuse", card(two, request)).click()
    two.field("exchange.ground", two.dialog()).fill("the source asked us to wait")
    two.button("exchange.refuse", two.dialog()).click()
    card(two, request).get_by_text(two.words("exchange.request.refused"), exact=True).wait_for()
    one = visit(duty.node).carry(duty)
    one.go("/exchange/release-requests")
    assert card(one, request).get_by_text("the source asked us to wait").is_visible()
    assert not recipients(duty, row["id"])["KZ"]["already"]


@pytest.fixture(scope="module")
def refused(demo):
    """A record of China at RU that may not go on to BY, and the article that stands in the way."""
    someone = demo.person("RU", "duty")
    for row in someone.everything("/records?from=CN&state=live"):
        answer = recipients(someone, row["id"])["BY"]
        if answer["verdict"] == "permitted":
            continue
        for citation in [*answer["basis"], *(reason["citation"] for reason in answer["reasons"])]:
            if citation and citation["article"]:
                return row["id"], citation
    raise AssertionError("no refusal towards BY names an article")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_refusal_names_its_article(demo, visit, refused, language):
    """Why it may not go: the article, as a sentence, and the way to read it."""
    someone = demo.person("RU", "duty")
    record, citation = refused
    here = visit(someone.node, language=language).carry(someone)
    here.go(f"/exchange/records/{record}")
    answer = here.page.locator("#party-BY")
    if not answer.is_visible():  # the group of those without a basis is folded
        here.page.locator(".group-no-basis summary").first.click()
    for summary in answer.locator("details > summary").all():
        summary.click()
    place = answer.get_by_role("link").filter(has_text=citation["article"]).first
    assert place.is_visible()
    assert answer.locator(".sentence").first.inner_text().strip()
    place.click()
    here.page.wait_for_url(re.compile(re.escape("/agreements/" + citation["instrument"])))
    here.settled()
    assert here.page.get_by_text(citation["article"]).first.is_visible()


def test_consent_is_asked_at_one_node_and_given_at_the_other(demo, visit):
    ru, cn = demo.person("RU", "duty"), demo.person("CN", "release")
    # A relationship would wait for leave for what it names as well.
    record = next(row for row in ru.everything("/records?from=CN&state=live&type=indicator")
                  if "consent" in {need["kind"] for need in
                                   recipients(ru, row["id"])["BY"]["needs"]})

    one = visit(ru.node).carry(ru)
    one.go(f"/exchange/records/{record['id']}")
    answer = one.page.locator("#party-BY")
    assert answer.get_by_text(one.words("record.missing")).is_visible()
    one.button("record.ask-consent", answer).click()
    one.button("record.consent-ask", one.dialog()).click()
    one.dialog().get_by_text(re.compile("CN")).first.wait_for()
    (asked,) = [item for item in ru.get("/consents")["items"]
                if item["recipient"] == "BY" and item["state"] == "unanswered"]
    until(lambda: any(item["request"] == asked["request"]
                      for item in cn.get("/consents")["items"]),
          "the question arrives", DELIVERY_SECONDS_MAX)

    two = visit(cn.node).carry(cn)
    two.go("/exchange/consents")
    row = two.page.get_by_role("row").filter(has=two.button("exchange.grant")).filter(
        has_text=re.compile("BY")).first
    two.button("exchange.grant", row).click()
    two.field("exchange.code", two.dialog()).fill(cn.factor.code())
    two.button("exchange.grant", two.dialog()).click()
    two.dialog().wait_for(state="hidden")

    until(lambda: recipients(ru, record["id"])["BY"]["verdict"] == "permitted",
          "the consent arrives", DELIVERY_SECONDS_MAX)
    one.go(f"/exchange/records/{record['id']}")
    assert "recipient-permitted" in one.page.locator("#party-BY").get_attribute("class")
    for someone in (ru, cn):
        someone.node.verify()


def test_consent_is_refused_on_a_ground_that_the_other_side_reads(demo, visit):
    """HR-11: each ground that nobody may close is offered; none has to be said."""
    duty, cn, ru = (demo.person("CN", "duty"), demo.person("CN", "release"),
                    demo.person("RU", "duty"))
    row = imported(duty, 507)
    request = duty.post("/release-requests", {"ids": [row["id"]], "parties": ["RU"], "note": ""})
    cn.post(f"/release-requests/{request['id']}/approval", cn.fresh())

    def there():
        return ru.get(f"/records?q={row['stix_id']}")["items"]

    until(there, "the record arrives", DELIVERY_SECONDS_MAX)
    record = there()[0]["id"]
    (asked,) = ru.post("/consents", {"ids": [record], "recipient": "BY",
                                     "purpose": "warning"})["items"]
    until(lambda: any(item["request"] == asked["request"]
                      for item in cn.get("/consents")["items"]),
          "the question arrives", DELIVERY_SECONDS_MAX)

    two = visit(cn.node).carry(cn)
    two.go("/exchange/consents")
    place = two.page.get_by_role("row").filter(has_text=row["stix_id"])
    two.button("exchange.refuse", place).click()
    choice = two.field("exchange.refusal-ground", two.dialog())
    choice.locator("option").nth(1).wait_for(state="attached")
    offered = choice.locator("option").evaluate_all("all => all.map(one => one.value)")
    assert offered == ["", *cn.get("/vocabulary")["refusal_grounds"]] and KEPT <= set(offered)
    assert choice.input_value() == "", "nobody has to say one"
    choice.select_option("political-opinion")
    two.field("exchange.code", two.dialog()).fill(cn.factor.code())
    two.button("exchange.refuse", two.dialog()).click()
    two.dialog().wait_for(state="hidden")
    place.get_by_text(two.words("refusal-ground.political-opinion"), exact=True).wait_for()

    until(lambda: recipients(ru, record)["BY"]["verdict"] == "forbidden",
          "the refusal arrives", DELIVERY_SECONDS_MAX)
    one = visit(ru.node, language="ar").carry(ru)
    one.go("/exchange/consents")
    place = one.page.get_by_role("row").filter(has_text=row["stix_id"])
    place.get_by_text(one.words("exchange.consent-state.refused"), exact=True).wait_for()
    place.get_by_text(one.words("refusal-ground.political-opinion"), exact=True).wait_for()
    for someone in (ru, cn):
        someone.node.verify()


def test_a_bundle_is_imported_with_a_report_of_what_is_lost(demo, visit, tmp_path):
    duty = demo.person("CN", "duty")
    bad = {**indicator(505), "created": "yesterday"}
    path = tmp_path / "bundle.json"
    path.write_text(bundle(indicator(504, name="through the page"), bad), encoding="utf-8")
    here = visit(duty.node).carry(duty)
    here.go("/exchange/import")
    here.page.locator("input[type=file]").set_input_files(str(path))
    here.button("exchange.import-start").click()
    here.page.get_by_text(bad["id"]).first.wait_for()
    (row,) = duty.get(f"/records?q={identifier('indicator', 504)}")["items"]
    assert row["name"] == "through the page"
    assert duty.get(f"/records?q={urllib.parse.quote(bad['id'])}")["items"] == []


def test_a_recall_reaches_the_other_node(demo, visit):
    duty, release = demo.person("CN", "duty"), demo.person("CN", "release")
    row = imported(duty, 506, name="to be recalled")
    request = duty.post("/release-requests", {"ids": [row["id"]], "parties": ["KZ"], "note": ""})
    release.post(f"/release-requests/{request['id']}/approval", release.fresh())
    here = visit(release.node).carry(release)
    here.go(f"/exchange/records/{row['id']}")
    here.button("record.recall").first.click()
    dialog = here.dialog()
    assert dialog.get_by_role("checkbox", name=re.compile("KZ")).is_checked()
    here.page.locator("input[name=code]").fill(release.factor.code())
    here.button("record.recall", dialog).click()
    dialog.wait_for(state="hidden")
    there = demo.person("KZ", "duty")
    until(lambda: there.get(f"/records?q={row['stix_id']}")["items"][0]["state"] == "quarantined",
          "the recall is obeyed", DELIVERY_SECONDS_MAX)
