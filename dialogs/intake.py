"""From what a person answered to what the plan engine reads, and what closes a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from dialogs.house import House
from dialogs.questions import BY_ID, EARLIER, HEALTH_LISTS, QUESTIONS, STOP_LIST
from dialogs.session import TOLD, Closure, Session
from dialogs.visits import Status
from exoplan import Closure as Closed
from exoplan import Combination, Flag, Intake, Response

TICK_LISTS = (STOP_LIST, *HEALTH_LISTS)


def flags_of(session: Session, house: House, tick_list: str) -> tuple[Flag, ...]:
    """The health flags that one list asks of this person, in this area."""
    chosen = session.answers.get("combination")
    combination = Combination(chosen) if chosen else None
    return house.screening.asked(tick_list, session.area, combination)


def known_as(flag: Flag, area: str) -> str:
    """Under which name an answer is kept: what is about a place belongs to its area."""
    return f"{area}/{flag.id}" if flag.local else flag.id


def listed(session: Session, house: House, tick_list: str) -> tuple[Flag, ...]:
    """The flags a list shows: those still open, or all of them when looked at again."""
    flags = flags_of(session, house, tick_list)
    still_open = tuple(
        f for f in flags if known_as(f, session.area) not in session.health
    )
    return still_open or flags


def values_of(session: Session, house: House, question: str) -> tuple[str, ...]:
    """What may be answered to a choice question in this area."""
    if BY_ID[question].values:
        return BY_ID[question].values
    own = house.book.area(session.area).options(question)
    return tuple(option.id for option in own)


class Known(NamedTuple):
    """The facts the machine's conditions ask for (`dialogs.machine.Facts`)."""

    session: Session
    house: House

    def asks(self, question: str) -> bool:
        if not self.session.area or question not in BY_ID:
            return False
        if BY_ID[question].kind == "ticks":
            return bool(flags_of(self.session, self.house, question))
        return question in self.house.book.area(self.session.area).questions

    def has_answered(self, question: str) -> bool:
        session = self.session
        if BY_ID[question].kind == "ticks":
            flags = flags_of(session, self.house, question)
            return all(known_as(f, session.area) in session.health for f in flags)
        return question in session.answers

    @property
    def has_agreed(self) -> bool:
        return bool(self.session.consent)

    @property
    def has_open(self) -> bool:
        return any(self.asks(q.id) and not self.has_answered(q.id) for q in QUESTIONS)

    @property
    def is_changing(self) -> bool:
        return self.session.changing

    @property
    def is_held(self) -> bool:
        return bool(self.session.standing(self.session.area))

    @property
    def is_shut(self) -> bool:
        return any(
            c.response in ("URGENT_NOW", "SAME_DAY", "NO_PLAN")
            for c in self.session.standing(self.session.area)
        )

    @property
    def is_stopped(self) -> bool:
        return bool(self.session.stopped)

    @property
    def is_quiet(self) -> bool:
        return self.session.quiet

    @property
    def is_proposed(self) -> bool:
        """Whether the visit that the overlay is about is only proposed."""
        about = self.session.about
        return any(
            v.status is Status.PROPOSED and v.name == about for v in self.session.visits
        )

    @property
    def is_with_team(self) -> bool:
        return bool(self.session.with_team)


def asked(session: Session, house: House) -> tuple[str, ...]:
    """The questions of this area, in the order they are asked."""
    known = Known(session, house)
    return house.once(
        ("order", session.area, session.answers.get("combination", "")),
        lambda: tuple(q.id for q in QUESTIONS if known.asks(q.id)),
    )


def intake_of(session: Session, house: House) -> Intake:
    """The intake as far as it is answered. Raises InvalidIntake for what cannot be."""
    answers = session.answers
    earlier, outcome = EARLIER.get(answers.get("earlier", ""), (None, None))
    health: dict[str, str] = {}
    own = f"{session.area}/"
    for name, answer in session.health.items():
        flag = name.removeprefix(own)
        if "/" not in flag:  # not of another area
            health[flag] = answer
    pain = answers.get("pain")
    return Intake.from_json(
        {
            "area": session.area,
            "site": answers.get("site") or answers.get("joint"),
            "severity": answers.get("severity"),
            "duration": answers.get("duration"),
            "pain": int(pain) if pain and pain.isdigit() else None,
            "priority": answers.get("priority"),
            "goal": answers.get("goal"),
            "combination": answers.get("combination"),
            "earlier": earlier,
            "outcome": outcome,
            "yes": [flag for flag, answer in health.items() if answer == "yes"],
            "unsure": [flag for flag, answer in health.items() if answer == "unsure"],
            "screened": all(
                known_as(flag, session.area) in session.health
                for name in TICK_LISTS
                for flag in flags_of(session, house, name)
            ),
        }
    )


