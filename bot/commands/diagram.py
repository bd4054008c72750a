"""`exoplan diagram`: the conversation, drawn from the tables it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.errors import ConfigError

#: Where the checked-in picture lies, from the root of the project.
PAGE = Path("docs/conversation.md")


def diagram(
    write: Annotated[
        bool, typer.Option("--write", help=f"Write {PAGE} instead of printing.")
    ] = False,
) -> None:
    """Draw the conversation as Mermaid, from the tables it runs on."""
    from dialogs.diagram import draw

    drawn = draw()
    if not write:
        print(drawn, end="")
        return
    try:
        PAGE.write_text(drawn, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(f"{PAGE}: cannot be written ({fault.strerror})") from None
    print(f"{PAGE} written")
