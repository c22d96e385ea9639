"""Verdicts on objects with one change each: ours, those of the validator of OASIS and those of its
library. Ours are what the standard says; where the other two say something else, or end in an
exception and say nothing, the class of the difference stands in known_differences.tsv, with the
section that decides and how many of all mutants are in it."""

import csv
import fnmatch
import itertools
import json
import logging
import pathlib
import random
import warnings

import pytest
import stix2
from stix2validator import ValidationError, ValidationOptions, validate_parsed_json

from harness import SCALE, SEED, run
from mutants import every_mutant, mutants

COUNT = 5_000
TABLE = pathlib.Path(__file__).with_name("known_differences.tsv")
COLUMNS = ["judge", "change", "where", "says", "mutants", "section", "why"]
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
    """A ValidationError is its answer to what is no object; no other exception is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return not validate_parsed_json(item, ValidationOptions(version="2.1")).errors
    except ValidationError:
        return False


def of_library(item):
    """What is custom is no error of an object. It refuses by ValueError, too."""
    try:
        stix2.parse(item, allow_custom=True, version="2.1")
    except (stix2.exceptions.STIXError, ValueError):
        return False
    return True


JUDGES = {"stix2-validator": of_validator, "stix2": of_library}
SAID = {}  # by judge and text of the object: both tests below ask for the same


def verdict(judge, item):
    """What the judge says: valid, invalid, or nothing."""
    key = judge, json.dumps(item)
    if key not in SAID:
        try:
            SAID[key] = "valid" if JUDGES[judge](item) else "invalid"
        except AssertionError:
            raise  # it went to the network
        except Exception:  # whatever it is that it ends in
            SAID[key] = "nothing"
    return SAID[key]


def is_of(row, one):
    return one.change in row["change"].split() and any(
        fnmatch.fnmatchcase(one.where, pattern) for pattern in row["where"].split())


def differs(judge, one):
    return verdict(judge, one.item) != ("valid" if one.valid else "invalid")


def test_our_verdicts_are_those_of_the_standard(drawn):
    wrong = [(one.change, one.where, one.section, said["errors"], one.item)
             for one, said in zip(drawn, ours(drawn)) if said["valid"] != one.valid]
    assert wrong == [], wrong[:SHOWN_MAX]


@pytest.mark.parametrize("judge", JUDGES)
def test_every_other_verdict_is_ours_or_of_one_known_class(drawn, judge):
    rows = [row for row in known() if row["judge"] == judge]
    unknown = []
    for one in drawn:
        if not differs(judge, one):
            continue
        said = verdict(judge, one.item)
        if sum(row["says"] == said and is_of(row, one) for row in rows) != 1:
            unknown.append((one.change, one.where, said, one.section, one.item))
    assert unknown == [], unknown[:SHOWN_MAX]


@pytest.mark.parametrize("judge", JUDGES)
def test_no_class_is_larger_or_smaller_than_the_table_says(judge):
    """At the full count each class is counted; at less, each has a mutant. What is looked at here
    depends on the table, not on what was drawn."""
    every = every_mutant()
    random.Random(SEED).shuffle(every)
    for row in known():
        if row["judge"] != judge:
            continue
        among = (one for one in every if is_of(row, one) and differs(judge, one)
                 and verdict(judge, one.item) == row["says"])
        found = sum(1 for _ in itertools.islice(among, None if SCALE == 1 else 1))
        assert found == (int(row["mutants"]) if SCALE == 1 else 1), row


def test_the_table_names_the_section_and_the_reason():
    rows = known()
    assert all(row["section"] and row["why"] and row["says"] in ("valid", "invalid", "nothing")
               and int(row["mutants"]) > 0 and row["judge"] in JUDGES for row in rows)
    keys = [(row["judge"], row["change"], row["where"], row["says"]) for row in rows]
    assert len(set(keys)) == len(keys)
    # Each pattern is of use.
    every = every_mutant()
    for row in rows:
        for pattern in row["where"].split():
            assert any(is_of({**row, "where": pattern}, one) for one in every), (row, pattern)


def test_the_same_seed_draws_the_same_and_every_change_comes_once_before_any_comes_again():
    def shape(count, seed):
        return [(one.change, one.where) for one in mutants(count, seed)]

    assert shape(100, 7) == shape(100, 7) != shape(100, 8)
    everything = shape(COUNT, 7)
    assert set(shape(100_000, 7)) == set(everything)
