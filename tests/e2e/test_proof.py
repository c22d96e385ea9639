"""A recipient that lies: no receipt can be made up."""

import http.server
import json
import shutil
import ssl
import threading

import pytest

from harness import STOP_SECONDS_MAX, TAXII, Node, Peer, bundle, envelope_of, indicator, sign


class LyingRecipient:
    """Has the recipient's TLS key and answers as it likes."""

    def __init__(self, node, status, receipt):
        lying = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                lying.posts += 1
                self.tell(202, status)

            def do_GET(self):
                self.tell(200, json.dumps({"objects": [receipt]}).encode())

            def tell(self, code, body):
                self.send_response(code)
                self.send_header("Content-Type", TAXII)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.posts = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", node.port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(node.certificate, node.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(STOP_SECONDS_MAX)


@pytest.fixture(scope="module")
def answered(paired_template, tmp_path_factory):
    """A pending disclosure at CN, and what the true RU would say to it."""
    folder = tmp_path_factory.mktemp("answered")
    for party in ("CN", "RU", "VN"):
        shutil.copytree(paired_template / party, folder / party)
    cn, ru = Node("CN", folder / "CN"), Node("RU", folder / "RU")
    path = folder / "bundle.json"
    path.write_text(bundle(*map(indicator, range(3))), encoding="utf-8")
    made = cn.answer("import", path, "--tlp", "green")["import"]
    cn.run("release", made, "--to", "RU", code=3)
    ru.serve()
    try:
        peer = Peer(cn, ru)
        status = peer.post(envelope_of(cn, "RU", 1).bytes())
        assert status.status == 202
        (receipt,) = peer.get("/comity/collections/protocol/objects/").json()["objects"]
        peer.close()
    finally:
        ru.stop()
    return folder, made, status.body, receipt


def other_end(name):
    """The name with another last digit."""
    return name[:-1] + ("1" if name[-1] == "0" else "0")


LIES = {
    "unsigned": lambda receipt: {name: value for name, value in receipt.items()
                                 if name != "signature"},
    "altered after signing": lambda receipt: {**receipt, "register": receipt["disclosure_digest"]},
    "signed by another": (lambda receipt: receipt, "VN"),
    "signed by the root": (lambda receipt: receipt, "RU", "root.pem"),
    "for another disclosure": (lambda receipt: {
        **receipt, "id": other_end(receipt["id"]), "disclosure": other_end(receipt["disclosure"])},
        "RU"),
    "of another disclosure's digest": (lambda receipt: {
        **receipt, "disclosure_digest": receipt["register"]}, "RU"),
    "another number": (lambda receipt: {**receipt, "number": 2}, "RU"),
    "to another": (lambda receipt: {**receipt, "to_party": "VN"}, "RU"),
    "from another": (lambda receipt: {**receipt, "from": "VN"}, "RU"),
    "operational": (lambda receipt: {**receipt, "mode": "operational"}, "RU"),
    "a record less": (lambda receipt: {**receipt, "results": receipt["results"][:-1]}, "RU"),
    "records in another order": (lambda receipt: {**receipt, "results": receipt["results"][::-1]},
                                 "RU"),
    "another result": (lambda receipt: {**receipt, "results": [
        {**receipt["results"][0], "result": "perhaps"}, *receipt["results"][1:]]}, "RU"),
    "an unknown member": (lambda receipt: {**receipt, "thanks": True}, "RU"),
    "no object": lambda receipt: 5,
}


@pytest.mark.parametrize("name", [*LIES, "none: the true receipt"])
def test_a_receipt_that_does_not_hold_is_none(answered, tmp_path, name):
    template, made, status, true_receipt = answered
    folder = tmp_path / "nodes"
    folder.mkdir()
    for party in ("CN", "RU", "VN"):
        shutil.copytree(template / party, folder / party)
    cn, ru = Node("CN", folder / "CN"), Node("RU", folder / "RU")
    lie = LIES.get(name, lambda receipt: receipt)
    if isinstance(lie, tuple):
        change, party, *key = lie
        receipt = sign(change(true_receipt),
                       folder / party / "keys" / (key[0] if key else "node.pem"), tmp_path)
    else:
        receipt = lie(true_receipt)
    recipient = LyingRecipient(ru, status, receipt)
    try:
        true = name not in LIES
        (row,) = cn.answer("release", made, "--to", "RU", code=0 if true else 3)["parties"]
    finally:
        recipient.stop()
    assert recipient.posts == 1
    (sent,) = row["sent"]
    assert sent["receipt"] == true
    assert true or sent["error"]
    assert cn.verify()["receipts_missing"] == (0 if true else 1)
