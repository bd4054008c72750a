"""The clinic's voice, read once, by the process that those to be killed come from."""

from __future__ import annotations

from bot.house import voice_of
from tests.bot.rehearsal import clinic

#: Of a clinic with a staff chat; which one makes no difference to what is said.
VOICE = voice_of(clinic(-1))
