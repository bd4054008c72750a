"""A chart → the rows that are drawn: where each bar begins and ends, and what it says.

Places are shares of the width, 0 to 1. They are geometry: no figure is read off them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.phrases import Phrases, span
from exoplan import NotStated, Range, Unit
from exoplan.chart import Chart, Lane, Stretch, Window, Zero
from exoplan.model import Value

#: Weeks a month is drawn as, where both stand in one drawing.
_DRAWN_WEEKS = {Unit.WEEK: 1.0, Unit.MONTH: 52 / 12}

#: How much longer than its beginning a stretch without an end is drawn.
_WITHOUT_END = 2.0

Row = dict[str, Any]


def rows(chart: Chart, phrases: Phrases) -> list[Row]:
    """Every row of a chart, from the top."""
    drawn = _Drawn(chart, phrases)
    return [*drawn.lanes(), *drawn.stretches()]


class _Drawn:
    def __init__(self, chart: Chart, phrases: Phrases) -> None:
        self._chart = chart
        self._phrases = phrases
        self._words: Mapping[str, Any] = phrases.words.paper
        ends = [_weeks(one.value)[1] for one in chart.stretches]
        self._after = max(ends, default=0) or 1.0

    def lanes(self) -> Iterator[Row]:
        words = self._words["chart"]
        for lane in self._chart.lanes:
            with_visits = words["with_one" if lane.count == 1 else "with_several"]
            yield {
                "kind": "stairs",
                "label": with_visits.format(n=lane.count),
                "text": self._when(lane),
                "steps": [self._step(lane, window) for window in lane.windows],
            }

    def _when(self, lane: Lane) -> str:
        words = self._words["chart"]
        if lane.unit is None:
            return str(words["now"])
        later = [span(one.earliest, one.latest) for one in lane.windows[1:]]
        listed = ", ".join(later[:-1])
        series = f"{listed} {words['and']} {later[-1]}" if listed else later[-1]
        unit = self._phrases.words.engine["units"][lane.unit][1]
        return str(words["then"]).format(series=series, unit=unit)

    def _step(self, lane: Lane, window: Window) -> tuple[float, float]:
        longest = (self._chart.longest(lane.unit) if lane.unit else 0) or 1
        begins = (window.earliest or 0) / longest
        ends = 1.0 if window.latest is None else window.latest / longest
        return round(begins, 4), round(ends, 4)

    def stretches(self) -> Iterator[Row]:
        for one in self._chart.stretches:
            label = str(self._words["rows"][one.topic])
            text = self.says(one)
            begins, ends = _weeks(one.value)
            if not ends:
                yield {"kind": "gap", "label": label, "text": text}
                continue
            assert isinstance(one.value, Range)
            yield _bar(
                label,
                text,
                "result" if one.topic in ("first_change", "full_effect") else "upkeep",
                begins / self._after,
                1.0 if one.value.high is None else ends / self._after,
                without_end=one.value.high is None,
            )

    def says(self, one: Stretch) -> str:
        """What a stretch says, with its figures as published."""
        engine, value = self._phrases.words.engine, one.value
        if isinstance(value, NotStated):
            return str(engine["not_stated"][value.reason])
        if not isinstance(value, Range):
            return str(engine["said"][value.id])
        key = str(one.topic)
        if one.zero is Zero.NOT_STATED and f"{key}_unclear" in self._words["says"]:
            key = f"{key}_unclear"
        rate = ""
        if one.rate is not None:
            key, rate = "upkeep_yearly", self._counted(one.rate)
        elif value.unit is Unit.PER_YEAR:
            key, rate = "upkeep_rate", self._counted(value)
        return str(self._words["says"][key]).format(
            span=span(value.low, value.high), unit=self._phrases.unit(value), rate=rate
        )

    def _counted(self, value: Range) -> str:
        return f"{span(value.low, value.high)} {self._phrases.unit(value)}"


def says(chart: Chart, phrases: Phrases) -> list[tuple[Stretch, str]]:
    """What each stretch of a chart says."""
    drawn = _Drawn(chart, phrases)
    return [(one, drawn.says(one)) for one in chart.stretches]


def _weeks(value: Value) -> tuple[float, float]:
    """Where a stretch is drawn, in weeks; (0, 0) where it is none of time."""
    if not isinstance(value, Range) or value.unit not in _DRAWN_WEEKS:
        return 0.0, 0.0
    weeks = _DRAWN_WEEKS[value.unit]
    low = value.low or 0
    high = low * _WITHOUT_END if value.high is None else value.high
    return low * weeks, high * weeks


def _bar(
    label: str,
    text: str,
    ink: str,
    begins: float,
    ends: float,
    *,
    without_end: bool = False,
) -> Row:
    return {
        "kind": "bar",
        "label": label,
        "text": text,
        "ink": ink,
        "from": round(begins, 4),
        "to": round(ends, 4),
        "open": without_end,
    }
