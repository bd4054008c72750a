"""What people send is only ever words: never markup, a template, a name or a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.faq.entries import load_entries
from bot.house import voice_of
from bot.local import rules
from bot.message import document
from bot.read import clean, origin
from bot.render import Renderer, shown
from bot.words import Words
from dialogs import CallStaff, Say, Session, Started, step
from dialogs.effects import Screen
from dialogs.session import Closure
from exoplan import load_book
from tests.soak.closed import NOW, Closed
from tests.soak.fuzz import ATTACKS, Fuzz

BOOK = load_book()
CLINIC = load_clinic(DEMO_CLINIC)
RENDERER = Renderer(Words(), CLINIC, BOOK, {e.id: e for e in load_entries("en")})

#: What Telegram makes of plain words.
FOUND_IN_WORDS = ("url", "email", "mention", "hashtag", "cashtag", "bot_command")

#: Where words of people's stand in what is sent, with everything else they need.
PLACES = {
    "staff/question": ("text", "name"),
    "staff/emergency": ("text", "name"),
    "staff/taken_back": ("text", "name"),
    "staff/delivered": ("name",),
    "staff/said": ("text", "name"),
    "staff/card": ("name", "by"),
    "from_staff": ("text", "by"),
    "answer_by_team": ("by",),
    "given_back": ("by",),
    "cleared": ("by",),
}
REST = {
    "area": "hair",
    "edited": False,
    "near": (),
    "shows": "",
    "place": "plan",
    "answered": 3,
    "total": 9,
    "asked": 1,
    "open": 1,
    "plans": (),
    "visit": None,
    "proposed": 0,
    "status": "open",
    "entry": "Q01",
    "closed": False,
    "agreed": False,
    "closures": (),
    "answers": (),
    "notes": (),
    "unsure": (),
    "group": "EM01",
    "card": "emergency",
    "still_closed": False,
    "text": "x",
    "name": "x",
    "by": "x",
}


def rendered(template: str, data: dict[str, object]) -> str:
    """The markup of a message."""
    if template.startswith("staff/"):
        return RENDERER.staff(template.removeprefix("staff/"), data).text
    return RENDERER.screen(Screen(template, data)).text


def marks(markup: str) -> list[str]:
    """The formatting of a message; links and commands are found in plain words too."""
    found = rules.message_text(markup, "HTML", None).entities
    return [one["type"] for one in found if one["type"] not in FOUND_IN_WORDS]


@pytest.mark.parametrize("attack", [clean(a) for a in ATTACKS if clean(a)])
@pytest.mark.parametrize("template", PLACES)
def test_words_of_people_stand_as_they_were_typed(template, attack):
    """In names, texts and replies: shown letter by letter, and read as nothing."""
    for field in PLACES[template]:
        markup = rendered(template, {**REST, field: attack})
        assert attack in shown(markup)
        assert marks(markup) == marks(rendered(template, REST))


@given(text=st.text())
def test_cleaned_text_can_be_written_down_and_turns_nothing_around(text):
    """No control, no half of a pair, no mark that turns the direction of writing."""
    kept = clean(text)
    kept.encode()
    assert not set(kept) & set(
        "\x00\x1b\u202a\u202b\u202d\u202e\u2066\u2067\ufeff\u200b"
    )
    assert clean(kept) == kept


@pytest.mark.parametrize("number", [2**70, -(2**63), True, 1.5, "1", None, []])
def test_a_chat_whose_number_cannot_be_is_no_chat(number):
    """It would stop everybody else's updates in the same transaction."""
    update = {"message": {"chat": {"id": number, "type": "private"}, "text": "x"}}
    assert origin(update) is None


def test_a_deep_link_carries_an_area_or_nothing():
    """A payload that is neither is as good as none, and shows none of its words."""
    voice = voice_of(CLINIC)
    for attack in ATTACKS:
        update = {"message": {"text": f"/start {attack}"}}
        given_ = voice.reader.read(update, lambda: Screen("welcome"))
        assert given_ is not None
        begun = voice.conversation.begin(NOW)
        _, effects = voice.conversation.step(begun, given_, NOW)
        for effect in effects:
            if isinstance(effect, Say):
                assert "zqx" not in RENDERER.screen(effect.screen).text


@pytest.mark.parametrize("sign", ["➇", "²", "٣", "३", "Ⅷ", "½", "0" * 900])
def test_a_sign_that_looks_like_a_number_is_read_without_harm(sign):
    """Some are digits to Unicode and none to anybody who counts."""
    voice = voice_of(CLINIC)
    begun = voice.conversation.begin(NOW)
    update = {"message": {"text": sign}}
    read = voice.reader.read(update, lambda: voice.conversation.screen(begun))
    assert read is not None
    _, effects = voice.conversation.step(begun, read, NOW)
    assert effects


def test_files_that_people_send_are_not_asked_for():
    """Nothing in the program fetches a file from Telegram."""
    from pathlib import Path

    import bot

    ours = Path(bot.__file__).parent
    asking = [
        path.name
        for path in ours.rglob("*.py")
        if "local" not in path.parts and "getFile" in path.read_text(encoding="utf-8")
    ]
    assert asking == []


def test_a_file_of_ours_lies_in_the_call_that_is_sealed():
    """There is no path to a file on disk, and so none is left behind."""
    assert b'"base64":"eHg="' in document(1, "my-data.json", "eHg=").body


@pytest.mark.parametrize("filler", ["\U0001f62d", "a", "&", "ж"])
def test_no_length_hides_an_emergency_or_a_question(filler):
    """However long, in whatever letters: the card and the note to the team are sent."""
    voice = voice_of(CLINIC.model_copy(update={"staff_chat": -100}))
    words = f"{filler * 3_900} my throat is swelling and i cannot breathe"
    screen = Screen("welcome")
    event = voice.reader.read({"message": {"text": words}}, lambda: screen)
    assert event is not None
    begun = voice.conversation.begin(NOW)
    _, effects = voice.conversation.step(begun, event, NOW)
    sent = [e for e in effects if isinstance(e, Say | CallStaff)]
    assert [type(e) for e in sent] == [Say, CallStaff]
    for effect in sent:
        if isinstance(effect, CallStaff):
            data = {"name": filler * 64, **effect.data}
            note = RENDERER.staff(effect.template, data).text
            assert "cannot breathe" in note


def test_a_list_too_long_for_a_question_leaves_the_question():
    """What was asked arrives, if need be without the answers beside it."""
    closure = Closure("RF10", "HOLD", ("hair",))
    data = {**REST, "text": "x" * 2_400, "agreed": True, "closures": (closure,) * 90}
    assert "x" * 2_400 in rendered("staff/question", data)


def test_random_updates_break_nothing():
    """The short form of `python -m tests.soak.fuzz`."""
    fuzz = Fuzz(seed=1)
    fuzz.run(1_000)
    assert fuzz.messages > 700


def test_a_closed_area_shows_no_visit_number_whatever_comes_after():
    """The short form of `python -m tests.soak.closed`."""
    closed = Closed(seed=1)
    for _ in range(60):
        closed.go_on()
    assert len(closed.starts) > 80
    assert closed.messages > 1_000


def test_the_reading_of_visit_numbers_finds_them_where_they_are():
    """On the open cards of areas with published ranges, so the walk above can fail."""
    closed = Closed(seed=1)
    for area in ("skin", "hair"):
        _, effects = step(Session.new(NOW), Started(area), NOW, closed.house)
        texts = [
            shown(closed.renderer.screen(effect.screen).text)
            for effect in effects
            if isinstance(effect, Say)
        ]
        assert any(f.search(text) for f in closed.figures[area] for text in texts)
