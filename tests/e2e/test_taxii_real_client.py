"""What taxii2-client, the client of OASIS, makes of the answers of a node. docs/taxii-probes.md,
rows 43 to 50."""

import json
import urllib.parse

import pytest
import requests
import taxii2client.v21 as taxii
from taxii2client.exceptions import ValidationError

from harness import COMMAND_SECONDS_MAX, INBOX, TAXII, identifier, indicator
from submitting import Submitter, writer
from test_taxii_probes import OBJECTS, give, probed

__all__ = ["probed"]  # a fixture

SCANNED = 5000  # grants that one page looks at
PENDING = 101  # the smallest submission that is not taken in before its answer
PASSWORD = "seven otters under the old bridge"

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(autouse=True)
def no_other_certificates(monkeypatch):
    """requests prefers these variables to verify=False."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


class Bearer(requests.auth.AuthBase):
    def __init__(self, secret):
        self.secret = secret

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request


def reading(node, name, *more):
    return node.answer("token", "new", "--party", "RU", "--collections", "records", "--read",
                       "--name", name, *more)


def discovery(node, host="127.0.0.1"):
    return f"https://{host}:{node.port}/taxii2/"


def by_certificate(probed, host="127.0.0.1"):
    cn, ru, _, _ = probed
    return taxii.Server(discovery(cn, host), verify=False, cert=(ru.certificate, ru.key))


def records_of(server):
    (found,) = (item for item in server.default.collections if item.alias == "records")
    return found


def test_probe_43_the_client_puts_a_slash_at_the_end(probed):
    cn, ru, _, texts = probed
    options = {"verify": False, "cert": (ru.certificate, ru.key)}
    server = taxii.Server(discovery(cn).rstrip("/"), **options)
    found = records_of(server)
    root = taxii.ApiRoot(server.default.url.rstrip("/"), **options)
    again = taxii.Collection(found.url.rstrip("/"), **options)
    assert root.title == server.default.title and again.title == found.title
    for one in (server, root, again):
        assert one.url.endswith("/")
        one.close()
    assert len(found.get_objects()["objects"]) == len(texts)


def test_probe_44_every_way_in_which_it_logs_in(probed, tmp_path):
    cn, ru, _, texts = probed
    secret = reading(cn, "by-secret")["secret"]
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    reading(cn, "by-password", "--password-file", tmp_path / "password")
    for options in ({"cert": (ru.certificate, ru.key)}, {"user": "by-secret", "password": secret},
                    {"user": "by-password", "password": PASSWORD}, {"auth": Bearer(secret)},
                    {"auth": requests.auth.HTTPBasicAuth("by-secret", secret)}):
        server = taxii.Server(discovery(cn), verify=False, **options)
        assert len(records_of(server).get_objects()["objects"]) == len(texts), options
        server.close()
    for options in ({}, {"user": "by-secret", "password": PASSWORD}, {"auth": Bearer("x")}):
        with pytest.raises(requests.exceptions.HTTPError) as caught:
            taxii.Server(discovery(cn), verify=False, **options).title
        assert caught.value.response.status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_probe_45_api_roots_lead_back_to_where_it_asked(probed, host):
    """As clients read them: relative to the address of the discovery."""
    server = by_certificate(probed, host)
    asked = urllib.parse.urlsplit(server.url)
    assert server.title and server.api_roots
    for root in server.api_roots:
        found = urllib.parse.urlsplit(root.url)
        assert (found.scheme, found.netloc) == (asked.scheme, asked.netloc)
        assert root.collections
    assert server.default in server.api_roots
    server.close()


def test_probe_46_the_id_of_a_collection_is_in_its_address(probed):
    cn, ru, _, texts = probed
    options = {"verify": False, "cert": (ru.certificate, ru.key)}
    server = by_certificate(probed)
    for found in server.default.collections:
        assert found.id in found.url and found.alias and found.alias not in found.url
        alias = taxii.Collection(found.url.replace(found.id, found.alias), **options)
        with pytest.raises(ValidationError, match="does not match the url"):
            alias.title  # it is answered; the client takes ids alone
        alias.close()
    assert len(records_of(server).get_objects()["objects"]) == len(texts)
    server.close()


def test_probe_47_the_content_type_has_every_word_of_accept(probed):
    texts = probed[3]
    server = by_certificate(probed)
    records = records_of(server)
    for accept in (TAXII, "application/taxii+json", "application/taxii+json; version=2.1"):
        assert len(records.get_objects(accept=accept)["objects"]) == len(texts)
        assert len(records.get_manifest(accept=accept)["objects"]) == len(texts)
    server.close()


def test_probe_48_as_pages_goes_on_with_as_many_as_it_received(federation, tmp_path):
    """Its first page is full, shorter than it asked for, or empty with more behind it."""
    cn, ru, _ = federation
    last = {"type": "ipv4-addr", "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
            "value": "198.51.100.3"}
    objects = [indicator(number) for number in range(SCANNED + 1)]
    give(cn, tmp_path / "many.json", *map(json.dumps, [*objects, last]))
    cn.serve()
    server = by_certificate((cn, ru, None, None))
    records = records_of(server)
    for asked, largest in ((0, 100), (1500, 1000)):
        pages = [page.get("objects", []) for page in taxii.as_pages(records.get_objects, asked)]
        assert [item for page in pages for item in page] == [*objects, last]
        assert {len(page) for page in pages[:-1]} == {largest}
    pages = [page.get("objects", []) for page in
             taxii.as_pages(records.get_objects, 2, type="ipv4-addr")]
    assert pages[0] == [] and [item for page in pages for item in page] == [last]
    listed = [item for page in taxii.as_pages(records.get_manifest, 2, type="ipv4-addr")
              for item in page.get("objects", [])]
    assert [item["id"] for item in listed] == [last["id"]]
    server.close()


def test_probe_49_the_counts_of_a_status_add_up(written):
    """The client refuses a status whose counts do not, or whose lists have other lengths."""
    cn = written[0]
    server = taxii.Server(discovery(cn), verify=False, user="client",
                          password=writer(cn, "CN", "client"))
    (inbox,) = server.default.collections
    objects = [indicator(number) for number in range(PENDING)]
    objects[50] = {**objects[50], "modified": "soon"}
    status = inbox.add_objects({"objects": objects}, wait_for_completion=False)
    assert not status and status.status == "pending" and len(status.pendings) == PENDING
    status.wait_until_final(poll_interval=0.05, timeout=COMMAND_SECONDS_MAX)
    assert status and (len(status.successes), len(status.failures), len(status.pendings)) == \
        (PENDING - 1, 1, 0)
    assert status.failures[0]["id"] == identifier("indicator", 50)
    again = server.default.get_status(status.id)
    assert (again.total_count, again.success_count, again.failure_count, again.pending_count) == \
        (PENDING, PENDING - 1, 1, 0)
    assert again.request_timestamp == status.request_timestamp
    server.close()


def test_probe_50_the_reply_to_a_post_is_202(written):
    cn, _, sensor, _ = written
    status = sensor.post(indicator(1))  # says that it is 202
    assert sensor.status(status["id"]).status_code == 200
    stranger = Submitter(cn, "sensor", "comity_of-nobody")
    got = stranger.ask("POST", INBOX, json.dumps({"objects": [indicator(2)]}).encode())
    assert got.status_code == 401
    assert sensor.ask("GET", OBJECTS).status_code == 404
    stranger.close()
