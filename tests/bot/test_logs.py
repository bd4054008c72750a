"""Standard error holds lines of ours alone, each a JSON object."""

from __future__ import annotations

import json
import subprocess
import sys

_PROGRAM = """
import logging
import structlog
from bot.logs import set_up

set_up("json")
for name in ("psycopg", "telegram.ext", "a.library.nobody.thought.of"):
    logging.getLogger(name).critical("a line of theirs, with a secret in it")
structlog.get_logger().warning("a line of ours", count=1)
"""


def test_a_library_writes_no_line_between_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["event"] == "a line of ours"
    assert done.stdout == ""
