"""Pictures, replies and two who write at once: what goes between patients and team."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.local.nouns import Message
from tests.e2e.clinic import Clinic, Patient, asks, open_clinic


def bubbles(clinic: Clinic) -> list[Message]:
    """What stands in the only topic, without Telegram's own lines."""
    (topic,) = clinic.staff.topics
    return [m for m in clinic.staff.in_topic(topic) if not m.service]


async def test_pictures_and_files_go_both_ways_and_are_never_fetched(tmp_path):
    """Telegram copies them; the team's stand under a first name, words and all."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is this red spot normal")
        await ana.person.send_photo("it is on the left")
        await clinic.staff.wait_for(
            lambda m: "photo" in m.content and m.content.get("caption") != ""
        )
        header, copied = bubbles(clinic)[-2:]
        assert header.text == "Ana sent this: a photo"
        assert copied.content["caption"] == "it is on the left"

        (topic,) = clinic.staff.topics
        there: dict[str, Any] = {"chat": clinic.staff, "thread_id": topic.thread_id}
        sheet = await clinic.maria.send_document(
            "care.pdf", b"%PDF-1.4", "application/pdf", "keep it dri", **there
        )
        got = await ana.chat.wait_for(lambda m: "document" in m.content)
        said = await ana.sees("sent you a file")
        assert said.text.startswith("👤 Maria · team of")
        assert "keep it dri" in said.text
        assert said.message_id < got.message_id
        assert "caption" not in got.content
        await clinic.maria.edit(sheet, "keep it dry")
        await ana.chat.wait_until(lambda: "keep it dry" in said.text)
        assert "sent you a file" in said.text

        await clinic.maria.send_voice(**there)
        await ana.chat.wait_for(lambda m: "voice" in m.content)
        await clinic.maria.send_sticker(**there)
        await clinic.staff.wait_for_text("This did not go out.")
        await clinic.maria.send_photo("// for our records", **there)
        await clinic.maria.send("Get well.", clinic.staff, thread_id=topic.thread_id)
        await ana.sees("Get well.")
        assert not [m for m in ana.chat.from_bot if "photo" in m.content]
        assert not clinic.local.record.named("getFile")


async def test_a_patient_who_replies_to_the_team_is_heard_there_as_a_reply(tmp_path):
    """Wherever the chat was: it stands below the very words it answers."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        there: dict[str, Any] = {"chat": clinic.staff, "thread_id": topic.thread_id}
        first = await clinic.maria.send("Yes.", **there)
        shown = await ana.sees("Yes.")
        second = await clinic.maria.send_photo("The way in.", **there)
        picture = await ana.chat.wait_for(lambda m: "photo" in m.content)
        await ana.person.send("/start")
        await ana.sees("Hi. I am a computer program")
        await ana.person.reply(shown, "does it hurt?")
        note = await clinic.staff.wait_for_text("does it hurt?")
        assert note.reply_to == first.message_id
        await ana.person.reply(picture, "found it")
        note = await clinic.staff.wait_for_text("found it")
        assert note.reply_to == second.message_id
        assert not [m for m in ana.chat.from_bot if "not understand" in m.text]


async def test_nothing_is_lost_and_order_is_kept_while_both_sides_write(tmp_path):
    """A patient goes on writing while two of the team do: each is heard in order."""
    rounds = range(5)
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift")
        tom = clinic.local.person("Tom")
        clinic.staff.add(tom)
        (topic,) = clinic.staff.topics
        card = bubbles(clinic)[0]
        await (await clinic.maria.press(card, "Claim")).answered()

        async def patient() -> None:
            for number in rounds:
                await ana.person.send(f"ana {number}.")
                await asyncio.sleep(0)

        async def colleague(name: str, who) -> None:
            for number in rounds:
                words = f"{name} {number}."
                await who.send(words, clinic.staff, thread_id=topic.thread_id)
                await asyncio.sleep(0)

        await asyncio.gather(
            patient(), colleague("maria", clinic.maria), colleague("tom", tom)
        )
        last = rounds[-1]
        await clinic.staff.wait_for_text(f"ana {last}.")
        await ana.sees(f"maria {last}.")
        await ana.sees(f"tom {last}.")

        def heard(messages: list[Message], name: str) -> list[str]:
            lines = [line for m in messages for line in m.text.splitlines()]
            return [line for line in lines if line.startswith(f"{name} ")]

        notes = [m for m in bubbles(clinic) if m in clinic.staff.from_bot]
        assert heard(notes, "ana") == [f"ana {n}." for n in rounds]
        for name in ("maria", "tom"):
            assert heard(ana.chat.from_bot, name) == [f"{name} {n}." for n in rounds]


async def test_a_topic_that_may_not_be_deleted_is_told_of_once(tmp_path):
    """The patient is erased all the same; the team is asked to delete what is left."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana: Patient = await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        clinic.local.faults.refuse(
            400,
            "Bad Request: not enough rights to delete a topic",
            "deleteForumTopic",
        )
        await ana.person.send("/privacy")
        await ana.tap("Delete everything", "Yes, delete everything")
        await ana.sees("the key to your data is destroyed")
        told = await clinic.staff.wait_for_text("I may not delete their topic")
        assert told.thread_id is None
        assert str(topic.thread_id) in str(told.content)
        assert "Ana" not in told.text
        assert clinic.staff.topics == [topic]
        ben = await asks(clinic, "where do i park", "Ben")
        clinic.staff.delete_topic(clinic.staff.topics[-1])
        await ben.person.send("/privacy")
        await ben.tap("Delete everything", "Yes, delete everything")
        await ben.sees("the key to your data is destroyed")
        said = [m.text for m in clinic.staff.from_bot]
        assert sum("may not delete" in text for text in said) == 1
