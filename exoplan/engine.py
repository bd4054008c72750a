"""Answers in, published lines out. Nothing is narrowed, averaged, summed or filled."""

from collections.abc import Collection, Iterable, Mapping

from exoplan.book import ProtocolBook
from exoplan.errors import AreaClosed
from exoplan.intake import CHOICES, NOT_SURE, Intake
from exoplan.model import (
    Combination,
    Earlier,
    NotStated,
    PainBand,
    Range,
    Source,
    Statement,
    Topic,
    Unit,
)
from exoplan.plan import Answer, Factor, Line, Plan
from exoplan.protocol import FactorRule, Protocol
from exoplan.screening import Closure, Response, Screening, Standing, standing
from exoplan.timeline import lay_out

#: Topics of the lines a plan leads with, and of those it says without a figure.
_LEADING = (Topic.SESSIONS, Topic.SPACING, Topic.WINDOW)
_SAID_WITHOUT_FIGURE = (Topic.HOW_GIVEN, Topic.EVIDENCE)

# Field of the intake → its answer, and the answer a person would recognise as theirs.
_Answers = Mapping[str, tuple[str, Answer]]


def make_plan(
    intake: Intake,
    book: ProtocolBook,
    screening: Screening | None = None,
    lifted: Collection[str] = (),
) -> Plan:
    """What is published for these answers, or which answers close it.

    ``lifted`` names flags that a clinician has looked at and cleared: they close
    nothing.
    Raises UnknownArea, AreaClosed where the clinic does not offer the area, and
    InvalidIntake where an answer belongs to no question of the area.
    """
    area = book.area(intake.area)
    if area.id in book.closed_areas:
        raise AreaClosed(repr(area.id))
    area.check(intake)
    found = (screening or book.screening).closures(intake)
    closures = tuple(one for one in found if one.flag_id not in lifted)
    closed_by = tuple(one for one in closures if one.closes)
    flagged = tuple(
        sorted(one.flag_id for one in closures if one.response is Response.NOTE)
    )
    stands = standing(closures, area.id)
    if stands is Standing.OPEN:
        return _open_plan(intake, book, area, closed_by, flagged)
    return Plan(
        area=area.id,
        intake=intake,
        standing=stands,
        general_only=not intake.screened,
        closed_by=closed_by,
        notes=flagged,
        pain_band=area.pain_band(intake),
    )


def _open_plan(
    intake: Intake,
    book: ProtocolBook,
    area: Protocol,
    closed_by: tuple[Closure, ...],
    flagged: tuple[str, ...],
) -> Plan:
    answers = _answers(intake, area)
    said = tuple(one for one in area.statements if _applies(one, answers))
    lines = _lines(area, said, answers, _LEADING)
    upkeep = _lines(area, said, answers, (Topic.UPKEEP,))
    first_change = _first(said, Topic.FIRST_CHANGE)
    full_effect = _first(said, Topic.FULL_EFFECT)
    factors = _factors(book, area, answers, lines)
    unstated = (*said, *book.general.about(Topic.LASTING))
    not_stated = tuple(one.id for one in unstated if isinstance(one.value, NotStated))
    return Plan(
        area=area.id,
        intake=intake,
        standing=Standing.OPEN,
        general_only=not intake.screened,
        closed_by=closed_by,
        notes=(*flagged, *(o.id for o in said if o.topic in _SAID_WITHOUT_FIGURE)),
        pain_band=area.pain_band(intake),
        lines=lines,
        layouts=lay_out(said),
        factors=factors,
        upkeep=upkeep,
        first_change=first_change,
        full_effect=full_effect,
        not_stated=not_stated,
        ask_the_clinician=_ask(intake, book, area, lines),
        sources=_sources((*said, *(factor.statement for factor in factors))),
        clinic_statements=book.clinic_says(area.id),
    )


