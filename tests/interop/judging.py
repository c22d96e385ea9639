"""The judgement of stix2-validator, the validator of OASIS, without its network."""

import warnings

import pytest
from stix2validator import ValidationOptions, validate_parsed_json, validator


def refuse(*_, **__):
    raise AssertionError("the validator asked for a schema on the network")


def findings(item, **options):
    """What the validator says of an object, its errors and its warnings. It would ask for a schema
    that it does not have."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr(validator.requests, "get", refuse)
        result = validate_parsed_json(item, ValidationOptions(version="2.1", **options))
    return [str(error) for error in result.errors], [str(one) for one in result.warnings or []]
