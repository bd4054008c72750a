"""A whole course in the try-out: from the intake to upkeep, with the clock moved."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.bot.rehearsal import rows
from tests.browser import browser, open_page
from tests.e2e.clinic import PRESSES
from tests.e2e.demo import AtTheScreen, demo
from tests.e2e.test_demo import AGREE, FIT, NONE, lists

__all__ = ["browser", "open_page"]

pytestmark = pytest.mark.browser

MADRID = ZoneInfo("Europe/Madrid")
UNHURRIED = str(Path(__file__).with_name("demo_unhurried.py"))
SHOTS = os.environ.get("EXOPLAN_SHOTS", "")
#: As a browser's field for date and time takes it.
_AS_FIELD = (
    "ms => new Date(ms - new Date(ms).getTimezoneOffset() * 60000)"
    ".toISOString().slice(0, 16)"
)


class Course(AtTheScreen):
    """A patient, the team and the clock."""

    async def go_to(self, moment: datetime) -> None:
        """Let time pass."""
        ms = int(moment.timestamp() * 1000)
        await self.page.get_by_role("button", name="Go to…").click()
        field = self.page.get_by_label("Date and time")
        await field.fill(await self.page.evaluate(_AS_FIELD, ms))
        await self.page.get_by_role("button", name="Go", exact=True).click()
        await expect(field).to_have_count(0)

    async def begins_at_noon(self) -> datetime:
        """Set the clock to the clinic's next noon: nothing is told at night."""
        now = datetime.now(UTC).astimezone(MADRID)
        noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
        if noon <= now:
            noon += timedelta(days=1)
        await self.go_to(noon)
        return noon

    async def picture(self, name: str) -> None:
        """Keep what is on screen, for whoever wants to look."""
        if SHOTS:
            await self.page.screenshot(path=f"{SHOTS}/course-{name}.png")

    async def team_marks(self, sign: str, told: str) -> None:
        """Write down what became of a visit, from the list of all."""
        await self.team_writes("/visits")
        await self.team_presses(sign)
        await self.team_sees(told)


def day_of(moment: datetime) -> str:
    """A day and an hour in the words of the clinic."""
    return f"{moment:%A} {moment.day} {moment:%B}, {moment:%H:%M}"


async def test_a_course_from_the_intake_to_upkeep(tmp_path: Path, open_page):
    """Each reminder once; a visit moved, one cancelled, one missed; help is called."""
    async with demo(tmp_path, program=(UNHURRIED,)) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = Course(page)
        today = await ana.begins_at_noon()
        await ana.start()
        await ana.tap("Hair", FIT, AGREE, NONE, *PRESSES["Hair"], "No, never")
        await ana.tap("☐ 1", "Done")
        await lists(ana, 8, 9)
        await ana.team_sees("Blood thinner or aspirin → HOLD")
        await ana.team_lifts_the_hold_and_plans(
            "3 visits, 4 weeks apart, upkeep 2 months"
        )

        first = (today + timedelta(days=9)).replace(
            hour=10, minute=0, second=0, microsecond=0
        )
        second, third = first + timedelta(weeks=4), first + timedelta(weeks=8)
        await ana.team_writes(f"/book {first:%Y-%m-%d %H:%M}")
        await ana.team_sees(f"booked by Maria: {day_of(first)}")
        await ana.sees(f"Noted: {day_of(first)}")
        await ana.sees("how you are")
        await ana.tap("Yes")
        await ana.sees("months from now")
        await ana.tap("Yes")
        await ana.sees("/privacy changes it")
        for number, following in ((2, second), (3, third)):
            await ana.team_presses(f"+ {number}: {following:%Y-%m-%d %H:%M}")
            await ana.team_sees(f"booked by Maria: {day_of(following)}")
            await ana.sees(f"Noted: {day_of(following)}")
        await ana.picture("booked")

        await ana.go_to(first - timedelta(days=3) + timedelta(minutes=10))
        reminder = ana.patient.get_by_text(f"Hi Ana. {day_of(first)}.")
        await expect(reminder).to_have_count(1)
        await ana.tap("I'll be there")
        await ana.sees("We expect you")
        await ana.team_sees("will be there")
        await ana.go_to(first - timedelta(days=1) + timedelta(minutes=10))
        await expect(reminder).to_have_count(2)

        moved = second + timedelta(days=1, hours=1)
        await ana.team_writes("/visits")
        await ana.team_presses("2 ⇄")
        asked = await ana.team_sees("Press a day")
        await ana.team_replies(asked, f"{moved:%Y-%m-%d %H:%M}")
        await ana.team_sees(f"moved by Maria: {day_of(moved)}")
        await ana.sees(f"New time: {day_of(moved)}")
        await ana.writes("/visits")
        await ana.tap("3")
        one = ana.patient.get_by_text("Your visit", exact=True)
        await expect(one.last).to_be_visible()
        await ana.tap("Cancel")
        await ana.sees(f"Cancel {day_of(third)}?")
        await ana.tap("Yes, cancel it")
        await ana.sees(f"Cancelled: {day_of(third)}")
        await ana.picture("moved-and-cancelled")

        await ana.go_to(first + timedelta(hours=2))
        await ana.team_marks("1 ✓", f"{day_of(first)}: done (Maria)")
        await ana.go_to(first + timedelta(days=1, hours=1))
        await ana.sees("A short question from Riverside Clinic.")
        await ana.tap("Open")
        await ana.sees("How are you since your visit?")
        await ana.tap("I need help")
        await ana.team_sees("asks for help")
        await ana.sees("Is this happening now?")
        await ana.picture("help")
        await ana.tap("No")

        await ana.go_to(moved + timedelta(hours=2))
        await ana.team_marks("2 ✗", f"{day_of(moved)}: missed (Maria)")
        await ana.go_to(first + timedelta(days=70))
        await ana.sees("A short word from Riverside Clinic.")
        await ana.picture("recall")
    sent = rows(
        tmp_path,
        "SELECT visit_id, revision, kind FROM reminders WHERE status = 'sent'",
    )
    kinds = [(row["visit_id"], row["revision"], row["kind"]) for row in sent]
    assert len(kinds) == len(set(kinds))
    assert {(1, 1, "before_3_days"), (1, 1, "before_1_day"), (1, 1, "recall")} <= {
        *kinds
    }
    assert [kind for visit, _, kind in kinds if visit == 3] == ["receipt"]
    assert [kind for visit, version, kind in kinds if (visit, version) == (2, 1)] == [
        "receipt"
    ]


