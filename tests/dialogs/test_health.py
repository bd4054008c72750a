"""A health answer closes the plan, and what becomes of it."""

from __future__ import annotations

import pytest

from dialogs import (
    Delivered,
    House,
    Level,
    OfLaterRelease,
    Reading,
    Say,
    Session,
    StaffCleared,
    StaffReplied,
    Undelivered,
    UnreadableSession,
)
from dialogs.screens import numbers_on
from exoplan import load_book
from tests.dialogs.chat import ANSWERS, HOUSE, LONELY_HOUSE, Chat

HOLD = ("tick:RF10:yes", "done", "none", "none")


def held(consent: str = "agree:team") -> Chat:
    chat = Chat().start().tap("area:hair", "fit", consent, "none")
    return chat.tap(*ANSWERS["hair"], "earlier:none", *HOLD)


def test_a_hold_ends_in_one_calm_screen_and_the_team_is_told():
    chat = held()
    assert chat.said == ["held"]
    assert chat.staff == ["hold"]


def test_the_person_hears_that_the_team_knows_only_once_it_does():
    chat = held()
    call = chat.call
    assert chat.give(Delivered(call.ref)).said == ["told/hold"]
    assert chat.give(Delivered(call.ref)).said == []


def test_when_the_team_cannot_be_reached_the_person_is_told_so():
    chat = held()
    call = chat.call
    assert chat.give(Undelivered(call.ref, "failed")).said == ["not_told"]


def test_who_keeps_nothing_is_not_reported():
    assert held("agree:nothing").staff == []


def test_a_mistaken_tick_can_be_taken_back_once_and_the_team_sees_both():
    chat = held().tap("change", "change:health_1", "tick:RF10:no", "none")
    assert chat.session.state == "review"
    assert "corrected" in chat.staff
    chat.tap("change", "change:health_1", "tick:RF10:yes", "done")
    assert chat.session.state == "held"
    assert "change" not in chat.screen.options()
    assert chat.screen.data["changed_once"] is True


@pytest.mark.parametrize("flag", ["RF01", "RF02", "RF03", "RF36"])
def test_a_stop_answer_ends_the_intake_and_offers_no_change(flag):
    chat = Chat().start().tap("area:hair", "fit", "agree:team")
    chat.tap(f"tick:{flag}:yes", "done")
    assert chat.said == ["closed"]
    assert "change" not in chat.screen.options()


@pytest.mark.parametrize("flag", ["RF02", "RF03", "RF18", "RF36"])
def test_staff_reopen_what_a_stop_answer_closed(flag):
    chat = Chat().start().tap("area:joint", "fit", "agree:team")
    chat.tap(f"tick:{flag}:yes", "done").clear()
    assert chat.staff == ["cleared"]
    assert chat.said == ["cleared", "ask"]
    chat.tap(*ANSWERS["joint"], "earlier:none", "none", "none", "none", "show")
    assert chat.said == ["plan"]


def test_under_age_never_reopens():
    chat = Chat().start().tap("area:hair", "fit", "agree:team")
    chat.tap("tick:RF01:yes", "done").clear()
    assert chat.session.closed() >= {"hair", "skin", "joint", "prp"}
    assert chat.session.state == "closed"


def test_a_cleared_hold_opens_the_review_and_the_plan():
    chat = held().clear()
    assert chat.said == ["cleared", "review"]
    assert chat.tap("show").said == ["plan"]


def test_not_sure_holds_where_the_flag_would_close():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none")
    chat.tap(*ANSWERS["hair"], "earlier:none", "unsure", "tick:RF10:unsure", "done")
    assert chat.tap("none", "none").said == ["held"]


def test_not_sure_stays_a_note_where_the_flag_is_one():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none")
    chat.tap(*ANSWERS["hair"], "earlier:none", "none", "none")
    chat.tap("unsure", "tick:RF33:unsure", "done")
    assert chat.session.state == "review"


def test_not_sure_about_an_urgent_line_asks_whether_it_is_now():
    chat = Chat().start().tap("area:joint", "fit", "agree:team")
    chat.tap("unsure", "tick:RF20:unsure", "done")
    assert chat.said == ["now"]
    assert chat.tap("yes").said == ["cards/emergency"]
    assert chat.staff == ["emergency"]


def test_an_urgent_tick_shows_the_card_at_once_and_stops_the_chat():
    chat = Chat().start().tap("area:joint", "fit", "agree:nothing")
    chat.tap("tick:RF20:yes", "done")
    assert chat.said == ["cards/emergency"]
    assert chat.staff == ["emergency"]
    assert chat.screen.template == "stopped"


