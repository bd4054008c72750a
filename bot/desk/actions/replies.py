"""What the team writes to a patient, and what it notes about one."""

from __future__ import annotations

from bot.desk.errand import MAX_REPLY, Errand
from bot.desk.registry import command, says
from bot.rights import adverse_place
from bot.roles import CLINICAL, EVERYONE
from dialogs.desk import COPIED
from dialogs.inputs import StaffEdited, StaffReplied
from dialogs.length import first, units

CANNOT_PASS = says("desk_cannot_pass")
TOO_LONG = says("desk_too_long", most=MAX_REPLY)
NOTED = says("desk_adverse", name="Ana")
HOW_TO_NOTE = says("desk_adverse_how")


@command("reply", EVERYONE)
def reply(errand: Errand) -> None:
    """Pass their words, a picture or a file to the patient, under their name."""
    words, shows = errand.argument, errand.shows
    if not (words or shows) or (shows and shows not in COPIED):
        errand.say(CANNOT_PASS)
        return
    if units(words) > MAX_REPLY:
        errand.say(TOO_LONG, {"most": MAX_REPLY})
        return
    errand.record()
    answered(errand)
    errand.give(
        StaffReplied(
            text=words,
            by=errand.by,
            note=errand.note,
            ref=errand.patient.ref,
            shows=shows,
        )
    )


@command("edit", EVERYONE)
def edit(errand: Errand) -> None:
    """Change words that went to the patient."""
    words = errand.argument
    if units(words) > MAX_REPLY:
        errand.say(TOO_LONG, {"most": MAX_REPLY})
        return
    errand.record()
    errand.give(
        StaffEdited(text=words, by=errand.by, note=errand.note, shows=errand.shows)
    )


@command("note", EVERYONE)
def note(errand: Errand) -> None:
    """Words among colleagues: they stay where they are."""
    errand.record()


@command("adverse", CLINICAL)
def adverse(errand: Errand) -> None:
    """Keep what went badly, sealed with the patient's own key."""
    if not errand.argument:
        errand.say(HOW_TO_NOTE)
        return
    about, words = errand.patient, first(errand.argument, MAX_REPLY)
    at = adverse_place(about.person, errand.now)
    errand.turn.adverse.append(
        {
            "person_id": about.person,
            "at": errand.now,
            "by": errand.actor,
            "body": errand.tools.keys.seal(about.key_id, at, words.encode()),
        }
    )
    errand.record()
    errand.say(NOTED, {"name": errand.name()})


def answered(errand: Errand) -> None:
    """Nobody waits for an answer here any more."""
    topic = errand.topic
    if topic is not None:
        errand.change(asked_at=None, first_reply_at=topic.first_reply_at or errand.now)