async def test_a_plan_is_proposed_agreed_to_and_told_of(tmp_path: Path, open_page):
    """All dates at once, each answered; how it went, in a tap and in words; so far."""
    async with demo(tmp_path, program=(UNHURRIED,)) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = Course(page)
        today = await ana.begins_at_noon()
        await ana.start()
        await ana.tap("Hair")
        await ana.writes("/person")
        await ana.sees("Write to our team")
        await ana.writes("When can I come?")
        await ana.team_sees("When can I come?")
        await ana.team_writes("/plan 3 visits, 4 weeks apart, upkeep 6 months")
        await ana.sees("Hair: your plan from Maria")

        monday = today + timedelta(days=14 - today.weekday())
        first = monday.replace(hour=10, minute=0, second=0, microsecond=0)
        second, third = first + timedelta(weeks=4), first + timedelta(weeks=8)
        await ana.team_presses("Propose all visits")
        asked = await ana.team_sees("When could the first visit of Ana begin?")
        await ana.team_replies(asked, f"{first:%Y-%m-%d %H:%M}")
        told = await ana.team_sees("proposed by Maria")
        await expect(told).to_contain_text(f"3. {day_of(third)}")
        await ana.sees("Riverside Clinic has some dates for you.")
        await ana.tap("Open")
        await ana.sees(f"Is this one good for you? {day_of(first)}")
        await ana.picture("proposed")
        await ana.tap("Yes, book it")
        await ana.team_sees("agrees to this date")
        await ana.sees(f"Noted: {day_of(first)}", "how you are")
        await ana.tap("Yes")
        await ana.sees("Ask how I am after a visit: yes")
        await ana.tap("No")
        await ana.sees("Write to me about upkeep: no")
        await ana.picture("consents")
        await ana.tap("Another time")
        await ana.sees("Which day would you rather come?")
        await ana.tap("Any other time")
        await ana.team_sees("asks for another time")
        await ana.sees(f"Is this one good for you? {day_of(third)}")
        await ana.tap("No thanks")
        await ana.team_sees("does not want this date")
        await ana.sees("All dates are answered")
        await ana.picture("answered")
        await ana.team_writes("/proposed")
        left = await ana.team_sees("Proposed, and not answered")
        await expect(left).to_contain_text(f"{day_of(second)} · Ana")

        await ana.go_to(first + timedelta(hours=2))
        await ana.team_marks("1 ✓", f"{day_of(first)}: done (Maria)")
        await ana.writes("/visits")
        await ana.tap("How my last visit went")
        await ana.sees("How are you since your visit?")
        await ana.picture("how-it-went")
        await ana.writes("a little sore, but I slept well")
        words = await ana.team_sees("a little sore")
        await expect(words).to_contain_text(f"After the visit on {day_of(first)}")
        await ana.tap("All fine")
        await ana.sees("Good to hear.")
        await ana.team_writes("/visits")
        listed = await ana.team_sees("Ana says: all fine")
        await expect(listed).to_contain_text("How the body responds")
        await ana.writes("/plan")
        await ana.sees("Your visits so far", "Visits done: 1 of 3", "Upkeep: 6 months")
        await ana.picture("so-far")
    sent = rows(tmp_path, "SELECT visit_id, kind FROM reminders WHERE status = 'sent'")
    assert {(row["visit_id"], row["kind"]) for row in sent} >= {
        *((1, "proposal"), (1, "receipt"))
    }
    assert not [row for row in sent if row["visit_id"] != 1]
