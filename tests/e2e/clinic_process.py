"""The whole program in a process of its own, to be killed by a test."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.app import App, run
from bot.house import voice_of
from tests.bot.rehearsal import clinic, settings


def main() -> None:
    """Run it as the one argument says, until it is told to stop, or killed."""
    wanted = json.loads(sys.argv[1])
    profile = clinic(wanted["staff_chat"])
    known = settings(Path(wanted["folder"]), wanted["api_url"])
    run(App(known, profile, voice_of(profile)))


if __name__ == "__main__":
    main()
