"""The command `exoplan` as a person meets it: what it prints, and how it leaves."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass

import pytest

from bot.cli import main

#: What frames are drawn with; a message reads the same without them.
_FRAME = re.compile(r"[│╭╮╰╯─┃━]")


@dataclass(frozen=True)
class Left:
    """What a command left behind."""

    code: int
    out: str
    err: str  #: on one line, without frames

    @property
    def words(self) -> str:
        """What it printed, on one line and without frames."""
        return _on_one_line(self.out)


def _on_one_line(said: str) -> str:
    return " ".join(_FRAME.sub(" ", said).split())


class Terminal:
    """Runs commands inside this process, with piped answers where a test gives them."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("COLUMNS", "200")

    def run(self, *arguments: str, answers: str = "") -> Left:
        """Run `exoplan` with these arguments."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        with pytest.raises(SystemExit) as left:
            main(arguments)
        said = self._capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Left(code, said.out, _on_one_line(said.err))
