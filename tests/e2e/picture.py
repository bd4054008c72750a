"""Draws the picture of the README anew: `python -m tests.e2e.picture`."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.browser import chromium
from tests.e2e.clinic import PRESSES
from tests.e2e.demo import AtTheScreen, demo

PICTURE = Path(__file__).parents[2] / "docs" / "chat.png"
SIZE = {"width": 1180, "height": 860}


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with demo(Path(folder)) as running, chromium() as browser:
            page = await browser.new_page(viewport=SIZE)  # type: ignore[arg-type] # a ViewportSize
            await page.goto(running.url)
            ana = AtTheScreen(page)
            await ana.start()
            await ana.tap("Hair", "Fit it to me · 3 minutes")
            await ana.tap("Yes, and show it to the team", "None of these")
            await ana.tap(*PRESSES["Hair"], "No, never", "☐ 1")
            await ana.tap("Done")
            for number in (8, 9):
                await ana.sees(f"{number} of 9")
                await ana.tap("None of these")
            alert = await ana.team_sees("HOLD")
            await ana.sees("Our team can now see")
            await ana.team_replies(alert, "/clear spoke with Ana and her doctor")
            await ana.sees("We can go on.")
            await ana.tap("Show my plan")
            await ana.sees("A clinician sets your number")
            await ana.team_sees("lifted")
            await page.wait_for_timeout(800)  # the scrolling and the highlight settle
            await page.screenshot(path=PICTURE)


if __name__ == "__main__":
    asyncio.run(main())
