"""Who does not follow, or asks about what they told, is met where they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialogs import Entry, House, Level, Match, Reading
from dialogs.understanding import asks, is_lost
from dialogs.visits import Status, Visit
from tests.dialogs.chat import BOOK, ENTRIES, NOW, Chat

LOST = Reading(lost=True)


@pytest.mark.parametrize(
    "text",
    [
        "i dont understand",
        "Sorry, I don't understand!",
        "what do you mean?",
        "HELP",
        "help me please",
        "huh??",
        "i no understand",
        "What does that mean",
        "what do i tap",
    ],
)
def test_who_says_that_they_do_not_follow_is_heard(text):
    assert is_lost(text)


@pytest.mark.parametrize(
    "text",
    [
        "what is prp",
        "how does it work",
        "what do exosomes do",
        "can you help with acne scars",
        "my knee",
        "i dont understand why it costs so much",
        "what if it hurts",
        "not sure",
        "",
    ],
)
def test_a_question_with_a_subject_is_left_to_the_answers(text):
    assert not is_lost(text)


@pytest.mark.parametrize(
    ("taps", "place"),
    [
        (("area:hair",), ""),
        (("area:hair", "fit"), "consent"),
        (("area:hair", "fit", "agree:team"), "ticks"),
        (("area:hair", "fit", "agree:team", "none"), "choice"),
    ],
)
def test_who_is_lost_hears_what_this_screen_wants_and_it_comes_back(taps, place):
    chat = Chat().start().tap(*taps)
    before = chat.screen.template, chat.session.state
    chat.write("what?", LOST)
    said = chat.say("lost").screen
    assert said.data["place"] == place
    assert said.options() == {"person"}
    assert chat.said == ["lost", before[0]]
    assert (chat.screen.template, chat.session.state) == before


@pytest.mark.parametrize(
    ("taps", "place"),
    [(("fit",), "consent"), (("fit", "agree:team"), "ticks")],
)
def test_what_is_not_understood_is_answered_with_what_the_screen_wants(taps, place):
    chat = Chat().start().tap("area:hair", *taps).write("asdkjh")
    assert chat.say("not_understood").screen.data["place"] == place


def test_who_types_beside_ticks_is_pointed_to_them():
    chat = Chat().start().tap("area:hair", "fit", "agree:team", "tick:RF36:yes")
    assert chat.write("asdkjh").say("not_understood").screen.data["ticked"]


def test_what_is_asked_beside_a_flag_is_answered_before_the_flag_is_added():
    chat = Chat().start().tap("area:hair")
    asked = Reading(matches=(Match("Q38", 0.9),), flag="RF10", asks=True)
    assert chat.write("…?", asked).said == ["answer", "told_flag"]


def test_no_number_is_named_while_a_flag_is_being_told():
    chat = Chat().start().tap("area:hair")
    asked = Reading(matches=(Match("Q08", 0.9),), flag="RF10", asks=True)
    assert chat.write("…?", asked).said == ["told_flag"]


@pytest.mark.parametrize(
    ("entry", "closed"), [("Q38", False), ("Q08", True)], ids=["other", "number"]
)
def test_a_question_that_names_a_flag_known_already_is_answered(entry, closed):
    chat = Chat().start().tap("area:hair").write("…", Reading(flag="RF10"))
    chat.tap("add_flag")
    asked = Reading(matches=(Match(entry, 0.9),), flag="RF10", asks=True)
    assert chat.write("…?", asked).said == ["answer", "card_closed"]
    assert chat.say("answer").screen.data["closed"] is closed


def test_a_known_flag_told_once_more_brings_the_screen_back_and_no_sorry():
    chat = Chat().start().tap("area:hair").write("…", Reading(flag="RF10"))
    assert chat.tap("add_flag").write("…", Reading(flag="RF10")).said == ["card_closed"]


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("i take warfarin is that a problem", True),
        ("im pregnant can i do it", True),
        ("on eliquis, ok?", True),
        ("should i stop my warfarin before", True),
        ("i take warfarin", False),
        ("i am pregnant", False),
        ("i am on eliquis and i am 60", False),
    ],
)
def test_what_is_told_and_what_is_asked_are_told_apart(text, whether):
    assert asks(text) is whether


def test_beside_the_closest_no_question_about_another_area_is_offered():
    other = Entry("Q07", "visits", holds_numbers=True, areas=("skin",))
    house = House(BOOK, has_staff=True, entries={**ENTRIES, "Q07": other})
    near = tuple(Match(entry, 0.45) for entry in ("Q38", "Q07", "Q08"))
    chat = Chat(house).start().tap("area:hair").write("…?", Reading(matches=near))
    offered = chat.say("suggest").screen.options()
    assert {"q:Q38", "q:Q08"} <= offered
    assert "q:Q07" not in offered


def test_words_after_a_visit_reach_the_team_before_it_is_asked_if_it_is_now():
    """Whatever is answered then, and where nothing is answered at all."""
    been = NOW - timedelta(days=2)
    visit = Visit(1, been, "UTC", Status.ATTENDED, 1, been, been, area="hair")
    chat = Chat().start().tap("area:hair")
    chat.session = chat.session.with_(visits=(visit,), over="check", about=visit.name)
    chat.cry(Level.ASK)
    assert chat.staff == ["question"]
    assert chat.said == ["now"]
    assert chat.tap("no").staff == []


@pytest.mark.parametrize(("flag", "no_plan"), [("RF02", True), ("RF10", False)])
def test_what_a_told_flag_leads_to_is_said_before_it_is_added(flag, no_plan):
    chat = Chat().start().tap("area:hair").write("…", Reading(flag=flag))
    assert chat.say("told_flag").screen.data["no_plan"] is no_plan
