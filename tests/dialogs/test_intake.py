"""From /start to a plan, and every way a person may leave the straight path."""

from __future__ import annotations

import pytest

from dialogs import Chose, Commanded, Erase, Say, SentOther, Started, Toast, Wrote
from dialogs.effects import Record, Strip
from tests.dialogs.chat import ANSWERS, BOOK, LONELY_HOUSE, Chat

MAX_TAPS = 14


@pytest.mark.parametrize("area", BOOK.open_areas)
@pytest.mark.parametrize("consent", ["agree:team", "agree:nothing"])
def test_a_plan_is_at_most_fourteen_taps_from_start(area, consent):
    chat = Chat().to_review(area, consent).tap("show")
    assert chat.said == ["plan"]
    assert chat.taps <= MAX_TAPS


@pytest.mark.parametrize("area", BOOK.open_areas)
def test_what_is_published_is_shown_before_anything_is_asked_or_kept(area):
    chat = Chat().start().tap(f"area:{area}")
    assert chat.said == ["card"]
    assert not chat.session.answers
    assert not any(isinstance(e, Record) for e in chat.effects)


def test_consent_is_recorded_per_purpose_with_the_version_of_its_text():
    chat = Chat().start().tap("area:hair", "fit", "agree:nothing")
    given = [e for e in chat.effects if isinstance(e, Record)]
    assert [(r.purpose, r.granted) for r in given] == [("plan", True), ("team", False)]
    assert all(r.text_version for r in given)


def test_refusing_keeps_nothing_and_leaves_questions_and_a_person_open():
    chat = Chat().start().tap("area:hair", "fit", "refuse")
    assert chat.said == ["declined"]
    assert {"ask", "person"} <= chat.screen.options()
    assert not chat.session.answers


def test_keep_nothing_forgets_every_answer_with_the_plan():
    chat = Chat().to_review("hair", "agree:nothing").tap("show")
    assert chat.said == ["plan"]
    assert not chat.session.answers
    assert not chat.session.health
    assert not chat.session.done


def test_a_deep_link_opens_the_area_and_remembers_the_campaign():
    chat = Chat().start("hair-c-spring")
    assert chat.said == ["hello", "card"]
    assert (chat.session.area, chat.session.campaign) == ("hair", "spring")


@pytest.mark.parametrize("payload", ["", "nose", "'; DROP", "hair_x" * 20, "c-"])
def test_an_unknown_deep_link_is_as_good_as_none(payload):
    assert Chat().start(payload).said == ["welcome"]


@pytest.mark.parametrize("area", BOOK.open_areas)
def test_back_leads_from_every_question_to_the_one_before(area):
    chat = Chat().to_review(area)
    seen = []
    while "back" in chat.screen.options() and chat.session.state != "card":
        chat.tap("back")
        seen.append(chat.session.state)
    assert seen == ["health_3", "health_2", "health_1", "earlier"] + [
        answer.partition(":")[0] for answer in reversed(ANSWERS[area])
    ] + ["stop", "card"]


def test_a_changed_answer_leads_straight_back_to_the_review():
    chat = Chat().to_review("hair").tap("change", "change:severity", "severity:mild")
    assert chat.session.state == "review"
    assert chat.session.answers["severity"] == "mild"


def test_only_what_depends_on_a_changed_answer_is_asked_again():
    """With radiofrequency, implants matter: just these two lines are asked."""
    chat = Chat().to_review("hair")
    chat.tap("change", "change:combination", "combination:radiofrequency")
    assert chat.session.state == "health_3"
    assert [flag for flag, _ in chat.screen.data["lines"]] == ["RF16", "RF17"]
    assert chat.tap("none").session.state == "review"


def test_what_if_is_a_look_that_changes_nothing():
    chat = Chat().to_review("hair").tap("show")
    answers = chat.session.answers
    chat.tap("what_if", "turn:combination", "look:microneedling")
    assert chat.said == ["what_if_shown"]
    assert chat.session.answers == answers
    assert chat.tap("back", "back").session.state == "plan"


def test_a_second_area_asks_no_health_question_twice():
    chat = Chat().to_review("hair").tap("show", "another", "area:skin", "fit")
    assert chat.session.state == "site"
    chat.tap(*ANSWERS["skin"], "earlier:none")
    assert chat.session.state == "health_3"
    asked = {flag for flag, _ in chat.screen.data["lines"]}
    assert asked.isdisjoint({"RF01", "RF10", "RF33"})
    assert chat.tap("none", "show").said == ["plan"]


def test_an_area_left_in_the_middle_is_taken_up_where_it_was():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none", "site:crown")
    chat.tap("pause", "another", "area:skin", "back").tap("area:hair", "fit")
    assert chat.session.state == "severity"


def test_start_in_the_middle_offers_to_go_on():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none")
    chat.wait(days=31).start()
    assert chat.said == ["resume"]
    assert chat.screen.data["number"] == 2
    assert chat.tap("go_on").session.state == "site"


