"""`exoplan keys`: a new master key while the bot is at work."""

from __future__ import annotations

import os

import typer

keys = typer.Typer(name="keys", no_args_is_help=True, help="Rotate the master key.")

#: Where the new master key comes from when the present one is no file.
NEW_KEY = "EXOPLAN_NEW_MASTER_KEY"


@keys.command()
def rotate() -> None:
    """Wrap every person's key under a new master key. The bot may be at work.

    With a key file, a new file takes its place. With EXOPLAN_MASTER_KEY, the new key is
    EXOPLAN_NEW_MASTER_KEY. Both keys open everything until `exoplan keys finish`. If it
    is killed on the way, run it again.
    """
    from bot.commands.opened import opened
    from bot.errors import ConfigError
    from bot.rotation import rotate as wrap_anew

    with opened() as here:
        new = os.environ.get(NEW_KEY)
        if here.settings.master_key is not None and not new:
            raise ConfigError(f"{NEW_KEY}: is missing; 32 bytes, base64")
        wrapped = wrap_anew(here.keys, new, here.settings.key_file_path)
        with here.engine.begin() as connection:
            here.note(connection, "keys rotate")
    print(f"{wrapped} keys wrapped anew; now both master keys open everything.")
    print("Start every process again with the new key, then: exoplan keys finish")


@keys.command()
def finish() -> None:
    """Let the old master key open nothing any more.

    Only once every process was started again with the new one.
    """
    from bot.commands.opened import opened
    from bot.rotation import finish as end

    with opened() as here:
        end(here.keys)
        with here.engine.begin() as connection:
            here.note(connection, "keys finish")
    print("The old master key opens nothing any more.")
