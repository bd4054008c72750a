"""Who of the team has a patient's chat: claim, hand over, give back, put off, close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot import message
from bot.desk.errand import Errand
from bot.desk.registry import button, command, says, toasts
from bot.keys import KeyStore, place
from bot.roles import EVERYONE
from bot.store.topics import Topic
from dialogs.effects import Button, Rows
from dialogs.inputs import StaffClosed, StaffGaveBack, StaffTook

#: For how long a conversation can be put off with one press.
SNOOZE_HOURS = (1, 4, 24, 72)

_LENGTHS = tuple(
    Button(f"snooze:{hours}", f"desk_snooze:{hours}", {}) for hours in SNOOZE_HOURS
)
_ROWS: Rows = (_LENGTHS[:2], _LENGTHS[2:])

TAKEN = toasts("desk_taken", by="Maria")
YOURS = toasts("desk_yours")
NOT_TAKEN = toasts("desk_not_taken")
NO_TOPIC = toasts("desk_no_conversation")
ALREADY_CLOSED = toasts("desk_already_closed")
ALREADY_OPEN = toasts("desk_already_open")
HOW_LONG = says("desk_snooze_how", _ROWS, name="Ana")
SNOOZED = says("desk_snoozed", name="Ana", by="Maria", hours=4)
HANDED = says("desk_handed", name="Ana", by="Maria", to="Tom")
NOBODY_SO = says("desk_nobody_so", name="Tom", names=("Kim", "Maria"))
TO_WHOM = says("desk_to_whom", names=("Kim", "Maria"))
CLOSED = says("desk_closed", name="Ana", by="Maria")
TOLD = says("desk_told", words="You have this chat already.")


def claimer_place(person: int) -> bytes:
    """Where the first name of who has a chat stands."""
    return place("topics", "claimer", str(person))


def claimer(keys: KeyStore, topic: Topic) -> str:
    """First name of who has this chat; empty where nobody has."""
    if topic.claimer is None or topic.status != "claimed":
        return ""
    at = claimer_place(topic.person_id)
    return keys.open(keys.house, at, topic.claimer).decode()


@command("claim", EVERYONE)
@button("claim", EVERYONE)
def claim(errand: Errand) -> None:
    """Take a chat that nobody has: from now on the program is silent there."""
    topic = _topic(errand)
    if topic is None:
        return
    if topic.status == "claimed":
        mine = topic.claimed_by == errand.actor
        by = claimer(errand.tools.keys, topic)
        _answer(errand, YOURS) if mine else _answer(errand, TAKEN, {"by": by})
        return
    _take(errand, errand.by, errand.actor)


@command("takeover", EVERYONE)
@button("takeover", EVERYONE)
def take_over(errand: Errand) -> None:
    """Take a chat from whoever has it."""
    topic = _topic(errand)
    if topic is None:
        return
    if topic.status == "claimed" and topic.claimed_by == errand.actor:
        _answer(errand, YOURS)
        return
    _take(errand, errand.by, errand.actor)


@command("handover", EVERYONE)
def hand_over(errand: Errand) -> None:
    """Give a chat to somebody else of the team, by first name."""
    topic = _topic(errand)
    if topic is None:
        return
    wanted = errand.argument.removeprefix("@").casefold()
    team = errand.tools.roles.team(errand.connection)
    names = sorted({name for _, name in team})
    if not wanted:
        errand.say(TO_WHOM, {"names": names})
        return
    found = [one for one in team if one[1].casefold() == wanted]
    if len(found) != 1:
        errand.say(NOBODY_SO, {"name": errand.argument, "names": names})
        return
    ((actor, name),) = found
    _take(errand, name, actor)
    errand.say(HANDED, {"name": errand.name(), "by": errand.by, "to": name})


@command("giveback", EVERYONE)
@button("giveback", EVERYONE)
def give_back(errand: Errand) -> None:
    """Leave the chat to the program again."""
    topic = _topic(errand)
    if topic is None:
        return
    if topic.status != "claimed":
        _answer(errand, NOT_TAKEN)
        return
    errand.record()
    errand.change(status="open", claimed_by=None, claimer=None)
    errand.give(StaffGaveBack(by=errand.by))


@command("snooze", EVERYONE)
@button("snooze", EVERYONE)
def snooze(errand: Errand) -> None:
    """Put a conversation off for some hours; it comes back by itself."""
    topic = _topic(errand)
    if topic is None:
        return
    given = errand.argument.removesuffix("h").strip()
    hours = int(given) if given.isascii() and given.isdigit() else 0
    if not 0 < hours <= SNOOZE_HOURS[-1]:
        errand.say(HOW_LONG, {"name": errand.name()}, _ROWS)
        return
    errand.record()
    if topic.status == "claimed":
        errand.give(StaffGaveBack(by=errand.by))
    errand.change(
        status="snoozed",
        snoozed_until=errand.now + timedelta(hours=hours),
        claimed_by=None,
        claimer=None,
    )
    what = {"name": errand.name(), "by": errand.by, "hours": hours}
    errand.say(SNOOZED, what)


@command("close", EVERYONE)
@button("close", EVERYONE)
def close(errand: Errand) -> None:
    """End a conversation; the patient is asked how helpful it was."""
    topic = _topic(errand)
    if topic is None:
        return
    if topic.status == "closed":
        _answer(errand, ALREADY_CLOSED)
        return
    errand.record()
    end(errand)
    errand.say(CLOSED, {"name": errand.name(), "by": errand.by})
    if topic.thread_id is not None:
        call = message.of_topic("closeForumTopic", errand.chat_id, topic.thread_id)
        errand.call(call, "close")


def end(errand: Errand) -> None:
    """The conversation is closed, for the team and for the patient."""
    errand.change(
        status="closed",
        closed_at=errand.now,
        asked_at=None,
        claimed_by=None,
        claimer=None,
        snoozed_until=None,
        card_due_at=None,
    )
    errand.give(StaffClosed(by=errand.by))


@command("reopen", EVERYONE)
@button("reopen", EVERYONE)
def reopen(errand: Errand) -> None:
    """Take a closed conversation, or one put off, up again."""
    topic = _topic(errand)
    if topic is None:
        return
    if topic.status not in ("closed", "snoozed"):
        _answer(errand, ALREADY_OPEN)
        return
    errand.record()
    if topic.status == "closed" and topic.thread_id is not None:
        call = message.of_topic("reopenForumTopic", errand.chat_id, topic.thread_id)
        errand.call(call, "reopen")
    errand.change(status="open", closed_at=None, snoozed_until=None)


def _take(errand: Errand, by: str, actor: bytes) -> None:
    errand.record()
    keys = errand.tools.keys
    at = claimer_place(errand.patient.person)
    errand.change(
        status="claimed",
        claimed_by=actor,
        claimer=keys.seal(keys.house, at, by.encode()),
        snoozed_until=None,
        closed_at=None,
    )
    errand.give(StaffTook(by=by))


def _answer(
    errand: Errand, toast: str, data: Mapping[str, object] | None = None
) -> None:
    """Say why nothing was done: to a press in a bubble, to a command in a line."""
    if errand.query_id:
        errand.toast(toast, data)
        return
    words = errand.tools.renderer.toast(toast, data or {})
    errand.say(TOLD, {"words": words})


def _topic(errand: Errand) -> Topic | None:
    """The patient's conversation; who presses is told where there is none."""
    topic = errand.topic
    if topic is None:
        _answer(errand, NO_TOPIC)
    return topic
