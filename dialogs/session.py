"""What we remember of a chat between two messages, to and from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from dialogs.errors import OfLaterRelease, UnreadableSession
from dialogs.machine import OVERLAYS, STATES
from dialogs.visits import Visit

VERSION = 3

#: Messages with visit numbers that we can still take back when a flag closes the plan.
MAX_NUMBERED = 200

#: Notes with answers in the staff chat that we can still take back.
MAX_SHARED = 10

#: Messages that went to the team, or came from it, whose edits are still followed.
MAX_FOLLOWED = 20

#: Questions that went to the team, and answers of its, that others may learn from.
MAX_TAUGHT = 5

#: Questions of which it is remembered what was answered to them.
MAX_LOOKED_UP = 5

#: Letters kept of such a question.
MAX_QUESTION_LETTERS = 300

#: What an older version did not have, and what it means that it had not.
_SINCE_2: Mapping[str, Any] = {
    "shared": {},
    "quiet": False,
    "pace": 0.0,
    "pace_at": None,
    "hushed": False,
    "alerts": {},
    "heard": "",
    "for_team": False,
    "taken": "",
    "chosen": "",
}

_SINCE_3: Mapping[str, Any] = {
    "desk": "",
    "with_team": "",
    "asked": 0,
    "unanswered": 0,
    "card": "",
    "passed": {},
    "replied": {},
    "shown": {},
    "rating": "",
    "visits": (),
    "purposes": {},
    "zone": "",
    "wish_day": "",
    "recalled": "",
    "plans": {},
    "proposed": {},
    "questions": {},
    "taught": {},
    "looked_up": {},
    "alarms": {},
    "offered": {},
    "asks": {},
    "accounts": {},
}

#: Fields that are moments, which JSON has as text.
_MOMENTS = ("seen_at", "pace_at")


#: Origin of a closure that was told in words.
TOLD = "told"


@dataclass(frozen=True, slots=True)
class Closure:
    """A health answer that closed a plan, and what became of it."""

    flag: str  #: id of the flag; empty where the person asked us to keep nothing
    response: str  #: URGENT_NOW, SAME_DAY, NO_PLAN or HOLD
    closes: tuple[str, ...]  #: areas without visit numbers, "prp" for PRP's
    answer: str = "yes"  #: "yes" or "unsure", as it was first given
    corrected: bool = False  #: taken back by the person, which is possible once
    cleared_by: str = ""  #: who of the staff lifted it
    reopens: bool = True  #: False where staff cannot lift it in the chat either
    area: str = ""  #: the area it was answered for
    origin: str = ""  #: the question that raised it, or TOLD; empty: a health list

    @property
    def stands(self) -> bool:
        """Whether it closes a plan now."""
        return not (self.corrected or self.cleared_by)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A message that shows visit numbers."""

    ref: str
    areas: tuple[str, ...]  #: whose numbers
    form: str = ""  #: of the file that shows them; empty: the message's own text


