"""The node and its peers, with the same objects."""

import base64
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

from foreign import PASSWORD, USER, Medallion, OpenTaxii
from harness import PORTS, TAXII, Node, pair, read_until, run, start
from load import must, program

START_SECONDS_MAX = 30
POST_OBJECTS = 100
READER = "reader"  # the token


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Answers:
    """Asks a server one thing after the other over one connection."""

    def __init__(self, port, tls, headers, certificate=None, key=None):
        self.headers = headers
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if certificate:
                context.load_cert_chain(certificate, key)
            self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, path, method="GET", body=None, status=200):
        more = {"Content-Type": TAXII} if body else {}
        self.connection.request(method, path, body, {**self.headers, **more})
        answer = self.connection.getresponse()
        content = answer.read()
        must(answer.status == status, f"{method} {path}: {answer.status} {content[:500]!r}")
        return content, dict(answer.getheaders())


class ComityServer:
    """CN serves what it has released to RU, by token; with TLS, and plain where it can."""

    RECORDS = "/comity/collections/records/objects/"

    def __init__(self, work, bundle, published):
        self.node, reader = Node.make("CN", work / "CN"), Node.make("RU", work / "RU")
        pair(self.node, reader)
        report = self.node.answer("import", bundle, "--published", published)
        must(report["refused"] == 0, f"{report['refused']} objects are refused")
        self.secret = self.node.answer("token", "new", "--party", "RU", "--collections", "records",
                                       "--read", "--name", READER)["secret"]
        (row,) = self.node.answer("release", report["import"], "--to", "RU", code=None)["parties"]
        must(row["held_back"] == 0, f"{row['held_back']} objects are held back")
        self.plain_port, plain = None, []
        if "--taxii-plain" in run("serve", "--help").stdout:
            self.plain_port = PORTS.take()
            plain = ["--taxii-plain", f"127.0.0.1:{self.plain_port}"]
        self.node.process = start("serve", *plain, "--data", self.node.folder)
        read_until(self.node.process, "listens on")
        self.pid = self.node.process.pid
        self.headers = {"Accept": TAXII, "Authorization": f"Bearer {self.secret}"}

    def port(self, tls):
        return self.node.port if tls else self.plain_port

    def answers(self, tls=True):
        return Answers(self.port(tls), tls, self.headers)

    def everything(self):
        """All objects in their order, and the date of the last."""
        answers, objects, path, last = self.answers(), [], f"{self.RECORDS}?limit=1000", None
        while path:
            content, headers = answers.ask(path)
            page = json.loads(content)
            objects += page.get("objects", [])
            last = headers.get("X-TAXII-Date-Added-Last", last)
            path = page.get("more") and f"{self.RECORDS}?limit=1000&next={page['next']}"
        return objects, last

    def stop(self):
        self.node.stop()


class Nginx:
    """Debian's nginx with files: each page as the node gave it, and one of 150 bytes."""

    def __init__(self, work, files, headers, certificate, key):
        self.folder = work / "nginx"
        (self.folder / "www").mkdir(parents=True)
        for name, content in files.items():
            (self.folder / "www" / name).write_bytes(content)
        self.ports = {False: PORTS.take(), True: PORTS.take()}
        self.headers = {"Accept": TAXII}
        temporary = "".join(f"  {kind}_temp_path {self.folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        fields = "".join(f'  add_header {name} "{value}";\n' for name, value in headers.items())
        (self.folder / "nginx.conf").write_text(f"""
{'user root;' if os.getuid() == 0 else ''}
daemon off;
worker_processes auto;
pid {self.folder}/pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=16;
  keepalive_requests 1000000000;
  types {{}}
  default_type "{TAXII}";
{temporary}{fields}
  server {{
    listen 127.0.0.1:{self.ports[False]};
    listen 127.0.0.1:{self.ports[True]} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.3;
    ssl_prefer_server_ciphers on;
    root {self.folder}/www;
  }}
}}
""", encoding="utf-8")
        self.process = subprocess.Popen(
            [program("nginx", "COMITY_NGINX"), "-e", "stderr", "-p", self.folder, "-c",
             self.folder / "nginx.conf"], stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        until = time.monotonic() + START_SECONDS_MAX
        while True:
            must(self.process.poll() is None and time.monotonic() < until, "nginx does not start")
            try:
                socket.create_connection(("127.0.0.1", self.ports[True]), 1).close()
                return
            except OSError:
                time.sleep(0.05)

    def port(self, tls):
        return self.ports[tls]

    def answers(self, tls=True):
        return Answers(self.port(tls), tls, self.headers)

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(START_SECONDS_MAX)


class ForeignPeer:
    """OpenTAXII on SQLite with two processes, or medallion, which has one memory."""

    def __init__(self, server, workers, headers):
        self.server = server.start(workers=workers, threads=4)
        self.pid = self.server.process.pid
        self.headers = {"Accept": TAXII, **headers}
        try:
            (root,) = json.loads(self.answers().ask("/taxii2/")[0])["api_roots"]
            path = "/" + root.split("://")[-1].partition("/")[2] if "://" in root else root
            (found,) = json.loads(self.answers().ask(f"{path}collections/")[0])["collections"]
        except BaseException:
            self.stop()
            raise
        self.objects = f"{path}collections/{found['id']}/objects/"

    def answers(self):
        return Answers(self.server.port, False, self.headers)

    def post(self, objects):
        """The seconds that it takes to give it the objects, a hundred at once."""
        bodies = [json.dumps({"objects": objects[first:first + POST_OBJECTS]},
                             ensure_ascii=False).encode()
                  for first in range(0, len(objects), POST_OBJECTS)]
        answers, spent = self.answers(), 0
        for body in bodies:
            begin = time.monotonic()
            content, _ = answers.ask(self.objects, "POST", body, status=202)
            spent += time.monotonic() - begin
            status = json.loads(content)
            must(status["status"] == "complete" and status["failure_count"] == 0, "a post failed")
        return spent

    def held(self):
        """The ids that it shows."""
        answers, path, names = self.answers(), f"{self.objects}?limit=1000", []
        while path:
            page = json.loads(answers.ask(path)[0])
            names += [item["id"] for item in page.get("objects", [])]
            path = page.get("more") and f"{self.objects}?limit=1000&next={page['next']}"
        return names

    def stop(self):
        self.server.stop()


def opentaxii(work):
    return ForeignPeer(OpenTaxii(pathlib.Path(work), plain=True, public=True), 2, {})


def medallion(work, objects):
    server = Medallion(pathlib.Path(work), plain=True)
    server.fill(objects, "2026-11-23T05:00:00.000000Z")
    return ForeignPeer(server, 1, {"Authorization": basic(USER, PASSWORD)})

