"""`exoplan db`: bring the database up to date, back it up, put it back, move it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from bot.backup import Made, Place
    from bot.config import Settings
    from bot.store.transfer import Tally

db = typer.Typer(
    name="db", no_args_is_help=True, help="Upgrade, back up, restore or move the data."
)


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this release. Twice does no harm."""
    from bot.config import load_settings
    from bot.store.engine import Store
    from bot.store.migrations import current
    from bot.store.migrations import upgrade as run_what_is_missing

    store = Store(load_settings().database)
    try:
        before = store.write_now(current)
        store.write_now(run_what_is_missing)
        after = store.write_now(current)
    finally:
        store.close()
    if before == after:
        print(f"The schema is {after}, as this release wants it.")
    else:
        print(f"The schema was {before or 'not there'} and is {after} now.")


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; a new one.")],
    keys: Annotated[
        Path | None,
        typer.Option(help="Copy the keys too, to a file that is kept elsewhere."),
    ] = None,
) -> None:
    """Copy everything to one file while the bot works, and prove that it opens.

    The keys are not in it. Without them nobody can read it, you included: --keys copies
    them to a file of their own.
    """
    from bot.backup import back_up

    with _bars() as told:
        made = back_up(_place(), file, keys, told)
    print(f"{file} written.")
    if keys is not None:
        print(f"{keys} written. Keep it apart from the data, and for days only.")
    _tell(made)


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that exoplan db backup wrote.")],
    keys: Annotated[
        Path | None,
        typer.Option(
            help="Its keys, where those that are here are not the right ones."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="What is there now may go.")
    ] = False,
) -> None:
    """Put a backup back, once it was proved to open. The bot must be stopped."""
    from bot.backup import restore as put_back

    with _bars() as told:
        made = put_back(file, keys, _place(), replace, told)
    print(f"{file} is in place.")
    _tell(made)


@db.command()
def copy(
    to: Annotated[
        str, typer.Option("--to", help="postgresql:// user, host and database.")
    ],
) -> None:
    """Copy a SQLite database, keys included, into an empty PostgreSQL database.

    Row counts and hashes of every table are compared before anything is kept. The bot
    must be stopped.
    """
    from bot.backup import copy as copy_to
    from bot.config import load_settings

    if not to.startswith("postgresql://"):
        raise typer.BadParameter("must begin with postgresql://", param_hint="--to")
    settings = load_settings()
    with _bars() as told:
        made = copy_to(_place_of(settings), to, told)
    _tell(made)
    print("Copied. Set EXOPLAN_DATABASE_URL to the new address", end="")
    if settings.master_key is None:
        print(f"\nand EXOPLAN_KEY_FILE to {settings.key_file_path.absolute()}", end="")
    print(".")


def _place() -> Place:
    from bot.config import load_settings

    return _place_of(load_settings())


def _place_of(settings: Settings) -> Place:
    from bot.backup import Place
    from bot.keys import master_key

    secret = settings.master_key
    plain = secret.get_secret_value() if secret else None
    master = master_key(plain, settings.key_file_path)
    return Place(settings.database, settings.key_store, master)


class _Bars:
    """Progress as bars, one for each part of the work."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._current: TaskID | None = None

    def begin(self, what: str, steps: int) -> None:
        self._current = self._bars.add_task(what, total=steps)

    def advance(self, steps: int) -> None:
        if self._current is not None:
            self._bars.advance(self._current, steps)


@contextmanager
def _bars() -> Iterator[_Bars]:
    """Bars on a terminal, nothing where no terminal shows them."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bars:
        yield _Bars(bars)


def _tell(made: Made) -> None:
    from rich.console import Console
    from rich.table import Table

    if made.tallies:
        Console().print(_counts(made.tallies))
    samples = Table("sealed column", "tried and opened", "erased", "sealed before that")
    for one in made.samples:
        samples.add_row(one.name, str(one.opened), str(one.erased), str(one.shut))
    Console().print(samples)


def _counts(tallies: Mapping[str, Tally]) -> object:
    from rich.table import Table

    table = Table("table", "rows", "hash, the same on both sides")
    for name, tally in tallies.items():
        table.add_row(name, f"{tally.rows:,}", tally.hash[:16])
    return table
