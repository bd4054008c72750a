"""The health flags: which are asked, and what an answer closes.

A flag closes areas, never answers. Whatever closes an area closes PRP too, since the
PRP figures name no area. "Not sure" closes as HOLD where the flag would close, and
asks "is it happening now?" where the flag is an emergency.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain

from exoplan.errors import InvalidIntake
from exoplan.intake import CHOICES, Intake
from exoplan.model import PRP, Combination, Json
from exoplan.reading import Table, read, refuse_twice

#: Scope of a flag that concerns everybody.
EVERYBODY = "all"
#: Scope of a flag that matters only where radiofrequency may be part of it.
RADIOFREQUENCY = "radiofrequency"

_MAY_USE_RADIOFREQUENCY = (Combination.RADIOFREQUENCY, Combination.NOT_SURE)


class TickList(StrEnum):
    """The lists that ask the flags, in the order they are shown."""

    STOP = "stop"
    HEALTH_1 = "health_1"
    HEALTH_2 = "health_2"
    HEALTH_3 = "health_3"


class Response(StrEnum):
    """What an answer calls for, the strictest first."""

    URGENT_NOW = "URGENT_NOW"
    SAME_DAY = "SAME_DAY"
    NO_PLAN = "NO_PLAN"
    ASK_NOW = "ASK_NOW"  # an emergency answered "not sure": ask before anything else
    HOLD = "HOLD"
    NOTE = "NOTE"

    @property
    def strictness(self) -> int:
        """Higher is stricter."""
        return -tuple(Response).index(self)


class Standing(StrEnum):
    """Whether a plan may be shown."""

    OPEN = "open"
    HELD = "held"
    CLOSED = "closed"
    SAME_DAY = "same_day"
    URGENT = "urgent"


_STANDING = {
    Response.URGENT_NOW: Standing.URGENT,
    Response.SAME_DAY: Standing.SAME_DAY,
    Response.NO_PLAN: Standing.CLOSED,
    Response.ASK_NOW: Standing.HELD,
    Response.HOLD: Standing.HELD,
}


class Strength(StrEnum):
    """What a flag rests on."""

    A = "A"
    B = "B"
    M = "M"


@dataclass(frozen=True, slots=True)
class Implication:
    """An answer that is as good as a tick."""

    field: str  #: field of the intake
    value: str  #: the answer
    flag_id: str  #: the flag it raises
    area: str | None = None  #: only for this area; None = for every area

    def holds(self, intake: Intake) -> bool:
        """Whether this intake gives the answer."""
        return (
            self.area in (None, intake.area)
            and getattr(intake, self.field) == self.value
        )


@dataclass(frozen=True, slots=True)
class Flag:
    """One health question and what a yes to it closes."""

    id: str  #: "RF01" …
    key: str  #: its name in words
    response: Response  #: what a yes calls for
    prp_response: Response  #: the same for PRP, where it is stricter
    scope: tuple[str, ...]  #: areas, or EVERYBODY, PRP, RADIOFREQUENCY
    tick_list: TickList | None  #: the list that asks it; None = never asked
    local: bool  #: about the place under treatment
    doctor_soon: bool  #: see a doctor whatever becomes of the plan
    reopens: bool  #: staff may reopen what it closed
    why: str  #: our reason, for the reviewer
    source: str  #: where the reason comes from
    strength: Strength  #: how good that is

    def concerns(self, area: str, combination: Combination | None) -> bool:
        """Whether a person with this intake is asked it."""
        if RADIOFREQUENCY in self.scope:
            return combination in _MAY_USE_RADIOFREQUENCY
        return bool({EVERYBODY, PRP, area} & set(self.scope))


@dataclass(frozen=True, slots=True)
class Closure:
    """What one answer closes, and how."""

    flag_id: str  #: the flag that was ticked, implied or left unsure
    response: Response  #: what it calls for here
    closes: frozenset[str]  #: areas, and PRP; empty for a NOTE
    unsure: bool  #: the answer was "not sure"

    def to_json(self) -> Json:
        """Plain values, areas sorted."""
        return {
            "flag_id": self.flag_id,
            "response": str(self.response),
            "closes": sorted(self.closes),
            "unsure": self.unsure,
        }


@dataclass(frozen=True, slots=True)
class Screening:
    """All flags, and the areas of the book they are read with."""

    flags: tuple[Flag, ...]  #: in the order they are asked
    implications: tuple[Implication, ...]  #: answers that raise a flag by themselves
    areas: tuple[str, ...] = ()  #: every area of the book
    _asked: dict[tuple[str, str, Combination | None], tuple[Flag, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  #: answers of `asked`, which one turn needs a dozen times; they are few

    def flag(self, flag_id: str) -> Flag:
        """The flag of this id; raises InvalidIntake where there is none."""
        for flag in self.flags:
            if flag.id == flag_id:
                return flag
        raise InvalidIntake("yes, unsure", f"known flags, not {flag_id}")

    def asked(
        self, tick_list: str, area: str, combination: Combination | None
    ) -> tuple[Flag, ...]:
        """The flags one tick list shows to a person with this area and combination."""
        key = tick_list, area, combination
        if key not in self._asked:
            self._asked[key] = tuple(
                flag
                for flag in self.flags
                if flag.tick_list == tick_list and flag.concerns(area, combination)
            )
        return self._asked[key]

    def closures(self, intake: Intake) -> tuple[Closure, ...]:
        """What the answers close, the strictest first. Of two answers to one flag the
        stricter counts. Raises InvalidIntake for a flag nobody knows.
        """
        implied = {one.flag_id for one in self.implications if one.holds(intake)}
        yes = intake.yes | implied
        found = chain(
            *(self._closed_by(self.flag(one), intake, False) for one in yes),
            *(
                self._closed_by(self.flag(one), intake, True)
                for one in intake.unsure - yes
            ),
        )
        return tuple(
            sorted(
                found,
                key=lambda c: (-c.response.strictness, c.flag_id, sorted(c.closes)),
            )
        )

    def _closed_by(self, flag: Flag, intake: Intake, unsure: bool) -> Iterable[Closure]:
        concerned = flag.concerns(intake.area, intake.combination)
        if flag.response is Response.NOTE:
            if concerned:
                yield Closure(flag.id, Response.NOTE, frozenset(), unsure)
            return
        response = _when(flag.response, unsure)
        prp_response = _when(flag.prp_response, unsure)
        areas = self._areas_closed(flag, intake, concerned)
        if not areas and PRP not in flag.scope:
            return
        if response is prp_response:
            yield Closure(flag.id, response, areas | {PRP}, unsure)
        else:
            yield Closure(flag.id, response, areas, unsure)
            yield Closure(flag.id, prp_response, frozenset({PRP}), unsure)

    def _areas_closed(
        self, flag: Flag, intake: Intake, concerned: bool
    ) -> frozenset[str]:
        if PRP in flag.scope:
            return frozenset()
        if flag.local or RADIOFREQUENCY in flag.scope:
            return frozenset({intake.area}) if concerned else frozenset()
        if EVERYBODY in flag.scope:
            return frozenset(self.areas) | {intake.area}
        return frozenset(flag.scope)


def standing(closures: Iterable[Closure], area: str) -> Standing:
    """Whether a plan for ``area`` may be shown after these closures."""
    closing = [one.response for one in closures if area in one.closes]
    if not closing:
        return Standing.OPEN
    return _STANDING[max(closing, key=lambda response: response.strictness)]


def _when(response: Response, unsure: bool) -> Response:
    if not unsure:
        return response
    if response is Response.URGENT_NOW:
        return Response.ASK_NOW
    return Response.HOLD


def read_screening(text: Traversable | None = None) -> Screening:
    """The flags of a text, else the packaged ones, before a book adds its areas
    (``load_screening`` does). Raises ProtocolError naming file, flag and key.
    """
    top = read(text or files("exoplan").joinpath("screening.toml"))
    flags: list[Flag] = []
    implications: list[Implication] = []
    for table in top.tables("flag"):
        if "implied_by" in table:
            answer = table.table("implied_by")
            implications.append(_implication(answer, table.text("id")))
            flags.append(_flag(table, implications[-1].flag_id))
        else:
            flags.append(_flag(table, table.text("id")))
    top.done()
    refuse_twice(top.file, (flag.id for flag in flags))
    return Screening(tuple(flags), tuple(implications))


def widened(
    screening: Screening,
    areas: tuple[str, ...],
    also_asked: Iterable[tuple[str, str]],
    implications: Iterable[Implication],
) -> Screening:
    """The same flags, knowing the book's areas, what these areas ask besides, and
    which of their answers are as good as a tick. ``also_asked`` pairs area and flag.
    """
    wider = {flag.id: flag for flag in screening.flags}
    for area, flag_id in also_asked:
        flag = wider[flag_id]
        wider[flag_id] = replace(flag, scope=(*flag.scope, area))
    return Screening(
        tuple(wider.values()), (*screening.implications, *implications), areas
    )


def _implication(answer: Table, flag_id: str) -> Implication:
    field, value = answer.text("field"), answer.text("value")
    if field not in CHOICES or value not in tuple(CHOICES[field]):
        raise answer.wrong("value", f"no intake answers {field} with {value}")
    answer.done()
    return Implication(field, value, flag_id)


def _flag(table: Table, flag_id: str) -> Flag:
    response = table.word("response", Response)
    if response is Response.ASK_NOW:
        raise table.wrong("response", "is what 'not sure' becomes, never a flag's own")
    flag = Flag(
        id=flag_id,
        key=table.text("key"),
        response=response,
        prp_response=(
            table.word("prp_response", Response)
            if "prp_response" in table
            else response
        ),
        scope=table.texts("scope"),
        tick_list=table.word("list", TickList) if "list" in table else None,
        local=table.yes_no("local", otherwise=False),
        doctor_soon=table.yes_no("doctor_soon", otherwise=False),
        reopens=table.yes_no("reopens", otherwise=True),
        why=table.text("why"),
        source=table.text("source"),
        strength=table.word("strength", Strength),
    )
    if not flag.scope:
        raise table.wrong("scope", "names nobody")
    table.done()
    return flag
