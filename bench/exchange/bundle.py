"""A long bundle in and out of a node: how many objects a second, and what is resident meanwhile.

bench/exchange/run bundle [--objects N] [--rounds N]: a million objects and one round by default.
"""

import argparse
import json
import pathlib
import statistics
import tempfile
import time

import long_bundle
from harness import SEED, Node, pair, run
from load import Wrong, must
from memory import MIB, measured

PUBLISHED = "https://example.org/long"
SECONDS_MAX = 4 * 3600  # of one command


def timed(*arguments):
    begin = time.monotonic()
    told, peak = measured(*arguments, seconds=SECONDS_MAX)
    return told, peak, time.monotonic() - begin


def objects_in(path):
    """What stands in the lines of a bundle that has an object in each, in the order of a hash."""
    with open(path, "rb") as file:
        next(file)
        return sorted(hash(line.rstrip(b"\n").removesuffix(b",")) for line in file)


def one_round(work, file, objects):
    """(objects/s in, resident in, objects/s out, resident out); Wrong when something is missing."""
    work.mkdir()
    node = Node.make("CN", work / "CN")
    pair(node, Node.make("RU", work / "RU"))
    told, peak_in, seconds_in = timed("import", file, "--published", PUBLISHED, "--data",
                                      node.folder)
    must(told["added"] == objects and told["warnings"] == 0, "not everything was taken in")
    released = run("release", told["import"], "--to", "RU", "--json", "--data", node.folder,
                   code=None, seconds=SECONDS_MAX)
    must(json.loads(released.stdout)["parties"][0]["held_back"] == 0, "something is held back")
    out = work / "out.json"
    told, peak_out, seconds_out = timed("export", "--to", "RU", "--out", out, "--data", node.folder)
    must(told["objects"] == objects, "not everything was exported")
    must(objects_in(out) == objects_in(file), "what came out is not what went in")
    return objects / seconds_in, peak_in, objects / seconds_out, peak_out


def main(words, figure):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--objects", type=int, default=long_bundle.OBJECTS)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as folder:
        work = pathlib.Path(folder)
        file = work / "long.json"
        long_bundle.write(file, given.objects, SEED)
        figure("bundle_objects", given.objects, "objects")
        figure("bundle_size", file.stat().st_size / MIB, "MiB")
        try:
            rounds = [one_round(work / str(number), file, given.objects)
                      for number in range(given.rounds)]
        except Wrong as error:
            print(f"exchange_WRONG 1 answers\n# {error}")
            return 1
    for name, rates, peaks in (("in", 0, 1), ("out", 2, 3)):
        figure(f"bundle_{name}_max", max(one[rates] for one in rounds), "objects/s")
        figure(f"bundle_{name}_median", statistics.median(one[rates] for one in rounds),
               "objects/s")
        figure(f"bundle_{name}_resident", max(one[peaks] for one in rounds) / MIB, "MiB")
    figure("bundle_resident_aim", 256, "MiB")
    return 0
