"""A plan: published lines chosen by the answers, and both ends laid out in time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from exoplan.intake import Intake
from exoplan.model import (
    ClinicStatement,
    Counted,
    Derivation,
    Direction,
    Json,
    PainBand,
    Range,
    Source,
    Statement,
    Unit,
)
from exoplan.screening import Closure, Standing

#: An answer that decided something: field of the intake, and its value.
Answer = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A published line that applies, and the answers that chose it."""

    statement: Statement  #: the line as published; its conditions are in it
    because: tuple[Answer, ...]  #: the area, and what was answered to its conditions

    def to_json(self) -> Json:
        """The statement and the answers."""
        return {
            "statement": self.statement.to_json(),
            "because": [list(answer) for answer in self.because],
        }


@dataclass(frozen=True, slots=True)
class Visit:
    """When one visit of a layout may come, counted from the first."""

    number: int  #: 1 for the first
    earliest: int | None  #: units after the first visit; None = not stated
    latest: int | None  #: units after the first visit; None = not stated
    unit: Unit | None  #: weeks or months; None for a single visit without spacing
    derivation: Derivation  #: how both figures follow from published ones

    def to_json(self) -> Json:
        """Both figures with their derivation."""
        return {
            "number": self.number,
            "earliest": self.earliest,
            "latest": self.latest,
            "unit": str(self.unit) if self.unit else None,
            "derivation": self.derivation.to_json(),
        }


