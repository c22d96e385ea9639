"""Nothing in Comity orders or records that speech be blocked, an author be identified or anybody be
watched (HR-01), and nothing counts or ranks who refuses (HR-13).

Every name that a person or a program can meet is looked at: the API, commands and their flags,
members of statements and of STIX extensions, the tables that are stored, the keys and words of the
register, the pages of docs/formats, the message catalogues. A name with a forbidden stem fails
unless it stands in ALLOWED with a reason, and an entry of ALLOWED that nothing needs any more
fails, too.
"""

import json
import re
import tomllib

from harness import ROOT

FORBIDDEN = {
    "blocks or removes": r"block|censor|take-?_?down|remov|delet|ban(?![a-z])|filter|throttl|"
                         r"shut-?_?down|suppress|deplatform",
    "identifies": r"identif(?!ier)|unmask|de-?anonym|author(?!i)|geo-?_?locat|suspect|perpetrator",
    "watches": r"surveil|intercept|wire-?_?tap|track|monitor|eavesdrop|spy|profil",
    "penalises a refusal": r"scor(?:e|ing)|rank|rating(?![a-z])|reputation|black-?_?list|shame|"
                           r"penali|unanswered|non-?_?answer|"
                           r"refusals?[-_. ](?:count|rate|total|number)",
}
STEMS = {what: re.compile(f"(?<![a-z])(?:{stems})") for what, stems in FORBIDDEN.items()}

# (where, name) → why it may be there.
SUPPOSED = "takes a date or an agreement back out of what is supposed; the register stays as it is"
STIX = "a word of STIX 2.1 that is read when objects are checked; nothing here acts on it"
OUTPOST = "this node posts to that server no more; what is there and what is held here stays"
LIST = "narrows a list that an officer looks at; what is not shown is still there"
ALLOWED = {
    ("page", "filters"): LIST,
    ("page", "what-if.remove"): SUPPOSED,
    ("page", "what-if.removed"): SUPPOSED,
    ("message", "what-if.remove"): SUPPOSED,
    ("message", "what-if.removed"): SUPPOSED,
    ("page", "agreements.filters-off"): LIST,
    ("page", "exchange.filters-off"): LIST,
    ("page", "record.filter"): LIST,
    ("message", "agreements.filters-off"): LIST,
    ("message", "exchange.filters-off"): LIST,
    ("message", "record.filter"): LIST,
    ("api", "delete"): "the method of HTTP by which a session or a token of one's own ends",
    ("code", "DELETE"): "the same",
    ("code", "authored-by"): STIX,
    ("code", "authors"): STIX,
    ("code", "is_blocking"): STIX,
    ("formats", "DELETE …/inbox/objects/{object id}/"):
        "the method of TAXII by which a token takes back what it has itself submitted and nothing "
        "of others (test_rights_wire.py); it is quarantined here, and destroyed nowhere",
    ("code", "outpost-remove"): OUTPOST,
    ("code", "outpost-removed"): OUTPOST,
    ("formats", "outpost-remove"): OUTPOST,
    ("formats", "removed"): OUTPOST,
    ("formats", '{"type": "outpost-removed", "name": …, "at": …}'): OUTPOST,
    ("formats", "remove_diacritics 2"):
        "an option of FTS5: letters are compared without their marks when words are looked for",
    ("code", "remove"): "what could not be done to a file of one's own, in an error",
    ("code", "removed"): "the rows that a proposed change of the register takes out of it",
    ("code", "unanswered"): "state of one consent that was asked for; counted nowhere",
    ("page", "unanswered"): "the same",
    ("page", "exchange.consent-state.unanswered"): "the key of the word for it",
    ("message", "exchange.consent-state.unanswered"): "the word for it",
}


def walk(value, keys, words):
    """Member names, and values of `enum`, `operationId`, `name` and `tags`."""
    if isinstance(value, dict):
        for key, below in value.items():
            keys.add(key)
            if key in ("enum", "operationId", "name", "tags"):
                words |= {str(one) for one in (below if isinstance(below, list) else [below])}
            walk(below, keys, words)
    elif isinstance(value, list):
        for below in value:
            walk(below, keys, words)


def names_of_the_api():
    keys, words = set(), set()
    walk(json.loads((ROOT / "src/api/openapi.json").read_text(encoding="utf-8")), keys, words)
    return keys | words


def names_in_code():
    """What is written as one word in quotation marks: members, flags, commands, codes."""
    found = set()
    for path in (ROOT / "src").glob("**/*.cpp"):
        if not path.name.endswith(("_test.cpp", "_fuzz.cpp", "_bench.cpp")):
            text = path.read_text(encoding="utf-8")
            found |= set(re.findall(r'"((?:--)?[A-Za-z][\w.:/{}+-]*)"', text))
            # Several flags in one text, as CLI11 takes them: "-h,--help".
            found |= set(re.findall(r'--[a-z][a-z-]*(?=[",])', text))
    return found


