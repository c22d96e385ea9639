#!/usr/bin/python3
"""Builds what an area needs, runs its tests and counts them: the work of ./test.

./test [--long] [AREA...]; the areas and the environment of tests are described in
CONTRIBUTING.md. Exit 0: at least one test passed and none failed. 1: not so. 2: usage.
"""

import dataclasses
import datetime
import hashlib
import os
import pathlib
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "tests/long/results.tsv"
REPORTS = ROOT / "build/reports"
DATA_FILE = "attack-enterprise-18.1-stix21.json"

SHORT_AREAS = ["house", "unit", "golden", "e2e"]
LONG_AREAS = SHORT_AREAS + ["tsan", "fuzz", "clang-tidy"]

SCALE_LONG = 1  # every count in full
SCALE_SHORT = 50  # one fiftieth of it
RAPIDCHECK_CASES = 5000  # of one law, in full
FUZZ_SECONDS = 600  # of one target, in full
FUZZ_AT_ONCE = 2
FUZZ_INPUT_SECONDS_MAX = 25
FUZZ_MEMORY_MIB_MAX = 2048
TESTS_AT_ONCE = 2
# A run that hangs is ended; no area should come near.
COMMAND_SECONDS_MAX = {SCALE_SHORT: 2 * 3600, SCALE_LONG: 24 * 3600}

running = []  # processes that must not outlive this one


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def one(self, good, what):
        """Counts one check and says so when it failed."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
            say(f"FAILED {what}")


@dataclasses.dataclass
class Run:
    """What one call of ./test decides before its areas begin."""

    long: bool
    seed: int
    tree: str
    environment: dict
    built: dict  # preset → whether its build succeeded

    @property
    def scale(self):
        return SCALE_LONG if self.long else SCALE_SHORT


def say(text):
    print(text, flush=True)


def command(arguments, run, timeout_s=None, **options):
    """Runs a command in the checkout in its own process group; its exit code, 124 if ended."""
    limit = timeout_s or COMMAND_SECONDS_MAX[run.scale]
    process = subprocess.Popen([str(a) for a in arguments], cwd=ROOT, env=run.environment,
                               start_new_session=True, **options)
    running.append(process)
    try:
        return process.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        say(f"ended after {limit} s: {' '.join(str(a) for a in arguments[:4])}")
        return 124
    finally:
        end(process)


def end(process):
    """Ends the whole group of a process of ours, also what it left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
    if process in running:
        running.remove(process)


# --- the sources as one hash ------------------------------------------------------------------


def tree_hash():
    """The git tree of the working sources without tests/long/; "" where there is no git.

    A temporary index and a temporary object folder: neither the index nor the repository of the
    developer is touched.
    """
    def git(*arguments, **options):
        return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True,
                              text=True, **options).stdout.strip()

    try:
        objects = (ROOT / git("rev-parse", "--git-path", "objects")).resolve()
        with tempfile.TemporaryDirectory() as temporary:
            environment = dict(os.environ, GIT_INDEX_FILE=f"{temporary}/index",
                               GIT_OBJECT_DIRECTORY=f"{temporary}/objects",
                               GIT_ALTERNATE_OBJECT_DIRECTORIES=str(objects))
            os.mkdir(f"{temporary}/objects")
            git("read-tree", "HEAD", env=environment)
            git("add", "-A", env=environment)
            git("rm", "-r", "-q", "--cached", "--ignore-unmatch", "tests/long", env=environment)
            return git("write-tree", env=environment)
    except (subprocess.CalledProcessError, OSError):
        return ""


# --- long results -----------------------------------------------------------------------------


def long_results():
    """The newest line of each area, as a dictionary of its columns."""
    newest = {}
    if not RESULTS.exists():
        return newest
    header, *lines = RESULTS.read_text(encoding="utf-8").splitlines()
    names = header.split("\t")
    for number, line in enumerate(lines, 2):
        columns = line.split("\t")
        if len(columns) != len(names):
            raise SystemExit(f"{RESULTS.relative_to(ROOT)}:{number}: {len(columns)} columns, "
                             f"expected {len(names)}: {header!r}")
        row = dict(zip(names, columns))
        newest[row["area"]] = row
    return newest


