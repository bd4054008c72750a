"""One chat without a network: what happens as plain values in, what is wanted out.

`exoplan chat` talks through it and can write down what was said; the recorded
conversations of the tests are played back through it. What may happen, as JSON:

    {"kind": "start", "payload": ""}        {"kind": "command", "name": "help"}
    {"kind": "tap", "option": "area:hair"}  {"kind": "type", "text": "my knee"}
    {"kind": "edit", "text": "my hip"}      {"kind": "send", "what": "photo"}
    {"kind": "staff", "text": "Hello"}      {"kind": "clear"}
    {"kind": "delivered", "template": "hold"}
    {"kind": "undelivered", "template": "hold", "reason": "blocked"}
    {"kind": "plan", "line": "2 visits"}    {"kind": "series", "days": 9}
    {"kind": "book", "days": 9}
    {"kind": "mark", "visit": 1, "act": "attend"}
    {"kind": "due", "reminder": "receipt", "visit": 1}
    {"kind": "unreminded", "visit": 1, "reason": "unreachable"}
    {"kind": "lapse", "visit": 1}
    {"kind": "wait", "hours": 30}

and what is wanted, in words: "say card", "edit card", "strip", "toast stale",
"staff hold", "record plan yes".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.app import Voice
from bot.errors import ConfigError
from dialogs.effects import (
    ActOnVisit,
    BookVisit,
    CallStaff,
    ChooseZone,
    Copy,
    Effect,
    Erase,
    GiveCopy,
    GivePaper,
    GiveVisits,
    Missed,
    MoveVisit,
    Rate,
    Record,
    Redraw,
    Remind,
    Reminded,
    Say,
    Strip,
    TakeBackPaper,
    Toast,
)
from dialogs.inputs import (
    Chose,
    Commanded,
    Delivered,
    Input,
    ProposalLapsed,
    ReminderDue,
    StaffBooked,
    StaffCleared,
    StaffClosed,
    StaffDrafts,
    StaffEdited,
    StaffGaveBack,
    StaffMarked,
    StaffPlanned,
    StaffProposed,
    StaffReplied,
    StaffSent,
    StaffTook,
    Started,
    Undelivered,
    VisitUnreminded,
)
from dialogs.screens import ANY_SCREEN
from dialogs.visits import Status, Visit

#: When every rehearsal begins; only {"kind": "wait"} moves its clock.
BEGINS_AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)

#: Who answers for the team.
STAFF_NAME = "Kim"

Given = Mapping[str, Any]


class NotAnInput(ConfigError):
    """A recorded conversation holds what cannot happen:"""


@dataclass(frozen=True, slots=True)
class Played:
    """One thing that happened, and what came of it."""

    given: Given  #: as it is recorded
    effects: tuple[Effect, ...]

    @property
    def out(self) -> list[str]:
        """What was wanted, in words."""
        return [in_words(effect) for effect in self.effects]

    def to_json(self) -> dict[str, Any]:
        """One line of a recorded conversation."""
        return {"in": dict(self.given), "out": self.out}


class Rehearsal:
    """A person, the team and the conversation between them."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self.now = BEGINS_AT
        self.session: Any = voice.conversation.begin(self.now)
        self._on_notes: set[str] = set()  # options of messages that stay
        self._reports: list[tuple[str, str]] = []  # template and ref, oldest first
        self._staff_notes = 0
        self._visits: dict[int, Visit] = {}  # by number, as a store would keep them

    def play(self, given: Given) -> Played:
        """Let one thing happen. Raises NotAnInput for what cannot."""
        if given.get("kind") == "wait":
            self.now += timedelta(hours=_field(given, "hours", (int, float)))
            return Played(given, ())
        read = _READS.get(str(given.get("kind")))
        if read is None:
            raise NotAnInput(f"{dict(given)} is none of {', '.join(_READS)}, wait")
        event = read(self, given)
        conversation = self._voice.conversation
        before = self.session
        if self._visits:
            in_order = sorted(self._visits.values(), key=lambda one: one.starts_at)
            before = conversation.with_visits(before, tuple(in_order))
        session, effects = conversation.step(before, event, self.now)
        self.session = self._kept(session)
        for effect in effects:
            self._heed(effect)
        return Played(given, effects)

    def play_all(self, inputs: Iterable[Given]) -> list[Played]:
        """Let one thing happen after the other."""
        return [self.play(given) for given in inputs]

    def waiting_reports(self) -> tuple[str, ...]:
        """Templates of what was sent and not yet reported, oldest first."""
        return tuple(template for template, _ in self._reports)

    def _kept(self, session: Any) -> Any:
        """The session as it comes back from the store."""
        stored = json.dumps(self._voice.conversation.put_away(session))
        return self._voice.conversation.restore(json.loads(stored))

    def _heed(self, effect: Effect) -> None:
        if isinstance(effect, CallStaff):
            self._staff_notes += 1
            if effect.report:
                self._reports.append((effect.template, effect.ref))
        elif isinstance(effect, Say):
            if effect.screen.serial == ANY_SCREEN:
                self._on_notes |= effect.screen.options()
            if effect.report:
                self._reports.append((effect.screen.template, effect.ref))
        elif isinstance(effect, BookVisit):
            self._book(effect)
        elif isinstance(effect, ActOnVisit):
            done = self._visits[effect.visit].done(effect.act, self.now)
            self._visits[effect.visit] = done

    def _book(self, wanted: BookVisit) -> None:
        number = len(self._visits) + 1
        self._visits[number] = Visit(
            id=number,
            starts_at=wanted.starts_at,
            zone="UTC",
            status=Status.PROPOSED if wanted.proposed else Status.BOOKED,
            revision=1,
            booked_at=self.now,
            changed_at=self.now,
            area=wanted.area,
            number=wanted.number,
            upkeep_months=wanted.upkeep_months,
        )

    def _visit(self, given: Given) -> Visit:
        visit = self._visits.get(_field(given, "visit", int))
        if visit is None:
            raise NotAnInput(f"{dict(given)}: there is no such visit")
        return visit

    def _in_days(self, given: Given) -> str:
        days = _field(given, "days", (int, float))
        return (self.now + timedelta(days=days)).isoformat()

    def _due(self, given: Given) -> Input:
        visit = self._visit(given)
        kind = _field(given, "reminder", str)
        return ReminderDue(1, kind, visit.id, visit.revision)

    def _tapped(self, given: Given) -> Input:
        option = _field(given, "option", str)
        screen = self._voice.conversation.screen(self.session)
        on_note = option in self._on_notes and option not in screen.options()
        return Chose(ANY_SCREEN if on_note else screen.serial, option)

    def _read(self, update: Mapping[str, Any]) -> Input:
        read = self._voice.reader.read(
            update, lambda: self._voice.conversation.screen(self.session)
        )
        if read is None:
            raise NotAnInput(f"{update} says nothing")
        return read

    def _typed(self, given: Given) -> Input:
        return self._read({"message": {"text": _field(given, "text", str)}})

    def _edited(self, given: Given) -> Input:
        return self._read({"edited_message": {"text": _field(given, "text", str)}})

    def _sent(self, given: Given) -> Input:
        caption = str(given.get("caption", ""))
        what = _field(given, "what", str)
        return self._read({"message": {what: {}, "caption": caption}})

    def _reported(self, given: Given) -> str:
        template = _field(given, "template", str)
        for report in self._reports:
            if report[0] == template:
                self._reports.remove(report)
                return report[1]
        raise NotAnInput(f"no {template!r} is waiting for a report")


