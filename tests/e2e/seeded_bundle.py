"""A bundle of the size and shape of the ATT&CK file, for machines that do not have it.

python seeded_bundle.py FILE [SEED]
"""

import json
import pathlib
import random
import sys
import uuid

OBJECTS = 24_771
# How many objects of each type, after the file of ATT&CK Enterprise 18.1; relationships fill up.
TYPES = {
    "attack-pattern": 835, "course-of-action": 268, "intrusion-set": 187, "malware": 696,
    "tool": 91, "campaign": 52, "x-mitre-data-component": 106, "x-mitre-data-source": 38,
    "x-mitre-detection-strategy": 691, "x-mitre-analytic": 1739, "x-mitre-tactic": 14,
    "x-mitre-matrix": 1, "x-mitre-collection": 1, "identity": 1, "marking-definition": 1,
}
TEXT_WORDS = {"attack-pattern": 250, "malware": 90, "intrusion-set": 90, "relationship": 20}
WORDS = ("adversaries may abuse command interpreters scripts scheduled tasks services to run "
         "code collect credentials move between systems and hide traffic in ordinary protocols "
         "«данные» 数据 – documented by analysts").split()


class Maker:
    """Draws everything from one seed: the same seed gives the same bytes."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.author = self.id("identity")
        self.marking = self.id("marking-definition")

    def id(self, kind):
        return f"{kind}--{uuid.UUID(int=self.draw.getrandbits(128), version=4)}"

    def time(self):
        draw = self.draw
        day = f"20{draw.randint(17, 25)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        return f"{day}T{draw.randint(0, 23):02d}:{draw.randint(0, 59):02d}:00.000Z"

    def text(self, kind):
        count = TEXT_WORDS.get(kind, 60)
        return " ".join(self.draw.choices(WORDS, k=self.draw.randint(count // 2, count * 3 // 2)))

    def common(self, kind):
        created, modified = sorted((self.time(), self.time()))
        return {"type": kind, "spec_version": "2.1", "id": self.id(kind), "created": created,
                "modified": modified, "created_by_ref": self.author,
                "object_marking_refs": [self.marking], "x_mitre_version": "1.0",
                "x_mitre_attack_spec_version": "3.3.0", "x_mitre_modified_by_ref": self.author}

    def references(self, kind):
        return [{"source_name": "seeded", "external_id": f"{kind[:1].upper()}{number}",
                 "url": f"https://example.org/{kind}/{self.draw.randint(1, 9999)}",
                 "description": self.text("reference")[:60]} for number in range(2)]

    def object(self, kind):
        made = {**self.common(kind), "name": f"{kind} {self.draw.randint(1, 99999)}",
                "description": self.text(kind), "external_references": self.references(kind),
                "x_mitre_domains": ["enterprise-attack"], "x_mitre_deprecated": False}
        if kind == "attack-pattern":
            made["kill_chain_phases"] = [{"kill_chain_name": "seeded", "phase_name": "execution"}]
            made["x_mitre_platforms"] = self.draw.sample(["Windows", "Linux", "macOS", "IaaS"], 2)
        if kind in ("malware",):
            made["is_family"] = True
        return made

    def first(self):
        created = self.time()
        return [
            {"type": "marking-definition", "spec_version": "2.1", "id": self.marking,
             "created": created, "created_by_ref": self.author, "definition_type": "statement",
             "definition": {"statement": "Made for a test; describes nothing real."}},
            {"type": "identity", "spec_version": "2.1", "id": self.author, "created": created,
             "modified": created, "name": "Seeded test author", "identity_class": "organization",
             "object_marking_refs": [self.marking]},
        ]

    def relationship(self, source, target):
        return {**self.common("relationship"), "relationship_type": "uses", "source_ref": source,
                "target_ref": target, "description": self.text("relationship"),
                "external_references": self.references("relationship")}

    def objects(self):
        made = self.first()
        for kind, count in TYPES.items():
            if kind not in ("identity", "marking-definition"):
                made += [self.object(kind) for _ in range(count)]
        sources = [item["id"] for item in made
                   if item["type"] in ("malware", "intrusion-set", "tool", "campaign")]
        targets = [item["id"] for item in made if item["type"] == "attack-pattern"]
        while len(made) < OBJECTS:
            made.append(self.relationship(self.draw.choice(sources), self.draw.choice(targets)))
        self.draw.shuffle(made)
        return made


def write(path, seed):
    maker = Maker(seed)
    objects = maker.objects()
    text = json.dumps({"type": "bundle", "id": maker.id("bundle"), "objects": objects}, indent=1,
                      ensure_ascii=False)
    pathlib.Path(path).write_text(text, encoding="utf-8")
    return len(objects)


if __name__ == "__main__":
    print(write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1), "objects")
