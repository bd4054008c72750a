"""`exoplan demo` that loses its power where a paper is stored and about to be drawn."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.cli import main
from bot.paper.press import Press


async def die(*_: Any) -> bytes:
    """As a machine that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


Press.draw = die  # type: ignore[method-assign,assignment]
main()
