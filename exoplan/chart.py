"""A plan as a drawing: what stands where, before anybody chooses ink or words.

The picture, the document, the terminal and the calendar all draw this one. It holds
published figures and where they are counted from, and adds none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exoplan.model import NotStated, Range, Statement, Topic, Unit, Value
from exoplan.plan import AfterLast, Plan
from exoplan.screening import Standing


class Zero(StrEnum):
    """The moment from which a figure counts."""

    FIRST_VISIT = "first_visit"
    A_VISIT = "a_visit"
    LAST_VISIT = "last_visit"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Window:
    """When one visit may come, in the unit of its lane after the first visit."""

    number: int  #: 1 for the first
    earliest: int | None  #: None = this end is not stated
    latest: int | None  #: None = this end is not stated


@dataclass(frozen=True, slots=True)
class Lane:
    """One published end: so many visits, each in its window."""

    count: int  #: visits in the first phase
    statement_id: str  #: the count it lays out
    unit: Unit | None  #: of its windows; None for a single visit
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is published beside the visits, or that it is not."""

    topic: Topic  #: what it is about
    value: Value  #: a range of time, words, or that nothing is stated
    zero: Zero  #: from when it counts
    statement_id: str  #: whose figure it is; empty where two make one
    rate: Range | None = None  #: upkeep as the source counts it, in visits a year


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn of one plan. Without lanes and stretches: a plan that a
    health answer closes, of which nothing may be drawn.
    """

    area: str  #: id of the area
    lanes: tuple[Lane, ...] = ()  #: fewest visits first
    stretches: tuple[Stretch, ...] = ()  #: in the order they are read

    def longest(self, unit: Unit) -> int:
        """The last figure of any lane in this unit; 0 where there is none."""
        return max(
            (
                window.latest or window.earliest or 0
                for lane in self.lanes
                if lane.unit is unit
                for window in lane.windows
            ),
            default=0,
        )


def chart_of(plan: Plan) -> Chart:
    """What of this plan may be drawn."""
    if plan.standing is not Standing.OPEN:
        return Chart(plan.area)
    return Chart(plan.area, _lanes(plan), tuple(_stretches(plan)))


def _lanes(plan: Plan) -> tuple[Lane, ...]:
    return tuple(
        Lane(
            layout.count,
            layout.statement_id,
            layout.visits[-1].unit if layout.count > 1 else None,
            tuple(
                Window(visit.number, visit.earliest, visit.latest)
                for visit in layout.visits
            ),
        )
        for layout in plan.layouts
    )


def _stretches(plan: Plan) -> list[Stretch]:
    laid_out = {layout.statement_id for layout in plan.layouts}
    found = []
    for line in plan.lines:
        said = line.statement
        counted = said.topic is Topic.SESSIONS and said.id not in laid_out
        if counted or (said.topic is Topic.SPACING and not plan.layouts):
            found.append(Stretch(said.topic, said.value, Zero.FIRST_VISIT, said.id))
    found += [
        Stretch(one.topic, one.value, _counted_from(one, plan), one.id)
        for one in (plan.first_change, plan.full_effect)
        if one is not None
    ]
    review = next((one.review for one in plan.layouts if one.review), None)
    if review is not None:
        found.append(_after_last(Topic.REVIEW, review))
    return [*found, *_upkeep(plan)]


def _counted_from(one: Statement, plan: Plan) -> Zero:
    unclear = any(id.startswith(f"{one.id}.") for id in plan.not_stated)
    return Zero.NOT_STATED if unclear else Zero.A_VISIT


def _upkeep(plan: Plan) -> list[Stretch]:
    published = [u.statement for u in plan.upkeep if not u.statement.derived]
    timed = next((one.upkeep for one in plan.layouts if one.upkeep), None)
    found = []
    for one in published:
        value = one.value
        if timed is None or isinstance(value, NotStated):
            found.append(Stretch(Topic.UPKEEP, value, Zero.LAST_VISIT, one.id))
            continue
        yearly = isinstance(value, Range) and value.unit is Unit.PER_YEAR
        rate = value if yearly and isinstance(value, Range) else None
        found.append(_after_last(Topic.UPKEEP, timed, rate))
    return found


def _after_last(topic: Topic, timed: AfterLast, rate: Range | None = None) -> Stretch:
    value = Range(timed.earliest, timed.latest, timed.unit)
    return Stretch(topic, value, Zero.LAST_VISIT, "", rate)
