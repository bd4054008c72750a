"""`exoplan digest`: what the last week was like, as the team is told."""

from __future__ import annotations


def digest() -> None:
    """Show the last seven days: what nobody could answer, replies, where people stop.

    Questions are shown in people's own words; that this was done is in the audit trail.
    """
    from datetime import UTC, datetime

    from bot.clinic import load_clinic
    from bot.commands.faq import live
    from bot.commands.opened import opened
    from bot.desk.actions.week import WEEK
    from bot.desk.week import week_until
    from bot.render import Renderer, shown
    from bot.words import Words
    from exoplan import load_book

    entries, _ = live()
    with opened() as here:
        clinic = load_clinic(here.settings.clinic)  # or nothing is shown, nor noted
        with here.engine.begin() as connection:
            data = week_until(connection, here.keys, datetime.now(UTC))
            here.note(connection, "week")
    renderer = Renderer(
        Words(), clinic, load_book(), {entry.id: entry for entry in entries}
    )
    print(shown(renderer.staff(WEEK, data).text))
