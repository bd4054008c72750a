"""`exoplan visits`: the clinic's timetable, and links for patients who are not here."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.timetable import Listed, Refused

visits = typer.Typer(
    name="visits",
    no_args_is_help=True,
    help="Take in the clinic's timetable, and bring patients here.",
)


@visits.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Ends in .csv or .ics.")],
    write: Annotated[
        bool, typer.Option("--write", help="Do it; without this, only say what would.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(help="Write each refused row and why to this new CSV file."),
    ] = None,
) -> None:
    """Take in visits from CSV or iCalendar; a known UID moves or cancels its visit.

    A broken row is refused by itself, and the rest is kept. Run it again with the same
    file: nothing happens twice.
    """
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.progress import Progress

    from bot.clinic import calendar_of, load_clinic
    from bot.commands.opened import opened
    from bot.house import book_of
    from bot.timetable import Refused as RefusedRow
    from bot.timetable import read
    from bot.timetable_import import AT_ONCE, Outcome, take_in
    from bot.visits import Visits

    outcome = Outcome()
    with opened() as here:
        clinic = load_clinic(here.settings.clinic)
        kept = Visits(here.keys, calendar_of(clinic), clinic.time_zone)
        areas = frozenset(book_of(clinic).open_areas)
        rows = [*read(file, clinic.time_zone, areas)]
        good = [row for row in rows if not isinstance(row, RefusedRow)]
        outcome.refused += [row for row in rows if isinstance(row, RefusedRow)]
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("visits", total=len(good))
            for some in _parts(good, AT_ONCE):
                now = datetime.now(UTC)
                with here.engine.begin() as connection:
                    take_in(connection, kept, some, now, outcome, write=write)
                bar.advance(task, len(some))
        if write:
            with here.engine.begin() as connection:
                here.note(connection, "import visits")
    outcome.refused.sort(key=lambda row: row.line)
    if report is not None:
        _report(report, outcome.refused)
    else:
        for row in outcome.refused:
            print(f"{file}:{row.line}: {row.why}", file=sys.stderr)
    did = "" if write else "would be "
    gone = f"cancelled {outcome.cancelled}"
    print(
        f"{did}new {outcome.new}, moved {outcome.moved}, {gone}, "
        f"changed {outcome.changed}, as before {outcome.unchanged}, "
        f"refused {len(outcome.refused)}."
    )
    if not write:
        print("Nothing was written; --write does it.")
    if outcome.refused:
        raise typer.Exit(1)


def _parts(rows: Sequence[Listed], most: int) -> Iterator[list[Listed]]:
    for begin in range(0, len(rows), most):
        yield [*rows[begin : begin + most]]


def _report(path: Path, refused: Sequence[Refused]) -> None:
    import csv

    from bot.errors import ConfigError

    try:
        with path.open("x", encoding="utf-8", newline="") as out:
            table = csv.writer(out)
            table.writerow(("line", "why"))
            table.writerows((row.line, row.why) for row in refused)
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be written ({fault.strerror})") from None


@visits.command()
def link(
    patient: Annotated[str, typer.Argument(help="The clinic's own reference.")],
    name: Annotated[str, typer.Option(help="What the clinic calls them.")] = "",
) -> None:
    """Print a link that brings a patient to their visits, once; an older one ends."""
    from datetime import UTC, datetime

    from bot.clinic import calendar_of, load_clinic
    from bot.commands.opened import opened
    from bot.errors import ConfigError
    from bot.store import settings
    from bot.visits import LINK_DAYS, Visits

    with opened() as here, here.engine.begin() as connection:
        clinic = load_clinic(here.settings.clinic)
        kept = Visits(here.keys, calendar_of(clinic), clinic.time_zone)
        now = datetime.now(UTC)
        (whose,) = kept.expect(connection, {patient: name}, now).values()
        if whose.record is None:
            raise ConfigError(f"{patient}: is here already")
        payload = kept.link(connection, whose.record, now)
        username = settings.value(connection, settings.BOT_NAME)
        here.note(connection, "link visits")
    if username:
        print(f"https://t.me/{username}?start={payload}")
    else:
        print(f"/start {payload}")
    print(f"Good once, for {LINK_DAYS} days.", file=sys.stderr)
