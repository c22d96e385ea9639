"""A million objects stream into a node and out of it in little memory, whatever they name."""

import hashlib
import json

import pytest

import long_bundle
from harness import SCALE, SEED, identifier, run
from memory import MIB, measured

OBJECTS = long_bundle.OBJECTS // SCALE
RESIDENT_MAX = 256 * MIB
SECONDS_MAX = 4 * 3600  # of one command


@pytest.fixture
def long_file(tmp_path):
    path = tmp_path / "long.json"
    long_bundle.write(path, OBJECTS, SEED)
    yield path
    path.unlink(missing_ok=True)  # it is large


def lines_of(path):
    """The objects of a bundle whose every object is one line, as digests in their order."""
    with open(path, "rb") as file:
        head = next(file)
        assert head.startswith(b'{"type":"bundle","id":"bundle--')
        assert head.endswith(b'","objects":[\n')
        for line in file:
            if line == b"]}\n":
                break
            yield hashlib.blake2b(line.rstrip(b"\n").removesuffix(b","), digest_size=16).digest()
        assert file.read() == b""


def test_a_long_bundle_streams_in_and_out(federation, long_file, tmp_path):
    cn, ru, _ = federation
    report, peak_in = measured("import", long_file, "--published", "https://example.org/long",
                               "--data", cn.folder, seconds=SECONDS_MAX)
    assert (report["objects"], report["added"], report["refused"]) == (OBJECTS, OBJECTS, 0)
    assert report["warnings"] == 0, report["losses"][:5]
    assert peak_in <= RESIDENT_MAX, f"{peak_in / MIB:.0f} MiB for {OBJECTS} objects in"

    # RU is not there: what was released waits for it, and may be collected.
    done = run("release", report["import"], "--to", "RU", "--json", "--data", cn.folder, code=3,
               seconds=SECONDS_MAX)
    (row,) = json.loads(done.stdout)["parties"]
    assert (row["selected"], row["held_back"]) == (OBJECTS, 0)
    out = tmp_path / "out.json"
    told, peak_out = measured("export", "--to", "RU", "--out", out, "--data", cn.folder,
                              seconds=SECONDS_MAX)
    assert told["objects"] == OBJECTS and told["bytes"] == out.stat().st_size
    assert peak_out <= RESIDENT_MAX, f"{peak_out / MIB:.0f} MiB for {OBJECTS} objects out"
    # Byte for byte what came in, each object once.
    assert sorted(lines_of(out)) == sorted(lines_of(long_file))
    print(f"{OBJECTS} objects: {peak_in / MIB:.0f} MiB in, {peak_out / MIB:.0f} MiB out")

    # Whoever gets the file takes it in as any other.
    taken, peak = measured("import", out, "--published", "https://example.org/long", "--data",
                           ru.folder, seconds=SECONDS_MAX)
    assert (taken["added"], taken["refused"], taken["warnings"]) == (OBJECTS, 0, 0)
    assert peak <= RESIDENT_MAX, f"{peak / MIB:.0f} MiB"


def test_what_is_wrong_with_a_long_bundle_is_told_within_the_same_bound(nodes, long_file):
    """Every object with a loss, and a file whose last character is wrong."""
    node = nodes("CN")
    with open(long_file, encoding="utf-8") as file:
        objects = [line for line, _ in zip(file, range(OBJECTS // 4 + 1))][1:]
    changed = long_file.with_name("changed.json")
    with open(changed, "w", encoding="utf-8") as file:
        file.write('{"type":"bundle","id":"%s","objects":[\n' % identifier("bundle", 1))
        for number, line in enumerate(objects):
            value = json.loads(line.rstrip().rstrip(","))
            if number % 2 == 0:
                value["id"] += "-wrong"
            else:
                value["x_far_ref"] = f"x-far--00000000-0000-4000-8000-{number:012d}"
            file.write(("" if number == 0 else ",\n") + json.dumps(value, ensure_ascii=False))
        file.write("\n]}\n")
    report, peak = measured("import", changed, "--data", node.folder, seconds=SECONDS_MAX, code=1)
    assert report["objects"] == len(objects)
    assert report["refused"] == (len(objects) + 1) // 2
    assert report["warnings"] >= len(objects) // 2
    assert len(report["losses"]) == 1000
    assert peak <= RESIDENT_MAX, f"{peak / MIB:.0f} MiB"

    with open(long_file, "r+b") as file:
        file.seek(-2, 2)
        file.write(b"]")
    done = run("import", long_file, "--data", node.folder, code=2, seconds=SECONDS_MAX)
    assert f"{long_file}:{OBJECTS + 2}:2" in done.stderr
