"""TAXII 2.1 servers that are not ours, each as its makers publish it, run by gunicorn with TLS.

Both hold one API root with one collection that the user `USER` may read and write.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import taxii2client.v21 as taxii

from harness import COMMAND_SECONDS_MAX, PORTS, STOP_SECONDS_MAX, self_signed

USER, PASSWORD = "comity", "a-password-of-the-tests"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
TAXII_TYPE = "application/taxii+json;version=2.1"
STIX_TYPE = "application/stix+json;version=2.1"
CONTENT_BYTES_MAX = 32 * 1024 * 1024
# Importing what they stand on takes them seconds, on a busy machine many.
ANSWER_SECONDS_MAX = 120


class ForeignServer:
    """One server: its folder, and its process while it runs."""

    application = None  # of gunicorn

    def __init__(self, folder, plain=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = PORTS.take()
        self.certificate, self.key = (None, None) if plain else self_signed(self.folder, "foreign")
        self.process = None
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("OPENTAXII_", "GUNICORN_"))}
        self.prepare()

    def prepare(self):
        raise NotImplementedError

    @property
    def address(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def start(self, workers=1, threads=1):
        assert self.process is None
        tls = ["--certfile", self.certificate, "--keyfile", self.key] if self.certificate else []
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}",
                 "--workers", str(workers), "--threads", str(threads),
                 "--timeout", str(ANSWER_SECONDS_MAX), "--no-control-socket", *tls,
                 self.application],
                cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        end = time.monotonic() + ANSWER_SECONDS_MAX
        while True:
            assert self.process.poll() is None and time.monotonic() < end, self.told()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its workers see that they are alone, and end
            self.process.wait()
        self.process = None

    def told(self):
        """The end of what it wrote, for the message of a failure."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace")[-3000:] if path.exists() else ""

    def takes(self, item):
        """Whether it can hold the object. It answers with 500 to what it cannot."""
        return True

    def client(self):
        return taxii.Server(f"{self.address}/taxii2/", user=USER, password=PASSWORD, verify=False)

    def collection(self):
        """The collection as a client finds it."""
        server = self.client()
        (root,) = server.api_roots
        (found,) = root.collections
        assert found.can_read and found.can_write
        return found


class Medallion(ForeignServer):
    """OASIS's example server. It forgets at its end what was posted; what it begins with is a
    file, which `fill` writes."""

    application = "medallion:load_app('config.json')"
    root = "foreign"

    def prepare(self):
        (self.folder / "config.json").write_text(json.dumps({
            "backend": {"module": "medallion.backends.memory_backend",
                        "module_class": "MemoryBackend", "filename": "data.json"},
            "users": {USER: PASSWORD}, "taxii": {"max_page_size": 1000}}), encoding="utf-8")
        self.fill([], None)

    def fill(self, objects, date_added):
        """Lets it begin with these objects, all with one date added."""
        # It takes the version of what has no time from a member that it does not show.
        objects = [item if "created" in item else {**item, "_date_added": date_added}
                   for item in objects]
        root = f"{self.address}/{self.root}/"
        manifest = [{"id": item["id"], "date_added": date_added, "media_type": STIX_TYPE,
                     "version": item.get("modified", item.get("created", date_added))}
                    for item in objects]
        (self.folder / "data.json").write_text(json.dumps({
            "/discovery": {"title": "Foreign", "default": root, "api_roots": [root]},
            self.root: {
                "information": {"title": "Foreign", "versions": [TAXII_TYPE],
                                "max_content_length": CONTENT_BYTES_MAX},
                "status": [],
                "collections": [{"id": COLLECTION, "title": "Shared", "can_read": True,
                                 "can_write": True, "media_types": [STIX_TYPE],
                                 "objects": objects, "manifest": manifest}]},
        }), encoding="utf-8")


class OpenTaxii(ForeignServer):
    """EclecticIQ's server on SQLite, which keeps what was posted."""

    application = "opentaxii_application:app"
    # Makes what its own commands make, and the account an administrator, which they do not.
    MAKE = f"""
from opentaxii.cli import app
with app.app_context():
    held = app.taxii_server.servers.taxii2.persistence.api
    root = held.add_api_root("Foreign", default=True, is_public=PUBLIC)
    held.add_collection(root.id, "Shared", is_public=PUBLIC, is_public_write=PUBLIC)
    app.taxii_server.auth.api.create_account({USER!r}, {PASSWORD!r}, is_admin=True)
"""

    def __init__(self, folder, plain=False, public=False):
        self.public = public
        super().__init__(folder, plain)

    def takes(self, item):
        return "modified" in item and "spec_version" in item

    def prepare(self):
        def database(name, **more):
            return {"db_connection": f"sqlite:///{self.folder / name}", "create_tables": True,
                    **more}

        # JSON is YAML, too.
        (self.folder / "config.yml").write_text(json.dumps({
            "domain": f"127.0.0.1:{self.port}",
            "support_basic_auth": True,
            "return_server_error_details": False,
            "auth_api": {"class": "opentaxii.auth.sqldb.SQLDatabaseAPI",
                         "parameters": database("accounts.db", secret="tests" * 10)},
            "taxii1": None,
            "taxii2": {
                "persistence_api": {"class": "opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI",
                                    "parameters": database("objects.db")},
                "title": "Foreign", "max_content_length": CONTENT_BYTES_MAX,
                "public_discovery": self.public, "allow_custom_properties": True},
            "logging": {"opentaxii": "warning", "root": "warning"},
        }), encoding="utf-8")
        self.environment["PYTHONPATH"] = str(pathlib.Path(__file__).resolve().parent)
        self.environment["OPENTAXII_CONFIG"] = str(self.folder / "config.yml")
        with open(self.folder / "log", "ab") as log:
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", f"PUBLIC = {self.public}\n{self.MAKE}"],
                cwd=self.folder, env=self.environment, stdout=log, stderr=log, check=False,
                timeout=COMMAND_SECONDS_MAX)
        assert done.returncode == 0, self.told()
