"""The program under test, as a process of its own, seen from outside."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.clinic import DEMO_CLINIC
from tests.bench.telegram import TOKEN

ROOT = Path(__file__).parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
MASTER_KEY = base64.b64encode(bytes(range(32))).decode()


class Program:
    """A command that can be started, measured, killed and started again."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self._command = command
        self._environment = {**os.environ, **environment}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0

    async def start(self) -> None:
        """Begin; it is not waited for."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=ROOT, env=self._environment, stderr=log, stdout=log
            )
        self.starts += 1

    async def kill(self) -> None:
        """SIGKILL: as a machine that loses its power."""
        process = self._running
        process.kill()
        await process.wait()
        self._process = None

    def freeze(self) -> None:
        """SIGSTOP: as a machine that hangs."""
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._running.send_signal(signal.SIGCONT)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self._process is None:
            return 0
        process = self._process
        if process.returncode is None:
            process.terminate()
        try:
            code = await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            code = await process.wait()
        self._process = None
        return code

    async def left(self) -> int:
        """Its exit code, once it has ended."""
        return await self._running.wait()

    def last_words(self) -> str:
        """The end of what it logged."""
        return self._log.read_text(errors="replace")[-2_000:]

    @property
    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    def cpu_seconds(self) -> float:
        """Used so far by this process."""
        stat = Path(f"/proc/{self._running.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self, most: bool = False) -> float:
        """Memory held now, or the most that was ever held, in MB of 2**20 bytes."""
        name = "VmHWM" if most else "VmRSS"
        status = Path(f"/proc/{self._running.pid}/status").read_text()
        line = next(one for one in status.splitlines() if one.startswith(name))
        return int(line.split()[1]) / 1024


def exoplan(
    folder: Path, api_url: str, database_url: str, more: Mapping[str, str] | None = None
) -> Program:
    """The bot of the made-up clinic, without gates."""
    return Program(
        (sys.executable, "-m", "bot", "run"),
        {
            "EXOPLAN_TOKEN": TOKEN,
            "EXOPLAN_API_URL": api_url,
            "EXOPLAN_DATABASE_URL": database_url,
            "EXOPLAN_CLINIC": str(DEMO_CLINIC),
            "EXOPLAN_MASTER_KEY": MASTER_KEY,
            "EXOPLAN_RATE": "0",
            "EXOPLAN_CHAT_RATE": "0",
            "EXOPLAN_LOG": "json",
            **(more or {}),
        },
        folder / "exoplan.log",
    )


def hooked(port: int, front: int = 0) -> dict[str, str]:
    """Settings that take updates by webhook.

    Args:
        port: to listen on.
        front: where Telegram posts them to, when that is somewhere else.
    """
    return {
        "EXOPLAN_WEBHOOK_URL": f"http://127.0.0.1:{front or port}/hook",
        "EXOPLAN_WEBHOOK_SECRET": "a-secret-of-the-benchmark",
        "EXOPLAN_LISTEN": f"127.0.0.1:{port}",
    }


def yardstick(folder: Path, api_url: str) -> Program:
    """An intake as python-telegram-bot's examples build one."""
    return Program(
        (sys.executable, "-m", "tests.bench.yardstick"),
        {
            "YARDSTICK_TOKEN": TOKEN,
            "YARDSTICK_API_URL": api_url,
            "YARDSTICK_FILE": str(folder / "yardstick.pickle"),
        },
        folder / "yardstick.log",
    )


def free_port() -> int:
    """A port of this computer that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
