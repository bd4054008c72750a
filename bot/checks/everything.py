"""All checks in their order; where one finds nothing to stand on, the rest waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.checks import clinic as clinic_checks
from bot.checks import faq, machine, templates, texts, words
from bot.checks.finding import Finding
from bot.checks.tour import Tour, tour
from bot.clinic import DEMO_CLINIC, WEEKDAYS, ClinicProfile, load_clinic
from bot.errors import ConfigError, ExoplanBotError
from bot.faq.entries import Entry, load_entries
from bot.house import book_of, house_of
from bot.render import Renderer
from bot.words import LANGUAGE, Words
from exoplan import ExoplanError, ProtocolBook, load_book

#: The number under which the team is reached, where only the talk is looked at.
_ANY_GROUP = 1

#: Hours at which a visit may be wished for, so that this is shown for every clinic.
_ANY_HOURS = dict.fromkeys(WEEKDAYS, ("09:00", "18:00"))


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was looked at, and what is wrong with it."""

    title: str  #: what is right where nothing is wrong
    findings: tuple[Finding, ...] = ()


def prove(clinic_file: Path) -> Iterator[Proof]:
    """Look at everything, one proof after the other."""
    machine_title = "conversation: every place is known, reached and left again"
    yield Proof(machine_title, tuple(machine.sound()))
    try:
        book = load_book()
        said = Words(LANGUAGE)
        entries = load_entries(LANGUAGE)
    except (ExoplanBotError, ExoplanError) as fault:
        yield Proof("", _faults(fault))
        return
    yield Proof(
        f"protocols: {', '.join(book.areas)}; {len(book.screening.flags)} health flags"
    )
    if not clinic_file.exists():
        what = "there is no such file; exoplan init writes it, --clinic names another"
        yield Proof("", (Finding(str(clinic_file), "", what),))
        clinic_file = DEMO_CLINIC  # so that all the rest is looked at nevertheless
    read = _read_clinic(clinic_file, book)
    if isinstance(read, Proof):
        yield read
        return
    clinic, proof = read
    yield proof
    offered = book if proof.findings else book_of(clinic)
    yield from _texts(clinic, book, said, entries, offered)


def _read_clinic(file: Path, book: ProtocolBook) -> tuple[ClinicProfile, Proof] | Proof:
    try:
        clinic = load_clinic(file)
    except ConfigError as fault:
        return Proof("", _faults(fault))
    findings = (
        *clinic_checks.complete(str(file), clinic),
        *clinic_checks.fits_protocols(str(file), clinic, book),
        *clinic_checks.likely(str(file), clinic, datetime.now(UTC).date()),
        *clinic_checks.claims_nothing(str(file), clinic),
    )
    return clinic, Proof(f"{file}: {clinic.name}, {clinic.country}", findings)


def _texts(
    clinic: ClinicProfile,
    book: ProtocolBook,
    said: Words,
    entries: tuple[Entry, ...],
    offered: ProtocolBook,
) -> Iterator[Proof]:
    """Everything that is shown, with all areas; and with this clinic's own ones."""
    broken = tuple(templates.parse(said.folder))
    many = templates.count(said.folder)
    if broken:
        yield Proof("", broken)
        return
    named = (
        *words.every_option(said, book),
        *words.every_question(said, book),
        *words.every_flag(said, book),
        *words.every_finding_of_the_engine(said, book),
    )
    if named:  # each would be met again on every screen that lacks the words
        yield Proof("", named)
        return
    by_id = {entry.id: entry for entry in entries}
    seen: list[Tour] = []
    with_team = {"staff_chat": _ANY_GROUP, "no_health_data": False}
    without_team = {"staff_chat": None, "no_health_data": False}
    without_health = {"no_health_data": True, "form_url": "https://example.org/form"}
    for changes in (with_team, without_team, {**with_team, **without_health}):
        whole = hours_said(clinic).model_copy(update=changes)
        protocols = book if whole.staff_chat else offered
        renderer = Renderer(said, whole, protocols, by_id)
        seen.append(tour(house_of(whole, protocols, entries), renderer))
    pressed = sum(one.pressed for one in seen)
    yield Proof(
        f"screens: {pressed} buttons pressed, each one is handled and renders",
        _each_once(finding for one in seen for finding in one.findings),
    )
    yield Proof(
        f"templates: {many}, each parses and is shown",
        tuple(templates.shown(said.folder, seen[0])),
    )
    yield Proof(
        "words: every answer, flag, button and finding has its own",
        (
            *words.every_row_of_a_drawing(said, book),
            *words.every_button_and_topic(said, seen, entries),
            *words.every_command(said),
        ),
    )
    renderer = Renderer(said, clinic, book, by_id)
    yield Proof(
        f"questions: {len(entries)}, each answers with numbers and without",
        tuple(faq.answers(entries, renderer, book)),
    )
    hardest = max(texts.grades(seen, book).values(), default=0.0)
    yield Proof(
        f"texts: reading grade at most {hardest:.1f}",
        tuple(texts.easy_to_read(seen, book)),
    )
    own = [said for _, said in clinic_checks.own_words(clinic)]
    claims = tuple(texts.claim_nothing(seen, book, own))
    yield Proof("texts: no forbidden claim", claims)


def hours_said(clinic: ClinicProfile) -> ClinicProfile:
    """A clinic as it is, with hours for visits where it says none.

    What is shown only where there are such hours is no fault of a clinic without.
    """
    hours = clinic.visiting_hours or _ANY_HOURS
    return clinic.model_copy(update={"visiting_hours": hours})


def _each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))


def _faults(fault: Exception) -> tuple[Finding, ...]:
    """One finding for each line of a fault that names its own place."""
    lines = [line for line in str(fault).splitlines() if line.strip()]
    own = lines[1:] if len(lines) > 1 else lines
    begins = " ".join((type(fault).__doc__ or "").split())
    return tuple(
        Finding("", "", line.strip().removeprefix(begins).strip()) for line in own
    )
