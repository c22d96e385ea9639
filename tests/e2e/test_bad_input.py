"""Bad input: a clear message with its place, the exit code of the contract, nothing by halves."""

import json
import re
import shutil

import pytest

from harness import REGISTER, answer, bundle, identifier, indicator, pair, run

GOOD = indicator(1)
MANY = [indicator(number) for number in range(1, 2301)]  # more than two transactions


@pytest.fixture
def node(nodes):
    return nodes("XA")


def write(tmp_path, text, name="input.json"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- import: what is refused as a whole ---------------------------------------------------------

# name: (text, place and words of the message)
WHOLE = {
    "broken": ('{"type":"bundle",\n"objects":[{]}', r":2:13: .*\$\.objects\[0\].*found '\]'"),
    "cut off": (bundle(GOOD)[:-40], r":1:\d+: "),
    "broken at the very end": (bundle(*MANY)[:-2] + ",]}", r":2300:\d+: "),
    "something behind": (bundle(GOOD) + "x", r":1:\d+: "),
    "empty": ("", r":1:1: "),
    "no UTF-8": (bundle(GOOD).encode().replace(b"example 1", b"example \xff"),
                 r":1:\d+: .*UTF-8"),
    "a NUL byte": (bundle(GOOD).encode().replace(b"example 1", b"example \0"), r":1:\d+: "),
    "depth 10,000": (bundle("[" * 10_000 + "]" * 10_000), r":1:\d+: .*nested deeper than \d+"),
    "depth 10,000 in a member": (bundle(GOOD, '{"a":' * 10_000 + "1" + "}" * 10_000),
                                 r":2:\d+: .*nested deeper than \d+"),
    "lone surrogate": (bundle(GOOD, '{"type":"indicator","name":"\\ud800"}'),
                       r":2:\d+: .*\$\.objects\[1\]\.name.*surrogate"),
    "lone second surrogate": (bundle(GOOD, '{"type":"indicator","name":"\\udc00"}'),
                              r":2:\d+: .*surrogate"),
    "2^53": (bundle(GOOD, '{"type":"indicator","x":9007199254740992}'),
             r":2:\d+: .*\$\.objects\[1\]\.x.*9007199254740992.*2\^53-1"),
    "-2^53": (bundle(GOOD, '{"type":"indicator","x":-9007199254740992}'), r":2:\d+: .*2\^53-1"),
    "not a bundle": (json.dumps(GOOD), r'\$.*"objects"'),
    "an array": ("[]", r":1:1: "),
    "another type": (bundle(GOOD).replace('"bundle"', '"bungle"', 1), r"\$\.type: .*bundle"),
    "no bundle id": (bundle(GOOD).replace('"id":"bundle--', '"id":"b--', 1), r"\$\.id: "),
    "objects is no array": ('{"type":"bundle","id":"%s","objects":{}}' % identifier("bundle", 1),
                            r"objects"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_import_refuses_the_file_and_stores_nothing(node, tmp_path, name):
    text, expected = WHOLE[name]
    path = write(tmp_path, text)
    before = node.counts()
    done = node.run("import", path, code=2)
    assert done.stdout == ""
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"comity: {path}:")
    assert re.search(expected, first), first
    assert node.counts() == before
    node.verify()


def test_a_name_twice_in_the_envelope_is_refused(node, tmp_path):
    path = write(tmp_path, bundle(GOOD)[:-1] + ',"type":"bundle"}')
    before = node.counts()
    done = node.run("import", path, code=2)
    assert re.search(r":1:\d+: .*\"type\" twice", done.stderr)
    assert node.counts() == before


@pytest.mark.parametrize("arguments, words", [
    (["missing.json"], ["missing.json", "No such file"]),
    (["."], ["not a regular file"]),
    (["{good}", "--tlp", "purple"], ["'purple'", "amber+strict"]),
    (["{good}", "--area", "mars"], ["'mars'", "threat-information"]),
    (["{good}", "--purpose", "fun"], ["'fun'", "incident-response"]),
    (["{good}", "--colour", "red"], ["--colour"]),
    ([], ["file is required: a STIX bundle", "comity import --help"]),
])
def test_import_refuses_its_arguments(node, tmp_path, arguments, words):
    good = write(tmp_path, bundle(GOOD))
    before = node.counts()
    done = node.run("import", *(str(good) if word == "{good}" else word for word in arguments),
                    code=2)
    assert all(word in done.stderr for word in words), done.stderr
    assert node.counts() == before


def test_a_folder_without_node_is_named(tmp_path):
    path = write(tmp_path, bundle(GOOD))
    done = run("import", path, "--data", tmp_path / "nowhere", code=2)
    assert "nowhere" in done.stderr and "comity init" in done.stderr
    assert not (tmp_path / "nowhere").exists()
    assert "--data" in run("import", path, code=2).stderr


# --- import: what is refused alone --------------------------------------------------------------

# name: (object, words of the message)
ALONE = {
    "a name twice": ('{"type":"indicator","type":"malware"}', '"type" twice'),
    "a name twice, deep": ('{"type":"indicator","x":{"y":[{"z":1,"z":1}]}}', '"z" twice'),
    "no object": ("5", "expected a STIX object"),
    "null": ("null", "expected a STIX object"),
    "no id": ({"type": "indicator", "spec_version": "2.1"}, "$.id"),
    "no type": ({"id": identifier("indicator", 2)}, "$.type"),
    "an id without UUID": ({**indicator(2), "id": "indicator--1"}, "UUID"),
    "an id of another type": ({**indicator(2), "id": identifier("malware", 2)}, "malware"),
    "an id that is a number": ({**indicator(2), "id": 7}, "$.id"),
    "modified is no instant": ({**indicator(2), "modified": "yesterday"}, "$.modified"),
    "created is missing": ({name: value for name, value in indicator(2).items()
                            if name != "created"}, "created"),
    "a pattern that is none": ({**indicator(2), "pattern": "[file:size = ]"},
                               "$.pattern: 1:14: found ']'"),
    "a confidence beyond 100": ({**indicator(2), "confidence": 101},
                                "$.confidence: found 101, expected 0 to 100 "
                                "(STIX 2.1 section 2.10, range)"),
    "a reference that is none": ({**indicator(2), "created_by_ref": "somebody"},
                                 "created_by_ref"),
}


@pytest.mark.parametrize("name", ALONE)
def test_import_refuses_a_bad_object_alone(node, tmp_path, name):
    bad, words = ALONE[name]
    path = write(tmp_path, bundle(GOOD, bad, indicator(3)))
    report = node.answer("import", path, "--tlp", "clear", code=1)
    assert (report["objects"], report["added"], report["refused"]) == (3, 2, 1)
    (loss,) = report["losses"]
    assert loss["severity"] == "refused"
    assert re.fullmatch(r"\$\.objects\[1\] \(2:\d+\)", loss["where"]), loss
    assert words in loss["why"], loss
    assert [row["id"] for row in node.records()] == [GOOD["id"], indicator(3)["id"]]
    node.verify()
    # Text for people says the same.
    told = node.run("import", path, "--tlp", "clear", code=1).stdout
    assert "1 refused" in told and "$.objects[1]" in told
    assert len(node.records()) == 2


def test_the_loss_report_counts_what_it_does_not_list(node, tmp_path):
    path = write(tmp_path, bundle(GOOD, *["5"] * 1500))
    report = node.answer("import", path, "--tlp", "clear", code=1)
    assert report["refused"] == 1500 and len(report["losses"]) == 1000
    assert "… and 500 more" in node.run("import", path, "--tlp", "clear", code=1).stdout


def test_the_largest_integers_are_taken(node, tmp_path):
    path = write(tmp_path, bundle(indicator(1, x_count=2**53 - 1), indicator(2, x_count=1 - 2**53)))
    assert node.answer("import", path, "--tlp", "clear")["added"] == 2


def test_import_is_idempotent_and_options_are_part_of_it(node, tmp_path):
    path = write(tmp_path, bundle(GOOD, GOOD))
    first = node.answer("import", path, "--tlp", "green")
    assert (first["added"], first["existed"]) == (1, 1)
    before = node.counts()
    second = node.answer("import", path, "--tlp", "green")
    assert second["import"] == first["import"] and second["added"] == 0
    assert node.counts()["record"] == before["record"]
    assert node.answer("import", path, "--tlp", "red")["import"] != first["import"]


def test_without_handling_it_is_stored_and_never_leaves(federation, tmp_path):
    cn, ru, _ = federation
    path = write(tmp_path, bundle(GOOD))
    report = cn.answer("import", path)
    assert report["warnings"] >= 1 and "will never leave" in report["losses"][0]["why"]
    ru.serve()
    (row,) = cn.answer("release", report["import"], "--to", "RU", code=1)["parties"]
    assert (row["disclosed"], row["held_back"]) == (0, 1)
    assert row["held"][0]["verdict"]["verdict"] != "permitted"
    assert ru.records() == []


# --- release, preview, pairing ------------------------------------------------------------------


@pytest.mark.parametrize("arguments, words", [
    (["{import}"], ["no recipient", "--to"]),
    (["{import}", "--to", ""], ["no party of the register"]),
    (["{import}", "--to", "ZZ"], ["'ZZ'", "no party of the register"]),
    (["{import}", "--to", "ru"], ["'ru'", "no party of the register"]),
    (["{import}", "--to", "RU,ZZ"], ["'ZZ'", "no party of the register"]),
    (["{import}", "--to", "CN"], ["own party"]),
    (["{import}", "--to", "RU,RU"], ["RU is named twice"]),
    (["{import}", "--to", "KZ"], ["KZ is not paired", "comity invite KZ", "comity pair"]),
    (["{import}", "--to", "RU,KZ"], ["KZ is not paired"]),
    ([identifier("indicator", 99), "--to", "RU"], ["holds no", identifier("indicator", 99)]),
    (["import--00000000-0000-5000-8000-000000000000", "--to", "RU"], ["knows no import"]),
    (["everything", "--to", "RU"], ["'everything'", "STIX id"]),
    (["", "--to", "RU"], ["STIX id"]),
    (["--to", "RU"], ["ids is required: STIX ids or an import id"]),
])
def test_release_refuses_and_nothing_leaves(federation, tmp_path, arguments, words):
    cn, ru, _ = federation
    made = cn.answer("import", write(tmp_path, bundle(GOOD)), "--tlp", "clear")["import"]
    ru.serve()
    before = cn.counts(), ru.counts()
    done = cn.run("release", *(made if word == "{import}" else word for word in arguments), code=2)
    assert all(word in done.stderr for word in words), done.stderr
    assert (cn.counts(), ru.counts()) == before
    cn.verify()


def test_preview_of_what_is_not_there(node):
    done = node.run("preview", identifier("indicator", 99), code=2)
    assert "holds no" in done.stderr


@pytest.mark.parametrize("arguments, words", [
    (("key", "notice", "ZZ"), ["ZZ is not paired", "comity invite ZZ", "comity pair"]),
    (("key", "notice", "XA"), ["own party"]),
    (("consent", "grant", "nosuch"), ["nosuch: is no request for consent", "comity consent list"]),
    (("consent", "refuse", "nosuch"), ["nosuch: is no request for consent", "comity consent list"]),
    (("consent", "withdraw", "nosuch"), ["nosuch: is no consent", "comity consent list"]),
    (("account", "end", "nosuch"), ["there is no account nosuch", "comity account list"]),
])
def test_a_name_that_is_nothing_here_is_told_and_nothing_changes(node, arguments, words):
    before = node.counts()
    done = node.run(*arguments, code=2)
    assert all(word in done.stderr for word in words), done.stderr
    assert "comity-" not in done.stderr and "$." not in done.stderr
    assert node.counts() == before


def test_pairing_refuses_what_is_not_meant_for_it(nodes, tmp_path):
    cn, ru, kz = nodes("CN", "RU", "KZ")
    real = nodes("VN", exercise=None)
    paper = tmp_path / "paper.json"

    assert "own party" in cn.run("invite", "CN", "--out", paper, code=2).stderr
    assert "'ZZ'" in cn.run("invite", "ZZ", "--out", paper, code=2).stderr
    assert not paper.exists()

    cn.run("invite", "RU", "--out", paper)
    assert "for RU" in kz.run("pair", paper, "--confirmed", code=2).stderr
    assert "invite CN first" in ru.run("pair", paper, "--confirmed", code=2).stderr
    ru.run("invite", "CN", "--out", tmp_path / "back.json")

    # Every changed member is refused: in the file itself or by the root's signature.
    text = json.loads(paper.read_text(encoding="utf-8"))
    for member, value in (("party", "KZ"), ("mode", "operational"), ("endpoint", "http://x:1"),
                          ("root_key", "A" * 43), ("node_record", {}), ("extra", 1)):
        altered = write(tmp_path, json.dumps({**text, member: value}), "altered.json")
        done = ru.run("pair", altered, "--confirmed", code=None)
        assert done.returncode in (1, 2) and done.stderr.startswith("comity: "), (member, done)
    assert ru.answer("peers")["peers"] == []

    # Exercise and real traffic never mix.
    cn.run("invite", "VN", "--out", paper)
    assert "never mix" in real.run("pair", paper, code=2).stderr
    # Both officers have to agree: without the flag it asks, and no answer is no.
    cn.run("invite", "RU", "--out", paper)
    assert "not paired" in ru.run("pair", paper, code=1).stdout
    assert ru.answer("peers")["peers"] == []
    pair(cn, ru)


# --- the register -------------------------------------------------------------------------------


def edited(tmp_path, name, edit):
    """A copy of the shipped register with one instrument file changed; (folder, path within)."""
    folder = tmp_path / "register"
    shutil.copytree(REGISTER, folder)
    (path,) = folder.glob(f"instruments/*/{name}.toml")
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder, str(path.relative_to(folder))


def line_of(text, words):
    return text[:text.index(words)].count("\n") + 1


BAD_FACTS = {
    "an unknown key": (lambda text: text.replace("[instrument]\n", "[instrument]\ncolour = 1\n"),
                       "colour", "unknown key 'colour'"),
    "a misspelt key": (lambda text: text.replace("verb =", "verbe =", 1), "verbe", "verb"),
    "a date as a string": (lambda text: text.replace("in_force = 2016-08-10",
                                                     'in_force = "2016-08-10"', 1),
                           'in_force = "', "date without quotes"),
    "a day that is none": (lambda text: text.replace("2016-08-10", "2016-08-32", 1),
                           "2016-08-32", ""),
    "two clauses with one id": (lambda text: text.replace('id = "c4-3a"', 'id = "c3-15"', 1),
                                None, "c3-15"),
    "an unknown action": (lambda text: text.replace('action = "share"', 'action = "sharre"', 1),
                          '"sharre"', "share"),
    "no TOML": (lambda text: text.replace("[[party]]", "[[party", 1), "[[party", ""),
    "another file's id": (lambda text: text.replace('id = "ru-cn-2015"', 'id = "ru-cn-2016"', 1),
                          '"ru-cn-2016"', "ru-cn-2015"),
}


@pytest.mark.parametrize("name", BAD_FACTS)
def test_treaty_check_names_file_line_and_column(tmp_path, name):
    edit, marked, words = BAD_FACTS[name]
    folder, path = edited(tmp_path, "ru-cn-2015", edit)
    done = run("treaty", "check", folder, code=1)
    places = re.findall(rf"^(?:.*/)?{re.escape(path)}:(\d+):(\d+): (.*)$", done.stdout, re.M)
    assert places, done.stdout
    assert any(words in what for _, _, what in places), done.stdout
    text = (folder / path).read_text(encoding="utf-8")
    line = line_of(text, marked) if marked else text.splitlines().index(
        'id = "c3-15"', text.splitlines().index('id = "c3-15"') + 1) + 1
    assert line in [int(number) for number, _, _ in places], (line, places)
    found = re.search(r"\n(\d+) problems?, \d+ facts without provenance\n$", done.stdout)
    assert found and int(found[1]) > 0, done.stdout
    listed = answer("treaty", "check", folder, code=1)
    assert listed["problems"] and all(path in problem for problem in listed["problems"])
    # Nothing decides by a register with a problem, and no node is made with it.
    refused = run("treaty", "decide", *QUESTION, "--register", folder, code=2)
    assert path in refused.stderr
    run("init", "--party", "CN", "--register", folder, "--data", tmp_path / "node", code=2)
    assert not (tmp_path / "node" / "store.db").exists()


def test_a_folder_that_is_no_register(tmp_path):
    assert str(tmp_path / "none") in run("treaty", "check", tmp_path / "none", code=2).stderr


# --- questions ----------------------------------------------------------------------------------

QUESTION = ["--from", "CN", "--to", "RU", "--info", "indicator", "--area", "threat-information",
            "--purpose", "warning", "--tlp", "green", "--at", "2026-11-01"]


@pytest.mark.parametrize("flag, value, words", [
    ("--to", "ZZ", "'ZZ'"), ("--from", "ZZ", "'ZZ'"), ("--action", "block", "'block'"),
    ("--info", "gossip", "'gossip'"), ("--area", "mars", "'mars'"),
    ("--purpose", "fun", "'fun'"), ("--tlp", "purple", "'purple'"), ("--to", "CN", "CN"),
    ("--to", "RU:pirate", "'pirate'"), ("--at", "tomorrow", "tomorrow"),
    ("--fact", "nonsense", "NAME=VALUE"), ("--received-under", "nonsense", "nonsense"),
    ("--received-under", "no-such-2020:RU", "no-such-2020"),
])
def test_decide_refuses_a_question_it_cannot_read(flag, value, words):
    question = list(QUESTION)
    if flag in question:
        question[question.index(flag) + 1] = value
    else:
        question += [flag, value]
    done = run("treaty", "decide", *question, "--exercise", code=2)
    assert words in done.stdout + done.stderr


def test_decide_without_a_question_says_how_to_ask_one():
    told = run("treaty", "decide", "--exercise", code=2, input="").stderr
    for words in ("--from", "--to", "--info", "--area", "--purpose", "--jsonl", "standard input"):
        assert words in told
    told = run("treaty", "audience", "--exercise", code=2, input="").stderr
    assert "--from" in told and "--to" not in told and "--jsonl" not in told


def test_decide_needs_to_know_what_and_whom():
    done = run("treaty", "decide", "--from", "CN", "--to", "RU", "--exercise", code=2)
    assert "information" in done.stdout + done.stderr
    done = run("treaty", "decide", *QUESTION, "--exercise", "no-such-exercise", code=2)
    assert "no-such-exercise" in done.stderr
    done = run("treaty", "show", "no-such-2020", code=2)
    assert "'no-such-2020'" in done.stderr and "ru-cn-2015" in done.stderr


# --- stix canonical -----------------------------------------------------------------------------


@pytest.mark.parametrize("text, words", [
    (b'{"a":1,"a":2}', ':1:8: at $: found the member name "a" twice'),
    (b'{"a":\n9007199254740992}', ":2:1: at $.a"),
    (b'{"a":"\\ud800"}', "surrogate"),
    (b'{"a":"\xff"}', "UTF-8"),
    (b"[" * 10_000 + b"]" * 10_000, "nested deeper"),
    (b"{} {}", ":1:4: "),
    (b"NaN", ":1:1: "),
    (b"01", ":1:2: "),
    (b'\xef\xbb\xbf{}', ":1:1: "),
    (b"", ":1:1: "),
])
def test_canonical_names_the_place(tmp_path, text, words):
    path = write(tmp_path, text)
    for more in ([], ["--sha256"]):
        done = run("stix", "canonical", path, *more, code=2)
        assert done.stdout == ""
        assert done.stderr.startswith(f"comity: {path}:") and words in done.stderr, done.stderr


def test_canonical_reads_standard_input():
    assert run("stix", "canonical", "-", input='{"b":1.0,"a":"\\u00e9"}').stdout == \
        '{"a":"é","b":1}'
    assert "No such file" in run("stix", "canonical", "missing.json", code=2).stderr


# --- operational nodes --------------------------------------------------------------------------


def test_an_operational_node_decides_but_changes_no_law(nodes):
    node = nodes("CN", exercise=None)
    told = node.run("treaty", "arrange", "--instrument", "ru-cn-2015", "--kind",
                    "format-and-protection", "--with", "RU", code=1)
    assert "two officers" in told.stderr
    before = node.counts()
    question = [word for word in QUESTION]
    verdict = node.answer("treaty", "decide", *question, code=1)
    assert verdict["verdict"] == "needs" and verdict["assumed"] == []
    assert "verification" in {need["kind"] for need in verdict["needs"]}
    refused = node.run("treaty", "decide", "--exercise", *question, code=2)
    assert "--exercise" in refused.stderr
    told = node.run("peers").stdout + node.run("records").stdout
    assert "EXERCISE" not in told
    assert not (node.folder / "EXERCISE").exists()
    assert node.counts() == before
    node.verify()


def test_the_comparison_cannot_be_skipped_outside_an_exercise(nodes, tmp_path):
    cn, ru = nodes("CN", "RU", exercise=None)
    for one, other in ((cn, ru), (ru, cn)):
        one.run("invite", other.party, "--out", tmp_path / f"{one.party}.json")
    done = cn.run("pair", tmp_path / "RU.json", "--confirmed", code=1)
    assert "cannot be skipped" in done.stderr
    assert cn.answer("peers")["peers"] == []


@pytest.mark.parametrize("arguments, words", [
    (["--party", "ZZ"], "'ZZ'"), (["--party", "cn"], "'cn'"),
    (["--party", "CN", "--exercise", "no-such-exercise"], "no-such-exercise"),
    (["--party", "CN", "--listen", "here"], "here"),
    (["--party", "CN", "--allow-network", "everywhere"], "everywhere"),
    ([], "--party"),
])
def test_init_refuses_and_leaves_no_node(tmp_path, arguments, words):
    done = run("init", *arguments, "--data", tmp_path / "node", code=2)
    assert words in done.stderr
    assert not (tmp_path / "node" / "store.db").exists()


def test_init_never_overwrites(nodes, tmp_path):
    node = nodes("CN")
    key = (node.folder / "keys/root.pem").read_bytes()
    assert "already" in run("init", "--party", "CN", "--data", node.folder, code=2).stderr
    other = tmp_path / "papers"
    other.mkdir()
    (other / "a").write_text("mine", encoding="utf-8")
    run("init", "--party", "CN", "--data", other, code=2)
    assert [path.name for path in other.iterdir()] == ["a"]
    assert (node.folder / "keys/root.pem").read_bytes() == key
    for path in (node.folder / "keys").glob("*.pem"):
        if path.name != "tls-certificate.pem":
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_word_that_is_no_command_is_named():
    done = run("frobnicate", code=2)
    assert "'frobnicate' is no command" in done.stderr
    assert "preview" in done.stderr
    assert run(code=2).stderr


def test_preview_sets_parties_with_one_answer_together(node, tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text(bundle(indicator(0)))
    done = node.answer("import", path, "--tlp", "green")
    shown = node.run("preview", done["import"]).stdout
    lines = [line for line in shown.splitlines() if re.match(r"[a-z-]+: ", line)]
    kinds = [line.split(":")[0] for line in lines]
    order = ["permitted", "needs", "forbidden", "no-basis"]
    assert kinds == sorted(kinds, key=order.index)
    codes = [code for line in lines for code in line.split(": ")[1].split()]
    rows = node.answer("preview", done["import"])["parties"]
    assert sorted(codes) == sorted(row["party"] for row in rows)
    assert len(lines) < len(rows)