@dataclass(frozen=True, slots=True)
class AfterLast:
    """What comes when, counted from the last visit of the first phase."""

    earliest: int | None  #: units after that visit; None = not stated
    latest: int | None  #: units after that visit; None = not stated
    unit: Unit  #: weeks or months
    derivation: Derivation  #: where the figures come from

    def to_json(self) -> Json:
        """Both figures with their derivation."""
        return {
            "earliest": self.earliest,
            "latest": self.latest,
            "unit": str(self.unit),
            "derivation": self.derivation.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Layout:
    """One end of one published count, laid out in time."""

    statement_id: str  #: the count it lays out
    count: int  #: visits in the first phase
    visits: tuple[Visit, ...]  #: one for each
    review: AfterLast | None  #: when to look at the result
    upkeep: AfterLast | None  #: when upkeep may begin

    def to_json(self) -> Json:
        """All visits and what follows them."""
        return {
            "statement": self.statement_id,
            "count": self.count,
            "visits": [visit.to_json() for visit in self.visits],
            "review": self.review.to_json() if self.review else None,
            "upkeep": self.upkeep.to_json() if self.upkeep else None,
        }


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that may change the number; each on its own, never summed."""

    id: str  #: the id of its statement
    direction: Direction  #: which way it pulls
    of: Counted  #: visits, or injections in a visit
    trigger: Answer | None  #: the answer that set it off; None = it always holds
    statement: Statement  #: the source's line
    figure: Range | None  #: the source's own figure, where a line reaches down to it

    def to_json(self) -> Json:
        """Direction, trigger and source."""
        return {
            "direction": str(self.direction),
            "of": str(self.of),
            "trigger": list(self.trigger) if self.trigger else None,
            "statement": self.statement.to_json(),
            "figure": self.figure.to_json() if self.figure else None,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What is published for answers like these; never a number for a person.

    Where ``standing`` is not open, nothing about visits is in it anywhere.
    """

    area: str  #: id of the area
    intake: Intake  #: the answers it was made from
    standing: Standing  #: whether it may be shown
    general_only: bool  #: no health list was answered: general information
    closed_by: tuple[Closure, ...]  #: answers that close something, strictest first
    notes: tuple[str, ...]  #: flags the team is told of, and lines said without figures
    pain_band: PainBand | None  #: where the pain lies for this joint
    lines: tuple[Line, ...] = ()  #: how many visits, how far apart, in what time
    layouts: tuple[Layout, ...] = ()  #: each published end laid out in time
    factors: tuple[Factor, ...] = ()  #: what may mean more or fewer
    upkeep: tuple[Line, ...] = ()  #: what follows the first phase
    first_change: Statement | None = None  #: when a change may show
    full_effect: Statement | None = None  #: when the full effect may show
    not_stated: tuple[str, ...] = ()  #: ids of what the source leaves out here
    ask_the_clinician: tuple[str, ...] = ()  #: ids of what only a clinician can say
    sources: tuple[Source, ...] = ()  #: every passage the plan rests on
    clinic_statements: tuple[ClinicStatement, ...] = ()  #: the clinic's own words

    def __hash__(self) -> int:
        # The rest follows from these and the book, and is long.
        return hash((self.area, self.intake, self.standing))

    @property
    def factors_conflict(self) -> bool:
        """Both directions are present for the same thing; the source does not weigh
        them. Injections in a visit are no weight against visits.
        """
        counted = {(factor.of, factor.direction) for factor in self.factors}
        return any(
            {(of, Direction.MORE), (of, Direction.FEWER)} <= counted for of in Counted
        )

    @property
    def closes(self) -> frozenset[str]:
        """All areas, and PRP, that the answers close."""
        return frozenset().union(*(one.closes for one in self.closed_by))

    def without_numbers(self) -> Self:
        """The same, held: for a person whose plan is closed by what no list asked."""
        return type(self)(
            area=self.area,
            intake=self.intake,
            standing=(
                Standing.HELD if self.standing is Standing.OPEN else self.standing
            ),
            general_only=self.general_only,
            closed_by=self.closed_by,
            notes=(),
            pain_band=self.pain_band,
        )

    def numbers(self) -> Mapping[int, tuple[str, ...]]:
        """Every number a screen of this plan may show, and where it comes from: ids of
        statements, or derivations that name them.
        """
        found: dict[int, set[str]] = {}
        for number, origin in self._numbers():
            if number is not None:
                found.setdefault(number, set()).add(origin)
        return MappingProxyType({n: tuple(sorted(found[n])) for n in sorted(found)})

    def _numbers(self) -> Iterator[tuple[int | None, str]]:
        statements = [line.statement for line in (*self.lines, *self.upkeep)]
        statements += [one for one in (self.first_change, self.full_effect) if one]
        for statement in statements:
            yield from _ends(statement.value, origin(statement))
        for factor in self.factors:
            yield from _ends(factor.figure, factor.id)
        for layout in self.layouts:
            yield layout.count, layout.statement_id
            for visit in layout.visits:
                yield visit.number, str(visit.derivation)
            for timed in (*layout.visits, layout.review, layout.upkeep):
                if timed is not None:
                    yield timed.earliest, str(timed.derivation)
                    yield timed.latest, str(timed.derivation)

    def to_json(self) -> Json:
        """The whole plan in plain values, each number beside its source."""
        return {
            "area": self.area,
            "intake": self.intake.to_json(),
            "standing": str(self.standing),
            "general_only": self.general_only,
            "closed_by": [one.to_json() for one in self.closed_by],
            "notes": list(self.notes),
            "pain_band": str(self.pain_band) if self.pain_band else None,
            "lines": [line.to_json() for line in self.lines],
            "layouts": [layout.to_json() for layout in self.layouts],
            "factors": [factor.to_json() for factor in self.factors],
            "factors_conflict": self.factors_conflict,
            "upkeep": [line.to_json() for line in self.upkeep],
            "first_change": self.first_change.to_json() if self.first_change else None,
            "full_effect": self.full_effect.to_json() if self.full_effect else None,
            "not_stated": list(self.not_stated),
            "ask_the_clinician": list(self.ask_the_clinician),
            "sources": [source.to_json() for source in self.sources],
            "clinic_statements": [one.to_json() for one in self.clinic_statements],
            "numbers": {
                str(number): list(ids) for number, ids in self.numbers().items()
            },
        }


def origin(statement: Statement) -> str:
    """Where a statement's figures come from: itself, or what they follow from."""
    return str(statement.derived) if statement.derived else statement.id


def _ends(value: object, origin: str) -> Iterator[tuple[int | None, str]]:
    if isinstance(value, Range):
        yield value.low, origin
        yield value.high, origin