def record(run, area, counts, seconds):
    """Appends the result of a long area; a tree that changed meanwhile is not recorded."""
    if not run.tree:
        say(f"{area}: not recorded, for this is no git checkout")
        return
    if tree_hash() != run.tree:
        say(f"{area}: not recorded, for the sources changed while it ran")
        return
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = (f"passed={counts.passed} failed={counts.failed} skipped={counts.skipped} "
            f"scale={SCALE_SHORT if area == 'tsan' else SCALE_LONG} seconds={seconds:.0f}")
    good = counts.passed > 0 and counts.failed == 0 and counts.skipped == 0
    row = [date, run.tree, area, str(run.seed), text, "passed" if good else "failed"]
    with open(RESULTS, "a", encoding="utf-8") as file:
        file.write("\t".join(row) + "\n")


def passed_before(run, area):
    """Counts of the newest long run of `area`, if it passed on the present sources."""
    row = long_results().get(area)
    if not row or not run.tree or row["tree"] != run.tree or row["result"] != "passed":
        return None
    match = re.search(r"\bpassed=(\d+)", row["counts"])
    return (Counts(passed=int(match.group(1))), row["date"]) if match else None


def long_summary(run):
    """One line: how the newest long run of each area relates to the present sources."""
    newest = long_results()
    parts = []
    for area in LONG_AREAS:
        row = newest.get(area)
        if not row:
            parts.append(f"{area} never")
        else:
            match = "these sources" if run.tree and row["tree"] == run.tree else "other sources"
            parts.append(f"{area} {row['result']} on {match} ({row['date'][:10]})")
    return "newest long runs: " + "; ".join(parts)


# --- building and counting --------------------------------------------------------------------


def built(run, preset):
    """Builds a preset once per call; whether it is there."""
    if preset not in run.built:
        say(f"--- build {preset}")
        run.built[preset] = command(["tools/build", preset], run) == 0
        if not run.built[preset]:
            say(f"FAILED build of preset {preset}")
    return run.built[preset]


def count_junit(path, code):
    """Counts of a JUnit file of ctest or pytest. What neither ran nor was skipped has failed."""
    counts = Counts()
    try:
        root = xml.etree.ElementTree.parse(path).getroot()
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        say(f"FAILED no readable test report {path}: {error}")
        return Counts(failed=1)
    for case in root.iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif case.get("status") == "disabled":
            counts.skipped += 1
        elif case.get("status") == "notrun" and (
                skipped is None or "SKIP_" not in skipped.get("message", "")):
            counts.failed += 1  # ctest found no executable, or a fixture was missing
        elif skipped is not None:
            counts.skipped += 1
        else:
            counts.passed += 1
    if counts.failed == 0 and code != 0:
        say(f"FAILED the test program ended with {code} although no test of it failed")
        counts.failed += 1
    elif counts.passed + counts.failed + counts.skipped == 0:
        say("FAILED no test was found")
        counts.failed += 1
    return counts


def ctest(run, preset, name, selection, prefix=()):
    if not built(run, preset):
        return Counts(failed=1)
    report = REPORTS / f"ctest-{name}-{os.getpid()}.xml"
    report.unlink(missing_ok=True)
    code = command([*prefix, "ctest", "--test-dir", f"build/{preset}", "-L", "unit", *selection,
                    f"-j{TESTS_AT_ONCE}", "--progress", "--output-on-failure", "--no-tests=ignore",
                    "--output-junit", report], run)
    return count_junit(report, code)


# --- areas ------------------------------------------------------------------------------------


def area_house(run):
    counts = Counts()
    for what in (["tools/check_layers"], ["tools/check_layers", "--self-test"],
                 ["tools/tidy", "style"], ["tools/tidy", "paths"], ["tools/tidy", "format"],
                 ["tools/tidy", "--self-test"], ["tools/check_symbols", "--self-test"],
                 ["tools/check_messages"], ["tools/check_messages", "--self-test"],
                 ["tools/setup", "--check", "build", "test"],
                 ["bash", "-n", "run", "test", ".ci/run", "tools/setup", "tools/build"],
                 ["tools/build_pages", "--run", "check"], ["tools/build_pages", "--run", "size"]):
        counts.one(command(what, run) == 0, " ".join(what))
    counts.add(pages_tests(run))
    return counts


