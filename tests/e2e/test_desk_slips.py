"""What people of a team do by mistake, and what they would never have noticed."""

from __future__ import annotations

from typing import Any

from bot.local.nouns import Message, Topic
from tests.e2e.clinic import Clinic, Patient, asks, open_clinic


def heard(ana: Patient, words: str) -> list[Message]:
    """What a patient got of these words."""
    return [m for m in ana.chat.from_bot if words in m.text]


async def says(clinic: Clinic, topic: Topic, words: str) -> Message:
    """Maria writes in a topic."""
    return await clinic.maria.send(words, clinic.staff, thread_id=topic.thread_id)


async def test_an_answer_to_a_private_note_stays_among_colleagues(tmp_path):
    """And an answer to that answer; whoever wrote it is told where it is not plain."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        noted = [
            await says(clinic, topic, "// is she the one from Monday"),
            await says(clinic, topic, "/note she was here on Monday"),
        ]
        for note in noted:
            own = await clinic.maria.reply(note, "no, that was her sister")
        await clinic.maria.edit(own, "no, her sister, I think")
        await clinic.maria.reply(own, "ah, her sister")
        told = await clinic.staff.wait_for_text("This stayed among you")
        assert "Ana did not get" in told.text
        out = await says(clinic, topic, "Yes, to every floor.")
        await ana.sees("Yes, to every floor.")
        await clinic.maria.reply(out, "And a ramp.")
        await ana.sees("And a ramp.")
        assert not heard(ana, "sister")
        said = [m.text for m in clinic.staff.from_bot]
        assert sum("among you" in text for text in said) == 1
        assert not any("did not reach" in text for text in said)


async def test_who_has_blocked_the_bot_is_never_taken_for_answered(tmp_path):
    """Each reply, each picture, each known answer: the team hears that none arrives."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "how many visits for hair")
        note = await clinic.staff.wait_for_text("how many visits for hair")
        await ana.person.block()
        (topic,) = clinic.staff.topics
        lost = "Not delivered to Ana: the person blocked the bot."

        async def told(times: int) -> None:
            await clinic.staff.wait_until(
                lambda: sum(lost in m.text for m in clinic.staff.from_bot) == times
            )

        await says(clinic, topic, "Between one and three.")
        await told(1)
        await says(clinic, topic, "Are you there?")
        await told(2)
        await (await clinic.maria.press(note, "Send 1")).answered()
        await told(3)
        there: dict[str, Any] = {"chat": clinic.staff, "thread_id": topic.thread_id}
        await clinic.maria.send_document("a.pdf", b"%PDF", "application/pdf", **there)
        await told(4)


async def test_a_command_that_changes_nothing_says_why(tmp_path):
    """A press is answered by a bubble; typed, the same stands as a line."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        for words, why in (
            ("/giveback", "Nobody has this chat."),
            ("/reopen", "It is open already."),
            ("/handover", "To whom?"),
        ):
            await says(clinic, topic, words)
            await clinic.staff.wait_for_text(why)
        await says(clinic, topic, "/claim")
        await says(clinic, topic, "/claim")
        await clinic.staff.wait_for_text("You have this chat already.")
        await says(clinic, topic, "/close")
        await clinic.staff.wait_for_text("Maria closed the talk")
        await says(clinic, topic, "/close")
        await clinic.staff.wait_for_text("It is closed already.")


async def test_whoever_gives_a_chat_back_the_one_who_had_it_has_left(tmp_path):
    """The patient knows only of the one who was with them."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift")
        tom = clinic.local.person("Tom")
        clinic.staff.add(tom)
        (topic,) = clinic.staff.topics
        await says(clinic, topic, "/claim")
        await ana.sees("Maria from the team")
        await tom.send("/giveback", clinic.staff, thread_id=topic.thread_id)
        await ana.sees("Maria has left the chat.")


async def test_a_suggested_answer_is_one_that_the_team_can_give(tmp_path):
    """Not "please ask our team", and nothing far from what was asked."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "how much for 3 hair visits?")
        priced = await clinic.staff.wait_for_text("how much for 3 hair visits?")
        assert "What does it cost?" not in priced.text
        await asks(clinic, "and can my wife come with me", "Ben")
        asked = await clinic.staff.wait_for_text("can my wife come")
        assert "Suggested" not in asked.text
        assert asked.buttons == ["Write"]


async def test_a_chat_that_an_emergency_stopped_is_in_the_list_of_who_is_held(tmp_path):
    """Whether they show their answers or not: the team was told of it."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = clinic.patient()
        await ana.start()
        await ana.person.send("i cant breathe")
        await clinic.staff.wait_for_text("possible emergency")
        await clinic.staff.wait_for_text("🚨 Ana · stopped by an emergency")
        await clinic.maria.send("/held", clinic.staff)
        listed = await clinic.staff.wait_for_text(": 🚨 stopped by an emergency")
        assert listed.text.startswith("Held\n• Ana")


async def test_signs_on_the_buttons_of_visits_are_explained_above_them(tmp_path):
    """Only those that are there."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        await says(clinic, topic, "/book wed 11:00")
        booked = await clinic.staff.wait_for_text("booked by Maria")
        assert "outside" not in booked.text.partition("The patient")[0]
        await says(clinic, topic, "/visits")
        listed = await clinic.staff.wait_for_text("Done 0, missed 0.")
        assert "1 ⇄" in listed.buttons
        assert listed.text.endswith("⇄ move · ⊘ cancel")


async def test_a_visit_outside_the_visiting_hours_is_booked_and_said_to_be(tmp_path):
    """A slip of a day is seen at once; who means it is not kept from it."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        await asks(clinic, "is there a lift")
        (topic,) = clinic.staff.topics
        await says(clinic, topic, "/book sunday 11:00")
        booked = await clinic.staff.wait_for_text("booked by Maria")
        assert "outside your visiting hours" in booked.text