def in_words(effect: Effect) -> str:
    """One effect as a recorded conversation names it."""
    match effect:
        case Say():
            verb = "say" if effect.edits is None else "edit"
            about = effect.screen.data.get("question") or effect.screen.data.get(
                "entry"
            )
            return " ".join(filter(None, (verb, effect.screen.template, about)))
        case Strip():
            return "strip"
        case Toast():
            return f"toast {effect.template}"
        case CallStaff():
            return f"staff {effect.template}"
        case Record():
            return f"record {effect.purpose} {'yes' if effect.granted else 'no'}"
        case GiveCopy():
            return "copy"
        case GivePaper():
            return f"give {effect.form}"
        case TakeBackPaper():
            return f"take back {effect.form}"
        case Erase():
            return "erase"
        case Copy():
            return f"pass on to the {effect.to}"
        case Redraw():
            return "redraw card"
        case Missed():
            return " ".join(filter(None, ("missed", effect.kind, effect.entry)))
        case Rate():
            return f"rate {effect.answer}"
        case BookVisit():
            return "propose visit" if effect.proposed else "book visit"
        case MoveVisit():
            return "move visit"
        case ActOnVisit():
            return f"visit {effect.act}"
        case Remind():
            return f"remind {effect.kind}"
        case Reminded():
            return f"reminded {effect.reason or 'yes'}"
        case ChooseZone():
            return f"zone {effect.zone}"
        case GiveVisits():
            return "calendar"


