"""All commands, each with what it needs and nothing more until it is called."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Annotated

import typer

from bot.commands.adverse import adverse
from bot.commands.audit import audit
from bot.commands.chat import chat
from bot.commands.check import check
from bot.commands.db import db
from bot.commands.demo import demo
from bot.commands.diagram import diagram
from bot.commands.digest import digest
from bot.commands.export import export
from bot.commands.faq import faq
from bot.commands.inbox import inbox
from bot.commands.init import init
from bot.commands.keys import keys
from bot.commands.plan import plan
from bot.commands.reminders import reminders
from bot.commands.run import run
from bot.commands.staff import staff
from bot.commands.triage import triage
from bot.commands.visits import visits


def _version(wanted: bool) -> None:
    if wanted:
        print(f"exoplan {installed('exoplan')}")
        raise typer.Exit


menu = typer.Typer(
    name="exoplan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@menu.callback()
def exoplan(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """A Telegram assistant for clinics that offer exosome and PRP treatment.

    It gives general information from reviewed texts and published ranges. It is not for
    diagnosis, and not for choosing a treatment for a person.
    """


for _command in (demo, init, check, run, plan, triage, chat, diagram, digest, export):
    menu.command()(_command)
for _group in (db, inbox, keys, staff, audit, adverse, faq, visits, reminders):
    menu.add_typer(_group)
