"""What templates call to put the engine's findings into words.

Figures come from the plan or the book and are only formatted here; none is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.words import Words
from exoplan import (
    Cell,
    Change,
    Factor,
    Layout,
    Line,
    NotStated,
    Plan,
    ProtocolBook,
    Range,
    Statement,
    Topic,
    Unit,
)


def span(low: int | None, high: int | None) -> str:
    """A range as people say it: "3 to 5", "2", "from 2", "up to 5"."""
    if low is None or high is None:
        end = f"from {low}" if low is not None else f"up to {high}"
        return "not stated" if low is None and high is None else end
    return str(low) if low == high else f"{low} to {high}"


def plain_option(label: str) -> str:
    """An answer without the number its button carries ("1 · Temples")."""
    number, dot, rest = label.partition(" · ")
    return rest if dot and number.isdigit() else label


def first_upper(text: str) -> str:
    """The text with a capital at its start; names in it stay as they are."""
    return text[:1].upper() + text[1:]


def full_stop(text: str) -> str:
    """The text as a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


@dataclass(frozen=True, slots=True)
class Phrases:
    """The engine's ids and figures in the words of one language."""

    words: Words
    book: ProtocolBook
    _answers: dict[tuple[str, str], str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  #: words of the answers that set off factors, found once

    def window(self, plan: Plan, sessions: Statement) -> Statement | None:
        """Over what time these visits come, where that is published for them."""
        return next(
            (
                line.statement
                for line in plan.lines
                if line.statement.topic is Topic.WINDOW
                and line.statement.applies == sessions.applies
            ),
            None,
        )

    def after_last(self, plan: Plan, what: Literal["review", "upkeep"]) -> object:
        """When that may come after the last visit; None where nothing is laid out."""
        return next(filter(None, (getattr(one, what) for one in plan.layouts)), None)

    def n(self, statement_id: str) -> str:
        """The figures of one published statement, for templates that name it."""
        value = self.book.statement(statement_id).value
        if not isinstance(value, Range):
            return "not stated"
        return span(value.low, value.high)

    def unit(self, value: Range) -> str:
        """The unit of a range, one or several."""
        one, several = self.words.engine["units"][value.unit]
        return str(one if value.high == 1 else several)

    def series(self, layout: Layout) -> str:
        """When the visits after the first come: "2 to 4 and 4 to 8 weeks"."""
        later = [span(visit.earliest, visit.latest) for visit in layout.visits[1:]]
        unit = layout.visits[-1].unit or Unit.WEEK
        listed = ", ".join(later[:-1])
        joined = f"{listed} and {later[-1]}" if listed else later[-1]
        return f"{joined} {self.words.engine['units'][unit][1]}"

    def factors(self, plan: Plan, of: str, direction: str) -> list[str]:
        """The factors of one direction, each with the answer that set it off.

        `of` is what they change: "sessions", or "injections" in one visit.
        """
        return [
            self.factor_words(factor)
            for factor in plan.factors
            if (factor.of, factor.direction) == (of, direction)
        ]

    def factor_words(self, factor: Factor) -> str:
        """One factor in words, with the answer that set it off."""
        said = str(self.words.engine["factors"][factor.id])
        answer = self._answer_behind(factor)
        return said.format(answer=answer[:1].lower() + answer[1:])

    def _answer_behind(self, factor: Factor) -> str:
        if factor.trigger is None:
            return ""
        if factor.trigger not in self._answers:
            self._answers[factor.trigger] = self._words_of(*factor.trigger)
        return self._answers[factor.trigger]

    def _words_of(self, field: str, value: str) -> str:
        # A joint is kept as the site of its area, and asked by its own name.
        keys = [
            f"{area}/{question}:{value}"
            for area in self.words.areas
            for question in (field, "joint")
        ]
        known = next((key for key in keys if self.words.knows(key)), None)
        return plain_option(self.words.label(known)) if known else ""

    def passages(self, plan: Plan, title: str) -> str:
        """Every passage of one publication that the plan rests on."""
        sources = [source for source in plan.sources if source.title == title]
        found = [p for s in sources for p in (s.passage, *s.also)]
        return "; ".join(dict.fromkeys(found))

    def area_answers(self, because: Iterable[tuple[str, str]], area: str) -> list[str]:
        """The answers that chose a line, without the area itself."""
        return [
            f"“{plain_option(self.words.label(f'{area}/{field}:{value}'))}”"
            for field, value in because
            if field != "area"
        ]

    def side(self, cell: Cell | Line) -> str:
        """One published line: for whom, how firmly, and in its own unit."""
        return " ".join(
            part
            for part in (self._meant_for(cell.statement), self._said(cell.statement))
            if part
        )

    def _said(self, statement: Statement) -> str:
        value = statement.value
        if isinstance(value, NotStated):
            return str(self.words.engine["not_stated"][value.reason])
        if not isinstance(value, Range):
            return str(self.words.engine["said"][value.id])
        one, several = self.words.engine["units"][value.unit]
        if value.high is None:
            return f"{value.low} {one} may be enough"
        text = f"{span(value.low, value.high)} {one if value.high == 1 else several}"
        if statement.topic in (Topic.UPKEEP, Topic.TABLE_UPKEEP) and value.unit in (
            Unit.WEEK,
            Unit.MONTH,
        ):
            text = f"every {text}"
        hedge = self.words.engine["hedges"][statement.hedge]
        about = "about" if statement.about else ""
        return " ".join(part for part in (hedge, about, text) if part)

    def _meant_for(self, statement: Statement) -> str:
        area = self.words.areas.get(statement.id.partition(".")[0])
        whom = area.meant_for.get(statement.id) if area else None
        return f"{whom}:" if whom else ""

    def same_lines(self, changes: Iterable[Change]) -> bool:
        """Whether the published lines stay when an answer changes."""
        parts = {"lines", "layouts", "upkeep"}
        return all(c.fate == "kept" for c in changes if c.part in parts)

    def turned(
        self, before: Plan, after: Plan, of: str, direction: str
    ) -> list[tuple[str, str]]:
        """The factors of one direction in either plan as (fate, words)."""
        old = self.factors(before, of, direction)
        new = self.factors(after, of, direction)
        removed = [("removed", words) for words in old if words not in new]
        kept = [("kept" if words in old else "added", words) for words in new]
        return [*removed, *kept]

    def dropped(self, changes: Iterable[Change]) -> list[str]:
        """What a published line that no longer applies was about."""
        topics = self.words.engine["statement_topics"]
        return [
            str(topics[self.book.statement(change.id).topic])
            for change in changes
            if change.part in ("lines", "upkeep") and change.fate == "removed"
        ]

    def has_own_figure(self, cells: Iterable[Cell]) -> bool:
        """Whether an area's own line gives a figure, so that a general one may follow.

        A general figure never fills in for an area without one.
        """
        return any(
            cell.kind != "table" and isinstance(cell.statement.value, Range)
            for cell in cells
        )
