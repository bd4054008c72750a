"""From /start to a plan over a real Bot API, as patients and the team go it."""

from __future__ import annotations

import pytest

from tests.bot.rehearsal import telegram
from tests.e2e.clinic import PRESSES, Patient, at_work, open_clinic
from tests.local.bot_api_model import validate_call, validate_result

MAX_TAPS = 14


@pytest.mark.parametrize("area", PRESSES)
async def test_every_area_leads_to_its_plan_in_at_most_fourteen_taps(tmp_path, area):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.answer_all(area)
        await ana.tap("Show my plan")
        plan = await ana.sees("A clinician sets your number")
        assert plan.text.startswith(f"{area}: what clinics often plan")
        assert ana.taps <= MAX_TAPS


async def test_every_call_is_one_the_bot_api_knows(tmp_path):
    """Held against an independent typed model, down to every nested field."""
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.answer_all("Hair")
        await ana.tap("Show my plan", "Why", "‹ Back", "What if…", "Other treatment")
        await ana.tap("Microneedling", "‹ Back", "‹ Back", "Talk to a person")
        await ana.person.send("can I come on Monday?")
        asked = await clinic.staff.wait_for_text("can I come on Monday?")
        await clinic.maria.reply(asked, "Yes, at ten.")
        await ana.sees("Yes, at ten.")
        await clinic.staff.wait_for_text("Delivered to Ana")
        await ana.person.send("I cannot breathe, my throat is closing")
        await clinic.staff.wait_for_text("possible emergency")
        await ana.sees("I have told our team")
        assert not clinic.local.record.slips
        methods = set()
        for call in clinic.local.record.calls:
            methods.add(call.method)
            validate_call(call.method, call.params)
            if call.carried_out:
                validate_result(call.method, call.result)
        assert {"sendMessage", "editMessageText", "editMessageReplyMarkup"} <= methods


async def test_a_hold_reaches_the_team_who_clear_it_and_the_plan_opens(tmp_path):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.start()
        await ana.tap("Hair", "Fit it to me · 3 minutes")
        await ana.tap("Yes, and show it to the team", "None of these")
        await ana.tap(*PRESSES["Hair"], "No, never", "☐ 1", "Done")
        await ana.sees("8 of 9")
        await ana.tap("None of these")
        await ana.sees("9 of 9")
        await ana.tap("None of these")
        await ana.sees("This does not mean no.")
        alert = await clinic.staff.wait_for_text("Blood thinner or aspirin → HOLD")
        await ana.sees("Our team can now see")
        await clinic.maria.reply(alert, "/clear spoke with her doctor")
        await ana.sees("Maria of our team has looked at this.")
        await clinic.staff.wait_for_text("lifted")
        await ana.tap("Show my plan")
        await ana.sees("1 to 3 visits")


async def test_a_stop_answer_shows_no_plan_and_cannot_be_taken_back(tmp_path):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.start("skin")
        await ana.tap("Fit it to me · 3 minutes", "Yes, and show it to the team")
        await ana.tap("☐ 2", "Done")
        await ana.sees("With this answer I show no plan.")
        assert "Change an answer" not in ana.live.buttons
        await clinic.staff.wait_for_text("NO PLAN")


async def test_a_mistaken_tick_is_corrected_and_the_team_sees_both_answers(tmp_path):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.start("hair")
        await ana.tap("Fit it to me · 3 minutes", "Yes, and show it to the team")
        await ana.tap("None of these", *PRESSES["Hair"], "No, never")
        await ana.tap("☐ 1", "Done")
        await ana.sees("8 of 9")
        await ana.tap("None of these")
        await ana.sees("9 of 9")
        await ana.tap("None of these", "Change an answer", "Your health · 1")
        await ana.tap("☑ 1", "None of these")
        await clinic.staff.wait_for_text("first “yes”, then “no”")
        await ana.tap("Show my plan")
        await ana.sees("1 to 3 visits")


async def test_the_emergency_card_comes_before_everything_and_the_team_is_called(
    tmp_path,
):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.person.send("i cant breathe")
        card = await ana.sees("Call 112 now")
        assert not card.entities
        await clinic.staff.wait_for_text("🚨 Ana")
        await ana.sees("I have told our team")


async def test_a_typed_answer_is_as_good_as_a_tap(tmp_path):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.person.send("/start")
        await ana.sees("What would you like to know about?")
        await ana.person.send("my knee hurts")
        await ana.sees("Joint: what clinics often plan")
        await ana.person.send("fit it to me")
        await ana.sees("do you agree?")
        await ana.person.send("yes, show it to the team")
        await ana.sees("1 of 9")
        await ana.person.send("none of these")
        await ana.sees("2 of 9")
        await ana.person.send("1")
        await ana.sees("3 of 9")


async def test_a_question_in_the_middle_is_answered_and_the_screen_comes_back(tmp_path):
    async with open_clinic(tmp_path) as clinic:
        ana = clinic.patient()
        await ana.start("hair")
        await ana.tap("Fit it to me · 3 minutes", "Yes, and show it to the team")
        await ana.tap("None of these")
        before = await ana.sees("2 of 9")
        await ana.person.send("does it hurt?")
        again = await ana.chat.wait_for_text("2 of 9", after=before)
        answer = ana.chat.from_bot[-2]
        assert "hurt" in answer.text
        assert again.message_id > answer.message_id


async def test_without_a_staff_chat_the_phone_is_shown(tmp_path):
    async with open_clinic(tmp_path, staff=False) as clinic:
        ana = clinic.patient()
        await ana.start()
        await ana.tap("Talk to a person")
        await ana.sees("555-0100")


async def test_a_bot_stopped_in_the_middle_goes_on_where_it_was(tmp_path):
    async with telegram() as local:
        person = local.person("Ana")
        ana = Patient(person, person.private_chat())
        async with at_work(tmp_path, local, None):
            await ana.start("hair")
            await ana.tap("Fit it to me · 3 minutes", "Yes, for my plan only")
            await ana.tap("None of these", "Crown")
            await ana.sees("3 of 9")
        pressing = await person.press(ana.live, "2 · Clearly thinner")
        async with at_work(tmp_path, local, None):
            await pressing.answered()
            await ana.sees("4 of 9")
