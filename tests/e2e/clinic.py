"""The whole program on a local Telegram, and a patient who presses buttons by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.house import voice_of
from bot.local import LocalTelegram
from bot.local.nouns import Message
from bot.local.people import Conversation, Group, Person
from tests.bot.rehearsal import ENDS_WITHIN, clinic, settings, telegram

SMALL = "A small change is enough"
#: What a patient presses from the area's card to the review, by the words on screen.
PRESSES = {
    "Skin": ("Whole face", "2 · Lines at rest", "A big change", "Microneedling"),
    "Hair": ("Crown", "2 · Clearly thinner", SMALL, "Nothing else"),
    "Joint": ("Knee", "3 months or more", "4", "Moving more easily"),
}
CONSENT = "Yes, and show it to the team"


@dataclass
class Patient:
    """A person in their chat, who counts the taps."""

    person: Person
    chat: Conversation
    taps: int = 0

    @property
    def live(self) -> Message:
        """The newest message with buttons that are not for every screen."""
        return [
            m
            for m in self.chat.from_bot
            if m.rows and not m.rows[0][0]["callback_data"].startswith("~")
        ][-1]

    async def start(self, payload: str = "") -> None:
        self.taps += 1
        await self.person.start(payload)
        await self.chat.wait_until(lambda: bool(self.chat.from_bot))

    async def tap(self, *labels: str) -> None:
        """Press each button as soon as it is there; a press counts when it did."""
        for label in labels:
            await self._press(label)

    async def _press(self, label: str) -> None:
        message = await self.chat.wait_for(lambda m: label in m.buttons)
        self.taps += 1

        def picture() -> tuple[object, ...]:
            return len(self.chat.from_bot), message.edit_date, message.reply_markup

        before = picture()
        await (await self.person.press(message, label)).answered()
        await self.chat.wait_until(lambda: picture() != before)

    async def tap_without_waiting(self, label: str) -> None:
        """Press a button whose answer may take its time."""
        message = await self.chat.wait_for(lambda m: label in m.buttons)
        await (await self.person.press(message, label)).answered()

    async def answer_all(self, area: str, consent: str = CONSENT) -> None:
        """From the first hello to the review, without any flag."""
        await self.start()
        await self.tap(area, "Fit it to me · 3 minutes", consent, "None of these")
        await self.tap(*PRESSES[area], "No, never")
        for place in ("7 of 9", "8 of 9", "9 of 9"):
            await self.chat.wait_for_text(place)
            await self.tap("None of these")

    async def sees(self, part: str) -> Message:
        return await self.chat.wait_for_text(part)


@dataclass
class Clinic:
    """A clinic at work: the local Telegram, the staff chat, and patients who come."""

    local: LocalTelegram
    app: App
    maria: Person
    group: Group | None

    @property
    def staff(self) -> Group:
        """The staff chat of a clinic that has one."""
        assert self.group is not None
        return self.group

    def patient(self, name: str = "Ana") -> Patient:
        person = self.local.person(name)
        return Patient(person, person.private_chat())


@asynccontextmanager
async def open_clinic(
    folder: Path, *, staff: bool = True, forum: bool = False
) -> AsyncIterator[Clinic]:
    async with telegram() as local:
        maria = local.person("Maria")
        group = local.group("Riverside team", [maria], forum=forum) if staff else None
        async with at_work(folder, local, group) as app:
            yield Clinic(local, app, maria, group)


@asynccontextmanager
async def at_work(
    folder: Path, local: LocalTelegram, group: Conversation | None
) -> AsyncIterator[App]:
    """The bot at work on a Telegram that is there already."""
    profile = clinic(group.id if group else None)
    app = App(settings(folder, local.api_url), profile, voice_of(profile), local.clock)
    run = asyncio.create_task(app.run())
    try:
        yield app
    finally:
        app.stop()
        local.faults.clear()
        async with asyncio.timeout(ENDS_WITHIN):
            await run


async def asks(clinic: Clinic, words: str, name: str = "Ana") -> Patient:
    """A patient who asks the team."""
    ana = clinic.patient(name)
    await ana.start()
    await ana.tap("Talk to a person")
    await ana.sees("Write to our team")
    await ana.person.send(words)
    await clinic.staff.wait_for_text(words)
    return ana
