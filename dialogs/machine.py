"""Where a chat can go.

Rule 1: no other file decides where a chat goes next. The two tables below hold every
state and every way between them; `dialogs.conversation` only fires their triggers and
says what the place it arrived at looks like.

The first table is the way from the first hello to the plan. The second is what may lie
over any screen of it (a question, a person, an emergency) without moving it, so that
the same screen comes back when it is put away.

One machine a table for the whole program, without models: a trigger is fired on a
throw-away `Walker`, which costs microseconds and leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from transitions import Event, Machine

from dialogs.questions import LAST, QUESTIONS, STOP_LIST


class Facts(Protocol):
    """What the conditions of the tables may ask about a chat."""

    def asks(self, question: str) -> bool:
        """Whether the area asks this question at all."""

    def has_answered(self, question: str) -> bool:
        """Whether the answer is already known."""

    @property
    def has_agreed(self) -> bool:
        """Whether the person agreed that answers are used."""

    @property
    def has_open(self) -> bool:
        """Whether a question of the area is not answered yet."""

    @property
    def is_changing(self) -> bool:
        """Whether one answer is being changed from the review."""

    @property
    def is_held(self) -> bool:
        """Whether a health answer keeps this area's plan shut."""

    @property
    def is_shut(self) -> bool:
        """Whether that answer ends the intake at once."""

    @property
    def is_stopped(self) -> bool:
        """Whether an emergency stopped the chat."""

    @property
    def is_quiet(self) -> bool:
        """Whether they want to hear nothing."""

    @property
    def is_with_team(self) -> bool:
        """Whether somebody of the team has the chat."""

    @property
    def is_proposed(self) -> bool:
        """Whether the visit that the overlay is about is only proposed."""


@dataclass(slots=True)
class Walker:
    """One chat on its way through the tables, for the length of one input."""

    state: str
    over: str
    facts: Facts

    def is_asked(self) -> bool:
        return self.facts.asks(self.state)

    def is_settled(self) -> bool:
        """Nothing to ask here: not asked in this area, or known already."""
        return not self.facts.asks(self.state) or self.facts.has_answered(self.state)

    def has_agreed(self) -> bool:
        return self.facts.has_agreed

    def has_open(self) -> bool:
        return self.facts.has_open

    def is_changing(self) -> bool:
        return self.facts.is_changing

    def is_held(self) -> bool:
        return self.facts.is_held

    def is_shut(self) -> bool:
        return self.facts.is_shut

    def is_stopped(self) -> bool:
        return self.facts.is_stopped

    def is_quiet(self) -> bool:
        return self.facts.is_quiet

    def is_with_team(self) -> bool:
        return self.facts.is_with_team

    def is_proposed(self) -> bool:
        return self.facts.is_proposed


Row = dict[str, Any]

_ASKED = tuple(question.id for question in QUESTIONS)

STATES: tuple[str, ...] = (
    "welcome",
    "areas",
    "card",
    "consent",
    "declined",
    *_ASKED,
    "review",
    "change",
    "held",
    "closed",
    "plan",
    "what_if",
    "what_if_value",
    "what_if_shown",
)


def _row(
    trigger: str, source: str | list[str], dest: str, **conditions: str | list[str]
) -> Row:
    return {"trigger": trigger, "source": source, "dest": dest, **conditions}


def _intake() -> list[Row]:
    """Rows of the questions: on by `answer`, over known ones by `skip`, back by `back`.

    First match wins, so the way out (closed, held) stands before the way on.
    """
    rows: list[Row] = []
    for here, following in pairwise(_ASKED):
        for trigger, condition in (
            ("answer", {}),
            ("skip", {"conditions": "is_settled"}),
        ):
            if here == STOP_LIST:
                rows.append(_row(trigger, here, "closed", conditions="is_shut"))
            rows.append(_row(trigger, here, following, **condition))
        rows.append(_row("back", following, "change", conditions="is_changing"))
        rows.append(_row("back", following, here))
        rows.append(_row("pass_back", following, here, unless="is_asked"))
    return [
        *rows,
        _row("answer", LAST.id, "held", conditions="is_held"),
        _row("answer", LAST.id, "review"),
        _row("skip", LAST.id, "held", conditions=["is_settled", "is_held"]),
        _row("skip", LAST.id, "review", conditions="is_settled"),
    ]


