"""What the team answered once is answered to all who ask the same."""

from __future__ import annotations

import asyncio

from tests.bot.rehearsal import rows
from tests.e2e.clinic import Clinic, asks, open_clinic

QUESTION = "can i bring my guide dog"
ANSWER = "Yes, guide dogs are welcome in all our rooms."


async def press(clinic: Clinic, label: str, who: str = "Maria") -> str:
    """Press the newest button of this name; what the bubble says."""
    note = await clinic.staff.wait_for(lambda m: label in m.buttons)
    note = [m for m in clinic.staff.from_bot if label in m.buttons][-1]
    person = next(p for p in clinic.local.people if p.name == who)
    answer = await (await person.press(note, label)).answered()
    return str(answer.get("text", ""))


async def learned(clinic: Clinic, entry: str) -> None:
    """Once the matcher knows this entry."""
    library = clinic.app._voice.library
    assert library is not None
    loop, known = asyncio.get_running_loop(), asyncio.Event()

    def hear(entries: object) -> None:  # from the writer thread
        loop.call_soon_threadsafe(known.set)

    library.tell(hear)
    while entry not in library.entries:
        known.clear()
        await known.wait()


async def test_an_answer_becomes_a_draft_that_another_approves_and_it_serves(tmp_path):
    """Saved, vouched for, approved by a second person, asked again in other words."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        clinic.staff.add(clinic.local.person("Tom"))
        ana = await asks(clinic, QUESTION)
        note = await clinic.staff.wait_for_text(QUESTION)
        await clinic.maria.reply(note, ANSWER)
        await ana.sees(ANSWER)
        await clinic.staff.wait_for_text("Delivered to Ana")
        await press(clinic, "Save as FAQ")
        await clinic.staff.wait_for_text("Save this as FAQ?")
        await press(clinic, "Nothing personal, make a draft")
        draft = await clinic.staff.wait_for_text("Draft C1")
        assert draft.thread_id is None
        assert QUESTION in draft.text
        assert ANSWER in draft.text
        assert "Somebody else has to" in await press(clinic, "Approve")
        assert await press(clinic, "Approve", "Tom") == ""
        await clinic.staff.wait_for_text("approved C1")
        ben = clinic.patient("Ben")
        await ben.start()
        await learned(clinic, "C1")
        await ben.person.send("is my guide dog allowed in")
        await ben.tap(QUESTION)
        await ben.sees(ANSWER)
    kept = rows(tmp_path, "SELECT entry, status FROM faq_entries")
    assert kept == [{"entry": "C1", "status": "approved"}]


async def test_a_wrong_answer_counts_once_and_the_week_tells_of_it(tmp_path):
    """By the patient, by the team; and what nobody could answer stands beside it."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        ana = clinic.patient()
        await ana.start()
        await ana.person.send("does it hurt?")
        answer = await ana.chat.wait_for(lambda m: "Not what I asked" in m.buttons)
        for _ in range(2):
            await (await ana.person.press(answer, "Not what I asked")).answered()
        await ana.person.send("purple elephants dance where")
        await ana.sees("I did not get that")
        await clinic.maria.send("/wrong Q999", clinic.staff)
        await clinic.staff.wait_for_text("an answer I know")
        await clinic.maria.send("/wrong q06 will it sting", clinic.staff)
        await clinic.staff.wait_for_text("Noted: Q06")
        await clinic.maria.send("/week", clinic.staff)
        week = await clinic.staff.wait_for_text("The last 7 days")
        assert "• purple elephants dance where" in week.text
        assert week.thread_id is None
    kept = rows(tmp_path, "SELECT kind, told_by IS NULL AS own FROM misses ORDER BY id")
    assert [(row["kind"], row["own"]) for row in kept] == [
        ("wrong", 1),
        ("unanswered", 1),
        ("wrong", 0),
    ]


async def test_a_question_is_put_anew_and_a_forbidden_claim_is_not_served(tmp_path):
    """The patient's own words stay the patient's; what is marked is put right first."""
    async with open_clinic(tmp_path, forum=True) as clinic:
        clinic.staff.add(clinic.local.person("Tom"))
        ana = await asks(clinic, "i am Ana from Elm Street is it free of risk")
        note = await clinic.staff.wait_for_text("Elm Street")
        await clinic.maria.reply(note, "It is completely safe and guaranteed.")
        await clinic.staff.wait_for_text("Delivered to Ana")
        await press(clinic, "Save as FAQ")
        await clinic.staff.wait_for_text("Save this as FAQ?")
        await press(clinic, "Write the question anew")
        how = await clinic.staff.wait_for_text("Reply with the question as anybody")
        await clinic.maria.reply(how, "Is there a risk?")
        draft = await clinic.staff.wait_for_text("Draft C1")
        assert "Elm Street" not in draft.text
        assert "⚠️ answer: must not say" in draft.text
        assert "put right first" in await press(clinic, "Approve", "Tom")
        await press(clinic, "Edit answer")
        how = await clinic.staff.wait_for_text("Reply with the answer for C1")
        await clinic.maria.reply(
            how, "Side effects happen. A clinician tells you more."
        )
        await clinic.staff.wait_for_text("A clinician tells you more.")
        await press(clinic, "Other ways to ask")
        how = await clinic.staff.wait_for_text("Reply with other ways")
        await clinic.maria.reply(how, "is it risky\nwhat could go wrong")
        await clinic.staff.wait_for_text("• what could go wrong")
        await (await clinic.maria.press(draft, "Approve")).answered()
        assert await press(clinic, "Approve", "Tom") == ""
        await clinic.staff.wait_for_text("approved C1")
        await ana.person.send("/stop")
        await clinic.maria.send("/faq", clinic.staff)
        await clinic.staff.wait_for_text("No draft waits.")
    kept = rows(tmp_path, "SELECT revision, status FROM faq_entries ORDER BY id")
    assert [(row["revision"], row["status"]) for row in kept] == [
        (1, "retired"),
        (2, "retired"),
        (3, "approved"),
    ]
