"""clinic.toml: complete, and in step with the protocols."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.checks.finding import Finding
from bot.clinic import ClinicProfile, calendar_of, missing_for_run
from bot.countries import is_country
from bot.errors import ConfigError
from bot.texts.claims import forbidden
from exoplan import ProtocolBook, Topic

#: It may be tomorrow already where the clinic is.
_AHEAD = timedelta(days=1)


def complete(file: str, clinic: ClinicProfile) -> Iterator[Finding]:
    """What the bot will not start without."""
    for line in missing_for_run(clinic):
        key, _, what = line.partition(": ")
        yield Finding(file, key, f"is missing: {what}")
    try:
        calendar_of(clinic)
    except ConfigError as fault:
        yield Finding(file, "reminders", str(fault).partition("reminders: ")[2])
    if clinic.faq_semantic:
        from bot.faq.sentences import EXTRA, installed  # numpy, where it is asked for

        if installed() is None:
            yield Finding(file, "faq_semantic", f"needs the extra {EXTRA}")


def fits_protocols(
    file: str, clinic: ClinicProfile, book: ProtocolBook
) -> Iterator[Finding]:
    """Areas and statements are ones the protocols know, and each area is decided on."""
    known = ", ".join(book.areas)
    for area in clinic.areas:
        if area not in book.areas:
            yield Finding(
                file, f"areas.{area}", f"no protocol covers it; one of {known}"
            )
    for area in book.areas:
        if area not in clinic.areas and not clinic.demo:  # a made-up one offers all
            yield Finding(
                file,
                f"areas.{area}",
                "is missing: say true or false, whether it is lawful and offered here",
            )
    if not any(clinic.areas.get(area, True) for area in book.areas):
        yield Finding(file, "areas", "no area is offered; there is nothing to show")
    for number, own in enumerate(clinic.statements, 1):
        if own.area not in book.areas:
            yield Finding(file, f"statements.{number}.area", f"is none of {known}")
        if own.topic not in tuple(Topic):
            yield Finding(
                file, f"statements.{number}.topic", f"is none of {', '.join(Topic)}"
            )


def likely(file: str, clinic: ClinicProfile, today: date) -> Iterator[Finding]:
    """What has the right form and cannot be."""
    if clinic.country and not is_country(clinic.country):
        meant = "; the United Kingdom is GB" if clinic.country == "UK" else ""
        yield Finding(file, "country", f"is no country's code{meant}")
    if clinic.reviewer and clinic.reviewer.date > today + _AHEAD:
        yield Finding(file, "reviewer.date", "is still to come")


def own_words(clinic: ClinicProfile) -> Iterator[tuple[str, str]]:
    """Key and text of everything the clinic says to patients in words of its own."""
    for key in ("name", "country_line", "hours", "numbing"):
        yield key, getattr(clinic, key) or ""
    if clinic.reviewer:
        yield "reviewer.name", clinic.reviewer.name
    if clinic.product:
        for key, said in clinic.product.model_dump().items():
            yield f"product.{key}", said
    for number, link in enumerate(clinic.links, 1):
        yield f"links.{number}.title", link.title
    for number, own in enumerate(clinic.statements, 1):
        yield f"statements.{number}.text", own.text


def claims_nothing(file: str, clinic: ClinicProfile) -> Iterator[Finding]:
    """Forbidden wordings in the clinic's own words, where they can be mended."""
    for key, said in own_words(clinic):
        for claim in forbidden(said, "clinic"):
            yield Finding(file, key, f"“{claim.words}”. {claim.reason}")
