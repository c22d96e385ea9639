"""Acts of two: verification by two legal advisers, each with the key file of an officer; and the
alarm of the break-glass account, which another person has to see."""

import re

import pytest

from operators import Person, person

AGREEMENT = "xa-xb-2024"


@pytest.fixture(scope="module")
def office(paged_node, tmp_path_factory):
    """An operational node of XA with three officers, two legal advisers among them, and accounts
    for the two: node, people and key files by name."""
    folder = tmp_path_factory.mktemp("two-persons")
    node = paged_node("XA", folder, exercise=None)
    keys = {}
    for name, role, by in (("One", "legal-adviser", ()), ("Two", "legal-adviser", ()),
                           ("Duty", "duty-officer", ("One", "Two"))):
        key = folder / f"{name}.pem"
        secret = key.with_suffix(".pass")
        secret.write_text(f"the secret of {name}\n", encoding="utf-8")
        signed = [part for signer in by for part in (
            "--officer", keys[signer], "--passphrase-file", keys[signer].with_suffix(".pass"))]
        node.run("officer", "add", name, "--role", role, "--key", key, "--passphrase-file", secret,
                 *signed)
        keys[name] = key
    # The first of a role is founded by the operator; the second waits for the first, who confirms.
    people = {"One": person(node, "one", "legal-adviser", clock=node.clock)}
    admin = person(node, "admin", "administrator", clock=node.clock)
    made = admin.post("/account-changes", {"change": "add", "account": "two", "name": "Two",
                                           "roles": ["legal-adviser"]})
    assert made["state"] == "waiting"
    done = people["One"].post(f"/account-changes/{made['id']}/confirmation",
                              people["One"].fresh())
    second = Person(node, "two", ["legal-adviser"], node.clock)
    second.set_up(done["link"])
    second.sign_in()
    people["Two"] = second
    return node, people, keys


def clause_of(someone):
    return someone.get(f"/agreements/{AGREEMENT}")["clauses"][0]


def place_of(here, clause):
    return here.page.locator(f"[id='{clause['id']}']")


def sign(here, key, passphrase):
    here.page.locator("input[type=file]").set_input_files(str(key))
    here.field("sign.passphrase", here.dialog()).fill(passphrase)
    here.button("sign.submit", here.dialog()).click()


def test_a_clause_is_verified_by_two_persons_at_two_browsers(office, visit):
    node, people, keys = office
    clause = clause_of(people["One"])
    assert clause["verification"] is None
    sent = []

    one = visit(node).carry(people["One"])
    one.expected.update((400, 403, 409))
    one.page.on("request", lambda request: sent.append(
        (request.url, request.post_data or "")))
    one.go(f"/agreements/{AGREEMENT}#{clause['id']}")
    one.button("agreements.verify", place_of(one, clause)).click()
    one.field("agreements.verify-source", one.dialog()).fill("the signed original, page 2")
    one.field("agreements.verify-date", one.dialog()).fill("2026-01-15")
    one.button("agreements.verify-next", one.dialog()).click()
    # A wrong passphrase opens nothing and signs nothing.
    sign(one, keys["One"], "not the passphrase")
    one.dialog().get_by_role("alert").wait_for()
    assert clause_of(people["One"])["verification"] is None
    assert people["One"].get("/approvals")["items"] == []
    sign(one, keys["One"], "the secret of One")
    one.dialog().wait_for(state="hidden")
    (waiting,) = people["One"].get("/approvals")["items"]
    assert [signature["officer"] for signature in waiting["signatures"]] == ["One"]
    assert waiting["state"] == "waiting" and clause_of(people["One"])["verification"] is None

    # One person is not two, with whatever key: the same officer's signature again is refused.
    one.go(f"/agreements/{AGREEMENT}#{clause['id']}")
    one.button("agreements.verify-second", place_of(one, clause)).click()
    sign(one, keys["One"], "the secret of One")
    one.dialog().get_by_role("alert").wait_for()
    # A key of another role signs no verification.
    two = visit(node).carry(people["Two"])
    two.expected.update((400, 403, 409))
    two.page.on("request", lambda request: sent.append(
        (request.url, request.post_data or "")))
    two.go(f"/agreements/{AGREEMENT}#{clause['id']}")
    two.button("agreements.verify-second", place_of(two, clause)).click()
    two.dialog().get_by_text("the signed original, page 2").first.wait_for()
    sign(two, keys["Duty"], "the secret of Duty")
    two.dialog().get_by_role("alert").wait_for()
    assert clause_of(people["One"])["verification"] is None
    # The second adviser's does.
    sign(two, keys["Two"], "the secret of Two")
    two.dialog().wait_for(state="hidden")
    place_of(two, clause).get_by_text(
        two.words("agreements.verified-by"), exact=True).wait_for()
    verified = clause_of(people["One"])["verification"]
    assert sorted(verified["officers"]) == ["One", "Two"]
    assert (verified["source"], verified["date"]) == ("the signed original, page 2", "2026-01-15")

    # Keys and passphrases stayed in the browsers.
    for name, key in keys.items():
        lines = [line for line in key.read_text(encoding="utf-8").splitlines() if "-" not in line]
        for url, body in sent:
            assert f"the secret of {name}" not in url + body, url
            assert not any(line in url + body for line in lines), url
            assert "PRIVATE KEY" not in body
    node.verify()


