"""A client polls with added_after while records are written and released, the law changes and
consents come and go: it gets everything that was granted, nothing is lost between two pages, and
nothing is shown outside the time in which it was permitted."""

import collections
import datetime
import json
import random
import shutil
import threading
import time
import uuid

import pytest

from harness import (SCALE, SEED, Node, Peer, bundle, canonical, identifier, indicator, pair,
                     until)

RUNS = max(1, 20 // SCALE)
WRITERS = 3
TURNS = 20  # of each writer
OBJECTS = 40  # of one turn
SAMPLES = 4  # of those, objects that may go only after the arrangement
RECORDS = "/comity/collections/records/objects/"
PAGE = 100
SECONDS_MAX = 300
ARTIFACTS = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9


def artifact(number):
    """A sample by its name alone; its id follows from its content."""
    hashes = {"SHA-256": f"{number:064x}"}
    made = uuid.uuid5(ARTIFACTS, canonical({"hashes": hashes}).decode())
    return {"type": "artifact", "spec_version": "2.1", "id": f"artifact--{made}", "hashes": hashes,
            "url": f"https://example.com/{number}"}


@pytest.fixture(scope="module")
def pair_of_nodes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("poll")
    nodes = [Node.make(party, folder / party) for party in ("CN", "RU")]
    pair(*nodes)
    return folder


def instant(text):
    """An RFC 3339 instant of the wire, in microseconds since 1970."""
    since = datetime.datetime.fromisoformat(text) - datetime.datetime.fromtimestamp(
        0, datetime.timezone.utc)
    return since // datetime.timedelta(microseconds=1)


def dates_of(reader, server):
    """The view as it is now, read object by object: id → the date of its grant."""
    peer = Peer(reader, server)
    out, following, before = {}, "", None
    while following is not None:
        got = peer.get(f"{RECORDS}?limit=1" + (f"&next={following}" if following else ""))
        assert got.status == 200, got.body
        envelope = got.json()
        for item in envelope.get("objects", []):
            date = instant(got.headers["X-TAXII-Date-Added-Last"])
            assert date == instant(got.headers["X-TAXII-Date-Added-First"])
            assert item["id"] not in out and (before is None or before < date)
            out[item["id"]] = before = date
        following = envelope.get("next") if envelope.get("more") else None
    peer.close()
    return out


class Poller:
    """Reads the view of `reader` at `server` again and again, each time after the last it has
    seen."""

    def __init__(self, reader, server):
        self.peer = Peer(reader, server)
        self.after = None
        self.pages = 0
        self.seen = {}  # id → when the answer with it had come, the first time
        self.shown = collections.defaultdict(list)  # id → (asked, answered) of every time
        self.last_seen = {}  # id → the same as an instant by the clock on the wall, the last time

    def poll(self):
        """One page, and those that it says follow it."""
        following, newest = "", self.after
        while following is not None:
            path = f"{RECORDS}?limit={PAGE}"
            if following:
                path += f"&next={following}"
            if self.after:
                path += f"&added_after={self.after}"
            asked = time.monotonic()
            got = self.peer.get(path)
            answered, wall = time.monotonic(), time.time_ns() // 1000
            assert got.status == 200, got.body
            envelope = got.json()
            self.pages += 1
            for item in envelope.get("objects", []):
                self.seen.setdefault(item["id"], answered)
                self.shown[item["id"]].append((asked, answered))
                self.last_seen[item["id"]] = wall
            following = envelope.get("next") if envelope.get("more") else None
            newest = got.headers.get("X-TAXII-Date-Added-Last") or newest
        self.after = newest

    @property
    def repeated(self):
        return [name for name, times in self.shown.items() if len(times) > 1]


class Writers:
    """Import and release, each in its own thread, by commands to the serving node."""

    def __init__(self, node, folder, first):
        self.failures = []
        self.imports = []
        self.expected = {"indicator": set(), "artifact": set()}
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.write, args=(node, folder, place, first))
            for place in range(WRITERS)]

    def write(self, node, folder, place, first):
        try:
            for turn in range(TURNS):
                begin = first + (place * TURNS + turn) * OBJECTS
                objects = [artifact(number) if number - begin < SAMPLES else indicator(number)
                           for number in range(begin, begin + OBJECTS)]
                path = folder / f"writer-{place}.json"
                path.write_text(bundle(*objects), encoding="utf-8")
                made = node.answer("import", path, "--tlp", "clear")["import"]
                with self.lock:
                    self.imports.append(made)
                    for item in objects:
                        self.expected[item["type"]].add(item["id"])
                # 1: samples are held back before the arrangement. 3: no receipt, RU is busy.
                node.run("release", made, "--to", "RU", code=None)
        except (AssertionError, OSError, ValueError) as error:
            self.failures.append(error)

    @property
    def done(self):
        return not any(thread.is_alive() for thread in self.threads)


