"""Answering an open question with one of the answers suggested over it."""

from __future__ import annotations

from bot.desk.actions.replies import answered
from bot.desk.errand import Errand
from bot.desk.registry import asks, button
from bot.faq import own
from bot.faq.labelled import Labelled
from bot.roles import EVERYONE
from dialogs.inputs import StaffDrafts, StaffSent

WRITE = asks("desk_write", "reply", name="Ana")


@button("send", EVERYONE)
def send(errand: Errand) -> None:
    """Send the answer as it stands, as this patient may see it."""
    errand.record()
    answered(errand)
    _label(errand)
    errand.give(StaffSent(entry=errand.argument, by=errand.by, note=errand.note))


def _label(errand: Errand) -> None:
    """Keep that this is what the question over which they pressed asks.

    Its words are there only where this person lets the clinic keep them.
    """
    about, session = errand.patient, errand.session()
    words = (session.get("questions") or {}).get(about.ref, "")
    if not words or session.get("consent") == "nothing":
        return
    if errand.tools.knows(errand.argument):
        own.label(
            errand.connection,
            errand.tools.keys,
            Labelled(words, errand.argument),
            key=f"sent:{about.note}",
            language=errand.tools.language,
            by=errand.actor,
            now=errand.now,
            person=about.person,
            at_once=False,
        )


@button("draft", EVERYONE)
def draft(errand: Errand) -> None:
    """Show the answer's text, to be changed and sent."""
    errand.record()
    errand.give(StaffDrafts(entry=errand.argument, note=errand.note))


@button("write", EVERYONE)
def write(errand: Errand) -> None:
    """Have the apps begin an answer."""
    errand.say(WRITE, {"name": errand.name()}, prompt="")
