"""The questions people ask: each answer renders, with numbers and without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.checks.finding import Finding
from bot.errors import ExoplanBotError
from bot.faq.entries import Entry
from bot.render import Renderer, shown
from dialogs.effects import Screen
from exoplan import PRP, ExoplanError, ProtocolBook

#: A number of visits or a time, as an answer would write it.
_FIGURE = re.compile(
    r"\d+ (to \d+ )?(visit|session|injection|week|month|year)", re.IGNORECASE
)


def answers(
    entries: Iterable[Entry], renderer: Renderer, book: ProtocolBook
) -> Iterator[Finding]:
    """Every answer, open and closed."""
    for entry in entries:
        file = f"faq/{entry.id}.toml"
        for area in entry.areas:
            if area not in (*book.areas, PRP):
                yield Finding(file, "areas", f"{area!r} is no area")
        for closed, key in ((False, "answer"), (True, "answer_closed")):
            data = {"entry": entry.id, "closed": closed}
            try:
                text = shown(renderer.screen(Screen("answer", data)).text)
            except (ExoplanBotError, ExoplanError, LookupError, TypeError) as fault:
                yield Finding(file, key, f"does not render: {fault}")
                continue
            if closed and entry.holds_numbers and (found := _FIGURE.search(text)):
                yield Finding(file, key, f"names a number: {found.group()}…")
