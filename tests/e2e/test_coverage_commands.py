"""What the law covers, from outside: coverage, gaps, what-if, drawings; commands and API."""

import csv
import io
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

from harness import CONVENTION, REGISTER, answer, run

AT = ("--at", "2026-11-23")
LEVELS = {"bilateral", "multilateral", "regional", "global"}
SVG = "{http://www.w3.org/2000/svg}"

def cells(*flags):
    return answer("treaty", "coverage", *AT, *flags)["cells"]


def key(cell):
    return cell["from"], cell["to"], cell["area"]


def members_of_coe_185():
    told = answer("treaty", "show", "coe-185")
    return {party["code"] for party in told["parties"] if party.get("status", "party") == "party"}


def test_the_parties_of_the_convention_have_cells_in_its_areas():
    for area in ("crime", "evidence"):
        rows = cells("--exercise", "--area", area)
        pairs = {(row["from"], row["to"]) for row in rows if row["basis"] == "global"}
        parties = {code for pair in pairs for code in pair}
        assert len(parties) == 81
        assert len(pairs) == 81 * 80, "each with each, both ways"


def test_a_cell_has_a_basis_or_a_claim_and_says_which():
    rows = cells("--exercise", "--party", "RU")
    assert rows and {row["from"] for row in rows} == {"RU"}
    assert {row["state"] for row in rows} >= {"claimed", "assumed"}
    for row in rows:
        if row["state"] == "claimed":
            assert row["basis"] == "none" and row["verdict"] == "no-basis"
            assert row["claimed"] in LEVELS and row["claims"] and not row["instruments"]
            assert row["claims"][0]["level"] == row["claimed"]
        else:
            assert row["basis"] in LEVELS and row["claimed"] is None
            assert row["instruments"] and not row["claims"]


def test_operational_rests_on_nothing_that_nobody_verified():
    rows = cells("--party", "FR", "--area", "crime")
    assert {row["state"] for row in rows} == {"unverified"}
    assert {row["verdict"] for row in rows} == {"needs"}


def test_csv_has_the_cells_of_json():
    for flags in (("--party", "RU"), ("--area", "crime"), ("--party", "RU", "--area", "training")):
        told = cells("--exercise", *flags)
        text = run("treaty", "coverage", *AT, "--exercise", "--format", "csv", *flags).stdout
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [key(row) for row in rows] == [key(cell) for cell in told]
        for row, cell in zip(rows, told):
            assert row["mode"] == "exercise demo" and row["at"] == "2026-11-23T00:00:00Z"
            assert (row["basis"], row["state"], row["verdict"], row["claimed"]) == \
                (cell["basis"], cell["state"], cell["verdict"], cell["claimed"] or "")


def test_format_json_is_json():
    flags = ("treaty", "coverage", *AT, "--exercise", "--party", "KZ")
    assert run(*flags, "--format", "json").stdout == run(*flags, "--json").stdout
    assert run(*flags).stdout.startswith("EXERCISE demo")


def test_gaps_name_what_is_nearest():
    told = answer("treaty", "gaps", *AT, "--exercise", "--party", "KZ")
    rows = {row["party"]: row for row in told["rows"]}
    assert len(rows) > 190 and "KZ" not in rows
    france = rows["FR"]
    assert "evidence" in france["none"] and "crime" in france["none"]
    step = next(one for one in france["nearest"] if one["instrument"] == "coe-185")
    assert step["step"] == "party-joins" and step["operative"]
    assert {"crime", "evidence"} <= set(step["areas"])
    assert sum(told["counts"].values()) == sum(
        len(row[state]) for row in rows.values() for state in told["counts"])
    shown = {row["to"] for row in cells("--exercise", "--party", "KZ") if row["basis"] != "none"}
    with_basis = {code for code, row in rows.items()
                  if row["verified"] or row["unverified"] or row["assumed"]}
    assert shown == with_basis


def test_what_if_gains_and_loses_cells():
    joined = answer("treaty", "whatif", *AT, "--exercise", "--accede", "KZ:coe-185",
                    "--area", "evidence")
    assert joined["pairs"] == 81
    assert joined["cells"] == {"gained": 162, "lost": 0, "changed": 0, "claimed": 0,
                               "unclaimed": 0}
    assert {row["change"] for row in joined["rows"]} == {"gained"}
    assert all(row["after"]["supposed"] and row["after"]["state"] == "assumed"
               for row in joined["rows"]), "nobody has verified what is supposed"
    left = answer("treaty", "whatif", *AT, "--exercise", "--withdraw", "FR:coe-185",
                  "--area", "evidence", "--party", "FR")
    assert left["own"]["lost"] == 80 and left["cells"]["lost"] == 160
    assert {row["from"] for row in left["rows"]} == {"FR"}


def test_what_if_is_what_comes_when_it_is_entered(tmp_path):
    """The cells that a file would gain are there once the register has the file."""
    draft = tmp_path / "conv-2025.toml"
    draft.write_text(CONVENTION, encoding="utf-8")
    told = answer("treaty", "whatif", *AT, "--exercise", "--add", draft)
    assert told["supposed"] == [{"step": "add", "party": None, "instrument": "conv-2025"}]
    gained = {key(row) for row in told["rows"] if row["change"] == "gained"}
    assert gained == {("VN", "KE", "research"), ("KE", "VN", "research")}
    entered = tmp_path / "register"
    shutil.copytree(REGISTER, entered)
    shutil.copy(draft, entered / "instruments/global/conv-2025.toml")
    before, after = (
        {key(cell): cell for cell in cells("--exercise", *flags) if cell["basis"] != "none"}
        for flags in ((), ("--register", entered)))
    assert set(after) - set(before) == gained and set(before) <= set(after)


