"""A small TAXII 2.1 server over TLS that does what servers do wrong. Ours, for tests of feeds and
outposts.

One API root, one collection. What it does is set by the members of `Quirks`, also while it serves.
"""

import base64
import collections
import dataclasses
import datetime
import hashlib
import http.server
import json
import ssl
import threading
import time
import urllib.parse

from harness import TAXII, self_signed

COLLECTION = "9cfa669c-ee94-4ece-afd2-f8edac37d8fd"


@dataclasses.dataclass
class Quirks:
    page_max: int = 10  # whatever is asked for
    consumes_next: bool = False  # a `next` gives another page each time
    omits_next: bool = False  # `more` without `next`
    unsorted: bool = False  # by id, not by date
    no_dates: bool = False  # no X-TAXII-Date-Added headers
    cuts_dates: bool = False  # to seconds
    repeats: bool = False  # the last page, always with more to come
    no_manifest: bool = False
    loses_every: int = 0  # the connection is closed instead of every nth answer about objects
    media_type: str = TAXII
    hidden: tuple = ()  # ids that the manifest names and nothing gives
    # To write to:
    writable: bool = False
    bytes_max: int = 0  # max_content_length of its API root; 0: it says none
    refused: tuple = ()  # ids that it does not take
    refuses_whole: bool = False  # and answers 400 to an envelope that has one
    faults: tuple = ()  # ids to which it answers 500
    pending_looks: int = 0  # a submission is done after so many looks at its status
    loses_posts: int = 0  # so many answers to posts, after they were worked on
    busy: int = 0  # so many answers of 503 to posts, with Retry-After
    retry_after: int = 1
    slow: float = 0.0  # seconds before a post is answered, after it was worked on


