"""What the team may ask the bot about itself."""

from __future__ import annotations

from bot.desk.errand import Errand
from bot.desk.registry import command, says
from bot.roles import EVERYONE

ID = says("desk_id", chat_id=-100)
HELP = says("desk_help")


@command("id", EVERYONE, about_patient=False)
def tell_number(errand: Errand) -> None:
    """The number of this group, for the clinic's file."""
    errand.say(ID, {"chat_id": errand.chat_id})


@command("help", EVERYONE, about_patient=False)
def tell_how(errand: Errand) -> None:
    """How the staff chat works."""
    errand.say(HELP)