def _answers(intake: Intake, area: Protocol) -> _Answers:
    """Every answer given, "not sure" too. A size that follows from the site is known by
    its site: that is the answer the person gave.
    """
    found: dict[str, tuple[str, Answer]] = {}
    for field in ("site", *CHOICES):
        value = getattr(intake, field)
        if value is not None:
            found[field] = str(value), (field, str(value))
    size = area.size(intake)
    if size is not None and intake.size is None:
        found["size"] = str(size), ("site", str(intake.site))
    return found


def _applies(statement: Statement, answers: _Answers) -> bool:
    """No answer rules it out; unknown and unsure answers rule out nothing."""
    return all(
        answers[one.field][0] in (NOT_SURE, *one.values)
        for one in statement.applies
        if one.field in answers
    )


def _lines(
    area: Protocol,
    said: Iterable[Statement],
    answers: _Answers,
    topics: tuple[Topic, ...],
) -> tuple[Line, ...]:
    return tuple(
        Line(
            statement,
            (
                ("area", area.id),
                *(
                    answers[one.field][1]
                    for one in statement.applies
                    if one.field in answers
                ),
            ),
        )
        for statement in said
        if statement.topic in topics
    )


def _first(said: Iterable[Statement], topic: Topic) -> Statement | None:
    return next((one for one in said if one.topic is topic), None)


def _factors(
    book: ProtocolBook, area: Protocol, answers: _Answers, lines: tuple[Line, ...]
) -> tuple[Factor, ...]:
    """Every factor that applies, in the order of the source; an area's own takes the
    place of the general one it names.
    """
    own = [factor for factor in area.factors if _set_off(factor, answers)]
    replaced = {factor.instead_of: factor for factor in own}
    found = [
        replaced.get(factor.id, factor)
        for factor in book.general.factors
        if factor.id in replaced or _set_off(factor, answers)
    ]
    found += [factor for factor in own if factor.instead_of is None]
    return tuple(
        Factor(
            id=rule.id,
            direction=rule.direction,
            of=rule.of,
            trigger=_trigger(rule, answers),
            statement=rule.statement,
            figure=rule.figure if _reached(rule.figure, lines) else None,
        )
        for rule in found
    )


def _set_off(rule: FactorRule, answers: _Answers) -> bool:
    if not rule.fields:
        return True
    for field in rule.fields:
        value = answers[field][0] if field in answers else NOT_SURE
        if value != NOT_SURE:
            return not rule.values or value in rule.values
    return False


def _trigger(rule: FactorRule, answers: _Answers) -> Answer | None:
    return next(
        (
            answers[field][1]
            for field in rule.fields
            if field in answers and answers[field][0] != NOT_SURE
        ),
        None,
    )


def _reached(figure: Range | None, lines: tuple[Line, ...]) -> bool:
    """A factor's figure is told only where a line of the plan reaches down to it: it
    marks a place inside a published range and never opens a lower one.
    """
    if figure is None or figure.low is None:
        return False
    return any(
        isinstance(line.statement.value, Range)
        and line.statement.value.unit is Unit.SESSION
        and line.statement.value.low is not None
        and line.statement.value.low <= figure.low
        for line in lines
    )


def _ask(
    intake: Intake, book: ProtocolBook, area: Protocol, lines: tuple[Line, ...]
) -> tuple[str, ...]:
    """What only a clinician can say, the number of visits first."""
    counted = any(
        line.statement.topic is Topic.SESSIONS
        and not isinstance(line.statement.value, NotStated)
        for line in lines
    )
    unsure = [field for field in area.fields if getattr(intake, field) == NOT_SURE]
    asks = {
        "set_the_number": True,
        "number_not_stated": not counted,
        "strong_pain": area.pain_band(intake) is PainBand.HIGH,
        "what_matters_most": intake.priority not in (None, NOT_SURE),
        "earlier_treatment": intake.earlier not in (None, Earlier.NONE),
        "radiofrequency": intake.combination is Combination.RADIOFREQUENCY,
        "health_not_asked": not intake.screened,
    }
    return (
        *(id for id, needed in asks.items() if needed),
        *(f"not_sure_{field}" for field in unsure),
        *(one.id for one in book.general.about(Topic.CHECK_FIRST)),
    )


def _sources(statements: Iterable[Statement]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(one.source for one in statements))
