"""What the last week was like, from what is stored anyway; nobody is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from bot.clinic import ClinicProfile
from bot.errors import SealError
from bot.faq.alike import groups
from bot.keys import KeyStore
from bot.misses import words_of_miss
from bot.store import misses, week
from bot.turn import session_place
from dialogs.length import first
from dialogs.questions import BY_ID

DAYS = 7
#: Somebody silent for so long has stopped where they are.
STOPPED_AFTER = timedelta(days=1)

MOST_CHATS = 2_000  # opened, of those in which something happened
MOST_MISSES = 2_000
MOST_LISTED = 8  # lines of each list
MAX_SHOWN_LETTERS = 120  # of a question, as Telegram counts
MAX_CAMPAIGN_LETTERS = 32

#: Where an intake ends, one way or another.
_FINISHED = frozenset(
    {"plan", "held", "closed", "what_if", "what_if_value", "what_if_shown"}
)
#: Screens of an intake in the order they are met.
_SCREENS = ("consent", *BY_ID, "review")

#: What the text of the week is shown by where nothing has happened yet.
SAMPLE: Mapping[str, Any] = {
    "days": DAYS,
    "unanswered": (("Is there a lift?", 3), ("Do you take dogs?", 1)),
    "more_unanswered": 2,
    "wrong": (("Q06", 2),),
    "replies": 12,
    "median_minutes": 75,
    "topics": {"open": 3, "claimed": 1, "snoozed": 1, "closed": 9, "waiting": 2},
    "ratings": {"yes": 5, "partly": 2, "no": 1},
    "stopped": (("health_1", 4), ("consent", 2)),
    "finished": 9,
    "campaigns": (("spring", 12, 5),),
    "visits": {"attended": 9, "missed": 1, "cancelled_late": 1},
    "chats": MOST_CHATS,
    "cut": True,
}


def latest_moment(now: datetime, weekday: int, at: time, zone: ZoneInfo) -> datetime:
    """The last time that it was this hour of this weekday in the clinic.

    Args:
        weekday: from 0 for Monday.
    """
    here = now.astimezone(zone)
    day = here.date() - timedelta(days=(here.weekday() - weekday) % DAYS)
    moment = datetime.combine(day, at, zone)
    return moment if moment <= now else moment - timedelta(days=DAYS)


def weekly_of(clinic: ClinicProfile) -> Callable[[datetime], datetime] | None:
    """The clinic's weekly moment before any other; None where it wants none."""
    if clinic.digest.moment is None:
        return None
    weekday, at = clinic.digest.moment
    zone = ZoneInfo(clinic.time_zone)
    return lambda now: latest_moment(now, weekday, at, zone)


def week_until(connection: Connection, keys: KeyStore, end: datetime) -> dict[str, Any]:
    """The data of the week's text: figures, and questions in people's own words.

    How talks stand and where people are is told as it is now.
    """
    begin = end - timedelta(days=DAYS)
    unanswered = _unanswered(connection, keys, begin, end)
    waits = [
        (replied - opened).total_seconds() / 60
        for opened, replied in week.first_replies(connection, begin, end, MOST_MISSES)
    ]
    sealed = week.chats_since(connection, begin, MOST_CHATS)
    chats = [(chat.begun, stored) for chat, stored in _opened(keys, sealed)]
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    for begun, stored in chats:
        name = str(stored.get("campaign") or "")[:MAX_CAMPAIGN_LETTERS]
        if name and begin <= begun <= end:
            came[name] += 1
            went[name] += stored["state"] in _FINISHED
    stopped = Counter(
        stored["state"] for _, stored in chats if _has_stopped(stored, end)
    )
    return {
        "days": DAYS,
        "unanswered": unanswered[:MOST_LISTED],
        "more_unanswered": max(0, len(unanswered) - MOST_LISTED),
        "wrong": misses.often_wrong(connection, begin, end, 1, MOST_LISTED),
        "replies": len(waits),
        "median_minutes": round(median(waits)) if waits else 0,
        "topics": week.topics_by_status(connection),
        "ratings": week.ratings_between(connection, begin, end),
        "stopped": [(one, stopped[one]) for one in _SCREENS if stopped[one]],
        "finished": sum(stored["state"] in _FINISHED for _, stored in chats),
        "campaigns": [
            (name, number, went[name]) for name, number in came.most_common(MOST_LISTED)
        ],
        "visits": week.visits_between(connection, begin, end),
        "chats": len(chats),
        "cut": len(sealed) == MOST_CHATS,
    }


def _unanswered(
    connection: Connection, keys: KeyStore, begin: datetime, end: datetime
) -> list[tuple[str, int]]:
    """Questions that the bot did not know, like ones together, most asked first."""
    kept = misses.between(connection, begin, end, MOST_MISSES)
    words = (words_of_miss(keys, one) for one in kept if one.kind == "unanswered")
    return [
        (first(one, MAX_SHOWN_LETTERS), times)
        for one, times in groups(" ".join(said.split()) for said in words if said)
    ]


def _opened(
    keys: KeyStore, sealed: list[week.Chat]
) -> Iterator[tuple[week.Chat, Mapping[str, Any]]]:
    """Chats as they are stored, of those that can be read."""
    for chat in sealed:
        at = session_place(chat.person_id, chat.generation)
        with suppress(SealError):  # erased this moment, or put aside at their next word
            yield chat, orjson.loads(keys.open(chat.key_id, at, chat.body))


def _has_stopped(stored: Mapping[str, Any], end: datetime) -> bool:
    seen = stored.get("seen_at")
    return (
        stored["state"] in _SCREENS
        and seen is not None
        and datetime.fromisoformat(seen) <= end - STOPPED_AFTER
    )
