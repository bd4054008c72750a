"""What is logged, and how: facts about the program, never a word of a person's."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Literal, TextIO, cast

import structlog


class _Stderr:
    """Standard error as it is when a line is written, not as it was at the start.

    Where it takes no line, on a full disk or with its reader gone, there is nowhere to
    say so, and no patient is kept waiting for it.
    """

    def write(self, text: str) -> int:
        with suppress(OSError):
            return sys.stderr.write(text)
        return 0

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


_STDERR = cast(TextIO, _Stderr())


def set_up(how: Literal["auto", "console", "json"]) -> None:
    """Send log lines to standard error, for people to read or for machines.

    Args:
        how: "auto" is for people where a terminal shows them, else for machines.
    """
    shape: structlog.types.Processor
    if how == "json" or (how == "auto" and not sys.stderr.isatty()):
        shape = structlog.processors.JSONRenderer()
    else:
        shape = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=_STDERR),
        cache_logger_on_first_use=True,
    )
    # What libraries log has another shape, and may hold messages or an address with the
    # token in it. Without a handler of its own, Python would print their warnings.
    logging.basicConfig(handlers=[logging.NullHandler()])
