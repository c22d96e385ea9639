"""`comity serve --pages`: where the pages are, what serves them, and what does not."""

import http.client
import json
import pathlib
import signal

from harness import STOP_SECONDS_MAX, Node, read_until, run, start


def get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=STOP_SECONDS_MAX)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_the_ready_line_says_where_the_pages_are(tmp_path):
    node = Node.make("XA", tmp_path / "xa")
    (tmp_path / "web").mkdir()
    (tmp_path / "web/index.html").write_text("the page", encoding="utf-8")
    process = start("serve", "--pages", "127.0.0.1:0", "--web-dir", tmp_path / "web",
                    "--pages-name", "node.example", "--json", "--data", node.folder)
    try:
        ready = json.loads(read_until(process, '"pages"'))
        assert ready["party"] == "XA" and ready["url"].startswith("https://")
        assert ready["pages"].startswith("http://127.0.0.1:")
        port = int(ready["pages"].rsplit(":", 1)[1])
        response, body = get(port, "/agreements")
        assert (response.status, body) == (200, b"the page")
        assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
        response, body = get(port, "/api/v1/openapi.json")
        assert response.status == 200 and json.loads(body)["openapi"] == "3.1.0"
        held = {"If-None-Match": response.headers["ETag"]}
        again, body = get(port, "/api/v1/openapi.json", **held)
        assert (again.status, body) == (304, b"")
        assert get(port, "/", Host="node.example")[0].status == 200
        assert get(port, "/", Host="attacker.example")[0].status == 421
        assert get(port, "/taxii2/discovery.json")[0].status == 404
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS_MAX) == 0


def test_pages_need_an_address_and_files(tmp_path):
    node = Node.make("XA", tmp_path / "xa")
    for pages in ("127.0.0.1", "localhost:0", "127.0.0.1:x"):
        run("serve", "--pages", pages, "--data", node.folder, code=2)
    run("serve", "--pages", "127.0.0.1:0", "--web-dir", pathlib.Path(tmp_path / "none"),
        "--data", node.folder, code=2)
    run("serve", "--web-dir", tmp_path, "--data", node.folder, code=2)
