"""`exoplan staff`: who belongs to the team, and in which role."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bot.commands.numbers import LARGEST

staff = typer.Typer(
    name="staff", no_args_is_help=True, help="Who belongs to the team, in which role."
)


class Role(StrEnum):
    """What a member of the team may do."""

    OWNER = "owner"
    CLINICIAN = "clinician"
    DESK = "desk"


@staff.command()
def invite(
    role: Annotated[Role, typer.Option(help="What this person may do.")],
) -> None:
    """Make a link that lets one person join the team, once, within seven days.

    The first is an owner's. From then on only people with a role may answer patients.
    """
    from datetime import UTC, datetime

    from bot.commands.opened import opened
    from bot.errors import ConfigError
    from bot.roles import INVITE_DAYS
    from bot.store import settings
    from bot.store import staff as members

    with opened() as here, here.engine.begin() as connection:
        if role is not Role.OWNER and not members.anyone(connection):
            raise ConfigError("--role: the first of the team must be an owner")
        payload = here.roles.invite(connection, role.value, datetime.now(UTC))
        bot = settings.value(connection, settings.BOT_NAME)
    if bot:
        print(f"https://t.me/{bot}?start={payload}")
    else:
        print(f"Send this to the bot in a private chat: /start {payload}")
    print(f"For one person, once, within {INVITE_DAYS} days.")


@staff.command("list")
def list_() -> None:
    """Show everybody of the team, with the number that `remove` takes."""
    from bot.commands.opened import opened

    with opened() as here, here.engine.begin() as connection:
        members = here.roles.members(connection)
    for number, role, name, since in members:
        print(f"{number}  {role:<9}  {name}  since {since:%Y-%m-%d}")
    if not members:
        print("Nobody yet: everybody in the staff group may answer patients.")


@staff.command()
def remove(
    number: Annotated[
        int,
        typer.Argument(min=1, max=LARGEST, help="As `exoplan staff list` shows it."),
    ],
) -> None:
    """End a membership at once. Whoever is left goes on needing a role."""
    from datetime import UTC, datetime

    from bot.commands.opened import opened
    from bot.errors import ConfigError

    with opened() as here, here.engine.begin() as connection:
        if not here.roles.remove(connection, number, datetime.now(UTC)):
            raise ConfigError(f"{number}: nobody of the team has this number")
    print(f"{number} is not of the team any more.")
