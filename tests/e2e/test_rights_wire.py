"""The ways in and out by TAXII remove nothing that is another's, and record nobody but as a party
and a token (HR-01)."""

import base64
import http.client
import json

from harness import HTTP_SECONDS_MAX, INBOX, TAXII, bundle, identifier, indicator, tls_context
from submitting import Submitter, assert_taxii_error_of, states, writer

TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
RECORDS = "/comity/collections/records/objects/"
ADDRESS = "127.0.0.77"  # of loopback, and nowhere in the settings of a node


def clear(number):
    return indicator(number, object_marking_refs=[TLP_CLEAR])


def test_a_token_takes_back_its_own_and_removes_nothing(written, tmp_path):
    cn, ru, sensor, outside = written
    ru.serve()
    path = tmp_path / "of-an-officer.json"
    path.write_text(bundle(clear(1)), encoding="utf-8")
    cn.run("import", path)
    outside.post(clear(2))
    status = sensor.post(clear(3))
    cn.run("release", f"import--{status['id']}", "--to", "RU")
    held = [row["id"] for row in ru.records()]
    assert held == [identifier("indicator", 3)]
    before = states(cn)
    # Neither an officer's, nor another token's, nor at another node.
    for number in (1, 2, 9):
        for query in ("", "?match[version]=all", "?match[version]=first"):
            assert_taxii_error_of(sensor.delete(identifier("indicator", number), query), 404)
    for number in (1, 2, 3):
        got = sensor.ask("DELETE", f"{RECORDS}{identifier('indicator', number)}/")
        assert_taxii_error_of(got, 404)  # the token has no such collection
    assert states(cn) == before
    assert sensor.delete(identifier("indicator", 3)).status_code == 200
    # Its bytes stay, marked; whoever has it keeps it until officers recall it.
    changed = {row for row in states(cn)} - set(before)
    assert changed == {(identifier("indicator", 3), "CN", "quarantined",
                        "taken back by who submitted it")}
    assert len(states(cn)) == len(before)
    assert [(row["id"], row["state"]) for row in ru.records()] == [(held[0], "live")]
    cn.stop()
    cn.verify()


def speak(node, name, secret, method, path, body=None):
    """As a client at another address of this machine."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", node.port, context=tls_context(), timeout=HTTP_SECONDS_MAX,
        source_address=(ADDRESS, 0))
    pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
    connection.request(method, path, body, {
        "Accept": TAXII, "Authorization": f"Basic {pair}", "User-Agent": "somebodys-client/1.0",
        **({"Content-Type": TAXII} if body else {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def everything_stored(node):
    """Every value of every table."""
    with node.store() as store:
        tables = [name for (name,) in store.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")]
        for table in tables:
            for row in store.execute(f"SELECT * FROM \"{table}\""):
                for value in row:
                    yield value if isinstance(value, bytes) else str(value).encode()


def test_who_reads_and_submits_is_a_party_and_a_token(written, tmp_path):
    cn, _, sensor, _ = written
    secret = cn.answer("token", "new", "--party", "RU", "--collections", "records", "--read",
                       "--name", "reads")["secret"]
    path = tmp_path / "given.json"
    path.write_text(bundle(clear(1)), encoding="utf-8")
    cn.answer("release", cn.answer("import", path)["import"], "--to", "RU", code=None)
    writes = writer(cn, "CN", "writes")
    assert speak(cn, "reads", secret, "GET", RECORDS)[0] == 200
    assert speak(cn, "reads", "comity_wrong", "GET", RECORDS)[0] == 401
    body = json.dumps({"objects": [clear(2)]}).encode()
    assert speak(cn, "writes", writes, "POST", INBOX, body)[0] == 202
    assert speak(cn, "writes", writes, "DELETE", f"{INBOX}{identifier('indicator', 2)}/")[0] == 200
    cn.stop()  # what was read is entered by now
    with cn.store() as store:
        entered = {kind for (kind,) in store.execute("SELECT DISTINCT kind FROM ledger")}
    assert {"read", "import", "state"} <= entered
    for value in everything_stored(cn):
        assert ADDRESS.encode() not in value and b"somebodys-client" not in value
    cn.verify()
    sensor.close()


def test_the_looking_itself(written):
    """What is stored is found where it is looked for."""
    cn, _, sensor, _ = written
    sensor.post(clear(5))
    stored = list(everything_stored(cn))
    assert any(identifier("indicator", 5).encode() in value for value in stored)
    other = Submitter(cn, "sensor", "comity_wrong")
    assert other.ask("GET", INBOX).status_code == 401
    other.close()
