"""`exoplan triage`: what the emergency reading makes of a message, and why."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from dialogs.inputs import Alarm

#: Instead of a text: a message a line comes from standard input.
FROM_STDIN = "-"


def triage(
    text: Annotated[
        str, typer.Argument(help=f"A message; {FROM_STDIN} reads one a line.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="One object a message.")
    ] = False,
) -> None:
    """Show how urgent a message reads, and the words and the rule that say so.

    URGENT_NOW and SAME_DAY are answered with a card, ASK with "Is this happening
    now?", INFORM with the safety lines.
    """
    from dialogs.triage import triage as read

    told = _as_json if as_json else _in_words
    if text != FROM_STDIN:
        print(told(read(text)))
        return
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        print(told(read(line.rstrip("\r\n"))), flush=True)


def _as_json(alarm: Alarm) -> str:
    return json.dumps(
        {
            "level": alarm.level.value,
            "group": alarm.group or None,
            "reason": alarm.reason or None,
        }
    )


def _in_words(alarm: Alarm) -> str:
    return f"{alarm.level.value}: {alarm.reason}" if alarm.group else alarm.level.value
