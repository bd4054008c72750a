"""Who waits, who is held and why, and who somebody on the phone is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import orjson

from bot.desk.actions.claims import claimer
from bot.desk.errand import About, Errand
from bot.desk.registry import button, command, says
from bot.errors import SealError
from bot.keys import place
from bot.roles import EVERYONE
from bot.store import people, topics
from bot.store.topics import Topic
from dialogs.effects import Button
from dialogs.inputs import StaffOpened

MOST_LISTED = 10
MOST_LOOKED_AT = 500  # conversations, for who is held
MOST_SEARCHED = 20_000  # people, for a name
MIN_NAME = 2  # letters

_LINE = {"name": "Ana", "number": 7, "link": "", "minutes": 75, "by": "Maria"}
WAITING = says("desk_waiting", lines=(_LINE,), untaken=False)
HELD = says(
    "desk_held",
    lines=(
        {**_LINE, "closures": ({"flag": "RF08", "response": "HOLD"},), "stopped": True},
    ),
)
FOUND = says(
    "desk_found",
    ((Button("open:7", "desk_open", {"text": "Ana · 7"}),),),
    name="Ana",
    lines=(_LINE,),
    more=False,
)
HOW_TO_FIND = says("desk_find_how")


@command("waiting", EVERYONE, about_patient=False)
def waiting(errand: Errand) -> None:
    """Who has waited longest for an answer."""
    _list_waiting(errand, untaken=False)


@command("unanswered", EVERYONE, about_patient=False)
def unanswered(errand: Errand) -> None:
    """The same, of those whom nobody of the team has taken."""
    _list_waiting(errand, untaken=True)


def _list_waiting(errand: Errand, *, untaken: bool) -> None:
    found = topics.waiting(errand.connection, MOST_LISTED, untaken=untaken)
    lines = [_line(errand, topic) for topic in found]
    errand.record()
    errand.say(WAITING, {"lines": lines, "untaken": untaken})


@command("held", EVERYONE, about_patient=False)
def held(errand: Errand) -> None:
    """Who is held and by which flag, of those who show the team their answers.

    Also whose chat an emergency has stopped: the team was told of that anyway.
    """
    lines = []
    for topic in topics.latest(errand.connection, MOST_LOOKED_AT):
        session = errand.session_of(topic.person_id)
        closures, stopped = [*_standing(session)], bool(session.get("stopped"))
        if closures or stopped:
            about = {"closures": closures, "stopped": stopped}
            lines.append({**_line(errand, topic), **about})
        if len(lines) == MOST_LISTED:
            break
    errand.record()
    errand.say(HELD, {"lines": lines})


def _standing(session: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The closures that stand, where the team may see this person's answers."""
    if session.get("consent") != "team":
        return
    for closure in session.get("closures", ()):
        gone = closure.get("corrected") or closure.get("cleared_by")
        if closure.get("flag") and not gone:
            yield closure


@command("find", EVERYONE, about_patient=False)
def find(errand: Errand) -> None:
    """People by first name, or by the number in the title of their topic."""
    wanted = errand.argument.casefold()
    if len(wanted) < MIN_NAME and not wanted.isdigit():
        errand.say(HOW_TO_FIND)
        return
    keys, found = errand.tools.keys, []
    for person, key_id, contact in people.contacts(errand.connection, MOST_SEARCHED):
        with suppress(SealError):
            sealed_at = place("people", "contact", key_id)
            name = str(orjson.loads(keys.open(key_id, sealed_at, contact))["name"])
            if wanted in (name.casefold(), str(person)) or (
                not wanted.isdigit() and wanted in name.casefold()
            ):
                found.append((person, name))
        if len(found) > MOST_LISTED:
            break
    errand.record()
    lines = []
    for person, name in found[:MOST_LISTED]:
        topic = topics.of(errand.connection, person)
        link = _link(errand, topic) if topic else ""
        lines.append({"name": name, "number": person, "link": link})
    rows = tuple((_opens(line["name"], line["number"]),) for line in lines)
    data = {"name": errand.argument, "lines": lines, "more": len(found) > MOST_LISTED}
    errand.say(FOUND, data, rows)


def _opens(name: object, person: object) -> Button:
    return Button(f"open:{person}", "desk_open", {"text": f"{name} · {person}"})


@button("open", EVERYONE, about_patient=False)
def open_topic(errand: Errand) -> None:
    """Open the conversation with somebody who was found."""
    given = errand.argument
    person = int(given) if given.isascii() and given.isdigit() else 0
    row = people.by_id(errand.connection, [person]).get(person)
    if row is None:
        errand.record("refused")
        return
    errand.about = About(person, row.key_id)
    errand.record()
    errand.give(StaffOpened(by=errand.by))


def _line(errand: Errand, topic: Topic) -> dict[str, object]:
    errand.about = About(topic.person_id, topic.key_id)
    try:
        name = errand.name()
    finally:
        errand.about = None
    since = topic.asked_at or topic.opened_at
    return {
        "name": name,
        "number": topic.person_id,
        "link": _link(errand, topic),
        "minutes": int((errand.now - since).total_seconds() // 60),
        "by": claimer(errand.tools.keys, topic),
    }


def _link(errand: Errand, topic: Topic) -> str:
    """Address of a topic, for members of the group; empty where there is none."""
    thread = topic.thread_id
    return "" if thread is None else errand.tools.room.link(thread)
