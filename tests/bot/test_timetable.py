"""A clinic's timetable taken in: rows one by one, updates by UID, nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clinic import DEMO_CLINIC
from bot.errors import ConfigError
from bot.store.engine import Store
from bot.store.migrations import upgrade
from bot.timetable import Listed, Refused, read
from tests.bot.cli import Terminal
from tests.bot.course import arrived, course, telegram
from tests.bot.rehearsal import rows

AREAS = frozenset({"skin", "hair", "joint"})
HEAD = "uid,patient,name,start,zone,place,area,number,status\n"


def listed(tmp_path: Path, text: str, name: str = "t.csv") -> list[Listed | Refused]:
    """What a file of this text holds."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [*read(path, "Europe/Madrid", AREAS)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",P1,,2026-12-03 15:30,,,,,", "uid: is missing"),
        ("a,,,2026-12-03 15:30,,,,,", "patient: is missing"),
        ("a,P1,,soon,,,,,", "start: not a time"),
        ("a,P1,,2026-12-03,,,,,", "start: a day without a time"),
        ("a,P1,,2026-03-29 02:30,,,,,", "start: clocks skip"),
        ("a,P1,,2026-12-03 15:30,Mars/One,,,,", "zone: not a time zone"),
        ("a,P1,,2026-12-03 15:30,,,liver,,", "area: not one of hair"),
        ("a,P1,,2026-12-03 15:30,,,,many,", "number: not a number"),
        ("a,P1,,2026-12-03 15:30,,,,,perhaps", "status: not one of booked"),
        ("a,P1,,2026-12-03 15:30,,,,,,more", "more cells than"),
        (f"a,P1,{'x' * 201},2026-12-03 15:30,,,,,", "name: longer than"),
    ],
)
def test_a_broken_row_is_refused_by_itself(tmp_path: Path, row: str, why: str):
    """With its line and its reason; the one after it is kept."""
    refused, kept = listed(tmp_path, f"{HEAD}{row}\nb,P2,,2026-12-03 15:30,,,,,\n")
    assert isinstance(refused, Refused)
    assert refused.why.startswith(why) or why in refused.why
    assert refused.line == 2
    assert isinstance(kept, Listed)
    assert kept.starts_at == datetime(2026, 12, 3, 14, 30, tzinfo=UTC)


def test_a_file_without_the_columns_is_no_timetable(tmp_path: Path):
    """One line tells which are missing; and of the same UID the first counts."""
    with pytest.raises(ConfigError, match="lacks patient, start"):
        listed(tmp_path, "uid,when\n")
    twice = f"{HEAD}a,P1,,2026-12-03 15:30,,,,,\na,P2,,2026-12-04 15:30,,,,,\n"
    assert listed(tmp_path, twice)[1] == Refused(3, "uid: the same as in 2")


def test_icalendar_is_read_like_csv(tmp_path: Path):
    """Its zone, its patient, its cancellations; what repeats is refused."""
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            *("BEGIN:VEVENT", "UID:a", "DTSTART;TZID=America/New_York:20261203T153000"),
            *("ATTENDEE;CN=Ana:mailto:ana@example.org", "LOCATION:Harbour Street"),
            *("CATEGORIES:skin", "END:VEVENT"),
            *("BEGIN:VEVENT", "UID:b", "X-PATIENT:P2", "DTSTART:20261203T153000Z"),
            *("STATUS:CANCELLED", "END:VEVENT"),
            *("BEGIN:VEVENT", "UID:c", "X-PATIENT:P3", "DTSTART:20261203T153000Z"),
            *("RRULE:FREQ=DAILY", "END:VEVENT"),
            *("BEGIN:VEVENT", "UID:d", "X-PATIENT:P4", "DTSTART:whenever"),
            *("END:VEVENT", "END:VCALENDAR"),
        ]
    )
    ana, off, repeats, broken = listed(tmp_path, text, "t.ics")
    assert isinstance(ana, Listed)
    assert ana.starts_at == datetime(2026, 12, 3, 20, 30, tzinfo=UTC)
    assert (ana.patient, ana.name) == ("ana@example.org", "Ana")
    assert (ana.place, ana.area) == ("Harbour Street", "skin")
    assert isinstance(off, Listed)
    assert off.cancelled
    assert isinstance(repeats, Refused)
    assert isinstance(broken, Refused)


def test_a_calendar_that_was_cut_off_says_so_and_keeps_the_rest(tmp_path: Path):
    """Half an export must not pass for a clinic that has few visits."""
    event = ["BEGIN:VEVENT", "UID:a", "X-PATIENT:P1", "DTSTART:20261203T153000Z"]
    whole = ["BEGIN:VCALENDAR", *event, "END:VEVENT", "BEGIN:VEVENT", "UID:b"]
    kept, end = listed(tmp_path, "\r\n".join(whole), "t.ics")
    assert isinstance(kept, Listed)
    assert end == Refused(2, "the file is cut off: END:VCALENDAR is missing")
    with pytest.raises(ConfigError, match="is no iCalendar file"):
        listed(tmp_path, HEAD, "t.ics")


