"""A plan for one patient, set by a clinician, or proposed by the desk."""

from __future__ import annotations

from bot.desk.errand import Errand
from bot.desk.registry import asks, button, command
from bot.roles import CLINICAL, EVERYONE
from dialogs.inputs import StaffApproved, StaffPlanned

HOW = asks("desk_plan_how", "plan", name="Ana")


@command("plan", EVERYONE)
def plan(errand: Errand) -> None:
    """Set a plan; from the desk it is a proposal that a clinician approves."""
    if not errand.argument:
        ask_plan(errand)
        return
    errand.record()
    errand.give(
        StaffPlanned(
            line=errand.argument,
            by=errand.by,
            decides=errand.role in CLINICAL,
            note=errand.note,
        )
    )


@button("plan", EVERYONE)
def ask_plan(errand: Errand) -> None:
    """A plan is typed, in one line."""
    errand.say(HOW, {"name": errand.name()}, prompt="")


@button("approve", CLINICAL)
def approve(errand: Errand) -> None:
    """Make a proposed plan one's own."""
    errand.record()
    area, _, made = errand.argument.partition(":")
    errand.give(StaffApproved(area=area, made=made, by=errand.by, note=errand.note))
