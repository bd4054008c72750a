"""The team at its desk: a topic a patient, words both ways, who has the chat."""

from __future__ import annotations

from tests.bot.rehearsal import rows
from tests.e2e.clinic import Clinic, Patient, open_clinic


async def asks(clinic: Clinic, words: str, name: str = "Ana") -> Patient:
    """A patient who asks the team."""
    ana = clinic.patient(name)
    await ana.start()
    await ana.tap("Talk to a person")
    await ana.sees("Write to our team")
    await ana.person.send(words)
    await clinic.staff.wait_for_text(words)
    return ana


async def test_a_question_opens_a_topic_and_what_is_written_there_is_the_answer(
    tmp_path,
):
    """Card first, then the question; any message in the topic goes to the patient."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift in the house")
        (topic,) = clinic.staff.topics
        assert topic.name.startswith("Ana")
        line, card, question = clinic.staff.in_topic(topic)
        assert line.service
        assert "Asked 1, open 1" in card.text
        assert "is there a lift" in question.text
        await ana.sees("Our team has your message")
        await clinic.maria.send(
            "Yes, to every floor.", clinic.staff, thread_id=topic.thread_id
        )
        await ana.sees("Yes, to every floor.")
        await clinic.maria.send(
            "// she sounds nervous", clinic.staff, thread_id=topic.thread_id
        )
        await clinic.staff.wait_until(lambda: "open 0" in card.text)
        assert not [m for m in ana.chat.from_bot if "nervous" in m.text]


async def test_who_claims_a_chat_has_it_to_themselves(tmp_path):
    """The program is silent until it is given back, but for rights and emergencies."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = await asks(clinic, "is there a lift in the house")
        (topic,) = clinic.staff.topics
        card = clinic.staff.in_topic(topic)[1]
        await (await clinic.maria.press(card, "Claim")).answered()
        await ana.sees("Maria from the team")
        await clinic.staff.wait_until(lambda: "Give back" in card.buttons)
        before = len(ana.chat.from_bot)
        await ana.person.send("does it hurt?")
        await clinic.staff.wait_for_text("does it hurt?")
        assert len(ana.chat.from_bot) == before
        await ana.person.send("/privacy")
        await ana.sees("Your data")
        await ana.person.send("i cant breathe")
        await ana.sees("Call 112 now")
        await clinic.staff.wait_for_text("possible emergency")
        tom = clinic.local.person("Tom")
        clinic.staff.add(tom)
        taken = await (await tom.press(card, "Take over")).answered()
        assert taken == {} or taken.get("text", "") == ""
        await clinic.staff.wait_until(lambda: "Tom has this chat" in card.text)
    claimed = rows(tmp_path, "SELECT status FROM topics")
    assert claimed == [{"status": "claimed"}]
