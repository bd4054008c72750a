"""The Bot API's methods, one file a family. Importing this registers them all."""

from bot.local.methods import (
    chats,
    edits,
    polling,
    presses,
    profile,
    sending,
    topics,
)
from bot.local.methods.registry import METHODS, Call, Method

__all__ = [
    "METHODS",
    "Call",
    "Method",
    "chats",
    "edits",
    "polling",
    "presses",
    "profile",
    "sending",
    "topics",
]
