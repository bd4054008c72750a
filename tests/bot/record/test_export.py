"""`exoplan export`: what is kept of people, for the clinic's own record."""

from __future__ import annotations

import asyncio
import csv
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from bot.clinic import DEMO_CLINIC, calendar_of, load_clinic
from bot.commands.opened import opened
from bot.record import people
from bot.record.fhir import intake_of
from bot.store import people as stored_people
from bot.visits import Visits, Wanted, Whose
from tests.bot.cli import Terminal
from tests.bot.rehearsal import rows
from tests.e2e.clinic import open_clinic


@pytest.fixture
def terminal(tmp_path: Path, capsys, monkeypatch) -> Terminal:
    """Commands on the database of this test, for its clinic."""
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'exoplan.db'}")
    monkeypatch.setenv("EXOPLAN_CLINIC", "bot/demo_clinic.toml")
    return Terminal(capsys, monkeypatch)


def book_a_visit(folder: Path) -> None:
    """For the first person there is."""
    profile = load_clinic(DEMO_CLINIC)
    with opened() as here, here.engine.begin() as connection:
        (person,) = stored_people.after(connection, 0, 1)
        key_id = stored_people.by_id(connection, [person])[person].key_id
        visits = Visits(here.keys, calendar_of(profile), profile.time_zone)
        wanted = Wanted(datetime(2027, 3, 1, 9, tzinfo=UTC), area="hair")
        visits.book(connection, Whose(key_id, person), wanted, datetime.now(UTC))


async def test_answers_that_are_not_for_the_team_are_not_exported(
    terminal, tmp_path: Path
):
    """Who agreed to a plan alone is in the file, without an answer or a plan."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient("Ana")
        await ana.answer_all("Hair", "Yes, for my plan only")
        files = tmp_path / "all.json", tmp_path / "all.csv"
        for file in files:
            form = file.suffix.removeprefix(".")
            arguments = ("export", str(file), "--format", form)
            left = await asyncio.to_thread(terminal.run, *arguments)
            assert left.code == 0, left.err
    (kept,) = json.loads(files[0].read_bytes())
    assert kept["telegram"]["first_name"] == "Ana"
    assert (kept["fhir"], kept["readable"]) == (None, True)
    for file in files:
        assert "crown" not in file.read_text()


async def test_everybody_and_one_person_are_exported(
    terminal, tmp_path: Path, monkeypatch
):
    """Answers as they were given, a row a plan, for our eyes only, in the trail."""
    monkeypatch.setattr(people, "AT_ONCE", 1)  # several looks at the table
    async with open_clinic(tmp_path) as clinic:
        ana, ben = clinic.patient("=Ana"), clinic.patient("Ben")
        await ana.answer_all("Hair")
        await ben.start()
        book_a_visit(tmp_path)

        everyone, one, table = (
            tmp_path / name for name in ("a.json", "b.json", "c.csv")
        )
        calls = (
            (str(everyone),),
            (str(one), "--person", str(ana.person.id)),
            (str(table), "--format", "csv"),
        )
        for arguments in calls:
            left = await asyncio.to_thread(terminal.run, "export", *arguments)
            assert left.code == 0, left.err
        again = await asyncio.to_thread(terminal.run, "export", str(one))
        assert again.code == 1
        assert again.err.strip().count("\n") == 0

    kept = json.loads(everyone.read_bytes())
    assert [person["telegram"]["first_name"] for person in kept] == ["=Ana", "Ben"]
    assert json.loads(one.read_bytes()) == kept[:1]
    resources = [entry["resource"] for entry in kept[0]["fhir"]["entry"]]
    intake = intake_of(QuestionnaireResponse.model_validate(resources[0]))
    assert (intake.area, intake.site, intake.severity) == ("hair", "crown", "moderate")
    assert intake.screened
    booked = resources[-1]
    assert (booked["resourceType"], booked["start"], booked["status"]) == (
        "Appointment",
        "2027-03-01T09:00:00Z",
        "booked",
    )
    assert kept[1]["fhir"] is None
    with table.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["first_name"] for line in lines] == ["'=Ana", "Ben"]
    assert lines[0]["area"] == "hair"
    assert {stat.S_IMODE(f.stat().st_mode) for f in (everyone, one, table)} == {0o600}
    counted = rows(tmp_path, "SELECT count(*) AS n FROM audit WHERE action = 'export'")
    assert counted[0]["n"] == 2 + 1 + 2
