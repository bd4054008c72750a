"""`exoplan init`: asks what a clinic must say about itself, writes its clinic.toml."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from bot.countries import is_country, time_zone_of
from bot.errors import ConfigError

_HERE = files("bot").joinpath("commands")
_NOT_WRITTEN = 1


def init(
    path: Annotated[
        Path, typer.Argument(help="The file to write.", show_default=True)
    ] = Path("clinic.toml"),
) -> None:
    """Ask what the clinic must say about itself, and write it to a commented file."""
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name the file to write in it")
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}")
    there = path.exists()
    if not os.access(path if there else path.parent, os.W_OK):
        raise ConfigError(f"{path}: cannot be written (Permission denied)")
    if there and not typer.confirm(f"{path} is there already. Write over it?"):
        print(f"{path} is left as it was.")
        raise typer.Exit(_NOT_WRITTEN)
    try:
        text = _rendered(_ask())
    except typer.Abort:
        print(f"\nNothing was written to {path}.", file=sys.stderr)
        raise
    try:
        with path.open("w" if there else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be written ({fault.strerror})") from None
    from bot.clinic import load_clinic, missing_for_run

    missing = missing_for_run(load_clinic(path))
    print(f"{path} written.")
    for line in missing:
        print(f"Still missing before the bot may run: {line}")
    print(f"Next: exoplan check --clinic {path}")


def _ask() -> dict[str, Any]:
    """Every question once; an answer that cannot be is asked for again."""
    name = _said("Name of the clinic")
    country = _said("Country, two letters such as ES", _country)
    suggested = suggestion(country)
    if not suggested.get("country_line"):
        print(
            "We know no careful sentence on exosome products for this country. Say "
            "what the authority has, or has not, allowed."
        )
    else:
        print("A suggestion to edit with your adviser; Enter takes it as it is.")
    country_line = _said(
        "Legal status of the product, in full sentences",
        default=suggested.get("country_line"),
    )
    answers: dict[str, Any] = {
        "name": name,
        "country": country,
        "country_line": country_line,
        "emergency_number": _said(
            "Emergency number", _number, default=suggested.get("emergency_number")
        ),
        "phone": _said("Phone of the team (Enter: none)", _number, default=""),
        "hours": _said("When the team answers, in words (Enter: not said)", default=""),
        "time_zone": _said(
            "Time zone, IANA name such as Europe/Madrid",
            _time_zone,
            default=time_zone_of(country),
        ),
        "crisis_line": _said(
            "Line for someone who may harm themselves (Enter: none)",
            _number,
            default="",
        ),
    }
    print(
        "Staff group: add the bot to your team's group and send /id there; it answers "
        "with the number."
    )
    answers["staff_chat"] = _said(
        "Number of the staff group (Enter: later)", _chat, default=""
    )
    answers["reviewer_name"] = _said(
        "Clinician who reviewed the texts (Enter: nobody yet)", default=""
    )
    answers["reviewer_date"] = (
        _said("Date of that review, such as 2026-01-31", _date)
        if answers["reviewer_name"]
        else None
    )
    answers["areas"] = _ask_areas()
    return answers


def _ask_areas() -> dict[str, bool]:
    from bot.words import Words
    from exoplan import load_book

    label = Words().label
    print("Only what is lawful in your country, and offered, is shown.")
    return {
        area: typer.confirm(f"{label(f'area:{area}')}: lawful there, and offered?")
        for area in load_book().areas
    }


def suggestion(country: str) -> Mapping[str, str]:
    """What is suggested for a country of this code; empty where nothing is known."""
    table = tomllib.loads(_HERE.joinpath("countries.toml").read_text(encoding="utf-8"))
    known = next((to for to, of in table["read_as"].items() if country in of), country)
    found: Mapping[str, str] = table["suggestions"].get(known, {})
    return found


def _said(
    question: str,
    read: Callable[[str], Any] = str.strip,
    default: str | None = None,
) -> Any:
    return typer.prompt(
        question,
        default=default,
        show_default=bool(default),
        value_proc=lambda said: read(said),
    )


def _country(said: str) -> str:
    code = said.strip().upper()
    if not is_country(code):
        raise typer.BadParameter("two letters, such as ES, or GB for Britain")
    return code


def _number(said: str) -> str:
    line = said.strip()
    if line and not any(letter in "0123456789" for letter in line):
        raise typer.BadParameter("a number that a person can call")
    return line


def _time_zone(said: str) -> str:
    zone = said.strip()
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise typer.BadParameter("an IANA name, such as Europe/Madrid") from None
    return zone


def _chat(said: str) -> int | None:
    number = said.strip()
    if not number:
        return None
    if re.fullmatch(r"-[0-9]{1,15}", number) is None:
        raise typer.BadParameter("a number with a minus, such as -1001234567890")
    return int(number)


def _date(said: str) -> date:
    try:
        day = date.fromisoformat(said.strip())
    except ValueError:
        raise typer.BadParameter("year-month-day, such as 2026-01-31") from None
    if day > datetime.now().astimezone().date():
        raise typer.BadParameter("a day that has been")
    return day


def _rendered(answers: Mapping[str, Any]) -> str:
    import jinja2

    templates = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # TOML, not markup: every answer goes through `toml`
    )
    templates.filters["toml"] = _toml
    text = _HERE.joinpath("clinic.toml.j2").read_text(encoding="utf-8")
    return templates.from_string(text).render(answers)


def _toml(said: str) -> str:
    """A TOML string: JSON's own, but for one letter that TOML wants escaped."""
    return json.dumps(said, ensure_ascii=False).replace("\x7f", "\\u007f")
