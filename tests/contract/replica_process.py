"""The parrot as one of several replicas, each a process of its own.

They find out within two seconds that one of them is gone, where the program as it ships
takes ten.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot import replica, watch
from bot.app import App, run
from bot.logs import set_up
from tests.bot.rehearsal import clinic, settings, voice


async def begun(
    folder: Path, api_url: str, number: int, **changes: Any
) -> asyncio.subprocess.Process:
    """A replica at work; its log is in `folder`."""
    given = {"folder": str(folder), "api_url": api_url, **changes}
    with (folder / f"log{number}").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, __file__, json.dumps(given), stderr=log
        )


def main(folder: str, api_url: str, **changes: Any) -> None:
    """Run until told to stop."""
    set_up("json")
    replica.LEASE_SECONDS, replica.BEAT, replica.MARGIN = 2.0, 0.3, 0.5
    watch.SILENT_SECONDS, watch.LISTEN_SECONDS, watch.PAUSE = 2, 0.5, 0.2
    run(App(settings(Path(folder), api_url, **changes), clinic(), voice()))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
