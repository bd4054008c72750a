"""What people may do about what is kept of them: switches, a copy, silence, an end.

Each purpose has a switch of its own. It is turned off with one tap, as it is turned on,
and each turn is written down with the version of the text that was shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from dialogs import purposes, screens
from dialogs.effects import Erase, GiveCopy, Record
from dialogs.session import Session
from dialogs.turn import Turn
from dialogs.visit_screens import account_of, said_of

#: Version of the consent text; a new wording that changes its meaning gets a new one.
CONSENT_VERSION = "2026-12"

Purpose = Literal["plan", "team"]


def agree(turn: Turn, choice: str) -> None:
    """The first answer to the consent question: "team", "plan" or "nothing"."""
    record(turn, "plan", granted=True)
    record(turn, "team", granted=choice == "team")
    turn.put(consent=choice)


def record(turn: Turn, purpose: Purpose, *, granted: bool) -> None:
    """Have a consent written down."""
    turn.effects.append(Record(purpose, granted, CONSENT_VERSION))


def give(turn: Turn, purpose: str) -> None:
    """Turn a switch on; it names what it sets, so that a doubled tap sets it once."""
    if purpose in purposes.PURPOSES:
        purposes.set_purpose(turn, purpose, on=True)
        return
    before = turn.session.consent
    if before not in ("plan", "team"):
        record(turn, "plan", granted=True)
        turn.put(consent="plan")
    if purpose == "team" and before != "team" and turn.house.has_staff:
        record(turn, "team", granted=True)
        turn.put(consent="team")
        turn.tell_team_of_hold()


def withdraw(turn: Turn, purpose: str) -> None:
    """Turn a switch off, and take back what can be taken back."""
    if purpose in purposes.PURPOSES:
        purposes.set_purpose(turn, purpose, on=False)
        return
    before = turn.session.consent
    if before == "team":
        record(turn, "team", granted=False)
        _take_back(turn)
        turn.put(consent="plan", told=())
        if purpose == "team":
            turn.note("team_off")
    if purpose == "plan" and before:
        record(turn, "plan", granted=False)
        turn.forget()
        turn.put(consent="")
        turn.move("restart")
        turn.note("erased")


def _take_back(turn: Turn) -> None:
    """Edit the answers out of what the team was shown."""
    for ref, words in turn.session.shared.items():
        turn.call_staff("taken_back", {"text": words}, edits=ref)
    turn.put(shared={})


def my_data(turn: Turn) -> None:
    """Say what is kept, and send all of it as a file."""
    turn.note("my_data", _kept_of(turn))
    turn.effects.append(GiveCopy())


def _kept_of(turn: Turn) -> Mapping[str, object]:
    session = turn.session
    intakes = tuple(
        {
            "area": one.area,
            "answers": screens.summary(one, turn.house),
            "yes": screens.ticked(one, turn.house, "yes"),
            "unsure": screens.ticked(one, turn.house, "unsure"),
        }
        for one in _areas_of(session)
    )
    return {
        "intakes": intakes,
        "held": bool(session.closed()),
        "consent": session.consent,
        "quiet": session.quiet,
        "visits": tuple(
            {**said_of(visit, turn.house), "account": account_of(session, visit)}
            for visit in session.visits
        ),
    }


def _areas_of(session: Session) -> Iterator[Session]:
    """The session once for each area with answers, the present one first."""
    if session.area and (session.answers or session.health):
        yield session
    for area, answers in session.done.items():
        yield session.with_(area=area, answers=answers)


def correct(turn: Turn) -> None:
    """Go where one answer is changed."""
    turn.move("close_all")
    turn.move("correct")


def erase(turn: Turn) -> bool:
    """Have everything destroyed. What follows until then begins with nothing."""
    if turn.session.over != "erase":
        return True
    before = turn.session
    turn.note("erasing")
    if before.live:
        turn.strip(before.live)
    turn.effects.append(Erase())
    turn.session = Session.new(turn.now).with_(
        refs=turn.session.refs, serial=before.serial + 1
    )
    return False


def hush(turn: Turn) -> None:
    """No reminders, no offers, until they come back. Emergencies are still read."""
    turn.put(quiet=True)
    turn.move("close_all")


def wake(turn: Turn) -> None:
    """Go on where it was."""
    turn.put(quiet=False)
    turn.move("close_all")


def keep_no_health(turn: Turn) -> None:
    """The clinic takes no health answers here: what an earlier setting left goes."""
    session = turn.session
    if session.consent or session.answers or session.health or session.done:
        turn.forget()
        turn.put(consent="", told=(), shared={}, changing=False)
        turn.move("restart")
    elif session.state not in _WITHOUT_HEALTH:
        turn.move("restart")


#: Places that ask nothing about health.
_WITHOUT_HEALTH = ("welcome", "areas", "card")