@given(st.text(max_size=300))
def test_no_file_makes_it_fall_over(tmp_path_factory, text: str):
    """Whatever stands in it: rows, refusals, or one clear line."""
    path = tmp_path_factory.mktemp("any") / "t.csv"
    path.write_text(HEAD + text, encoding="utf-8", errors="surrogatepass")
    for row in _any(path):
        assert isinstance(row, Listed | Refused)
    for row in _any(path.rename(path.with_suffix(".ics"))):
        assert isinstance(row, Listed | Refused)


def _any(path: Path) -> list[Listed | Refused]:
    try:
        return [*read(path, "UTC", AREAS)]
    except ConfigError:
        return []


@pytest.fixture
def desk(tmp_path: Path, monkeypatch, capsys) -> Terminal:
    """A terminal beside an empty database of this release."""
    store = Store(tmp_path / "exoplan.db")
    store.write_now(upgrade)
    store.close()
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'exoplan.db'}")
    monkeypatch.setenv("EXOPLAN_CLINIC", str(DEMO_CLINIC))
    return Terminal(capsys, monkeypatch)


def test_an_import_is_tried_first_and_taken_in_once(tmp_path: Path, desk: Terminal):
    """Nothing is written without --write; the second time all is as before."""
    ahead = datetime.now(UTC) + timedelta(days=20)
    file = tmp_path / "t.csv"

    def put(**cells: str) -> None:
        when = f"{ahead:%Y-%m-%d} 15:30"
        row = {"uid": "a", "patient": "P1", "name": "Ana", "start": when, **cells}
        file.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")

    def take(*more: str) -> str:
        return desk.run("visits", "import", str(file), *more).out.splitlines()[0]

    put()
    none = "cancelled 0, changed 0, as before 0, refused 0."
    assert take() == f"would be new 1, moved 0, {none}"
    assert not rows(tmp_path, "SELECT * FROM visits")
    assert take("--write") == f"new 1, moved 0, {none}"
    assert take("--write").endswith("as before 1, refused 0.")
    put(start=f"{ahead:%Y-%m-%d} 17:00")
    assert take("--write") == f"new 0, moved 1, {none}"
    put(start=f"{ahead:%Y-%m-%d} 17:00", place="Harbour Street")
    assert "changed 1" in take("--write")
    put(status="cancelled")
    assert "cancelled 1" in take("--write")
    assert take("--write").endswith("as before 1, refused 0.")
    put()
    left = desk.run("visits", "import", str(file), "--write")
    assert left.code == 1
    assert "move: the visit is cancelled" in left.err
    (row,) = rows(tmp_path, "SELECT status, revision FROM visits")
    assert row == {"status": "cancelled", "revision": 2}


async def test_a_link_brings_a_patient_to_their_visits_once(tmp_path: Path):
    """Whoever comes first; then they are reminded like everybody."""
    async with telegram() as local, course(tmp_path, local) as clinic:
        await arrived(local, "Tom")
        with clinic.opened() as (connection, kept):
            (whose,) = kept.expect(connection, {"P1": "Ana"}, clinic.now).values()
            start = clinic.now + timedelta(days=10)
            clinic.book_for(connection, kept, whose, start)
            link = kept.link(connection, whose.record or 0, clinic.now)
        assert not clinic.reminders()
        ana = local.person("Ana")
        await ana.start(link)
        await ana.private_chat().wait_for_text("Your visits are here now")
        await ana.private_chat().wait_for_text("1. Thursday 12 March, 11:00")
        await ana.private_chat().wait_for_text("Hi Ana. Noted: Thursday 12 March")
        tom = local.person("Tim")
        await tom.start(link)
        await tom.private_chat().wait_for_text("This link was used before")
        assert clinic.reminders("sent") == [("receipt", "sent", None)]


def test_commands_tell_what_goes_out_and_what_is_missing(
    tmp_path: Path, desk: Terminal
):
    """Of somebody who has not joined: nothing goes out, and that is told."""
    ahead = datetime.now(UTC) + timedelta(days=9)
    file = tmp_path / "t.csv"
    file.write_text(f"uid,patient,start\na,P1,{ahead:%Y-%m-%d} 15:30\n")
    desk.run("visits", "import", str(file), "--write")
    left = desk.run("reminders", "missing")
    assert left.code == 1
    assert "visit 1" in left.out
    assert "its patient has not joined" in left.out
    assert "0 within 48 hours." in desk.run("reminders", "next").out
    why = desk.run("reminders", "why", "1").out
    assert "nobody is reminded" in why
    assert "before_7_days    never            off" in why
    days = [f"{ahead + timedelta(days=n):%Y-%m-%d}" for n in (-9, 1)]
    simulated = desk.run("reminders", "simulate", *days).out
    assert "before_3_days" in simulated
    assert "3 at most." in simulated
    assert desk.run("visits", "link", "P1").out.startswith("/start v-")
    assert desk.run("reminders", "why", "9").err.endswith("visit 9: there is none")
