"""A node with a million objects and 200 parties that read from it: the memory that serving takes.

Everything is made by the commands that a person would use: imports of seeded bundles, a token for
each party, releases. The agreement that lets the records go, and a few more invented states, exist
in a copy of the register that is made for the measurement only.
"""

import concurrent.futures
import dataclasses
import json
import pathlib
import random
import re
import shutil
import time
import uuid

from harness import ROOT, SEED, TAXII, Node, read_until, run, start
from load import must
from servers import Answers

OWN = "XA"
PARTIES_MAX = 210
COMMAND_SECONDS_MAX = 6 * 3600
START_SECONDS_MAX = 600
READERS_AT_ONCE = 8  # of the load; the connections of all parties stay open
RECORDS = "/comity/collections/records/objects/"
PAGE = 1000


@dataclasses.dataclass
class Share:
    """What somebody is given: how many objects, and the sum of the numbers in their ids."""
    count: int = 0
    total: int = 0

    def add(self, number):
        self.count += 1
        self.total = (self.total + number) % 2**128

    def join(self, other):
        self.count += other.count
        self.total = (self.total + other.total) % 2**128


def register_for(folder, wanted):
    """A copy of the register with an agreement of XA with so many parties; who they are."""
    shutil.copytree(ROOT / "register", folder)
    path = folder / "parties.toml"
    text = path.read_text(encoding="utf-8")
    for letter in "EFGHIJKLMNOPQRSTUVWXYZ":  # XA to XZ are kept for invented states
        if f'code = "X{letter}"' not in text:
            text += (f'\n[[party]]\ncode = "X{letter}"\nname = "Invented state {letter}"\n'
                     'kind = "invented"\nprovenance = "X"\n')
    path.write_text(text, encoding="utf-8")
    codes = re.findall(r'^code = "([A-Z]{2})"\nname = .*\nkind = "(?:state|invented)"', text, re.M)
    members = [code for code in codes if code != OWN][:wanted]
    must(len(members) == wanted, f"the register has {len(members)} parties, not {wanted}")
    text = (ROOT / "register/instruments/bilateral/xa-xb-2024.toml").read_text(encoding="utf-8")
    text = text.replace('"xa-xb-2024"', '"x-measure"').replace('"bilateral"', '"multilateral"')
    head, _, clauses = text.partition("[[party]]")
    rows = "".join(f'[[party]]\ncode = "{code}"\nin_force = 2024-06-01\nprovenance = "X"\n'
                   'verification = "unverified"\n\n' for code in [OWN, *members])
    (folder / "instruments/multilateral/x-measure.toml").write_text(
        head + rows + clauses[clauses.index("[[clause]]"):], encoding="utf-8")
    return members


def write_bundle(path, piece, count):
    """Indicators and vulnerabilities in equal parts, made with the seed; what is in it."""
    draw, share = random.Random(SEED * 100_003 + piece), Share()
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"type":"bundle","id":"%s","objects":[' % f"bundle--{uuid.UUID(int=piece)}")
        for number in range(count):
            kind = ("indicator", "vulnerability")[number % 2]
            name = uuid.UUID(int=draw.getrandbits(128), version=4)
            share.add(name.int)
            made = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{name}",
                    "created": "2024-01-01T00:00:00.000Z", "modified": "2024-01-01T00:00:00.000Z",
                    "name": f"example {draw.getrandbits(40):x}"}
            if kind == "indicator":
                made |= {"pattern": f"[file:hashes.'SHA-256' = '{draw.getrandbits(256):064x}']",
                         "pattern_type": "stix", "valid_from": "2024-01-01T00:00:00Z"}
            file.write((",\n" if number else "") + json.dumps(made))
        file.write("]}")
    return share


