"""The frequently asked questions, one file an entry: templates/<language>/faq/Qnn.toml.

A clinic edits these without code, so every slip is said with its file and field.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

from bot.errors import ExoplanBotError

#: Ways to ask that each entry must know, or typed questions will not find it.
MIN_PHRASINGS = 12
#: A question stands on a button; more letters would be cut there.
MAX_ASK_LETTERS = 52
#: Words that stand for visit numbers of PRP, which names no area.
PRP = "prp"

Who = Literal["source", "general", "clinic", "human"]

_ID = re.compile(r"Q\d{2,}")
_FIGURE = re.compile(r"\bn\(")


class FaqError(ExoplanBotError):
    """A frequently asked question cannot be used:"""


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer rests on: a passage of a publication, or an authority's word."""

    title: str  #: of the publication, or the authority and its page
    passage: str  #: where in it; for an authority, the year


@dataclass(frozen=True, slots=True)
class Entry:
    """One question, the ways people ask it, and its reviewed answers as templates."""

    id: str  #: "Q06"; never used again for another question
    ask: str  #: the question in our words, as it stands on a button
    topic: str  #: the menu it stands in
    phrasings: tuple[str, ...]  #: ways people type it
    who: Who  #: who may answer: the source, general knowledge, the clinic, a human
    holds_numbers: bool  #: whether the answer names visit numbers or times
    areas: tuple[str, ...]  #: whose numbers these are; "prp" for PRP's
    only_area: str  #: the one area this is about; a house that closed it leaves it out
    answer: str  #: Jinja template, with <b> and <i>
    answer_closed: str  #: the same without numbers, for people whose plan is held
    answer_unset: str  #: hands over, where the clinic has not set `clinic_field`
    clinic_field: str  #: field of the clinic's profile that the answer needs, or ""
    sources: tuple[Source, ...]
    reviewed_by: str  #: clinician who read it; empty until the clinic has
    reviewed_on: str  #: ISO date of that
    plain: bool = False  #: `answer` is text as the team wrote it, never a template

    def answer_for(self, clinic: object, *, closed: bool) -> str:
        """The template that answers this person.

        `closed`: their plan is held, so that no visit number may be named.
        """
        if closed and self.holds_numbers:
            return self.answer_closed
        if self.clinic_field and not getattr(clinic, self.clinic_field, None):
            return self.answer_unset
        return self.answer


def load_entries(language: str, folder: Path | None = None) -> tuple[Entry, ...]:
    """Every entry of a language in the order of the ids.

    Raises:
        FaqError: naming the file and the field that cannot be used.
    """
    folder = folder or Path(str(files("templates"))) / language / "faq"
    paths = sorted(folder.glob("*.toml"), key=lambda path: (len(path.stem), path.stem))
    if not paths:
        raise FaqError(f"{folder} holds none")
    entries = tuple(_entry(path) for path in paths)
    _claimed_once(entries)
    return entries


def _claimed_once(entries: tuple[Entry, ...]) -> None:
    owner: dict[str, str] = {}
    for entry in entries:
        for phrasing in entry.phrasings:
            other = owner.setdefault(phrasing.casefold(), entry.id)
            if other != entry.id:
                raise FaqError(
                    f"{entry.id}.toml: phrasings: {phrasing!r} is {other}'s as well"
                )


def _entry(path: Path) -> Entry:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise FaqError(f"{path}: cannot be read ({fault})") from None
    except tomllib.TOMLDecodeError as fault:
        raise FaqError(f"{path}: is not TOML: {fault}") from None
    fields = _Fields(path, raw)
    entry = Entry(
        id=fields.text("id"),
        ask=fields.text("ask"),
        topic=fields.text("topic"),
        phrasings=fields.texts("phrasings"),
        who=fields.one_of("who", get_args(Who)),
        holds_numbers=fields.yes_or_no("holds_numbers"),
        areas=fields.texts("areas"),
        only_area=fields.text("only_area", needed=False),
        answer=fields.text("answer"),
        answer_closed=fields.text("answer_closed", needed=False),
        answer_unset=fields.text("answer_unset", needed=False),
        clinic_field=fields.text("clinic_field", needed=False),
        sources=fields.sources(),
        reviewed_by=fields.text("reviewed_by", may_be_empty=True),
        reviewed_on=fields.text("reviewed_on", may_be_empty=True),
    )
    fields.nothing_else()
    _fits_together(path, entry)
    return entry