def test_one_bare_patch_is_a_reason_to_see_a_clinician_first():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none", "site:patch")
    chat.tap(*ANSWERS["hair"][1:], "earlier:none", "none", "none", "none")
    assert chat.said == ["held"]
    assert chat.screen.data["doctor_soon"] is True


def test_numbers_shown_before_are_taken_back_when_a_flag_closes_the_plan():
    chat = Chat().to_review("hair").tap("show")
    plan = chat.session.live
    chat.ask("Q08")
    answer = chat.say("answer").ref
    chat.tap("another", "area:skin", "fit", *ANSWERS["skin"], "earlier:none")
    chat.tap("tick:RF06:yes", "done")  # about the skin: hair's numbers may stay
    assert "withdrawn" not in chat.said
    chat.tap("another", "area:hair", "fit", "change", "change:health_1")
    chat.tap("tick:RF10:yes", "done")
    withdrawn = {
        e.edits
        for e in chat.effects
        if isinstance(e, Say) and e.screen.template == "withdrawn"
    }
    assert {plan, answer} <= withdrawn


def test_a_held_person_gets_answers_without_numbers():
    chat = held().ask("Q08")
    assert chat.say("answer").screen.data["closed"] is True
    assert chat.ask("Q51").say("answer").screen.data["closed"] is True
    assert chat.ask("Q38").say("answer").screen.data["closed"] is False


def test_the_card_of_a_closed_area_names_no_number():
    chat = held().tap("another", "area:hair")
    assert chat.said == ["card_closed"]
    assert numbers_on(chat.session, HOUSE) == ()


@pytest.mark.parametrize("level", [Level.URGENT_NOW, Level.SAME_DAY])
def test_an_emergency_is_answered_first_in_every_state(level):
    chat = Chat().to_review("hair")
    card = "emergency" if level is Level.URGENT_NOW else "same_day"
    chat.cry(level, card)
    assert chat.said == [f"cards/{card}"]
    assert chat.say(f"cards/{card}").urgent
    assert chat.staff == ["emergency"]


def test_after_an_emergency_only_questions_and_a_person_are_open_until_staff_resume():
    chat = Chat().to_review("hair").cry()
    assert chat.start().said == ["stopped"]
    assert chat.ask("Q38").said == ["answer", "stopped"]
    assert chat.ask("Q08").say("answer").screen.data["closed"] is True
    assert chat.clear().said == ["cleared", "review"]
    assert chat.tap("show").said == ["plan"]


def test_in_doubt_it_asks_and_keeps_asking_until_it_is_answered():
    chat = Chat().to_review("hair").cry(Level.ASK)
    assert chat.said == ["now"]
    assert chat.ask("Q38").said == ["now"]
    assert chat.tap("no").said == ["inform", "review"]


def test_an_emergency_is_called_out_even_where_nobody_agreed_to_anything():
    chat = Chat().cry()
    assert chat.said == ["cards/emergency"]
    assert chat.staff == ["emergency"]


def test_distress_told_in_passing_holds_and_is_met_kindly():
    chat = Chat().to_review("skin").write("…", Reading(flag="RF35"))
    assert chat.said == ["volunteered", "held"]
    assert {"skin", "hair"} <= chat.session.closed()


def test_what_staff_write_arrives_marked_and_they_get_a_receipt():
    chat = Chat().start().tap("person").write("can I take aspirin before?")
    assert chat.staff == ["question"]
    chat.give(StaffReplied("Please ask your doctor.", "Maria", 41))
    assert chat.said == ["from_staff"]
    ref = chat.say("from_staff").ref
    chat.give(Delivered(ref))
    assert chat.staff == ["delivered"]
    assert chat.call.replies_to == 41


def test_not_sure_that_becomes_yes_is_as_strict_as_yes():
    chat = Chat().start().tap("area:hair", "fit", "agree:team")
    chat.tap("unsure", "tick:RF02:unsure", "done", "back")
    chat.tap("tick:RF02:yes", "done")
    assert chat.said[-1] == "closed"
    chat = Chat().start().tap("area:joint", "fit", "agree:team")
    chat.tap("unsure", "tick:RF20:unsure", "done", "no", "back")
    assert chat.tap("tick:RF20:yes", "done").said == ["cards/emergency"]


def test_what_staff_cleared_as_not_sure_closes_again_when_it_is_a_yes():
    chat = Chat().start().tap("area:hair", "fit", "agree:team")
    chat.tap("unsure", "tick:RF02:unsure", "done")
    chat.tap(*ANSWERS["hair"], "earlier:none", "none", "none", "none").clear()
    chat.tap("change", "change:stop", "tick:RF02:yes", "done")
    assert chat.session.closed()


