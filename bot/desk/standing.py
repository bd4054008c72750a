"""What the bot may do in the staff chat: open topics, or not any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk.errand import Errand
from bot.desk.registry import says
from bot.store import settings

TOPICS_ON = says("desk_topics_on")
TOPICS_OFF = says("desk_topics_off")
NOT_DELETED = says("desk_not_deleted", link="https://t.me/c/7/7")

#: Whether the team was told that topics cannot be opened.
_TOLD = "staff_topics_told"


def changed(errand: Errand, member: Mapping[str, Any]) -> None:
    """The bot's place in the staff chat has changed."""
    now = member.get("new_chat_member")
    now = now if isinstance(now, dict) else {}
    chat = member.get("chat")
    forum = isinstance(chat, dict) and chat.get("is_forum") is True
    status = now.get("status")
    if status == "administrator" and now.get("can_manage_topics") is True and forum:
        gained(errand)
    elif status in ("member", "administrator", "restricted"):
        lost(errand)


def gained(errand: Errand) -> None:
    """Topics can be opened."""
    if errand.tools.room.topics:
        return
    errand.turn.staff_topics = True
    if settings.value(errand.connection, _TOLD) == "yes":
        settings.remember(errand.connection, _TOLD, "no")
        errand.say(TOPICS_ON)


def lost(errand: Errand) -> None:
    """Topics cannot be opened any more; that is said once.

    A group that never had topics misses nothing.
    """
    had = settings.value(errand.connection, errand.tools.room.had_topics) == "yes"
    told = settings.value(errand.connection, _TOLD) == "yes"
    errand.turn.staff_topics = False
    if had and not told:
        settings.remember(errand.connection, _TOLD, "yes")
        errand.say(TOPICS_OFF)


def kept(errand: Errand, thread: int) -> None:
    """The topic of an erased patient could not be deleted: somebody else must."""
    errand.say(NOT_DELETED, {"link": errand.tools.room.link(thread)})