def _fits_together(path: Path, entry: Entry) -> None:
    """What one field asks of another."""
    numbers = bool(_FIGURE.search(entry.answer))
    faults = {
        "id": None if _ID.fullmatch(entry.id) else "has the form Q01",
        "id ": None if entry.id == path.stem else "is the name of the file",
        "ask": (
            None
            if len(entry.ask) <= MAX_ASK_LETTERS
            else f"has at most {MAX_ASK_LETTERS} letters, to stand on a button"
        ),
        "phrasings": (
            None
            if len(set(entry.phrasings)) >= MIN_PHRASINGS
            else f"needs at least {MIN_PHRASINGS} different ways to ask"
        ),
        "holds_numbers": (
            None
            if entry.holds_numbers or not numbers
            else "must be true: the answer names published figures"
        ),
        "areas": (
            None
            if bool(entry.areas) == entry.holds_numbers
            else "names whose numbers these are when holds_numbers is true, else nobody"
        ),
        "only_area": (
            None
            if not (entry.only_area and entry.areas)
            or entry.areas == (entry.only_area,)
            else "must be the area whose numbers these are"
        ),
        "answer_closed": (
            None
            if bool(entry.answer_closed) == entry.holds_numbers
            else "is needed when holds_numbers is true, and only then"
        ),
        "answer_closed ": (
            "must name no published figure"
            if _FIGURE.search(entry.answer_closed)
            else None
        ),
        "answer_unset": (
            None
            if bool(entry.answer_unset) == bool(entry.clinic_field)
            else "is needed when clinic_field is set, and only then"
        ),
    }
    for field, fault in faults.items():
        if fault:
            raise FaqError(f"{path}: {field.strip()}: {fault}")


class _Fields:
    """The fields of one file, each taken once and checked as it is taken."""

    def __init__(self, path: Path, raw: Mapping[str, Any]) -> None:
        self._path = path
        self._left = dict(raw)

    def text(
        self, name: str, *, needed: bool = True, may_be_empty: bool = False
    ) -> str:
        value = self._take(name, needed, "")
        if not isinstance(value, str):
            raise self._fault(name, "is not text")
        if needed and not may_be_empty and not value.strip():
            raise self._fault(name, "is empty")
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._take(name, True, [])
        if not isinstance(value, list) or not all(
            isinstance(item, str) and item.strip() for item in value
        ):
            raise self._fault(name, "is not a list of texts")
        return tuple(value)

    def yes_or_no(self, name: str) -> bool:
        value = self._take(name, True, False)
        if not isinstance(value, bool):
            raise self._fault(name, "is not true or false")
        return value

    def one_of(self, name: str, allowed: tuple[Who, ...]) -> Who:
        value = self._take(name, True, "")
        for choice in allowed:
            if value == choice:
                return choice
        raise self._fault(name, f"is none of {', '.join(allowed)}")

    def sources(self) -> tuple[Source, ...]:
        value = self._take("sources", True, [])
        if not isinstance(value, list):
            raise self._fault("sources", "is not a list")
        return tuple(self._source(item) for item in value)

    def _source(self, item: object) -> Source:
        match item:
            case {"title": str(title), "passage": str(passage), **rest} if not rest:
                return Source(title, passage)
            case {"regulator": str(who), "year": int(year), **rest} if not rest:
                return Source(who, str(year))
        raise self._fault(
            "sources", "each has title and passage, or regulator and year"
        )

    def nothing_else(self) -> None:
        for name in self._left:
            raise self._fault(name, "is not a known field")

    def _take(self, name: str, needed: bool, default: object) -> object:
        if name not in self._left:
            if needed:
                raise self._fault(name, "is missing")
            return default
        return self._left.pop(name)

    def _fault(self, name: str, what: str) -> FaqError:
        return FaqError(f"{self._path}: {name}: {what}")
