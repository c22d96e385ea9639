"""`comity stix validate`: answers, exit codes, options of a line, and what is no input."""

import hashlib
import json
import subprocess
import sys
import uuid

import pytest

from harness import COMITY, ROOT, SCALE, answer, bundle, indicator, run

TOOL = {"type": "tool", "spec_version": "2.1", "id": "tool--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a",
        "created": "2016-04-06T20:03:48.000Z", "modified": "2016-04-06T20:03:48.000Z", "name": "a"}
ADVISED = TOOL | {"tool_types": ["own"]}
WRONG = {name: value for name, value in TOOL.items() if name != "name"}


def lines(*requests):
    """The answers to requests, one a line, and the exit code."""
    text = "".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in requests)
    done = run("stix", "validate", "--jsonl", code=None, input=text)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


def test_a_file_and_standard_input(tmp_path):
    path = tmp_path / "tool.json"
    path.write_text(json.dumps(TOOL), encoding="utf-8")
    assert run("stix", "validate", path).stdout == "valid: 0 errors, 0 warnings\n"
    assert run("stix", "validate", "-", input=json.dumps(TOOL)).stdout.startswith("valid")
    assert run("stix", "validate", input=json.dumps(TOOL)).stdout.startswith("valid")
    assert "no_such_file" in run("stix", "validate", tmp_path / "no_such_file", code=2).stderr


def test_what_the_standard_demands_is_named_with_path_rule_section_and_check(tmp_path):
    path = tmp_path / "tool.json"
    path.write_text(json.dumps(WRONG), encoding="utf-8")
    said = answer("stix", "validate", path, code=1)
    assert said == {"valid": False, "warnings": [], "errors": [
        {"path": "$.name", "rule": "is missing", "section": "4.18", "check": "required"}]}
    told = run("stix", "validate", path, code=1).stdout
    assert "error    $.name: is missing (STIX 2.1 section 4.18, required)\n" in told
    assert told.endswith("invalid: 1 errors, 0 warnings\n")


def test_what_it_advises_decides_under_strict_only(tmp_path):
    path = tmp_path / "tool.json"
    path.write_text(json.dumps(ADVISED), encoding="utf-8")
    assert [one["check"] for one in answer("stix", "validate", path)["warnings"]] == ["tool-types"]
    said = answer("stix", "validate", "--strict", path, code=1)
    assert [one["check"] for one in said["errors"]] == ["tool-types"]
    assert answer("stix", "validate", "--strict", "--disable", "222,101", path)["valid"]
    assert answer("stix", "validate", "--strict", "--enable", "hash-algo", path)["valid"]
    assert "'abc' is no check" in run("stix", "validate", "--enable", "abc", path, code=2).stderr


def test_each_line_has_its_own_options():
    text = json.dumps(ADVISED)
    said, code = lines(
        {"input": text}, {"input": text, "options": None}, {"input": text, "options": {}},
        {"input": text, "options": {"strict": True}},
        {"input": text, "options": {"strict": True, "disabled": ["tool-types"]}},
        {"input": text, "options": {"strict": True, "version": "2.1"}}, "\n",
        {"input": json.dumps(WRONG), "options": {"disabled": ["all"]}}, {"input": "no JSON"})
    assert [one["valid"] for one in said] == [True, True, True, False, True, False, False, False]
    assert [one["check"] for one in said[-1]["errors"]] == ["json"]
    assert code == 0


@pytest.mark.parametrize("line", [
    "no JSON\n", "[]\n", "{}\n", '{"input": 7}\n', '{"input": {}}\n',
    json.dumps({"input": "", "options": []}) + "\n",
    json.dumps({"input": "", "options": {"strict": 1}}) + "\n",
    json.dumps({"input": "", "options": {"enabled": "abc"}}) + "\n",
    json.dumps({"input": "", "options": {"enabled": [7]}}) + "\n",
    json.dumps({"input": "", "options": {"enabled": ["abc"]}}) + "\n",
    json.dumps({"input": "", "options": {"disabled": ["timestamp"]}}) + "\n",
    json.dumps({"input": "", "options": {"own": True}}) + "\n",
    json.dumps({"input": "", "options": {"version": "2.0"}}) + "\n",
])
def test_a_line_that_is_no_request_is_an_error_and_the_next_is_answered(line):
    said, code = lines(line, {"input": json.dumps(TOOL)})
    assert list(said[0]) == ["error"] and said[0]["error"].startswith("line 1")
    assert said[1]["valid"] and code == 2


def test_a_line_beyond_the_bound_is_an_error_and_the_next_is_answered():
    said, code = lines({"input": "a" * (16 * 1024 * 1024)}, {"input": json.dumps(TOOL)})
    assert "16777216" in said[0]["error"] and said[1]["valid"] and code == 2


