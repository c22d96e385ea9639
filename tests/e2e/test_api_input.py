"""What is sent to the API and is not as it must be: refused with its place, nothing stored."""

import datetime
import json
import re
import socket

import pytest

from harness import bundle, identifier, indicator
from operators import API, COOKIE, CSRF, Client
from test_api_roles import LETTERS, MAY

UNKNOWN = "0" * 64  # no assertion has this id
UUID = "00000000-0000-4000-8000-000000000001"
JSON_BODY_MAX = 1024 * 1024
OPEN_BODY_MAX = 64 * 1024
BUNDLE_MAX = 64 * 1024 * 1024
SEND_SECONDS_MAX = 120


def kept(node, people):
    """Everything of the node that a request could have changed, as far as accounts see it."""
    officer, overseer = people["releasing-officer"], people["oversight"]
    return (node.counts(), *(officer.get(path) for path in (
        "/release-requests", "/consents", "/recalls", "/approvals", "/outbox", "/inbox")),
        overseer.get("/accounts"), overseer.get("/account-changes"))


@pytest.fixture(scope="module")
def records(office_of_module):
    """Rows of what CN holds."""
    return office_of_module[1]["analyst"].everything("/records")


@pytest.fixture(scope="module")
def waiting(office_of_module, records):
    """A release request that waits: proposed by the duty officer."""
    _, people = office_of_module
    vulnerability = next(row for row in records if row["type"] == "vulnerability")
    return people["duty-officer"].post("/release-requests", {
        "ids": [vulnerability["id"]], "parties": ["RU"], "note": "for the test"})


# --- row 1: ids that disagree ---------------------------------------------------------------------


def test_row_1_no_id_in_a_body_or_query_overrules_that_of_the_path(office, waiting):
    node, people = office
    officer, proposer = people["releasing-officer"], people["duty-officer"]
    path = f"/release-requests/{waiting['id']}"
    before = kept(node, people)
    for body in ({"ground": "no", "request": UUID}, {"ground": "no", "id": waiting["id"]},
                 {"ground": "no", "ids": []}, {"ground": "no", "decided_by": "analyst"}):
        answer = officer.request("POST", f"{path}/refusal", body)
        assert answer.status == 400, body
        assert answer.json()["where"] == "$." + next(name for name in body if name != "ground")
    for body in ({"request": UUID}, {"parties": ["KZ"]}, {"ids": [UNKNOWN]}):
        assert officer.request("POST", f"{path}/approval", officer.fresh(body)).status == 400
    for query in (f"?request={UUID}", f"?id={waiting['id']}", "?account=oversight"):
        assert officer.request("POST", f"{path}/refusal{query}", {"ground": "no"}).status == 400
        assert proposer.request("DELETE", path + query).status == 400
    assert kept(node, people) == before


def test_row_1_an_id_of_another_kind_or_of_nothing_is_not_found(office, records, waiting):
    node, people = office
    officer, admin = people["releasing-officer"], people["administrator"]
    record, known = records[0]["id"], waiting["id"]
    before = kept(node, people)
    for other in (record, UUID, records[0]["stix_id"], known.upper() + "x", "..%2f" + known):
        for action in ("approval", "refusal"):
            body = officer.fresh() if action == "approval" else {"ground": "no"}
            answer = officer.request("POST", f"/release-requests/{other}/{action}", body)
            assert answer.status in (400, 404), (other, action)
        assert officer.request("DELETE", f"/release-requests/{other}").status in (400, 404)
    for consent in (known, record, UUID):
        for action, body in (("grant", {"once": True}), ("refusal", {}), ("withdrawal", {})):
            answer = officer.request("POST", f"/consents/{consent}/{action}", officer.fresh(body))
            assert answer.status in (400, 404), (consent, action)
    assert officer.request("DELETE", f"/approvals/{known}").status in (400, 404)
    assert admin.request("DELETE", f"/account-changes/{known}").status in (400, 404)
    auditor = people["auditor"]
    assert auditor.request("POST", f"/alarms/{known}/acknowledgement",
                           auditor.fresh()).status in (400, 404)
    for path in (f"/records/{known}", f"/disclosures/{record}", f"/records/{known}/recipients"):
        assert officer.request("GET", path).status in (400, 404), path
    assert kept(node, people) == before


