"""The command `exoplan`, and the line between its faults and the person at the keys."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from bot.errors import ExoplanBotError
from dialogs.errors import DialogError
from exoplan.errors import ExoplanError

#: Exit code where the world, a file or a setting is not as it should be.
FAULT = 1


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave the process with its exit code.

    Whatever the program knows how to say leaves as one clear message on stderr, exit
    1; a wrong option leaves with exit 2. `arguments` are the process's unless given.
    """
    try:
        from bot.commands.menu import menu  # reads the protocols: inside the line

        menu(arguments, prog_name="exoplan")
    except (ExoplanBotError, ExoplanError, DialogError) as fault:
        print(fault, file=sys.stderr)
        sys.exit(FAULT)
    sys.exit(0)
