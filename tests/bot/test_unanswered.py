"""A date that nobody answers, told of everywhere, with the clock moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.paper.visits import visits_sheet
from dialogs.visits import Status, Visit
from tests.bot.course import BEGINS_AT, arrived, course, tap, telegram
from tests.bot.rehearsal import rows

TEN_DAYS = BEGINS_AT + timedelta(days=10)
DAY = "Thursday 12 March, 11:00"


async def test_a_date_lapses_and_is_booked_after_all(tmp_path: Path):
    """Reminded of once, free again, asked for late, and then agreed by the team."""
    async with telegram() as local:
        maria = local.person("Maria")
        team = local.group("Team", [maria])
        async with course(tmp_path, local, team) as clinic:
            ana, chat = await arrived(local)
            visit = clinic.book(TEN_DAYS, status=Status.PROPOSED)
            await chat.wait_for_text("has some dates for you")
            await tap(ana, chat, "Open")
            await chat.wait_for_text(
                "We keep it for you until Wednesday 11 March, 11:00."
            )
            await maria.send("/proposed", team)
            await team.wait_for_text("kept until Wednesday 11 March, 11:00")
            clinic.pass_time(days=8, minutes=1)
            await chat.wait_for_text("still waits for your answer")
            clinic.pass_time(days=1)
            told = await team.wait_for_text(f"⌛ Ana · {DAY}: not answered")
            assert "The date is free again" in told.text
            await chat.wait_for_text("No answer came in time")
            await tap(ana, chat, "I would still come")
            wish = await team.wait_for_text("would still come on this date")
            await chat.wait_for_text("I told our team that you would still come")
            await ana.send("/visits")
            await chat.wait_for_text(f"Your visits\n1. {DAY} · not answered in time")
            assert clinic.reminders("pending") == []
            await maria.press(wish, "Book it after all")
            await chat.wait_for_text(f"Hi Ana. Noted: {DAY}.")
            kept = rows(tmp_path, "SELECT status FROM visits")
            assert [row["status"] for row in kept] == ["booked"]
        again = [m for m in chat.from_bot if "still waits" in m.text]
        assert len(again) == 1
        assert len([m for m in team.from_bot if m.text.startswith("⌛")]) == 1
        assert visit.status is Status.PROPOSED


async def test_a_time_that_is_over_is_not_called_free(tmp_path: Path):
    """After days in which the program was away; what it tells is still once."""
    async with telegram() as local:
        team = local.group("Team", [local.person("Maria")])
        async with course(tmp_path, local, team) as clinic:
            _, chat = await arrived(local)
            clinic.book(TEN_DAYS, status=Status.PROPOSED)
            await chat.wait_for_text("has some dates for you")
            clinic.pass_time(days=30)
            told = await team.wait_for_text(f"⌛ Ana · {DAY}: not answered")
            assert "Its time is over. Nothing was booked." in told.text
            await clinic.until(lambda: not clinic.reminders("pending"))
        assert not [m for m in chat.from_bot if "still waits" in m.text]


@pytest.mark.parametrize("status", Status)
def test_a_calendar_holds_what_was_agreed_to_and_is_to_come(status: Status):
    """A date that was only proposed, or has lapsed, was never in it."""
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    visit = Visit(
        id=1,
        starts_at=now + timedelta(days=9),
        zone="Europe/Madrid",
        status=status,
        revision=1,
        booked_at=now,
        changed_at=now,
    )
    sheet = visits_sheet([visit], subject="k", name="x", summary="y", now=now)
    told = {Status.BOOKED, Status.CONFIRMED, Status.CANCELLED}
    assert bool(sheet["entries"]) is (status in told)
