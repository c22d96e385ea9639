"""The law from outside: one answer to one question, however it is asked."""

import json
import shutil
import subprocess
import tomllib

import pytest

from harness import COMITY, COMMAND_SECONDS_MAX, REGISTER, answer, environment, run

AT = "2026-11-01"
COMMON = {"action": "share", "area": "threat-information", "purpose": "warning", "tlp": "green",
          "at": AT}
INCIDENT = "indicator,threat-description,vulnerability,incident-summary"

# name: (request, verdict in exercise mode, first basis)
EXAMPLES = {
    "under the SCO agreement": ({"from": "CN", "to": "RU", "info": INCIDENT}, "permitted",
                                "sco-2009"),
    "to a third member": ({"from": "CN", "to": "KZ", "info": "indicator"}, "permitted",
                          "sco-2009"),
    "no agreement at all": ({"from": "CN", "to": "VN", "info": INCIDENT}, "no-basis", None),
    "content": ({"from": "CN", "to": "RU", "info": "indicator,content-data"}, "forbidden", None),
    "an arrangement is missing": ({"from": "CN", "to": "RU", "info": "indicator,malware-sample"},
                                  "needs", "ru-cn-2015"),
    "an assumed arrangement": ({"from": "BY", "to": "RU", "info": "indicator"}, "permitted",
                               "ru-by-2013"),
    "under an invented agreement": ({"from": "XA", "to": "XB", "info": "indicator"}, "permitted",
                                    "xa-xb-2024"),
    "red": ({"from": "CN", "to": "KZ", "info": "indicator", "tlp": "red"}, "needs", "sco-2009"),
    "before it was in force": ({"from": "CN", "to": "KZ", "info": "indicator", "at": "2011-06-01"},
                               "no-basis", None),
    "passed on": ({"from": "RU", "to": "VN", "info": "indicator",
                   "received_under": ["sco-2009:CN"]}, "needs", "ru-vn-2018"),
}

INVALID = [
    ("not json", "line"), ("", None), ('{"colour":1}', "colour"), ("[]", "object"),
    ('{"from":"CN","from":"RU"}', "twice"), ('{"from":"CN","to":"ZZ","info":"indicator"}', "ZZ"),
    ("[" * 10_000, "nested"), ('{"from":9007199254740992}', "2^53"), ('"\\ud800"', "surrogate"),
]


def request(name):
    return {**COMMON, **EXAMPLES[name][0]}


def flags(question):
    out = []
    for name, value in question.items():
        for item in value if isinstance(value, list) else [value]:
            out += [f"--{name.replace('_', '-')}", item]
    return out


def decide(question, *more, code=None):
    return run("treaty", "decide", *flags(question), *more, "--json", code=code).stdout


def decide_lines(lines, *more, code=0):
    """The answers to lines of requests, as bytes."""
    done = subprocess.run([COMITY, "treaty", "decide", "--jsonl", *more],
                          input="\n".join(lines).encode() + b"\n", capture_output=True,
                          check=False, timeout=COMMAND_SECONDS_MAX, env=environment())
    assert done.returncode == code, (done.returncode, done.stderr)
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_answer_and_its_exit_code(name):
    _, verdict, basis = EXAMPLES[name]
    told = json.loads(decide(request(name), "--exercise", code=0 if verdict == "permitted" else 1))
    assert told["verdict"] == verdict
    assert (told["basis"][0]["instrument"] if told["basis"] else None) == basis
    assert list(told) == ["verdict", "basis", "needs", "reasons", "duties", "advice", "asserts",
                          "assumed", "register", "semantics"]
    assert told["register"].startswith("sha256:") and told["semantics"] == 1
    assert bool(told["assumed"]) == (verdict in ("permitted", "needs"))


def test_the_same_question_gets_the_same_bytes():
    lines = [json.dumps(request(name)) for name in EXAMPLES]
    for mode in ([], ["--exercise"], ["--exercise", "demo"]):
        singly = [decide(request(name), *mode).rstrip("\n") for name in EXAMPLES]
        assert singly == [decide(request(name), *mode).rstrip("\n") for name in EXAMPLES]
        assert decide_lines(lines, *mode) == singly
        # In another order, from the same process, among others, members in another order.
        assert decide_lines(lines[::-1], *mode) == singly[::-1]
        mixed = [json.dumps(dict(reversed(list(request(name).items())))) for name in EXAMPLES]
        assert decide_lines(mixed * 50, *mode) == singly * 50
    # The mode of a verdict is to be seen: the register's digest says which assumptions it has.
    assert decide(request("red"))[-100:] != decide(request("red"), "--exercise")[-100:]


