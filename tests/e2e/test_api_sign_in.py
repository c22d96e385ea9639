"""Signing in: no account that was there before, links that open once, nothing to guess or to tell.

Clocks are set forward, so that what takes minutes takes none here.
"""

import re
import urllib.parse

import pytest

from operators import PASSWORD, Client, Factor, Person, person, token_of
from totp import STEP_S, totp

LINK_S = 15 * 60
IDLE_S = 30 * 60
SESSION_S = 12 * 3600
ACCOUNT_FAILURES = 5  # then an account has to wait
ADDRESS_FAILURES = 20  # in a quarter of an hour
ADDRESS_WINDOW_S = 900
WAIT_S = 30  # the first wait of an account
SESSIONS_MAX = 5  # of one account
# What is tried first everywhere.
USUAL = [(name, password) for name in ("admin", "administrator", "root", "comity", "operator",
                                       "break-glass", "test", "demo")
         for password in ("admin", "password", "comity", "administrator1", "changemechangeme")]


@pytest.fixture
def node(paged_node, tmp_path):
    return paged_node("CN", tmp_path)


def sign_in(client, account, password=PASSWORD, code="000000"):
    return client.request("POST", "/session",
                          {"account": account, "password": password, "code": code})


def from_there(client, number):
    """The same client at another address of this machine, with no failures of its own."""
    client.source = f"127.0.1.{number}"
    return client


# --- first use ------------------------------------------------------------------------------------


