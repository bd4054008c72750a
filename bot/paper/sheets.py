"""A plan in words, as the sheet that the press puts ink to.

All sentences come from templates/<language>/paper/; how each line of a template is laid
out is told by what it begins with:

    # title    ## heading    ~ small print    _ foot of every page
    • item of a list    = question :: answer    | what | published | source
    @plan, @after: the drawing    --- a new page    ___ room for notes
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from bot.clinic import ClinicProfile
from bot.paper.rows import rows, says
from bot.phrases import Phrases
from exoplan import Plan, ProtocolBook, Topic
from exoplan.chart import chart_of

Sheet = dict[str, Any]

#: Fields of a sheet and of its parts that nobody reads.
NOT_WORDS = frozenset(
    {"layout", "language", "direction", "kind", "ink", "alt", "now", "uid"}
)

#: What a line begins with, and what it is. Longer ones first.
_MARKS = (
    ("## ", "heading"),
    ("# ", "title"),
    ("~ ", "small"),
    ("_ ", "foot"),
    ("• ", "list"),
    ("= ", "pairs"),
    ("| ", "published"),
    ("@", "chart"),
    ("---", "page"),
    ("___", "notes"),
)


class Sheets:
    """Words and charts of one language, for one clinic.

    Args:
        text: renders a template of templates/<language>/, markers and all.
    """

    def __init__(
        self,
        phrases: Phrases,
        clinic: ClinicProfile,
        text: Callable[[str, Mapping[str, object]], str],
    ) -> None:
        self._phrases = phrases
        self._clinic = clinic
        self._text = text

    def picture(self, data: Mapping[str, Any]) -> Sheet:
        """The plan as a picture; with an `after`, before and after one below the other.

        Args:
            data: area, plan, after, was, now.
        """
        head, foot, panels = [], [], [_panel()]
        title = ""
        for kind, text in self._lines("paper/picture", data):
            match kind:
                case "title":
                    title = text
                case "small":
                    head.append(text)
                case "foot":
                    foot.append(text)
                case "heading":
                    panels.append(_panel(text))
                case "chart":
                    panels[-1]["rows"] = self._rows(data[text])
                case _:
                    panels[-1]["lines"].append(text)
        kept = [one for one in panels if one["lines"] or one["rows"]]
        return {
            **self._sheet("picture"),
            "title": title,
            "head": head,
            "panels": kept,
            "foot": foot,
        }

    def consultation(self, data: Mapping[str, Any]) -> Sheet:
        """The plan as two pages.

        Args:
            data: area, plan, answers, yes, unsure, cleared, on.
        """
        lines = list(self._lines("paper/consultation", data))
        title = next(text for kind, text in lines if kind == "title")
        parts: list[dict[str, Any]] = []
        for kind, same in groupby(
            (one for one in lines if one[0] != "foot"), key=lambda one: one[0]
        ):
            texts = [text for _, text in same]
            parts.extend(self._parts(kind, texts, data))
        columns = list(self._phrases.words.paper["columns"].values())
        return {
            **self._sheet("consultation"),
            "title": title,
            "clinic": self._clinic.name,
            "columns": columns if any(p["kind"] == "published" for p in parts) else [],
            "parts": parts,
            "foot": [text for kind, text in lines if kind == "foot"],
        }

    def taken_back(self, form: str, data: Mapping[str, Any]) -> Sheet:
        """What takes the place of a picture or of pages whose numbers are gone."""
        lines = list(self._lines("paper/taken_back", data))
        title = next(text for kind, text in lines if kind == "title")
        said = [text for kind, text in lines if kind == "text"]
        sheet = {**self._sheet(form), "title": title, "foot": []}
        if form == "picture":
            return {**sheet, "head": [], "panels": [{**_panel(), "lines": said}]}
        parts = [{"kind": "title", "text": title}]
        parts += [{"kind": "text", "text": text} for text in said]
        return {**sheet, "clinic": self._clinic.name, "columns": [], "parts": parts}

    def _parts(
        self, kind: str, texts: list[str], data: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        match kind:
            case "list":
                yield {"kind": kind, "items": texts}
            case "pairs":
                yield {"kind": kind, "rows": [_cells(text, " :: ") for text in texts]}
            case "published":
                yield {"kind": kind, "rows": [_cells(text, " | ") for text in texts]}
            case "chart":
                for text in texts:
                    drawn = self._rows(data[text])
                    yield {"kind": kind, "rows": drawn, "alt": _aloud(drawn)}
            case _:
                for text in texts:
                    yield {"kind": kind, "text": text}

    def _rows(self, plan: Plan) -> list[dict[str, Any]]:
        return rows(chart_of(plan), self._phrases)

    def _sheet(self, layout: str) -> Sheet:
        words = self._phrases.words
        direction = words.paper["direction"]
        return {"layout": layout, "language": words.language, "direction": direction}

    def _lines(
        self, template: str, data: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        for line in self._text(template, data).splitlines():
            text = line.strip()
            if not text:
                continue
            for mark, kind in _MARKS:
                if text.startswith(mark):
                    yield kind, text.removeprefix(mark).strip()
                    break
            else:
                yield "text", text


def published(plan: Plan, phrases: Phrases) -> list[tuple[str, str, str]]:
    """The published lines of a plan: what, in what words, where to read it."""
    topics = phrases.words.engine["statement_topics"]
    found = [
        (
            topics[line.statement.topic],
            phrases.side(line),
            "; ".join((line.statement.source.passage, *line.statement.source.also)),
        )
        for line in (*plan.lines, *plan.upkeep)
        if not line.statement.derived
    ]
    named = {one.id: one for one in (plan.first_change, plan.full_effect) if one}
    for stretch, words in says(chart_of(plan), phrases):
        if stretch.topic in (Topic.FIRST_CHANGE, Topic.FULL_EFFECT):
            passage = named[stretch.statement_id].source.passage
            found.append((phrases.words.paper["rows"][stretch.topic], words, passage))
    return found


def asked_of(plan: Plan, book: ProtocolBook) -> tuple[str, ...]:
    """Ids of the questions to take along; a closed plan leaves those of everybody."""
    checks = (one.id for one in book.general.about(Topic.CHECK_FIRST))
    return plan.ask_the_clinician or ("set_the_number", *checks)


def words_of(value: object) -> str:
    """Every word of a sheet, in order, a line each: what a person may read on it."""
    match value:
        case str():
            return value
        case Mapping():
            inner = [v for key, v in value.items() if key not in NOT_WORDS]
            return "\n".join(filter(None, map(words_of, inner)))
        case list() | tuple():
            return "\n".join(filter(None, map(words_of, value)))
        case _:
            return ""


def _panel(heading: str = "") -> dict[str, Any]:
    return {"heading": heading, "lines": [], "rows": []}


def _cells(text: str, between: str) -> list[str]:
    return [cell.strip() for cell in text.split(between)]


def _aloud(drawn: list[dict[str, Any]]) -> str:
    """The rows, one after the other, for whoever hears the page."""
    return ". ".join(f"{row['label']}: {row['text']}" for row in drawn)