def names_in_the_store():
    """Tables and columns, wherever the code makes them."""
    made = re.compile(r"CREATE (?:TABLE|INDEX|UNIQUE INDEX|VIEW|TRIGGER)\b.*?;", re.S)
    return {name for path in (ROOT / "src").glob("**/*.cpp")
            if not path.name.endswith(("_test.cpp", "_fuzz.cpp", "_bench.cpp"))
            for statement in made.findall(path.read_text(encoding="utf-8"))
            for name in re.findall(r"\b[a-z][a-z0-9_]+\b", statement)}


def names_in_the_formats():
    return {name for path in (ROOT / "docs/formats").glob("*.md")
            for name in re.findall(r"`([^`\n]+)`", path.read_text(encoding="utf-8"))}


def names_of_the_register():
    """Keys of every file, and the closed lists."""
    keys, unused = set(), set()
    for path in (ROOT / "register").glob("**/*.toml"):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        walk(table, keys, unused)
        if path.name == "vocabulary.toml":
            for words in table.values():
                keys |= {word if isinstance(word, str) else word["id"] for word in words}
    return keys


def names_of_the_pages():
    """What the pages ask for and say to each other: members and words of the TypeScript."""
    return {name for path in (ROOT / "web/src").glob("**/*.ts*")
            if not path.name.endswith((".test.ts", ".test.tsx"))
            for name in re.findall(r'"([a-z][\w.-]*)"', path.read_text(encoding="utf-8"))}


def messages():
    return {key for catalogue in ("register/messages/en.json", "web/messages/en.json")
            for key in json.loads((ROOT / catalogue).read_text(encoding="utf-8"))}


def texts():
    """What is said to a person in English, with its key."""
    found = {}
    for catalogue in ("register/messages/en.json", "web/messages/en.json"):
        for key, value in json.loads((ROOT / catalogue).read_text(encoding="utf-8")).items():
            found[key] = value["text"]
    return found


SOURCES = {"api": names_of_the_api, "code": names_in_code, "store": names_in_the_store,
           "formats": names_in_the_formats, "register": names_of_the_register,
           "page": names_of_the_pages, "message": messages}


def findings(where, names):
    """(where, name, what it would do) of every name with a forbidden stem."""
    return {(where, name, what) for name in names for what, stems in STEMS.items()
            if stems.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower())}


def test_no_name_blocks_identifies_watches_or_penalises():
    found = set().union(*(findings(where, names()) for where, names in SOURCES.items()))
    assert sorted(one for one in found if one[:2] not in ALLOWED) == []


def test_every_allowed_name_is_still_there():
    found = {one[:2] for where, names in SOURCES.items() for one in findings(where, names())}
    assert set(ALLOWED) - found == set()


# A text of the catalogues may speak of these, for the reason given.
ALLOWED_TEXTS = {
    "agreements.filters-off": LIST,
    "agreements.none": LIST,
    "agreements.none-text": LIST,
    "coverage.none-text": LIST,
    "exchange.filters-off": LIST,
    "exchange.records-none": LIST,
    "what-if.more": LIST,
    "exchange.consent-state.unanswered": "state of one consent that was asked for",
}


def test_no_text_offers_to_block_identify_watch_or_rank():
    found = {key for key, text in texts().items() if findings("text", {text})}
    assert sorted(found - set(ALLOWED_TEXTS)) == []
    assert sorted(set(ALLOWED_TEXTS) - found) == []


def test_every_source_has_its_names():
    least = {"api": 200, "code": 1000, "store": 50, "formats": 300, "register": 60,
             "page": 200, "message": 500}
    for where, names in SOURCES.items():
        assert len(names()) >= least[where], where
    assert "share" in names_of_the_register() and "--register" in names_in_code()
    assert {"record", "originator", "grant_run"} <= names_in_the_store()


def test_the_scan_finds_what_is_planted():
    planted = {"block-address", "/api/v1/censorship", "takedownRequest", "take-down", "removed_by",
               "author_identity", "identify-author", "unmask", "geolocation", "suspect",
               "surveillance", "intercept", "track-user", "monitoring", "--filter",
               "score", "reputation", "refusal-count", "refusals_total", "ranking", "blacklist",
               "ban", "ban-user"}
    for where in SOURCES:
        assert {name for _, name, _ in findings(where, planted)} == planted
    plain = {"identifier", "authority", "authorization", "exercise.banner", "refusal", "refused",
             "share", "operating", "identity", "bank", "enumeration", "frankly", "urban"}
    assert findings("api", plain) == set()
