"""`exoplan check`: proves the clinic's file, protocols, texts and conversation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def check(
    clinic: Annotated[
        Path, typer.Option(help="The clinic's file.", envvar="EXOPLAN_CLINIC")
    ] = Path("clinic.toml"),
) -> None:
    """Prove clinic.toml, protocols, texts and conversation consistent.

    One line for each thing that is right (✓) and for each that is wrong (✗), where it
    is, and what. Exit code 1 where anything is wrong.
    """
    from rich.console import Console
    from rich.text import Text

    from bot.checks.everything import prove

    console = Console(highlight=False, soft_wrap=True)
    wrong = 0
    for proof in prove(clinic):
        wrong += len(proof.findings)
        for finding in proof.findings:
            console.print(Text(f"✗ {finding}", "red"))
        if not proof.findings:
            console.print(Text(f"✓ {proof.title}", "green"))
    token = "is set" if os.environ.get("EXOPLAN_TOKEN") else "is not set; run needs it"
    console.print(Text(f"  EXOPLAN_TOKEN {token}", "dim"))
    if wrong:
        console.print(Text(f"{wrong} wrong", "bold red"))
        raise typer.Exit(1)
