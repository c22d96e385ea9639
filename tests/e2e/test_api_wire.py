"""What comes over the wire to the pages' address by hand: requests that are none, paths and methods
that trick, bounds of every text, cursors and entity tags that are not what they seem."""

import base64
import json
import re
import socket

import pytest

from operators import API, COOKIE, CSRF, PROBLEM, Reply
from test_api_input import GOOD, UNKNOWN, UUID, kept, somebody

HEADER_MAX = 16 * 1024
WIRE_SECONDS_MAX = 20


def conversation(client, data, end=True):
    """The bytes that come back for these bytes, until the node closes or says no more."""
    with socket.create_connection((client.host, client.port), timeout=WIRE_SECONDS_MAX) as wire:
        try:
            wire.sendall(data)
            if end:
                wire.shutdown(socket.SHUT_WR)
        except OSError:  # it has said no and closed before all was sent
            pass
        told = b""
        try:
            while piece := wire.recv(65536):
                told += piece
        except ConnectionResetError:
            pass
        return told


def replies(told):
    """The responses that stand in these bytes, one after the other."""
    found = []
    while told:
        head, _, rest = told.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(line.split(": ", 1)) for line in lines]
        status = int(re.match(r"HTTP/1\.1 (\d{3}) ", first)[1])
        length = int(dict(headers).get("Content-Length", 0))
        found.append(Reply(status, headers, rest[:length]))
        told = rest[length:]
    return found


