"""The TAXII client that others use, unchanged, reads what an agreement lets its party have."""

import json
import warnings

import pytest
import requests
import stix2
import taxii2client.v21 as taxii
from requests.exceptions import HTTPError
from taxii2client.exceptions import AccessError

from harness import HTTP_SECONDS_MAX, INCIDENTS, TAXII, self_signed

PAGE = 7

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(autouse=True)
def no_other_certificates(monkeypatch):
    """requests prefers these variables to verify=False."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def as_party(reader, server):
    return taxii.Server(f"https://127.0.0.1:{server.port}/taxii2/", verify=False,
                        cert=(reader.certificate, reader.key))


@pytest.fixture
def released(federation):
    """CN serves; the incident has been released to RU and held back from VN."""
    cn, ru, vn = federation
    ru.serve()
    vn.serve()
    report = cn.answer("import", INCIDENTS / "wannacry-2017.json")
    cn.run("release", report["import"], "--to", "RU,VN", code=1)
    cn.serve()
    return cn, ru, vn, report["objects"]


def collections(server):
    (root,) = server.api_roots
    assert server.default.url == root.url and "EXERCISE" in server.title
    assert root.versions == ["application/taxii+json;version=2.1"] and root.max_content_length > 0
    return {item.alias: item for item in root.collections}


def test_it_finds_its_way_from_discovery_to_the_collections(released):
    cn, ru, vn, _ = released
    for reader in (ru, vn):
        server = as_party(reader, cn)
        found = collections(server)
        assert {name: (item.can_read, item.can_write) for name, item in found.items()} == \
            {"records": (True, False), "protocol": (True, False), "inbox": (False, True)}
        for item in found.values():
            assert item.media_types == ["application/stix+json;version=2.1"]
        with pytest.raises(AccessError):
            found["inbox"].get_objects()
        with pytest.raises(AccessError):
            found["records"].add_objects({"objects": []})
        server.close()


def test_ru_reads_every_record_and_stix2_takes_them(released):
    cn, ru, _, total = released
    server = as_party(ru, cn)
    records = collections(server)["records"]
    whole = records.get_objects()["objects"]
    paged = [item for page in taxii.as_pages(records.get_objects, per_request=PAGE)
             for item in page.get("objects", [])]
    assert len(whole) == total and paged == whole
    source = json.loads((INCIDENTS / "wannacry-2017.json").read_text(encoding="utf-8"))["objects"]
    assert {item["id"]: item for item in whole} == {item["id"]: item for item in source}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for item in whole:
            assert stix2.parse(item, allow_custom=True)["id"] == item["id"]

    # The manifest tells of the same, in the same order.
    listed = [item for page in taxii.as_pages(records.get_manifest, per_request=PAGE)
              for item in page.get("objects", [])]
    assert [item["id"] for item in listed] == [item["id"] for item in whole]
    assert [item["version"] for item in listed if item["id"].startswith("malware--")] == \
        [item["modified"] for item in whole if item["type"] == "malware"]

    malware = records.get_objects(type="malware")["objects"]
    assert {item["type"] for item in malware} == {"malware"}
    one = records.get_object(malware[0]["id"])["objects"]
    assert one == [malware[0]]
    assert records.object_versions(malware[0]["id"])["versions"] == [malware[0]["modified"]]
    assert "objects" not in records.get_objects(added_after="2999-01-01T00:00:00Z")
    with pytest.raises(HTTPError) as caught:
        records.get_object("malware--00000000-0000-4000-8000-000000000000")
    assert caught.value.response.status_code == 404
    server.close()


def test_it_reads_on_from_where_it_stopped(released):
    cn, ru, _, total = released
    server = as_party(ru, cn)
    records = collections(server)["records"]
    session = requests.Session()
    session.cert, session.verify = (ru.certificate, ru.key), False
    seen, after = [], None
    while True:
        response = session.get(records.url + "objects/", timeout=HTTP_SECONDS_MAX,
                               headers={"Accept": TAXII},
                               params={"limit": PAGE, **({"added_after": after} if after else {})})
        response.raise_for_status()
        objects = response.json().get("objects", [])
        if not objects:
            break
        seen += [item["id"] for item in objects]
        after = response.headers["X-TAXII-Date-Added-Last"]
        assert response.headers["X-TAXII-Date-Added-First"] <= after
    assert len(seen) == len(set(seen)) == total
    session.close()
    server.close()


def test_vn_sees_nothing(released):
    cn, _, vn, _ = released
    server = as_party(vn, cn)
    found = collections(server)
    assert "objects" not in found["records"].get_objects()
    assert "objects" not in found["protocol"].get_objects()
    held = cn.records()
    for row in held[:5]:
        with pytest.raises(HTTPError) as caught:
            found["records"].get_object(row["id"])
        assert caught.value.response.status_code == 404
        assert "objects" not in found["records"].get_objects(id=row["id"])
        assert "objects" not in found["records"].get_manifest(id=row["id"])
        with pytest.raises(HTTPError) as caught:
            found["records"].object_versions(row["id"])
        assert caught.value.response.status_code == 404
    server.close()


def test_ru_reads_the_disclosures_and_nobody_elses(released):
    cn, ru, _, _ = released
    server = as_party(ru, cn)
    protocol = collections(server)["protocol"].get_objects()["objects"]
    assert protocol and {item["type"] for item in protocol} == {"comity-disclosure"}
    assert {item["to_party"] for item in protocol} == {"RU"}
    server.close()


def test_the_client_without_a_known_certificate_is_refused(released):
    cn, ru, _, _ = released
    stranger = taxii.Server(f"https://127.0.0.1:{cn.port}/taxii2/", verify=False,
                            cert=self_signed(ru.folder.parent))
    with pytest.raises(HTTPError) as caught:
        stranger.refresh()
    assert caught.value.response.status_code == 401
    stranger.close()
