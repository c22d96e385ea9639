"""Files of law that the program writes: agreements from six answers, status from a table."""

import csv
import io
import pathlib
import shutil

import pytest

from harness import REGISTER, answer, run

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"

SIX = {"--title": "Agreement of XC and XD on warning each other", "--party": ["XC", "XD"],
       "--in-force": "2026-02-01", "--info": "indicator,vulnerability",
       "--purpose": "warning,incident-response", "--provenance": "K:h"}


def flags(answers):
    out = []
    for name, value in answers.items():
        for item in value if isinstance(value, list) else [value]:
            out += [name, item]
    return out


@pytest.fixture
def law(tmp_path):
    """A register of one's own."""
    folder = tmp_path / "register"
    shutil.copytree(REGISTER, folder)
    return folder


def test_six_answers_make_an_agreement_that_decides(law, tmp_path):
    made = answer("treaty", "new", *flags(SIX), "--out", tmp_path / "agreement.toml",
                  "--register", law)
    assert made["open"] == [] and made["path"] == "instruments/bilateral/xc-xd-2026.toml"
    shutil.copy(tmp_path / "agreement.toml", law / made["path"])
    checked = run("treaty", "check", law)
    assert checked.stdout.endswith("\n0 problems, 0 facts without provenance\n")

    def verdict(day, info="indicator", purpose="warning", **more):
        question = ["--from", "XC", "--to", "XD", "--info", info, "--area", "threat-information",
                    "--purpose", purpose, "--tlp", "green", "--at", day, "--register", law]
        return answer("treaty", "decide", *question, *more.get("mode", ["--exercise"]),
                      code=None)

    told = verdict("2026-02-01")
    assert told["verdict"] == "permitted"
    assert told["basis"][0]["instrument"] == "xc-xd-2026" and \
        told["basis"][0]["article"] == "Art. 1"
    assert verdict("2026-01-31")["verdict"] == "no-basis"
    assert verdict("2026-02-01", info="malware-sample")["verdict"] == "no-basis"
    assert verdict("2026-02-01", purpose="evidence")["verdict"] == "no-basis"
    assert verdict("2026-02-01", mode=[])["verdict"] == "needs", "nobody has verified it yet"


@pytest.mark.parametrize("flag, value, words", [
    ("--title", 'a "b"', "--title"), ("--party", ["XC"], "--party twice"),
    ("--party", ["XC", "QQ"], "'QQ'"), ("--in-force", "soon", "'soon' is no day"),
    ("--in-force", "2026-02-30", "2026-02-30"), ("--info", "gossip", "'gossip'"),
    ("--info", "indicater", "did you mean 'indicator'?"), ("--purpose", "fun", "'fun'"),
    ("--provenance", "hearsay", "'hearsay'"), ("--level", "bilatral", "bilateral"),
    ("--area", "mars", "'mars'"),
])
def test_a_wrong_answer_is_named_by_its_flag(tmp_path, flag, value, words):
    out = tmp_path / "agreement.toml"
    done = run("treaty", "new", *flags({**SIX, flag: value}), "--out", out, code=2)
    assert words in done.stderr and not out.exists(), done.stderr
    assert "example" in run("treaty", "new", "--help").stdout.lower()


def test_what_was_not_answered_is_said(tmp_path):
    few = {name: SIX[name] for name in ("--title", "--party")}
    run("treaty", "new", *flags(few), "--out", tmp_path / "a.toml", code=2)
    done = run("treaty", "new", "xc-xd-draft", *flags(few), "--out", tmp_path / "a.toml")
    for flag in ("--in-force", "--info", "--purpose", "--provenance"):
        assert f"no {flag}" in done.stdout
    again = run("treaty", "new", "xc-xd-draft", *flags(few), "--out", tmp_path / "a.toml", code=2)
    assert "there already" in again.stderr


# --- status of parties --------------------------------------------------------------------------

