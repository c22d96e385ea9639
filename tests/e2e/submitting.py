"""A client without a node that submits by a token, for the tests of the whole program."""

import base64
import json

import requests

from harness import HTTP_SECONDS_MAX, INBOX, TAXII, Answer, assert_taxii_error

OUTSIDE = "KZ"  # is paired with nobody


def writer(node, originator, name, *more):
    return node.answer("token", "new", "--write", "--originator", originator, "--name", name,
                       *more)["secret"]


class Submitter:
    """Speaks TAXII to a node by a token."""

    def __init__(self, node, name, secret):
        self.root = f"https://127.0.0.1:{node.port}"
        self.session = requests.Session()
        self.session.verify = False
        self.session.trust_env = False  # a variable would be preferred to verify=False
        pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
        self.session.headers = {"Accept": TAXII, "Authorization": f"Basic {pair}"}

    def ask(self, method, path, body=None):
        headers = {"Content-Type": TAXII} if body is not None else {}
        return self.session.request(method, self.root + path, data=body, headers=headers,
                                    timeout=HTTP_SECONDS_MAX)

    def post(self, *objects):
        """Objects given as text are sent as they are."""
        text = ",".join(one if isinstance(one, str) else json.dumps(one) for one in objects)
        got = self.ask("POST", INBOX, f'{{"objects":[{text}]}}'.encode())
        assert got.status_code == 202, got.content
        assert got.headers["Content-Type"] == TAXII
        return got.json()

    def status(self, identity):
        return self.ask("GET", f"/comity/status/{identity}/")

    def delete(self, identity, query=""):
        return self.ask("DELETE", f"{INBOX}{identity}/{query}")

    def close(self):
        self.session.close()


def expect_counts(status, success, failure, pending=0):
    """As clients count: the lists are as long as is said, and the sum is the total."""
    counts = {"success": success, "failure": failure, "pending": pending}
    for name, plural in (("success", "successes"), ("failure", "failures"),
                         ("pending", "pendings")):
        assert status[f"{name}_count"] == counts[name], status
        assert len(status.get(plural, [])) == counts[name]
    assert status["total_count"] == sum(counts.values())
    assert status["status"] == ("pending" if pending else "complete")


def states(node):
    return [(row["id"], row["originator"], row["state"], row.get("reason"))
            for row in node.records()]


def assert_taxii_error_of(got, *statuses):
    return assert_taxii_error(Answer(got.status_code, got.headers, got.content), *statuses)


def told(response):
    """All of an answer but the time of day."""
    return (response.status_code, response.content,
            sorted((name, value) for name, value in response.headers.items() if name != "Date"))
