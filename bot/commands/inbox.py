"""`exoplan inbox`: turns that failed for good, without a word of what was written."""

from __future__ import annotations

from typing import Annotated

import typer

inbox = typer.Typer(
    name="inbox", no_args_is_help=True, help="Look after turns that failed for good."
)

Numbers = Annotated[
    list[int] | None, typer.Argument(help="As `exoplan inbox list` shows them.")
]


@inbox.command("list")
def list_() -> None:
    """Show what was set aside, since when and why. Nothing anybody wrote is shown."""
    from bot.commands.opened import opened
    from bot.store import set_aside

    with opened() as here, here.engine.begin() as connection:
        found = set_aside.every(connection)
    for one in found:
        print(
            f"{one.id}  {one.received_at:%Y-%m-%d %H:%M} UTC  {one.lane}  "
            f"{one.key.partition(':')[0]}  {one.attempts} tries  {one.reason or ''}"
        )
    if not found:
        print("Nothing is set aside.")


@inbox.command()
def replay(
    numbers: Numbers = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Everything that is set aside.")
    ] = False,
) -> None:
    """Have turns taken again, once what was wrong is put right.

    The bot may be at work; it takes them within seconds.
    """
    from bot.commands.opened import opened
    from bot.replica import TURNS
    from bot.store import set_aside
    from bot.store.across import call_out

    with opened() as here, here.engine.begin() as connection:
        wanted = _wanted(numbers, all_, set_aside.numbers(connection))
        done = set_aside.replay(connection, wanted)
        call_out(connection, TURNS)
        here.note(connection, "inbox replay")
    print(f"{len(done)} will be taken again.")


@inbox.command()
def drop(
    numbers: Numbers = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Everything that is set aside.")
    ] = False,
) -> None:
    """Give turns up, and erase what was written."""
    from datetime import UTC, datetime

    from bot.commands.opened import opened
    from bot.store import set_aside

    with opened() as here, here.engine.begin() as connection:
        wanted = _wanted(numbers, all_, set_aside.numbers(connection))
        done = set_aside.drop(connection, wanted, datetime.now(UTC))
        here.note(connection, "inbox drop")
    print(f"{len(done)} dropped.")


def _wanted(numbers: list[int] | None, every: bool, aside: list[int]) -> list[int]:
    """The rows meant. Raises ConfigError where one is not set aside."""
    from bot.errors import ConfigError

    if every:
        return aside
    if not numbers:
        raise ConfigError("give numbers, as exoplan inbox list shows, or --all")
    if unknown := sorted({*numbers}.difference(aside)):
        raise ConfigError(f"{', '.join(map(str, unknown))}: not set aside")
    return numbers
