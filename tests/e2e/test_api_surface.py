"""What every answer of pages and API says to a browser, and what a foreign page can make it do."""

import html.parser
import http.client
import json
import re
import socket
import urllib.parse

import pytest

from corpus import corpus
from harness import bundle, identifier, indicator
from operators import API, COOKIE, CSRF, PROBLEM
from test_api_input import GOOD, fill, kept, somebody
from test_api_roles import MAY

FOREIGN = ("https://evil.example", "http://127.0.0.1", "http://localhost:1", "null",
           "http://{pages}.evil.example", "https://{pages}")


def policy(answer):
    """The content security policy: directive → sources."""
    return {parts[0]: parts[1:] for parts in
            (part.split() for part in answer.header("Content-Security-Policy").split(";") if part)}


def every_kind_of_answer(office):
    """Pages, assets, errors, API: name → answer."""
    node, people = office
    me = people["duty-officer"]
    signed = [("Cookie", f"{COOKIE}={me.cookie}"), (CSRF, me.csrf)]
    host = [("Host", node.pages)]
    found = {}
    for name, method, path, headers in (
            ("page", "GET", "/", host), ("page below", "GET", "/exchange/records/x", host),
            ("no page", "GET", "/nothing.js", host), ("page by POST", "POST", "/", host),
            ("climbing", "GET", "/../../etc/passwd", host),
            ("climbing encoded", "GET", "/%2e%2e/%2e%2e/etc/passwd", host),
            ("api", "GET", f"{API}/node", host + signed),
            ("document", "GET", f"{API}/openapi.json", host),
            ("not signed in", "GET", f"{API}/node", host),
            ("not allowed", "GET", f"{API}/accounts", host + signed),
            ("not there", "GET", f"{API}/nothing", host + signed),
            ("no such id", "GET", f"{API}/records/x", host + signed),
            ("events", "GET", f"{API}/events", host + signed),
            ("bad JSON", "POST", f"{API}/release-requests", host + signed + [
                ("Content-Type", "application/json")]),
            ("foreign host", "GET", f"{API}/node", [("Host", "evil.example")] + signed),
            ("head", "HEAD", "/", host)):
        found[name] = me.plain(method, path, b"{" if name == "bad JSON" else None, headers)
    return found


def test_row_13_every_answer_carries_a_strict_policy(office):
    for name, answer in every_kind_of_answer(office).items():
        rules = policy(answer)
        assert rules["default-src"] == ["'self'"], name
        assert rules["frame-ancestors"] == ["'none'"] and rules["base-uri"] == ["'none'"], name
        assert rules["object-src"] == ["'none'"] and rules["form-action"] == ["'self'"], name
        for directive, sources in rules.items():
            for source in sources:
                # No inline script or style, no evaluated text, nobody else's address.
                assert source in ("'self'", "'none'") or (
                    directive == "img-src" and source == "data:"), (name, directive, source)
        assert answer.header("X-Content-Type-Options") == "nosniff", name
        assert answer.header("Referrer-Policy") == "no-referrer", name
        assert answer.header("X-Frame-Options") == "DENY", name
        assert answer.header("Cross-Origin-Opener-Policy") == "same-origin", name
        assert not answer.all("Access-Control-Allow-Origin"), name
        assert not answer.all("Server") or not re.search(r"\d", answer.header("Server")), name
        assert "root:" not in answer.body.decode(errors="replace"), name


def test_row_13_what_the_api_says_is_data_and_is_kept_nowhere(office):
    for name, answer in every_kind_of_answer(office).items():
        # An address without a point in its last part is one of the pages, whatever it climbs.
        if name in ("page", "page below", "head") or name.startswith("climbing") and \
                answer.status == 200:
            assert answer.header("Content-Type").startswith("text/html"), name
            continue
        kind = answer.header("Content-Type").split(";")[0]
        assert kind in ("application/json", PROBLEM, "text/event-stream"), (name, kind)
        assert answer.header("Cache-Control") == "no-store", name


class Markup(html.parser.HTMLParser):
    """What of a page a policy without 'unsafe-inline' would not run, and whom it calls."""

    def __init__(self):
        super().__init__()
        self.inline, self.calls, self.element = [], [], None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.element = tag if tag in ("script", "style") and "src" not in attributes else None
        self.inline += [(tag, name) for name in attributes if name.startswith("on")
                        or name == "style"]
        self.calls += [value for name, value in attrs if name in ("src", "href", "srcset", "action")
                       and value]

    def handle_endtag(self, tag):
        self.element = None

    def handle_data(self, data):
        if self.element and data.strip():
            self.inline.append((self.element, data[:40]))


