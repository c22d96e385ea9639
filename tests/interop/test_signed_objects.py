"""Every kind of object that nodes sign for each other, as the STIX library and the validator of
OASIS read it: also the kinds that the demonstration does not come to."""

import json
import shutil

import pytest
import stix2

from harness import COMMAND_SECONDS_MAX, Node, bundle, identifier, indicator, pair, until

from judging import findings

TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
IN_SUM = 101  # records, the fewest that are not listed
OWN = "comity-officer"  # a statement of a node to itself, which never leaves it
# docs/formats/disclosure.md, receipt.md, procedure.md.
KINDS = {
    "comity-disclosure", "comity-disclosure-withdrawn", "comity-receipt", "comity-consent-request",
    "comity-consent", "comity-consent-withdrawal", "comity-recall", "comity-recall-confirmation",
    "comity-checkpoint", "comity-checkpoints-passed", "comity-checkpoint-question",
    "comity-key-notice"}


class Story:
    """CN, RU, BY and KZ say to each other everything that nodes can say."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes = {party: Node.make(party, folder / party) for party in ("CN", "RU", "BY", "KZ")}
        self.cn, self.ru, self.by, self.kz = self.nodes.values()
        for one, other in (("CN", "RU"), ("CN", "BY"), ("CN", "KZ"), ("RU", "BY")):
            pair(self.nodes[one], self.nodes[other])
        self.said = {}

    def tell(self):
        for node in (self.cn, self.ru, self.by):
            node.serve()
        for part in (self.many, self.consents, self.recall, self.withdrawal, self.keys,
                     self.checkpoints, self.question):
            part()
            self.listen()
        return list(self.said.values())

    def listen(self):
        """Keeps what each node has said so far."""
        for node in self.nodes.values():
            with node.store() as store:
                rows = store.execute("SELECT id, bytes FROM protocol WHERE direction = 0 "
                                     "AND kind != ?", (OWN,)).fetchall()
            self.said.update((name, json.loads(bytes(text))) for name, text in rows)

    def heard(self, kind):
        self.listen()
        return any(one["type"] == kind for one in self.said.values())

    def give(self, number):
        path = self.folder / f"given-{number}.json"
        path.write_text(bundle(indicator(number, object_marking_refs=[TLP_CLEAR])), "utf-8")
        self.cn.answer("import", path)
        return identifier("indicator", number)

    def many(self):
        """So many at once that disclosure and receipt name them in sum."""
        path = self.folder / "many.json"
        path.write_text(bundle(*(indicator(number, object_marking_refs=[TLP_CLEAR])
                                 for number in range(100, 100 + IN_SUM))), "utf-8")
        self.cn.answer("release", self.cn.answer("import", path)["import"], "--to", "RU")

    def consents(self):
        """One is granted, used and taken back; one is refused on a ground."""
        for number in (1, 2):
            name = self.give(number)
            self.cn.answer("release", name, "--to", "RU")
            (asked,) = self.ru.answer("consent", "ask", name, "--to", "BY")["requests"]
            if number == 1:
                consent = self.cn.answer("consent", "grant", asked["request"])["consent"]
                self.ru.answer("release", name, "--to", "BY")
                self.cn.answer("consent", "withdraw", consent)
            else:
                self.cn.answer("consent", "refuse", asked["request"], "--ground",
                               "political-offence")

    def recall(self):
        """It goes on from RU to BY, and each confirms it."""
        self.cn.answer("recall", identifier("indicator", 1), "--reason", "false-positive")
        for node in (self.ru, self.by, self.ru):
            node.run("statements", "send", code=None)

    def withdrawal(self):
        """What was disclosed to KZ, who was away, is recalled before it arrives."""
        name = self.give(3)
        self.cn.run("release", name, "--to", "KZ", code=3)
        self.cn.run("recall", name, "--reason", "wrong-content", code=None)
        self.kz.serve()
        self.cn.answer("release", self.give(4), "--to", "KZ", code=None)

    def keys(self):
        self.cn.answer("key", "rotate", "node")

    def checkpoints(self):
        """CN shows its own to all; RU passes it on with the next thing that it says to BY."""
        self.cn.answer("ledger", "checkpoint", "--publish", "--show", "--public")
        path = self.folder / "of-ru.json"
        path.write_text(bundle(indicator(5, object_marking_refs=[TLP_CLEAR])), "utf-8")
        self.ru.answer("import", path)
        self.ru.run("release", identifier("indicator", 5), "--to", "BY", code=None)
        until(lambda: self.heard("comity-checkpoints-passed"), "RU passes a checkpoint on",
              COMMAND_SECONDS_MAX)

    def question(self):
        """CN begins again with an older copy of itself, and RU asks how that can be."""
        self.cn.stop()
        older = self.folder / "older"
        shutil.copytree(self.cn.folder, older)
        self.give(6)
        self.cn.answer("ledger", "checkpoint", "--publish", "--show")
        self.listen()
        shutil.rmtree(self.cn.folder)
        shutil.copytree(older, self.cn.folder)
        self.cn.serve()
        until(lambda: self.heard("comity-checkpoint-question"), "RU asks", COMMAND_SECONDS_MAX)

    def stop(self):
        for node in self.nodes.values():
            node.stop()


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    story = Story(tmp_path_factory.mktemp("signed"))
    try:
        yield story.tell()
    finally:
        story.stop()


def test_every_kind_was_said(signed):
    assert {item["type"] for item in signed} == KINDS
    for kind, listed, in_sum in (("comity-disclosure", "records", "record_set"),
                                 ("comity-receipt", "results", "result_set")):
        forms = {name for item in signed if item["type"] == kind for name in (listed, in_sum)
                 if name in item}
        assert forms == {listed, in_sum}
    grounds = [item["body"].get("ground") for item in signed if item["type"] == "comity-consent"]
    assert sorted(map(str, grounds)) == ["None", "political-offence"]


def test_stix2_reads_every_kind_without_leniency(signed):
    for item in signed:
        read = stix2.parse(item, allow_custom=False, version="2.1")
        # A type that it does not know stays as it is, for its extension says that it is new.
        assert read == item


@pytest.mark.parametrize("strict", [False, True])
def test_the_validator_finds_no_error_in_any_kind(signed, strict):
    for item in signed:
        assert findings(item, strict=strict)[0] == [], item