def test_what_cannot_be_supposed_is_said(tmp_path):
    def refused(*flags):
        return run("treaty", "whatif", *AT, *flags, code=2).stderr

    assert "nothing is supposed" in refused()
    assert "did you mean 'coe-185'?" in refused("--accede", "KZ:coe-186")
    assert "already" in refused("--accede", "FR:coe-185")
    assert "bilateral" in refused("--accede", "KZ:ru-cn-2015")
    assert "not bound" in refused("--withdraw", "KZ:coe-185")
    assert "--accede" in refused("--accede", "KZ")
    draft = tmp_path / "draft.toml"
    draft.write_text(CONVENTION + 'colour = "blue"\n', encoding="utf-8")
    place = f"{draft}:{CONVENTION.count(chr(10)) + 1}:1:"
    assert place in refused("--add", draft)
    draft.write_text(CONVENTION + "#" * (256 * 1024), encoding="utf-8")
    assert "draft.toml" in refused("--add", draft)


@pytest.mark.parametrize("kind", ["pyramid", "web"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_drawing_is_svg_that_readers_can_read(tmp_path, kind, lang):
    for party in ((), ("--party", "RU"), ("--party", "AD")):
        first, second = tmp_path / "first.svg", tmp_path / "second.svg"
        for out in (first, second):
            run("treaty", "draw", kind, *AT, "--exercise", *party, "--lang", lang, "--out", out)
        assert first.read_bytes() == second.read_bytes()
        root = ElementTree.parse(first).getroot()
        assert root.tag == SVG + "svg" and root.get("role") == "img"
        assert root.get("direction") == ("rtl" if lang == "ar" else "ltr")
        ids = root.get("aria-labelledby").split()
        named = {element.get("id"): element for element in root if element.get("id")}
        assert [named[one].tag for one in ids] == [SVG + "title", SVG + "desc"]
        assert "2026-11-23" in named[ids[0]].text
        assert party or "coe-185" in named[ids[1]].text
        assert not root.findall(f".//{SVG}script") and not root.findall(f".//{SVG}style")
        assert all("style" not in element.attrib for element in root.iter())
        texts = [element.text for element in root.iter(SVG + "text")]
        assert any("demo" in text for text in texts), "the mark of an exercise"


def test_the_web_has_a_node_for_each_party_of_what_the_party_is_in():
    told = run("treaty", "draw", "web", *AT, "--exercise", "--party", "AD").stdout
    root = ElementTree.fromstring(told)
    codes = {group.find(SVG + "text").text for group in root.iter(SVG + "g")
             if group.find(SVG + "circle") is not None}
    assert "AD" in codes and members_of_coe_185() <= codes


def test_a_node_answers_by_its_own_law(nodes, tmp_path):
    kz = nodes("KZ")
    of_node = answer("treaty", "gaps", *AT, "--data", kz.folder)
    of_register = answer("treaty", "gaps", *AT, "--exercise", "--party", "KZ")
    assert of_node["rows"] == of_register["rows"] and of_node["party"] == "KZ"
    told = answer("treaty", "whatif", *AT, "--accede", "KZ:coe-185", "--data", kz.folder)
    assert told["pairs"] == 81
    # A file goes to the serving node as its text: the path is that of whoever asks.
    draft = tmp_path / "conv-2025.toml"
    draft.write_text(CONVENTION, encoding="utf-8")
    told = answer("treaty", "whatif", *AT, "--add", draft, "--data", kz.folder)
    assert {key(row) for row in told["rows"] if row["change"] == "gained"} == \
        {("VN", "KE", "research"), ("KE", "VN", "research")}
    run("treaty", "coverage", "--exercise", "--data", kz.folder, code=2)


def test_the_api_says_the_same_as_the_commands(office_of_module):
    _, people = office_of_module
    someone = people["analyst"]
    told = someone.get("/coverage/gaps?party=KZ&at=2026-11-23")
    commands = answer("treaty", "gaps", *AT, "--exercise", "--party", "KZ")
    assert told["counts"] == commands["counts"]
    for row, other in zip(told["rows"], commands["rows"]):
        for member in ("party", "none", "claimed", "unverified", "assumed", "verified"):
            assert row[member] == other[member]
    supposed = someone.post("/coverage/what-if",
                            {"party": "KZ", "at": "2026-11-23", "area": "evidence",
                             "accede": ["KZ:coe-185"]})
    assert supposed["pairs"] == 81 and supposed["own"]["gained"] == 81
    wrong = someone.post("/coverage/what-if", {"file": CONVENTION + 'colour = "blue"\n'})
    assert [(one["line"], one["column"]) for one in wrong["problems"]] == \
        [(CONVENTION.count("\n") + 1, 1)]
    drawn = someone.request("GET", "/coverage/drawings/pyramid?party=RU&at=2026-11-23&lang=ar")
    assert drawn.status == 200 and drawn.header("Content-Type") == "image/svg+xml"
    expected = run("treaty", "draw", "pyramid", *AT, "--exercise", "--party", "RU", "--lang", "ar")
    assert drawn.body.decode() == expected.stdout
    someone.get("/coverage/drawings/sphere", status=404)
