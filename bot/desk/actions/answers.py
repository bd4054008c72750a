"""Answering an open question with one of the answers suggested over it."""

from __future__ import annotations

from bot.desk.actions.replies import answered
from bot.desk.errand import Errand
from bot.desk.registry import asks, button
from bot.roles import EVERYONE
from dialogs.inputs import StaffDrafts, StaffSent

WRITE = asks("desk_write", "reply", name="Ana")


@button("send", EVERYONE)
def send(errand: Errand) -> None:
    """Send the answer as it stands, as this patient may see it."""
    errand.record()
    answered(errand)
    errand.give(StaffSent(entry=errand.argument, by=errand.by, note=errand.note))


@button("draft", EVERYONE)
def draft(errand: Errand) -> None:
    """Show the answer's text, to be changed and sent."""
    errand.record()
    errand.give(StaffDrafts(entry=errand.argument, note=errand.note))


@button("write", EVERYONE)
def write(errand: Errand) -> None:
    """Have the apps begin an answer."""
    errand.say(WRITE, {"name": errand.name()}, prompt="")
