"""What Telegram's answer to a call means for the row it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.errors import TokenRefused
from bot.message import Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What is read of Telegram's answer; the rest is not looked at."""

    ok: bool
    code: int = 200  #: as HTTP counts errors
    description: str = ""  #: may repeat what was sent: never for a log
    message_id: int | None = None  #: of the message sent or changed
    retry_after: float | None = None  #: seconds
    migrate_to: int | None = None  #: the group is now this chat


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there."""

    message_id: int | None = None  #: None: the message it changed, unchanged


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing reaches this chat any more."""

    reason: Literal["blocked", "deactivated", "kicked"]


@dataclass(frozen=True, slots=True)
class Later:
    """Try the same again."""

    seconds: float | None = None  #: as Telegram asked; None: back off
    doubt: bool = False  #: it may have been carried out


@dataclass(frozen=True, slots=True)
class Lost:
    """The message to change is not there; say it in a new one."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The group has another number now."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Astray:
    """The topic it was for is not there, or closed."""

    closed: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be accepted."""

    reason: str  #: one of a few words, fit for a log
    matters: bool = True  #: someone misses it


Verdict = Sent | Gone | Later | Lost | Moved | Astray | Refused

_UNCHANGED = "message is not modified"
_LOST = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)

#: What stands for Telegram's answer to a file that could not be made.
CANNOT_DRAW = "the file cannot be drawn"

#: Refusals worth telling apart in a log, by what Telegram says.
_KNOWN = {
    "chat not found": "chat not found",
    "can't parse entities": "bad entities",
    "message text is empty": "empty text",
    "message is too long": "too long",
    "button_data_invalid": "bad button",
    "not enough rights": "no rights in the chat",
    CANNOT_DRAW: "not drawn",
    "the chat is not a forum": "no topics here",
}

#: What Telegram says of a topic that is not there.
THREAD_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid")


def judge(answer: Answer, kind: Kind) -> Verdict:
    """What to do now.

    Raises:
        TokenRefused: the token was taken back.
    """
    said = answer.description.lower()
    if answer.ok:
        return Sent(answer.message_id)
    if answer.code in (401, 404):
        raise TokenRefused
    if answer.code == 429:
        return Later(answer.retry_after or 1.0)
    if answer.code >= 500:
        return Later(doubt=True)
    if answer.migrate_to is not None:
        return Moved(answer.migrate_to)
    if answer.code == 403:
        if "deactivated" in said:
            return Gone("deactivated")
        return Gone("kicked" if "kicked" in said or kind == "staff" else "blocked")
    if _UNCHANGED in said:
        return Sent()
    if kind in ("toast", "strip"):  # an expired tap, a keyboard already gone
        return Refused(f"{answer.code}", matters=False)
    if kind == "edit" and any(sign in said for sign in _LOST):
        return Lost()
    if kind == "staff" and "topic_closed" in said:
        return Astray(closed=True)
    if kind == "staff" and any(sign in said for sign in THREAD_GONE):
        return Astray(closed=False)
    known = (word for sign, word in _KNOWN.items() if sign in said)
    return Refused(f"{answer.code} {next(known, 'other')}")
