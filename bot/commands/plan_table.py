"""A plan as a table for the terminal, each line beside the passage it rests on."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

import jinja2
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.clinic import ClinicProfile
from bot.commands.plan_timeline import timeline
from bot.phrases import Phrases, full_stop, plain_option, span
from bot.words import Words
from exoplan import (
    Derivation,
    Layout,
    Plan,
    ProtocolBook,
    Range,
    Source,
    Statement,
    Topic,
    Unit,
)

#: What stands before the rows of each part.
_LAID_OUT = "Laid out in time"
_FACTORS = (
    ("sessions", "more", "May mean more visits"),
    ("sessions", "fewer", "May mean fewer visits"),
    ("injections", "fewer", "May mean fewer injections in one visit"),
    ("sessions", "either", "Also matters"),
)
_FIRST_CHANGE, _FULL_EFFECT = "First change", "Full effect"
_NOT_STATED = "Not stated"
_ASK = "Ask the clinician:"
_CLOSED_BY = "Closed by"
_NOTE = "Tell the team"


def show(plan: Plan, book: ProtocolBook, clinic: ClinicProfile | None) -> None:
    """Print the plan; its country line only where a clinic gives one."""
    said = _Said(book)
    area = said.words.areas[plan.area]
    console = Console()
    console.print(Text(f"{area.name}: what is published", style="bold"))
    if clinic is not None:
        if clinic.demo:
            console.print(Text("Made-up clinic, for trying out only.", style="italic"))
        if clinic.country_line:
            console.print(Text(clinic.country_line, style="italic"))
    if plan.general_only:
        console.print(
            Text("General information: no health questions were answered.", "bold")
        )
    if plan.standing != "open":
        console.print(
            Text(
                "A health answer closes this plan, so it names no number of visits. "
                "A clinician speaks with you first.",
                "bold yellow",
            )
        )
    table = Table()
    for heading in ("", "Published", "Source"):
        table.add_column(heading, overflow="fold")
    shown = ""
    for first, published, source in _rows(plan, book, said):
        if first != shown:
            table.add_section()
        table.add_row(
            Text(first if first != shown else ""), Text(published), Text(source, "dim")
        )
        shown = first
    if table.row_count:
        console.print(table)
    console.print(timeline(plan, said.phrases))
    if plan.ask_the_clinician:
        console.print(Text(_ASK, "bold"))
    for id in plan.ask_the_clinician:
        console.print(Text(f"• {said.words.engine['ask'][id]}"))
    for title in dict.fromkeys(source.title for source in plan.sources):
        console.print(Text(f"Source: {title}", style="dim"))
    console.print(Text(said.disclaimers(), style="italic"))


class _Said:
    """The words that the chat's messages use, for use in a table."""

    def __init__(self, book: ProtocolBook) -> None:
        self.words = Words()
        self.phrases = Phrases(self.words, book)
        templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self.words.folder),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.globals.update(
            words=self.words.engine, span=span, unit=self.phrases.unit
        )
        templates.filters["end"] = full_stop
        module = templates.get_template("_phrases.html.j2").module
        self._value: Callable[[Statement], str] = vars(module)["value"]
        self._disclaimers: Callable[[], str] = vars(module)["disclaimers"]

    def value(self, statement: Statement) -> str:
        """What a line says, as the chat says it."""
        value = statement.value
        if (
            isinstance(value, Range)
            and value.unit is Unit.SESSION
            and value.high is None
        ):
            one = self.words.engine["units"][value.unit][0]
            return f"{value.low} {one} may be enough"
        said = html.unescape(str(self._value(statement)))
        if (
            isinstance(value, Range)
            and statement.topic is Topic.UPKEEP
            and value.unit is not Unit.PER_YEAR
        ):
            said = f"every {said}"
        hedge = self.words.engine["hedges"][statement.hedge]
        return f"{said} ({hedge})" if hedge else said

    def disclaimers(self) -> str:
        """What every plan says with it."""
        return html.unescape(str(self._disclaimers()))

    def topic(self, statement: Statement) -> str:
        """What a line is about, and whom it is meant for where that is not all."""
        about = str(self.words.engine["statement_topics"][statement.topic])
        own = self.words.areas.get(statement.id.partition(".")[0])
        whom = own.meant_for.get(statement.id) if own else None
        return f"{about}\n{whom}" if whom else about

    def layout(self, layout: Layout) -> str:
        """One published end, laid out in time."""
        if len(layout.visits) == 1:
            return f"If {layout.count}: now."
        later = self.phrases.series(layout)
        return f"If {layout.count}: now, then after {later}."


def _rows(
    plan: Plan, book: ProtocolBook, said: _Said
) -> Iterable[tuple[str, str, str]]:
    words = said.words
    for closure in plan.closed_by:
        flag = words.flags[closure.flag_id]
        response = words.engine["responses"].get(closure.response, closure.response)
        answer = "not sure" if closure.unsure else "yes"
        closed = ", ".join(sorted(closure.closes))
        yield (
            f"{_CLOSED_BY} {closure.flag_id}",
            f"{flag['ask']}: {answer} → {response} ({closed})",
            book.screening.flag(closure.flag_id).source,
        )
    for line in (*plan.lines, *(u for u in plan.upkeep if not u.statement.derived)):
        yield (
            said.topic(line.statement),
            said.value(line.statement),
            _passage(line.statement.source),
        )
    for layout in plan.layouts:
        steps = dict.fromkeys(visit.derivation for visit in layout.visits)
        yield _LAID_OUT, said.layout(layout), "\n".join(map(_follows, steps))
        if layout.upkeep is not None:
            after = span(layout.upkeep.earliest, layout.upkeep.latest)
            unit = words.engine["units"][layout.upkeep.unit][1]
            yield (
                f"Upkeep after {layout.count}",
                f"may come {after} {unit} after the last visit",
                _follows(layout.upkeep.derivation),
            )
    for heading, statement in (
        (_FIRST_CHANGE, plan.first_change),
        (_FULL_EFFECT, plan.full_effect),
    ):
        if statement is not None and statement.id not in plan.not_stated:
            yield heading, said.value(statement), _passage(statement.source)
    for of, direction, heading in _FACTORS:
        for factor in plan.factors:
            if (factor.of, factor.direction) == (of, direction):
                yield (
                    heading,
                    plain_option(said.phrases.factor_words(factor)),
                    _passage(factor.statement.source),
                )
    if plan.factors_conflict:
        yield "", "The source does not say which counts more.", ""
    for own in plan.clinic_statements:
        yield f"{own.clinic} says", own.text, f"{own.clinic}"
    for id in plan.not_stated:
        yield _NOT_STATED, words.engine["gaps"][id], _passage(book.statement(id).source)
    for id in plan.notes:
        if id in words.flags:
            yield f"{_NOTE} {id}", words.flags[id]["ask"], ""


def _passage(source: Source) -> str:
    return "\n".join((source.passage, *source.also))


def _follows(derivation: Derivation) -> str:
    rule = str(derivation.rule).replace("_", " ")
    return f"{rule}: {', '.join(derivation.of)}"
