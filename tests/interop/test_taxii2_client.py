"""taxii2-client, the client of OASIS, unchanged: from discovery to the status of a submission."""

import pytest
import taxii2client.v21 as taxii
from requests.exceptions import HTTPError

from harness import COMMAND_SECONDS_MAX, INCIDENTS, envelope_of, pair

from served import all_of

TAXII_TYPE = "application/taxii+json;version=2.1"
STIX_TYPE = "application/stix+json;version=2.1"

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


def by_id(objects):
    assert len({item["id"] for item in objects}) == len(objects)
    return {item["id"]: item for item in objects}


def test_every_address_can_be_the_first(served):
    server = served.by_certificate()
    (root,) = server.api_roots
    assert server.default.url == root.url and "CN" in server.title
    assert root.title and root.versions == [TAXII_TYPE] and root.max_content_length > 0
    options = {"cert": (served.reader.certificate, served.reader.key), "verify": False}
    again = taxii.ApiRoot(root.url, **options)
    assert [item.id for item in again.collections] == [item.id for item in root.collections]
    for found in root.collections:
        alone = taxii.Collection(found.url, **options)
        for name in ("id", "title", "description", "alias", "can_read", "can_write"):
            assert getattr(alone, name) == getattr(found, name)
        assert alone.media_types == found.media_types == [STIX_TYPE]
        alone.close()


def test_certificate_and_token_read_the_same_and_all_of_it(served):
    (root,) = served.by_certificate().api_roots
    (by_certificate,) = (item for item in root.collections if item.alias == "records")
    whole = all_of(by_certificate)
    assert by_id(whole) == served.objects
    assert all_of(served.records()) == whole


@pytest.mark.parametrize("per_request", [0, 7, 100, 5000])
def test_pages_of_any_size_follow_each_other_without_a_gap(served, per_request):
    records = served.records()
    pages = [page.get("objects", []) for page in taxii.as_pages(records.get_objects, per_request)]
    assert [item for page in pages for item in page] == all_of(records)
    largest = min(per_request or 100, 1000)
    assert all(len(page) == largest for page in pages[:-1]) and len(pages[-1]) <= largest


def test_filters_are_the_clients_own_filters_of_everything(served):
    records = served.records()
    whole = all_of(records)
    kinds = sorted({item["type"] for item in whole})
    assert len(kinds) > 10
    for kind in kinds:
        expected = [item for item in whole if item["type"] == kind]
        assert all_of(records, type=kind) == expected
        assert all_of(records, per_request=5, type=kind) == expected
    two = kinds[:2]
    assert all_of(records, type=two) == [item for item in whole if item["type"] in two]
    some = whole[::17]
    assert all_of(records, id=[item["id"] for item in some]) == some
    assert all_of(records, version="all") == all_of(records, version="first") == whole
    assert all_of(records, spec_version="2.1") == whole
    assert all_of(records, spec_version="2.0") == []
    assert all_of(records, added_after="2001-01-01T00:00:00Z") == whole
    assert all_of(records, added_after="2999-01-01T00:00:00.000001Z") == []


def test_one_object_at_a_time(served):
    records = served.records()
    for item in all_of(records)[::23]:
        assert records.get_object(item["id"])["objects"] == [item]
        if "modified" in item:
            same = records.get_object(item["id"], version=item["modified"])
            assert same["objects"] == [item]
    with pytest.raises(HTTPError) as caught:
        records.get_object("indicator--00000000-0000-4000-8000-000000000000")
    assert caught.value.response.status_code == 404


def test_it_submits_what_a_node_has_signed_and_reads_its_fate(nodes):
    cn, ru = nodes("CN", "RU")
    pair(cn, ru)
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU", code=None)  # who does not serve yet
    envelope = envelope_of(cn, "RU", 1)
    ru.serve()
    server = taxii.Server(f"https://127.0.0.1:{ru.port}/taxii2/", verify=False,
                          cert=(cn.certificate, cn.key))
    (root,) = server.api_roots
    (inbox,) = (item for item in root.collections if item.alias == "inbox")
    status = inbox.add_objects(envelope.bytes(), timeout=COMMAND_SECONDS_MAX)
    total = 1 + len(envelope.records)
    assert (status.status, status.total_count, status.success_count, status.failure_count,
            status.pending_count) == ("complete", total, total, 0, 0)
    assert {item["id"] for item in status.successes} == \
        {envelope.statement()["id"], *(row["id"] for row in ru.records())}
    again = root.get_status(status.id)
    assert again.successes == status.successes and not again.failures and not again.pendings
    assert len(ru.records()) == len(envelope.records)

    other = taxii.ApiRoot(root.url, verify=False, cert=(ru.certificate, ru.key))
    with pytest.raises(HTTPError) as caught:
        other.get_status(status.id)
    assert caught.value.response.status_code in (401, 404)
    server.close()
