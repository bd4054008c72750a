"""What the team can do in its chat: every command and every button, by name.

A new one is one file in `bot/desk/actions`, which registers it, says who may, and
names the texts it answers with, so that `exoplan check` reads them too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.desk.errand import Errand
from dialogs.effects import Rows

Run = Callable[[Errand], None]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that staff can have done."""

    name: str  #: after the slash, or on the button; at most 32 letters, for the trail
    may: frozenset[str]  #: the roles that may
    about_patient: bool  #: it needs to know whom it is about
    run: Run


#: By the word after the slash.
COMMANDS: dict[str, Action] = {}

#: By the verb in the button's data.
BUTTONS: dict[str, Action] = {}

#: Commands that take the words with which somebody answers a question of the desk's, by
#: that question.
PROMPTS: dict[str, str] = {}

#: Texts the bot answers with in the staff chat, each with data to show it by.
SAYS: dict[str, Mapping[str, object]] = {}

#: The buttons below some of them.
ROWS: dict[str, Rows] = {}

#: The same for the bubble over the chat.
TOASTS: dict[str, Mapping[str, object]] = {}


def command(
    name: str, may: frozenset[str], *, about_patient: bool = True
) -> Callable[[Run], Run]:
    """Register what a command does."""

    def register(run: Run) -> Run:
        COMMANDS[name] = Action(name, may, about_patient, run)
        return run

    return register


def button(
    name: str, may: frozenset[str], *, about_patient: bool = True
) -> Callable[[Run], Run]:
    """Register what a button does."""

    def register(run: Run) -> Run:
        BUTTONS[name] = Action(name, may, about_patient, run)
        return run

    return register


def says(template: str, rows: Rows = (), **data: object) -> str:
    """Register an answer in the staff chat; its name."""
    SAYS[template] = data
    ROWS[template] = rows
    return template


def asks(template: str, command: str, **data: object) -> str:
    """Register a question of the desk's, and the command that takes the answer."""
    PROMPTS[template] = command
    SAYS[template], ROWS[template] = data, ()
    return template


def toasts(template: str, **data: object) -> str:
    """Register an answer to a press; its name."""
    TOASTS[template] = data
    return template
