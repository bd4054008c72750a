"""Every template parses, is shown somewhere, and is there where a screen names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jinja2

from bot.checks.finding import Finding
from bot.checks.tour import Tour

#: Endings of templates; what begins with _ is only ever part of another.
_ENDINGS = (".html.j2", ".txt.j2")


def parse(folder: Path) -> Iterator[Finding]:
    """Every template that is not one."""
    environment = jinja2.Environment(autoescape=True)
    for path in _templates(folder):
        try:
            environment.parse(path.read_text(encoding="utf-8"))
        except jinja2.TemplateSyntaxError as fault:
            what = fault.message or "does not parse"
            yield Finding(_name(folder, path), f"line {fault.lineno}", what)
        except (OSError, UnicodeDecodeError) as fault:
            yield Finding(_name(folder, path), "", f"cannot be read ({fault})")


def shown(folder: Path, seen: Tour) -> Iterator[Finding]:
    """Every template that no screen, no note and no part of the program shows."""
    for path in _templates(folder):
        name = path.relative_to(folder).as_posix()
        key = name.removesuffix(_ENDINGS[0]).removesuffix(_ENDINGS[1])
        if not path.name.startswith("_") and key not in seen.templates:
            yield Finding(_name(folder, path), "", "is shown nowhere")


def count(folder: Path) -> int:
    """How many templates there are."""
    return len(_templates(folder))


def _templates(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*.j2") if p.name.endswith(_ENDINGS))


def _name(folder: Path, path: Path) -> str:
    return f"templates/{folder.name}/{path.relative_to(folder).as_posix()}"