def arrange(cn, ru):
    """Both enter the arrangement without which no samples may go, the recipient first; when the
    sender began to."""
    for node, other in ((ru, "CN"), (cn, "RU")):
        begun = time.monotonic()
        node.run("treaty", "arrange", "--instrument", "ru-cn-2015", "--kind",
                 "format-and-protection", "--with", other)
    return begun


@pytest.mark.parametrize("turn", range(RUNS))
def test_nothing_is_lost_and_nothing_comes_early(pair_of_nodes, tmp_path, turn):
    draw = random.Random(SEED + turn)
    copy = tmp_path / "nodes"
    shutil.copytree(pair_of_nodes, copy)
    cn, ru = [Node(party, copy / party) for party in ("CN", "RU")]
    try:
        cn.serve()
        ru.serve()
        poller = Poller(ru, cn)
        writers = Writers(cn, tmp_path, 1)
        for thread in writers.threads:
            thread.start()
        # The law changes somewhere in the middle of the writing.
        moment = draw.randrange(WRITERS * TURNS // 4, WRITERS * TURNS // 2)
        changed = None
        end = time.monotonic() + SECONDS_MAX
        while not writers.done:
            assert time.monotonic() < end, "the writers have not ended"
            poller.poll()
            if changed is None and len(writers.imports) >= moment:
                changed = arrange(cn, ru)
        for thread in writers.threads:
            thread.join()
        assert not writers.failures, writers.failures[0]
        assert changed is not None and poller.pages > WRITERS
        # What was held back goes now; the last poll fetches what the ones before had not.
        cn.run("release", *writers.imports, "--to", "RU")
        poller.poll()

        told = f"COMITY_SEED={SEED}, run {turn}"
        expected = writers.expected["indicator"] | writers.expected["artifact"]
        assert len(expected) == WRITERS * TURNS * OBJECTS
        assert set(poller.seen) == expected, told
        assert not poller.repeated, told
        early = [name for name in writers.expected["artifact"] if poller.seen[name] < changed]
        assert not early, told
        assert any(poller.seen[name] < changed for name in writers.expected["indicator"]), told
        held = ru.records()
        assert {row["id"] for row in held} == expected and len(held) == len(expected), told
        assert {row["state"] for row in held} == {"live"}, told
        assert cn.verify()["receipts_missing"] == 0
        ru.verify()
    finally:
        cn.stop()
        ru.stop()


# --- consents and suspensions --------------------------------------------------------------------

# RU passes on to BY what CN gave it, group by group, as CN consents; beside it RU gives its own
# records under its agreement with BY, which BY sees suspended and resumed.
GROUPS = 12
REGAINED = GROUPS  # one group more: its consent is taken back and given again while BY polls
GROUP_RECORDS = 5
WITHDRAWN = 4  # consents that are taken back
OWN_TURNS = 12
OWN_RECORDS = 10
SUSPENSIONS = 3
AGREEMENT = "ru-by-2013"


@pytest.fixture(scope="module")
def three_nodes(tmp_path_factory):
    """CN, RU and BY, paired; RU holds groups of CN's records, which are not BY's to have."""
    folder = tmp_path_factory.mktemp("poll-consent")
    cn, ru, by = (Node.make(party, folder / party) for party in ("CN", "RU", "BY"))
    pair(cn, ru)
    pair(ru, by)
    try:
        ru.serve()
        path = folder / "given.json"
        numbers = range(1, (GROUPS + 1) * GROUP_RECORDS + 1)
        path.write_text(bundle(*map(indicator, numbers)), encoding="utf-8")
        made = cn.answer("import", path, "--tlp", "clear")["import"]
        cn.run("release", made, "--to", "RU")
    finally:
        ru.stop()
    return folder


class Permissions:
    """When each record was permitted, by the outer bounds: a permission begins when the command
    that gives it does, and ends when the one that takes it has ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.steps = collections.defaultdict(list)  # what → (begun, ended, permitted afterwards)

    def change(self, names, permitted, do):
        begun = time.monotonic()
        do()
        with self.lock:
            for name in names:
                self.steps[name].append((begun, time.monotonic(), permitted))

    def permitted(self, name, asked, answered):
        """Whether it was for a moment between these two."""
        spans, since = [], None
        for begun, ended, now in self.steps[name]:
            if now and since is None:
                since = begun
            elif not now and since is not None:
                spans.append((since, ended))
                since = None
        if since is not None:
            spans.append((since, float("inf")))
        return any(begin <= answered and asked <= end for begin, end in spans)

    def came_back(self, name, first, second):
        """Whether it ended, and came back, between two answers that showed it."""
        steps = self.steps[name]
        return any(not steps[i][2] and steps[i + 1][2] and steps[i][0] <= second[1]
                   and steps[i + 1][1] >= first[0] for i in range(len(steps) - 1))

    def in_the_end(self):
        return {name for name, steps in self.steps.items() if steps[-1][2]}


def group_of(place):
    return [identifier("indicator", 1 + place * GROUP_RECORDS + number)
            for number in range(GROUP_RECORDS)]


class Sharing:
    """What happens at RU and CN while BY polls: each in a thread of its own."""

    def __init__(self, cn, ru, by, folder, draw, suspend, poller):
        self.cn, self.ru, self.by, self.poller = cn, ru, by, poller
        self.folder, self.draw = folder, draw
        self.consents, self.law = Permissions(), Permissions()
        self.failures, self.own = [], []
        self.regained, self.lost = [], None  # names; by the clock on the wall
        work = [self.write, self.consent] + ([self.suspend_and_resume] if suspend else [])
        # Before it is suspended the agreement is in force.
        self.law.change(["law"], True, lambda: None)
        self.threads = [threading.Thread(target=self.guarded, args=(one,)) for one in work]
        # When all of that is done, so that nothing else hides or shows what is lost and regained.
        regain = self.regain_by_law if suspend else self.regain_by_consent
        self.threads.append(threading.Thread(target=self.guarded, args=(self.at_last, regain)))

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except (AssertionError, OSError, ValueError) as error:
            self.failures.append(error)

    def release(self, *what):
        # 1: held back for now. 3: no receipt, BY only polls.
        self.ru.run("release", *what, "--to", "BY", code=None)

    def write(self):
        for turn in range(OWN_TURNS):
            first = 10_000 + turn * OWN_RECORDS
            objects = [indicator(number) for number in range(first, first + OWN_RECORDS)]
            path = self.folder / "own.json"
            path.write_text(bundle(*objects), encoding="utf-8")
            made = self.ru.answer("import", path, "--tlp", "clear")["import"]
            self.own += [item["id"] for item in objects]
            self.release(made)

    def consent(self):
        given = []
        for group in range(GROUPS):
            names = group_of(group)
            self.grant(names, given)
            self.release(*names)
            if len(given) > GROUPS - WITHDRAWN or (given and self.draw.random() < 0.3):
                self.withdraw(*given.pop(self.draw.randrange(len(given))))

    def grant(self, names, given):
        request = self.asked(names)
        if request is None:  # while the agreement is suspended no consent would help
            return
        answered = []
        self.consents.change(names, True, lambda: answered.append(
            self.cn.answer("consent", "grant", request)))
        given.append((names, answered[0]["consent"]))

    def asked(self, names):
        done = self.ru.run("consent", "ask", *names, "--to", "BY", "--json", code=None)
        return json.loads(done.stdout)["requests"][0]["request"] if done.returncode == 0 else None

    def withdraw(self, names, consent):
        self.consents.change(names, False,
                             lambda: self.cn.run("consent", "withdraw", consent))

    def suspend_and_resume(self):
        for _ in range(SUSPENSIONS):
            for verb in ("suspend", "resume"):
                time.sleep(self.draw.uniform(0.1, 1))  # the random moment itself
                self.treaty(verb)

    def treaty(self, verb):
        self.law.change(["law"], verb == "resume", lambda: self.ru.run("treaty", verb, AGREEMENT))

    # What the polling client has seen is lost, which another client of its party goes past, and
    # comes back.

    def at_last(self, regain):
        for thread in self.threads[:-1]:
            thread.join()
        regain()

    def regain_by_consent(self):
        names, given = group_of(REGAINED), []
        self.grant(names, given)
        self.lose_and_regain(names, lambda: self.withdraw(*given.pop()),
                             lambda: self.grant(names, given))

    def regain_by_law(self):
        names = self.own[:OWN_RECORDS]
        self.lose_and_regain(names, lambda: self.treaty("suspend"), lambda: self.treaty("resume"))

    def lose_and_regain(self, names, lose, regain):
        self.release(*names)
        until(lambda: all(name in self.poller.last_seen for name in names),
              "the records that are to be lost were not shown")
        lose()
        other = Poller(self.by, self.ru)
        other.poll()
        assert not set(names) & set(other.shown), "lost, and shown"
        self.lost = time.time_ns() // 1000
        regain()
        self.regained = names

    @property
    def done(self):
        return not any(thread.is_alive() for thread in self.threads)

    def came_back(self, name, first, second):
        return self.law.came_back("law", first, second) or \
            self.consents.came_back(name, first, second)


@pytest.mark.parametrize("suspend", [False, True], ids=["consents", "consents and suspensions"])
@pytest.mark.parametrize("turn", range(RUNS))
def test_what_is_permitted_in_the_end_comes_and_nothing_comes_when_it_is_not(
        three_nodes, tmp_path, turn, suspend):
    draw = random.Random(SEED + turn)
    copy = tmp_path / "nodes"
    shutil.copytree(three_nodes, copy)
    cn, ru, by = [Node(party, copy / party) for party in ("CN", "RU", "BY")]
    try:
        cn.serve()
        ru.serve()
        poller = Poller(by, ru)
        sharing = Sharing(cn, ru, by, tmp_path, draw, suspend, poller)
        for thread in sharing.threads:
            thread.start()
        end = time.monotonic() + SECONDS_MAX
        while not sharing.done:
            assert time.monotonic() < end, "the writers have not ended"
            poller.poll()
        for thread in sharing.threads:
            thread.join()
        assert not sharing.failures, sharing.failures[0]
        told = f"COMITY_SEED={SEED}, run {turn}"
        own = set(sharing.own)
        permitted = own | sharing.consents.in_the_end()
        assert len(own) == OWN_TURNS * OWN_RECORDS and permitted > own, told
        # What was held back goes now; the last poll fetches what the ones before had not.
        sharing.release(*sorted(permitted))
        poller.poll()
        check_shown(sharing, poller, own, permitted, told)
        check_dates(sharing, poller, dates_of(by, ru), permitted, told)
        cn.verify()
        ru.verify()
    finally:
        cn.stop()
        ru.stop()


def check_shown(sharing, poller, own, permitted, told):
    """Everything permitted in the end was shown, also what was granted and hidden again before the
    client had come to it; nothing when it was not permitted; nothing twice but what was lost and
    came back in between."""
    lost = permitted - set(poller.shown)
    assert not lost, f"{told}: {sorted(lost)}"
    for name, times in poller.shown.items():
        for asked, answered in times:
            assert sharing.law.permitted("law", asked, answered), f"{told}: {name}"
            assert name in own or sharing.consents.permitted(name, asked, answered), \
                f"{told}: {name}"
        for first, second in zip(times, times[1:]):
            assert sharing.came_back(name, first, second), f"{told}: {name}"


def check_dates(sharing, poller, dates, permitted, told):
    """The polling client saw each record that the view shows after its last grant, also what it had
    seen before and what was granted again with a new date."""
    assert set(dates) == permitted, told
    late = {name: date - poller.last_seen[name] for name, date in dates.items()
            if poller.last_seen[name] < date}
    assert not late, f"{told}: granted so many microseconds after it was shown: {late}"
    assert sharing.regained, told
    for name in sharing.regained:
        assert dates[name] > sharing.lost and len(poller.shown[name]) > 1, f"{told}: {name}"
