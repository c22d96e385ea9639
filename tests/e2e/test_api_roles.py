"""Who may do what at the API: every route with every role, against the table written down here.

The table is the working rule, one letter a role; openapi.json of the node says the same in x-roles,
and the node does it. A right that changes is changed in three places, and two of them say so.
"""

import re

import pytest

from operators import API, CSRF, ROLES, Client, Person, one_of_each, person

LETTERS = dict(zip("DALRHMUO", ROLES))
ALL = "DALRHMUO"
RECORDS = "DALRHU"  # who reads records, and what became of them

# What needs no sign-in has None.
MAY = {
    "POST /session": None,
    "GET /session": None,
    "POST /setup": None,
    "POST /setup/complete": None,
    "GET /openapi.json": None,
    "GET /mode": None,
    "DELETE /session": ALL,
    "PUT /session/preferences": ALL,
    "GET /events": ALL,
    "GET /node": ALL,
    "GET /parties": ALL,
    "GET /vocabulary": ALL,
    "GET /peers": "DALRMUO",
    "POST /invitations": "M",
    "POST /pairings": "M",
    "GET /ledger": "DLRMUO",
    "GET /ledger/checkpoint": "DLRMUO",
    "GET /doctor": "DMU",
    "GET /today": ALL,
    "PUT /today/items/{item}/owner": "DALRH",
    "GET /accounts": "MUO",
    "GET /account-changes": ALL,
    "POST /account-changes": "M",
    "POST /account-changes/{change}/confirmation": ALL,
    "DELETE /account-changes/{change}": "M",
    "POST /alarms/{item}/acknowledgement": "UO",
    "GET /agreements": ALL,
    "GET /agreements/{agreement}": ALL,
    "GET /agreements/{agreement}/clauses/{clause}/verification": ALL,
    "GET /officers": "DLRHMUO",
    "GET /approvals": "DLRHMUO",
    "POST /approvals": "DLRM",
    "DELETE /approvals/{approval}": "DLRM",
    "GET /records": RECORDS,
    "GET /search": RECORDS,
    "GET /records/{record}": RECORDS,
    "GET /records/{record}/recipients": RECORDS,
    "GET /inbox": RECORDS,
    "GET /outbox": RECORDS + "O",
    "GET /disclosures/{disclosure}": RECORDS,
    "POST /imports": "DAR",
    "GET /release-requests": RECORDS + "O",
    "POST /release-requests": "DAR",
    "POST /release-requests/{request}/approval": "R",
    "POST /release-requests/{request}/refusal": "RH",
    "DELETE /release-requests/{request}": "DAR",
    "GET /consents": RECORDS,
    "POST /consents": "DAR",
    "POST /consents/{consent}/grant": "R",
    "POST /consents/{consent}/refusal": "R",
    "POST /consents/{consent}/withdrawal": "R",
    "GET /recalls": RECORDS,
    "POST /recalls": "R",
    "GET /coverage": ALL,
    "GET /coverage/gaps": ALL,
    "POST /coverage/what-if": ALL,
    "GET /coverage/drawings/{kind}": ALL,
}
NOT_YOURS = "no role of this account may do that"
# What the API must not let an administrator do, whoever wrote the tables.
RELEASES = ("POST /release-requests", "POST /release-requests/{request}/approval", "POST /recalls",
            "POST /consents", "POST /consents/{consent}/grant", "POST /imports")
QUERIES = {"GET /coverage": "?party=CN", "GET /coverage/gaps": "?party=CN",
           "GET /search": "?q=a"}


def asked(client, route):
    """The answer to this route with nothing in it that could succeed by accident."""
    method, _, template = route.partition(" ")
    path = re.sub(r"\{\w+\}", "nothing-of-that-name", template)
    takes_body = "requestBody" in client.document.routes[route]
    return client.request(method, path + QUERIES.get(route, ""), {} if takes_body else None)


