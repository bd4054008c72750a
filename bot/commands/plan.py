"""`exoplan plan`: the engine alone. Answers in, published lines with sources out."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from exoplan import (
    Combination,
    Duration,
    Earlier,
    Goal,
    Intake,
    InvalidIntake,
    Outcome,
    Plan,
    Priority,
    Severity,
    Size,
    load_book,
    make_plan,
)
from exoplan.intake import PAIN_HIGHEST, PAIN_LOWEST

_BOOK = load_book()
_FLAGS = tuple(sorted(flag.id for flag in _BOOK.screening.flags))
_PLACES = "; ".join(
    f"{one.id}: {', '.join(place.id for place in one.places)}"
    for one in _BOOK.protocols
)
_HOW_FLAGS_READ = f"{_FLAGS[0]} to {_FLAGS[-1]}; may be given several times."


def _known_area(area: str) -> str:
    if area not in _BOOK.areas:
        raise typer.BadParameter(f"{area!r} is none of {', '.join(_BOOK.areas)}.")
    return area


def _on_the_scale(pain: int | None) -> int | None:
    if pain is not None and not PAIN_LOWEST <= pain <= PAIN_HIGHEST:
        raise typer.BadParameter(f"allows {PAIN_LOWEST} to {PAIN_HIGHEST}.")
    return pain


def _known_flags(flags: list[str]) -> list[str]:
    for flag in flags:
        if flag not in _FLAGS:
            raise typer.BadParameter(f"{flag!r} is none of {', '.join(_FLAGS)}.")
    return flags


def plan(
    area: Annotated[
        str,
        typer.Option(
            callback=_known_area,
            metavar="|".join(_BOOK.areas),
            help="The treatment area.",
        ),
    ],
    site: Annotated[
        str | None, typer.Option(help=f"The place, by area. {_PLACES}.")
    ] = None,
    size: Annotated[
        Size | None, typer.Option(help="How large; most places say it themselves.")
    ] = None,
    severity: Annotated[
        Severity | None, typer.Option(help="How it looks now, in own words.")
    ] = None,
    duration: Annotated[Duration | None, typer.Option(help="How long it hurt.")] = None,
    pain: Annotated[
        int | None,
        typer.Option(
            callback=_on_the_scale,
            metavar=f"{PAIN_LOWEST}-{PAIN_HIGHEST}",
            help="Usual pain of the last week.",
        ),
    ] = None,
    priority: Annotated[
        Priority | None, typer.Option(help="What matters most.")
    ] = None,
    goal: Annotated[Goal | None, typer.Option(help="How big a change.")] = None,
    combination: Annotated[
        Combination | None, typer.Option(help="What goes with it.")
    ] = None,
    earlier: Annotated[
        Earlier | None, typer.Option(help="What was done before.")
    ] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="How that went.")] = None,
    flag: Annotated[
        list[str] | None,
        typer.Option(
            callback=lambda flags: _known_flags(flags or []),
            metavar="RFnn",
            help=f"A health flag answered yes, {_HOW_FLAGS_READ}",
        ),
    ] = None,
    unsure: Annotated[
        list[str] | None,
        typer.Option(
            callback=lambda flags: _known_flags(flags or []),
            metavar="RFnn",
            help=f"A health flag answered “not sure”, {_HOW_FLAGS_READ}",
        ),
    ] = None,
    screened: Annotated[
        bool, typer.Option("--screened", help="The health lists were answered.")
    ] = False,
    clinic: Annotated[
        Path | None,
        typer.Option(help="A clinic.toml: its country line and its own statements."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Plain values, each number with its source.")
    ] = False,
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a picture of it.")
    ] = None,
    pdf: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write two pages for the consultation."),
    ] = None,
    ics: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write its windows as a calendar."),
    ] = None,
    fhir: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write answers and plan as a FHIR bundle."),
    ] = None,
    first_visit: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day from which the calendar counts; today unless given.",
        ),
    ] = None,
) -> None:
    """Show what is published for answers like these, with every source.

    General information: the program picks no number for a person, a clinician does.
    """
    profile = None
    book = _BOOK
    if clinic is not None:
        from bot.clinic import load_clinic
        from bot.house import book_of

        profile = load_clinic(clinic)
        book = book_of(profile)
    try:
        intake = Intake(
            area=area,
            site=site,
            size=size,
            severity=severity,
            duration=duration,
            pain=pain,
            priority=priority,
            goal=goal,
            combination=combination,
            earlier=earlier,
            outcome=outcome,
            yes=frozenset(flag or ()),
            unsure=frozenset(unsure or ()),
            screened=screened,
        )
        made = make_plan(intake, book)
    except InvalidIntake as fault:
        allows = str(fault).partition(f"{fault.field} ")[2]
        raise typer.BadParameter(
            f"for {area} {allows}.", param_hint=f"'--{fault.field}'"
        ) from None
    wanted = {"png": png, "pdf": pdf, "ics": ics, "fhir": fhir}
    if files := {kind: path for kind, path in wanted.items() if path is not None}:
        from bot.commands.plan_files import write

        write(files, made, book, profile, first_visit and first_visit.date())
        return
    if as_json:
        print(_json(made))
        return
    from bot.commands.plan_table import show

    show(made, book, profile)


def _json(made: Plan) -> str:
    return json.dumps(made.to_json(), ensure_ascii=False, indent=2)
