"""People who use the pages of a node: accounts, second factors, sign-in, requests to its API.

Every answer is held against the node's own OpenAPI document as it comes in, whatever a test asks
for.
"""

import dataclasses
import functools
import http.client
import json
import pathlib
import re
import time
import urllib.parse

import jsonschema

from harness import HTTP_SECONDS_MAX
from totp import STEP_S, totp

ROLES = ("duty-officer", "analyst", "legal-adviser", "releasing-officer", "rights-officer",
         "administrator", "auditor", "oversight")
API = "/api/v1"
COOKIE = "comity_session"
CSRF = "X-Comity-CSRF"
PROBLEM = "application/problem+json"
PASSWORD = "four words of a test"

# --- the second factor ----------------------------------------------------------------------------


class Clock:
    """The clock of a node's processes, which a test sets forward; `shift_file` is clock_shift's."""

    def __init__(self, shift_file=None):
        self.file = pathlib.Path(shift_file) if shift_file else None
        self.shift = 0
        if self.file:
            self.file.write_text("0\n", encoding="utf-8")

    def forward(self, seconds):
        assert self.file is not None, "this node has the clock of the machine"
        self.shift += seconds
        self.file.write_text(f"{self.shift}\n", encoding="utf-8")

    def now(self):
        return time.time() + self.shift


class Factor:
    """The authenticator of one account: each step is used once, as the node demands."""

    def __init__(self, secret, clock):
        self.secret, self.clock, self.used = secret, clock, 0

    def code(self):
        """A code that was not used before. The clock is set forward for it, or waited for."""
        step = max(self.used + 1, int(self.clock.now()) // STEP_S - 1)
        wait = (step - 1) * STEP_S - self.clock.now()  # the node takes one step from ahead
        if wait > 0:
            if self.clock.file:
                self.clock.forward(int(wait) + 1)
            else:
                time.sleep(wait + 0.1)
        self.used = step
        return totp(self.secret, step)

    def wrong(self):
        """Six digits that are the code of no step near now."""
        near = int(self.clock.now()) // STEP_S
        codes = {totp(self.secret, step) for step in range(near - 5, near + 6)}
        return next(code for code in map("{:06}".format, range(100)) if code not in codes)


# --- the document that answers are held against --------------------------------------------------


class Document:
    """openapi.json of a node."""

    def __init__(self, document):
        self.document = document
        assert document["openapi"].startswith("3.1")
        self.routes = {}  # "GET /records" → its operation
        for template, methods in document["paths"].items():
            for method, operation in methods.items():
                self.routes[f"{method.upper()} {template.removeprefix(API)}"] = operation

    def resolved(self, value):
        """`value`, or what its $ref names."""
        while "$ref" in value:
            found = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def roles(self, route):
        """Who may: None when nobody has to be signed in."""
        value = self.routes[route]
        return None if value.get("security") == [] else frozenset(value["x-roles"])

    def find(self, method, path):
        """The route of a request, or None; a literal part of a path goes before a {name}."""
        parts = path.removeprefix(API).split("/")
        best = None
        for route in self.routes:
            its_method, _, template = route.partition(" ")
            its_parts = template.split("/")
            if its_method != method or len(its_parts) != len(parts):
                continue
            if all(its.startswith("{") and part or its == part
                   for its, part in zip(its_parts, parts)):
                literal = sum(not its.startswith("{") for its in its_parts)
                if best is None or literal > best[0]:
                    best = (literal, route)
        return best and best[1]

    @functools.cache
    def validator(self, reference):
        """A validator of `reference`, a JSON pointer into the document."""
        # A fragment of a URI has no braces; paths with parameters have.
        reference = urllib.parse.quote(reference, safe="#/~")
        schema = {"$ref": reference, "paths": self.document["paths"],
                  "components": self.document["components"]}
        jsonschema.Draft202012Validator.check_schema({"$ref": reference})
        return jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)

    def check(self, method, path, answer):
        """Fails unless the answer is one of those that the document has for this request."""
        told = f"{method} {path}: {answer.status} {answer.body[:600]!r}"
        kind = answer.header("Content-Type").split(";")[0]
        if answer.status >= 400:
            self.check_problem(answer, told)
        route = self.find(method, path)
        if route is None:
            assert answer.status in (400, 404, 405, 413), told
            return
        template, value = API + route.partition(" ")[2], self.routes[route]
        status = str(answer.status)
        assert status in value["responses"], f"not in openapi.json: {told}"
        content = self.resolved(value["responses"][status]).get("content")
        if not content:
            assert answer.body == b"", told
            return
        assert kind in content, told
        if kind != "application/json":
            return
        pointer = "/".join(["#/paths", template.replace("~", "~0").replace("/", "~1"),
                            method.lower(), "responses", status, "content",
                            kind.replace("/", "~1"), "schema"])
        if "$ref" in value["responses"][status]:
            pointer = (value["responses"][status]["$ref"] + "/content/" + kind.replace("/", "~1") +
                       "/schema")
        errors = sorted(self.validator(pointer).iter_errors(answer.json()), key=str)
        assert not errors, f"{told}\n" + "\n".join(
            f"{error.json_path}: {error.message[:300]}" for error in errors[:5])

    def check_problem(self, answer, told):
        """RFC 9457, in our form."""
        assert answer.header("Content-Type").split(";")[0] == PROBLEM, told
        problem = answer.json()
        errors = list(self.validator("#/components/schemas/Problem").iter_errors(problem))
        assert not errors, f"{told}\n{errors[0].message}"
        assert problem["status"] == answer.status and problem["title"] and problem["detail"], told


