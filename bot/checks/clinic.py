"""clinic.toml: complete, and in step with the protocols."""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.finding import Finding
from bot.clinic import ClinicProfile, missing_for_run
from exoplan import ProtocolBook, Topic


def complete(file: str, clinic: ClinicProfile) -> Iterator[Finding]:
    """What the bot will not start without."""
    for line in missing_for_run(clinic):
        key, _, what = line.partition(": ")
        yield Finding(file, key, f"is missing: {what}")
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
        if area not in clinic.areas:
            yield Finding(
                file,
                f"areas.{area}",
                "is missing: say true or false, whether it is lawful and offered here",
            )
    if not any(clinic.areas.get(area, True) for area in book.areas):
        yield Finding(file, "areas", "no area is offered; there is nothing to show")
    for number, own in enumerate(clinic.statements):
        if own.area not in book.areas:
            yield Finding(file, f"statements.{number}.area", f"is none of {known}")
        if own.topic not in tuple(Topic):
            yield Finding(
                file, f"statements.{number}.topic", f"is none of {', '.join(Topic)}"
            )