def pages_tests(run):
    """The tests beside the code of the pages. Those that passed on these sources count again."""
    report = ROOT / "web/node_modules/.tests.xml"
    code = command(["tools/build_pages", "--run", "test", "--reporter=dot", "--reporter=junit",
                    f"--outputFile.junit={report}"], run)
    return count_junit(report, code)


GOLDEN = "[Gg]olden"


def area_unit(run):
    """Short counts in the program as it is released; a long run has the full counts there, and
    before them the short ones under the sanitizers.

    What a sanitizer finds depends on the paths that are taken, and one fiftieth takes them all;
    a law that one world in a million breaks needs the million (docs/adr/0018, 0020).
    """
    counts = Counts()
    if run.long:
        scaled = dataclasses.replace(run, environment=scaled_environment(run, SCALE_SHORT))
        counts.add(ctest(scaled, "dev", "unit", ["-E", GOLDEN]))
    counts.add(ctest(run, "full", "unit-full", ["-E", GOLDEN]))
    return counts


def area_golden(run):
    return ctest(run, "dev" if run.long else "full", "golden", ["-R", GOLDEN])


def area_e2e(run):
    if not built(run, "full"):
        return Counts(failed=1)
    report = REPORTS / f"pytest-{os.getpid()}.xml"
    report.unlink(missing_ok=True)
    # Nodes wait for disks and for each other: two files of tests at once, each in its order.
    code = command([".venv/bin/python", "-m", "pytest", "-p", "no:cacheprovider", "-q", "-ra",
                    "-n", TESTS_AT_ONCE, "--dist", "loadfile", "--junitxml", report, "tests"], run)
    counts = count_junit(report, code)
    # What the objects call of the world outside: a build without sanitizers tells.
    counts.one(command(["tools/check_symbols", "build/full"], run) == 0, "tools/check_symbols")
    return counts


def area_tsan(run):
    # The shadow memory of ThreadSanitizer needs the address layout of a kernel without much
    # randomisation; where that cannot be asked for, the tests run as they are.
    prefix = ["setarch", platform.machine(), "-R"]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        prefix = []
    # Counts of one fiftieth: what matters here is the interleaving, and each step costs tenfold.
    scaled = dataclasses.replace(run, environment=scaled_environment(run, SCALE_SHORT))
    return ctest(scaled, "tsan", "tsan", [], prefix)


def fuzz_one(run, target, executable, directory, seconds):
    """Starts one fuzz target; new inputs and its log go to `directory`."""
    corpus = ROOT / "fuzz/corpora" / target
    fresh = directory / target
    fresh.mkdir()
    artifacts = ROOT / "build/fuzz-findings"
    artifacts.mkdir(parents=True, exist_ok=True)
    arguments = [executable, fresh, *([corpus] if corpus.is_dir() else []),
                 f"-max_total_time={seconds}", f"-seed={run.seed}", "-print_final_stats=1",
                 f"-timeout={FUZZ_INPUT_SECONDS_MAX}", f"-rss_limit_mb={FUZZ_MEMORY_MIB_MAX}",
                 f"-artifact_prefix={artifacts}/{target}-"]
    with open(directory / f"{target}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen([str(a) for a in arguments], cwd=ROOT, env=run.environment,
                                   start_new_session=True, stdout=log, stderr=log)
    running.append(process)
    return process


def area_fuzz(run):
    if not built(run, "fuzz"):
        return Counts(failed=1)
    targets = sorted(path.stem for path in (ROOT / "src").rglob("*_fuzz.cpp"))
    executables = {path.name: path for path in (ROOT / "build/fuzz").rglob("*_fuzz")
                   if path.is_file() and os.access(path, os.X_OK)}
    counts = Counts()
    if not targets:
        counts.one(False, "fuzz: no *_fuzz.cpp below src/")
    seconds = FUZZ_SECONDS // run.scale
    waiting, started = list(targets), {}
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        while waiting or started:
            while waiting and len(started) < FUZZ_AT_ONCE:
                target = waiting.pop(0)
                if target not in executables:
                    counts.one(False, f"fuzz {target}: was not built")
                    continue
                say(f"fuzz {target}: {seconds} s")
                started[target] = (fuzz_one(run, target, executables[target], directory, seconds),
                                   time.monotonic())
            for target, (process, begun) in list(started.items()):
                code = process.poll()
                late = time.monotonic() - begun > seconds + 10 * FUZZ_INPUT_SECONDS_MAX + 60
                if code is None and not late:
                    continue
                end(process)
                del started[target]
                log = (directory / f"{target}.log").read_text(encoding="utf-8", errors="replace")
                units = re.search(r"number_of_executed_units:\s*(\d+)", log)
                ran = units is not None and int(units.group(1)) > 0
                if code != 0 or not ran:
                    say(log[-6000:])
                say(f"fuzz {target}: {units.group(1) if units else 'unknown'} inputs, exit {code}")
                counts.one(code == 0 and ran, f"fuzz {target} (inputs in build/fuzz-findings)")
            time.sleep(0.2)
    return counts


INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def with_headers(path, seen):
    """Adds a source file and every header of ours that it includes, however far, to `seen`."""
    if path in seen or not path.is_file():
        return seen
    seen.add(path)
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        with_headers(ROOT / "src" / name, seen)
    return seen


def tidy_key(path, surroundings):
    """A digest of all that the answer of clang-tidy to one file rests on."""
    digest = hashlib.sha256(surroundings)
    for part in sorted(with_headers(path, set())):
        text = part.read_bytes()
        digest.update(f"{part.relative_to(ROOT)} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def tidy_surroundings():
    """What it rests on beside the sources: the checks, the flags, the installed packages."""
    packages = subprocess.run(["dpkg-query", "-W"], capture_output=True, check=True).stdout
    flags = [ROOT / "CMakePresets.json", ROOT / "CMakeLists.txt", ROOT / "cmake/comity.cmake",
             *sorted((ROOT / "src").rglob("CMakeLists.txt"))]
    return b"\n".join([packages, *(path.read_bytes() for path in [ROOT / ".clang-tidy", *flags])])


def tidy_one(run, path, log):
    """Starts clang-tidy on one file; what it says goes to `log`."""
    # Tests are not in that build; clang-tidy takes the flags of their neighbours.
    define = f'--extra-arg=-DCOMITY_SOURCE_DIR="{ROOT}"'
    extra = [define] if path.name == "test_source_dir.cpp" else []
    process = subprocess.Popen(
        ["clang-tidy-14", "-quiet", "-p", "build/fuzz", *extra, str(path.relative_to(ROOT))],
        cwd=ROOT, env=run.environment, start_new_session=True, stdout=log,
        stderr=subprocess.STDOUT)
    running.append(process)
    return process


def area_clang_tidy(run):
    """clang-tidy-14 over every .cpp; the flags are those of the fuzz preset, which is clang's.

    A file that passed in this checkout counts as passed until it, a header below it, the checks,
    the flags or an installed package change.
    """
    counts = Counts()
    if not built(run, "fuzz"):
        return Counts(failed=1)
    passed = ROOT / "build/clang-tidy-passed"
    passed.mkdir(exist_ok=True)
    surroundings = tidy_surroundings()
    waiting = sorted((ROOT / "src").rglob("*.cpp"))
    started, unchanged = [], 0
    with tempfile.TemporaryDirectory() as temporary:
        while waiting or started:
            while waiting and len(started) < TESTS_AT_ONCE:
                path = waiting.pop(0)
                mark = passed / tidy_key(path, surroundings)
                if mark.exists():
                    unchanged += 1
                    counts.one(True, f"clang-tidy {path}")
                    continue
                output = pathlib.Path(temporary, mark.name)
                with open(output, "w", encoding="utf-8") as log:
                    started.append((path, mark, tidy_one(run, path, log), output))
            for item in list(started):
                path, mark, process, output = item
                if process.poll() is None:
                    continue
                started.remove(item)
                end(process)
                if process.returncode == 0:
                    mark.touch()
                else:
                    say(output.read_text(encoding="utf-8", errors="replace")[-6000:])
                counts.one(process.returncode == 0, f"clang-tidy {path.relative_to(ROOT)}")
            time.sleep(0.1)
    say(f"clang-tidy: {unchanged} files are as they were when they passed")
    return counts


AREAS = {
    "house": area_house, "unit": area_unit, "golden": area_golden, "e2e": area_e2e,
    "tsan": area_tsan, "fuzz": area_fuzz, "clang-tidy": area_clang_tidy,
}


# --- one call ---------------------------------------------------------------------------------


def scaled_environment(run, scale):
    return dict(run.environment, COMITY_SCALE=str(scale),
                RC_PARAMS=f"seed={run.seed} max_success={RAPIDCHECK_CASES // scale}")


def choose_seed(long, tree):
    """COMITY_SEED, else one that stays with the sources (short) or is new each time (long)."""
    given = os.environ.get("COMITY_SEED")
    if given:
        return int(given) % 2**32
    if long:
        return random.SystemRandom().randrange(1, 2**32)
    return int(hashlib.sha256(tree.encode()).hexdigest()[:8], 16) or 1


def prepare(long):
    tree = tree_hash()
    run = Run(long=long, seed=choose_seed(long, tree), tree=tree, environment={}, built={})
    environment = dict(os.environ)
    environment.update(COMITY_SEED=str(run.seed), COMITY_BIN=str(ROOT / "build/full/comity"))
    # Tests never write into a data folder or read a register that the caller happens to use.
    for name in ("COMITY_DATA", "COMITY_REGISTER"):
        environment.pop(name, None)
    environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    environment.setdefault("TSAN_OPTIONS", "halt_on_error=1")
    data = pathlib.Path(os.environ.get("COMITY_TEST_DATA") or ROOT.parent / "shared/data")
    if (data / DATA_FILE).is_file():
        environment["COMITY_TEST_DATA"] = str(data.resolve())
    else:
        environment.pop("COMITY_TEST_DATA", None)
    run.environment = environment
    run.environment = scaled_environment(run, run.scale)
    return run


def parse(arguments):
    """(long, areas in their order) or the text of what is wrong."""
    wanted = [argument for argument in arguments if argument != "--long"]
    for name in wanted:
        if name not in AREAS:
            return None, f"unknown area '{name}', expected one of: {' '.join(AREAS)}"
    long = "--long" in arguments
    default = LONG_AREAS if long else SHORT_AREAS
    return (long, [area for area in AREAS if area in (wanted or default)]), ""


def run_area(run, area):
    if run.long:
        before = passed_before(run, area)
        if before:
            say(f"=== {area}: passed on these sources on {before[1]}, not run again")
            return before[0]
    say(f"=== {area}")
    start = time.monotonic()
    counts = AREAS[area](run)
    seconds = time.monotonic() - start
    say(f"=== {area}: {counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped, "
        f"{seconds:.0f} s")
    if run.long:
        record(run, area, counts, seconds)
    return counts


def close(total, ci):
    """Prints the closing line; the exit code."""
    if ci:
        total.failed += total.skipped
        total.skipped = 0
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    say(f"{total.passed} passed, {total.failed} failed{skipped}")
    return 0 if total.failed == 0 and total.passed > 0 else 1


def main():
    parsed, problem = parse(sys.argv[1:])
    if not parsed:
        print(f"test: {problem}", file=sys.stderr)
        return 2
    long, areas = parsed
    start = time.monotonic()
    ci = os.environ.get("CI") == "true"
    run = prepare(long)
    REPORTS.mkdir(parents=True, exist_ok=True)
    has_data = "COMITY_TEST_DATA" in run.environment
    say(f"areas {' '.join(areas)}; counts 1/{run.scale}; COMITY_SEED={run.seed}; "
        f"sources {run.tree[:12] or 'outside git'}")
    if ci and not has_data:
        say(f"FAILED test data: no {DATA_FILE} in COMITY_TEST_DATA (default ../shared/data); "
            "with CI=true it must be there")
        return close(Counts(failed=1), ci)
    total = Counts()
    for area in areas:
        total.add(run_area(run, area))
    if not long:
        say(long_summary(run))
    say(f"time: {time.monotonic() - start:.0f} s")
    if not has_data:
        say(f"no {DATA_FILE} in COMITY_TEST_DATA (default ../shared/data): "
            "tests used a seeded bundle of equal size and shape")
    return close(total, ci)


def interrupted(number, frame):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    finally:
        for left in list(running):
            end(left)
    sys.exit(code)
