"""The command `exoplan`, and the line between its faults and the person at the keys."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

#: Exit code where the world, a file or a setting is not as it should be.
FAULT = 1

#: What the world says where it has no room for more.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

#: Exit codes of what was ended from outside, as shells count them.
INTERRUPTED, TERMINATED = 130, 143


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave the process with its exit code.

    Whatever the program knows how to say leaves as one clear message on stderr, exit
    1; a wrong option leaves with exit 2. `arguments` are the process's unless given.
    """
    given = sys.argv[1:] if arguments is None else arguments
    _heed_sigterm(stops_well=given[:1] == ["run"])
    from bot.errors import ExoplanBotError  # below, so that loading can be stopped too
    from dialogs.errors import DialogError
    from exoplan.errors import ExoplanError

    try:
        from bot.commands.menu import menu  # reads the protocols: inside the line

        menu(arguments, prog_name="exoplan")
    except (ExoplanBotError, ExoplanError, DialogError) as fault:
        print(fault, file=sys.stderr)
        sys.exit(FAULT)
    except OSError as fault:
        if fault.errno not in _NO_ROOM:
            raise
        print(f"The output cannot be written: {fault.strerror}", file=sys.stderr)
        sys.exit(FAULT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)


def _heed_sigterm(stops_well: bool) -> None:
    """End on SIGTERM from the first moment on, tidying up what was begun.

    Without this, the first process of a container would not hear it at all. A bot that
    is told to stop before it began has stopped well; a half-done command has not.
    """

    def leave(*_: object) -> NoReturn:
        sys.exit(0 if stops_well else TERMINATED)

    try:
        signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread, which alone hears signals
        return