def test_row_4_the_document_gives_each_right_to_whom_the_table_gives_it(office):
    _, people = office
    document = people["auditor"].document
    assert set(document.routes) == set(MAY)
    for route, letters in MAY.items():
        expected = None if letters is None else {LETTERS[letter] for letter in letters}
        assert document.roles(route) == expected, route
    for route in RELEASES:
        assert "M" not in MAY[route]


@pytest.mark.parametrize("role", ROLES)
def test_row_4_every_route_is_open_to_its_roles_and_to_no_other(office, role):
    node, people = office
    me = people[role].another_browser()
    me.sign_in()
    # Signing out comes last.
    for route in sorted(MAY, key=lambda name: name == "DELETE /session"):
        before = node.counts()
        answer = asked(me, route)
        may = MAY[route] is None or role in {LETTERS[letter] for letter in MAY[route]}
        told = f"{role} {route}: {answer.status} {answer.body[:300]!r}"
        if may:
            assert not (answer.status == 403 and answer.json()["detail"] == NOT_YOURS), told
            if route.startswith("GET "):
                assert answer.status in ((400, 404) if "{" in route else (200,)), told
        else:
            assert answer.status == 403 and answer.json()["detail"] == NOT_YOURS, told
            assert answer.json()["kind"] == "not-permitted", told
            assert node.counts() == before, told


def test_row_4_nobody_gets_anything_without_signing_in(office):
    node, people = office
    nobody = Client(node.pages, document=people["auditor"].document)
    before = node.counts()
    seen = set()
    for route, letters in MAY.items():
        if letters is None:
            continue
        answer = asked(nobody, route)
        assert answer.status == 401, (route, answer.body)
        assert answer.json()["kind"] == "unauthenticated"
        seen.add(answer.body)
    assert len(seen) == 1, "what is asked for makes no difference"
    # A cookie that nobody was given is none.
    for cookie in ("", "x", "A" * 43, "A" * 4096, people["auditor"].cookie[:-1]):
        answer = nobody.request("GET", "/node", headers={"Cookie": f"comity_session={cookie}"})
        assert answer.status == 401, cookie
    twice = f"comity_session={people['auditor'].cookie}; comity_session={people['analyst'].cookie}"
    assert nobody.request("GET", "/node", headers={"Cookie": twice}).status == 401
    assert node.counts() == before


def test_row_4_a_method_that_a_path_does_not_have_is_refused(office):
    _, people = office
    me = people["releasing-officer"]
    for method, path in (("DELETE", "/records"), ("PUT", "/records"), ("PATCH", "/session"),
                         ("POST", "/ledger"), ("DELETE", "/ledger"), ("PUT", "/node"),
                         ("POST", "/records"), ("TRACE", "/node"), ("OPTIONS", "/records")):
        answer = me.plain(method, API + path, headers=[
            ("Cookie", f"comity_session={me.cookie}"), (CSRF, me.csrf)])
        assert answer.status in (400, 404, 405), (method, path, answer.status)
        assert not answer.all("Access-Control-Allow-Origin")


# --- an administrator and those above ------------------------------------------------------------


def changes(client):
    return client.get("/account-changes")["items"]


def accounts(client):
    return {row["account"]: row for row in client.get("/accounts")["items"]}


@pytest.fixture(scope="module")
def house(paged_node, tmp_path_factory):
    node = paged_node("KZ", tmp_path_factory.mktemp("house"))
    return node, one_of_each(node, node.clock)


@pytest.mark.parametrize("role", [role for role in ROLES
                                  if role not in ("duty-officer", "analyst")])