def mebibytes(pid, name):
    """A line of the kernel's account of a process, VmHWM for instance, in MiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"(?m)^{name}:\s*(\d+) kB", status)[1]) / 1024


class Crowd:
    """The node, and what each party must get from it."""

    def __init__(self, work, objects, parties, whole, say):
        self.work, self.say = work, say
        self.members = register_for(work / "register", parties)
        self.node = Node.make(OWN, work / OWN, register=work / "register")
        self.objects, self.whole = objects, whole
        self.shares = {party: Share() for party in self.members}
        self.secrets = {party: self.node.answer(
            "token", "new", "--party", party, "--collections", "records", "--read", "--name",
            f"of-{party.lower()}")["secret"] for party in self.members}
        self.process = None

    def ask(self, *arguments):
        """The JSON answer of a command that may take hours; what it must say is looked at there."""
        done = run(*arguments, "--json", "--data", self.node.folder, code=None,
                   seconds=COMMAND_SECONDS_MAX)
        must(done.stdout, done.stderr[-2000:])
        return json.loads(done.stdout)

    def fill(self):
        """Imports a bundle for each party and releases it to that party, then all of them to as
        many as shall have the whole. The seconds of both."""
        spent, imports = {"import": 0, "release": 0}, []
        path = self.work / "bundle.json"
        for piece, party in enumerate(self.members):
            count = self.objects * (piece + 1) // len(self.members) - \
                self.objects * piece // len(self.members)
            share = write_bundle(path, piece + 1, count)
            begin = time.monotonic()
            report = self.ask("import", path, "--tlp", "green")
            spent["import"] += time.monotonic() - begin
            must(report["added"] == count, f"{report['added']} of {count} objects are added")
            imports.append(report["import"])
            for given in {party, *self.members[:self.whole]}:
                self.shares[given].join(share)
            if piece % 20 == 19:
                self.say(f"long: {piece + 1} of {len(self.members)} bundles are imported")
        path.unlink()
        for at, party in enumerate(self.members):
            chosen = imports if at < self.whole else imports[at:at + 1]
            begin = time.monotonic()
            (row,) = self.ask("release", *chosen, "--to", party)["parties"]
            spent["release"] += time.monotonic() - begin
            must(row["held_back"] == 0 and row["disclosed"] == self.shares[party].count,
                 f"{party} was given {row['disclosed']} of {self.shares[party].count}")
            if at < self.whole or at % 20 == 19:
                self.say(f"long: released to {at + 1} of {len(self.members)} parties")
        return spent

    def stored(self):
        """MiB on the disk."""
        return sum(path.stat().st_size for path in self.node.folder.glob("store.db*")) / 2**20

    def serve(self):
        self.process = start("serve", "--data", self.node.folder)
        read_until(self.process, "listens on", START_SECONDS_MAX)

    def read(self):
        """Every party opens a connection, all stay open; each reads what it was given, and then
        asks what is new. The seconds that the reading took."""
        clients = {party: Answers(self.node.port, True, {
            "Accept": TAXII, "Authorization": f"Bearer {secret}"})
            for party, secret in self.secrets.items()}
        for answers in clients.values():
            answers.ask("/taxii2/")
        with concurrent.futures.ThreadPoolExecutor(READERS_AT_ONCE) as pool:
            begin = time.monotonic()
            last = dict(zip(clients, pool.map(self.walk, clients, clients.values())))
            spent = time.monotonic() - begin
            for party, answers in clients.items():
                after = last[party].replace("+", "%2B")
                must(answers.ask(f"{RECORDS}?added_after={after}")[0] == b"{}",
                     f"something new came to {party}")
        return spent

    def walk(self, party, answers):
        """All pages: exactly what the party was given. The date of the last object."""
        found, path, last = Share(), f"{RECORDS}?limit={PAGE}", ""
        while path:
            content, headers = answers.ask(path)
            page = json.loads(content)
            for item in page.get("objects", []):
                found.add(uuid.UUID(item["id"].partition("--")[2]).int)
            last = headers.get("X-TAXII-Date-Added-Last", last)
            path = page.get("more") and f"{RECORDS}?limit={PAGE}&next={page['next']}"
        must(found == self.shares[party], f"{party} reads {found}, was given {self.shares[party]}")
        return last

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(START_SECONDS_MAX)
            self.process.stdout.close()
