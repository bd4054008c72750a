"""`exoplan audit`: what the team did, and the proof that nobody changed the record."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.numbers import LARGEST

audit = typer.Typer(
    name="audit", no_args_is_help=True, help="Read the audit trail, or prove it whole."
)

#: Letters of a keyed hash that are shown; enough to tell people apart.
SHOWN = 10


@audit.command()
def verify() -> None:
    """Prove that no row was changed, and that none is missing between two others.

    Prints the last link: kept elsewhere, it shows later that no row is missing at the
    end either. Exit code 1 where the chain is broken.
    """
    from bot.commands.opened import opened
    from bot.store import audit as trail

    with opened() as here, here.engine.begin() as connection:
        broken = trail.first_broken(connection, here.roles.keyed)
        rows = trail.count(connection)
        last = trail.latest(connection, 1)
    if broken is not None:
        print(f"The chain is broken at row {broken}.")
        raise typer.Exit(1)
    link = last[0].hash.hex() if last else "none"
    print(f"{rows} rows, none changed. Last link: {link}")


@audit.command("list")
def list_(
    last: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="How many of the newest.")
    ] = 50,
) -> None:
    """Show the newest rows: when, who, in which role, what, and about whom.

    People stand as keyed hashes; members of the team with their first name.
    """
    from bot.commands.opened import opened
    from bot.store import audit as trail
    from bot.store import staff

    with opened() as here, here.engine.begin() as connection:
        rows = trail.latest(connection, last)
        names = {
            member.user_hash: name
            for member, (_, _, name, _) in zip(
                staff.members(connection),
                here.roles.members(connection),
                strict=True,
            )
        }
    for row in rows:
        entry = row.entry
        actor = names.get(entry.actor or b"", _short(entry.actor))
        print(
            f"{row.id}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.role:<9}  {actor:<12}  "
            f"{entry.action} {entry.outcome}  {_short(entry.subject)}"
        )


def _short(hashed: bytes | None) -> str:
    return hashed.hex()[:SHOWN] if hashed else "-"