def test_a_node_decides_as_the_register_does(nodes):
    node = nodes("CN")
    node.serve()
    for name in EXAMPLES:
        question = request(name)
        ours = node.run("treaty", "decide", *flags(question), "--json", code=None).stdout
        assert ours == decide(question, "--exercise"), name


def test_operational_mode_assumes_nothing():
    for name in EXAMPLES:
        told = json.loads(decide(request(name)))
        assert told["assumed"] == []
        assert told["verdict"] != "permitted", name  # nothing is verified yet
    told = json.loads(decide(request("under the SCO agreement")))
    assert "verification" in {need["kind"] for need in told["needs"]}


@pytest.mark.parametrize("line, words", [item for item in INVALID if item[1]])
def test_a_line_that_cannot_be_read_is_named_and_the_others_answered(line, words):
    good = json.dumps(request("to a third member"))
    told = [json.loads(text) for text in decide_lines([good, good, line, good], "--exercise",
                                                      code=2)]
    assert [verdict["verdict"] for verdict in told] == \
        ["permitted", "permitted", "invalid-request", "permitted"]
    (reason, *_) = told[2]["reasons"]
    assert words in reason["what"]
    if reason["code"] == "unreadable":
        assert reason["what"].startswith("line 3:")


def test_many_lines_keep_their_order():
    lines, expected = [], []
    for number in range(2000):
        name = list(EXAMPLES)[number % len(EXAMPLES)]
        if number % 7 == 3:
            lines.append(INVALID[number % len(INVALID)][0])
            if lines[-1]:
                expected.append((number + 1, "invalid-request"))
        else:
            lines.append(json.dumps(request(name)))
            expected.append((number + 1, EXAMPLES[name][1]))
    told = [json.loads(text) for text in decide_lines(lines, "--exercise", code=2)]
    assert [verdict["verdict"] for verdict in told] == [verdict for _, verdict in expected]
    for (line, _), verdict in zip(expected, told, strict=True):
        for reason in verdict["reasons"]:
            if reason["code"] == "unreadable":
                assert reason["what"].startswith(f"line {line}:")


@pytest.mark.parametrize("name", EXAMPLES)
def test_audience_is_decide_for_every_party(name):
    question = request(name)
    del question["to"]
    told = answer("treaty", "audience", *flags(question), "--exercise", code=None)["parties"]
    parties = [row["party"] for row in told]
    assert len(parties) == len(set(parties)) > 25 and question["from"] not in parties
    lines = [json.dumps({**question, "to": party}) for party in parties]
    assert [row["verdict"] for row in told] == \
        [json.loads(text) for text in decide_lines(lines, "--exercise")]


def test_the_shipped_register_has_no_problems():
    done = run("treaty", "check")
    assert done.stdout.rstrip().endswith("\n0 problems, 0 facts without provenance")
    told = answer("treaty", "check", REGISTER)
    files = sorted(REGISTER.glob("instruments/*/*.toml"))
    assert told["problems"] == [] and told["instruments"] == len(files) >= 15
    assert json.loads(decide(request("red")))["register"] == told["register"]


@pytest.mark.parametrize("path", sorted(REGISTER.glob("instruments/*/*.toml")),
                         ids=lambda path: path.stem)
def test_every_instrument_can_be_shown(path):
    text = path.read_text(encoding="utf-8")
    for mode in ([], ["--exercise"]):
        told = run("treaty", "show", path.stem, *mode).stdout
        assert path.stem in told
        assert ("EXERCISE" in told) == bool(mode)
        shown = json.dumps(answer("treaty", "show", path.stem, *mode), ensure_ascii=False)
        for line in text.splitlines():
            if line.startswith("article = "):
                assert json.loads(line.partition(" = ")[2]) in told
                assert line.partition(" = ")[2] in shown


def changed_register(folder):
    """The shipped register, in which XA has suspended its agreement with XB."""
    copy = folder / "register"
    shutil.copytree(REGISTER, copy)
    (copy / "suspensions").mkdir()
    (copy / "suspensions" / "xa.toml").write_text(
        '[[suspension]]\nid = "s1"\ninstrument = "xa-xb-2024"\nparty = "XA"\n'
        'from = 2026-11-24T12:00:00Z\nprovenance = "X"\n', encoding="utf-8")
    return copy


