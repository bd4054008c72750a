"""A long random walk: nothing a person can do is left without an answer, or raises."""

from __future__ import annotations

import json
import random

import pytest

from dialogs import (
    Alarm,
    Chose,
    Commanded,
    Delivered,
    Input,
    Left,
    Level,
    Match,
    Reading,
    Returned,
    Say,
    SentOther,
    Session,
    StaffCleared,
    StaffReplied,
    Started,
    Strip,
    Toast,
    Undelivered,
    Wrote,
    screen_of,
    step,
)
from dialogs.screens import numbers_on
from tests.dialogs.chat import ENTRIES, HOUSE, LONELY_HOUSE, NOW

STEPS = 100_000
CHATS = 250

#: How often each kind of input comes; taps on what is offered are most of a talk.
KINDS = {
    "tap": 70,
    "write": 8,
    "option": 6,
    "stale": 3,
    "command": 3,
    "start": 2,
    "other": 2,
    "alarm": 1,
    "staff": 2,
    "clear": 2,
    "report": 4,
    "leave": 1,
}


def some_input(session: Session, house, chance: random.Random) -> Input:
    options = sorted(screen_of(session, house).options())
    match chance.choices(list(KINDS), list(KINDS.values()))[0]:
        case "tap":
            return Chose(str(session.serial), chance.choice(options))
        case "option":
            return Wrote("…", Reading(choice=chance.choice(options)))
        case "write":
            near = Match(chance.choice(sorted(ENTRIES)), chance.random())
            flag = chance.choice([None] * 20 + ["RF35"])
            reading = Reading(matches=(near,), flag=flag)
            text = "…" * chance.choice([1, 5_000])
            return Wrote(text, reading, edited=chance.random() < 0.1)
        case "stale":
            serial = chance.choice(["~", str(chance.randrange(session.serial + 2))])
            return Chose(serial, chance.choice([*options, "", "show", "tick:RF99:yes"]))
        case "command":
            names = ["help", "person", "ask", "privacy", "restart", "cancel", "what"]
            return Commanded(chance.choice([*names, "stop"]))
        case "start":
            return Started(chance.choice(["", "hair", "joint-c-x", "c-y", "nonsense"]))
        case "other":
            return SentOther(chance.choice(["photo", "voice", "unheard-of"]))
        case "alarm":
            level = chance.choice(list(Level))
            return Wrote("…", Reading(Alarm(level, "EM01", "emergency")))
        case "staff":
            return StaffReplied("…", "Maria", chance.choice([0, 9]))
        case "clear":
            return StaffCleared("Maria", "seen", 9)
        case "report":
            ref = chance.choice([*session.waiting, "1"])
            if chance.random() < 0.5:
                return Undelivered(ref, chance.choice(["blocked", "failed"]))
            return Delivered(ref)
    return Left() if chance.random() < 0.5 else Returned()


@pytest.mark.parametrize("house", [HOUSE, LONELY_HOUSE], ids=["team", "no team"])
def test_every_input_is_answered_and_none_raises(house):
    chance = random.Random(2026)
    for _ in range(CHATS // 2):
        session = Session.new(NOW)
        for _ in range(STEPS // CHATS):
            given = some_input(session, house, chance)
            session, effects = step(session, given, NOW, house)
            session = Session.from_json(json.loads(json.dumps(session.to_json())))
            if isinstance(given, Started | Commanded | Chose | SentOther):
                assert any(isinstance(e, Say | Toast) for e in effects), given
            if isinstance(given, Wrote) and session.over != "person":
                assert any(isinstance(e, Say) for e in effects), given
            keyboards = [
                e
                for e in effects
                if isinstance(e, Say) and e.screen.serial == str(session.serial)
            ]
            assert len(keyboards) <= 1, "one screen at a time carries the buttons"


def test_no_number_of_a_closed_area_is_shown_whatever_comes_after():
    """What shows numbers names its areas; none of these is closed at that moment."""
    chance = random.Random(11)
    closed_turns = 0
    for _ in range(CHATS):
        session = Session.new(NOW)
        for _ in range(60):
            given = some_input(session, HOUSE, chance)
            if isinstance(given, StaffCleared):
                continue
            session, effects = step(session, given, NOW, HOUSE)
            closed = session.closed()
            if not closed:
                continue
            closed_turns += 1
            assert closed.isdisjoint(numbers_on(session, HOUSE))
            standing = {area for n in session.numbered for area in n.areas}
            assert closed.isdisjoint(standing), "an older message still shows numbers"
            for effect in effects:
                if isinstance(effect, Say) and "plan" in effect.screen.data:
                    plan = effect.screen.data["plan"]
                    assert plan.area not in closed or not plan.numbers()
                if isinstance(effect, Say) and "entry" in effect.screen.data:
                    entry = ENTRIES[effect.screen.data["entry"]]
                    withheld = effect.screen.data["closed"]
                    assert withheld or closed.isdisjoint(entry.areas)
    assert closed_turns > 1_000


def test_only_one_message_at_a_time_carries_live_buttons():
    """A new screen takes the keyboard off the one before, or stands in its place."""
    chance = random.Random(5)
    for _ in range(50):
        session, live = Session.new(NOW), set()
        for _ in range(80):
            given = some_input(session, HOUSE, chance)
            session, effects = step(session, given, NOW, HOUSE)
            for effect in effects:
                if isinstance(effect, Strip):
                    live.discard(effect.ref)
                elif isinstance(effect, Say):
                    live.discard(effect.edits or "")
                    if effect.screen.rows and effect.screen.serial != "~":
                        live.add(effect.ref)
            assert live <= {session.live}
