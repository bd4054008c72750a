"""`exoplan triage`, as a person or a script runs it."""

from __future__ import annotations

import io
import json
import sys

import pytest

from bot.cli import main
from dialogs.inputs import Level


def _ran(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as left:
        main(["triage", *arguments])
    return left.value.code


def test_a_text_is_read_and_explained(capsys):
    """It prints what fired and why."""
    assert _ran("my throat is closing up") == 0
    said = capsys.readouterr().out
    assert said.startswith("URGENT_NOW: EM01 airway: ")
    assert "'throat … closing'" in said


def test_a_harmless_text_has_a_level_alone(capsys):
    """Nothing fired, so there is nothing to explain."""
    assert _ran("how much does it cost") == 0
    assert capsys.readouterr().out == "NONE\n"


def test_one_object_a_line_comes_back_in_order(capsys, monkeypatch):
    """Each line of the input, an empty one too, is one object with three keys."""
    lines = "hi\n\nI can’t breathe 😰\nis fever normal?\r\nfever 39 and pus\n"
    stream = io.TextIOWrapper(io.BytesIO(lines.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert _ran("-", "--json") == 0
    read = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["level"] for one in read] == [
        Level.NONE,
        Level.NONE,
        Level.URGENT_NOW,
        Level.INFORM,
        Level.URGENT_NOW,
    ]
    assert all(set(one) == {"level", "group", "reason"} for one in read)
    assert read[0] == {"level": "NONE", "group": None, "reason": None}
    assert read[2]["group"] == "EM01"


def test_bytes_that_are_no_text_do_not_stop_it(capsys, monkeypatch):
    """A broken byte is read over; the words beside it are still heard."""
    stream = io.TextIOWrapper(io.BytesIO(b"\xff\xfe i cant breathe\n"))
    monkeypatch.setattr(sys, "stdin", stream)
    assert _ran("-", "--json") == 0
    assert json.loads(capsys.readouterr().out)["level"] == Level.URGENT_NOW
