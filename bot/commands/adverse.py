"""`exoplan adverse`: what went badly, for the clinic's own record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

adverse = typer.Typer(
    name="adverse", no_args_is_help=True, help="Export what the team noted as adverse."
)


@adverse.callback()
def _group() -> None:
    """Keep `export` a command of its own."""


@adverse.command()
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write; a new one.")],
) -> None:
    """Write every adverse event to a CSV file that only you may read.

    Erasing a person erases theirs too: export them to your own record in time.
    """
    import csv
    import os
    from datetime import UTC, datetime

    from bot.commands.opened import opened
    from bot.errors import ConfigError
    from bot.rights import adverse_place
    from bot.store import audit, rights
    from bot.store.audit import Entry

    with opened() as here, here.engine.begin() as connection:
        events = rights.adverse(connection)
        rows = [
            (
                event.at.astimezone(UTC).isoformat(timespec="seconds"),
                here.roles.subject(event.key_id).hex()[:16],
                event.by.hex()[:16],
                as_text(
                    here.keys.open(
                        event.key_id,
                        adverse_place(event.person_id, event.at),
                        event.body,
                    ).decode()
                ),
            )
            for event in events
        ]
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as fault:
            raise ConfigError(f"{file}: cannot be written ({fault.strerror})") from None
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            table = csv.writer(out)
            table.writerow(("at", "person", "noted_by", "words"))
            table.writerows(rows)
        now = datetime.now(UTC)
        entries = [
            Entry(
                now, None, "program", "export", "done", here.roles.subject(event.key_id)
            )
            for event in events
        ]
        audit.append(connection, here.roles.keyed, entries)
    print(f"{len(rows)} adverse events written to {file}.")


def as_text(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words
