"""All protocols together, checked against one another and against the health flags."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from exoplan.errors import ProtocolError, UnknownArea, UnknownStatement
from exoplan.model import (
    GENERAL,
    PRP,
    ClinicStatement,
    Condition,
    Range,
    Rule,
    Statement,
    Topic,
    Unit,
)
from exoplan.protocol import MONTHS_IN_A_YEAR, Kind, Protocol, read_protocol
from exoplan.screening import (
    EVERYBODY,
    RADIOFREQUENCY,
    Implication,
    Screening,
    read_screening,
    widened,
)


@dataclass(frozen=True, slots=True)
class ProtocolBook:
    """Every area, PRP, what is said in general, and the flags that close them."""

    protocols: tuple[Protocol, ...]  #: the areas, in their order
    prp: Protocol  #: what is said about PRP, which names no area
    general: Protocol  #: what is said without naming an area
    screening: Screening  #: the health flags, knowing these areas
    clinic_statements: tuple[ClinicStatement, ...] = ()  #: beside, never instead
    closed_areas: frozenset[str] = frozenset()  #: areas the clinic does not offer

    @property
    def areas(self) -> tuple[str, ...]:
        """The ids of all areas, in their order."""
        return tuple(one.id for one in self.protocols)

    @property
    def open_areas(self) -> tuple[str, ...]:
        """The ids of the areas the clinic offers."""
        return tuple(one for one in self.areas if one not in self.closed_areas)

    def area(self, area: str) -> Protocol:
        """The protocol of one area; raises UnknownArea."""
        for one in self.protocols:
            if one.id == area:
                return one
        raise UnknownArea(f"{area!r} is none of {', '.join(self.areas)}")

    def statement(self, id: str) -> Statement:
        """The statement of this id, a factor's too; raises UnknownStatement."""
        for one in self.all_statements():
            if one.id == id:
                return one
        raise UnknownStatement(repr(id))

    def all_statements(self) -> tuple[Statement, ...]:
        """Every statement of every protocol, factors included."""
        return tuple(
            statement
            for one in (*self.protocols, self.prp, self.general)
            for statement in (*one.statements, *(f.statement for f in one.factors))
        )

    def clinic_says(self, area: str) -> tuple[ClinicStatement, ...]:
        """What the clinic adds about one area."""
        return tuple(one for one in self.clinic_statements if one.area == area)


def load_book(
    extra: Path | None = None,
    clinic_statements: Iterable[ClinicStatement] = (),
    closed_areas: Iterable[str] = (),
) -> ProtocolBook:
    """The packaged protocols, with a clinic's own areas, words and closures.

    ``extra`` is one more protocol text, or a folder of them. Raises ProtocolError
    naming file, table and key; UnknownArea where the clinic names no area of ours.
    """
    texts = [*_tomls(files("exoplan").joinpath("protocols")), *_extra_texts(extra)]
    read = [read_protocol(text) for text in texts]
    _refuse_shared_ids(read)
    areas = tuple(
        sorted(
            (one for one in read if one.kind is Kind.AREA),
            key=lambda one: (one.order, one.id),
        )
    )
    book = ProtocolBook(
        protocols=areas,
        prp=_only(read, Kind.PRP),
        general=_only(read, Kind.GENERAL),
        screening=_screening_for(areas),
        clinic_statements=tuple(clinic_statements),
        closed_areas=frozenset(closed_areas),
    )
    _check_factors(book)
    for one in (*areas, book.prp, book.general):
        _check_derived(one)
    for one in areas:
        _check_fits_in_time(one)
    for area in (*(c.area for c in book.clinic_statements), *book.closed_areas):
        book.area(area)
    return book


def load_screening(book: ProtocolBook | None = None) -> Screening:
    """The health flags as they stand for the areas of ``book`` (the packaged ones)."""
    return (book or load_book()).screening


def belonging(
    candidates: Iterable[Statement], applies: tuple[Condition, ...]
) -> Statement | None:
    """The candidate made for the same answers, else the one made for all of them."""
    found = {one.applies: one for one in candidates}
    return found.get(applies) or found.get(())


def _tomls(folder: Traversable) -> list[Traversable]:
    found = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    return sorted(found, key=lambda one: one.name)


def _extra_texts(extra: Path | None) -> list[Traversable]:
    if extra is None:
        return []
    if extra.is_dir():
        return _tomls(extra)
    return [extra]


def _only(read: Iterable[Protocol], kind: Kind) -> Protocol:
    first, *more = [one for one in read if one.kind is kind]
    for one in more:
        raise ProtocolError(one.file, "[protocol] kind", f"there is a {kind} already")
    return first


