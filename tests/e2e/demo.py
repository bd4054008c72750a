"""`exoplan demo` as its own process, and a patient at a real browser."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Locator, Page, expect

READY = re.compile(rb"http://127\.0\.0\.1:(\d+)/\S+")


@dataclass
class Demo:
    """A running try-out."""

    process: asyncio.subprocess.Process
    url: str
    port: int

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def demo(
    folder: Path, port: int = 0, *, program: tuple[str, ...] = ("-m", "bot")
) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(*program, "demo", "--no-browser"),
        *("--port", str(port), "--folder", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if found := READY.search(line):
                yield Demo(process, found[0].decode(), int(found[1]))
                break
        else:
            raise AssertionError("the demo ended before its page was there")
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@dataclass
class AtTheScreen:
    """A patient and the team in one browser, by the words on their buttons."""

    page: Page
    taps: int = 0
    seen: list[str] = field(default_factory=list)

    @property
    def patient(self) -> Locator:
        return self.page.get_by_test_id("pane-patient")

    @property
    def team(self) -> Locator:
        return self.page.get_by_test_id("pane-team")

    async def start(self) -> None:
        self.taps += 1
        await self.patient.get_by_role("button", name="START", exact=True).click()
        await self.sees("What would you like to know about?")

    async def tap(self, *labels: str) -> None:
        """Press each button once its screen is there."""
        for label in labels:
            button = self.patient.get_by_role("button", name=label, exact=True).last
            await expect(button).to_be_enabled()
            self.taps += 1
            await button.click()
            await expect(self.patient.locator('[aria-busy="true"]')).to_have_count(0)

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await expect(self.patient.get_by_text(text).last).to_be_visible()

    async def writes(self, text: str) -> None:
        box = self.patient.get_by_role("textbox", name="Message")
        await box.fill(text)
        await box.press("Enter")

    async def team_sees(self, text: str) -> Locator:
        await self.team_opens_topic()
        found = self.team.get_by_test_id("message").filter(has_text=text).last
        await expect(found).to_be_visible()
        return found

    async def team_opens_topic(self, name: str = "Ana") -> None:
        """Look into the patient's topic, as soon as there is one."""
        topic = self.team.get_by_test_id("topic").filter(has_text=name).first
        await expect(topic).to_be_attached()
        if (
            await topic.is_visible()
            and await topic.get_attribute("aria-current") is None
        ):
            await topic.click()

    async def team_presses(self, label: str) -> None:
        """Press the newest button of this name that the team has."""
        button = self.team.get_by_role("button", name=label, exact=True).last
        await expect(button).to_be_enabled()
        await button.click()

    async def team_writes(self, text: str) -> None:
        box = self.team.get_by_role("textbox", name="Message")
        await box.fill(text)
        await box.press("Enter")

    async def team_opens_general(self) -> None:
        """Look where what is about no patient stands."""
        topic = self.team.get_by_test_id("topic").filter(has_text="General").first
        await topic.click()

    async def team_shows(self, text: str) -> None:
        """A message where the team looks now."""
        found = self.team.get_by_test_id("message").filter(has_text=text).last
        await expect(found).to_be_visible()

    async def team_becomes(self, name: str) -> None:
        """Somebody else of the team is at the screen."""
        await self.team.get_by_role("button", name="Change person").click()
        await self.page.get_by_role("menu").get_by_text(name, exact=True).click()

    async def team_replies(self, to: Locator, text: str) -> None:
        await to.click(button="right")
        await self.page.get_by_role("menuitem", name="Reply").click()
        box = self.team.get_by_role("textbox", name="Message")
        await box.fill(text)
        await box.press("Enter")

    async def team_lifts_the_hold_and_plans(self, plan: str) -> None:
        """A clinician gives the reason, then enters a plan; the patient sees it."""
        await self.team_presses("Clear hold")
        why = await self.team_sees("Why may the hold of Ana be lifted?")
        await self.team_replies(why, "spoke with her doctor")
        await self.sees("Maria of our team has looked at this.")
        await self.team_presses("Enter plan")
        how = await self.team_sees("Please reply with the plan for Ana")
        await self.team_replies(how, plan)
        await self.sees("Hair: your plan from Maria")
