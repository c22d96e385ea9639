"""Rows of the security tests that no other file has; docs/security-tests.md says where each row is.

Names begin with the number of their row.
"""

import json
import resource
import shutil
import signal
import subprocess

import pytest
import requests

from harness import (COMITY, COMMAND_SECONDS_MAX, HTTP_SECONDS_MAX, INBOX, TAXII, Envelope, Node,
                     Peer, assert_taxii_error, bundle, envelope_of, environment, identifier,
                     indicator, pair, read_until, sign, start)
from test_tokens import HIDDEN, NEW, answers, ask, told, token

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

VISIBLE = 12  # records that RU may read
OBJECTS = "/comity/collections/records/objects/"


@pytest.fixture(autouse=True)
def no_other_certificates(monkeypatch):
    """requests prefers these variables to verify=False."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def imported(node, tmp_path, *objects, tlp="green"):
    path = tmp_path / "objects.json"
    path.write_text(bundle(*objects), encoding="utf-8")
    return node.answer("import", path, "--tlp", tlp)["import"]


# --- row 1: ids in path, query and body that disagree --------------------------------------------


@pytest.fixture
def waiting(federation, tmp_path):
    """RU serves; CN has a disclosure for it that was never sent."""
    cn, ru, _ = federation
    made = imported(cn, tmp_path, *map(indicator, range(4)))
    cn.run("release", made, "--to", "RU", code=3)
    ru.serve()
    peer = Peer(cn, ru)
    yield cn, ru, peer, envelope_of(cn, "RU", 1)
    peer.close()


def test_row_1_a_write_whose_ids_disagree_changes_nothing(waiting, tmp_path):
    cn, ru, peer, good = waiting
    before = ru.counts()
    own, other = good.statement()["id"], identifier("comity-disclosure", 9)
    for path in ("/comity/collections/records/objects/", "/comity/collections/protocol/objects/",
                 f"/comity/collections/{other}/objects/", f"{INBOX}{other}/", f"{INBOX}{own}/",
                 f"{INBOX}{identifier('indicator', 1)}/", f"/comity/status/{other}/",
                 "/comity/", "/taxii2/", "/other/collections/inbox/objects/"):
        assert_taxii_error(peer.request("POST", path, body=good.bytes()))
        assert ru.counts() == before, path
    for path in (INBOX, f"{INBOX}{own}/", f"{OBJECTS}{identifier('indicator', 1)}/"):
        for method in ("PUT", "PATCH", "DELETE"):
            assert_taxii_error(peer.request(method, path, body=good.bytes()), 404, 405)
            assert ru.counts() == before, (method, path)
    # Well signed, and one of its ids names something else.
    statement = good.statement()
    digest = statement["records"][0]["digest"]
    for change in ({"from": "VN"}, {"to_party": "VN"}, {"id": identifier("indicator", 7)},
                   {"mode": "operational"}, {"previous": digest},
                   {"records": statement["records"][:-1]},
                   {"records": statement["records"][1:] + statement["records"][:1]}):
        altered = sign({**statement, **change}, cn.folder / "keys/node.pem", tmp_path)
        assert_taxii_error(peer.post(good.altered(altered).bytes()))
        assert ru.counts() == before, change
    assert peer.post(good.bytes()).status == 202


# --- rows 2 and 3: whether a record exists that another party has ---------------------------------


def all_routes():
    paths = ["/", "/taxii2/", "/comity/", "/comity/collections/", "/comity/status/",
             f"/comity/status/{HIDDEN}/", f"/comity/status/{HIDDEN[11:]}/", f"/comity/{HIDDEN}/"]
    for alias in ("records", "protocol", "inbox", HIDDEN):
        paths.append(f"/comity/collections/{alias}/")
        for rest in ("objects/", "manifest/", f"objects/{HIDDEN}/", f"objects/{NEW}/",
                     f"objects/{HIDDEN}/versions/", f"manifest/{HIDDEN}/"):
            for query in ("", "?limit=3", "?match[version]=all", "?match[type]=indicator",
                          f"?match[id]={HIDDEN}", f"?match[id]={HIDDEN},{NEW}&limit=1",
                          "?match[type]=comity-disclosure", "?match[type]=comity-recall",
                          "?added_after=2020-01-01T00:00:00Z", "?next=abc"):
                paths.append(f"/comity/collections/{alias}/{rest}{query}")
    for path in paths:
        yield from ((method, path) for method in ("GET", "HEAD"))
        if "?" not in path:
            yield from ((method, path) for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def pages(node, caller):
    """Every page of the view, each as its answer tells it, up to the last."""
    _, certificate, authorization = caller
    out, following = [], ""
    while following is not None:
        got = ask(node, f"{OBJECTS}?limit=5{following}", authorization, cert=certificate)
        out.append(told(got))
        envelope = got.json()
        following = f"&next={envelope['next']}" if envelope.get("more") else None
    return out


@pytest.fixture
def two_states(nodes, tmp_path):
    """CN, from which RU has some records; a copy in which KZ was given another one as well, and
    it was recalled; who asks."""
    cn, ru, kz = nodes("CN", "RU", "KZ")
    pair(cn, ru)
    pair(cn, kz)
    ru.serve()
    made = imported(cn, tmp_path, *map(indicator, range(VISIBLE)))
    cn.run("release", made, "--to", "RU")
    ru.stop()
    secret = token(cn, "RU", "ru-siem")
    shutil.copytree(cn.folder, tmp_path / "with")
    other = Node("CN", tmp_path / "with")
    hidden = {**indicator(1), "id": HIDDEN}
    made = imported(other, tmp_path, hidden, tlp="clear")
    other.run("release", made, "--to", "KZ", code=3)
    assert other.counts()["protocol"] > cn.counts()["protocol"]  # the disclosure to KZ
    other.run("recall", HIDDEN, "--reason", "other", code=None)
    return {"without": cn, "with": other}, [
        ("RU", (ru.certificate, ru.key), None), ("RU token", None, f"Bearer {secret}"),
        ("nobody", None, None)]


def test_row_2_what_another_party_has_is_in_no_answer(two_states):
    states, callers = two_states
    told_by = {}
    for name, node in states.items():
        node.serve()
        try:
            told_by[name] = answers(node, callers, all_routes)
            told_by[name + " pages"] = [pages(node, caller) for caller in callers[:2]]
        finally:
            node.stop()
    different = [key for key in told_by["with"] if told_by["with"][key] != told_by["without"][key]]
    assert not different
    assert told_by["with pages"] == told_by["without pages"]
    assert [len(list_) for list_ in told_by["with pages"]] == [-(-VISIBLE // 5)] * 2
    assert {code for code, _, _ in told_by["with"].values()} >= {200, 400, 401, 404, 405}


def test_row_3_not_found_and_already_there_are_one_answer(two_states):
    states, callers = two_states
    node = states["with"]
    node.serve()
    try:
        for _, certificate, authorization in callers:
            for method in ("GET", "HEAD", "DELETE"):
                for rest in ("", "?match[version]=all", "versions/"):
                    both = [told(ask(node, f"{OBJECTS}{one}/{rest}", authorization, method,
                                     cert=certificate)) for one in (HIDDEN, NEW)]
                    assert both[0] == both[1], (method, rest)
    finally:
        node.stop()


# --- row 5: what JSON must not be -----------------------------------------------------------------

HUGE_STRING_BYTES = 24 * 1024 * 1024
TEXT = '"name":"example 1"'

# name: (a text in the place of TEXT, where the import says what is wrong)
JSON_THAT_IS_NONE = {
    "depth 10,000": ('"name":' + "[" * 10_000 + "]" * 10_000, "nested deeper"),
    "the same name twice": ('"name":"a","name":"b"', "twice"),
    "the same name twice, spelt in two ways": ('"name":"a","na\\u006de":"b"', "twice"),
    "a lone first surrogate": ('"name":"\\ud800"', "surrogate"),
    "a lone second surrogate": ('"name":"\\udc00x"', "surrogate"),
    "surrogates in the wrong order": ('"name":"\\udc00\\ud800"', "surrogate"),
    "2^53": ('"x_n":9007199254740992', "2^53"),
    "a number of a thousand digits": ('"x_n":' + "9" * 1000, "2^53"),
    "a number beyond a double": ('"x_n":1e999', ""),
    "not a number": ('"x_n":NaN', ""),
    "bytes that are no UTF-8": ('"name":"\xff"', "UTF-8"),
    "an overlong slash": ('"name":"\xc0\xaf"', "UTF-8"),
    "a surrogate in UTF-8": ('"name":"\xed\xa0\x80"', "UTF-8"),
    "a control character": ('"name":"\x01"', ""),
}


def spoilt(name):
    text = json.dumps(indicator(1), separators=(",", ":"))
    assert TEXT in text
    return text.encode().replace(TEXT.encode(), JSON_THAT_IS_NONE[name][0].encode("latin-1"))


@pytest.mark.parametrize("name", JSON_THAT_IS_NONE)
def test_row_5_import_takes_no_bad_json(nodes, tmp_path, name):
    node = nodes("XA")
    path = tmp_path / "bad.json"
    path.write_bytes(bundle("@").encode().replace(b"@", spoilt(name)))
    done = node.run("import", path, "--tlp", "clear", code=None)
    assert done.returncode in (1, 2)
    assert JSON_THAT_IS_NONE[name][1] in done.stdout + done.stderr
    assert node.records() == []
    node.verify()


def test_row_5_the_inbox_takes_no_bad_json(waiting):
    _, ru, peer, good = waiting
    before = ru.counts()
    for name in JSON_THAT_IS_NONE:
        for place in range(2):
            records = [*good.records]
            records[place] = spoilt(name)
            assert_taxii_error(peer.post(good.altered(records=records).bytes()))
            statement = good.disclosure.replace(
                b'"type":', JSON_THAT_IS_NONE[name][0].encode("latin-1") + b',"type":', 1)
            assert_taxii_error(peer.post(Envelope(statement, good.records).bytes()))
            assert ru.counts() == before, name
    assert peer.post(good.bytes()).status == 202


def test_row_5_a_huge_string_is_bounded_on_every_way_in(waiting, tmp_path):
    cn, ru, peer, good = waiting
    before = ru.counts()
    huge = json.dumps({**indicator(1), "description": "x" * HUGE_STRING_BYTES}).encode()
    got = peer.post(good.altered(records=[huge, *good.records[1:]]).bytes())
    assert_taxii_error(got)
    assert ru.counts() == before
    peer.close()
    path = tmp_path / "huge.json"
    path.write_bytes(bundle("@", indicator(50)).encode().replace(b"@", huge))
    report = cn.answer("import", path, "--tlp", "clear", code=1)
    assert (report["refused"], report["added"]) == (1, 1)
    assert identifier("indicator", 50) in {row["id"] for row in cn.records()}
    cn.verify()


# --- row 6: who asks is who holds the key ---------------------------------------------------------


def claims(node):
    """Headers with which proxies say whom they have seen."""
    certificate = open(node.certificate, encoding="ascii").read().replace("\n", "%0A")
    return [{"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-Host": node.party},
            {"X-Forwarded-Proto": "https"}, {"X-Real-IP": "198.51.100.7"},
            {"Forwarded": "for=198.51.100.7;proto=https"}, {"X-Forwarded-User": node.party},
            {"X-SSL-Client-Cert": certificate}, {"X-SSL-Client-Verify": "SUCCESS"},
            {"X-SSL-Client-S-DN": f"CN={node.party}"}, {"X-Client-Cert": certificate},
            {"X-Forwarded-Client-Cert": f'Cert="{certificate}"'}, {"SSL_CLIENT_CERT": certificate},
            {"X-Forwarded-For": "127.0.0.1", "X-SSL-Client-Verify": "SUCCESS",
             "X-SSL-Client-Cert": certificate, "X-Remote-User": node.party}]


def test_row_6_headers_of_proxies_are_nobodys_word(federation, tmp_path):
    cn, ru, vn = federation
    ru.serve()
    cn.run("release", imported(cn, tmp_path, *map(indicator, range(3))), "--to", "RU")
    cn.serve()
    far = token(cn, "RU", "far", "--network", "198.51.100.0/24")
    plain = {"nobody": ask(cn, OBJECTS), "far": ask(cn, OBJECTS, f"Bearer {far}"),
             "VN": ask(cn, OBJECTS, cert=(vn.certificate, vn.key)),
             "RU": ask(cn, OBJECTS, cert=(ru.certificate, ru.key))}
    assert [plain[name].status_code for name in ("nobody", "far", "VN", "RU")] == \
        [401, 401, 200, 200]
    assert len(plain["RU"].json()["objects"]) == 3 and "objects" not in plain["VN"].json()
    for headers in [*claims(ru), *claims(vn)]:
        for name, certificate, authorization in (
                ("nobody", None, None), ("far", None, f"Bearer {far}"),
                ("VN", (vn.certificate, vn.key), None), ("RU", (ru.certificate, ru.key), None)):
            got = requests.get(
                f"https://127.0.0.1:{cn.port}{OBJECTS}", cert=certificate, verify=False,
                timeout=HTTP_SECONDS_MAX,
                headers={"Accept": TAXII, **headers,
                         **({"Authorization": authorization} if authorization else {})})
            assert told(got) == told(plain[name]), (name, headers)


# --- row 15: a disk that is full, or takes nothing ------------------------------------------------

ROOM_BYTES = 300_000  # that the files of a store may still grow
MANY = 3000


def full_disk(folder, room=ROOM_BYTES):
    """Options of a process whose files cannot grow far: writes fail as on a full disk. Without
    room nothing can be written."""
    bytes_max = room and (folder / "store.db").stat().st_size + room

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    # What is said about it must not go to a file that cannot grow either.
    return {"preexec_fn": limit, "restore_signals": False, "stderr": subprocess.PIPE}


def ended(process):
    """The exit code of a command, once it has said everything."""
    process.communicate(timeout=COMMAND_SECONDS_MAX)
    return process.returncode


def test_row_15_an_import_on_a_full_disk_keeps_whole_batches(nodes, tmp_path):
    node = nodes("XA")
    path = tmp_path / "many.json"
    path.write_text(bundle(*map(indicator, range(MANY))), encoding="utf-8")
    process = start("import", path, "--tlp", "clear", "--data", node.folder,
                    **full_disk(node.folder))
    assert ended(process) == 3
    held = node.records()
    assert len(held) < MANY and len(held) % 1000 == 0
    node.verify()
    report = node.answer("import", path, "--tlp", "clear")
    assert report["added"] + report["existed"] == MANY and len(node.records()) == MANY
    node.verify()


def test_row_15_where_nothing_can_be_written_nothing_changes(nodes, tmp_path):
    node = nodes("XA")
    imported(node, tmp_path, indicator(1))
    before = node.counts()
    path = tmp_path / "more.json"
    path.write_text(bundle(*map(indicator, range(2, 100))), encoding="utf-8")
    process = start("import", path, "--tlp", "clear", "--data", node.folder,
                    **full_disk(node.folder, room=0))
    assert ended(process) == 3
    assert node.counts() == before
    node.verify()


def test_row_15_what_cannot_be_said_changes_no_exit_code(nodes, tmp_path):
    node = nodes("XA")
    with open("/dev/full", "w", encoding="ascii") as full:
        for arguments, stream, code in (
                (("import", tmp_path / "none.json"), "stderr", 2), (("records",), "stdout", 3)):
            done = subprocess.run(
                [COMITY, *map(str, arguments), "--data", node.folder], stdin=subprocess.DEVNULL,
                check=False, env=environment(), timeout=COMMAND_SECONDS_MAX, **{stream: full})
            assert done.returncode == code, arguments


def test_row_15_a_recipient_with_a_full_disk_acknowledges_nothing_it_does_not_keep(
        federation, tmp_path):
    cn, ru, _ = federation
    made = imported(cn, tmp_path, *map(indicator, range(MANY)))
    ru.process = start("serve", "--data", ru.folder, **full_disk(ru.folder))
    read_until(ru.process, "listens on")
    cn.run("release", made, "--to", "RU", code=3)
    ru.process.stderr.close()
    ru.kill()
    sent = cn.answer("receipt", "list", "--party", "RU")["sent"]
    answered = [row for row in sent if row["state"] == "receipt"]
    assert len(answered) < len(sent)
    assert len(ru.records()) >= 1000 * len(answered)
    ru.verify()
    ru.serve()
    cn.run("release", made, "--to", "RU")
    digests = [row["digest"] for row in ru.records()]
    assert len(digests) == len(set(digests)) == MANY
    assert cn.verify()["receipts_missing"] == 0
    ru.verify()
