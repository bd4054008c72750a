"""What a person agrees to about visits: one switch a purpose, asked one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from dialogs.effects import Button, Record, Rows, Say, Screen
from dialogs.screens import ANY_SCREEN
from dialogs.turn import Turn

#: Version of the texts with which these consents are asked.
CONSENT_VERSION = "2026-12"

Purpose = Literal["reminders", "check_ins", "recalls", "unfinished"]

#: What may be agreed to about visits. Reminders come with a booking until switched off.
PURPOSES: tuple[Purpose, ...] = ("reminders", "check_ins", "recalls")


def agrees(turn: Turn, purpose: str) -> bool:
    """Whether this person has agreed to it."""
    return turn.session.purposes.get(purpose, purpose == "reminders")


def ask_consents(turn: Turn) -> bool:
    """Ask what was not asked yet, one purpose a message; whether anything was."""
    for purpose in ("check_ins", "recalls"):
        if purpose not in turn.session.purposes and turn.house.takes_health:
            rows: Rows = (
                (Button(f"{purpose}:yes", "yes"), Button(f"{purpose}:no", "no")),
            )
            ref = turn.note(f"visits/ask_{purpose}", rows=rows)
            # Whoever does not answer has not agreed, and is not asked again.
            turn.put(
                purposes={**turn.session.purposes, purpose: False},
                asks={**turn.session.asks, purpose: ref},
            )
            return True
    return False


def set_purpose(turn: Turn, purpose: str, *, on: bool) -> None:
    """Write down what they agree to or refuse."""
    known = cast("Purpose", purpose)
    turn.effects.append(Record(known, on, CONSENT_VERSION))
    turn.put(purposes={**turn.session.purposes, purpose: on})
    if purpose == "check_ins" and not on:
        turn.put(accounts={})


def answers_consent(purpose: str) -> Callable[[Turn, str], bool]:
    def answer(turn: Turn, value: str) -> bool:
        """The question then says what was chosen; it is answered once."""
        asked = turn.session.asks.get(purpose)
        if asked is None:
            turn.toast("answered_before")
            return False
        on = value == "yes"
        set_purpose(turn, purpose, on=on)
        left = {name: ref for name, ref in turn.session.asks.items() if name != purpose}
        turn.put(asks=left)
        chosen = Screen("visits/chosen", {"purpose": purpose, "on": on}, (), ANY_SCREEN)
        turn.effects.append(Say(turn.ref(), chosen, edits=asked))
        ask_consents(turn)
        return False

    return answer