def test_row_4_an_administrator_alone_touches_no_higher_role(house, role):
    """Neither its roles, nor its password and second factor (a new link), nor its end."""
    _, people = house
    admin, overseer = people["administrator"], people["oversight"]
    subject = role if role != "administrator" else "oversight"
    before = accounts(admin)
    wanted = [{"change": "link", "account": subject},
              {"change": "add", "account": f"second-{role}", "name": "Another", "roles": [role]},
              {"change": "roles", "account": "duty-officer", "roles": [role]}]
    for change in wanted:
        answer = admin.request("POST", "/account-changes", change)
        if change["change"] == "link" and subject == "oversight":
            # Nobody could be the second person for the one account of oversight.
            assert answer.status == 403 and accounts(admin) == before
            continue
        made = answer.json()
        assert made["state"] == "waiting" and made["link"] is None, change
        again = admin.request("POST", f"/account-changes/{made['id']}/confirmation", admin.fresh())
        assert again.status == 403, change
        assert accounts(admin) == before, change
        assert any(row["id"] == made["id"] for row in changes(overseer))
        admin.send("DELETE", f"/account-changes/{made['id']}")
    # What was taken back cannot be confirmed any more.
    gone = overseer.request("POST", f"/account-changes/{made['id']}/confirmation",
                            overseer.fresh())
    assert gone.status == 404
    assert accounts(admin) == before


def test_row_4_the_second_pair_of_eyes_makes_it_happen_and_is_another_person(house):
    node, people = house
    admin, overseer = people["administrator"], people["oversight"]
    made = admin.post("/account-changes", {"change": "add", "account": "release-two",
                                           "name": "Release Two", "roles": ["releasing-officer"]})
    # A wrong code is no pair of eyes; neither is somebody whom it does not concern.
    wrong = overseer.request("POST", f"/account-changes/{made['id']}/confirmation",
                             {"code": overseer.factor.wrong()})
    assert wrong.status == 403 and "release-two" not in accounts(admin)
    for role in ("duty-officer", "analyst"):
        other = people[role]
        hidden = other.request("POST", f"/account-changes/{made['id']}/confirmation",
                               other.fresh())
        unknown = other.request("POST", "/account-changes/00000000-0000-4000-8000-000000000000"
                                "/confirmation", other.fresh())
        assert hidden.told() == unknown.told() and hidden.status == 404
        assert made["id"] not in {row["id"] for row in changes(other)}
    done = people["releasing-officer"].post(f"/account-changes/{made['id']}/confirmation",
                                            people["releasing-officer"].fresh())
    assert done["state"] == "done" and done["link"]
    newcomer = Person(node, "release-two", ["releasing-officer"], node.clock)
    shown = newcomer.set_up(done["link"])
    assert shown["roles"] == ["releasing-officer"]
    newcomer.sign_in()
    assert newcomer.get("/session")["roles"] == ["releasing-officer"]


def test_row_4_an_administrator_adds_those_who_neither_release_nor_look_over(house):
    node, people = house
    admin = people["administrator"]
    made = admin.post("/account-changes", {"change": "add", "account": "night-shift",
                                           "name": "Night Shift",
                                           "roles": ["duty-officer", "analyst"]})
    assert made["state"] == "done" and made["link"]
    newcomer = Person(node, "night-shift", ["duty-officer", "analyst"], node.clock)
    newcomer.set_up(made["link"])
    newcomer.sign_in()
    assert set(newcomer.get("/session")["roles"]) == {"duty-officer", "analyst"}
    # An administrator is nothing else besides.
    for roles in (["administrator", "releasing-officer"], ["administrator", "duty-officer"], []):
        refused = admin.request("POST", "/account-changes", {
            "change": "add", "account": "both", "name": "Both", "roles": roles})
        assert refused.status in (400, 403), roles
    # Ending counts at once, for sessions that are open, too.
    assert newcomer.get("/node")["party"] == "KZ"
    admin.post("/account-changes", {"change": "end", "account": "night-shift"})
    assert newcomer.request("GET", "/node").status == 401


def test_a_role_that_is_taken_away_counts_for_open_sessions(house):
    node, people = house
    admin = people["administrator"]
    both = person(node, "two-hats", "duty-officer", "analyst", clock=node.clock)
    assert both.request("GET", "/ledger").status == 200
    admin.post("/account-changes", {"change": "roles", "account": "two-hats",
                                    "roles": ["analyst"]})
    assert both.request("GET", "/ledger").status == 403
    assert both.request("GET", "/records").status == 200
