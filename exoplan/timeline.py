"""A published count laid out in time, both its ends, without choosing between them."""

from collections.abc import Iterable

from exoplan.book import belonging
from exoplan.model import Derivation, Range, Rule, Statement, Topic, Unit
from exoplan.plan import AfterLast, Layout, Visit

#: Units in which a gap can be laid out.
_TIME = (Unit.WEEK, Unit.MONTH)


def lay_out(statements: Iterable[Statement]) -> tuple[Layout, ...]:
    """Every end of every count among ``statements``, fewest visits first.

    Spacing and window are those made for the same answers as the count. Several visits
    without a published spacing are not laid out: a date would be our own.
    """
    by_topic: dict[Topic, list[Statement]] = {}
    for one in statements:
        by_topic.setdefault(one.topic, []).append(one)
    review = _after_last(by_topic.get(Topic.REVIEW, []))
    upkeep = _after_last(by_topic.get(Topic.UPKEEP, []))
    layouts = []
    for sessions in by_topic.get(Topic.SESSIONS, []):
        spacing = belonging(by_topic.get(Topic.SPACING, []), sessions.applies)
        window = belonging(by_topic.get(Topic.WINDOW, []), sessions.applies)
        for count in _counts(sessions):
            visits = visits_of(count, sessions, spacing, window)
            if visits:
                layouts.append(Layout(sessions.id, count, visits, review, upkeep))
    return tuple(sorted(layouts, key=lambda one: (one.count, one.statement_id)))


def visits_of(
    count: int,
    sessions: Statement,
    spacing: Statement | None,
    window: Statement | None,
) -> tuple[Visit, ...]:
    """``count`` visits from the first on: each gap as the spacing says, and all gaps
    together within the window. Empty where several visits have no published spacing.
    """
    gap = spacing.value if spacing else None
    if spacing is None or not isinstance(gap, Range):
        if count > 1:
            return ()
        return (Visit(1, 0, 0, None, _now(sessions)),)
    whole = window.value if window else None
    longest = whole.high if isinstance(whole, Range) else None
    if window is None or longest is None:
        follows = Derivation(Rule.GAPS_ADD_UP, (sessions.id, spacing.id))
    else:
        follows = Derivation(
            Rule.GAPS_WITHIN_WINDOW, (sessions.id, spacing.id, window.id)
        )
    visits = [Visit(1, 0, 0, gap.unit, _now(sessions))]
    for number in range(2, count + 1):
        earliest = None if gap.low is None else (number - 1) * gap.low
        latest = None if gap.high is None else (number - 1) * gap.high
        if longest is not None:
            # the visits still to come need room inside the window as well
            room = longest - (count - number) * (gap.low or 0)
            latest = room if latest is None else min(latest, room)
        visits.append(Visit(number, earliest, latest, gap.unit, follows))
    return tuple(visits)


def _now(sessions: Statement) -> Derivation:
    return Derivation(Rule.FIRST_VISIT_IS_NOW, (sessions.id,))


def _counts(sessions: Statement) -> tuple[int, ...]:
    value = sessions.value
    if not isinstance(value, Range) or value.unit is not Unit.SESSION:
        return ()
    return tuple(sorted({end for end in (value.low, value.high) if end}))


def _after_last(statements: Iterable[Statement]) -> AfterLast | None:
    """The first of ``statements`` that is a stretch of time."""
    for one in statements:
        value = one.value
        if isinstance(value, Range) and value.unit in _TIME:
            derivation = one.derived or Derivation(
                Rule.COUNTED_FROM_LAST_VISIT, (one.id,)
            )
            return AfterLast(value.low, value.high, value.unit, derivation)
    return None
