"""OpenTAXII for gunicorn, with two repairs.

Version 0.9.3, the newest, answers with 500 where it tells of its collections, for it writes their
ids by a JSON writer that knows no UUIDs; and it gives every object its type as `spec_version`, with
which it is no STIX. Here the writer gets the text of what it does not know, and an object the
version with which it came.
"""

import functools
import json
import types

from opentaxii.taxii2 import entities, http

http.json = types.SimpleNamespace(dumps=functools.partial(json.dumps, default=str))


class ObjectWithItsVersion(entities.STIXObject):
    """What is in `serialized_data` is written over the rest."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.serialized_data = {"spec_version": self.spec_version, **self.serialized_data}


entities.STIXObject = ObjectWithItsVersion

from opentaxii.http import app  # noqa: E402,F401
