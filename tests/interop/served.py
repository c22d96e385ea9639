"""A node and who may read from it, for clients that are not ours."""

import json

import taxii2client.v21 as taxii

from harness import Node, pair

TOKEN = "siem-of-ru"


def all_of(collection, per_request=1000, **filters):
    """Every object that a collection of taxii2-client gives, page by page."""
    return [item for page in taxii.as_pages(collection.get_objects, per_request, **filters)
            for item in page.get("objects", [])]


class Served:
    """CN serves what it has released to RU, its peer, who reads by certificate or by the token.
    `objects`: what was released, by id."""

    def __init__(self, folder):
        self.node, self.reader = Node.make("CN", folder / "CN"), Node.make("RU", folder / "RU")
        pair(self.node, self.reader)
        self.objects = {}
        self.secret = self.node.answer(
            "token", "new", "--party", "RU", "--collections", "records", "--read",
            "--name", TOKEN)["secret"]

    def release(self, path, *options):
        """Imports a bundle and releases it to RU; gives what may go there of it."""
        report = self.node.answer("import", path, *options)
        assert report["refused"] == 0, report
        (row,) = self.node.answer("release", report["import"], "--to", "RU", code=None)["parties"]
        assert row["selected"] == report["objects"], row
        held = {item["id"] for item in row["held"]}
        content = json.loads(path.read_text(encoding="utf-8"))["objects"]
        released = [item for item in content if item["id"] not in held]
        assert len(released) > len(content) * 9 // 10, row
        self.objects.update((item["id"], item) for item in released)
        return released

    def by_certificate(self):
        return taxii.Server(f"https://127.0.0.1:{self.node.port}/taxii2/", verify=False,
                            cert=(self.reader.certificate, self.reader.key))

    def by_token(self):
        return taxii.Server(f"https://127.0.0.1:{self.node.port}/taxii2/", verify=False,
                            user=TOKEN, password=self.secret)

    def records(self):
        """The collection that the token reads."""
        (root,) = self.by_token().api_roots
        (found,) = root.collections
        return found

    def stop(self):
        self.node.stop()
        self.reader.stop()
