"""`exoplan chat`: the whole conversation in a terminal. No token, no network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.message import Rendered, Renders
    from bot.rehearsal import Given, Rehearsal
    from dialogs.effects import Effect

#: First name of the person at the keys, as the team reads it.
PATIENT_NAME = "Ana"

_HOW = (
    "Type as a patient would, or the number of a button. /start, /help and the other "
    "commands work. You are the team too: “staff: some words” answers, “clear” lifts a "
    "hold. “wait 30” lets hours pass, “send photo” sends one. Ctrl-D ends."
)
_COMMAND = re.compile(r"/([a-z_]+)")
_START = re.compile(r"/start(?:\s+(\S+))?")
_STAFF = re.compile(r"staff:\s*(.+)", re.DOTALL)
_WAIT = re.compile(r"wait\s+(\d{1,5})")
_SEND = re.compile(r"send\s+(photo|voice|sticker|video|document|location|contact)")


def chat(
    clinic: Annotated[
        Path | None,
        typer.Option(help="A clinic.toml; the made-up clinic unless given."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(help="Write down what is said, as tests play it back."),
    ] = None,
) -> None:
    """Talk to the bot in the terminal, as a patient and as the team."""
    from rich.console import Console

    from bot.clinic import DEMO_CLINIC, load_clinic
    from bot.house import voice_of
    from bot.rehearsal import Rehearsal

    if clinic is not None:
        profile = load_clinic(clinic)
    else:
        profile = load_clinic(DEMO_CLINIC).model_copy(update={"staff_chat": 1})
    voice = voice_of(profile)
    console = Console(highlight=False)
    console.print(_HOW, style="dim")
    table = Table(
        Rehearsal(voice), next(iter(voice.renderers.values())), console, record
    )
    table.hear({"kind": "start", "payload": ""})
    while (line := _asked(console)) is not None:
        if given := table.read(line):
            table.hear(given)


def _asked(console: Console) -> str | None:
    """The next line; None where there is none any more."""
    try:
        return console.input("[bold green]you:[/] ").strip()
    except (EOFError, KeyboardInterrupt):
        console.print()
        return None


class Table:
    """Where the patient, the bot and the team sit: shows all of it, in one terminal."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        renderer: Renders,
        console: Console,
        record: Path | None,
    ) -> None:
        self._rehearsal = rehearsal
        self._renderer = renderer
        self._console = console
        self._record = record
        self._played: list[dict[str, Any]] = []
        self._buttons: list[tuple[str, str]] = []  # label and option, as numbered

    def hear(self, given: Given) -> None:
        """Let it happen, show what comes of it, report what the team has received."""
        happening: list[Given] = [given]
        while happening:
            played = self._rehearsal.play(happening.pop(0))
            self._played.append(played.to_json())
            self._show(played.effects)
            happening += [
                {"kind": "delivered", "template": template}
                for template in self._rehearsal.waiting_reports()
                if not happening
            ]
        self._write_down()

    def read(self, line: str) -> Given | None:
        """What a line means: a button, a command, the team, or something typed."""
        for label, option in reversed(self._buttons):
            if line.casefold() == label.casefold():
                return {"kind": "tap", "option": option}
        if line.isdigit() and 0 < int(line) <= len(self._buttons):
            return {"kind": "tap", "option": self._buttons[int(line) - 1][1]}
        if found := _START.fullmatch(line):
            return {"kind": "start", "payload": found[1] or ""}
        if found := _COMMAND.fullmatch(line):
            return {"kind": "command", "name": found[1]}
        if found := _STAFF.fullmatch(line):
            return {"kind": "staff", "text": found[1]}
        if found := _WAIT.fullmatch(line):
            return {"kind": "wait", "hours": int(found[1])}
        if found := _SEND.fullmatch(line):
            return {"kind": "send", "what": found[1]}
        if line == "clear":
            return {"kind": "clear"}
        return {"kind": "type", "text": line} if line else None

    def _show(self, effects: Sequence[Effect]) -> None:
        from dialogs.effects import CallStaff, Record, Say, Toast
        from dialogs.screens import ANY_SCREEN

        screens = [effect.screen for effect in effects if isinstance(effect, Say)]
        if any(screen.serial != ANY_SCREEN for screen in screens):
            self._buttons = []  # a new screen; what only stays in the chat adds to it
        for effect in effects:
            match effect:
                case Say():
                    message = self._renderer.screen(effect.screen)
                    self._panel(message, "changed" if effect.edits else "", "cyan")
                    self._number(message)
                case CallStaff():
                    data = {"name": PATIENT_NAME, **effect.data}
                    message = self._renderer.staff(effect.template, data)
                    self._panel(message, "the team reads", "magenta")
                case Toast():
                    said = self._renderer.toast(effect.template, effect.data)
                    self._console.print(f"  ({said})", style="italic", markup=False)
                case Record():
                    answer = "given" if effect.granted else "withdrawn"
                    self._console.print(
                        f"  kept: consent “{effect.purpose}” {answer}", style="dim"
                    )

    def _panel(self, message: Rendered, title: str, colour: str) -> None:
        from rich.panel import Panel

        from bot.commands.terminal import styled

        frame = Panel(styled(message), title=title or None, border_style=colour)
        self._console.print(frame)

    def _number(self, message: Rendered) -> None:
        from rich.text import Text

        for row in message.keyboard or ():
            shown = Text("  ")
            for button in row:
                label = button["text"]
                self._buttons.append((label, button["callback_data"].partition("|")[2]))
                shown.append(f"{len(self._buttons)}", "bold yellow")
                shown.append(f" {label}   ")
            self._console.print(shown)

    def _write_down(self) -> None:
        if self._record is None:
            return
        lines = ",\n".join(
            f"  {json.dumps(one, ensure_ascii=False)}" for one in self._played
        )
        try:
            self._record.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        except OSError as fault:
            raise ConfigError(
                f"{self._record}: cannot be written ({fault.strerror})"
            ) from None