def cleared_flags(session: Session) -> frozenset[str]:
    """Flags that staff looked at and lifted."""
    return frozenset(c.flag for c in session.closures if c.cleared_by and c.flag)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the health answers now mean."""

    closures: tuple[Closure, ...]  #: all of them, old and new
    fresh: tuple[Closure, ...] = ()  #: closed just now
    corrected: tuple[Closure, ...] = ()  #: taken back just now
    ask_now: tuple[str, ...] = ()  #: urgent flags the person is not sure about


def judge(session: Session, house: House) -> Judged:
    """Hold the answers against the flags.

    A hold may be taken back once, where its own question is answered otherwise; a
    stricter answer takes the place of a milder one; what ended the plan stays until
    staff lift it, and what staff lifted does not come back by itself.
    """
    intake = intake_of(session, house)
    found = tuple(c for c in house.screening.closures(intake) if c.closes)
    fresh = tuple(
        _closure(c, session, house)
        for c in found
        if not any(_covers(old, c) for old in session.closures)
    )
    replaced = {(c.flag, c.closes) for c in fresh}
    true_now = {c.flag_id for c in found}
    kept: list[Closure] = []
    corrected: list[Closure] = []
    for old in session.closures:
        if old.stands and (old.flag, old.closes) in replaced:
            continue
        if _may_go(old, session, house, true_now):
            corrected.append(replace(old, corrected=True))
            kept.append(corrected[-1])
        else:
            kept.append(old)
    ask_now = tuple(
        c.flag_id
        for c in found
        if c.response is Response.ASK_NOW
        and (c.flag_id, tuple(sorted(c.closes))) in replaced
    )
    return Judged((*kept, *fresh), fresh, tuple(corrected), ask_now)


def _response(closure: Closed) -> Response:
    """What is kept of an answer: "is it now?" is asked, and holds until then."""
    asking = closure.response is Response.ASK_NOW
    return Response.HOLD if asking else closure.response


def _closure(found: Closed, session: Session, house: House) -> Closure:
    return Closure(
        flag=found.flag_id,
        response=str(_response(found)),
        closes=tuple(sorted(found.closes)),
        answer="unsure" if found.unsure else "yes",
        reopens=house.screening.flag(found.flag_id).reopens,
        area=session.area,
        origin=_origin(found.flag_id, session, house),
    )


def _origin(flag: str, session: Session, house: House) -> str:
    """The question whose answer raised a flag, where it was not the health list."""
    intake = intake_of(session, house)
    for one in house.screening.implications:
        if one.flag_id == flag and one.holds(intake):
            return "earlier" if one.field == "outcome" else one.field
    return ""


def _covers(old: Closure, found: Closed) -> bool:
    """Whether this answer is known already: as strict, standing or lifted by staff."""
    return (
        (old.stands or bool(old.cleared_by))
        and old.flag == found.flag_id
        and old.closes == tuple(sorted(found.closes))
        and Response(old.response).strictness >= _response(found).strictness
    )


def _may_go(old: Closure, session: Session, house: House, true_now: set[str]) -> bool:
    """Whether a hold is taken back by the answers as they are now."""
    if not (old.stands and old.flag) or old.flag in true_now:
        return False
    if old.response != Response.HOLD or _was_corrected(session.closures, old.flag):
        return False
    if old.origin == TOLD:
        return False  # told in words: staff look at it
    if old.origin:
        return old.area == session.area and bool(session.answers)
    return known_as(house.screening.flag(old.flag), session.area) in session.health


def _was_corrected(closures: Iterable[Closure], flag: str) -> bool:
    return any(c.flag == flag and c.corrected for c in closures)
