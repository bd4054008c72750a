"""An update of Telegram's → an input of the conversation.

Updates are untrusted: any field may be missing or of another kind. The emergency
reading sees every letter that came, before anything is cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dialogs.effects import Screen
from dialogs.errors import OfLaterRelease
from dialogs.inputs import (
    Alarm,
    CardDue,
    Chose,
    Commanded,
    Delivered,
    Input,
    Left,
    Level,
    Match,
    ProposalLapsed,
    Reading,
    ReminderDue,
    Returned,
    SentOther,
    StaffApproved,
    StaffBooked,
    StaffCleared,
    StaffClosed,
    StaffDrafts,
    StaffEdited,
    StaffGaveBack,
    StaffListed,
    StaffMarked,
    StaffOpened,
    StaffPlanned,
    StaffProposed,
    StaffReplied,
    StaffSent,
    StaffTook,
    Started,
    Undelivered,
    VisitUnreminded,
    Wrote,
)

MAX_FREE_TEXT = 4_096  # letters kept of anything a patient writes, as Telegram limits
MAX_MATCHED = 1_000  # letters of these that are matched with options and questions
MAX_PAYLOAD = 64  # letters of a deep link, as Telegram limits them
MAX_NAME = 64  # letters of a first name
MAX_CALLBACK_ID = 64  # letters of a tap's id; Telegram's have about twenty
MAX_NUMBER = 2**52  # of a chat, as Telegram promises

Update = Mapping[str, Any]

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)

#: What turns text around, hides in it or has no shape; whole blocks of it.
_UNSEEN = dict.fromkeys(
    [
        *range(0x09),
        *range(0x0B, 0x20),
        *range(0x7F, 0xA0),
        0xAD,
        0x061C,
        0x180E,
        0x200B,
        *range(0x200E, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xD800, 0xE000),  # halves of a pair, which nothing can write down
        0xFEFF,
        *range(0xE0000, 0xE0080),
    ]
)

_NO_LANGUAGE = re.compile(r"[^a-z0-9-]")

#: Zero-width joiners and non-joiners. They shape words in the scripts below and join
#: pictures to one (a family, a profession); anywhere else they only hide.
_JOINERS = re.compile("[\u200c\u200d]+")
#: Arabic to Thaana, the scripts of India, Myanmar, Khmer, Mongolian, Arabic's forms.
_JOINING_SCRIPTS = (
    (0x0600, 0x08FF),
    (0x0900, 0x0DFF),
    (0x1000, 0x109F),
    (0x1780, 0x18AF),
    (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFE),
)
_SHAPES_A_PICTURE = frozenset({0xFE0F, *range(0x1F3FB, 0x1F400)})

#: What stands where a name shows nothing.
NO_NAME = "?"

#: Fields of a message that tell what it is, with the word the conversation knows.
KINDS = {
    "photo": "photo",
    "voice": "voice",
    "sticker": "sticker",
    "video": "video",
    "video_note": "video",
    "animation": "video",  # before document, which accompanies it
    "document": "document",
    "location": "location",
    "venue": "location",
    "contact": "contact",
    "audio": "other",
    "dice": "other",
    "poll": "other",
    "game": "other",
    "story": "other",
    "checklist": "other",
    "paid_media": "other",
    "invoice": "other",
    "giveaway": "other",
    "rich_message": "other",
}

_NOTES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Delivered,
        Undelivered,
        StaffReplied,
        StaffEdited,
        StaffSent,
        StaffDrafts,
        StaffTook,
        StaffGaveBack,
        StaffClosed,
        StaffOpened,
        StaffPlanned,
        StaffApproved,
        StaffCleared,
        CardDue,
        ReminderDue,
        StaffBooked,
        StaffMarked,
        StaffProposed,
        StaffListed,
        VisitUnreminded,
        ProposalLapsed,
    )
}


class Origin(NamedTuple):
    """Where an update comes from."""

    chat_id: int
    private: bool
    name: str  #: first name of who caused it
    language: str  #: of their Telegram, lower case


@dataclass(frozen=True, slots=True)
class Command:
    """A text that begins with a slash and a name."""

    name: str  #: lower case
    bot: str  #: after the @, lower case; empty when not addressed
    argument: str


def origin(update: Update) -> Origin | None:
    """The chat an update belongs to; None where nobody can be answered."""
    for kind in ("message", "edited_message", "callback_query", "my_chat_member"):
        event = update.get(kind)
        if isinstance(event, dict):
            break
    else:
        return None
    holder = event.get("message") if kind == "callback_query" else event
    chat = holder.get("chat") if isinstance(holder, dict) else None
    sender = event.get("from")
    if not isinstance(chat, dict) or not _is_number(chat.get("id")):
        return None
    sender = sender if isinstance(sender, dict) else {}
    if sender.get("is_bot") is True and "sender_chat" not in event:
        return None
    return Origin(
        chat_id=chat["id"],
        private=chat.get("type") == "private",
        name=clean(_text(sender, "first_name"))[:MAX_NAME] or NO_NAME,
        language=_NO_LANGUAGE.sub("", _text(sender, "language_code").lower())[:16],
    )


def callback_id(update: Update) -> str:
    """Id of the tap that waits for an answer; empty where it was no tap."""
    query = update.get("callback_query")
    number = _text(query, "id") if isinstance(query, dict) else ""
    return number if number.isascii() and len(number) <= MAX_CALLBACK_ID else ""


def clean(text: str) -> str:
    """Text as it looks: composed, without what cannot be seen or turns it around."""
    seen = _JOINERS.sub(_joined, text.translate(_UNSEEN))
    return unicodedata.normalize("NFC", seen).strip()


def _joined(found: re.Match[str]) -> str:
    """The first of a run of joiners where it joins, else nothing."""
    text, joiner = found.string, found.group()[0]
    if not found.start() or found.end() == len(text):
        return ""
    before, after = text[found.start() - 1], text[found.end()]
    if _joins(before) and _joins(after):
        return joiner
    pictures = joiner == "\u200d" and _pictures(before) and _pictures(after)
    return joiner if pictures else ""


def _joins(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in _JOINING_SCRIPTS)


def _pictures(sign: str) -> bool:
    return ord(sign) in _SHAPES_A_PICTURE or unicodedata.category(sign) == "So"


def command(text: str) -> Command | None:
    """The command a text is, if it is one."""
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None
    name, bot, argument = found.groups(default="")
    return Command(name.lower(), bot.lower(), argument.strip())


def read_note(body: Mapping[str, Any]) -> Input:
    """The input that the bot left for itself (`bot.turn.incoming_input`).

    Raises:
        OfLaterRelease: a later release left it, which knows more inputs or fields.
    """
    fields = {k: v for k, v in body.items() if k not in ("input", "generation")}
    kind = _NOTES.get(body["input"])
    if kind is None or not fields.keys() <= set(kind.__slots__):
        raise OfLaterRelease(f"input {body['input']}")
    given: Input = kind(**fields)
    return given


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads updates with what can be understood of free text."""

    triage: Callable[[str], Alarm]  #: the emergency reading
    understand: Callable[[str, Screen], str | None]  #: the option on screen it names
    faq: Callable[[str], tuple[tuple[Match, ...], tuple[Match, ...]]]
    #: closest questions, best first; the same of a second question in the text
    volunteered: Callable[[str], str | None] = lambda text: None
    #: the health flag told in passing
    asks: Callable[[str], bool] = lambda text: False  #: whether it asks somewhere
    lost: Callable[[str], bool] = lambda text: False  #: whether it only says "what?"

    def read(self, update: Update, screen: Callable[[], Screen]) -> Input | None:
        """What happened; None where it is nothing a person did.

        Args:
            screen: gives what is on their screen, asked for only where text is read.
        """
        if isinstance(query := update.get("callback_query"), dict):
            serial, found, option = _text(query, "data").partition("|")
            return Chose(serial, option) if found else None
        if isinstance(member := update.get("my_chat_member"), dict):
            return _membership(member)
        if isinstance(message := update.get("edited_message"), dict):
            text = clean(_text(message, "text") or _text(message, "caption"))
            return self._wrote(text, screen, message, edited=True) if text else None
        if isinstance(message := update.get("message"), dict):
            return self._message(message, screen)
        return None

    def _message(
        self, message: Mapping[str, Any], screen: Callable[[], Screen]
    ) -> Input | None:
        text = clean(_text(message, "text"))
        if text:
            return self._commanded(text) or self._wrote(text, screen, message)
        for field, kind in KINDS.items():
            if field in message:
                caption = clean(_text(message, "caption"))
                reading = self._reading(caption, screen) if caption else Reading()
                kept = caption[:MAX_FREE_TEXT]
                number, answers = _number(message), _answered(message)
                return SentOther(kind, kept, reading, number, answers)
        # A text of nothing visible is still a message; a pinned one is not.
        return SentOther("other") if "text" in message else None

    def _commanded(self, text: str) -> Input | None:
        asked = command(text)
        if asked is None:
            return None
        if asked.argument and self.triage(asked.argument).level not in (
            Level.NONE,
            Level.INFORM,
        ):
            return None  # an emergency behind a slash is an emergency
        if asked.name == "start":
            return Started(asked.argument[:MAX_PAYLOAD])
        return Commanded(asked.name, asked.argument[:MAX_FREE_TEXT])

    def _wrote(
        self,
        text: str,
        screen: Callable[[], Screen],
        message: Mapping[str, Any],
        edited: bool = False,
    ) -> Wrote:
        reading = self._reading(text, screen)
        kept, number = text[:MAX_FREE_TEXT], _number(message)
        return Wrote(kept, reading, edited, number, _answered(message))

    def _reading(self, text: str, screen: Callable[[], Screen]) -> Reading:
        kept = text[:MAX_MATCHED]
        alarm = self.triage(text)
        choice = self.understand(kept, screen())
        read_on = choice is None and alarm.level in (Level.NONE, Level.INFORM)
        lost = read_on and self.lost(kept)
        matches, second = self.faq(kept) if read_on and not lost else ((), ())
        flag = self.volunteered(kept)
        return Reading(
            alarm=alarm,
            choice=choice,
            matches=matches,
            second=second,
            flag=flag,
            asks=flag is not None and self.asks(kept),
            lost=lost,
        )


def _membership(member: Mapping[str, Any]) -> Input | None:
    now = member.get("new_chat_member")
    status = _text(now, "status") if isinstance(now, dict) else ""
    if status == "kicked":
        return Left()
    return Returned() if status == "member" else None


def _number(message: Mapping[str, Any]) -> int:
    """Telegram's number of a message; 0 where it has none."""
    given = message.get("message_id")
    return given if isinstance(given, int) and _is_number(given) else 0


def _answered(message: Mapping[str, Any]) -> int:
    """Telegram's number of the message it replies to; 0 where it replies to none."""
    replied = message.get("reply_to_message")
    return _number(replied) if isinstance(replied, dict) else 0


def _is_number(value: object) -> bool:
    """Whether this can be Telegram's number of a chat."""
    return type(value) is int and abs(value) < MAX_NUMBER


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
