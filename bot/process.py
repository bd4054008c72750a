"""Which process of which computer this is, and whether another is still there.

Process numbers mean something only on the computer, in the boot and in the container
they are from; together with the moment a process began they are given once.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

#: What this process calls its sessions with a database server; no other does.
SESSIONS = f"exoplan-{secrets.token_hex(8)}"

_PROC = Path("/proc")


def this_process() -> str | None:
    """Its name among all processes anywhere; None where that cannot be told."""
    place, began = _place(), _began(os.getpid())
    if place is None or began is None:
        return None
    return f"{place}:{os.getpid()}:{began}"


def is_gone(process: str) -> bool:
    """Whether a process is known to have ended; of other computers nothing is known."""
    place, _, rest = process.rpartition(":")
    place, _, number = place.rpartition(":")
    return place == _place() and str(_began(int(number))) != rest


def _place() -> str | None:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:  # not Linux, or hidden from us
        return None


def _began(number: int) -> int | None:
    """Ticks since the boot when it began; None where it is no more."""
    try:
        stat = (_PROC / str(number) / "stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(fields[18])