def signed(client, *fields, method="GET", path="/node", body=b"", host=None):
    """The bytes of one request of somebody who is signed in."""
    host = host or f"{client.host}:{client.port}"
    lines = [f"{method} {API}{path} HTTP/1.1", f"Host: {host}",
             f"Cookie: {COOKIE}={client.cookie}", f"{CSRF}: {client.csrf}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


HOST = b"Host: 127.0.0.1\r\n"
GET = b"GET /api/v1/openapi.json HTTP/1.1\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
NO_REQUEST = {
    "no line": b"\r\n\r\n",
    "one word": b"GET\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version that is none": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(200),
    "no Host": GET + b"\r\n",
    "two Hosts": GET + HOST + HOST + b"\r\n",
    "absolute form": b"GET http://127.0.0.1/api/v1/node HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority form": b"CONNECT 127.0.0.1:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "blank in a name": GET + HOST + b"X y: 1\r\n\r\n",
    "blank before the colon": GET + HOST + b"X : 1\r\n\r\n",
    "no colon": GET + HOST + b"X\r\n\r\n",
    "NUL in a value": GET + HOST + b"X: a\x00b\r\n\r\n",
    "control character in the target": b"GET /\x01 HTTP/1.1\r\n" + HOST + b"\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n{}",
    "a length with a sign": POST + b"Content-Length: +2\r\n\r\n{}",
    "a length in hexadecimal": POST + b"Content-Length: 0x2\r\n\r\n{}",
    "a length beyond 64 bits": POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
                                b"2\r\n{}\r\n0\r\n\r\n",
    "another coding": POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "chunks within another coding": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n"
                                           b"2\r\n{}\r\n0\r\n\r\n",
    "a chunk without a size": POST + b"Transfer-Encoding: chunked\r\n\r\nxx\r\n{}\r\n0\r\n\r\n",
    "a chunk beyond 64 bits": POST + b"Transfer-Encoding: chunked\r\n\r\n"
                                     b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "a long line": b"GET /" + b"x" * HEADER_MAX + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a long field": GET + HOST + b"X: " + b"x" * HEADER_MAX + b"\r\n\r\n",
    "many fields": GET + HOST + b"X: y\r\n" * 4000 + b"\r\n",
    "a long extension of a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n2;" +
                                   b"x" * 200_000 + b"\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", sorted(NO_REQUEST))
def test_row_5_what_is_no_request_is_refused_like_everything_else(office, name):
    """As a problem document with all the fields of security, or with an end of the connection;
    and nothing behind it is read as another request."""
    _, people = office
    me = people["auditor"]
    inner = signed(me)  # would be answered by 200
    found = replies(conversation(me, NO_REQUEST[name] + inner))
    assert len(found) <= 1, found
    for answer in found:
        assert answer.status in (400, 413, 421, 431), answer
        assert answer.header("Content-Type") == PROBLEM, answer
        assert answer.header("Content-Security-Policy").startswith("default-src 'self'")
        assert answer.header("Cache-Control") == "no-store"
        me.document.check_problem(answer, name)
    assert me.get("/node")["party"] == "CN"


def test_requests_that_come_together_are_answered_each_for_itself(office):
    """In their order, each by its own cookie."""
    _, people = office
    me, other = people["auditor"], people["administrator"]
    nobody = signed(me).replace(me.cookie.encode(), b"x" * len(me.cookie))
    found = replies(conversation(me, signed(me, path="/session") + nobody +
                                 signed(other, path="/session") + signed(me, path="/nothing") +
                                 signed(me, path="/session"), end=True))
    assert [answer.status for answer in found] == [200, 401, 200, 404, 200]
    assert [answer.json()["account"] for answer in found if answer.status == 200] == \
        ["auditor", "administrator", "auditor"]


def test_row_4_no_spelling_of_a_method_or_path_opens_what_is_closed(office):
    """/accounts is not for duty officers; /nothing is not there."""
    node, people = office
    me = people["duty-officer"]
    before = kept(node, people)
    headers = [("Cookie", f"{COOKIE}={me.cookie}"), (CSRF, me.csrf)]
    for path in ("/accounts", "/accounts/", "//accounts", "/./accounts", "/x/../accounts",
                 "/%61ccounts", "/accounts%2f", "/accounts%00", "/accounts%0a", "/accounts%20",
                 "/accounts;x=1", "/accounts.json", "/ACCOUNTS", "/accounts%3f", "/accounts%23",
                 "/records/..%2faccounts", "/records/%2e%2e/accounts", "/records/../accounts",
                 "/%252e%252e/accounts", "/accounts\\", "/" + "x/" * 2000, "/records/%ff",
                 "/records/%c0%af", "/records/%ed%a0%80", "/records/%"):
        answer = me.plain("GET", API + path, headers=headers)
        assert answer.status in (400, 403, 404), (path, answer.status)
        assert answer.header("Content-Type") == PROBLEM, path
        assert b"oversight" not in answer.body, path
    for path in ("/API/v1/accounts", "//api/v1/accounts", "/api%2fv1%2faccounts",
                 "/./api/v1/accounts", "/x/../api/v1/accounts", "/api"):
        answer = me.plain("GET", path, headers=headers)
        # Not the API: a page, the same for everybody, or nothing.
        assert answer.status == 404 or answer.body == me.plain("GET", "/").body, path
    for method in ("get", "Get", "GETX", "PATCH", "TRACE", "TRACK", "PROPFIND", "OPTIONS",
                   "DEBUG"):
        answer = me.plain(method, f"{API}/node", headers=headers)
        assert answer.status in (400, 405), method
        assert answer.header("Content-Type") == PROBLEM, method
        assert answer.status != 405 or answer.header("Allow") == "GET, HEAD"
        assert me.cookie.encode() not in answer.body
    # A method by another way than the request line is none.
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        answer = me.plain("GET", f"{API}/session", headers=headers + [(name, "DELETE")])
        assert answer.status == 200
    assert me.request("GET", "/session?_method=DELETE").status == 400
    assert kept(node, people) == before


def test_a_head_is_a_get_without_its_body(office):
    _, people = office
    me = people["duty-officer"]
    for path in ("/session", "/agreements?limit=2", "/records/nothing", "/openapi.json"):
        get, head = me.request("GET", path), me.plain(
            "HEAD", API + path, headers=[("Cookie", f"{COOKIE}={me.cookie}")])
        assert (head.status, head.body) == (get.status, b""), path
        for name in ("Content-Type", "Content-Length", "ETag"):
            assert head.header(name) == get.header(name), (path, name)
    # It opens no stream that nobody would read.
    for _ in range(20):
        head = me.plain("HEAD", f"{API}/events", headers=[("Cookie", f"{COOKIE}={me.cookie}")])
        assert head.status == 200


# --- bounds of texts and lists --------------------------------------------------------------------

def texts(count, size):
    return [f"{number:0{size}}" for number in range(count)]


# route, member, its bound, what is at the bound, what is one beyond it
BOUNDS = [
    ("POST /session", "account", "a" * 64, "a" * 65),
    ("POST /session", "password", "p" * 1024, "p" * 1025),
    ("POST /session", "code", "1" * 64, "1" * 65),
    ("POST /setup", "token", "t" * 256, "t" * 257),
    ("POST /setup/complete", "token", "t" * 256, "t" * 257),
    ("POST /setup/complete", "password", "p" * 1024, "p" * 1025),
    ("POST /setup/complete", "code", "1" * 64, "1" * 65),
    ("PUT /session/preferences", "language", "l" * 64, "l" * 65),
    ("POST /invitations", "endpoint", "e" * 2000, "e" * 2001),
    ("POST /pairings", "invitation", "i" * 16384, "i" * 16385),
    ("POST /account-changes", "change", "c" * 64, "c" * 65),
    ("POST /account-changes", "account", "-" * 64, "-" * 65),
    ("POST /account-changes", "name", "\u202e" + "n" * 125, "n" * 129),
    ("POST /account-changes", "roles", ["no role"] * 8, ["no role"] * 9),
    ("POST /release-requests", "ids", texts(200, 64), texts(201, 64)),
    ("POST /release-requests", "ids", ["x--" + "y" * 197], ["x--" + "y" * 198]),
    ("POST /release-requests", "parties", ["no party"] * 64, ["no party"] * 65),
    ("POST /release-requests", "note", "é" * 1000, "é" * 1000 + "x"),
    ("POST /release-requests/{request}/refusal", "ground", "g" * 2000, "g" * 2001),
    ("POST /consents", "ids", texts(200, 64), texts(201, 64)),
    ("POST /consents", "recipient", "r" * 100, "r" * 101),
    ("POST /consents", "purpose", "p" * 100, "p" * 101),
    ("POST /coverage/what-if", "party", "p" * 256, "p" * 257),
    ("POST /coverage/what-if", "accede", ["no step"] * 64, ["no step"] * 65),
    ("POST /coverage/what-if", "file", "f" * 262_144, "f" * 262_145),
    ("POST /recalls", "ids", texts(200, 64), texts(201, 64)),
    ("POST /recalls", "parties", ["RU"] * 200, ["RU"] * 201),
    ("POST /recalls", "reason", "r" * 100, "r" * 101),
    ("POST /recalls", "code", "1" * 64, "1" * 65),
]


@pytest.mark.parametrize("route, member, at, beyond", BOUNDS,
                         ids=[f"{row[0]} {row[1]} {number}" for number, row in enumerate(BOUNDS)])
def test_row_5_texts_and_lists_are_bounded_where_they_say(office, route, member, at, beyond):
    """At its bound a value is looked at, and refused for what it is; one more is too much."""
    node, people = office
    me = somebody(people, route)
    before = kept(node, people)
    method, path = route.partition(" ")[0], re.sub(r"\{\w+\}", UUID, route.partition(" ")[2])
    told = {}
    for name, value in (("at", at), ("beyond", beyond)):
        body = {**GOOD[route], member: value}
        if "code" in body and member != "code" and not route.startswith("POST /se"):
            body["code"] = me.factor.code()
        told[name] = me.request(method, path, body)
    size = len(at) if isinstance(at, list) and len(at) > 1 else \
        len((at[0] if isinstance(at, list) else at).encode())
    assert told["at"].status != 413, told["at"].body
    refused = told["beyond"]
    assert refused.status in (400, 413), refused.body
    problem = refused.json()
    assert problem["where"].startswith(f"$.{member}") and str(size) in problem["detail"], problem
    assert kept(node, people) == before


@pytest.mark.parametrize("path, bound", [
    ("/records?q=", 200), ("/records?type=", 100), ("/records?from=", 100),
    ("/search?q=", 2048), ("/search?type=", 100),
    ("/agreements?q=", 200), ("/agreements?party=", 200), ("/agreements?area=", 200)])
def test_row_5_queries_are_bounded(office, path, bound):
    _, people = office
    me = people["analyst"]
    at = me.request("GET", path + "x" * bound)
    assert at.status in (200, 400) and b"at most" not in at.body
    beyond = me.request("GET", path + "x" * (bound + 1))
    assert beyond.status == 400 and b"at most" in beyond.body
    assert beyond.json()["where"] == re.search(r"\?(\w+)=", path)[1]


# --- cursors and tags -----------------------------------------------------------------------------


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_a_cursor_opens_its_own_list_and_nothing_else(office):
    _, people = office
    me = people["duty-officer"]
    lists = {"/records": "listRecords", "/agreements": "listAgreements", "/ledger": "listLedger",
             "/inbox": "listInbox", "/outbox": "listOutbox"}
    real = {path: me.get(f"{path}?limit=1")["next"] for path in
            ("/records", "/agreements", "/ledger")}
    assert all(real.values())
    for path, name in lists.items():
        bad = [encoded(text) for text in (
            "", "\n", name, f"{name}\n", f"{name}\n-1", f"{name}\n01", f"{name}\n 1",
            f"{name}\n1e3", f"{name}\n99999999999999999999", f"{name}\n9999999",
            f"{name}\n{UNKNOWN}", f"{name}\n{UNKNOWN.upper()}x", f"{name}\n\x00",
            f"{name}\n' OR 1=1 --")]
        bad = [cursor for cursor in bad if cursor]  # none is the beginning
        # Every position of agreements is one: ids are compared, whether or not they are there.
        if path == "/agreements":
            bad = [cursor for cursor in bad if not base64.urlsafe_b64decode(
                cursor + "==").startswith(f"{name}\n".encode())]
        bad += [cursor for other, cursor in real.items() if other != path]
        bad += ["=", "A" * 513, "A" * 5, "%2B%2F", "\u00e9"]
        if path == "/records":
            bad += [real[path] + "=", real[path] + "A", real[path][:-1]]
        for cursor in bad:
            answer = me.request("GET", f"{path}?limit=1&cursor={cursor.replace('é', '%C3%A9')}")
            assert answer.status == 400, (path, cursor, answer.body[:200])
            assert answer.json()["where"] == "cursor", (path, cursor)
    # It is a place and no right: another account goes on from it, and who may not read may not.
    following = people["analyst"].get(f"/records?limit=1&cursor={real['/records']}")
    assert following["items"]
    for role in ("administrator", "oversight"):
        answer = people[role].request("GET", f"/records?limit=1&cursor={real['/records']}")
        assert answer.status == 403


def test_a_tag_names_what_was_read_and_is_no_right(office):
    _, people = office
    me = people["duty-officer"]
    first = me.request("GET", "/agreements?limit=5")
    tag = first.header("ETag")
    for held, status in ((tag, 304), (f"W/{tag}", 304), (f'"x", {tag}', 304), ("*", 304),
                         (tag.strip('"'), 200), (f"{tag[:-2]}x\"", 200), ('"x"', 200), ("", 200)):
        answer = me.request("GET", "/agreements?limit=5", headers={"If-None-Match": held})
        assert answer.status == status, held
        assert (answer.body == b"") == (status == 304)
        assert answer.header("ETag") == tag and answer.header("Cache-Control") == "no-store"
    # The tag of another account's answer, and of an older state, open nothing.
    mine, other = me.request("GET", "/session"), people["analyst"]
    answer = other.request("GET", "/session", headers={"If-None-Match": mine.header("ETag")})
    assert answer.status == 200 and answer.json()["account"] == "analyst"
    stale = me.request("GET", "/release-requests").header("ETag")
    made = me.post("/release-requests", {
        "ids": [me.everything("/records")[0]["id"]], "parties": ["RU"], "note": "stale"})
    answer = me.request("GET", "/release-requests", headers={"If-None-Match": stale})
    assert answer.status == 200 and made["id"] in json.dumps(answer.json())
    me.send("DELETE", f"/release-requests/{made['id']}")
    # Who may not read is refused with every tag, also with the one that holds.
    for role in ("administrator", "oversight"):
        answer = people[role].request("GET", "/records", headers={"If-None-Match": "*"})
        assert answer.status == 403
    nobody = people["auditor"].another_browser()
    assert nobody.request("GET", "/node", headers={"If-None-Match": "*"}).status == 401
    # A write heeds no tag.
    assert me.request("PUT", "/session/preferences", {"language": "en"},
                      headers={"If-None-Match": "*"}).status == 200


def test_row_7_a_cookie_is_taken_as_it_was_given_or_not_at_all(office):
    _, people = office
    me = people["auditor"]
    good = f"{COOKIE}={me.cookie}"
    for cookie, status in ((good, 200), (f"a=b; {good}; c=d", 200), (f"{good};", 200),
                           (f"{COOKIE.upper()}={me.cookie}", 401), (f'{COOKIE}="{me.cookie}"', 401),
                           (f"{good}x", 401), (f"{good}=", 401), (f"{COOKIE}={me.cookie[1:]}", 401),
                           (f"x{good}", 401), (f"{good}; {good}", 401), (f"{good}, {good}", 401),
                           (f"{COOKIE}=; {good}", 401), (f"{good}; {COOKIE}=", 401),
                           (f"{COOKIE}={me.cookie.swapcase()}", 401),
                           ("x=" + "y" * 5000 + f"; {good}", 401)):
        answer = me.plain("GET", f"{API}/node", headers=[("Cookie", cookie)])
        assert answer.status == status, cookie
        assert not answer.all("Set-Cookie"), cookie
    for headers in ([("Cookie", good), ("Cookie", good)], [("X-Comity-Session", me.cookie)],
                    [("Authorization", f"Bearer {me.cookie}")]):
        assert me.plain("GET", f"{API}/node", headers=headers).status == 401, headers
    assert me.plain("GET", f"{API}/node?{good}").status == 401


def test_row_13_a_token_of_another_session_or_form_writes_nothing(office):
    """CSRF: the token is of this one session, and is taken from its header alone."""
    node, people = office
    me, other = people["duty-officer"], people["analyst"]
    second = me.another_browser()
    second.sign_in()
    before, language = kept(node, people), me.get("/session")["language"]
    wanted = "en" if language == "ar" else "ar"
    body = json.dumps({"language": wanted}).encode()
    for headers in ([], [(CSRF, "")], [(CSRF, other.csrf)], [(CSRF, second.csrf)],
                    [(CSRF, me.csrf[:-1])], [(CSRF, me.csrf + "x")], [(CSRF, me.csrf.swapcase())],
                    [("X-CSRF-Token", me.csrf)], [("Cookie", f"{CSRF}={me.csrf}")],
                    [(CSRF, "x"), (CSRF, me.csrf)]):
        answer = me.plain("PUT", f"{API}/session/preferences", body, [
            ("Cookie", f"{COOKIE}={me.cookie}"), ("Content-Type", "application/json"), *headers])
        assert answer.status == 403, headers
        assert answer.json()["where"] == CSRF
    assert me.request("PUT", f"/session/preferences?{CSRF}={me.csrf}", {"language": wanted},
                      csrf=False).status == 403
    assert me.get("/session")["language"] == language
    assert kept(node, people) == before
    second.send("DELETE", "/session")
