"""`exoplan demo`: a local Telegram in the browser, our bot, a made-up clinic."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.errors import ConfigError, StoreUnavailable

if TYPE_CHECKING:
    from bot.local import LocalTelegram

#: Where the demo listens unless told otherwise, on this computer only.
PORT = 8765

#: This computer, and nobody else.
LOOPBACK = "127.0.0.1"

#: A token no real bot has.
TOKEN = "1000000001:local-try-out"

#: The files of a try-out. A fresh one removes these and nothing else in the folder.
_OURS = ("telegram.db*", "exoplan.*")

PATIENT, TEAM, STAFF = "Ana", "Riverside team", ("Maria", "Tom")


def demo(
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port on this computer; 0 takes any."),
    ] = PORT,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the try-out is kept. [default: your data folder]"),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the last try-out first.")
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the page's address.")
    ] = False,
) -> None:
    """Try everything in your browser. Needs no token; nothing leaves this computer.

    The chats are kept: stop it, kill it, start it again, and they go on.
    """
    from bot import logs
    from bot.app import run_until_told

    logs.set_up("console")
    _refuse_taken(port)  # before --fresh takes the files of a demo that is running
    home = _made_ready(folder or _data_folder(), fresh)
    rehearsal = _Rehearsal(home, port, not no_browser)
    run_until_told(rehearsal.run, rehearsal.stop)


class _Rehearsal:
    """The local Telegram and the bot beside it."""

    def __init__(self, folder: Path, port: int, in_browser: bool) -> None:
        import asyncio

        self._folder = folder
        self._port = port
        self._in_browser = in_browser
        self._told = asyncio.Event()

    def stop(self) -> None:
        """End the try-out; what was said is kept."""
        self._told.set()

    async def run(self) -> None:
        """Serve the page, then let the bot in.

        Raises ConfigError where the port is taken or the folder cannot be used.
        """
        import asyncio

        from bot.local import LocalTelegram

        local = LocalTelegram(TOKEN, self._folder / "telegram.db")
        try:
            await local.start(self._port)
        except OSError as fault:
            raise _port_fault(self._port, fault) from None
        try:
            _people(local)
            print(f"Your clinic is open: {local.page_url}", flush=True)
            if self._in_browser:
                await asyncio.to_thread(_show, local.page_url)
            await self._bot(local)
        finally:
            await local.stop()

    async def _bot(self, local: LocalTelegram) -> None:
        import asyncio

        from pydantic import SecretStr

        from bot.app import App
        from bot.clinic import DEMO_CLINIC, load_clinic
        from bot.config import Settings
        from bot.house import voice_of

        profile = load_clinic(DEMO_CLINIC).model_copy(
            update={"staff_chat": local.groups[0].id}
        )
        settings = Settings(
            token=SecretStr(TOKEN),
            api_url=local.api_url,
            database_url=f"sqlite:///{self._folder / 'exoplan.db'}",
        )
        app = App(settings, profile, voice_of(profile, learned=False), local.clock)
        async with asyncio.TaskGroup() as both:
            working = both.create_task(app.run())
            waiting = both.create_task(self._told.wait())
            await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            app.stop()


def _refuse_taken(port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen()
        except OSError as fault:
            raise _port_fault(port, fault) from None


def _port_fault(port: int, fault: OSError) -> ConfigError:
    said = "is in use" if fault.errno == errno.EADDRINUSE else fault.strerror
    return ConfigError(f"port {port} {said}; --port takes another")


def _people(local: LocalTelegram) -> None:
    """A patient who has not written yet, and a team; kept from the last time."""
    if local.people:
        return
    local.person(PATIENT).private_chat()
    local.group(TEAM, [local.person(name) for name in STAFF], forum=True)


def _show(url: str) -> None:
    import webbrowser

    webbrowser.open(url)


def _data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local/share") / "exoplan" / "demo"


def _made_ready(folder: Path, fresh: bool) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in _OURS if fresh else ():
            for path in folder.glob(pattern):
                path.unlink()
    except OSError as fault:
        raise StoreUnavailable(f"{folder} ({fault.strerror})") from None
    return folder
