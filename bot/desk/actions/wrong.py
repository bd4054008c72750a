"""Answers of the bot that were wrong, as the team says so; and which often were."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.desk.errand import Errand
from bot.desk.registry import button, command, says, toasts
from bot.misses import miss_row
from bot.roles import EVERYONE
from bot.store import faq, misses
from dialogs.length import first
from dialogs.session import MAX_QUESTION_LETTERS

#: Entries marked wrong so often, in so many days, are listed.
OFTEN_WRONG = 3
OFTEN_WRONG_DAYS = 30
MOST_LISTED = 10

_ENTRY = re.compile(r"[CQ]\d{1,9}")

LISTED = says(
    "desk_wrong_listed", lines=({"entry": "Q06", "times": 4},), days=OFTEN_WRONG_DAYS
)
HOW = says("desk_wrong_how")
NOTED = says("desk_wrong_noted", entry="Q06")
COUNTED = toasts("desk_wrong_counted")


@command("wrong", EVERYONE, about_patient=False)
def wrong(errand: Errand) -> None:
    """List what was wrong often; or note that an entry was, and for which question."""
    if not errand.argument:
        begin = errand.now - timedelta(days=OFTEN_WRONG_DAYS)
        found = misses.often_wrong(
            errand.connection, begin, errand.now, OFTEN_WRONG, MOST_LISTED
        )
        lines = [{"entry": entry, "times": times} for entry, times in found]
        errand.record()
        errand.say(LISTED, {"lines": lines, "days": OFTEN_WRONG_DAYS})
        return
    entry, _, words = errand.argument.partition(" ")
    entry = entry.upper()
    if not _known(errand, entry):
        errand.say(HOW)
        return
    errand.record()
    _count(errand, entry, words.strip(), f"staff:{errand.update_id}")
    errand.say(NOTED, {"entry": entry})


@button("wrong", EVERYONE)
def wrong_there(errand: Errand) -> None:
    """The answer that was sent is not what was asked."""
    if not _known(errand, errand.argument):
        errand.record("refused")
        return
    errand.record()
    asked = errand.session().get("questions") or {}
    key = f"{errand.tools.room.lane}:{errand.note}:{errand.argument}"
    last = next(iter([*asked.values()][-1:]), "")
    _count(errand, errand.argument, last, key)
    faq.deny_label(errand.connection, errand.patient.person, errand.argument)
    errand.toast(COUNTED)


def _known(errand: Errand, entry: str) -> bool:
    return _ENTRY.fullmatch(entry) is not None and errand.tools.knows(entry)


def _count(errand: Errand, entry: str, words: str, key: str) -> None:
    about = errand.about
    errand.turn.misses.append(
        miss_row(
            errand.tools.keys,
            key=key,
            kind="wrong",
            entry=entry,
            words=first(words, MAX_QUESTION_LETTERS),
            now=errand.now,
            person=about.person if about else None,
            key_id=about.key_id if about else "",
            told_by=errand.actor,
        )
    )
