"""Standard error holds lines of ours alone, each a JSON object."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_disk_too_full_for_a_log_line_stops_nothing() -> None:
    """Who reads standard error may also be gone: the work goes on."""
    work = f"{_PROGRAM}\nprint('goes on', flush=True)\nimport os\nos._exit(0)"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", work], stdout=subprocess.PIPE, stderr=full, text=True
        )
    assert (done.returncode, done.stdout) == (0, "goes on\n")
