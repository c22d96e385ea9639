"""taxii2-client, unchanged: manifest and versions, and what a token submits and deletes."""

import pytest
import taxii2client.v21 as taxii
from requests.exceptions import HTTPError

from harness import identifier, indicator

from served import all_of

WRITER = "sensor"
STIX_TYPE = "application/stix+json;version=2.1"

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.mark.parametrize("per_request", [7, 100, 5000])
def test_the_manifest_tells_of_every_object_in_its_order(served, per_request):
    records = served.records()
    listed = [item for page in taxii.as_pages(records.get_manifest, per_request)
              for item in page.get("objects", [])]
    whole = all_of(records)
    assert [item["id"] for item in listed] == [item["id"] for item in whole]
    for entry, item in zip(listed, whole):
        assert entry["media_type"] == STIX_TYPE
        assert entry["version"] == item.get("modified", item.get("created", entry["version"]))
    dates = [entry["date_added"] for entry in listed]
    assert dates == sorted(set(dates))
    half = dates[len(dates) // 2]
    later = records.get_manifest(added_after=half, limit=1000)["objects"]
    assert [entry["date_added"] for entry in later] == [date for date in dates if date > half]
    reports = records.get_manifest(type="report", limit=1000)["objects"]
    assert [entry["id"] for entry in reports] == \
        [item["id"] for item in whole if item["type"] == "report"]


def test_versions_are_those_of_the_manifest(served):
    records = served.records()
    for entry in records.get_manifest(limit=1000)["objects"][::31]:
        assert records.object_versions(entry["id"])["versions"] == [entry["version"]]
    with pytest.raises(HTTPError) as caught:
        records.object_versions(identifier("indicator", 999))
    assert caught.value.response.status_code == 404


def test_what_it_submits_it_can_delete(served):
    secret = served.node.answer("token", "new", "--write", "--originator", "CN",
                                "--name", WRITER)["secret"]
    server = taxii.Server(f"https://127.0.0.1:{served.node.port}/taxii2/", user=WRITER,
                          password=secret, verify=False)
    (root,) = server.api_roots
    (inbox,) = root.collections
    broken = {**indicator(3), "modified": "yesterday"}
    status = inbox.add_objects({"objects": [indicator(1), broken, indicator(2)]})
    assert (status.total_count, status.success_count, status.failure_count) == (3, 2, 1)
    assert [item["id"] for item in status.failures] == [broken["id"]]
    again = root.get_status(status.id)
    assert again.successes == status.successes and again.failures == status.failures
    inbox.delete_object(identifier("indicator", 1))
    for gone in (identifier("indicator", 1), broken["id"], identifier("indicator", 999)):
        with pytest.raises(HTTPError) as caught:
            inbox.delete_object(gone)
        assert caught.value.response.status_code == 404
    server.close()
