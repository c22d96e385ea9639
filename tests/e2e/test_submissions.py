"""Tokens that write: what a client without a node submits, and what it takes back."""

import json
import time

import pytest
import taxii2client.v21 as taxii
from requests.exceptions import HTTPError

from harness import INBOX, identifier, indicator, until
from submitting import (OUTSIDE, Submitter, assert_taxii_error_of, expect_counts, states, told,
                        writer)

MANY = 2500  # of which the node takes in 1,000 a step

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(autouse=True)
def no_other_certificates(monkeypatch):
    """requests prefers these variables to verify=False."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def reading(node, party, name):
    return node.answer("token", "new", "--party", party, "--collections", "records", "--read",
                       "--name", name)["secret"]


def test_the_real_client_submits_waits_and_deletes(written):
    cn, _, _, _ = written
    server = taxii.Server(f"https://127.0.0.1:{cn.port}/taxii2/", user="client",
                          password=writer(cn, "CN", "client"), verify=False)
    (root,) = server.api_roots
    (inbox,) = root.collections
    assert (inbox.alias, inbox.can_read, inbox.can_write) == ("inbox", False, True)
    status = inbox.add_objects({"objects": [indicator(1), indicator(2)]})
    assert status.status == "complete" and status.success_count == 2 and not status.failures
    many = [indicator(number) for number in range(1, MANY + 1)]
    status = inbox.add_objects({"objects": many}, poll_interval=0.1)
    assert status.status == "complete" and status.success_count == MANY
    inbox.delete_object(identifier("indicator", 2))
    with pytest.raises(HTTPError) as caught:
        inbox.delete_object(identifier("indicator", MANY + 1))
    assert caught.value.response.status_code == 404
    server.close()
    cn.stop()
    cn.verify()


def test_what_the_own_party_submits_is_its_own_and_goes_by_release_alone(written):
    cn, ru, sensor, _ = written
    status = sensor.post({**indicator(1), "object_marking_refs": [
        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}, indicator(2))
    expect_counts(status, 2, 0)
    assert states(cn) == [(identifier("indicator", 1), "CN", "live", None),
                          (identifier("indicator", 2), "CN", "live", None)]
    reader = Submitter(cn, "reader", reading(cn, "RU", "reader"))
    path = "/comity/collections/records/objects/"
    assert reader.ask("GET", path).json() == {}
    # The second states no handling, and goes nowhere.
    cn.run("release", f"import--{status['id']}", "--to", "RU", code=3)
    assert [one["id"] for one in reader.ask("GET", path).json()["objects"]] == \
        [identifier("indicator", 1)]
    assert sensor.delete(identifier("indicator", 1)).status_code == 200
    assert reader.ask("GET", path).json() == {}
    assert_taxii_error_of(reader.ask("GET", f"{path}{identifier('indicator', 1)}/"), 404)
    reader.close()
    cn.stop()
    cn.verify()


def test_what_another_party_submits_is_kept_apart(written):
    cn, _, _, outside = written
    status = outside.post(indicator(1, created_by_ref=identifier("identity", 1)))
    expect_counts(status, 1, 0)
    assert status["successes"][0]["message"] == "quarantined: unsigned-submission"
    assert states(cn) == [(identifier("indicator", 1), OUTSIDE, "quarantined",
                           "unsigned-submission")]
    rows = cn.answer("preview", identifier("indicator", 1))["parties"]
    assert rows and {row["verdict"]["verdict"] for row in rows} == {"no-basis"}
    cn.stop()
    cn.verify()


def test_tokens_that_write_are_made_for_who_has_no_node(written):
    cn = written[0]
    cn.run("token", "new", "--name", "peer", "--write", "--originator", "RU", code=2)
    cn.run("token", "new", "--name", "none", "--write", code=2)
    cn.run("token", "new", "--name", "both", "--write", "--read", "--originator", "CN", code=2)
    cn.run("token", "new", "--name", "reads", "--party", "RU", "--collections", "records",
           "--originator", "RU", code=2)
    rows = {row["name"]: row for row in cn.answer("token", "list")["tokens"]}
    assert rows["outside"]["access"] == "write" and rows["outside"]["originator"] == OUTSIDE
    assert rows["outside"]["collections"] == ["inbox"]


def test_who_writes_reads_nothing_and_who_reads_writes_nothing(written):
    cn, _, sensor, outside = written
    reader = Submitter(cn, "reader", reading(cn, "RU", "reader"))
    sensor.post(indicator(1))
    for hidden in ("records", "protocol", "nothing"):
        for rest in ("", "objects/", "manifest/", f"objects/{identifier('indicator', 1)}/"):
            path = f"/comity/collections/{hidden}/{rest}"
            assert told(outside.ask("GET", path))[:2] == \
                told(outside.ask("GET", f"/comity/collections/none/{rest}"))[:2]
    assert_taxii_error_of(outside.ask("GET", INBOX), 403)
    before = cn.counts()
    assert_taxii_error_of(reader.ask("POST", INBOX, b'{"objects":[]}'), 404)
    assert_taxii_error_of(reader.delete(identifier("indicator", 1)), 404)
    assert_taxii_error_of(
        reader.ask("DELETE", f"/comity/collections/records/objects/{identifier('indicator', 1)}/"),
        405)
    # A body above 64 KiB is read of who may submit.
    assert reader.ask("POST", INBOX, b" " * 65537).status_code == 413
    assert_taxii_error_of(outside.ask("POST", INBOX, b" " * 65537), 400)
    assert cn.counts() == before
    reader.close()


def test_a_large_submission_is_pending_and_complete_after_kill_9(written):
    cn, ru, sensor, outside = written
    objects = [indicator(number) for number in range(1, MANY + 1)]
    del objects[7]["id"]
    pending = outside.post(*objects)
    expect_counts(pending, 0, 0, MANY)
    cn.kill()
    cn.verify()  # nothing of what waits is lost, whatever was taken in by then
    cn.serve()
    until(lambda: outside.status(pending["id"]).json()["status"] == "complete",
          "the submission", 60)
    complete = outside.status(pending["id"]).json()
    expect_counts(complete, MANY - 1, 1)
    assert complete["request_timestamp"] == pending["request_timestamp"]
    assert "$.id" in complete["failures"][0]["message"]
    # For who submitted it, and for nobody else.
    missing = sensor.status("00000000-0000-4000-8000-000000000000")
    assert_taxii_error_of(missing, 404)
    assert told(sensor.status(pending["id"])) == told(missing)
    # The same bytes again are the same submission.
    assert outside.post(*objects) == complete
    held = [row["id"] for row in cn.records()]
    assert len(held) == len(set(held)) == MANY - 1
    cn.stop()
    cn.verify()


def test_it_is_killed_at_any_moment_and_every_object_is_taken_once(written):
    cn, _, sensor, _ = written
    status = sensor.post(*map(indicator, range(1, MANY + 1)))
    for _ in range(5):
        time.sleep(0.1)  # the moment itself
        cn.kill()
        cn.serve()
    until(lambda: sensor.status(status["id"]).json()["status"] == "complete", "the submission", 60)
    expect_counts(sensor.status(status["id"]).json(), MANY, 0)
    held = [row["id"] for row in cn.records()]
    assert held == [identifier("indicator", number) for number in range(1, MANY + 1)]
    cn.stop()
    cn.verify()


def test_delete_does_not_tell_what_is_there(written, tmp_path):
    cn, _, sensor, outside = written
    outside.post(indicator(1))
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"type": "bundle", "id": identifier("bundle", 1),
                                "objects": [indicator(2)]}), encoding="utf-8")
    cn.run("import", path, "--tlp", "green")
    missing = sensor.delete(identifier("indicator", 999))
    assert_taxii_error_of(missing, 404)
    # Of another token, of an officer's import, and what is no id.
    for other in (identifier("indicator", 1), identifier("indicator", 2), "x"):
        assert told(sensor.delete(other)) == told(missing)
    assert told(sensor.delete(identifier("indicator", 1), "?match[version]=all")) == told(missing)
    assert_taxii_error_of(sensor.delete(identifier("indicator", 1), "?match[version]=x"), 400)
    assert outside.delete(identifier("indicator", 1)).status_code == 200
    assert told(outside.delete(identifier("indicator", 1))) == told(missing)
    assert [(row[0], row[2]) for row in states(cn)] == \
        [(identifier("indicator", 1), "quarantined"), (identifier("indicator", 2), "live")]
    cn.stop()
    cn.verify()