def _field(given: Given, name: str, kind: type | tuple[type, ...]) -> Any:
    value = given.get(name)
    if not isinstance(value, kind):
        raise NotAnInput(f"{dict(given)} lacks {name!r}")
    return value


_READS: Mapping[str, Callable[[Rehearsal, Given], Input]] = {
    "start": lambda chat, given: Started(str(given.get("payload", ""))),
    "command": lambda chat, given: Commanded(_field(given, "name", str)),
    "tap": Rehearsal._tapped,
    "type": Rehearsal._typed,
    "edit": Rehearsal._edited,
    "send": Rehearsal._sent,
    "staff": lambda chat, given: StaffReplied(
        _field(given, "text", str), STAFF_NAME, chat._staff_notes + 1
    ),
    "take": lambda chat, given: StaffTook(STAFF_NAME),
    "give_back": lambda chat, given: StaffGaveBack(STAFF_NAME),
    "close": lambda chat, given: StaffClosed(STAFF_NAME),
    "staff_edit": lambda chat, given: StaffEdited(
        _field(given, "text", str), STAFF_NAME, chat._staff_notes
    ),
    "staff_send": lambda chat, given: StaffSent(
        _field(given, "entry", str), STAFF_NAME, chat._staff_notes + 1
    ),
    "staff_draft": lambda chat, given: StaffDrafts(
        _field(given, "entry", str), chat._staff_notes + 1
    ),
    "plan": lambda chat, given: StaffPlanned(
        _field(given, "line", str), STAFF_NAME, True, chat._staff_notes + 1
    ),
    "series": lambda chat, given: StaffProposed(
        chat._in_days(given), STAFF_NAME, chat._staff_notes + 1
    ),
    "book": lambda chat, given: StaffBooked(
        chat._in_days(given), STAFF_NAME, chat._staff_notes + 1
    ),
    "mark": lambda chat, given: StaffMarked(
        chat._visit(given).name,
        _field(given, "act", str),
        STAFF_NAME,
        chat._staff_notes + 1,
    ),
    "due": Rehearsal._due,
    "unreminded": lambda chat, given: VisitUnreminded(
        chat._visit(given).name, _field(given, "reason", str)
    ),
    "lapse": lambda chat, given: ProposalLapsed(chat._visit(given).name),
    "clear": lambda chat, given: StaffCleared(STAFF_NAME, note=chat._staff_notes + 1),
    "delivered": lambda chat, given: Delivered(chat._reported(given)),
    "undelivered": lambda chat, given: Undelivered(
        chat._reported(given), str(given.get("reason", "failed"))
    ),
}