# --- requests -------------------------------------------------------------------------------------


@dataclasses.dataclass
class Reply:
    status: int
    headers: list  # pairs, as they came
    body: bytes

    def header(self, name, default=""):
        found = self.all(name)
        assert len(found) <= 1, f"{name} stands {len(found)} times"
        return found[0] if found else default

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)

    def told(self):
        """All of it that a client can see, less the time of day."""
        return (self.status, sorted(pair for pair in self.headers if pair[0].lower() != "date"),
                self.body)


class Client:
    """A browser of somebody: keeps the cookie and the CSRF token of its session."""

    def __init__(self, pages, source="127.0.0.1", document=None):
        self.host, _, port = pages.rpartition(":")
        self.port = int(port)
        self.source = source  # the address that it calls from
        self.cookie = None
        self.csrf = None
        self.document = document or Document(self.plain("GET", f"{API}/openapi.json").json())

    def plain(self, method, path, body=None, headers=()):
        """One request with exactly these headers, nothing added and nothing checked."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=HTTP_SECONDS_MAX,
                                                source_address=(self.source, 0))
        try:
            connection.putrequest(method, path, skip_accept_encoding=True,
                                  skip_host=any(name == "Host" for name, _ in headers))
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            streams = response.getheader("Content-Type", "").startswith("text/event-stream")
            return Reply(response.status, response.getheaders(),
                         b"" if streams else response.read())
        finally:
            connection.close()

    def request(self, method, path, body=None, raw=None, headers=None, csrf=True, check=True):
        """One request to the API; `path` below /api/v1. The answer is checked and returned."""
        sent = dict(headers or {})
        if raw is None and body is not None:
            raw = json.dumps(body, ensure_ascii=False).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        if self.cookie:
            sent.setdefault("Cookie", f"{COOKIE}={self.cookie}")
        if csrf and self.csrf and method not in ("GET", "HEAD"):
            sent.setdefault(CSRF, self.csrf)
        answer = self.plain(method, API + path, raw, sent.items())
        for cookie in answer.all("Set-Cookie"):
            if match := re.match(rf"{COOKIE}=([^;]*)", cookie):
                self.cookie = match[1] or None
        if check:
            self.document.check(method, (API + path).partition("?")[0], answer)
        return answer

    def get(self, path, status=200, **options):
        answer = self.request("GET", path, **options)
        assert answer.status == status, f"GET {path}: {answer.status} {answer.body[:1000]!r}"
        return answer.json() if answer.body else None

    def send(self, method, path, body=None, status=None, **options):
        """The body of an answer with this status, or with any that means success."""
        answer = self.request(method, path, body, **options)
        good = answer.status == status if status else answer.status in (200, 201, 204)
        assert good, f"{method} {path}: {answer.status} {answer.body[:1000]!r}"
        return answer.json() if answer.body else None

    def post(self, path, body=None, status=None, **options):
        return self.send("POST", path, {} if body is None and "raw" not in options else body,
                         status, **options)

    def everything(self, path, limit=200):
        """All items of a list, page after page."""
        items, cursor, joined = [], None, "&" if "?" in path else "?"
        for _ in range(10_000):
            following = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
            page = self.get(f"{path}{joined}limit={limit}{following}")
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items
        raise AssertionError(f"{path} has no end")


# --- accounts -------------------------------------------------------------------------------------


def token_of(link):
    """The token in a set-up link, which may be the bare token."""
    return re.split(r"[#/=?]", link.strip())[-1]


class Person(Client):
    """Somebody with an account at a node that serves its pages."""

    def __init__(self, node, account, roles, clock=None, source="127.0.0.1", document=None):
        super().__init__(node.pages, source, document)
        self.node, self.account, self.roles = node, account, tuple(roles)
        self.clock = clock or Clock()
        self.password = PASSWORD
        self.factor = None

    def enrol(self, name=None):
        """The operator makes the account on the machine; the set-up link."""
        roles = [part for role in self.roles for part in ("--role", role)]
        made = self.node.answer("account", "new", self.account, "--name",
                                name or self.account.title(), *roles)
        return made["change"]["link"]

    def set_up(self, link):
        """Chooses password and second factor at the link."""
        token = token_of(link)
        shown = self.post("/setup", {"token": token})
        assert shown["account"] == self.account
        self.factor = Factor(shown["secret"], self.clock)
        self.post("/setup/complete", {"token": token, "password": self.password,
                                      "code": self.factor.code()})
        return shown

    def sign_in(self):
        answer = self.send("POST", "/session", {
            "account": self.account, "password": self.password, "code": self.factor.code()})
        self.csrf = answer.get("csrf")
        return answer

    def fresh(self, body=None):
        """A body with a fresh code of the second factor."""
        return {**(body or {}), "code": self.factor.code()}

    def another_browser(self, source=None):
        """The same person at another browser, not signed in."""
        other = Person(self.node, self.account, self.roles, self.clock, source or self.source,
                       self.document)
        other.password, other.factor = self.password, self.factor
        return other


def person(node, account, *roles, clock=None, name=None, source="127.0.0.1", document=None):
    """An account of these roles, set up and signed in."""
    made = Person(node, account, roles, clock, source, document)
    made.set_up(made.enrol(name))
    made.sign_in()
    return made


def one_of_each(node, clock=None):
    """role → somebody who has that role alone."""
    people = {}
    for role in ROLES:
        document = next(iter(people.values())).document if people else None
        people[role] = person(node, role, role, clock=clock, document=document)
    return people