def test_row_1_a_record_that_nobody_holds_is_neither_released_nor_recalled(office):
    node, people = office
    officer = people["releasing-officer"]
    before = kept(node, people)
    for route in ("POST /release-requests", "POST /consents", "POST /recalls"):
        for unknown in (UNKNOWN, identifier("indicator", 987654)):
            body = {**GOOD[route], "ids": [unknown]}
            if "code" in body:
                body["code"] = officer.factor.code()
            answer = officer.request("POST", fill(route), body)
            assert answer.status in (400, 404, 409), (route, unknown, answer.body)
    assert kept(node, people) == before


def test_row_1_a_clause_of_another_agreement_is_not_found(office):
    node, people = office
    adviser = people["legal-adviser"]
    rows = adviser.everything("/agreements")
    with_clauses = [row for row in map(lambda row: adviser.get(f"/agreements/{row['id']}"), rows)
                    if row["clauses"]]
    one = next(row for row in with_clauses if row["id"] == "ru-cn-2015")
    other = next(row for row in with_clauses
                 if not {clause["id"] for clause in row["clauses"]}
                 & {clause["id"] for clause in one["clauses"]})
    clause = other["clauses"][0]["id"]
    query = "?source=the+signed+original&date=2026-01-01"
    before = node.counts()
    assert adviser.request("GET", f"/agreements/{one['id']}/clauses/{clause}/verification"
                           f"{query}").status == 404
    assert adviser.request("GET", f"/agreements/{other['id']}/clauses/{clause}/verification"
                           f"{query}").status == 200
    assert node.counts() == before


def test_row_1_an_act_for_something_else_is_not_taken(office):
    """The act that is signed names party, register and row: one that is not of here changes
    nothing, and neither does a signature that is none."""
    node, people = office
    adviser = people["legal-adviser"]
    clause = adviser.get("/agreements/ru-cn-2015")["clauses"][0]["id"]
    act = adviser.get(f"/agreements/ru-cn-2015/clauses/{clause}/verification"
                      "?source=the+signed+original&date=2026-01-01")["act"]
    signature = {"key": "A" * 43, "signature": "AAAA..AAAA"}
    before = kept(node, people)
    for changed in ({}, {"party": "RU"}, {"mode": "operational"}, {"register": UNKNOWN},
                    {"act": "denounce"}, {"surplus": 1}):
        answer = adviser.request("POST", "/approvals", {"act": {**act, **changed},
                                                        "signature": signature})
        assert 400 <= answer.status < 500, (changed, answer.status)
    assert adviser.request("POST", "/approvals", {"act": act}).status == 400
    assert kept(node, people) == before


# --- row 5: bodies that are no good JSON, or have members that we do not know --------------------

GOOD = {  # a body for each route that takes one, with every member that it may have
    "POST /session": {"account": "nobody", "password": "x" * 12, "code": "000000"},
    "POST /setup": {"token": "x" * 43},
    "POST /setup/complete": {"token": "x" * 43, "password": "x" * 12, "code": "000000"},
    "PUT /session/preferences": {"language": "en"},
    "PUT /today/items/{item}/owner": {"owner": "me"},
    "POST /invitations": {"party": "VN", "endpoint": "https://192.0.2.1:8443"},
    "POST /pairings": {"invitation": "{}", "confirmed": False},
    "POST /account-changes": {"change": "add", "account": "x", "name": "X", "roles": ["analyst"]},
    "POST /account-changes/{change}/confirmation": {"code": "000000"},
    "POST /alarms/{item}/acknowledgement": {"code": "000000"},
    "POST /approvals": {"act": {}, "signature": {"key": "", "signature": ""}},
    "POST /release-requests": {"ids": [UNKNOWN], "parties": ["RU"], "note": ""},
    "POST /release-requests/{request}/approval": {"code": "000000"},
    "POST /release-requests/{request}/refusal": {"ground": "no"},
    "POST /consents": {"ids": [UNKNOWN], "recipient": "BY", "purpose": "warning"},
    "POST /consents/{consent}/grant": {"until": "2200-01-01", "once": True, "code": "000000"},
    "POST /consents/{consent}/refusal": {"ground": "national-law", "code": "000000"},
    "POST /consents/{consent}/withdrawal": {"code": "000000"},
    "POST /coverage/what-if": {"party": "KZ", "at": "2026-11-23", "area": "evidence",
                               "accede": ["KZ:coe-185"], "withdraw": ["FR:coe-185"], "file": ""},
    "POST /recalls": {"ids": [UNKNOWN], "parties": ["RU"], "reason": "other", "code": "000000"},
}

def somebody(people, route):
    """Who may use this route."""
    letters = MAY[route] or "R"
    return people[LETTERS["R" if "R" in letters else letters[0]]]


def fill(route):
    return re.sub(r"\{\w+\}", UUID, route.partition(" ")[2])


def test_row_5_every_route_with_a_body_is_tried_here(office):
    _, people = office
    document = people["auditor"].document
    with_body = {route for route, operation in document.routes.items()
                 if "application/json" in operation.get("requestBody", {}).get("content", {})}
    assert with_body - {"POST /imports"} == set(GOOD)
    for route, body in GOOD.items():
        schema = document.resolved(
            document.routes[route]["requestBody"]["content"]["application/json"]["schema"])
        assert set(schema["properties"]) == set(body), route
        assert schema["additionalProperties"] is False, route


@pytest.mark.parametrize("route", sorted(GOOD))
def test_row_5_a_member_that_we_do_not_know_is_refused_with_its_place(office, route):
    node, people = office
    me = somebody(people, route)
    method, path = route.partition(" ")[0], fill(route)
    before = kept(node, people)
    factor = "code" in GOOD[route] and MAY[route] is not None
    # Each fresh code costs half a minute of the node's clock.
    for surplus in ("surplus", "id") if factor else (
            "surplus", "id", "state", "proposed_by", "__proto__", "constructor", "roles "):
        body = {**GOOD[route], surplus: "x"}
        if factor:
            body["code"] = me.factor.code()
        answer = me.request(method, path, body)
        told = f"{surplus}: {answer.status} {answer.body!r}"
        # A path that leads nowhere may be said first; what must not happen is that it is taken.
        assert answer.status in ((400, 404) if "{" in route else (400,)), told
        if answer.status == 400:
            assert surplus in answer.json().get("where", "") + answer.json()["detail"], told
    assert kept(node, people) == before


NO_JSON = {
    "nothing": b"",
    "half": b'{"ids": [',
    "no object": b"[]",
    "null": b"null",
    "text": b'"text"',
    "two values": b"{}{}",
    "twice the same name": b'{"note": "a", "note": "b", "ids": [], "parties": []}',
    "depth 10,000": b'{"ids":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "open depth 10,000": b'{"ids":' + b"[" * 10_000,
    "lone surrogate": b'{"ids": ["\\ud800"], "parties": ["RU"], "note": ""}',
    "huge number": b'{"ids": [1e999999], "parties": ["RU"], "note": ""}',
    "long number": b'{"ids": [' + b"9" * 100_000 + b'], "parties": ["RU"], "note": ""}',
    "number for text": b'{"ids": ["x"], "parties": ["RU"], "note": 1}',
    "text for list": b'{"ids": "x", "parties": ["RU"], "note": ""}',
    "invalid UTF-8": b'{"ids": ["\xff\xfe"], "parties": ["RU"], "note": ""}',
    "overlong UTF-8": b'{"ids": ["\xc0\xaf"], "parties": ["RU"], "note": ""}',
    "UTF-16": '{"ids": [], "parties": ["RU"], "note": ""}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"ids": ["x"], "parties": ["RU"], "note": ""}',
    "control character": b'{"ids": ["\x01"], "parties": ["RU"], "note": ""}',
    "comment": b'{"ids": ["x"] /* */, "parties": ["RU"], "note": ""}',
    "NaN": b'{"ids": [NaN], "parties": ["RU"], "note": ""}',
}


def refusal_of(name):
    """Depth has a bound as size has one; the rest is no JSON, or not what is asked for."""
    return 413 if "depth" in name else 400


@pytest.mark.parametrize("name", sorted(NO_JSON))
def test_row_5_the_api_takes_no_bad_json(office, name):
    node, people = office
    officer = people["duty-officer"]
    before = kept(node, people)
    answer = officer.request("POST", "/release-requests", raw=NO_JSON[name])
    assert answer.status == refusal_of(name), answer.body
    assert answer.json()["detail"]
    assert kept(node, people) == before
    assert officer.get("/node")["party"] == "CN"  # and goes on


def test_row_5_a_body_of_another_kind_is_refused(office):
    node, people = office
    officer = people["duty-officer"]
    good = json.dumps(GOOD["POST /release-requests"]).encode()
    before = kept(node, people)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                 "application/xml", "text/json", "application/jsonx", ""):
        answer = officer.request("POST", "/release-requests", raw=good,
                                 headers={"Content-Type": kind})
        assert answer.status in (400, 415), kind
    for method, path in (("DELETE", f"/release-requests/{UUID}"), ("DELETE", "/session")):
        answer = officer.request(method, path, raw=good)
        assert answer.status in (400, 415), (method, path)
    assert kept(node, people) == before and officer.get("/session")


def test_row_5_names_and_values_of_a_query_are_held_to_what_is_known(office):
    _, people = office
    analyst = people["analyst"]
    for query in ("surplus=1", "limit=1&limit=2", "limit=0", "limit=-1", "limit=201", "limit=x",
                  "limit=1e3", "limit=99999999999999999999", "cursor=x", "cursor=%FF",
                  "state=nothing", "q=%ff%fe", "q=%ED%A0%80", "q=%", "Limit=1", "limit[]=1"):
        answer = analyst.request("GET", f"/records?{query}")
        assert answer.status == 400, (query, answer.body[:200])
    assert len(analyst.get("/records?limit=200")["items"]) > 0
    # A cursor of one list opens no other, and one of another filter is none.
    following = analyst.get("/records?limit=1")["next"]
    assert analyst.request("GET", f"/agreements?cursor={following}").status == 400
    assert analyst.request("GET", f"/inbox?cursor={following}").status == 400