def test_row_7_a_new_node_has_no_account_and_none_of_the_usual_words_opens_it(node):
    assert node.answer("account", "list")["accounts"] == []
    told = set()
    for number, (name, password) in enumerate(USUAL):
        client = from_there(Client(node.pages), number // 10 + 1)
        answer = sign_in(client, name, password)
        assert answer.status == 401 and client.cookie is None
        told.add(answer.body)
    assert len(told) == 1
    for token in ("", "x", "0" * 43, "A" * 43, "setup", "token"):
        answer = Client(node.pages).request("POST", "/setup", {"token": token})
        assert answer.status in (400, 404), token


def test_the_code_of_these_tests_is_that_of_the_rfc():
    """RFC 6238, appendix B, SHA-1, the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"),
                          (2000000000, "279037"), (20000000000, "353130")):
        assert totp(secret, seconds // STEP_S) == code


def test_row_7_a_set_up_link_works_once(node):
    someone = Person(node, "wang-min", ["duty-officer"], node.clock)
    link = someone.enrol("Wang Min")
    # It is of this node and of these pages, and its secret is long.
    assert link.startswith(f"http://{node.pages}/") and len(token_of(link)) >= 32
    shown = someone.set_up(link)
    assert shown["name"] == "Wang Min" and shown["roles"] == ["duty-officer"]
    assert shown["otpauth"].startswith("otpauth://totp/") and shown["secret"] in shown["otpauth"]
    assert shown["qr_svg"].startswith("<svg") or "<svg" in shown["qr_svg"]
    body = {"token": token_of(link)}
    used = [someone.request("POST", "/setup", body).told(),
            someone.request("POST", "/setup", {"token": "A" * 43}).told()]
    assert used[0] == used[1] and used[0][0] == 404
    again = someone.request("POST", "/setup/complete", {
        **body, "password": "another one of twelve", "code": someone.factor.code()})
    assert again.status == 404
    someone.sign_in()
    assert someone.get("/session")["name"] == "Wang Min"


def test_row_7_a_set_up_link_works_for_fifteen_minutes(node):
    early = Person(node, "early", ["analyst"], node.clock)
    late = Person(node, "late", ["analyst"], node.clock)
    early_link, late_link = early.enrol(), late.enrol()
    node.clock.forward(LINK_S - 30)
    early.set_up(early_link)
    node.clock.forward(60)
    answer = late.request("POST", "/setup", {"token": token_of(late_link)})
    assert answer.status == 404
    # Another link opens it; the old one stays closed.
    fresh = node.answer("account", "link", "late")["change"]["link"]
    late.set_up(fresh)
    late.sign_in()
    assert late.request("POST", "/setup", {"token": token_of(late_link)}).status == 404


def test_row_7_a_new_link_ends_the_old_one_and_the_sessions_when_it_is_used(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    first = node.answer("account", "link", "wang-min")["change"]["link"]
    second = node.answer("account", "link", "wang-min")["change"]["link"]
    assert someone.request("POST", "/setup", {"token": token_of(first)}).status == 404
    other = someone.another_browser()
    assert someone.get("/session")["account"] == "wang-min"
    old = someone.factor
    other.set_up(second)
    assert someone.request("GET", "/session").status == 401
    assert other.factor.secret != old.secret
    assert sign_in(other, "wang-min", PASSWORD, old.code()).status == 401
    other.sign_in()


@pytest.mark.parametrize("password, taken", [
    ("x7" * 5 + "k", False), ("elevenbytes", False), ("twelve bytes", True),
    ("Wang-Min-Of-CN", False), ("password1234", False), ("abababababababab", False),
    ("k" * 1024 + "j", False), ("صباح الخير يا عالم", True), ("四个词语四个词语", True)])
def test_row_7_which_passwords_are_taken(node, password, taken):
    someone = Person(node, "wang-min-of-cn", ["analyst"], node.clock)
    token = token_of(someone.enrol())
    secret = someone.post("/setup", {"token": token})["secret"]
    someone.factor = Factor(secret, node.clock)
    answer = someone.request("POST", "/setup/complete", {
        "token": token, "password": password, "code": someone.factor.code()})
    assert answer.status in ((204,) if taken else (400, 413)), answer.body
    if not taken:
        assert answer.json()["where"] == "$.password"
    else:
        someone.password = password
        someone.sign_in()


# --- telling accounts apart -----------------------------------------------------------------------


def test_row_7_who_has_an_account_cannot_be_told(node):
    """Unknown, not yet set up, ended, wrong password, wrong code, used code: one answer."""
    known = person(node, "known", "analyst", clock=node.clock)
    Person(node, "invited", ["analyst"], node.clock).enrol()
    person(node, "ended", "analyst", clock=node.clock)
    node.run("account", "end", "ended")
    used = known.factor.code()
    assert sign_in(known.another_browser(), "known", PASSWORD, used).status == 200
    tried = {
        "unknown": ("nobody", PASSWORD, "000000"),
        "invited": ("invited", PASSWORD, "000000"), "ended": ("ended", PASSWORD, "000000"),
        "wrong password": ("known", "not the password", known.factor.wrong()),
        "wrong code": ("known", PASSWORD, known.factor.wrong()),
        "used code": ("known", PASSWORD, used),
        "operator": ("operator", PASSWORD, "000000"), "another case": ("KNOWN", PASSWORD, used),
    }
    told = {name: sign_in(from_there(known.another_browser(), number), *given).told()
            for number, (name, given) in enumerate(tried.items(), 1)}
    assert all(answer[0] == 401 for answer in told.values()), told
    assert len({answer[2] for answer in told.values()}) == 1
    assert len({str(answer[1]) for answer in told.values()}) == 1
    assert not any(b"Set-Cookie" in str(answer).encode() for answer in told.values())


def test_row_7_unknown_and_known_accounts_have_to_wait_alike(node):
    """What locks tells nothing either: after the same failures both get the same refusal."""
    person(node, "known", "analyst", clock=node.clock)
    told = {}
    for name, number in (("known", 1), ("nobody", 2)):
        client = from_there(Client(node.pages), number)
        told[name] = [sign_in(client, name, "not the password").told()
                      for _ in range(ACCOUNT_FAILURES + 3)]
    assert told["known"] == told["nobody"]


def processor_ticks(node):
    """What all threads of the node have used of the processor."""
    with open(f"/proc/{node.process.pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_row_7_every_failure_is_the_same_work(node):
    """The time of an answer tells nothing: measured as work of the processor, which no load of the
    machine changes. Without its password function an answer would be a hundred times quicker."""
    known = person(node, "known", "analyst", clock=node.clock)
    Person(node, "invited", ["analyst"], node.clock).enrol()
    person(node, "ended", "analyst", clock=node.clock)
    node.run("account", "end", "ended")
    tried = {"unknown": ("nobody", PASSWORD), "no name at all": ("?", PASSWORD),
             "invited": ("invited", PASSWORD), "ended": ("ended", PASSWORD),
             "wrong password": ("known", "not the password"), "wrong code": ("known", PASSWORD)}
    clients = {name: from_there(known.another_browser(), number)
               for number, name in enumerate(tried, 1)}
    work = dict.fromkeys(tried, 0)
    for _ in range(3):  # in turns, and in the last ones `known` has to wait
        for name, given in tried.items():
            before = processor_ticks(node)
            assert sign_in(clients[name], *given, known.factor.wrong()).status == 401
            work[name] += processor_ticks(node) - before
    assert max(work.values()) < 4 * min(work.values()), work


# --- guessing -------------------------------------------------------------------------------------


def test_row_7_the_second_factor_is_not_guessed_at_sign_in(node):
    """Who knows the password and tries codes is shut out after five, also with the right one, and
    for longer with each further failure: in a day there is time for about a hundred of a million.
    """
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    guesser = from_there(someone.another_browser(), 1)
    for _ in range(ACCOUNT_FAILURES):
        assert sign_in(guesser, "wang-min", PASSWORD, someone.factor.wrong()).status == 401
    assert sign_in(guesser, "wang-min", PASSWORD, someone.factor.code()).status == 401
    # From another address it is the same: the account waits.
    elsewhere = from_there(someone.another_browser(), 2)
    assert sign_in(elsewhere, "wang-min", PASSWORD, someone.factor.code()).status == 401
    # After its wait one more is looked at; when it fails, the wait is twice as long.
    node.clock.forward(WAIT_S + 1)
    assert sign_in(elsewhere, "wang-min", PASSWORD, someone.factor.wrong()).status == 401
    node.clock.forward(WAIT_S + 1)
    assert sign_in(elsewhere, "wang-min", PASSWORD, someone.factor.code()).status == 401
    node.clock.forward(WAIT_S + 1)
    assert sign_in(elsewhere, "wang-min", PASSWORD, someone.factor.code()).status == 200


def test_row_7_the_second_factor_is_not_guessed_at_an_open_session(node):
    """Whoever sits at an open session tries five codes, and the session is gone."""
    someone = person(node, "wang-min", "releasing-officer", clock=node.clock)
    other = someone.another_browser()
    other.sign_in()
    for number in range(ACCOUNT_FAILURES):
        assert someone.get("/session")["account"] == "wang-min", number
        answer = someone.request("POST", "/recalls", {
            "ids": [], "parties": ["RU"], "reason": "other",
            "code": someone.factor.wrong()})
        assert answer.status == 403 and answer.json()["where"] == "$.code"
    assert someone.request("GET", "/session").status == 401
    assert other.request("GET", "/session").status == 401


def test_row_7_a_code_counts_once(node):
    someone = person(node, "wang-min", "releasing-officer", clock=node.clock)
    code = someone.factor.code()
    body = {"ids": [], "parties": ["RU"], "reason": "other", "code": code}
    first = someone.request("POST", "/recalls", body)
    assert first.status != 403
    assert someone.request("POST", "/recalls", body).status == 403
    assert sign_in(someone.another_browser(), "wang-min", PASSWORD, code).status == 401
    # An older one is none either.
    earlier = totp(someone.factor.secret, someone.factor.used - 1)
    assert someone.request("POST", "/recalls", {**body, "code": earlier}).status == 403


def test_row_7_an_address_is_shut_out_after_its_failures_and_others_are_not(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    attacker = from_there(Client(node.pages), 1)
    for number in range(ADDRESS_FAILURES):
        assert sign_in(attacker, f"somebody-{number}", PASSWORD).status == 401
    here = from_there(someone.another_browser(), 1)
    here.factor = someone.factor
    assert sign_in(here, "wang-min", PASSWORD, someone.factor.code()).status == 401
    from_there(someone.another_browser(), 2).sign_in()
    node.clock.forward(ADDRESS_WINDOW_S + 60)
    here.sign_in()


def test_row_6_headers_of_proxies_give_nobody_another_address_or_name(node):
    """Whatever a client says of addresses, names, certificates and protocols is nobody's word."""
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    attacker = from_there(Client(node.pages), 1)
    for number in range(ADDRESS_FAILURES + 2):
        address = f"198.51.100.{number}"
        answer = attacker.request("POST", "/session", {
            "account": f"somebody-{number}", "password": PASSWORD, "code": "000000"}, headers={
            "X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}",
            "X-Client-IP": address, "True-Client-IP": address, "CF-Connecting-IP": address})
        assert answer.status == 401
    here = from_there(someone.another_browser(), 1)
    refused = here.request("POST", "/session", {
        "account": "wang-min", "password": PASSWORD, "code": someone.factor.code()},
        headers={"X-Forwarded-For": "198.51.100.99"})
    assert refused.status == 401, "a header moved it to an address without failures"
    nobody = Client(node.pages)
    for name in ("X-Forwarded-User", "X-Remote-User", "Remote-User", "X-SSL-Client-S-DN",
                 "X-SSL-Client-Verify", "X-Client-Cert", "X-Comity-Account", "Authorization"):
        for value in ("wang-min", "SUCCESS", "CN=wang-min", "Basic d2FuZy1taW46eA=="):
            assert nobody.request("GET", "/node", headers={name: value}).status == 401, name
    forwarded = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https",
                 "X-Forwarded-Prefix": "/other", "X-Original-URL": "/api/v1/accounts",
                 "X-Rewrite-URL": "/api/v1/accounts", "X-HTTP-Method-Override": "DELETE"}
    plain = someone.request("GET", "/node")
    told = someone.request("GET", "/node", headers=forwarded)
    assert told.status == 200 and b"elsewhere" not in told.body
    assert told.json()["party"] == plain.json()["party"]
    other = person(node, "second", "analyst", clock=node.clock)
    answer = other.another_browser().request(
        "POST", "/session", {"account": "second", "password": PASSWORD,
                             "code": other.factor.code()}, headers=forwarded)
    assert answer.status == 200 and "secure" not in answer.header("Set-Cookie").lower()