def test_row_13_the_page_runs_nothing_inline_and_calls_nobody_else(office):
    node, people = office
    client = people["duty-officer"]
    page = client.plain("GET", "/")
    found = Markup()
    found.feed(page.body.decode())
    assert found.inline == []
    assert found.calls, "a page without a script is none of ours"
    for call in found.calls:
        assert call.startswith("/") and not call.startswith("//"), call
        got = client.plain("GET", call)
        assert got.status == 200, call
        if call.startswith("/assets/"):
            assert "immutable" in got.header("Cache-Control")
        # Scripts and styles name no other address to load from.
        text = got.body.decode(errors="replace")
        assert not re.search(r"""(?:import|fetch|@import|url)\s*\(?\s*["']?https?://""", text), call


def test_row_13_the_cookie_is_for_this_site_and_no_script(office):
    _, people = office
    other = people["duty-officer"].another_browser()
    answer = other.request("POST", "/session", {
        "account": other.account, "password": other.password, "code": other.factor.code()})
    (cookie,) = answer.all("Set-Cookie")
    value, *attributes = [part.strip() for part in cookie.split(";")]
    attributes = {name.lower(): text for name, _, text in
                  (attribute.partition("=") for attribute in attributes)}
    assert re.fullmatch(rf"{COOKIE}=[A-Za-z0-9_-]{{43,}}", value)
    assert "httponly" in attributes and attributes["samesite"].lower() == "strict"
    assert attributes["path"] == "/" and "domain" not in attributes
    # On loopback the pages are plain HTTP, where a Secure cookie would not come back everywhere.
    assert "secure" not in attributes
    assert other.cookie not in answer.body.decode()


def test_row_13_a_foreign_page_changes_nothing(office):
    """Every changing route, with the cookie of who may use it, as a page of others could send it:
    without the token, with another one, or from another origin."""
    node, people = office
    duty = people["duty-officer"]
    before = kept(node, people)
    for route, letters in MAY.items():
        method = route.partition(" ")[0]
        if method == "GET" or letters is None:
            continue
        me = somebody(people, route)
        body = GOOD.get(route)
        for headers in ({}, {CSRF: ""}, {CSRF: "A" * 43}, {CSRF: duty.csrf + "x"},
                        {CSRF: people["oversight"].csrf}):
            answer = me.request(method, fill(route), body, headers=headers, csrf=False)
            assert answer.status == 403, (route, headers, answer.body)
        for origin in FOREIGN:
            answer = me.request(method, fill(route), body,
                                headers={"Origin": origin.format(pages=node.pages)})
            assert answer.status == 403, (route, origin, answer.body)
    assert kept(node, people) == before
    # What a form of another page can send without asking the browser first.
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = duty.request("POST", "/release-requests", raw=json.dumps(
            GOOD["POST /release-requests"]).encode(), headers={"Content-Type": kind}, csrf=False)
        assert answer.status in (400, 403, 415)
    assert kept(node, people) == before
    own = duty.request("PUT", "/session/preferences", {"language": "en"},
                       headers={"Origin": f"http://{node.pages}"})
    assert own.status == 200


def test_row_13_signing_in_from_a_foreign_page_is_refused(office):
    """Nobody is signed in to an account of an attacker's choice."""
    node, people = office
    other = people["analyst"].another_browser()
    for origin in FOREIGN:
        answer = other.request("POST", "/session", {
            "account": other.account, "password": other.password,
            "code": other.factor.wrong()}, headers={"Origin": origin.format(pages=node.pages)})
        assert answer.status == 403 and not answer.all("Set-Cookie"), origin


def test_row_13_a_name_that_is_not_ours_gets_nothing(office):
    """DNS rebinding: a page at a name that was made to mean our address is told no."""
    node, people = office
    duty = people["duty-officer"]
    port = node.pages.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}",
                 f"localhost.evil.example:{port}", ""):
        for path in ("/", f"{API}/node", f"{API}/session"):
            answer = raw_request(duty, path, host)
            assert answer.startswith((b"HTTP/1.1 421", b"HTTP/1.1 400")), (host, path, answer[:80])
            assert b"<script" not in answer
    for host in (node.pages, f"localhost:{port}"):
        assert raw_request(duty, f"{API}/node", host).startswith(b"HTTP/1.1 200"), host


def raw_request(client, path, host):
    """One request with exactly this Host."""
    with socket.create_connection((client.host, client.port), timeout=20) as wire:
        wire.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                      f"Cookie: {COOKIE}={client.cookie}\r\n\r\n").encode())
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
    return answer


# --- texts of others ------------------------------------------------------------------------------


def test_the_corpus_has_what_it_says():
    texts = corpus()
    assert len(texts) > 40 and len(set(texts)) == len(texts)
    assert any("\u202e" in text for text in texts) and any("onerror" in text for text in texts)


