"""Legal dates from the command line: of a register, of a node with its own law and clock, and as a
calendar file that a strict reader takes."""

import datetime
import json
import re

from harness import run

# Art. 5(1): the data on competent bodies within 60 days of 10 August 2016.
NOTICE = "duty.ru-cn-2015.c5-1.CN.RU"
DAY = datetime.date(2016, 10, 9)
WINDOW = ("--from", "2016-10-01", "--to", "2016-10-31")
LINE_BYTES_MAX = 75


def dates(answer):
    return {row["id"]: row for row in answer["dates"]}


def events(data):
    """The events of an iCalendar file (RFC 5545), each a dict of properties as they are written."""
    assert data.endswith(b"\r\n")
    lines = data[:-2].split(b"\r\n")
    assert all(line and len(line) <= LINE_BYTES_MAX for line in lines)
    assert not any(byte in line for line in lines for byte in (b"\r", b"\n"))
    whole = []
    for line in lines:
        line = line.decode("utf-8")  # no character is cut
        if line[0] in " \t":
            whole[-1] += line[1:]
        else:
            whole.append(line)
    assert whole[0] == "BEGIN:VCALENDAR" and whole[-1] == "END:VCALENDAR"
    assert "VERSION:2.0" in whole and any(line.startswith("PRODID:") for line in whole)
    out, now = [], None
    for line in whole[1:-1]:
        if line == "BEGIN:VEVENT":
            assert now is None
            now = {}
        elif line == "END:VEVENT":
            out.append(now)
            now = None
        elif now is not None:
            name, value = re.fullmatch(r"([A-Z-]+(?:;VALUE=DATE)?):(.*)", line).groups()
            assert name not in now
            now[name] = value
    assert now is None
    assert len({event["UID"] for event in out}) == len(out)
    return out


def test_a_register_tells_the_dates_of_a_party():
    told = run("treaty", "calendar", "--party", "CN", *WINDOW, "--json")
    answer = json.loads(told.stdout)
    row = dates(answer)[NOTICE]
    assert (row["first"], row["last"], row["article"]) == (str(DAY), str(DAY), "Art. 5(1)")
    assert row["late"] and row["what"]["key"] == "calendar.duty"
    assert [rest["key"] for rest in row["rests_on"]][-1] == "rests.unverified"
    text = run("treaty", "calendar", "--party", "CN", *WINDOW).stdout
    assert row["line"] in text and "[late]" in text
    arabic = run("treaty", "calendar", "--party", "CN", *WINDOW, "--lang", "ar").stdout
    assert "واجب على" in arabic and "2016-10-09" in arabic


def test_a_calendar_file_has_each_date_with_a_day(tmp_path):
    path = tmp_path / "cn.ics"
    arguments = ("treaty", "calendar", "--exercise", "--party", "CN",
                 "--from", "2009-01-01", "--to", "2030-12-31")
    for language in ("en", "ar"):
        told = run(*arguments, "--lang", language, "--ics", path).stdout
        assert told.startswith("EXERCISE demo") and str(path) in told
        found = events(path.read_bytes())
        answer = json.loads(run(*arguments, "--json").stdout)
        dated = [row for row in answer["dates"] if row["first"]]
        assert len(found) == len(dated) > 10
        assert answer["without_day"] == len(answer["dates"]) - len(dated) > 0
        for event, row in zip(found, dated):
            assert event["UID"] == f"{row['id']}.for.CN@demo.exercise.comity"
            first, last = (datetime.date.fromisoformat(row[name]) for name in ("first", "last"))
            assert event["DTSTART;VALUE=DATE"] == f"{first:%Y%m%d}"
            assert event["DTEND;VALUE=DATE"] == f"{last + datetime.timedelta(days=1):%Y%m%d}"
            assert event["SUMMARY"].startswith("EXERCISE demo: ")
            sure = first == last and not row["rests_on"]
            assert event["STATUS"] == ("CONFIRMED" if sure else "TENTATIVE")


def test_a_node_asks_its_own_law_about_its_own_day(nodes):
    xa = nodes("XA")
    before = xa.answer("treaty", "calendar")
    assert before["party"] == "XA"
    xa.run("exercise", "advance", "P30D")
    after = xa.answer("treaty", "calendar")
    moved = datetime.date.fromisoformat(after["today"]) - datetime.date.fromisoformat(
        before["today"])
    assert moved.days in (30, 31)  # a day may have ended meanwhile
    period = ("--from", "2024-01-01", "--to", "2024-12-31")
    notice = "duty.xa-xb-2024.a4.XB.XA"
    assert dates(xa.answer("treaty", "calendar", *period))[notice]["late"]
    xa.run("treaty", "designate", "xa-xb-2024", "--party", "XB", "--body", "XB-GOV")
    row = dates(xa.answer("treaty", "calendar", *period))[notice]
    assert not row["late"] and row["met"] == "XB-GOV"
    # What a party does to an instrument is listed with its notice, and with what outlives it.
    xa.run("treaty", "denounce", "xa-xb-2024")
    kinds = [row["kind"] for row in xa.answer("treaty", "calendar")["dates"]]
    assert kinds.count("denunciation") == 1 and "survival" in kinds
    assert "notice-period" not in kinds
    xa.run("treaty", "calendar", "--exercise", code=2)


def test_what_is_no_party_and_no_day_is_said():
    for wrong in (("--party", "QQ"), (), ("--party", "CN", "--from", "2026-13-01"),
                  ("--party", "CN", "--from", "2026-11-18", "--to", "2026-11-17"),
                  ("--party", "CN", "--lang", "xx")):
        told = run("treaty", "calendar", *wrong, code=2)
        assert re.search("expected|there is|no date", told.stderr), told.stderr