#: Where visit numbers may be on screen, or answers are looked at.
_READ = ["review", "change", "plan", "what_if", "what_if_value", "what_if_shown"]

#: Where a chat may be when staff lift what holds its plan.
_SHUT = ["held", "closed", "change"]

TRANSITIONS: list[Row] = [
    # from hello to consent: value first, nothing asked
    _row("pick_area", list(STATES), "card"),
    _row("fit", "card", "closed", conditions="is_shut"),
    _row("fit", "card", "held", conditions="is_held"),
    _row("fit", "card", STOP_LIST, conditions="has_agreed"),
    _row("fit", "card", "consent"),
    _row("agree", "consent", STOP_LIST),
    _row("refuse", "consent", "declined"),
    _row("back", ["card", "areas"], "welcome"),
    _row("back", ["consent", "declined"], "card"),
    _row("back", STOP_LIST, "change", conditions="is_changing"),
    _row("back", STOP_LIST, "card"),
    _row("pass_back", STOP_LIST, "card", unless="is_asked"),
    # the questions
    *_intake(),
    _row("ask_again", list(_ASKED), STOP_LIST),  # and on to what is open now
    # the review, and changing one answer
    _row("back", "review", LAST.id),
    _row("change", ["review", "held"], "change"),
    _row("correct", list(STATES), "change"),
    *(_row(f"change_{question}", "change", question) for question in _ASKED),
    _row("keep", "change", "held", conditions="is_held"),
    _row("keep", "change", STOP_LIST),  # and on to what is still open, or the review
    _row("screen_again", list(STATES), STOP_LIST, conditions="has_agreed"),
    # the plan, and what may be looked at from it
    _row("show", ["review", "plan"], "held", conditions="is_held"),
    _row("show", "review", STOP_LIST, conditions="has_open"),  # never a plan too early
    _row("show", ["review", "plan"], "plan"),
    _row("what_if", "plan", "held", conditions="is_held"),
    _row("what_if", ["plan", "what_if_shown"], "what_if"),
    _row("turn", "what_if", "what_if_value"),
    _row("look", "what_if_value", "what_if_shown"),
    _row("back", "what_if", "plan"),
    _row("back", ["what_if_value", "what_if_shown"], "what_if"),
    # a flag that closes the plan while it is open, and staff lifting it
    _row("close", [*_ASKED, *_READ], "closed", conditions="is_shut"),
    _row("close", _READ, "held"),
    _row("clear", _SHUT, "held", conditions="is_held"),
    _row("clear", _SHUT, STOP_LIST, conditions="has_agreed"),
    _row("clear", _SHUT, "card"),
    # from anywhere
    _row("another", list(STATES), "areas"),
    _row("restart", list(STATES), "welcome"),
    _row("greet", list(STATES), "welcome"),
]

OVERLAYS: tuple[str, ...] = (
    "none",
    "ask",  # the list of question topics
    "topic",  # the questions of one topic
    "answer",  # one answer, picked from the list
    "suggest",  # "did you mean"
    "person",  # what is typed now goes to the team
    "beside",  # exosomes beside PRP
    "why",  # why the plan says what it says
    "kept",  # what is kept of the answers
    "help",
    "privacy",
    "erase",  # "delete everything?"
    "resume",  # "you were at question 5"
    "told",  # "shall I add this to your health answers?"
    "now",  # "is this happening now?"
    "stopped",  # an emergency stopped the chat
    "quiet",  # they want to hear nothing until they come back
    "with_team",  # somebody of the team has the chat, and the program is silent
    "visits",  # their visits
    "visit",  # one of them
    "proposed",  # the dates that the team proposes, to be answered one by one
    "moving",  # a day on which they would rather come
    "moving_hour",  # and the hour
    "giving_up",  # "cancel this visit?"
    "course",  # where they are in it: visits done, the next one, upkeep
    "zone",  # the time zone they reckon in
    "check",  # how they are after a visit
    "recall",  # upkeep may be due
)