CONVENTION = "instruments/global/coe-185.toml"


def chart():
    lines = [line for line in (DATA / "budapest-parties.tsv").read_text(encoding="utf-8")
             .splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def table(path, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0], "provenance"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, "provenance": "F59"} for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def test_what_lacks_is_named_with_what_it_takes(tmp_path):
    done = run("treaty", "import-parties", tmp_path / "chart.csv", code=2)
    assert done.stderr.splitlines() == [
        "--into is required: an instrument file, or the id of one in the register",
        "comity treaty import-parties --help says more"]


def test_the_chart_of_a_depositary_is_taken_in(law, tmp_path):
    rows = chart()
    table(tmp_path / "chart.csv", rows)
    command = ("treaty", "import-parties", tmp_path / "chart.csv", "--into", "coe-185",
               "--register", law)
    told = answer(*command)
    assert told["changes"] == [] and len(told["unchanged"]) == 81 and not told["written"]
    # A later chart: one accession more.
    rows.append({"code": "KZ", "signed": "", "consented": "2026-06-30", "in_force": "2026-10-01",
                 "consent": "accession"})
    table(tmp_path / "chart.csv", rows)
    before = (law / CONVENTION).read_text(encoding="utf-8")
    shown = run(*command, "--dry-run").stdout
    assert "KZ" in shown and "2026-10-01" in shown and "nothing was written" in shown
    assert (law / CONVENTION).read_text(encoding="utf-8") == before
    told = answer(*command)
    assert told["added"] == ["KZ"] and told["written"]
    after = (law / CONVENTION).read_text(encoding="utf-8")
    block = ('[[party]]\ncode = "KZ"\nin_force = 2026-10-01\nconsented = 2026-06-30\n'
             'consent = "accession"\nprovenance = "F59"\nverification = "unverified"\n\n')
    assert after.replace(block, "") == before and after != before
    assert run("treaty", "check", law).stdout.endswith("\n0 problems, 0 facts without provenance\n")


@pytest.mark.parametrize("change, words", [
    ({"code": "ZZ"}, ":2:1: the code 'ZZ'"), ({"code": "AL"}, ":3:1: AL for a second time"),
    ({"consented": "16.11.2016"}, ":2:15: 'consented' is '16.11.2016'"),
    ({"in_force": "2017-04-01"}, ":2:1: 'in_force' of AD is 2017-04-01"),
    ({"consent": "wish"}, "'consent' is 'wish'"),
])
def test_a_wrong_table_changes_nothing(law, tmp_path, change, words):
    rows = chart()
    rows[0].update(change)
    table(tmp_path / "chart.csv", rows)
    before = (law / CONVENTION).read_bytes()
    done = run("treaty", "import-parties", tmp_path / "chart.csv", "--into", law / CONVENTION,
               "--register", law, code=2)
    assert f"chart.csv{words}" in done.stderr or words in done.stderr, done.stderr
    assert (law / CONVENTION).read_bytes() == before


# --- clause families ----------------------------------------------------------------------------


def test_a_change_of_a_family_is_a_change_of_its_clauses(law):
    """What stands once in a file reaches every clause made from it, and no other."""
    def digests():
        told = answer("treaty", "show", "xa-xb-2024", "--register", law)
        return {row["id"]: (row.get("family"), row["digest"]) for row in told["clauses"]}

    before = digests()
    assert {row for row, (family, _) in before.items() if family} == {"a4", "a5", "a6-1", "a6-2"}
    path = law / "families.toml"
    text = path.read_text(encoding="utf-8")
    at = text.index('id = "no-state-secrets"')
    path.write_text(text[:at] + text[at:].replace('["share", "onward"]', '"share"', 1),
                    encoding="utf-8")
    after = digests()
    assert {row for row in before if before[row] != after[row]} == {"a6-2"}
    assert "family no-state-secrets" in run("treaty", "show", "xa-xb-2024", "--register",
                                            law).stdout
