"""What the team answered once is answered to all who ask the same."""

from __future__ import annotations

import asyncio

from tests.bot.rehearsal import rows
from tests.e2e.clinic import Clinic, open_clinic
from tests.e2e.test_desk import asks

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