def test_who_has_no_key_to_sign_with_is_offered_none(office, visit):
    node, people, _ = office
    auditor = person(node, "auditor", "auditor", clock=node.clock)
    here = visit(node).carry(auditor)
    here.go(f"/agreements/{AGREEMENT}")
    assert here.button("agreements.verify").count() == 0
    assert here.button("agreements.verify-second").count() == 0


def test_an_operational_node_says_nothing_of_an_exercise(office, visit):
    node, people, _ = office
    inside, outside = visit(node).carry(people["One"]), visit(node)
    outside.expected.add(401)
    for here in (inside, outside):
        here.go("/today")
        assert here.page.locator(".exercise-banner").count() == 0
        assert here.words("exercise.banner") not in here.page.inner_text("body")
        assert here.page.evaluate("getComputedStyle(document.body).backgroundImage") == "none"


def test_the_alarm_of_the_break_glass_account_stays_until_another_has_seen_it(demo, visit):
    node = demo.nodes["VN"]
    duty, auditor = demo.person("VN", "duty"), demo.another("VN", "auditor", "auditor")
    emergency = Person(node, "break-glass", ["administrator"], demo.clock)
    emergency.set_up(node.answer("account", "break-glass")["change"]["link"])

    one = visit(node).carry(duty)
    heading = one.page.get_by_role("heading", name=re.compile(
        re.escape(one.words("today-page.alarms"))))
    one.go("/today")
    assert heading.count() == 0

    # Whoever signs in with it sees what it is, on every page.
    two = visit(node).sign_in(emergency)
    for path in ("/today", "/agreements", "/node"):
        two.go(path)
        assert two.says("session.break-glass").is_visible()

    # The others see it by themselves, and it does not go away by reading.
    heading.wait_for()
    one.go("/today")
    heading.wait_for()
    assert one.button("today-page.acknowledge").count() == 0

    three = visit(node).carry(auditor)
    three.expected.add(403)
    three.go("/today")
    three.button("today-page.acknowledge").click()
    three.field("sign-in.code", three.dialog()).fill(auditor.factor.wrong())
    three.button("code.confirm", three.dialog()).click()
    three.dialog().get_by_role("alert").wait_for()
    three.field("sign-in.code", three.dialog()).fill(auditor.factor.code())
    three.button("code.confirm", three.dialog()).click()
    three.dialog().wait_for(state="hidden")
    heading.wait_for(state="hidden")
    assert duty.get("/today")["alarms"] == []
