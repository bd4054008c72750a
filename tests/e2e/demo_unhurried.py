"""`exoplan demo` where a group takes any number of messages a minute.

A course of months passes within a minute here; the limit would count it as one.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot import gates
from bot.cli import main

gates.GROUP_PER_MINUTE = 10_000
main()