def _refuse_shared_ids(read: Iterable[Protocol]) -> None:
    seen: dict[str, str] = {}
    for protocol in read:
        if protocol.kind is Kind.AREA and protocol.id in (PRP, GENERAL, EVERYBODY):
            raise ProtocolError(protocol.file, "[protocol] id", "is taken")
        for id in (
            f"[protocol] {protocol.id}",
            *(statement.id for statement in protocol.statements),
            *(factor.id for factor in protocol.factors),
        ):
            if id in seen:
                raise ProtocolError(protocol.file, id, f"is in {seen[id]} too")
            seen[id] = protocol.file


def _screening_for(areas: tuple[Protocol, ...]) -> Screening:
    packaged = read_screening()
    known = {flag.id: flag for flag in packaged.flags}
    implications: list[Implication] = []
    also_asked: list[tuple[str, str]] = []
    for area in areas:
        implied = [(one, one.implies) for one in area.places if one.implies]
        for flag_id in (*area.health, *(flag_id for _, flag_id in implied)):
            if flag_id not in known:
                raise ProtocolError(area.file, area.id, f"unknown flag {flag_id}")
            scope = known[flag_id].scope
            if PRP in scope or RADIOFREQUENCY in scope:
                raise ProtocolError(area.file, area.id, f"{flag_id} closes no area")
            if EVERYBODY not in scope and area.id not in scope:
                also_asked.append((area.id, flag_id))
        implications += [
            Implication("site", place.id, flag_id, area.id)
            for place, flag_id in implied
        ]
    return widened(packaged, tuple(area.id for area in areas), also_asked, implications)


def _check_factors(book: ProtocolBook) -> None:
    general = {factor.id for factor in book.general.factors}
    for one in (*book.protocols, book.prp, book.general):
        for factor in one.factors:
            if factor.instead_of is not None and factor.instead_of not in general:
                raise ProtocolError(
                    one.file, factor.id, f"no general factor {factor.instead_of}"
                )


def _check_derived(protocol: Protocol) -> None:
    """What we derive must follow from what is published, number by number."""
    stated = {one.id: one for one in protocol.statements if one.derived is None}
    for statement in protocol.statements:
        if statement.derived is None:
            continue
        parents = [stated.get(id) for id in statement.derived.of]
        if len(parents) != 1 or parents[0] is None:
            raise ProtocolError(
                protocol.file, statement.id, "derives from one published statement"
            )
        if statement.value != _follows(statement.derived.rule, parents[0]):
            raise ProtocolError(
                protocol.file,
                statement.id,
                f"does not follow from {parents[0].id} by {statement.derived.rule}",
            )


def _follows(rule: Rule, parent: Statement) -> Range | None:
    value = parent.value
    if not isinstance(value, Range):
        return None
    if rule is Rule.COUNTED_FROM_LAST_VISIT:
        return value
    if rule is Rule.YEAR_SHARED_BY_VISITS and value.unit is Unit.PER_YEAR:
        return Range(_shared(value.high), _shared(value.low), Unit.MONTH)
    return None


def _shared(visits: int | None) -> int | None:
    """Months between the visits of a year; None where they are no whole number."""
    if not visits or MONTHS_IN_A_YEAR % visits:
        return None
    return MONTHS_IN_A_YEAR // visits


def _check_fits_in_time(area: Protocol) -> None:
    """Each count of visits must be possible with its spacing inside its window."""
    for topic in (Topic.SPACING, Topic.WINDOW):
        seen: set[tuple[Condition, ...]] = set()
        for one in area.about(topic):
            if one.applies in seen:
                raise ProtocolError(
                    area.file, one.id, f"a second {topic} for the same answers"
                )
            seen.add(one.applies)
            if not isinstance(one.value, Range):
                raise ProtocolError(area.file, one.id, "must be a range, or left out")
    for sessions in area.about(Topic.SESSIONS):
        spacing = belonging(area.about(Topic.SPACING), sessions.applies)
        window = belonging(area.about(Topic.WINDOW), sessions.applies)
        gap = spacing.value if spacing else None
        whole = window.value if window else None
        count = sessions.value
        if not (
            isinstance(count, Range)
            and isinstance(gap, Range)
            and isinstance(whole, Range)
        ):
            continue
        if gap.unit is not whole.unit:
            raise ProtocolError(
                area.file, sessions.id, "its spacing and its window differ in unit"
            )
        most = count.high or count.low or 1
        if whole.high is not None and (most - 1) * (gap.low or 0) > whole.high:
            raise ProtocolError(area.file, sessions.id, "does not fit in its window")