def test_after_a_long_silence_it_says_again_that_it_is_a_program():
    chat = Chat().start().wait(hours=25).tap("area:hair")
    assert chat.said == ["again", "card"]
    assert chat.wait(hours=1).tap("fit").said == ["consent"]


def test_a_doubled_tap_moves_once():
    chat = Chat().start()
    tap = Chose(str(chat.session.serial), "area:hair")
    chat.give(tap)
    moved = chat.session
    assert chat.give(tap).toasts == ["got_it"]
    assert chat.session == moved


def test_a_doubled_tick_stays_ticked():
    chat = Chat().start().tap("area:hair", "fit", "agree:team")
    tap = Chose(str(chat.session.serial), "tick:RF02:yes")
    chat.give(tap).give(tap)
    assert chat.session.ticks == {"RF02": "yes"}


def test_two_quick_ticks_on_the_same_drawing_both_count():
    chat = Chat().start().tap("area:hair", "fit", "agree:team")
    serial = str(chat.session.serial)
    chat.give(Chose(serial, "tick:RF02:yes")).give(Chose(serial, "tick:RF03:yes"))
    assert set(chat.session.ticks) == {"RF02", "RF03"}


@pytest.mark.parametrize(
    ("screen", "option"),
    [("1", "area:hair"), ("", ""), ("~", "show"), ("x" * 40, "fit"), ("9", "nonsense")],
)
def test_an_old_or_made_up_button_gets_a_polite_word_and_moves_nothing(screen, option):
    chat = Chat().start().tap("area:hair", "fit")
    before = chat.session
    chat.give(Chose(screen, option))
    assert chat.toasts == ["stale"]
    assert chat.session == before


def test_a_tap_edits_in_place_and_a_text_gets_a_new_message():
    chat = Chat().start().tap("area:hair")
    say = chat.effects[-1]
    assert isinstance(say, Say)
    assert say.edits
    live = chat.session.live
    chat.give(Commanded("help"))
    assert Strip(live) in chat.effects
    assert all(e.edits is None for e in chat.effects if isinstance(e, Say))


def test_the_plan_stays_while_the_next_screen_is_a_new_message():
    chat = Chat().to_review("hair").tap("show")
    plan = chat.session.live
    chat.tap("why")
    says = [e for e in chat.effects if isinstance(e, Say)]
    assert [s.edits for s in says] == [None]
    assert Strip(plan) in chat.effects


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "other"])
def test_what_it_cannot_read_is_answered_and_the_screen_comes_back(kind):
    chat = Chat().start().tap("area:hair")
    assert chat.give(SentOther(kind)).said == ["unsupported", "card"]


def test_a_question_in_the_middle_is_answered_and_the_same_screen_comes_back():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none")
    assert chat.ask("Q38").said == ["answer", "ask"]
    assert chat.session.state == "site"


def test_a_near_miss_offers_questions_and_none_of_these_leads_back():
    chat = Chat().start().tap("area:hair").ask("Q38", score=0.45)
    assert chat.said == ["suggest"]
    assert chat.tap("away").said == ["card"]


def test_after_two_misses_a_person_is_offered():
    chat = Chat().start().write("asdkjh")
    assert chat.say("not_understood").screen.rows == ()
    chat.write(";;;;")
    assert chat.say("not_understood").screen.options() == {"person"}


def test_an_edited_message_moves_nothing():
    chat = Chat().start().tap("area:hair")
    state = chat.session.state
    chat.give(Wrote("joint", edited=True))
    assert chat.said == ["edited", "card"]
    assert chat.session.state == state


@pytest.mark.parametrize("name", ["help", "person", "privacy", "ask", "nonsense"])
def test_every_command_is_answered_and_the_way_back_is_open(name):
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "none")
    chat.give(Commanded(name))
    assert chat.said
    while chat.session.over != "none":
        chat.tap("away" if "away" in chat.screen.options() else "back")
    assert chat.session.state == "site"


def test_cancel_pauses_and_restart_forgets_the_answers():
    chat = Chat().to_review("hair").give(Commanded("cancel"))
    assert chat.said == ["resume"]
    chat.give(Commanded("restart"))
    assert chat.said == ["welcome"]
    assert not chat.session.answers
    assert not chat.session.health


def test_deleting_has_everything_destroyed_and_begins_with_nothing():
    chat = Chat().to_review("hair").give(Commanded("privacy"))
    chat.tap("erase", "erase_yes")
    assert any(isinstance(effect, Erase) for effect in chat.effects)
    kept = (chat.session.answers, chat.session.health, chat.session.done)
    assert kept == ({}, {}, {})


def test_without_a_team_the_phone_is_shown_and_nobody_is_called():
    chat = Chat(LONELY_HOUSE).start().tap("person")
    assert chat.said == ["person"]
    assert chat.screen.data["has_staff"] is False
    assert chat.write("hello?").staff == []
    assert chat.said == ["person"]


def test_a_person_who_comes_back_after_the_plan_is_welcomed():
    chat = Chat().to_review("hair").tap("show")
    chat.give(Started())
    assert chat.said == ["welcome"]
    assert not any(isinstance(e, Toast) for e in chat.effects)