def test_row_13_every_text_of_the_corpus_comes_back_as_it_went_in(office):
    """Through names and patterns of records, notes and grounds of requests, names of accounts and
    searches: as JSON, character for character, or refused; never as something else."""
    node, people = office
    analyst, admin = people["analyst"], people["administrator"]
    texts = corpus()
    objects = [indicator(1000 + number, name=text, description=text, labels=[text])
               for number, text in enumerate(texts)]
    report = analyst.post("/imports?tlp=green", raw=bundle(*objects).encode())
    assert report["added"] == len(texts)
    for number, text in enumerate(texts):
        (row,) = analyst.get(f"/records?q={identifier('indicator', 1000 + number)}")["items"]
        # The line by which a person finds the record has blanks for control characters.
        assert row["name"] == re.sub("[\x00-\x1f\x7f-\x9f]", " ", text)
        record = analyst.get(f"/records/{row['id']}")
        assert record["object"]["description"] == text and record["object"]["labels"] == [text]
        made = analyst.request("POST", "/release-requests",
                               {"ids": [row["id"]], "parties": ["RU"], "note": text})
        assert made.status in (200, 201, 400), made.body
        if made.status != 400:
            assert made.json()["note"] == text
            refused = people["releasing-officer"].request(
                "POST", f"/release-requests/{made.json()['id']}/refusal", {"ground": text})
            assert refused.status in (200, 400)
            if refused.status == 200:
                assert refused.json()["ground"] == text
        added = admin.request("POST", "/account-changes", {
            "change": "add", "account": f"x{number}", "name": text, "roles": ["analyst"]})
        assert added.status in (200, 201, 400), added.body
        if added.status == 400:
            assert added.json()["where"] == "$.name"
        else:
            assert added.json()["name"] == text
    # A name that turns direction could pass for another: of a person it is refused.
    names = {row["name"] for row in admin.get("/accounts")["items"]}
    assert not any(re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", name) for name in names)


def test_row_13_a_text_in_an_error_is_data_too(office):
    _, people = office
    analyst = people["analyst"]
    for text in corpus():
        for path in ("/agreements/{}", "/records?type={}", "/coverage?party={}",
                     "/coverage/gaps?party={}", "/coverage/drawings/web?party={}",
                     "/coverage/drawings/web?lang={}"):
            answer = analyst.request("GET", path.format(urllib.parse.quote(text, safe="")))
            assert answer.status in (200, 400, 404), (text, answer.body)
            assert answer.header("Content-Type").split(";")[0] in ("application/json", PROBLEM)
            assert b"\x00" not in answer.body


def test_row_13_there_is_no_export_in_which_a_text_could_be_a_formula(office):
    """No route answers with CSV or another table that a spreadsheet would run."""
    _, people = office
    document = people["auditor"].document
    kinds = {kind for operation in document.routes.values()
             for answer in operation["responses"].values()
             for kind in document.resolved(answer).get("content", {})}
    assert kinds <= {"application/json", PROBLEM, "text/event-stream", "image/svg+xml"}


# --- events ---------------------------------------------------------------------------------------


def test_open_pages_hear_that_records_changed_and_not_which(office):
    node, people = office
    analyst = people["analyst"]
    connection = http.client.HTTPConnection(analyst.host, analyst.port, timeout=30)
    try:
        connection.request("GET", f"{API}/events", headers={
            "Cookie": f"{COOKIE}={analyst.cookie}", "Accept": "text/event-stream"})
        stream = connection.getresponse()
        assert stream.status == 200
        assert stream.getheader("Content-Type").startswith("text/event-stream")
        people["duty-officer"].post("/imports?tlp=green", raw=bundle(indicator(77)).encode())
        told = b""
        while b'"records"' not in told:
            line = stream.readline()
            assert line, told
            told += line
        assert re.search(rb'event: ?changed\r?\ndata: ?\{"topic": ?"[a-z-]+"\}', told), told
        assert identifier("indicator", 77).encode() not in told
    finally:
        connection.close()


def test_an_answer_that_did_not_change_is_not_sent_again(office):
    _, people = office
    analyst = people["analyst"]
    first = analyst.request("GET", "/agreements?limit=5")
    tag = first.header("ETag")
    assert tag.startswith('"')
    again = analyst.request("GET", "/agreements?limit=5", headers={"If-None-Match": tag})
    assert again.status == 304 and again.body == b""
    other = analyst.request("GET", "/agreements?limit=6", headers={"If-None-Match": tag})
    assert other.status == 200 and other.header("ETag") != tag


@pytest.mark.parametrize("path", ["/records", "/agreements", "/ledger"])
def test_pages_of_a_list_join_without_gap_or_repeat(office, path):
    _, people = office
    me = people["duty-officer"]
    whole = me.everything(path, limit=200)
    parts = me.everything(path, limit=7)
    key = "index" if path == "/ledger" else "id"
    assert [row[key] for row in parts] == [row[key] for row in whole]
    assert len({row[key] for row in whole}) == len(whole) > 7