@pytest.mark.parametrize("text", [
    "", "[]", "[" * 10_000, '{"type":' * 10_000, b"\xff", '{"type":"\\ud800"}', "{}x"])
def test_text_that_is_no_strict_json_object_is_a_finding(tmp_path, text):
    path = tmp_path / "text"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    said = answer("stix", "validate", path, code=1)
    assert [one["check"] for one in said["errors"]] == ["json"]


MAPPED_BYTES_MAX = 16 * 1024 * 1024 * 1024
PIPED_BYTES_MAX = 64 * 1024 * 1024


def test_a_file_beyond_the_bound_is_refused(tmp_path):
    path = tmp_path / "text"
    with open(path, "wb") as file:
        file.truncate(MAPPED_BYTES_MAX + 1)
    assert str(MAPPED_BYTES_MAX) in run("stix", "validate", path, code=2).stderr
    assert str(MAPPED_BYTES_MAX) in run("stix", "canonical", path, code=2).stderr
    with open(path, "wb") as file:
        file.truncate(MAPPED_BYTES_MAX)
    assert [one["check"] for one in answer("stix", "validate", path, code=1)["errors"]] == ["json"]


def test_what_comes_through_a_pipe_has_a_bound():
    text = json.dumps(TOOL)
    assert run("stix", "validate", input=text.ljust(PIPED_BYTES_MAX)).stdout.startswith("valid")
    told = run("stix", "validate", input=text.ljust(PIPED_BYTES_MAX + 1), code=2).stderr
    assert str(PIPED_BYTES_MAX) in told


# What a bundle of so many objects may take: rows of 64 bytes, doubled while they grow, and the
# pages of the file that are read at once.
OBJECTS = 1_000_000
RESIDENT_BYTES_MAX = 256 * 1024 * 1024
# Runs a command and prints its exit code and the most that it held, in kilobytes.
MEASURE = """import resource, subprocess, sys
code = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb")).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def large_bundle(path, count):
    """Tools, and relationships of which every end is there; its digest in the RFC 8785 form."""
    digest = hashlib.sha256()
    head = b'{"id":"bundle--e3f2a9c4-5f2c-4b43-91de-0f1d8c3f2c5a","objects":['
    with open(path, "wb") as file:
        for number in range(count):
            item = {**TOOL, "id": f"tool--{uuid.UUID(int=number, version=4)}"}
            if number % 2:
                own = f"relationship--{uuid.UUID(int=number, version=4)}"
                item = {name: value for name, value in TOOL.items() if name != "name"} | {
                    "type": "relationship", "id": own,
                    "relationship_type": "related-to", "source_ref": before, "target_ref": before}
            before = item["id"] if not number % 2 else before
            part = (b"," if number else head) + json.dumps(
                item, sort_keys=True, separators=(",", ":")).encode()
            file.write(part)
            digest.update(part)
        file.write(b'],"type":"bundle"}')
        digest.update(b'],"type":"bundle"}')
    return digest.hexdigest()


def test_a_bundle_larger_than_memory_may_be_is_gone_over_object_by_object(tmp_path):
    path, out = tmp_path / "bundle.json", tmp_path / "out"
    digest = large_bundle(path, OBJECTS // SCALE)
    for arguments, told in ((["validate", "--enforce-refs"], "valid: 0 errors, 0 warnings\n"),
                            (["canonical", "--sha256"], digest + "\n")):
        command = [sys.executable, "-c", MEASURE, out, COMITY, "stix", *arguments, path]
        done = subprocess.run(command, capture_output=True, text=True, check=True,
                              timeout=600)
        code, kilobytes = map(int, done.stdout.split())
        assert code == 0 and out.read_text() == told
        assert kilobytes * 1024 <= RESIDENT_BYTES_MAX
    run("stix", "canonical", path)
    with open(path, "r+b") as file:
        file.seek(-1, 2)
        file.write(b",")
    done = run("stix", "canonical", path, code=2)
    assert done.stdout == "" and "expected" in done.stderr


def test_jsonl_takes_no_options_of_its_own():
    assert "--jsonl" in run("stix", "validate", "--jsonl", "--strict", code=2, input="").stderr


def test_what_this_project_makes_and_ships_is_valid(tmp_path):
    for path in sorted((ROOT / "examples/incidents").rglob("*.json")):
        if b'"bundle"' in path.read_bytes()[:200]:
            assert answer("stix", "validate", path)["valid"], path
    path = tmp_path / "bundle.json"
    path.write_text(bundle(indicator(1), indicator(2)), encoding="utf-8")
    assert answer("stix", "validate", path)["valid"]
