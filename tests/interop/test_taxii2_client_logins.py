"""taxii2-client, unchanged: from discovery to versions with every way to log in, and from
submission to deletion with every way that may write."""

import pytest
import requests
import taxii2client.v21 as taxii
from requests.exceptions import HTTPError

from harness import COMMAND_SECONDS_MAX, identifier, indicator

from served import TOKEN, all_of

PASSWORD = "nine herons above the quiet weir"
PENDING = 101  # the smallest submission that is not taken in before its answer
READERS = ["certificate", "secret", "password", "bearer"]
WRITERS = ["secret", "bearer"]

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


class Bearer(requests.auth.AuthBase):
    def __init__(self, secret):
        self.secret = secret

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request


@pytest.fixture(scope="module")
def logins(served, tmp_path_factory):
    """By name, what a reader of RU's view hands to the client."""
    path = tmp_path_factory.mktemp("login") / "password"
    path.write_text(PASSWORD, encoding="utf-8")
    served.node.answer("token", "new", "--party", "RU", "--collections", "records", "--read",
                       "--name", "chosen", "--password-file", path)
    return {"certificate": {"cert": (served.reader.certificate, served.reader.key)},
            "secret": {"user": TOKEN, "password": served.secret},
            "password": {"user": "chosen", "password": PASSWORD},
            "bearer": {"auth": Bearer(served.secret)}}


def connect(served, login):
    return taxii.Server(f"https://127.0.0.1:{served.node.port}/taxii2/", verify=False, **login)


def pages(function, per_request, **filters):
    return [item for page in taxii.as_pages(function, per_request, **filters)
            for item in page.get("objects", [])]


@pytest.mark.parametrize("name", READERS)
def test_every_login_reads_from_discovery_to_versions(served, logins, name):
    server = connect(served, logins[name])
    assert server.title and server.default in server.api_roots
    root = server.default
    assert root.max_content_length > 0 and root.versions
    aliases = [found.alias for found in root.collections]
    assert aliases == (["records", "protocol", "inbox"] if name == "certificate" else ["records"])
    (records,) = (found for found in root.collections if found.alias == "records")
    assert records.can_read and not records.can_write
    whole = all_of(records)
    assert {item["id"]: item for item in whole} == served.objects
    listed = pages(records.get_manifest, 50)
    assert [entry["id"] for entry in listed] == [item["id"] for item in whole]
    for entry, item in list(zip(listed, whole))[::29]:
        assert records.get_object(entry["id"], version=entry["version"]
                                  if "modified" in item else "last")["objects"] == [item]
        assert records.object_versions(entry["id"])["versions"] == [entry["version"]]
    server.close()


def test_the_manifest_takes_the_same_filters_as_the_objects(served, logins):
    server = connect(served, logins["secret"])
    (records,) = server.default.collections
    whole = all_of(records)
    kinds = sorted({item["type"] for item in whole})
    middle = records.get_manifest(limit=len(whole) // 2)["objects"][-1]["date_added"]
    with_version = next(item for item in whole if "modified" in item)
    for filters in ({"type": kinds[0]}, {"type": kinds[:3]}, {"spec_version": "2.1"},
                    {"spec_version": "2.0"}, {"version": "all"}, {"version": "first"},
                    {"version": with_version["modified"]}, {"id": [whole[0]["id"], whole[7]["id"]]},
                    {"id": whole[3]["id"], "type": whole[3]["type"]},
                    {"id": whole[3]["id"], "type": "no-such-type"}, {"added_after": middle},
                    {"added_after": middle, "type": kinds[-1]}):
        objects = pages(records.get_objects, 20, **filters)
        entries = pages(records.get_manifest, 20, **filters)
        assert [entry["id"] for entry in entries] == [item["id"] for item in objects], filters
        assert all(item in whole for item in objects)
    assert pages(records.get_objects, 20, spec_version="2.0") == []
    assert 0 < len(pages(records.get_objects, 20, added_after=middle)) < len(whole)
    server.close()


@pytest.mark.parametrize("name", WRITERS)
def test_every_login_that_writes_submits_waits_and_deletes(served, name):
    secret = served.node.answer("token", "new", "--write", "--originator", "CN", "--name",
                                f"sensor-by-{name}")["secret"]
    server = connect(served, {"auth": Bearer(secret)} if name == "bearer" else
                     {"user": f"sensor-by-{name}", "password": secret})
    (inbox,) = server.default.collections
    assert (inbox.alias, inbox.can_read, inbox.can_write) == ("inbox", False, True)
    first = 1000 * (1 + WRITERS.index(name))
    objects = [indicator(first + number) for number in range(PENDING)]
    status = inbox.add_objects({"objects": objects}, wait_for_completion=False)
    assert status.status == "pending" and len(status.pendings) == PENDING
    status.wait_until_final(poll_interval=0.1, timeout=COMMAND_SECONDS_MAX)
    assert (status.status, status.success_count) == ("complete", PENDING)
    again = server.default.get_status(status.id)
    assert again.successes == status.successes
    name_of = identifier("indicator", first)
    inbox.delete_object(name_of, version="all")
    with pytest.raises(HTTPError) as caught:
        inbox.delete_object(name_of)
    assert caught.value.response.status_code == 404
    server.close()