# --- sessions -------------------------------------------------------------------------------------


def test_a_session_ends_when_it_is_not_used(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    node.clock.forward(IDLE_S - 60)
    assert someone.request("GET", "/node").status == 200
    node.clock.forward(IDLE_S - 60)
    assert someone.request("GET", "/node").status == 200
    node.clock.forward(IDLE_S + 1)
    assert someone.request("GET", "/node").status == 401
    assert someone.request("GET", "/session").status == 401


def test_a_session_ends_after_half_a_day_whatever_is_done(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    step = IDLE_S - 60
    for _ in range(SESSION_S // step):
        node.clock.forward(step)
        assert someone.request("GET", "/node").status == 200
    node.clock.forward(SESSION_S % step + 1)  # less than what ends an idle one
    assert someone.request("GET", "/node").status == 401


def test_signing_out_ends_the_session_at_the_node_and_not_only_in_the_browser(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    kept = someone.cookie
    answer = someone.request("DELETE", "/session")
    assert answer.status == 204
    assert re.search(r"max-age=0|expires=thu, 01 jan 1970", answer.header("Set-Cookie").lower())
    someone.cookie = kept
    assert someone.request("GET", "/session").status == 401


def test_a_session_is_of_the_process_and_its_cookie_new_each_time(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    cookies = {someone.cookie}
    others = []
    for _ in range(SESSIONS_MAX):
        others.append(someone.another_browser())
        # A cookie that somebody planted before signing in is not taken over.
        others[-1].cookie = "A" * 43
        others[-1].sign_in()
        cookies.add(others[-1].cookie)
    assert len(cookies) == SESSIONS_MAX + 1 and "A" * 43 not in cookies
    assert all(len(cookie) >= 43 for cookie in cookies)
    # One more than the bound ended the one that was used longest ago.
    assert someone.request("GET", "/session").status == 401
    assert all(other.request("GET", "/session").status == 200 for other in others)
    node.stop()
    node.serve()
    assert others[0].request("GET", "/session").status == 401


# --- break-glass ----------------------------------------------------------------------------------


def test_the_break_glass_account_raises_an_alarm_that_stays_until_another_sees_it(node):
    auditor = person(node, "auditor", "auditor", clock=node.clock)
    duty = person(node, "duty", "duty-officer", clock=node.clock)
    made = node.answer("account", "break-glass")
    emergency = Person(node, "break-glass", ["administrator"], node.clock)
    emergency.set_up(made["change"]["link"])
    assert duty.get("/today")["alarms"] == []
    session = emergency.sign_in()
    assert session["break_glass"] is True and session["roles"] == ["administrator"]
    for someone in (auditor, duty, emergency):
        (alarm,) = someone.get("/today")["alarms"]
        assert alarm["kind"] == "alarm"
    path = f"/alarms/{urllib.parse.quote(alarm['id'], safe='')}/acknowledgement"
    assert emergency.request("POST", path, emergency.fresh()).status == 403
    assert duty.request("POST", path, duty.fresh()).status == 403
    assert auditor.request("POST", path, {"code": auditor.factor.wrong()}).status == 403
    assert duty.get("/today")["alarms"]
    auditor.post(path, auditor.fresh())
    assert duty.get("/today")["alarms"] == []
    entries = [str(row["entry"]) for row in auditor.everything("/ledger")]
    assert sum("break-glass" in entry for entry in entries) >= 2  # its making, its use


def test_no_secret_of_an_account_stands_in_the_ledger_or_in_an_answer(node):
    someone = person(node, "wang-min", "analyst", clock=node.clock)
    auditor = person(node, "auditor", "auditor", clock=node.clock)
    said = str(auditor.everything("/ledger")) + str(auditor.get("/accounts"))
    for secret in (someone.factor.secret, PASSWORD, someone.cookie, someone.csrf, "argon2",
                   auditor.factor.secret):
        assert secret not in said
    node.verify()
