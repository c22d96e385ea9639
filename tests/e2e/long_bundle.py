"""A bundle of any number of objects, written one after the other: what is long is no tree here.

python long_bundle.py FILE [OBJECTS] [SEED]
"""

import json
import random
import sys
import uuid

OBJECTS = 1_000_000
# One author, one marking, then what a body of knowledge is made of, in parts of a thousand;
# relationships fill up. Reports hold others, and chains of them.
PARTS = {"indicator": 230, "malware": 60, "attack-pattern": 40, "domain-name": 120, "grouping": 5,
         "report": 15}
HELD_BY_CONTAINER = 12
WORDS = ("samples contact servers over ordinary protocols collect credentials move on in systems "
         "schedule tasks and scripts that run code «данные» 数据 – as analysts wrote").split()
TIME = "2024-03-01T00:00:00.000Z"


class Writer:
    """Draws everything from one seed: the same seed gives the same bytes."""

    def __init__(self, file, seed):
        self.file = file
        self.draw = random.Random(seed)
        self.count = 0
        self.ids = {kind: [] for kind in (*PARTS, "relationship")}
        self.texts = [" ".join(self.draw.choices(WORDS, k=90)) for _ in range(200)]
        self.author, self.marking = self.id("identity"), self.id("marking-definition")

    def id(self, kind):
        return f"{kind}--{uuid.UUID(int=self.draw.getrandbits(128), version=4)}"

    def put(self, value):
        text = json.dumps(value, ensure_ascii=False)
        self.file.write(("\n" if self.count == 0 else ",\n") + text)
        self.count += 1

    def common(self, kind):
        identifier = self.id(kind)
        self.ids[kind].append(identifier)
        return {"type": kind, "spec_version": "2.1", "id": identifier, "created": TIME,
                "modified": TIME, "created_by_ref": self.author,
                "object_marking_refs": [self.marking]}

    def text(self):
        return f"{self.count}: {self.draw.choice(self.texts)}"

    def some(self, *kinds):
        return self.draw.choice(self.ids[self.draw.choice([one for one in kinds if self.ids[one]])])

    def contents(self):
        kinds = [one for one in self.ids if self.ids[one]]
        return sorted({self.some(*kinds) for _ in range(HELD_BY_CONTAINER)})

    def first(self):
        self.put({"type": "marking-definition", "spec_version": "2.1", "id": self.marking,
                  "created": TIME, "created_by_ref": self.author, "definition_type": "statement",
                  "definition": {"statement": "Made for a test; describes nothing real."}})
        self.put({"type": "identity", "spec_version": "2.1", "id": self.author, "created": TIME,
                  "modified": TIME, "name": "Seeded test author",
                  "identity_class": "organization", "object_marking_refs": [self.marking]})
        for kind in ("malware", "attack-pattern", "indicator"):
            self.object(kind)

    def object(self, kind):
        if kind == "domain-name":
            identifier = self.id(kind)
            self.ids[kind].append(identifier)
            return self.put({"type": kind, "spec_version": "2.1", "id": identifier,
                             "value": f"host-{self.count}.example.org",
                             "object_marking_refs": [self.marking]})
        more = {
            "indicator": lambda: {
                "name": f"indicator {self.count}", "description": self.text(),
                "pattern": f"[domain-name:value = 'host-{self.count}.example.org' OR "
                           f"file:name = 'sample-{self.count}.exe']",
                "pattern_type": "stix", "valid_from": TIME},
            "malware": lambda: {"name": f"malware {self.count}", "description": self.text(),
                                "is_family": True},
            "attack-pattern": lambda: {"name": f"pattern {self.count}",
                                       "description": self.text()},
            "grouping": lambda: {"name": f"grouping {self.count}", "context": "suspicious-activity",
                                 "object_refs": self.contents()},
            "report": lambda: {"name": f"report {self.count}", "description": self.text(),
                               "published": TIME, "object_refs": self.contents()},
            "relationship": lambda: {
                "relationship_type": "related-to", "description": self.text(),
                "source_ref": self.some("indicator", "malware"),
                "target_ref": self.some("malware", "attack-pattern", "domain-name")},
        }[kind]()
        return self.put({**self.common(kind), **more})

    def all(self, objects):
        self.file.write('{"type":"bundle","id":"%s","objects":[' % self.id("bundle"))
        self.first()
        kinds, weights = [*PARTS, "relationship"], [*PARTS.values(), 1000 - sum(PARTS.values())]
        while self.count < objects:
            for kind in self.draw.choices(kinds, weights, k=min(1000, objects - self.count)):
                self.object(kind)
        self.file.write("\n]}\n")


def write(path, objects, seed):
    """Each object is one line."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        Writer(file, seed).all(objects)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else OBJECTS,
          int(sys.argv[3]) if len(sys.argv) > 3 else 1)
