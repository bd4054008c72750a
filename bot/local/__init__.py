"""A Telegram of one's own: a strict Bot API server and a chat page, on this computer.

`exoplan demo` opens it; end-to-end tests talk to it. Nothing leaves the computer.
"""

from bot.local.clock import Clock
from bot.local.server import LocalTelegram

__all__ = ["Clock", "LocalTelegram"]
