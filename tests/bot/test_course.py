"""A course of visits from the booking to the recall, with the clock moved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.local.people import Conversation
from tests.bot.course import BEGINS_AT, arrived, course, tap, telegram
from tests.bot.rehearsal import rows

TEN_DAYS = BEGINS_AT + timedelta(days=10)


def said(chat: Conversation) -> list[str]:
    """First lines of what the bot said."""
    return [message.text.splitlines()[0] for message in chat.from_bot if message.text]


async def test_each_reminder_comes_once_and_a_check_in_reaches_the_desk(tmp_path: Path):
    """Receipt, three days, one day; then how are you, and help is on its way."""
    async with telegram() as local:
        team = local.group("Team", [local.person("Maria")])
        async with course(tmp_path, local, team) as clinic:
            ana, chat = await arrived(local)
            visit = clinic.book(TEN_DAYS, area="skin")
            await chat.wait_for_text("Hi Ana. Noted: Thursday 12 March, 11:00.")
            for asked in ("how you are", "months from now"):
                await chat.wait_for_text(asked)
                await tap(ana, chat, "Yes")
            await chat.wait_for_text("/privacy changes it")
            clinic.pass_time(days=7, minutes=1)
            await chat.wait_for_text("Hi Ana. Thursday 12 March, 11:00.")
            await tap(ana, chat, "I'll be there")
            await chat.wait_for_text("Good. We expect you")
            await team.wait_for_text("will be there")
            clinic.pass_time(days=2)
            await clinic.until(lambda: len(clinic.reminders("sent")) == 3)
            clinic.pass_time(days=1)
            clinic.act(visit, "attend")
            clinic.pass_time(days=1)
            await chat.wait_for_text("A short question from Riverside Clinic.")
            await tap(ana, chat, "Open")
            await chat.wait_for_text("How are you since your visit?")
            await tap(ana, chat, "I need help")
            await team.wait_for_text("asks for help")
            await chat.wait_for_text("Is this happening now?")
            await tap(ana, chat, "Yes")
            await team.wait_for_text("possible emergency")
        reminders = said(chat).count("Hi Ana. Thursday 12 March, 11:00.")
        assert reminders == 2
        assert [kind for kind, *_ in clinic.reminders("sent")] == [
            "receipt",
            "before_3_days",
            "before_1_day",
            "check_1_day",
        ]


async def test_a_moved_or_cancelled_visit_is_never_reminded_of(tmp_path: Path):
    """The new time is; the one that was called off is told of at once."""
    async with telegram() as local, course(tmp_path, local) as clinic:
        _, chat = await arrived(local)
        moved, gone = (clinic.book(TEN_DAYS + timedelta(hours=n)) for n in (0, 2))
        await clinic.until(lambda: len(clinic.reminders("sent")) == 2)
        clinic.move(moved, TEN_DAYS + timedelta(days=1))
        clinic.act(gone, "cancel")
        await chat.wait_for_text("New time: Friday 13 March, 11:00.")
        await chat.wait_for_text("Cancelled: Thursday 12 March, 13:00.")
        clinic.pass_time(days=10, minutes=30)
        await clinic.until(lambda: not clinic.reminders("pending"))
        await chat.wait_for_text("Hi Ana. Friday 13 March, 11:00.")
        assert not [line for line in said(chat) if line.startswith("Hi Ana. Thursday")]


async def test_a_patient_moves_cancels_and_is_late(tmp_path: Path):
    """Each reaches the desk at once; a wish moves nothing by itself."""
    async with telegram() as local:
        team = local.group("Team", [local.person("Maria")])
        async with course(tmp_path, local, team) as clinic:
            ana, chat = await arrived(local)
            clinic.book(TEN_DAYS, place="Harbour Street")
            await chat.wait_for_text("Noted:")
            await tap(ana, chat, "Move")
            await chat.wait_for_text("Which day")
            await tap(ana, chat, "Wed 4 Mar")
            await chat.wait_for_text("at what time?")
            await tap(ana, chat, "11:00–13:00")
            await team.wait_for_text("come: Wednesday 4 March, 11:00–13:00")
            await chat.wait_for_text("I told our team. Your visit stays as it is")
            await chat.wait_for_text("1. Thursday 12 March, 11:00 · Harbour Street")
            await tap(ana, chat, "Add to my calendar")
            await chat.wait_for(lambda m: "document" in m.content)
            await tap(ana, chat, "1")
            await chat.wait_for_text("Your visit\n")
            await tap(ana, chat, "I'm late")
            await team.wait_for_text("is running late")
            await tap(ana, chat, "Cancel")
            await chat.wait_for_text("Cancel Thursday 12 March, 11:00?")
            await tap(ana, chat, "Yes, cancel it")
            await team.wait_for_text("cancelled")
            await chat.wait_for_text("Our team knows that you do not come.")
            clinic.pass_time(days=9)
            await clinic.until(lambda: not clinic.reminders("pending"))
        assert [kind for kind, *_ in clinic.reminders("sent")] == ["receipt"]


async def test_the_desk_books_moves_and_marks_visits(tmp_path: Path):
    """Typed or by buttons; the patient is told, and what is unclear is asked."""
    async with telegram() as local:
        maria = local.person("Maria")
        team = local.group("Team", [maria])
        async with course(tmp_path, local, team) as clinic:
            ana, chat = await arrived(local)
            await ana.send("/person")
            await chat.wait_for_text("Write to our team")
            await ana.send("When can I come?")
            note = await team.wait_for_text("When can I come?")
            await maria.reply(note, "/book 12/3 11:00")
            await team.wait_for_text("can be meant in two ways")
            await maria.reply(note, "/book 12 Mar 11:00")
            await team.wait_for_text("booked by Maria: Thursday 12 March, 11:00")
            await chat.wait_for_text("Noted: Thursday 12 March, 11:00.")
            await maria.reply(note, "/visits")
            listed = await team.wait_for_text("1. Thursday 12 March, 11:00 · booked")
            await maria.press(listed, "1 ⇄")
            days = await team.wait_for_text("Press a day")
            await maria.press(days, "Fri 13 Mar")
            hours = await team.wait_for_text("At what time?")
            await maria.press(hours, "09:30")
            await team.wait_for_text("moved by Maria: Friday 13 March, 09:30")
            await chat.wait_for_text("New time: Friday 13 March, 09:30.")
            clinic.pass_time(days=11, hours=1)
            await maria.reply(note, "/visits")
            listed = await team.wait_for_text("1. Friday 13 March, 09:30 · booked")
            await maria.press(listed, "1 ✓")
            await team.wait_for_text("Friday 13 March, 09:30: done (Maria)")
            await maria.reply(note, "/why")
            why = await team.wait_for_text("Reminders of Ana")
            assert "Friday 13 March, 09:30 · done" in why.text
            assert "receipt: sent Monday 2 March, " in why.text
            assert "how are you, after 3 days: will go out" in why.text
            assert "upkeep: not sent (no upkeep in the plan)" in why.text
            await maria.send("/next", team)
            await team.wait_for_text("Nobody is expected.")
        kinds = [kind for kind, status, _ in clinic.reminders() if status == "pending"]
        assert kinds[0] == "check_1_day"


async def test_the_desk_hears_of_a_visit_that_nothing_reminds_of(tmp_path: Path):
    """With the reason and what to do; once; and it is settled by another time."""
    async with telegram() as local:
        maria = local.person("Maria")
        team = local.group("Team", [maria])
        async with course(tmp_path, local, team) as clinic:
            ana, chat = await arrived(local)
            visit = clinic.book(TEN_DAYS)
            await chat.wait_for_text("Noted:")
            await ana.send("/stop")
            await chat.wait_for_text("quiet")
            clinic.pass_time(days=9, minutes=1)
            await clinic.until(lambda: len(clinic.reminders("skipped")) > 2)
            clinic.pass_time(minutes=2)
            told = await team.wait_for_text("nothing reminds of Thursday 12 March")
            assert "they asked for no messages" in told.text
            assert "Please call" in told.text
            await maria.send("/next", team)
            await team.wait_for_text("Thursday 12 March, 11:00 · Ana · 🔕")
            await maria.send("/alarms", team)
            await team.wait_for_text("11:00 · Ana · 1: they asked for no messages")
            clinic.move(visit, TEN_DAYS + timedelta(days=8))
            clinic.pass_time(minutes=2)
            await team.wait_for_text("settled")
            await maria.send("/alarms", team)
            await team.wait_for_text("Something reminds of every visit")
        assert not [m for m in team.from_bot if m.text.startswith("🔕 Ana")]


async def test_a_series_is_proposed_and_answered_one_by_one(tmp_path: Path):
    """One message, one screen; the desk sees each answer, and what is not answered."""
    async with telegram() as local:
        maria = local.person("Maria")
        team = local.group("Team", [maria])
        async with course(tmp_path, local, team) as clinic:
            ana, chat = await arrived(local)
            await tap(ana, chat, "Hair")
            await ana.send("/person")
            await chat.wait_for_text("Write to our team")
            await ana.send("When can I come?")
            note = await team.wait_for_text("When can I come?")
            await maria.reply(note, "/plan 3 visits, 4 weeks apart, upkeep 12 months")
            await chat.wait_for_text("your plan from Maria")
            planned = await team.wait_for_text("has the plan of")
            await maria.press(planned, "Propose all visits")
            how = await team.wait_for_text("When could the first visit of Ana begin?")
            await maria.reply(how, "12 Mar 11:00")
            told = await team.wait_for_text("proposed by Maria for hair")
            assert "12 March, 11:00\n2. Thursday 9 April, 11:00" in told.text
            await chat.wait_for_text("has some dates for you")
            await clinic.until(lambda: len(clinic.reminders("skipped")) == 2)
            await tap(ana, chat, "Open")
            await chat.wait_for_text("Is this one good for you? Thursday 12 March")
            await tap(ana, chat, "Yes, book it")
            await team.wait_for_text("agrees to this date")
            await chat.wait_for_text("Hi Ana. Noted: Thursday 12 March, 11:00.")
            await tap(ana, chat, "Another time")
            await chat.wait_for_text("Which day would you rather come?")
            await tap(ana, chat, "Any other time")
            await team.wait_for_text("asks for another time")
            await chat.wait_for_text("They look for another time")
            await chat.wait_for_text("Is this one good for you? Thursday 7 May")
            await tap(ana, chat, "No thanks")
            await team.wait_for_text("does not want this date")
            await chat.wait_for_text("All dates are answered")
            await maria.send("/proposed", team)
            left = await team.wait_for_text("Proposed, and not answered")
            assert "Thursday 9 April, 11:00 · Ana · 1, since" in left.text
            assert "asks for another time" in left.text
        kept = rows(tmp_path, "SELECT status FROM visits ORDER BY id")
        assert [row["status"] for row in kept] == ["booked", "proposed", "cancelled"]
        pending = rows(
            tmp_path,
            "SELECT DISTINCT visit_id FROM reminders WHERE status = 'pending'"
            " AND kind <> 'proposal_again'",
        )
        assert [row["visit_id"] for row in pending] == [1]
