"""`exoplan reminders`: what goes out, why something did not, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.numbers import LARGEST

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.visits import Visits

MOST = 1_000  # lines of one answer

#: How long before its recall a visit may have been.
LOOKED_BACK = timedelta(days=800)
LOOKED_AHEAD = timedelta(days=10)

#: Days that may be simulated.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)

reminders = typer.Typer(
    name="reminders",
    no_args_is_help=True,
    help="What goes out next, why something did not, and what nobody is told.",
)


@contextmanager
def _here() -> Iterator[tuple[Connection, Visits]]:
    from bot.clinic import calendar_of, load_clinic
    from bot.commands.opened import opened
    from bot.visits import Visits

    with opened() as here, here.engine.begin() as connection:
        clinic = load_clinic(here.settings.clinic)
        yield connection, Visits(here.keys, calendar_of(clinic), clinic.time_zone)


@reminders.command("next")
def next_(
    hours: Annotated[int, typer.Option(min=1, max=1000, help="From now on.")] = 48,
) -> None:
    """List what falls due, in order. Times are in UTC."""
    from bot.store import reminders as stored
    from dialogs.reminders import RANKS

    now = datetime.now(UTC)
    ends = now + timedelta(hours=hours)
    with _here() as (connection, _):
        rows = [
            row
            for rank in RANKS
            for row in stored.coming(connection, rank, now, ends, MOST)
        ]
    rows.sort(key=lambda row: (row.due_at or now, row.id))
    for row in rows[:MOST]:
        about = f"visit {row.visit_id}" if row.visit_id else "an intake"
        print(f"{row.due_at:%Y-%m-%d %H:%M}  {row.kind:<16} {about}")
    print(f"{len(rows[:MOST])} within {hours} hours.")


@reminders.command()
def why(
    visit: Annotated[
        int, typer.Argument(min=1, max=LARGEST, help="Number of a visit.")
    ],
) -> None:
    """Tell of every reminder of a visit: sent, to come, or why not. In UTC."""
    from bot.errors import ConfigError
    from bot.store import reminders as stored
    from bot.store import visits
    from dialogs.reminders import Skipped

    with _here() as (connection, kept):
        row = visits.by_id(connection, [visit]).get(visit)
        if row is None:
            raise ConfigError(f"visit {visit}: there is none")
        print(
            f"visit {visit}, revision {row.revision}, {row.status}: "
            f"{row.starts_at:%Y-%m-%d %H:%M}, zone {row.zone}"
        )
        if row.person_id is None:
            print("Its patient has not joined: nobody is reminded.")
        planned = stored.of_visit(connection, visit)
        for one in planned:
            at = f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else "never"
            reason = f" ({one.reason})" if one.reason else ""
            print(f"  {one.revision}  {one.kind:<16} {at:<16} {one.status}{reason}")
        known = {one.kind for one in planned if one.revision == row.revision}
        for kind, plan in kept.planned(row).items():
            if kind not in known and isinstance(plan, Skipped):
                print(f"  {row.revision}  {kind:<16} never            {plan.reason}")


@reminders.command()
def missing(
    days: Annotated[int, typer.Option(min=1, max=365, help="From now on.")] = 14,
) -> None:
    """List visits that nothing reminds anybody of. Exit 1 where there is one."""
    from bot.store import reminders as stored
    from bot.store import visits

    now = datetime.now(UTC)
    with _here() as (connection, _):
        ends = now + timedelta(days=days)
        found = stored.missing(connection, now, ends, MOST)
        rows = visits.by_id(connection, found)
    for number in found:
        row = rows[number]
        why = "its patient has not joined" if row.person_id is None else "none is left"
        print(f"visit {number}  {row.starts_at:%Y-%m-%d %H:%M} UTC  {why}")
    print(f"{len(found)} without a reminder within {days} days.")
    if found:
        raise typer.Exit(1)


@reminders.command()
def simulate(
    begins: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    ends: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    each: Annotated[bool, typer.Option("--each", help="Every one by itself.")] = False,
) -> None:
    """Tell what goes out between two days, or would have, by visits and kinds as now.

    Nothing is sent and nothing written. Of a visit that is over it tells of what fell
    due before. Consents and pauses are looked at only when a reminder falls due, so
    this is the most there can be.
    """
    from bot.store import visits

    first, last = begins.replace(tzinfo=UTC), ends.replace(tzinfo=UTC)
    if first >= last:
        raise typer.BadParameter("must be a day after BEGINS", param_hint="ENDS")
    if first < EARLIEST or last > LATEST:
        raise typer.BadParameter(f"days from {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}")
    many: Counter[str] = Counter()
    lines: list[tuple[datetime, str, int]] = []
    with _here() as (connection, kept):
        after = 0
        while rows := visits.begun_between(
            connection, first - LOOKED_BACK, last + LOOKED_AHEAD, after, MOST
        ):
            after = rows[-1].id
            for row in rows:
                for kind, plan in kept.foreseen(row).items():
                    if first <= plan.at < last:
                        many[kind] += 1
                        lines.append((plan.at, kind, row.id))
    if each:
        for at, kind, number in sorted(lines):
            print(f"{at:%Y-%m-%d %H:%M}  {kind:<16} visit {number}")
    for kind, count in sorted(many.items()):
        print(f"{kind:<16} {count}")
    print(f"{sum(many.values())} at most.")
