"""The try-out as a new patient and the team meet it: a real process, a real browser."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser import PHONE, browser, open_page
from tests.e2e.clinic import PRESSES
from tests.e2e.demo import AtTheScreen, demo

__all__ = ["browser", "open_page"]

pytestmark = pytest.mark.browser

FIT = "Fit it to me · 3 minutes"
AGREE = "Yes, and show it to the team"
NONE = "None of these"
MAX_TAPS = 14
ASKED_AGAIN = 5  # times, while the program learns what was approved

#: Folder for pictures of the page, for whoever wants to look.
SHOTS = os.environ.get("EXOPLAN_SHOTS", "")
DIES = str(Path(__file__).with_name("demo_that_dies.py"))


async def lists(ana: AtTheScreen, *numbers: int) -> None:
    """Answer the health lists at these places with none of them."""
    for number in numbers:
        await ana.sees(f"{number} of 9")
        await ana.tap(NONE)


async def to_health(ana: AtTheScreen, area: str) -> None:
    await ana.start()
    await ana.tap(area, FIT, AGREE, NONE, *PRESSES[area], "No, never")


@pytest.mark.parametrize("area", PRESSES)
async def test_each_area_from_start_to_plan_in_at_most_fourteen_taps(
    tmp_path, open_page, area
):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, size=PHONE, offline_noise=True)
        ana = AtTheScreen(page)
        await to_health(ana, area)
        await lists(ana, 7, 8, 9)
        await ana.tap("Show my plan")
        await ana.sees("A clinician sets your number", "Made-up clinic")
        assert ana.taps <= MAX_TAPS


async def test_a_hold_is_corrected_once_and_leads_to_the_plan(tmp_path, open_page):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await to_health(ana, "Hair")
        await ana.tap("☐ 1", "Done")
        await lists(ana, 8, 9)
        await ana.sees("This does not mean no.", "Our team can now see")
        await ana.team_sees("Blood thinner or aspirin → HOLD")
        await ana.tap("Change an answer", "Your health · 1", "☑ 1", NONE)
        await ana.team_sees("first “yes”, then “no”")
        await ana.tap("Show my plan")
        await ana.sees("1 to 3 visits")


async def test_a_stop_answer_shows_no_plan(tmp_path, open_page):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await ana.start()
        await ana.tap("Skin", FIT, AGREE, "☐ 2", "Done")
        await ana.sees("With this answer I show no plan.")
        await ana.team_sees("NO PLAN")


async def test_a_what_if_and_a_change_from_the_review(tmp_path, open_page):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await to_health(ana, "Hair")
        await lists(ana, 7, 8, 9)
        await ana.tap("Change an answer", "How it looks", "1 · A little thinner")
        await ana.sees("How it looks: A little thinner")
        await ana.tap("Show my plan", "What if…", "Other treatment", "Microneedling")
        await ana.sees("This was only a look.", "microneedling as well")
        await ana.tap("‹ Back")
        await ana.sees("Which answer would you like to try another way?")
        await ana.tap("‹ Back")
        await ana.sees("Your plan for hair stands above")


async def test_a_process_killed_in_the_middle_goes_on_where_it_was(tmp_path, open_page):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await ana.start()
        await ana.tap("Hair", FIT, AGREE, NONE, "Crown")
        await ana.sees("3 of 9")
        await running.kill()
    async with demo(tmp_path, running.port) as again:
        assert again.url == running.url
        await ana.tap("2 · Clearly thinner")
        await ana.sees("4 of 9")


async def test_papers_are_opened_and_come_again_after_a_kill(tmp_path, open_page):
    """The process dies between the commit and the sending; the next one sends them."""
    async with demo(tmp_path, program=(DIES,)) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await to_health(ana, "Hair")
        await lists(ana, 7, 8, 9)
        await ana.tap("Show my plan")
        await ana.sees("1 to 3 visits over 12 to 18 months")
        await ana.patient.get_by_role("button", name="Picture", exact=True).click()
        assert await running.process.wait() == -signal.SIGKILL
    async with demo(tmp_path, running.port):
        photo = ana.patient.get_by_role("button", name="Open photo")
        await expect(photo).to_be_visible()
        await photo.click()
        large = page.get_by_role("dialog").get_by_role("img")
        await expect(large).to_be_visible()
        wide = "picture => picture.decode().then(() => picture.naturalWidth)"
        assert await large.evaluate(wide) == 1000
        await page.keyboard.press("Escape")
        await ana.sees("Your plan for hair stands above")
        await ana.tap("Save")
        for name, begins in (("hair-plan.pdf", b"%PDF"), ("hair-plan.ics", b"BEGIN:V")):
            link = ana.patient.get_by_role("link", name=name)
            await expect(link).to_be_visible()
            async with page.expect_download() as download:
                await link.click()
            saved = await (await download.value).path()
            assert saved.read_bytes().startswith(begins)


async def test_a_question_goes_to_the_team_and_the_answer_comes_back(
    tmp_path, open_page
):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await ana.start()
        await ana.tap("Talk to a person")
        await ana.writes("can I come on Monday?")
        asked = await ana.team_sees("can I come on Monday?")
        await ana.sees("Our team has your message")
        await ana.team_replies(asked, "Yes, at ten.")
        await ana.sees("Yes, at ten.")


async def test_what_the_team_answered_once_is_answered_to_all(tmp_path, open_page):
    """Unknown, answered by a person, saved, approved by another, asked again."""
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await ana.start()
        await ana.tap("Hair", FIT, AGREE, NONE)
        await ana.sees("2 of 9")
        await ana.writes("does it hurt?")
        await ana.sees("It differs from person to person")
        await expect(ana.patient.get_by_text("2 of 9")).to_have_count(2)
        await ana.tap("Talk to a person")
        await ana.writes("can i bring my guide dog")
        asked = await ana.team_sees("can i bring my guide dog")
        await ana.team_replies(asked, "Yes, guide dogs are welcome in all our rooms.")
        await ana.sees("Yes, guide dogs are welcome")
        await ana.team_presses("Save as FAQ")
        await ana.team_sees("Others will read both.")
        await ana.team_presses("Nothing personal, make a draft")
        await ana.team_opens_general()
        await ana.team_shows("Draft C1")
        await ana.team_presses("Approve")
        await expect(page.get_by_text("Somebody else has to approve")).to_be_visible()
        await ana.team_becomes("Tom")
        await ana.team_opens_general()
        await ana.team_presses("Approve")
        await ana.team_shows("Tom approved C1")
        await ana.tap("‹ Back to where I was")
        offered = ana.patient.get_by_role("button", name="can i bring my guide dog")
        for _ in range(ASKED_AGAIN):
            await ana.writes("is my guide dog allowed in")
            with suppress(AssertionError):
                await expect(offered).to_be_visible(timeout=2_000)
                break
        await ana.tap("can i bring my guide dog")
        await expect(
            ana.patient.get_by_text("Yes, guide dogs are welcome")
        ).to_have_count(2)
        await page.get_by_role("button", name="+1 week").click()
        await ana.team_shows("First replies: 1")


async def test_a_hold_is_cleared_and_a_clinician_s_plan_is_seen(tmp_path, open_page):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        ana = AtTheScreen(page)
        await to_health(ana, "Hair")
        await ana.tap("☐ 1", "Done")
        await lists(ana, 8, 9)
        await ana.team_sees("Blood thinner or aspirin → HOLD")
        await ana.team_lifts_the_hold_and_plans(
            "3 visits, 4 weeks apart, upkeep 12 months"
        )
        await ana.sees("upkeep after 12 months")
        await ana.team_presses("Claim")
        await ana.sees("from the team of Riverside Clinic is with you now")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/desk.png")


async def test_the_page_has_the_menu_and_the_description(tmp_path, open_page):
    async with demo(tmp_path) as running:
        page = await open_page(running.url, offline_noise=True)
        description = "not a doctor or a nurse"
        await expect(page.get_by_text(description).first).to_be_visible()
        ana = AtTheScreen(page)
        await ana.start()
        await ana.patient.get_by_role("button", name="Menu").click()
        await expect(page.get_by_text("What is kept about you")).to_be_visible()
