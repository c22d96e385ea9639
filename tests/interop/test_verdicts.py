"""Verdicts on objects with one change each: ours, those of the validator of OASIS and those of its
library. Ours are what the standard says; where the other two say something else, the class of the
difference stands in known_differences.tsv, with the section that decides."""

import csv
import fnmatch
import json
import logging
import pathlib
import warnings

import pytest
import stix2
from stix2validator import ValidationOptions, validate_parsed_json

from harness import SCALE, SEED, run
from mutants import mutants

COUNT = 5_000
TABLE = pathlib.Path(__file__).with_name("known_differences.tsv")
COLUMNS = ["judge", "change", "where", "says", "section", "why"]
SHOWN_MAX = 40


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """The validator would ask for a schema that it does not have."""
    def refuse(*_, **__):
        raise AssertionError("the validator asked for a schema on the network")

    monkeypatch.setattr("stix2validator.validator.requests.get", refuse)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def drawn():
    return mutants(COUNT // SCALE, SEED)


def known():
    """The rows of the table."""
    with open(TABLE, encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows and list(rows[0]) == COLUMNS
    return rows


def ours(drawn):
    """Valid or not, as `comity stix validate` says it, without `strict`."""
    asked = "".join(json.dumps({"input": json.dumps(one.item)}) + "\n" for one in drawn)
    answers = [json.loads(line)
               for line in run("stix", "validate", "--jsonl", input=asked).stdout.splitlines()]
    assert len(answers) == len(drawn)
    return answers


def of_validator(item):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return not validate_parsed_json(item, ValidationOptions(version="2.1")).errors


def of_library(item):
    """What is custom is no error of an object."""
    try:
        stix2.parse(item, allow_custom=True, version="2.1")
    except (stix2.exceptions.STIXError, ValueError, TypeError, AttributeError, KeyError):
        return False
    return True


def test_our_verdicts_are_those_of_the_standard(drawn):
    wrong = [(one.change, one.where, one.section, said["errors"], one.item)
             for one, said in zip(drawn, ours(drawn)) if said["valid"] != one.valid]
    assert wrong == [], wrong[:SHOWN_MAX]


@pytest.mark.parametrize("judge, verdict", [("stix2-validator", of_validator),
                                            ("stix2", of_library)])
def test_every_other_verdict_is_ours_or_of_a_known_class(drawn, judge, verdict):
    rows = [row for row in known() if row["judge"] == judge]
    unknown = []
    for one in drawn:
        said = verdict(one.item)
        if said == one.valid:
            continue
        word = "valid" if said else "invalid"
        if not any(fnmatch.fnmatchcase(one.change, row["change"])
                   and fnmatch.fnmatchcase(one.where, row["where"]) and row["says"] == word
                   for row in rows):
            unknown.append((one.change, one.where, word, one.section, one.item))
    assert unknown == [], unknown[:SHOWN_MAX]


def test_the_table_names_the_section_and_the_reason():
    rows = known()
    assert all(row["section"] and row["why"] and row["says"] in ("valid", "invalid")
               and row["judge"] in ("stix2-validator", "stix2") for row in rows)
    keys = [(row["judge"], row["change"], row["where"], row["says"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_the_same_seed_draws_the_same_and_every_change_comes_once_before_any_comes_again():
    def shape(count, seed):
        return [(one.change, one.where) for one in mutants(count, seed)]

    assert shape(100, 7) == shape(100, 7) != shape(100, 8)
    everything = shape(COUNT, 7)
    assert set(shape(100_000, 7)) == set(everything)
