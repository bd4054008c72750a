"""Updates are untrusted: any shape is read or left, and none breaks the bot."""

from __future__ import annotations

import unicodedata

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import toast
from bot.read import MAX_FREE_TEXT, Reader, callback_id, clean, command, origin
from bot.verdict import Answer, Gone, Later, Lost, Moved, Refused, Sent, judge
from dialogs.effects import Screen
from dialogs.inputs import Alarm, Chose, Commanded, Level, SentOther, Started, Wrote

SCREEN = Screen("any")
heard: list[str] = []


def listen(text: str) -> Alarm:
    heard.append(text)
    return Alarm(Level.URGENT_NOW if "chest pain" in text else Level.NONE)


READER = Reader(listen, lambda text, screen: None, lambda text: ((), ()))


def read(**message: object):
    """What a private message is read as."""
    return READER.read({"update_id": 1, "message": message}, lambda: SCREEN)


FIELDS = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat",
    "from",
    "id",
    "text",
    "caption",
    "data",
    "type",
    "photo",
    "new_chat_member",
    "status",
    "first_name",
    "language_code",
    "sender_chat",
    "reply_to_message",
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_no_shape_of_update_breaks_the_reading(value):
    """Fields of any kind, at any depth."""
    update = value if isinstance(value, dict) else {"message": value}
    origin(update)
    callback_id(update)
    READER.read(update, lambda: SCREEN)


@given(st.text(max_size=100))
def test_cleaned_text_is_composed_and_has_nothing_unseen(text):
    """No control, no direction mark, no zero width; cleaning twice changes nothing."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not set(cleaned) & set("\u200b\u200e\u200f\u202e\u2066\ufeff")
    assert {unicodedata.category(sign) for sign in cleaned if sign not in "\n\t"} & {
        "Cc"
    } == set()


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "क्\u200dष",
        "👩\u200d⚕️",
        "👩🏽\u200d⚕️",
        "👨\u200d👩\u200d👧",
        "🏳️\u200d🌈",
    ],
)
def test_what_joins_words_and_pictures_stays(text):
    """Without its joiner a Persian word is another one, and a family falls apart."""
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("pa\u200din", "pain"),
        ("pa\u200cin", "pain"),
        ("\u200dhi\u200c", "hi"),
        ("👩\u200c👧", "👩👧"),
        ("👩\u200d", "👩"),
        ("می\u200c\u200c\u200dخواهم", "می\u200cخواهم"),
        ("می\u200c", "می"),
        ("a\u202eb\u2066c", "abc"),
    ],
)
def test_what_joins_nothing_is_taken_out(text, cleaned):
    """A joiner at an end, between Latin letters, or doubled."""
    assert clean(text) == cleaned


@pytest.mark.parametrize("first_name", ["", "\u200b", " \u200d ", None, 5])
def test_a_name_that_shows_nothing_is_a_question_mark(first_name):
    """Staff always have something to call a person by."""
    sender = {"id": 5, "first_name": first_name}
    message = {"chat": {"id": 5, "type": "private"}, "from": sender, "text": "hi"}
    place = origin({"message": message})
    assert place is not None
    assert place.name == "?"


def test_an_emergency_after_the_letters_we_keep_is_heard():
    """The reading sees all of a long text; what is kept of it is cut."""
    given_ = read(text="a" * MAX_FREE_TEXT + " chest pain")
    assert given_ == Wrote("a" * MAX_FREE_TEXT, given_.reading)
    assert given_.reading.alarm.level is Level.URGENT_NOW


def test_hidden_letters_do_not_hide_an_emergency():
    """Zero-width signs between letters are gone before the reading."""
    given_ = read(text="ch\u200best pa\u00adin")
    assert given_.reading.alarm.level is Level.URGENT_NOW


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": "/start"}, Started()),
        ({"text": "/start@bot hair_1"}, Started("hair_1")),
        ({"text": "/HELP"}, Commanded("help")),
        ({"text": "/restart now please"}, Commanded("restart", "now please")),
        ({"sticker": {}}, SentOther("sticker")),
        ({"animation": {}, "document": {}}, SentOther("video")),
        ({"venue": {}, "location": {}}, SentOther("location")),
        ({"dice": {}}, SentOther("other")),
        ({"text": "\u200b"}, SentOther("other")),
        ({"pinned_message": {}}, None),
        ({}, None),
    ],
)
def test_messages_are_read_for_what_they_are(message, expected):
    """Commands, links, stickers, service messages."""
    assert read(**message) == expected


def test_the_text_of_a_command_is_read_for_emergencies():
    """A slash in front of it does not make an emergency a command."""
    assert isinstance(read(text="/help chest pain"), Wrote)
    assert isinstance(read(text="/start chest pain"), Wrote)


def test_a_caption_is_read_like_a_text():
    """A photo with an emergency under it is an emergency."""
    given_ = read(photo=[{}], caption="chest pain")
    assert given_.kind == "photo"
    assert given_.reading.alarm.level is Level.URGENT_NOW


def test_callback_data_is_split_once():
    """Whatever stands behind the first bar is the option."""
    update = {"callback_query": {"id": "7", "data": "12|site:a|b"}}
    assert READER.read(update, lambda: SCREEN) == Chose("12", "site:a|b")
    assert READER.read({"callback_query": {"data": "x"}}, lambda: SCREEN) is None
    assert callback_id(update) == "7"


def test_what_other_bots_say_is_not_for_us():
    """A message of a bot has no origin."""
    chat = {"id": 1, "type": "private"}
    update = {"message": {"chat": chat, "from": {"id": 2, "is_bot": True}}}
    assert origin(update) is None


def test_a_command_names_the_bot_it_is_for():
    """The name after the @ is kept, in lower case."""
    asked = command("/clear@Clinic_Bot  seen  ")
    assert asked is not None
    assert (asked.name, asked.bot, asked.argument) == ("clear", "clinic_bot", "seen")


@given(st.text(min_size=1, max_size=400))
def test_a_toast_is_never_too_long(words):
    """Telegram takes two hundred letters."""
    body = orjson.loads(toast("1", words.encode(errors="replace").decode()).body)
    assert 0 < len(body["text"]) <= 200


@pytest.mark.parametrize(
    ("answer", "kind", "expected"),
    [
        (Answer(True, message_id=5), "message", Sent(5)),
        (Answer(False, 400, "message is not modified: x"), "edit", Sent()),
        (Answer(False, 400, "message to edit not found"), "edit", Lost()),
        (Answer(False, 400, "message can't be edited"), "edit", Lost()),
        (Answer(False, 400, "query is too old"), "toast", Refused("400", False)),
        (
            Answer(False, 400, "message to edit not found"),
            "strip",
            Refused("400", False),
        ),
        (Answer(False, 400, "can't parse: ouch"), "message", Refused("400 other")),
        (Answer(False, 400, "x", migrate_to=-9), "staff", Moved(-9)),
        (Answer(False, 403, "bot was blocked by the user"), "message", Gone("blocked")),
        (Answer(False, 403, "user is deactivated"), "edit", Gone("deactivated")),
        (Answer(False, 403, "bot was kicked"), "staff", Gone("kicked")),
        (Answer(False, 429, retry_after=3.0), "message", Later(3.0)),
        (Answer(False, 502), "message", Later(doubt=True)),
    ],
)
def test_an_answer_is_judged_by_what_it_means(answer, kind, expected):
    """What Telegram says, and what is done about it."""
    assert judge(answer, kind) == expected
