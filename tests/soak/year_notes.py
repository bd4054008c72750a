"""What stands in the messages of a simulated year, as their readers tell them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

#: What the team can tell a note by: minute, whom it is about, what it says, and which
#: day and time it names.
Noted = tuple[int, int, str, str]

_NOTES = (
    ("unreminded", re.compile(r"🔕 Ana · nothing reminds of (.+?, \d\d:\d\d): ")),
    ("settled", re.compile(r"✓ Ana(?: · (.+?, \d\d:\d\d))?: settled")),
    ("lapsed", re.compile(r"⌛ Ana · (.+?, \d\d:\d\d)")),
)
_MARKUP = re.compile(r"<[^>]+>")


def note_in(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """What a note says of a visit, and which time it names."""
    text = _MARKUP.sub("", str(body.get("text", "")))
    for what, pattern in _NOTES:
        if found := pattern.match(text):
            return what, found[1] or ""
    return None


def buttons(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Data, screen and option of every button under a message."""
    keyboard = (body.get("reply_markup") or {}).get("inline_keyboard", ())
    for button in (one for row in keyboard for one in row):
        data = button.get("callback_data", "")
        screen, _, option = data.partition("|")
        yield data, screen, option


def told(body: Mapping[str, Any]) -> tuple[str, str]:
    """What a message is, by its buttons and words, and of which visit."""
    text = str(body.get("text", ""))
    if text.startswith("Hi Ana. Cancelled:"):
        return "off", ""
    for _, screen, option in buttons(body):
        verb, _, name = option.partition(":")
        if screen == "~" and verb == "proposed":
            return "dates again" if "still waits" in text else "dates", ""
        if screen == "~" and verb in ("visit", "check", "recall"):
            return verb, "" if verb == "recall" else name
    return "", ""