@dataclass(frozen=True)  # without slots, for the sake of `with_`
class Session:
    """Everything the conversation knows of one person. Immutable."""

    state: str = "welcome"  #: where the chat is, a state of the machine
    over: str = "none"  #: what lies over that screen, a state of the second table
    about: str = ""  #: what the overlay is about: a topic, an entry, a group
    serial: int = 0  #: counts screens, so that an old button is known as old
    refs: int = 0  #: counts messages, so that each has a name
    live: str = ""  #: ref of the message that carries the keyboard
    stands: bool = False  #: that message stays as it is: the next screen is a new one
    area: str = ""
    consent: str = ""
    #: "plan": use; "team": use and show to staff; "nothing": use and forget
    answers: Mapping[str, str] = field(default_factory=dict)  #: question to value
    health: Mapping[str, str] = field(default_factory=dict)  #: flag to yes, no, unsure
    ticks: Mapping[str, str] = field(default_factory=dict)  #: on the open tick list
    marking_unsure: bool = False  #: taps on the list now mean "not sure"
    changing: bool = False  #: one answer is being changed from the review
    trying: str = ""  #: the question that "what if" turns over
    tried: str = ""  #: and the answer it looks at
    done: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: finished intakes of other areas, by area
    closures: tuple[Closure, ...] = ()
    numbered: tuple[Numbered, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)
    #: calls to staff not yet confirmed: ref to what the person is told then
    stopped: str = ""  #: emergency group that stopped the chat until staff resume it
    told: tuple[str, ...] = ()  #: areas whose hold the team already has
    shared: Mapping[str, str] = field(default_factory=dict)
    #: notes to the team that hold answers: ref to the person's own words beside them
    quiet: bool = False  #: they want to hear nothing until they come back
    pace: float = 0.0  #: what they sent lately, drained with time
    pace_at: datetime | None = None  #: when that was counted
    hushed: bool = False  #: they sent too much; silence until it calms
    alerts: Mapping[str, str] = field(default_factory=dict)
    #: notes to the team about something to clear: ref to the flags it named
    heard: str = ""  #: words that led to "is this happening now?"
    for_team: bool = False  #: these words were on their way to the team
    taken: str = ""  #: the answer just taken, to be shown once ("site:crown")
    chosen: str = ""  #: the option pressed last, so that a doubled tap is known
    misses: int = 0  #: texts in a row that were not understood
    desk: str = ""  #: the conversation with the team: none yet, "open" or "closed"
    with_team: str = ""  #: first name of who of the team has the chat now
    asked: int = 0  #: questions that went to the team
    unanswered: int = 0  #: of these, since the team wrote last
    card: str = ""  #: ref of the team's card about this person, as last drawn
    passed: Mapping[str, str] = field(default_factory=dict)
    #: ids of messages that the team has: the refs of the first note and the latest
    replied: Mapping[str, str] = field(default_factory=dict)
    #: ids of the team's messages: the ref of what this person was shown
    shown: Mapping[str, str] = field(default_factory=dict)
    #: ids of what this person was shown of them: their ids where the team wrote them
    questions: Mapping[str, str] = field(default_factory=dict)
    #: what was asked of the team, by the ref of the note that holds it
    taught: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: ids of the team's messages: the "question" each answered, and its "answer"
    looked_up: Mapping[str, str] = field(default_factory=dict)
    #: entries that were answered or offered: the words that led there
    rating: str = ""  #: ref of the question how helpful it was, until it is answered
    visits: tuple[Visit, ...] = ()  #: by their beginning, as they last were
    purposes: Mapping[str, bool] = field(default_factory=dict)
    #: what they agreed to or refused about visits: see `dialogs.purposes`
    zone: str = ""  #: time zone they chose; empty: the clinic's
    wish_day: str = ""  #: the day they would rather come, while they choose the hour
    recalled: str = ""  #: the area whose upkeep their health answers are renewed for
    plans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: by area, what a clinician set (`dialogs.clinician_plan`)
    proposed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: the same, until a clinician approves it
    alarms: Mapping[str, str] = field(default_factory=dict)
    #: visits that nothing reminds of, as buttons name them: ref of the team's note
    offered: Mapping[str, str] = field(default_factory=dict)
    #: proposed visits they were told of, as buttons name them: "wish" where they would
    #: rather come another time
    asks: Mapping[str, str] = field(default_factory=dict)
    #: consents that were asked and not answered yet: ref of the question
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: by a visit's number, what they said themselves of how it went: "answer" and "at"
    campaign: str = ""  #: where the person came from, by deep link
    seen_at: datetime | None = None  #: when they last did something

    def to_json(self) -> dict[str, Any]:
        """The session as plain JSON values."""
        # By hand: dataclasses.asdict copies every value, at twenty times the cost.
        plain = dict(vars(self))
        plain["closures"] = [_fields_of(item) for item in self.closures]
        plain["numbered"] = [_fields_of(item) for item in self.numbered]
        plain["visits"] = [visit.to_json() for visit in self.visits]
        for name in _MOMENTS:
            moment: datetime | None = plain[name]
            plain[name] = moment.isoformat() if moment else None
        return {"version": VERSION, **plain}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read a stored session.

        Raises:
            OfLaterRelease: its shape is one that only a later release knows.
            UnreadableSession: it has no shape that any release gave it.
        """
        try:
            session = cls._read(stored)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            anew = cls._rescued(stored)
            raise UnreadableSession(type(fault).__name__, anew) from fault
        if session.state not in STATES or session.over not in OVERLAYS:
            what = f"{session.state}/{session.over}"
            raise UnreadableSession(what, cls._rescued(stored))
        return session

    @classmethod
    def _read(cls, stored: Mapping[str, Any]) -> Self:
        if stored["version"] == 1:
            stored = {**stored, **_SINCE_2, **_SINCE_3}
        elif stored["version"] == 2:
            stored = {**stored, **_SINCE_3}
        elif stored["version"] > VERSION:
            raise OfLaterRelease(f"session {stored['version']}")
        elif stored["version"] != VERSION:
            raise ValueError("version")
        values = dict(stored)
        del values["version"]
        if values.keys() != _NAMES:  # a field is missing, or one is not known here
            values = {name: stored[name] for name in _NAMES}
        values["closures"] = _closures(stored["closures"])
        values["numbered"] = tuple(
            # Before version 3 there were no files.
            Numbered(item["ref"], tuple(item["areas"]), item.get("form", ""))
            for item in values["numbered"]
        )
        values["visits"] = tuple(map(Visit.from_json, values["visits"]))
        values["told"] = tuple(values["told"])
        for name in _MOMENTS:
            if values[name] is not None:
                values[name] = datetime.fromisoformat(values[name])
        session = object.__new__(cls)  # past __init__, as in `with_`
        vars(session).update(values)
        return session

    @classmethod
    def _rescued(cls, stored: Mapping[str, Any]) -> Self | None:
        """A new session that keeps what holds a plan or stopped the chat."""
        try:
            anew = cls(closures=_closures(stored["closures"]))
            stopped = str(stored["stopped"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        return anew.with_(stopped=stopped, over="stopped" if stopped else "none")

    @classmethod
    def new(cls, now: datetime) -> Self:
        """A chat that has just begun."""
        return cls(seen_at=now)

    def with_(self, **changes: Any) -> Self:
        """The same session with some fields changed."""
        # Past __init__, which sets every field by itself: a turn does this often.
        if not changes.keys() <= _NAMES:
            raise TypeError(f"no such fields: {', '.join(changes.keys() - _NAMES)}")
        changed = object.__new__(type(self))
        vars(changed).update(vars(self), **changes)
        return changed

    def closed(self) -> frozenset[str]:
        """Areas (and "prp") whose visit numbers this person is not shown now."""
        return frozenset(
            area for item in self.closures if item.stands for area in item.closes
        )

    def standing(self, area: str) -> tuple[Closure, ...]:
        """The closures that keep this area's plan shut."""
        return tuple(c for c in self.closures if c.stands and area in c.closes)


_NAMES = frozenset(item.name for item in fields(Session))


def _fields_of(item: Closure | Numbered) -> dict[str, Any]:
    """Its fields by name, as they are."""
    return {name: getattr(item, name) for name in item.__slots__}


def _closures(stored: Any) -> tuple[Closure, ...]:
    return tuple(
        Closure(**{**item, "closes": tuple(item["closes"])}) for item in stored
    )
