"""The staff chat: what the team writes and presses there, and what it is shown."""

from bot.desk import actions
from bot.desk.errand import MAX_REPLY
from bot.desk.reading import Desk
from bot.room import StaffRoom

__all__ = ["MAX_REPLY", "Desk", "StaffRoom", "actions"]
