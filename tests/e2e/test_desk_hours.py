"""The desk and time: out of hours, who waits, what is put off, who takes over."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.keys import KeyStore, master_key
from bot.local import LocalTelegram
from bot.local.people import Person
from bot.roles import Role, Roles
from bot.store.engine import open_engine
from tests.bot.rehearsal import clinic as profile
from tests.bot.rehearsal import rows, settings
from tests.e2e.clinic import asks, open_clinic

SATURDAY = 5


def until(local: LocalTelegram, weekday: int, hour: int) -> None:
    """Let time pass until that day and hour, on the clinic's own clock."""
    now = local.clock.now().astimezone(ZoneInfo(profile().time_zone))
    at = datetime.combine(now.date(), datetime.min.time(), now.tzinfo)
    at += timedelta(days=(weekday - now.weekday()) % 7, hours=hour)
    at += timedelta(days=7) if at <= now else timedelta()
    local.move_clock(at - now)


async def joins(folder: Path, local: LocalTelegram, person: Person, role: Role) -> None:
    """Have the owner send this person a link, and the person open it."""
    known = settings(folder, local.api_url)
    keys = KeyStore(known.key_store, master_key(None, known.key_file_path))
    engine, roles = open_engine(known.database), Roles(keys, enforced=True)
    with engine.begin() as connection:
        link = roles.invite(connection, role, local.clock.now())
    engine.dispose()
    keys.close()
    await person.start(link)
    await person.private_chat().wait_for_text("team")


async def test_out_of_hours_a_patient_is_told_when_the_team_is_back(tmp_path):
    """On a Saturday that is Monday; while the team is there nothing is said of it."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        until(clinic.local, SATURDAY, 12)
        ana = await asks(clinic, "is there a lift")
        await ana.sees("They are not there now, and back on Monday at 09:00.")
        until(clinic.local, 0, 11)
        ben = await asks(clinic, "where do i park", "Ben")
        told = await ben.sees("Our team has your message.")
        assert "not there now" not in told.text


async def test_who_waits_is_listed_and_what_was_put_off_comes_back(tmp_path):
    """Longest first; a snoozed talk is out of mind until its hour, by itself."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "is there a lift")
        clinic.local.move_clock(timedelta(minutes=90))
        await asks(clinic, "where do i park", "Ben")
        first, second = clinic.staff.topics
        await clinic.maria.send("/waiting", clinic.staff)
        listed = await clinic.staff.wait_for_text("Waiting for an answer")
        assert "· 1 h" in listed.text
        assert listed.text.index("Ana") < listed.text.index("Ben")
        await clinic.maria.send("/snooze 4", clinic.staff, thread_id=first.thread_id)
        note = await clinic.staff.wait_for_text("put Ana off for 4 hours")
        assert note.thread_id == first.thread_id
        card = clinic.staff.in_topic(first)[1]
        wakes = clinic.local.clock.now() + timedelta(hours=4)
        wakes = wakes.astimezone(ZoneInfo(profile().time_zone))
        await clinic.staff.wait_until(lambda: "Put off until" in card.text)
        assert f"{wakes:%b}" in card.text
        clinic.local.move_clock(timedelta(hours=3, minutes=50))
        await clinic.maria.send("Yes.", clinic.staff, thread_id=second.thread_id)
        await clinic.maria.send("/unanswered", clinic.staff)
        listed = await clinic.staff.wait_for_text("Nobody waits", after=note)
        clinic.local.move_clock(timedelta(minutes=10))
        woken = await clinic.staff.wait_for_text("Ana was put off until now")
        assert woken.thread_id == first.thread_id
        await clinic.staff.wait_until(lambda: "Put off until" not in card.text)
        await clinic.maria.send("/unanswered", clinic.staff)
        await clinic.staff.wait_for_text("Nobody has taken these yet", after=woken)


async def test_a_talk_is_handed_over_by_first_name(tmp_path):
    """Only to somebody of the team; the patient hears who has the chat now."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        tom = clinic.local.person("Tom")
        clinic.staff.add(tom)
        ana = await asks(clinic, "is there a lift")
        await joins(tmp_path, clinic.local, clinic.maria, "owner")
        await joins(tmp_path, clinic.local, tom, "desk")
        (topic,) = clinic.staff.topics
        card = clinic.staff.in_topic(topic)[1]
        await (await clinic.maria.press(card, "Claim")).answered()
        await ana.sees("Maria from the team")

        async def write(words: str) -> None:
            await clinic.maria.send(words, clinic.staff, thread_id=topic.thread_id)

        await write("/handover Kim")
        await clinic.staff.wait_for_text("Kim")
        await write("/handover tom")
        await clinic.staff.wait_for_text("Maria handed Ana to Tom.")
        await ana.sees("Tom from the team")
        await clinic.staff.wait_until(lambda: "Tom has this chat" in card.text)
        taken = await (await clinic.maria.press(card, "Give back")).answered()
        assert taken.get("text", "") == ""
        await clinic.staff.wait_until(lambda: "Claim" in card.buttons)
    assert rows(tmp_path, "SELECT status FROM topics") == [{"status": "open"}]
    trail = rows(tmp_path, "SELECT action FROM audit WHERE action = 'handover'")
    assert len(trail) == 1


async def test_the_card_shows_the_next_visit_as_it_is_booked_and_cancelled(tmp_path):
    """By the clinic's own clock, and drawn anew by itself."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        card = clinic.staff.in_topic(topic)[1]
        assert "Next visit: none" in card.text
        at = clinic.local.clock.now() + timedelta(days=9)
        words = f"/book {at:%Y-%m-%d} 11:30"
        await clinic.maria.send(words, clinic.staff, thread_id=topic.thread_id)
        await clinic.staff.wait_until(lambda: ", 11:30" in card.text)
        await (await clinic.maria.press(card, "Visits")).answered()
        listed = await clinic.staff.wait_for(
            lambda m: any("⊘" in label for label in m.buttons)
        )
        cancel = next(label for label in listed.buttons if "⊘" in label)
        await (await clinic.maria.press(listed, cancel)).answered()
        await clinic.staff.wait_until(lambda: "Next visit: none" in card.text)
