"""STIX patterns on the command line, and the samples of the standard's own tools."""

import json
import os
import pathlib

import pytest

from harness import ROOT, answer, run

DATA = pathlib.Path(os.environ.get("COMITY_TEST_DATA") or ROOT.parent / "shared/data")


def observed(size):
    """A bundle with one observation of a file of this size."""
    return {"type": "bundle", "objects": [
        {"type": "observed-data", "id": "o", "number_observed": 1, "object_refs": ["f"],
         "first_observed": "2020-01-01T00:00:00Z", "last_observed": "2020-01-01T00:00:00Z"},
        {"type": "file", "id": "f", "size": size}]}


def lines(command, *requests, code=0):
    """The answers to these requests; what is no text is written as JSON."""
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in requests) + "\n"
    told = run("pattern", command, "--jsonl", input=text, code=code)
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_a_pattern_is_valid_or_the_place_is_shown():
    assert run("pattern", "validate", "[file:size==1280 ]").stdout == "valid\n[file:size = 1280]\n"
    assert answer("pattern", "validate", "[a:b=1]") == {"valid": True, "canonical": "[a:b = 1]"}
    told = run("pattern", "validate", "[file:size = ]", code=1).stdout
    place, line, caret = told.splitlines()
    assert place.startswith("1:14: found ']', expected a constant")
    assert line == "  [file:size = ]" and line[caret.index("^")] == "]"
    (error,) = answer("pattern", "validate", "[file:hashes.MD5 = 'f00']", code=1)["errors"]
    assert (error["line"], error["column"]) == (1, 20)
    assert "no pattern" in run("pattern", "validate", code=2).stderr
    run("pattern", "validate", "[a:b = 1]", "--jsonl", code=2)
    run("pattern", "validate", "--json", "--jsonl", code=2)


def test_a_pattern_matches_files(tmp_path):
    for size in (5, 6):
        (tmp_path / f"{size}.json").write_text(json.dumps(observed(size)))
    five, six = tmp_path / "5.json", tmp_path / "6.json"
    assert run("pattern", "match", "[file:size = 5]", five).stdout == "match\n"
    assert run("pattern", "match", "[file:size = 5]", six, code=1).stdout == "no match\n"
    assert answer("pattern", "match", "[file:size = 5]", five) == {"match": True}
    told = run("pattern", "match", "[file:size = 5", five, code=2)
    assert "1:15: found the end" in told.stderr
    run("pattern", "match", "[file:size = 5]", tmp_path / "none.json", code=2)
    told = run("pattern", "match", "[file:size = t'2020-01-01T00:00:00Z']", five, code=1)
    assert told.stdout == "no match\n"
    told = run("pattern", "match", "[file:id = t'2020-01-01T00:00:00Z']", five, code=2)
    assert "no timestamp" in told.stderr


def test_lines_are_answered_one_by_one():
    assert lines("validate", {"pattern": "[a:b = 1]"}, "", {"pattern": "[a:b"}) == [
        {"valid": True, "canonical": "[a:b = 1]"},
        {"valid": False, "errors": [{"line": 1, "column": 5, "message": "found the end of the "
                                     "pattern, expected =, !=, <, <=, >, >=, IN, LIKE, MATCHES, "
                                     "ISSUBSET or ISSUPERSET, or one more step of the path"}]}]
    bundles = [observed(5)]
    assert lines("match", {"pattern": "[file:size = 5]", "observations": bundles},
                 {"pattern": "[file:size = 6]", "observations": bundles}) == [
        {"match": True}, {"match": False}]
    (refused,) = lines("match", {"pattern": "[file:size = 5", "observations": bundles})
    assert list(refused) == ["error"] and "1:15" in refused["error"]


@pytest.mark.parametrize("command", ["validate", "match"])
def test_lines_that_are_no_requests(command):
    bad = ["{", "[]", "5", '{"pattern": 5}', '{"a": 1}', "[" * 10_000]
    told = lines(command, *bad, {"pattern": "[a:b = 1]", "observations": []}, code=2)
    assert [list(one) for one in told[:-1]] == [["error"]] * len(bad)
    assert all(f"line {number}" in one["error"] for number, one in enumerate(told[:-1], 1))
    assert "error" not in told[-1]


def test_a_costly_pattern_ends():
    many = [dict(observed(5)) for _ in range(20)]
    for number, bundle in enumerate(many):
        bundle["objects"][0]["last_observed"] = f"2020-01-01T00:00:{number:02}Z"
    chain = " FOLLOWEDBY ".join(["[file:size = 5]"] * 21)
    assert lines("match", {"pattern": chain, "observations": many}) == [{"match": False}]
    (told,) = lines("match", {"pattern": "[file:name MATCHES '^(a+)+$']", "observations": [
        {"type": "bundle", "objects": [observed(5)["objects"][0],
                                       {"type": "file", "id": "f", "name": "a" * 60 + "!"}]}]})
    assert "too costly" in told["error"]


def sample(name):
    path = DATA / name
    if path.is_file():
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert os.environ.get("CI") != "true", \
        f"no {name} in COMITY_TEST_DATA (default ../shared/data); with CI=true it must be there"
    return []


def test_the_sample_of_valid_patterns():
    rows = sample("pattern-validate-sample.jsonl")
    told = lines("validate", *({"pattern": row["pattern"]} for row in rows)) if rows else []
    assert [one["valid"] for one in told] == [row["valid"] for row in rows]


# Lines whose verdict no reading of their own observations gives (docs/formats/pattern.md).
NOT_OF_THEIR_OBSERVATIONS = [76, 77, 82, 83]


def test_the_sample_of_matches():
    rows = sample("pattern-match-sample.jsonl")
    told = lines("match", *rows) if rows else []
    differ = [number for number, (one, row) in enumerate(zip(told, rows, strict=True))
              if one.get("match") != row["match"]]
    assert differ == (NOT_OF_THEIR_OBSERVATIONS if rows else [])
