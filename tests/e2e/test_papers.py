"""A plan to take along, on the whole program: sent, taken back, drawn beside others."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
import vobject

from bot.local.nouns import Message
from bot.paper.press import Press
from tests.bot.rehearsal import clinic as profile
from tests.bot.rehearsal import rows
from tests.e2e.clinic import Clinic, Patient, open_clinic

PDF, PNG = b"%PDF-1.", b"\x89PNG\r\n"


def file_of(clinic: Clinic, message: Message) -> bytes:
    """What a message brought."""
    content = message.content
    file = content["photo"][-1] if "photo" in content else content["document"]
    return clinic.local.world.file_bytes[file["file_id"]]


async def brought(patient: Patient, ending: str) -> Message:
    """The message with the file of this name."""

    def named(message: Message) -> bool:
        if ending == "png":
            return "photo" in message.content
        document = message.content.get("document", {})
        return str(document.get("file_name", "")).endswith(ending)

    return await patient.chat.wait_for(named)


async def to_plan(patient: Patient, area: str = "Hair") -> None:
    await patient.answer_all(area)
    await patient.tap("Show my plan")
    await patient.sees("what clinics often plan")


async def test_a_plan_is_given_as_a_picture_pages_and_a_calendar(tmp_path: Path):
    """Each opens as what it is, has its words under it, and leaves nothing behind."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await to_plan(ana)
        await ana.tap("Picture")
        picture = await brought(ana, "png")
        assert file_of(clinic, picture).startswith(PNG)
        assert "1 to 3 visits" in picture.content["caption"]
        assert "A clinician sets your number" in picture.content["caption"]
        await ana.sees("Your plan for hair stands above")
        await ana.tap("Save")
        pages = await brought(ana, "pdf")
        assert pages.content["document"]["file_name"] == "hair-plan.pdf"
        assert file_of(clinic, pages).startswith(PDF)
        calendar = vobject.readOne(file_of(clinic, await brought(ana, "ics")).decode())
        assert len(calendar.contents["vevent"]) == 4
    bodies = (
        "SELECT method FROM outbox WHERE body IS NOT NULL "
        "AND method IN ('sendPhoto', 'sendDocument')"
    )
    assert rows(tmp_path, bodies) == []
    assert clinic.local.record.slips == []


async def test_a_plan_closed_later_takes_its_papers_back(tmp_path: Path):
    """In the place of each file stands one that names no visit, and says why."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await to_plan(ana)
        await ana.tap("Picture")
        await ana.sees("stands above in this chat")
        await ana.tap("Save")
        files = [await brought(ana, ending) for ending in ("png", "pdf", "ics")]
        await ana.sees("the plan for your calendar")
        before = [file_of(clinic, one) for one in files]
        await ana.person.send("I am pregnant")
        await ana.tap("Yes, add it")
        for message, old in zip(files, before, strict=True):
            taken_back = partial(_says, message, "taken back")
            await ana.chat.wait_until(taken_back)
            new = file_of(clinic, message)
            assert new != old
            assert new[:4] == old[:4]
            assert "visit" not in message.content["caption"]
        ended = vobject.readOne(file_of(clinic, files[2]).decode())
        began = vobject.readOne(before[2].decode())
        assert ended.method.value == "CANCEL"
        assert _names(began) <= _names(ended)
        assert {one.status.value for one in ended.vevent_list} == {"CANCELLED"}
    assert clinic.local.record.slips == []


def _says(message: Message, words: str) -> bool:
    return words in message.content["caption"]


def _names(calendar: vobject.base.Component) -> set[str]:
    return {one.uid.value for one in calendar.vevent_list}


async def test_words_too_long_for_a_caption_follow_and_are_taken_back(
    tmp_path: Path, monkeypatch
):
    """The picture keeps the disclaimers; its words stay until the plan closes."""
    line = "In this country no exosome product is approved as a medicine. " * 12
    monkeypatch.setattr(
        "tests.e2e.clinic.clinic",
        lambda chat: profile(chat).model_copy(update={"country_line": line.strip()}),
    )
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await to_plan(ana)
        await ana.tap("Picture")
        picture = await brought(ana, "png")
        await ana.sees("stands above in this chat")
        words = ana.chat.from_bot[ana.chat.from_bot.index(picture) + 1]
        assert "1 to 3 visits" in words.text
        assert "1 to 3 visits" not in picture.content["caption"]
        assert "A clinician sets your number" in picture.content["caption"]
        await ana.person.send("I am pregnant")
        await ana.tap("Yes, add it")
        await ana.chat.wait_until(lambda: "taken back" in words.text)
        await ana.chat.wait_until(partial(_says, picture, "taken back"))


async def test_a_held_plan_saves_pages_without_a_number(tmp_path: Path):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.answer_all("Hair")
        await ana.person.send("I take warfarin")
        await ana.tap("Yes, add it", "Save for the consultation")
        pages = await brought(ana, "pdf")
        assert file_of(clinic, pages).startswith(PDF)
        assert not [m for m in ana.chat.from_bot if "photo" in m.content]
        await ana.chat.wait_until(lambda: ana.chat.from_bot[-1] is not pages)
        assert "This does not mean no" in ana.chat.from_bot[-1].text


async def test_a_slow_drawing_holds_nobody_else_up(tmp_path: Path, monkeypatch):
    """While one person's picture is drawn, another is answered."""
    let_go = asyncio.Event()
    drawn = Press.draw

    async def slow(self: Press, sheet):
        await let_go.wait()
        return await drawn(self, sheet)

    monkeypatch.setattr(Press, "draw", slow)
    async with open_clinic(tmp_path) as clinic:
        ana, ben = clinic.patient("Ana"), clinic.patient("Ben")
        await to_plan(ana)
        await ana.tap_without_waiting("Picture")
        await ben.start()
        await ben.tap("Skin")
        await ben.sees("3 to 5 visits")
        assert not [m for m in ana.chat.from_bot if "photo" in m.content]
        let_go.set()
        await brought(ana, "png")


@pytest.mark.parametrize("taps", [("What if…", "How it looks", "3 · Mostly bare")])
async def test_a_what_if_is_drawn_before_and_after(tmp_path: Path, taps):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await to_plan(ana)
        await ana.tap(*taps, "Picture")
        picture = await brought(ana, "png")
        caption = picture.content["caption"]
        assert "Now: Clearly thinner" in caption
        assert "What if: Mostly bare" in caption
        await ana.sees("This was only a look.")
