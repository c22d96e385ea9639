"""tests/golden/treaty speaks of everything that a verdict can say.

What there is to say is in the message catalogue (register/messages/en.json) and the vocabulary: a
new code is missing here until a case mentions it.
"""

import json
import re
import tomllib

from harness import ROOT

CASES = ROOT / "tests/golden/treaty"
LAWYER_READABLE_MIN = 200

# What no case can mention, each with its reason.
ELSEWHERE = {
    "reason-code.recalled": "the exchange says it of a record; the engine knows no recalls",
    "invalid.unreadable": "a line that is no question; a case file holds questions only",
    "invalid.repeated-fact": "a case file refuses a key that stands twice",
    "scope.always": "no instrument may have it; the guards are mentioned by their codes",
}


def clauses():
    """(instrument, clause) → verb and scope, of the register and of the files beside the cases."""
    families = tomllib.loads((ROOT / "register/families.toml").read_text(encoding="utf-8"))
    fixed = {family["id"]: family["fixes"] for family in families["family"]}
    found = {}
    for path in [*(ROOT / "register/instruments").glob("*/*.toml"), *CASES.glob("*.toml")]:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        assumed = [row["clause"] for row in table.get("assume", []) if "clause" in row]
        for row in table.get("clause", []) + assumed:
            instrument = row.get("instrument") or table["instrument"]["id"]
            whole = fixed.get(row.get("family"), {}) | row
            found[instrument, row["id"]] = (whole["verb"], whole.get("scope", "basis"))
    return found


def cases(folder=CASES):
    """Of each case: its file, number and lines as (key, rest)."""
    for path in sorted(folder.glob("*.case")):
        defaults, lines = "", None
        for line in path.read_text(encoding="utf-8").splitlines():
            line = re.sub(r"(^| )#.*", "", line).strip()
            if line.startswith("case "):
                if lines:
                    yield path.name, lines
                lines = [("defaults", defaults)]
            elif line.startswith("defaults:"):
                defaults = line.split(":", 1)[1]
            elif line and lines is not None:
                lines.append(tuple(part.strip() for part in line.split(":", 1)))
        yield path.name, lines


def mentioned(all_cases, rules):
    """Every key of the catalogue that some case mentions."""
    found = set()
    for _, lines in all_cases:
        verdict = next(rest for key, rest in lines if key == "verdict")
        found.add(f"verdict.{verdict}")
        asked = " ".join(rest for key, rest in lines if key in ("ask", "defaults"))
        if verdict != "invalid-request":
            if "action=" not in asked:
                found.add("action.share")
            found |= {f"{key}.{word}" for key, words in
                      re.findall(r"(?<!\S)(action|tlp|info|area|purpose)=(\S+)", asked)
                      for word in words.split(",")}
            found |= {f"role.{role}" for roles in re.findall(r"(?:from|to)=\w+:(\S+)", asked)
                      for role in roles.split("+")}
            found |= {f"fact.{fact}" for fact in re.findall(r"fact\.([\w-]+)=", asked)}
        for key, rest in lines:
            word = rest.split()[0]
            if key == "needs":
                found.add(f"need-kind.{word}")
            if key == "reasons":
                found |= {f"reason-code.{word}", f"invalid.{word}"}
            if key in ("basis", "reasons", "needs", "advice", "duties"):
                found |= acting(key, rest, rules)
    return found


def acting(key, rest, rules):
    """The verb of the clause that an expectation names, and the scope of a forbid."""
    found = set()
    words = re.sub(r'[":()]', " ", rest).split()
    for (instrument, clause), (verb, scope) in rules.items():
        if clause in words and (instrument in words or key == "duties"):
            found.add(f"verb.{verb}")
            if verb == "forbid":
                found.add(f"scope.{scope}")
    return found


GROUPS = ("verdict", "need-kind", "reason-code", "invalid", "verb", "scope", "action", "tlp",
          "info", "area", "purpose", "role", "fact")


def sayable():
    catalogue = json.loads((ROOT / "register/messages/en.json").read_text(encoding="utf-8"))
    keys = {re.sub(r"^class\.", "info.", key) for key in catalogue}
    return {key for key in keys if key.split(".")[0] in GROUPS}


def test_every_code_verb_scope_and_word_is_in_a_case_or_says_why_not():
    silent = sayable() - mentioned(cases(), clauses())
    # A definition does nothing, so a verdict need not name it: a case has one, without basis.
    assert ("define", "basis") in [rule for (instrument, _), rule in clauses().items()
                                   if instrument == "x-conditions"]
    silent -= {"verb.define", "invalid.other"}
    assert silent == set(ELSEWHERE), sorted(silent ^ set(ELSEWHERE))


def test_every_duty_has_its_day_or_none():
    duties = [rest.split() for _, lines in cases() for key, rest in lines if key == "duties"]
    assert any(words == ["none"] for words in duties)
    assert any(len(words) == 1 and words != ["none"] for words in duties)
    assert any("due" in words and "overdue" not in words for words in duties)
    assert any("overdue" in words for words in duties)


def test_a_case_that_is_taken_away_is_missed():
    rules, every = clauses(), list(cases())
    for code in ("reason-code.needs-human", "invalid.self", "need-kind.consent", "verb.advise",
                 "action.ping"):
        left = [one for one in every if code not in mentioned([one], rules)]
        assert len(left) < len(every), code
        assert code in sayable() - mentioned(left, rules)


def test_there_are_many_cases_and_each_says_what_it_is_about():
    text = [path.read_text(encoding="utf-8") for path in CASES.glob("*.case")]
    titles = [title for one in text for title in re.findall(r"(?m)^case \d+: (.+)$", one)]
    assert len(titles) == len(list(cases())) >= LAWYER_READABLE_MIN
    assert all(len(title) > 2 for title in titles)
