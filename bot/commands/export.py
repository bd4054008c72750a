"""`exoplan export`: what is kept of people, for the clinic's own record."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bot.commands.opened import Opened
    from bot.phrases import Phrases
    from bot.record.people import Kept
    from bot.visits import Visits
    from dialogs.house import House


class Format(StrEnum):
    """How an export is written."""

    JSON = "json"
    CSV = "csv"


def export(
    file: Annotated[Path, typer.Argument(help="The file to write; a new one.")],
    format: Annotated[
        Format,
        typer.Option(help="json: each person with a FHIR bundle; csv: a row a plan."),
    ] = Format.JSON,
    person: Annotated[
        int | None,
        typer.Option(help="The Telegram number of one person; everybody without it."),
    ] = None,
) -> None:
    """Write intakes, plans and visits to a file only you may read; the trail says so.

    People are opened some at a time, however many there are. What is written is not
    sealed any more, and erasing a person does not reach it.
    """
    import os

    from rich.console import Console
    from rich.progress import Progress

    from bot.clinic import calendar_of, load_clinic
    from bot.commands.opened import opened
    from bot.errors import ConfigError
    from bot.house import book_of
    from bot.phrases import Phrases
    from bot.store import people
    from bot.visits import Visits
    from bot.words import Words
    from dialogs.house import House

    with opened() as here:
        clinic = load_clinic(here.settings.clinic)
        book = book_of(clinic)
        visits = Visits(here.keys, calendar_of(clinic), clinic.time_zone)
        house = House(book, has_staff=True)
        phrases = Phrases(Words(), book)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as fault:
            raise ConfigError(f"{file}: cannot be written ({fault.strerror})") from None
        written = 0
        with (
            os.fdopen(handle, "w", encoding="utf-8", newline="") as out,
            Progress(console=Console(stderr=True), transient=True) as progress,
        ):
            write = _WRITERS[format](out, phrases)
            with here.engine.begin() as connection:
                total = people.count(connection) if person is None else 1
            bar = progress.add_task("People", total=total)
            for some in _some_at_a_time(here, house, visits, person):
                write(some)
                written += len(some)
                progress.advance(bar, len(some))
            write(None)
    print(f"{written} people written to {file}.")


def _some_at_a_time(
    here: Opened, house: House, visits: Visits, telegram: int | None
) -> Iterator[list[Kept]]:
    """People, some at a time; each is in the trail before it is in the file."""
    from datetime import UTC, datetime

    from bot.record.people import AT_ONCE, opened_of
    from bot.store import audit, people
    from bot.store.audit import Entry

    last = 0
    while True:
        with here.engine.begin() as connection:
            if telegram is None:
                ids = people.after(connection, last, AT_ONCE)
            else:
                hashed = here.keys.lookup_hash(telegram)
                ids = [one for one, _ in people.found(connection, [hashed]).values()]
            some = [*opened_of(connection, ids, here.keys, here.roles, house, visits)]
            now = datetime.now(UTC)
            entries = [
                Entry(now, None, "program", "export", "done", subject)
                for subject in (here.roles.subject(one.key_id) for one in some)
            ]
            audit.append(connection, here.roles.keyed, entries)
        yield some
        if telegram is not None or not ids:
            return
        last = ids[-1]


def _json(out: TextIO, phrases: Phrases) -> Callable[[Iterable[Kept] | None], None]:
    """One array, an element a person, written as they come."""
    import orjson

    from bot.record.fhir import appointment, as_json, bundle, care_plan, response_of

    first = True

    def write(some: Iterable[Kept] | None) -> None:
        nonlocal first
        if some is None:
            out.write("[]\n" if first else "\n]\n")
            return
        for one in some:
            resources: list[object] = []
            for plan in one.plans:
                resources.append(response_of(plan.intake, subject=one.subject))
                resources.append(care_plan(plan, phrases, subject=one.subject))
            resources += [appointment(v, subject=one.subject) for v in one.visits]
            told = {
                "person": one.subject,
                "telegram": {"number": one.telegram, "first_name": one.name},
                "known_since": one.known_since,
                "consents": one.consents,
                "readable": one.readable,
                "fhir": orjson.loads(as_json(bundle(resources))) if resources else None,
            }
            out.write("[\n" if first else ",\n")
            out.write(orjson.dumps(told).decode())
            first = False

    return write


def _csv(out: TextIO, phrases: Phrases) -> Callable[[Iterable[Kept] | None], None]:
    """A row for each plan; a person without answers has one row without a plan."""
    import csv

    from bot.commands.adverse import as_text
    from exoplan.intake import FIELDS

    table = csv.writer(out)
    table.writerow(("person", "telegram", "first_name", "standing", *FIELDS))

    def write(some: Iterable[Kept] | None) -> None:
        for one in some or ():
            who = (one.subject, one.telegram, as_text(one.name))
            for plan in one.plans:
                plain = plan.intake.to_json()
                cells = (_cell(plain[field]) for field in FIELDS)
                table.writerow((*who, plan.standing, *cells))
            if not one.plans:
                table.writerow((*who, "" if one.readable else "unreadable"))

    return write


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else value


_WRITERS = {Format.JSON: _json, Format.CSV: _csv}