def test_distress_told_in_words_stays_until_staff_lift_it():
    chat = Chat().to_review("skin").write("…", Reading(flag="RF35"))
    assert "change" not in chat.screen.options()
    assert {"skin", "hair"} <= chat.session.closed()
    assert chat.clear().session.state == "review"


def test_a_bad_reaction_told_for_one_area_is_not_taken_back_in_another():
    chat = Chat().to_review("hair").tap("show", "another", "area:skin", "fit")
    chat.tap(*ANSWERS["skin"], "earlier:bad_reaction", "none")
    assert "hair" in chat.session.closed()
    chat.tap("another", "area:hair", "fit")
    assert chat.session.state == "held"
    if "change" in chat.screen.options():
        chat.tap("change", "change:goal", "goal:subtle")
    assert "hair" in chat.session.closed()


def test_start_does_not_put_away_whether_it_is_happening_now():
    chat = Chat().to_review("hair").cry(Level.ASK).start("skin")
    assert chat.said == ["now"]


def test_another_joint_has_its_own_health_answers():
    chat = Chat().to_review("joint").tap("change", "change:joint", "joint:hip")
    assert chat.session.state == "stop"
    asked = {flag for flag, _ in chat.screen.data["lines"]}
    assert asked == {"RF18", "RF20", "RF21"}


def test_a_health_fact_told_in_passing_is_added_only_if_the_person_says_so():
    chat = Chat().to_review("hair").tap("show").write("…", Reading(flag="RF10"))
    assert chat.said == ["told_flag"]
    assert not chat.session.closed()
    chat.tap("add_flag")
    assert "hair" in chat.session.closed()
    assert chat.said[-1] == "held"
    chat = Chat().to_review("hair").write("…", Reading(flag="RF02")).tap("away")
    assert chat.session.state == "review"
    assert not chat.session.closed()


def test_clear_lifts_what_the_note_named_and_nothing_more():
    chat = held()
    hold = chat.call.ref
    alarm = chat.cry().call.ref
    chat.give(StaffCleared("Maria", "seen", 7, alarm))
    assert not chat.session.stopped
    assert "hair" in chat.session.closed()
    chat.give(StaffCleared("Maria", "seen", 8, hold))
    assert not chat.session.closed()


def test_letting_a_stopped_chat_go_on_lifts_no_hold_that_the_team_never_saw():
    chat = held("agree:plan").cry().clear()
    assert not chat.session.stopped
    assert "hair" in chat.session.closed()
    assert chat.call.data["unseen"]
    assert not chat.clear().session.closed()
    assert not held("agree:team").cry().clear().session.closed()


def test_every_message_beside_prp_is_taken_back_with_the_plan_it_shows():
    chat = Chat().to_review("hair").tap("show", "beside")
    beside = chat.session.live
    chat.write("asdf")
    chat.tap("another", "area:skin", "fit", *ANSWERS["skin"], "earlier:bad_reaction")
    edits = {e.edits for e in chat.effects if isinstance(e, Say)}
    assert beside in edits


def test_without_a_team_the_person_says_that_help_has_come():
    chat = Chat(LONELY_HOUSE).to_review("hair", "agree:plan").cry()
    assert chat.start().said == ["stopped"]
    assert chat.tap("got_help").session.stopped == ""


def test_an_area_the_clinic_closed_since_is_left_politely():
    chat = Chat().to_review("joint")
    closed = House(load_book(closed_areas={"joint"}), has_staff=True)
    chat.house = closed
    assert chat.write("hello").said[-1] == "areas"


def test_what_led_to_the_question_whether_it_is_now_reaches_the_team_either_way():
    chat = Chat().start().tap("person").cry(Level.ASK).tap("no")
    assert chat.staff == ["question"]
    chat = Chat().start().tap("person").cry(Level.ASK).tap("yes")
    assert chat.call.data["text"]


def test_a_session_of_a_later_release_is_no_unreadable_one():
    stored = held().session.to_json()
    with pytest.raises(OfLaterRelease):
        Session.from_json({**stored, "version": stored["version"] + 1, "new": {}})


def test_what_holds_a_plan_survives_a_session_that_cannot_be_read():
    stored = held().session.to_json()
    with pytest.raises(UnreadableSession) as caught:
        Session.from_json({**stored, "state": "a place of another release"})
    anew = caught.value.begun_anew
    assert isinstance(anew, Session)
    assert anew.closed() == held().session.closed()
