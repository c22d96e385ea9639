"""The demonstration with its seven nodes, kept up, and the people who have accounts there."""

import contextlib
import os
import re
import signal

from harness import STOP_SECONDS_MAX, Node, read_until, start
from operators import Clock, Person, person

DEMO_SECONDS_MAX = 300
LINK = re.compile(r"^ +(\w+) \(([a-z-]+)\)  (http://(\S+)/setup#\S+)$", re.M)
PAGES = re.compile(r"^ +([A-Z]{2})  http://(\S+)/$", re.M)


class Demonstration:
    """The seven nodes of `comity demo` after its last step, and who has accounts there."""

    def __init__(self, folder, told, clock):
        self.folder, self.told, self.clock = folder, told, clock
        self.nodes, self.people = {}, {}
        for party, pages in PAGES.findall(told):
            node = Node(party, folder / party)
            node.pages, node.clock = pages, clock
            self.nodes[party] = node
        parties = {node.pages: party for party, node in self.nodes.items()}
        documents = {}
        # All at once: the links hold for a quarter of an hour by a clock that tests set forward.
        for name, role, link, pages in LINK.findall(told):
            party = parties[pages]
            if (party, name) in self.people:  # links are printed twice
                continue
            someone = Person(self.nodes[party], name, [role], clock,
                             document=documents.get(party))
            documents[party] = someone.document
            someone.set_up(link)
            self.people[party, name] = someone

    def person(self, party, name):
        """The holder of an account, signed in at the API."""
        someone = self.people[party, name]
        # Not yet, or half an hour without use.
        if not someone.cookie or someone.request("GET", "/session").status == 401:
            someone.sign_in()
        return someone

    def another(self, party, name, *roles):
        """Somebody with an account of these roles, made for the tests."""
        if (party, name) not in self.people:
            self.people[party, name] = person(self.nodes[party], name, *roles, clock=self.clock)
        return self.person(party, name)

    def all_roles(self, party="CN"):
        """Somebody who sees all that is to be seen but what administrators do."""
        return self.another(party, "everything", "duty-officer", "analyst", "legal-adviser",
                            "releasing-officer", "rights-officer", "auditor", "oversight")


@contextlib.contextmanager
def demonstration(folder, shift_library=None):
    """Runs `comity demo` and keeps it up. With the library its clocks can be set forward."""
    clock = Clock(folder / "clock" if shift_library else None)
    extra = {"LD_PRELOAD": str(shift_library), "CLOCK_SHIFT": str(clock.file)} \
        if shift_library else {}
    process = start("demo", "--data", folder / "nodes", start_new_session=True, extra=extra)
    try:
        told = read_until(process, "demonstration: ", DEMO_SECONDS_MAX)
        assert "NOT AS EXPECTED" not in told, told
        yield Demonstration(folder / "nodes", told, clock)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(STOP_SECONDS_MAX)
        process.stdout.close()
