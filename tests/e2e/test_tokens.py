"""Tokens: the TAXII client that others use reads what its party may have, and nothing else."""

import base64
import json
import shutil

import pytest
import requests
import taxii2client.v21 as taxii
from requests.auth import AuthBase
from requests.exceptions import HTTPError

from harness import HTTP_SECONDS_MAX, INCIDENTS, TAXII, Node, Peer, run
from submitting import assert_taxii_error_of

PAGE = 7
READ_ENTRIES = "SELECT entry FROM ledger WHERE kind = 'read' ORDER BY leaf_index"

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(autouse=True)
def no_other_certificates(monkeypatch):
    """requests prefers these variables to verify=False."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


class Bearer(AuthBase):
    def __init__(self, secret):
        self.secret = secret

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request


def token(node, party, name, *more):
    return node.answer("token", "new", "--party", party, "--collections", "records", "--read",
                       "--name", name, *more)["secret"]


@pytest.fixture
def released(federation):
    """CN has released the incident to RU, holds it back from VN, and serves."""
    cn, ru, vn = federation
    ru.serve()
    vn.serve()
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU,VN", code=1)
    cn.serve()
    return cn, report["objects"]


def server_at(node, name, secret):
    return taxii.Server(f"https://127.0.0.1:{node.port}/taxii2/", user=name, password=secret,
                        verify=False)


def only_collection(server):
    (root,) = server.api_roots
    (records,) = root.collections
    assert (records.alias, records.can_read, records.can_write) == ("records", True, False)
    return records


def test_the_client_reads_everything_it_may_by_basic_and_by_bearer(released):
    cn, total = released
    secret = token(cn, "RU", "ru-siem")
    source = json.loads((INCIDENTS / "wannacry-2017.json").read_text(encoding="utf-8"))["objects"]
    for server in (server_at(cn, "ru-siem", secret),
                   taxii.Server(f"https://127.0.0.1:{cn.port}/taxii2/", verify=False,
                                auth=Bearer(secret))):
        records = only_collection(server)
        whole = records.get_objects()["objects"]
        paged = [item for page in taxii.as_pages(records.get_objects, per_request=PAGE)
                 for item in page.get("objects", [])]
        assert len(whole) == total and paged == whole
        assert {item["id"]: item for item in whole} == {item["id"]: item for item in source}
        with pytest.raises(HTTPError) as caught:
            records.get_object("malware--00000000-0000-4000-8000-000000000000")
        assert caught.value.response.status_code == 404
        server.close()
    cn.stop()
    with cn.store() as store:
        (entry,) = (json.loads(row[0]) for row in store.execute(READ_ENTRIES))
    assert (entry["party"], entry["token"], entry["whole"]) == ("RU", "ru-siem", True)
    assert entry["count"] == 4 * total
    cn.verify()


def test_a_token_of_another_party_sees_nothing(released):
    cn, _ = released
    server = server_at(cn, "vn-siem", token(cn, "VN", "vn-siem"))
    records = only_collection(server)
    assert "objects" not in records.get_objects()
    for row in cn.records()[:5]:
        with pytest.raises(HTTPError) as caught:
            records.get_object(row["id"])
        assert caught.value.response.status_code == 404
    server.close()


def ask(node, path, authorization=None, method="GET", **options):
    headers = {"Accept": TAXII, **({"Authorization": authorization} if authorization else {}),
               **({"Content-Type": TAXII} if method == "POST" else {})}
    return requests.request(method, f"https://127.0.0.1:{node.port}{path}", headers=headers,
                            verify=False, timeout=HTTP_SECONDS_MAX, **options)


def basic(name, secret):
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def told(response):
    """All of an answer but the time of day."""
    return (response.status_code, response.content,
            sorted((name, value) for name, value in response.headers.items() if name != "Date"))


def test_what_does_not_open_gets_one_and_the_same_401(released):
    cn, _ = released
    good = token(cn, "RU", "good")
    elsewhere = token(cn, "RU", "elsewhere", "--network", "198.51.100.0/24")
    here = token(cn, "RU", "here", "--network", "127.0.0.0/8,198.51.100.0/24")
    revoked = token(cn, "RU", "revoked")
    path = "/comity/collections/records/objects/"
    assert ask(cn, path, f"Bearer {revoked}").status_code == 200
    cn.run("token", "revoke", "revoked")
    assert ask(cn, path, f"Bearer {here}").status_code == 200
    refused = [ask(cn, path, field) for field in
               (None, f"Bearer {good}x", "Bearer good", f"Token {good}", f"Bearer {elsewhere}",
                f"Bearer {revoked}", basic("revoked", revoked), basic("good", here), "Basic !")]
    assert {told(answer)[0] for answer in refused} == {401}
    assert len({str(told(answer)) for answer in refused}) == 1
    assert "Basic" in refused[0].headers["WWW-Authenticate"]
    assert "Bearer" in refused[0].headers["WWW-Authenticate"]
    # Nobody says which paths there are before it is known who asks, and big bodies are not read.
    for other in ("/taxii2/", "/comity/", "/nowhere/", "/comity/collections/protocol/objects/"):
        assert told(ask(cn, other)) == told(refused[0])
    assert ask(cn, path, method="POST", data=b" " * 65536).status_code == 401
    assert ask(cn, path, method="POST", data=b" " * 65537).status_code == 413
    assert ask(cn, path, f"Bearer {good}", method="POST", data=b" " * 65537).status_code == 413


def test_a_client_with_a_chosen_password(released, tmp_path):
    cn, total = released
    file = tmp_path / "password"
    new = ("token", "new", "--name", "siem", "--party", "RU", "--collections", "records",
           "--password-file", file)
    file.write_text("password1234\n", encoding="utf-8")
    cn.run(*new, code=2)
    password = "seven trees and a lake"
    file.write_text(password + "\n", encoding="utf-8")
    made = cn.answer(*new)
    assert "secret" not in made and made["token"]["login"] == "password"
    cn.run("token", "new", "--name", "writer", "--write", "--originator", "CN", "--password-file",
           file, code=1)
    server = server_at(cn, "siem", password)
    assert len(only_collection(server).get_objects()["objects"]) == total
    server.close()
    path = "/comity/collections/records/objects/"
    assert ask(cn, path, basic("siem", password)).status_code == 200
    nobody = ask(cn, path)
    for wrong in (basic("siem", "wrong"), basic("other", password), f"Bearer {password}"):
        assert told(ask(cn, path, wrong)) == told(nobody)
    cn.run("token", "revoke", "siem")
    assert told(ask(cn, path, basic("siem", password))) == told(nobody)
    cn.stop()
    assert password.encode() not in (cn.folder / "store.db").read_bytes()
    cn.verify()


def test_a_token_with_a_rate_makes_so_many_requests_in_a_minute(released):
    cn, _ = released
    few = f"Bearer {token(cn, 'RU', 'few', '--rate', '2')}"
    other = f"Bearer {token(cn, 'RU', 'other')}"
    answers = [ask(cn, "/taxii2/", few) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 503, 503]
    for one in answers[2:]:
        assert_taxii_error_of(one, 503)
        assert int(one.headers["Retry-After"]) > 0
    assert ask(cn, "/taxii2/", other).status_code == 200
    run("token", "new", "--name", "none", "--party", "RU", "--collections", "records", "--rate",
        "60001", "--data", cn.folder, code=2)


def test_other_collections_are_not_there(released):
    cn, _ = released
    secret = f"Bearer {token(cn, 'RU', 'ru-siem')}"
    reader = Peer(Node("RU", cn.folder.parent / "RU"), cn)
    ids = {item["alias"]: item["id"]
           for item in reader.get("/comity/collections/").json()["collections"]}
    reader.close()
    unknown = "/comity/collections/00000000-0000-4000-8000-000000000000/"
    for hidden in ("protocol", "inbox", ids["protocol"], ids["inbox"]):
        for rest in ("", "objects/", "objects/indicator--00000000-0000-4000-8000-000000000000/"):
            assert told(ask(cn, f"/comity/collections/{hidden}/{rest}", secret)) == \
                told(ask(cn, unknown + rest, secret)), hidden + rest
    with cn.store() as store:
        (disclosure,) = store.execute("SELECT id FROM protocol LIMIT 1").fetchone()
    assert ask(cn, f"/comity/collections/records/objects/{disclosure}/", secret).status_code == 404
    before = cn.counts()
    for collection, status in (("inbox", 404), ("protocol", 404), ("records", 403)):
        answer = ask(cn, f"/comity/collections/{collection}/objects/", secret, method="POST",
                     data=b'{"objects":[]}')
        assert answer.status_code == status, collection
    assert cn.counts() == before


def test_tokens_are_listed_without_secrets_and_refused_where_they_do_not_fit(released):
    cn, _ = released
    secret = token(cn, "RU", "ru-siem", "--purpose", "warning", "--until", "2027-01-01")
    (row,) = cn.answer("token", "list")["tokens"]
    assert row["state"] == "live" and row["purposes"] == ["warning"]
    assert secret not in json.dumps(row) and "secret" not in row
    new = ("token", "new", "--collections", "records", "--name")
    cn.run(*new, "ru-siem", "--party", "RU", code=2)
    cn.run(*new, "own", "--party", "CN", code=2)
    cn.run(*new, "writer", "--party", "RU", "--write", code=1)
    cn.run("token", "new", "--name", "p", "--party", "RU", "--collections", "protocol", code=1)
    cn.run("token", "revoke", "unheard", code=2)
    run("token", code=2)


# --- security-tests rows 2 and 3: whether a record exists that the caller may not have -----------

HIDDEN = "indicator--0a0a0a0a-0000-4000-8000-000000000001"
NEW = "indicator--0b0b0b0b-0000-4000-8000-000000000002"

QUERIES = ["", "?limit=1", "?limit=1000", "?added_after=2020-01-01T00:00:00Z",
           "?added_after=2999-01-01T00:00:00Z", "?match[type]=indicator", f"?match[id]={HIDDEN}",
           f"?match[id]={HIDDEN},{NEW}", "?match[version]=all", "?match[version]=first",
           "?match[spec_version]=2.1", f"?match[id]={HIDDEN}&match[version]=all&limit=1",
           "?limit=0", "?next=abc", "?added_after=junk"]


def routes():
    yield from [("GET", path) for path in (
        "/taxii2/", "/comity/", "/comity/collections/", f"/comity/status/{HIDDEN}/",
        f"/comity/status/{HIDDEN[11:]}/", f"/comity/collections/{HIDDEN}/",
        f"/comity/{HIDDEN}/")]
    for alias in ("records", "protocol", "inbox"):
        for method in ("GET", "HEAD"):
            yield method, f"/comity/collections/{alias}/"
            for query in QUERIES:
                yield method, f"/comity/collections/{alias}/objects/{query}"
                yield method, f"/comity/collections/{alias}/manifest/{query}"
            for query in ("", "?match[version]=all", "?limit=1",
                          "?added_after=2020-01-01T00:00:00Z"):
                yield method, f"/comity/collections/{alias}/objects/{HIDDEN}/{query}"
                yield method, f"/comity/collections/{alias}/objects/{HIDDEN}/versions/{query}"
        yield "DELETE", f"/comity/collections/{alias}/objects/{HIDDEN}/"
        yield "POST", f"/comity/collections/{alias}/objects/"


def answers(node, callers, those=routes):
    out = {}
    for caller, certificate, authorization in callers:
        with requests.Session() as session:
            session.verify, session.cert = False, certificate
            for method, path in those():
                headers = {"Accept": TAXII}
                if authorization:
                    headers["Authorization"] = authorization
                body = None
                if method == "POST":
                    headers["Content-Type"] = TAXII
                    body = json.dumps({"objects": [{"id": HIDDEN, "type": "indicator"}]})
                response = session.request(method, f"https://127.0.0.1:{node.port}{path}",
                                           headers=headers, data=body, timeout=HTTP_SECONDS_MAX)
                out[caller, method, path] = told(response)
    return out


def test_whether_a_hidden_record_exists_cannot_be_told(released, tmp_path):
    """Two states of one node: with a record for nobody, and without. Every answer is the same."""
    cn, _ = released
    ru, vn = (Node(party, cn.folder.parent / party) for party in ("RU", "VN"))
    callers = [("RU", (ru.certificate, ru.key), None), ("VN", (vn.certificate, vn.key), None),
               ("RU token", None, f"Bearer {token(cn, 'RU', 'ru-siem')}"),
               ("VN token", None, f"Bearer {token(cn, 'VN', 'vn-siem')}"), ("nobody", None, None)]
    cn.stop()
    shutil.copytree(cn.folder, tmp_path / "with")
    states = {}
    for name, folder in (("without", cn.folder), ("with", tmp_path / "with")):
        node = Node("CN", folder)
        if name == "with":
            path = tmp_path / "hidden.json"
            path.write_text(json.dumps({"type": "bundle", "objects": [{
                "type": "indicator", "spec_version": "2.1", "id": HIDDEN,
                "created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z",
                "pattern": "[ipv4-addr:value = '198.51.100.77']", "pattern_type": "stix",
                "valid_from": "2026-01-01T00:00:00Z"}],
                "id": "bundle--0a0a0a0a-0000-4000-8000-000000000009"}), encoding="utf-8")
            node.run("import", path, "--tlp", "red")
        node.serve()
        states[name] = answers(node, callers)
        if name == "with":
            for caller, certificate, authorization in callers:
                for query in ("", "?match[version]=all", "versions/",
                              "versions/?added_after=2020-01-01T00:00:00Z"):
                    pair = [told(requests.get(
                        f"https://127.0.0.1:{node.port}/comity/collections/records/objects/"
                        f"{one}/{query}", cert=certificate, verify=False,
                        timeout=HTTP_SECONDS_MAX,
                        headers={"Accept": TAXII, **({"Authorization": authorization}
                                                     if authorization else {})}))
                            for one in (HIDDEN, NEW)]
                    assert pair[0] == pair[1], f"{caller} {query}"
        node.stop()
    assert states["with"] == states["without"]
    assert {code for code, _, _ in states["with"].values()} >= {200, 400, 401, 403, 404, 405}
    cn.verify()


def test_a_party_without_node_collects(nodes, tmp_path):
    cn = nodes("CN")
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU", code=2)
    secret = token(cn, "RU", "ru-siem")
    row = cn.answer("release", report["import"], "--to", "RU")["parties"][0]
    assert row["disclosed"] == report["objects"] and row["held_back"] == 0
    assert all(item["collected"] == 0 and not item["receipt"] for item in row["sent"])
    assert "never with a receipt" in cn.run("release", report["import"], "--to", "RU").stdout
    cn.serve()
    server = server_at(cn, "ru-siem", secret)
    assert len(only_collection(server).get_objects()["objects"]) == report["objects"]
    server.close()
    cn.stop()
    assert cn.answer("release", report["import"], "--to", "RU")["parties"][0]["sent"] == []
    states = cn.answer("receipt", "list", "--party", "RU")["sent"]
    assert {row["state"] for row in states} == {"collected"}
    assert sum(row["collected"] for row in states) == report["objects"]
    cn.verify()
