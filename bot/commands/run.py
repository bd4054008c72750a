"""`exoplan run`: the bot of one clinic, until it is told to stop."""

from __future__ import annotations

import gc
import sys

#: Seconds after which a thread has to let another go on. The writer has an answer of
#: the database long before the event loop is done with what is to be sent.
SWITCH_SECONDS = 0.001


def run() -> None:
    """Run the bot: EXOPLAN_TOKEN is its token, clinic.toml says whose it is.

    Refuses to start while something patients must not go without is missing, and says
    what.
    """
    # What is loaded here stays. Looked through for garbage again and again, it would
    # stop everything for a tenth of a second each time.
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)
    from bot import logs
    from bot.app import App
    from bot.app import run as run_app
    from bot.clinic import load_clinic
    from bot.config import load_settings
    from bot.house import voice_of

    settings = load_settings()
    logs.set_up(settings.log)
    profile = load_clinic(settings.clinic)
    app = App(settings, profile, voice_of(profile, learned=False))
    gc.freeze()
    gc.enable()
    run_app(app)