class QuirkyTaxii:
    """Serves on 127.0.0.1 until `close`. `objects` is a list of (date added in µs, object)."""

    def __init__(self, folder, name="localhost", login=None):
        self.quirks = Quirks()
        self.objects = []
        self.login = login  # "user:password"
        self.asked = collections.Counter()  # of each kind of path
        self.answered = 0
        self.chains = {}
        self.posted = []  # objects that came by posts, in order, each version once
        self.envelopes = []  # ids of each envelope that was worked on
        self.submissions = {}  # [ids, looks to come] by id of the status
        self.certificate, key = self_signed(folder, name)
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.handle(self)

            def do_POST(self):
                server.handle(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *arguments):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.lock = threading.Lock()
        self.service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.service.daemon_threads = True
        self.service.socket = context.wrap_socket(self.service.socket, server_side=True)
        self.thread = threading.Thread(target=self.service.serve_forever, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.service.server_address[1]

    @property
    def pin(self):
        with open(self.certificate, encoding="ascii") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        return "sha256:" + hashlib.sha256(der).hexdigest()

    def url(self, path="/taxii2/", host="127.0.0.1"):
        return f"https://{host}:{self.port}{path}"

    def close(self):
        self.service.shutdown()
        self.service.server_close()
        self.thread.join(20)

    # Answers.

    def handle(self, request, body=None):
        with self.lock:
            answer = self.answer(request, body)
        if body is not None:
            time.sleep(self.quirks.slow)
        if answer is None:
            request.close_connection = True
            request.connection.close()
            return
        status, headers, body = answer
        data = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", self.quirks.media_type)
        request.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    def answer(self, request, body):
        if self.login is not None:
            expected = "Basic " + base64.b64encode(self.login.encode()).decode()
            if request.headers.get("Authorization") != expected:
                return 401, {}, {"title": "who are you?"}
        path, _, query = request.path.partition("?")
        parameters = dict(urllib.parse.parse_qsl(query))
        parts = [part for part in path.split("/") if part]
        if parts == ["taxii2"]:
            return 200, {}, {"title": "quirky", "api_roots": ["/wares/"], "default": "/wares/"}
        if parts == ["wares", "collections"]:
            return 200, {}, {"collections": [self.described()]}
        if parts == ["wares"]:
            most = {"max_content_length": self.quirks.bytes_max} if self.quirks.bytes_max else {}
            return 200, {}, {"title": "quirky", "versions": [TAXII], **most}
        if parts == ["wares", "collections", COLLECTION]:
            return 200, {}, self.described()
        if parts[:2] == ["wares", "status"] and len(parts) == 3:
            return self.status(parts[2])
        if body is not None:
            return self.take(body)
        if parts[:3] != ["wares", "collections", COLLECTION] or len(parts) < 4:
            return 404, {}, {"title": "not here"}
        kind = "object" if len(parts) == 5 else parts[3]
        self.asked[kind] += 1
        if kind == "object":
            found = [item for _, item in self.objects
                     if item["id"] == parts[4] and item["id"] not in self.quirks.hidden]
            return (200, {}, {"objects": found}) if found else (404, {}, {"title": "not here"})
        if kind == "manifest" and self.quirks.no_manifest:
            return 404, {}, {"title": "no manifest"}
        done = self.page(kind, parameters)
        self.answered += 1
        if self.quirks.loses_every and self.answered % self.quirks.loses_every == 0:
            return None
        return done

    def described(self):
        return {"id": COLLECTION, "alias": "all", "title": "Wares", "can_read": True,
                "can_write": self.quirks.writable}

    # Writing.

    def take(self, body):
        quirks = self.quirks
        self.asked["post"] += 1
        if quirks.busy:
            quirks.busy -= 1
            return 503, {"Retry-After": str(quirks.retry_after)}, {"title": "busy"}
        if quirks.bytes_max and len(body) > quirks.bytes_max:
            return 413, {}, {"title": "too large"}
        objects = json.loads(body)["objects"]
        ids = [item["id"] for item in objects]
        self.envelopes.append(ids)
        if set(ids) & set(quirks.faults):
            return 500, {}, {"title": "it failed"}
        if quirks.refuses_whole and set(ids) & set(quirks.refused):
            return 400, {}, {"title": "bad object"}
        for item in objects:
            if item["id"] not in quirks.refused and item not in self.posted:
                self.posted.append(item)
        name = f"s{len(self.submissions)}"
        self.submissions[name] = [ids, quirks.pending_looks]
        if quirks.loses_posts:
            quirks.loses_posts -= 1
            return None
        return 202, {}, self.told(name)

    def status(self, name):
        self.asked["status"] += 1
        if name not in self.submissions:
            return 404, {}, {"title": "no such status"}
        self.submissions[name][1] -= 1
        return 200, {}, self.told(name)

    def told(self, name):
        ids, looks = self.submissions[name]
        version = "2024-01-01T00:00:00.000Z"
        lists = {"successes": [], "failures": [], "pendings": []}
        for one in ids:
            kind = ("pendings" if looks > 0 else
                    "failures" if one in self.quirks.refused else "successes")
            lists[kind].append({"id": one, "version": version})
        return {"id": name, "status": "pending" if looks > 0 else "complete",
                "total_count": len(ids), "success_count": len(lists["successes"]),
                "failure_count": len(lists["failures"]),
                "pending_count": len(lists["pendings"]),
                **{kind: rows for kind, rows in lists.items() if rows}}

    def page(self, kind, parameters):
        quirks = self.quirks
        after, offset = micros(parameters.get("added_after")), 0
        if "next" in parameters:
            known = self.chains.get(parameters["next"])
            if known is None:
                return 400, {}, {"title": "no such next"}
            after, offset = known
        rows = [row for row in self.objects if after is None or row[0] > after]
        rows.sort(key=(lambda row: row[1]["id"]) if quirks.unsorted else (lambda row: row[0]))
        count = min(int(parameters["limit"]), quirks.page_max)
        repeats = quirks.repeats and kind == "objects"
        if repeats and offset >= len(rows):
            offset = max(0, len(rows) - count)
        page = rows[offset:offset + count]
        end = offset + len(page)
        body = {}
        if end < len(rows) or repeats:
            body["more"] = True
            if not (quirks.omits_next and kind == "objects"):
                goes_on = quirks.consumes_next and "next" in parameters
                body["next"] = parameters["next"] if goes_on else f"n{len(self.chains)}"
                self.chains[body["next"]] = (after, end)
        shown = [(instant(self.shown(date)), item) for date, item in page]
        if kind == "manifest":
            body["objects"] = [{"id": item["id"], "date_added": date,
                                "version": item.get("modified", date)} for date, item in shown]
            return 200, {}, body
        given = [item for _, item in shown if item["id"] not in quirks.hidden]
        if given:
            body["objects"] = given
        headers = {}
        if shown and not quirks.no_dates:
            headers = {"X-TAXII-Date-Added-First": shown[0][0],
                       "X-TAXII-Date-Added-Last": shown[-1][0]}
        return 200, headers, body

    def shown(self, date):
        return date // 1_000_000 * 1_000_000 if self.quirks.cuts_dates else date


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def instant(date):
    """Microseconds since 1970 as RFC 3339."""
    moment = EPOCH + datetime.timedelta(microseconds=date)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def micros(text):
    """The same back; None for None."""
    if text is None:
        return None
    past = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds
