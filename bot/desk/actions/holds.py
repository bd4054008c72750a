"""Lifting what holds a patient's plan."""

from __future__ import annotations

from bot.desk.errand import Errand
from bot.desk.registry import asks, button, command, says
from bot.roles import CLINICAL
from dialogs.inputs import StaffCleared

NO_REASON = says("desk_reason")
ASK_REASON = asks("desk_clear_how", "clear", name="Ana")


@command("clear", CLINICAL)
def clear(errand: Errand) -> None:
    """Lift a hold, or resume a chat that an emergency stopped, with a reason."""
    if not errand.argument:
        errand.say(NO_REASON)
        return
    errand.record()
    errand.give(
        StaffCleared(
            by=errand.by,
            reason=errand.argument,
            note=errand.note,
            ref=errand.patient.ref,
            flags=errand.asked_with.replace(".", " "),
        )
    )


@button("clear", CLINICAL)
def ask_reason(errand: Errand) -> None:
    """A hold is lifted with a reason, which is typed."""
    errand.say(ASK_REASON, {"name": errand.name()}, prompt=errand.argument)