_OPENED_BY_A_TAP = (
    "ask",
    "person",
    "beside",
    "why",
    "kept",
    "help",
    "privacy",
    "resume",
    "visits",
    "visit",
    "proposed",
    "moving",
    "giving_up",
    "course",
    "zone",
    "check",
    "recall",
)

#: Overlays that lie on another one, and on which.
_PUT_AWAY_TO = {
    "topic": "ask",
    "erase": "privacy",
    "visit": "visits",
    "proposed": "visits",
    "moving": "visit",
    "moving_hour": "moving",
    "giving_up": "visit",
    "zone": "visits",
}

#: Overlays that lie on the screen itself, not on another overlay.
_OTHERWISE_AWAY = [name for name in OVERLAYS if name not in _PUT_AWAY_TO]

OVER_TRANSITIONS: list[Row] = [
    *(_row(f"open_{name}", list(OVERLAYS), name) for name in _OPENED_BY_A_TAP),
    _row("open_suggest", list(OVERLAYS), "suggest"),
    _row("open_now", list(OVERLAYS), "now"),
    _row("open_told", list(OVERLAYS), "told"),
    _row("open_topic", ["ask", "topic", "answer"], "topic"),
    _row("open_answer", ["ask", "topic", "answer", "suggest"], "answer"),
    _row("open_erase", "privacy", "erase"),
    _row("open_with_team", list(OVERLAYS), "stopped", conditions="is_stopped"),
    _row("open_with_team", list(OVERLAYS), "with_team"),
    _row("open_moving_hour", "moving", "moving_hour"),
    _row("halt", list(OVERLAYS), "stopped"),
    # one step back, then away
    _row("put_away", "moving", "proposed", conditions="is_proposed"),
    *(_row("put_away", over, below) for over, below in _PUT_AWAY_TO.items()),
    _row("put_away", _OTHERWISE_AWAY, "stopped", conditions="is_stopped"),
    _row("put_away", _OTHERWISE_AWAY, "quiet", conditions="is_quiet"),
    _row("put_away", _OTHERWISE_AWAY, "with_team", conditions="is_with_team"),
    _row("put_away", _OTHERWISE_AWAY, "none"),
    # away at once
    _row("close_all", list(OVERLAYS), "stopped", conditions="is_stopped"),
    _row("close_all", list(OVERLAYS), "quiet", conditions="is_quiet"),
    _row("close_all", list(OVERLAYS), "with_team", conditions="is_with_team"),
    _row("close_all", list(OVERLAYS), "none"),
]


class _FirstThatHolds(Event):
    """Takes the first row from here whose conditions hold.

    The library's own does the same, and looks for callbacks and writes to a log at each
    step: a twentieth of a turn, where these tables have neither.
    """

    def trigger(self, model: object, *_: object, **__: object) -> bool:
        where = self.machine.model_attribute
        for row in self.transitions.get(getattr(model, where), ()):
            if all(getattr(model, str(c.func))() is c.target for c in row.conditions):
                setattr(model, where, row.dest)
                return True
        return False


class _Machine(Machine):
    event_cls = _FirstThatHolds


def _machine(states: tuple[str, ...], rows: list[Row], attribute: str) -> Machine:
    return _Machine(
        model=None,
        states=list(states),
        transitions=rows,
        initial=None,
        auto_transitions=False,
        model_attribute=attribute,
    )


_MACHINE = _machine(STATES, TRANSITIONS, "state")
_OVER = _machine(OVERLAYS, OVER_TRANSITIONS, "over")


def fire(walker: Walker, trigger: str) -> bool:
    """Move the walker by one trigger of either table; False where it leads nowhere."""
    machine = _MACHINE if trigger in _MACHINE.events else _OVER
    return machine.events[trigger].trigger(walker)


def settle(walker: Walker) -> None:
    """Walk on over every question that needs no asking."""
    while fire(walker, "skip"):
        pass


def settle_back(walker: Walker) -> None:
    """Walk back over every question that this area does not ask."""
    while fire(walker, "pass_back"):
        pass
