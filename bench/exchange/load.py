"""One measurement of one address by h2load, and what a server spent on it."""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
RUN_SECONDS_MAX = 600
REQUESTS_MAX = 5_000_000


class Wrong(Exception):
    """An answer that is not the one it must be."""


def must(condition, what):
    if not condition:
        raise Wrong(what)


def program(name, variable):
    """The path of a program of Debian, or of the variable; None when it is not there."""
    found = os.environ.get(variable) or shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    return found if found and os.access(found, os.X_OK) else None


@dataclasses.dataclass
class Target:
    """Where to ask, and what must come: `size` bytes, each time. `pid` leads the server."""
    name: str
    url: str
    size: int
    pid: int
    headers: dict
    clients: int


@dataclasses.dataclass
class Measured:
    rate: float  # requests a second
    cpu_us: float  # of the server, for one request
    cipher: str  # protocol and cipher; empty without TLS


def processor_seconds(pid):
    """What a process and those below it have spent, of those that still run."""
    children, spent = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
            spent[int(entry.name)] = (int(fields[11]) + int(fields[12])) * TICK_S
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        total += spent.get(one, 0)
        waiting += children.get(one, [])
    return total


def h2load(target, requests):
    headers = [argument for name, value in target.headers.items()
               for argument in ("-H", f"{name}: {value}")]
    clients = min(target.clients, requests)
    done = subprocess.run(
        [program("h2load", "COMITY_H2LOAD"), "--h1", "-n", str(requests), "-c", str(clients),
         "-t", str(min(2, clients)), *headers, target.url],
        capture_output=True, text=True, timeout=RUN_SECONDS_MAX, check=False)
    return done.stdout + done.stderr


def measure(target, requests):
    """Asks so often; every answer must be a 2xx of the right size."""
    before = processor_seconds(target.pid)
    told = h2load(target, requests)
    spent = processor_seconds(target.pid) - before
    rate = re.search(r"finished in \S+, ([\d.]+) req/s", told)
    good = re.search(r"status codes: (\d+) 2xx", told)
    traffic = re.search(r"traffic: .*\((\d+)\) data", told)
    must(rate and good and traffic, f"{target.name}: h2load says\n{told[-2000:]}")
    must(int(good[1]) == requests, f"{target.name}: {good[1]} of {requests} answers are 2xx")
    must(int(traffic[1]) == requests * target.size,
         f"{target.name}: {traffic[1]} bytes, not {requests} times {target.size}")
    tls = re.findall(r"(?m)^(?:TLS Protocol|Cipher): (.+)$", told)
    return Measured(float(rate[1]), spent / requests * 1e6, " ".join(tls))


def requests_for(target, seconds):
    """About how many requests take that long. Few of them are mostly the opening of connections,
    so more and more are asked until they last."""
    requests = 2 * target.clients
    while True:
        rate = measure(target, requests).rate
        if requests / rate >= seconds / 3 or requests >= REQUESTS_MAX:
            return max(target.clients, min(REQUESTS_MAX, int(rate * seconds)))
        requests = min(REQUESTS_MAX, 4 * requests)
