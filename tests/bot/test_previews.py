"""What a locked phone shows of a reminder tells whoever sees it nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.house import voice_of
from bot.render import shown
from bot.words import LANGUAGE, Words
from dialogs import House, ReminderDue, Say, Screen, Session, step
from dialogs.purposes import PURPOSES
from dialogs.reminders import shipped
from dialogs.visits import Status, Visit
from exoplan import load_book

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
KINDS = shipped().with_(dict.fromkeys(shipped().kinds, True))
HOUSE = House(load_book(), has_staff=True, calendar=KINDS)
RENDERER = voice_of(load_clinic(DEMO_CLINIC)).renderers[LANGUAGE]
LANGUAGES = (LANGUAGE,)


def preview(kind: str, revision: int) -> str:
    """The first message of a reminder, as a phone shows it."""
    visits = tuple(
        Visit(
            id=1,
            starts_at=NOW + timedelta(days=2, hours=3),
            zone="Europe/Madrid",
            status=status,
            revision=revision,
            booked_at=NOW,
            changed_at=NOW,
            area="skin",
            number=2,
            place="Laser Skin Centre",
        )
        for status in sorted(KINDS.kinds[kind].statuses)[:1]
    )
    session = Session.new(NOW).with_(
        visits=visits,
        purposes=dict.fromkeys((*PURPOSES, "unfinished"), True),
        state="severity",
        area="skin",
        over="none" if visits else "resume",
    )
    _, effects = step(session, ReminderDue(1, kind, len(visits), revision), NOW, HOUSE)
    said = next(effect for effect in effects if isinstance(effect, Say))
    data = {"name": "Ana", **said.screen.data}
    return shown(RENDERER.screen(Screen(said.screen.template, data)).text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("revision", [1, 2])
@pytest.mark.parametrize("kind", sorted(KINDS.kinds))
def test_no_preview_says_what_it_is_about(language: str, kind: str, revision: int):
    """Name, day and time of a visit; of anything else one neutral sentence."""
    never = Words(language).visits["never"]
    said = preview(kind, revision)
    assert said.startswith("Hi Ana. ")
    known = KINDS.kinds[kind]
    proposes = Status.PROPOSED in known.statuses  # several dates, on a screen
    about_visit = known.statuses and not known.consent and not proposes
    allowed = () if about_visit else never["unless_neutral"]
    told = [
        word for word in never["words"] if word in said.lower() and word not in allowed
    ]
    assert not told, said
    if about_visit:
        assert said.endswith("Thursday 12 March, 16:00.")
    assert len(said) <= 60
