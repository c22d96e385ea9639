"""The demonstration: its answer, its folder, its end."""

import json
import os
import re
import signal
import subprocess

import pytest

from harness import COMITY, STOP_SECONDS_MAX, Node, environment, read_until, run, start, until
from operators import Client

DEMO_SECONDS_MAX = 120
PARTIES = ["CN", "RU", "KZ", "BY", "VN", "XA", "XB"]
LAST = re.compile(r"demonstration: (\d+) steps, (\d+) as expected, (\d+) not")


def processes_below(parent):
    """The ids of the running children of a process."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(entry))
    return found


def is_running(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def tree(folder):
    return sorted((str(path.relative_to(folder)), path.read_bytes() if path.is_file() else None)
                  for path in folder.rglob("*"))


def test_every_step_goes_as_expected_and_again_in_the_same_folder(tmp_path):
    folder = tmp_path / "demo"
    done = run("demo", "--once", "--data", folder, seconds=DEMO_SECONDS_MAX)
    match = LAST.fullmatch(done.stdout.splitlines()[-1])
    assert match, done.stdout
    steps, expected, otherwise = map(int, match.groups())
    assert steps == expected and otherwise == 0 and steps >= 20

    titles = [line for line in done.stdout.splitlines() if re.search(r"step \d+:", line)]
    assert len(titles) == steps
    assert all(line.startswith("EXERCISE demo · step ") for line in titles)
    assert done.stdout.splitlines()[0].startswith("EXERCISE demo")
    assert "NOT AS EXPECTED" not in done.stdout
    # What the issue asks to be seen: verdicts, articles, assumptions.
    for text in ("needs-arrangement ru-cn-2015", "basis sco-2009 s3-exch Art. 3, 5",
                 "basis ru-cn-2015 c3-15 Art. 3(15), 5(3)", "VN: no-basis", "advice un-poc",
                 "forbidden by the content gate", "ASSUMED sco-in-force-kz",
                 "advice brics-2020-decl",
                 "needs consent: CN to BY: ru-cn-2015", "DOES NOT HOLD ledger leaf 0",
                 "one signed by a revoked key: ", "number 1, which was revoked at",
                 "suspended xa-xb-2024", "89 days later: 1 accepted by XB",
                 "91 days after the notice: 0 accepted by XB"):
        assert text in done.stdout, text

    # One folder per node, named by party code, and nothing else; each marked.
    assert sorted(path.name for path in folder.iterdir()) == sorted(PARTIES)
    for path in folder.iterdir():
        assert (path / "EXERCISE").is_file()
    held = {party: len(Node(party, folder / party).records()) for party in PARTIES}
    assert all(held.values()), held
    # The last word on who holds what: each under its own instrument, the recalled out of use.
    for text in ("BY: 1 records, of CN from RU under ru-by-2013", "out of use: recalled by RU",
                 "VN: 47 records, of RU from RU under ru-vn-2018",
                 "KZ: 44 records, of CN from CN"):
        assert text in done.stdout, text

    # A second run replaces the nodes: other keys, the same answer.
    key = (folder / "CN/keys/root.public").read_bytes()
    again = run("demo", "--once", "--data", folder, seconds=DEMO_SECONDS_MAX)
    assert again.stdout.splitlines()[-1] == done.stdout.splitlines()[-1]
    assert (folder / "CN/keys/root.public").read_bytes() != key


@pytest.mark.parametrize("foreign", ["notes.txt", "CN/thesis.txt"])
def test_a_folder_that_is_not_ours_is_refused_and_left_alone(tmp_path, foreign):
    folder = tmp_path / "mine"
    path = folder / foreign
    path.parent.mkdir(parents=True)
    path.write_text("not an exercise", encoding="utf-8")
    before = tree(folder)
    done = run("demo", "--once", "--data", folder, code=2)
    assert str(folder) in done.stderr and "choose another folder" in done.stderr
    assert tree(folder) == before


def test_a_foreign_file_beside_our_nodes_saves_them_too(tmp_path):
    folder = tmp_path / "demo"
    Node.make("CN", folder / "CN")
    (folder / "zz-diary.txt").write_text("mine", encoding="utf-8")
    before = tree(folder / "CN/keys")
    done = run("demo", "--once", "--data", folder, code=2)
    assert "zz-diary.txt" in done.stderr
    assert tree(folder / "CN/keys") == before
    assert (folder / "zz-diary.txt").read_text(encoding="utf-8") == "mine"


def test_an_operational_node_is_never_replaced(tmp_path):
    folder = tmp_path / "real"
    node = Node.make("CN", folder / "CN", exercise=None)
    done = run("demo", "--once", "--data", folder, code=2)
    assert "CN" in done.stderr
    node.verify()


@pytest.mark.parametrize("to_group", [False, True], ids=["to the process", "as Ctrl-C"])
def test_it_stays_up_is_named_and_ends_with_its_children(tmp_path, to_group):
    folder = tmp_path / "demo"
    process = start("demo", "--data", folder, start_new_session=True)
    children = []
    try:
        told = read_until(process, "demonstration: ", DEMO_SECONDS_MAX)
        assert LAST.search(told), told
        children = processes_below(process.pid)
        assert len(children) == len(PARTIES)

        # The nodes answer while it stays up.
        listed = json.loads(run("peers", "--data", folder / "CN", "--json").stdout)["peers"]
        assert {row["party"] for row in listed} == {"RU", "KZ", "VN"}

        # Its pages are up, each at an address of its own, with links that open.
        pages = dict(re.findall(r"^ +([A-Z]{2})  (http://127\.0\.1\.\d+:\d+)/$", told, re.M))
        assert sorted(pages) == sorted(PARTIES) and len(set(pages.values())) == len(PARTIES)
        links = re.findall(r"^ +(\w+) \(([a-z-]+)\)  (http://\S+)$", told, re.M)
        again = links[len(links) // 2:]
        assert links[:len(links) // 2] == again  # in the transcript, and at the end
        assert sorted(role for _, role, _ in again) == \
            ["administrator"] + ["duty-officer"] * 7 + ["releasing-officer"] * 7
        assert "\nTake the tour: " in told
        for name, role, link in again:
            page, _, token = link.partition("/setup#")
            shown = Client(page.removeprefix("http://")).post("/setup", {"token": token})
            assert (shown["account"], shown["roles"]) == (name, [role])
            assert page in pages.values()

        key = (folder / "CN/keys/root.public").read_bytes()
        second = subprocess.run([COMITY, "demo", "--once", "--data", str(folder)],
                                capture_output=True, text=True, check=False, env=environment(),
                                timeout=DEMO_SECONDS_MAX)
        assert second.returncode == 2
        assert "a demonstration still runs here" in second.stderr
        assert re.search(r"process \d+", second.stderr)
        assert (folder / "CN/keys/root.public").read_bytes() == key
        assert processes_below(process.pid) == children

        if to_group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        assert process.wait(STOP_SECONDS_MAX) == 0
        until(lambda: not any(map(is_running, children)), "the nodes of the demonstration end")
    finally:
        process.stdout.close()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