def test_a_suspension_stops_in_its_second_and_is_shown(tmp_path):
    copy = changed_register(tmp_path)
    question = {**COMMON, "from": "XA", "to": "XB", "info": "indicator"}
    for at, verdict, code in (("2026-11-24T11:59:59Z", "permitted", 0),
                              ("2026-11-24T12:00:00Z", "no-basis", 1)):
        found = json.loads(decide({**question, "at": at}, "--exercise", "--register", str(copy),
                                  code=code))
        assert found["verdict"] == verdict
    assert [(one["code"], one["instrument"]) for one in found["reasons"]] == [
        ("suspended", "xa-xb-2024")]
    sheet = run("treaty", "show", "xa-xb-2024", "--register", str(copy)).stdout
    assert "XA suspended it from 2026-11-24T12:00:00Z" in sheet
    assert "denunciation takes effect after P90D" in sheet


def test_diff_shows_the_cells_of_the_change_and_no_others(tmp_path):
    copy = changed_register(tmp_path)
    diff = ("treaty", "diff", str(REGISTER), str(copy), "--exercise")
    found = json.loads(run(*diff, "--at", "2026-11-24T12:00:00Z", "--json", code=1).stdout)
    cells = {tuple(one[name] for name in ("from", "to", "action", "info", "area", "purpose"))
             for one in found["cells"]}
    # Art. 3 lets them share, Art. 4 name their bodies to each other, for whatever purpose and in
    # every area but that of content, where nothing goes without a record of rights.
    vocabulary = tomllib.loads((REGISTER / "vocabulary.toml").read_text(encoding="utf-8"))
    assert cells == {(a, b, action, info, area, purpose)
                     for a, b in (("XA", "XB"), ("XB", "XA"))
                     for action, infos, areas, purposes in (
                         ("share", INCIDENT.split(","), ("threat-information", "csirt-response"),
                          ("warning", "incident-response")),
                         ("notify", ["poc-data"], set(vocabulary["areas"]) - {"content"},
                          vocabulary["purposes"]))
                     for info in infos for area in areas for purpose in purposes}
    assert (found["gained"], found["lost"]) == (0, len(cells))
    assert {(one["before"], one["after"]) for one in found["cells"]} == {("permitted", "no-basis")}
    text = run(*diff, "--at", "2026-11-24T12:00:00Z", code=1).stdout
    assert f"0 cells gained, {len(cells)} lost" in text
    assert "XA → XB share indicator: permitted → no-basis for incident-response, warning in " \
        "csirt-response, threat-information\n" in text
    assert "0 cells gained, 0 lost" in run(*diff, "--at", "2026-11-24").stdout
    run("treaty", "diff", str(REGISTER), str(tmp_path / "nowhere"), code=2)
    run("treaty", "diff", str(REGISTER), str(copy), "--at", "soon", code=2)


def test_the_analysis_names_a_clause_that_never_acts(tmp_path):
    copy = tmp_path / "register"
    shutil.copytree(REGISTER, copy)
    path = copy / "instruments/bilateral/xa-xb-2024.toml"
    path.write_text(path.read_text(encoding="utf-8") + """
[[clause]]
id = "z9"
article = "Art. 9"
status = "unverified"
provenance = "X"
verb = "permit"
action = "share"
between = "parties"
info = ["state-secret"]
area = ["threat-information"]
purpose = ["warning"]
""", encoding="utf-8")
    found = json.loads(run("treaty", "analyse", str(copy), "--json", code=1).stdout)
    dead = [one for one in found["findings"]
            if (one["kind"], one.get("clause")) == ("never-matches", "z9")]
    assert len(dead) == 1 and dead[0]["instrument"] == "xa-xb-2024"
    assert "xa-xb-2024.toml:" in dead[0]["place"] and dead[0]["en"] != dead[0]["ar"]
    for language in ("en", "ar"):
        assert dead[0][language] in run("treaty", "analyse", str(copy), "--lang", language,
                                        code=1).stdout
    run("treaty", "analyse", str(copy), "--lang", "xx", code=2)


def test_a_verdict_is_said_in_the_language_that_is_asked_for():
    asked = ("treaty", "decide", *flags(request("red")), "--exercise")
    plain = json.loads(run(*asked, "--json", code=1).stdout)
    for language in ("en", "ar"):
        told = json.loads(run(*asked, "--json", "--lang", language, code=1).stdout)
        said = told.pop("said")
        assert told.pop("language") == language and told == plain
        lines = run(*asked, "--lang", language, code=1).stdout.splitlines()
        assert lines[1:] == said and lines[0] != lines[1]
    run(*asked, "--lang", "xx", code=2)