def stream(client, path, size, chunked, head=b'{"note":"', kind="application/json"):
    """Sends a body of this size as far as it is taken; status of the answer, bytes sent."""
    sent = 0
    with socket.create_connection((client.host, client.port), timeout=SEND_SECONDS_MAX) as wire:
        fields = [f"POST {API}{path} HTTP/1.1", f"Host: {client.host}:{client.port}",
                  f"Content-Type: {kind}"]
        if client.cookie:
            fields += [f"Cookie: {COOKIE}={client.cookie}", f"{CSRF}: {client.csrf}"]
        fields.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}")
        wire.sendall(("\r\n".join(fields) + "\r\n\r\n").encode())
        piece = b"x" * 65536
        try:
            while sent < size:
                data = head + piece if sent == 0 else piece
                if chunked:
                    wire.sendall(b"%x\r\n" % len(data) + data + b"\r\n")
                else:
                    wire.sendall(data)
                sent += len(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            answer = wire.recv(65536)
        except ConnectionResetError:
            answer = b""
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(status[1]) if status else None, sent


def resident(node):
    with open(f"/proc/{node.process.pid}/status", encoding="utf-8") as status:
        return int(re.search(r"VmRSS:\s*(\d+) kB", status.read())[1]) * 1024


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_row_5_a_string_of_a_gigabyte_is_bounded_on_every_way_in(office, chunked):
    """For somebody who is signed in, and for nobody; at JSON routes and at imports."""
    node, people = office
    officer = people["duty-officer"]
    nobody = Client(node.pages, document=officer.document)
    before = kept(node, people)
    at_rest = resident(node)
    for client, path, bound in ((officer, "/release-requests", JSON_BODY_MAX),
                                (officer, "/session", OPEN_BODY_MAX),
                                (nobody, "/session", OPEN_BODY_MAX),
                                (nobody, "/setup", OPEN_BODY_MAX),
                                (nobody, "/imports", OPEN_BODY_MAX),
                                (nobody, "/nothing", OPEN_BODY_MAX),
                                (officer, "/imports?tlp=green", BUNDLE_MAX)):
        status, sent = stream(client, path, 1 << 30, chunked)
        assert status in (None, 401, 404, 413), (path, status)
        # What lies in buffers between the two counts as sent; far from all of it was taken.
        assert sent < bound + 32 * 1024 * 1024, (path, sent)
        assert resident(node) < at_rest + 3 * BUNDLE_MAX, path
    assert kept(node, people) == before
    assert officer.get("/node")["party"] == "CN"


def test_row_5_at_the_bound_of_a_body_and_one_beyond(office):
    _, people = office
    officer = people["duty-officer"]
    # At the bound it is read, and the note that it holds is refused; beyond it nothing is.
    for size, where in ((JSON_BODY_MAX, "$.note"), (JSON_BODY_MAX + 1, None)):
        raw = b'{"ids": [], "parties": [], "note": "'
        raw += b"x" * (size - len(raw) - 2) + b'"}'
        assert len(raw) == size
        answer = officer.request("POST", "/release-requests", raw=raw)
        assert answer.status == 413 and answer.json().get("where") == where, answer.body


def test_row_5_an_import_takes_no_bad_bundle(office):
    node, people = office
    officer = people["duty-officer"]
    before = node.counts()
    for name, raw in NO_JSON.items():
        answer = officer.request("POST", "/imports?tlp=green", raw=raw)
        assert answer.status == refusal_of(name), (name, answer.body[:300])
        assert node.counts() == before, name
    good = bundle(indicator(1)).encode()
    for query in ("?tlp=pink", "?area=nothing", "?surplus=1", "?purpose=nothing"):
        assert officer.request("POST", f"/imports{query}", raw=good).status == 400, query
    assert node.counts() == before


def test_what_is_imported_is_there_and_what_was_refused_is_told(office):
    node, people = office
    analyst = people["analyst"]
    bad = {**indicator(8), "id": identifier("indicator", 8), "created": "yesterday"}
    raw = bundle(indicator(7), bad).encode()
    report = analyst.post("/imports?tlp=green", raw=raw)
    assert (report["objects"], report["added"], report["refused"]) == (2, 1, 1)
    (loss,) = [loss for loss in report["losses"] if loss["id"] == bad["id"]]
    assert loss["why"] and loss["where"]
    (row,) = analyst.get(f"/records?q={identifier('indicator', 7)}")["items"]
    assert row["tlp"] == "green" and row["name"] == "example 7"
    # The same file again is the same import.
    again = analyst.post("/imports?tlp=green", raw=raw)
    assert (again["import"], again["added"], again["existed"]) == (report["import"], 0, 1)


def test_row_5_what_the_node_owns_comes_from_no_body(office, waiting):
    """Who proposed, when, what was decided: members of that name are unknown, and the node's own
    word stands."""
    node, people = office
    officer = people["duty-officer"]
    before = kept(node, people)
    for name in ("id", "proposed_by", "proposed", "state", "decided_by", "preview", "result"):
        body = {**GOOD["POST /release-requests"], "ids": waiting["ids"], name: waiting[name]}
        assert officer.request("POST", "/release-requests", body).status == 400, name
    assert kept(node, people) == before
    assert waiting["proposed_by"] == "duty-officer" and waiting["state"] == "waiting"
    proposed = datetime.datetime.fromisoformat(waiting["proposed"]).timestamp()
    assert 0 <= node.clock.now() - proposed < 12 * 3600
