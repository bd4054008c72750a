"""Exosomes beside PRP, each in its own units. No row compares effect."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from exoplan.book import ProtocolBook
from exoplan.model import PRP, Json, Statement, Topic


class CellKind(StrEnum):
    """How far a cell reaches."""

    AREA = "area"  # the area's own line: it goes first
    GENERAL = "general"  # names no area
    TABLE = "table"  # the source's table, kept beside the area's own line


@dataclass(frozen=True, slots=True)
class Cell:
    """One statement in the comparison."""

    statement: Statement  #: what is said, in its own unit
    kind: CellKind  #: how far it reaches

    def to_json(self) -> Json:
        """The statement with its source, and how far it reaches."""
        return {"kind": str(self.kind), "statement": self.statement.to_json()}


@dataclass(frozen=True, slots=True)
class Row:
    """One feature, exosomes on one side and PRP on the other."""

    id: str  #: what is compared
    exosome: tuple[Cell, ...]  #: empty where withheld or not carried
    prp: tuple[Cell, ...]  #: empty where withheld or not carried

    def to_json(self) -> Json:
        """Both sides."""
        return {
            "id": self.id,
            "exosome": [cell.to_json() for cell in self.exosome],
            "prp": [cell.to_json() for cell in self.prp],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows, for one area or for none; it does not show that one works better."""

    area: str | None  #: id of the area; None = in general
    rows: tuple[Row, ...]  #: in a fixed order
    withheld: frozenset[str]  #: sides whose visits a health answer closed

    def to_json(self) -> Json:
        """All rows in plain values, each number beside its source."""
        return {
            "area": self.area,
            "withheld": sorted(self.withheld),
            "rows": [row.to_json() for row in self.rows],
        }


#: Row, topic of both sides, topic of the general table on the exosome side.
_ROWS = (
    ("source", Topic.PRODUCT_SOURCE, Topic.PRODUCT_SOURCE),
    ("first_visits", Topic.SESSIONS, Topic.TABLE_SESSIONS),
    ("upkeep", Topic.UPKEEP, Topic.TABLE_UPKEEP),
    ("downtime_product", Topic.DOWNTIME_PRODUCT, Topic.DOWNTIME_PRODUCT),
    ("downtime_procedure", Topic.DOWNTIME_PROCEDURE, Topic.DOWNTIME_PROCEDURE),
    ("growth_factors", Topic.GROWTH_FACTORS, Topic.GROWTH_FACTORS),
)
_VISITS = ("first_visits", "upkeep")
#: The exosome side of a comparison, where it is withheld.
EXOSOME = "exosome"


def compare(
    book: ProtocolBook, area: str | None = None, closed: Collection[str] = ()
) -> Comparison:
    """Exosomes beside PRP for an area, or in general.

    ``closed`` is what health answers closed (``plan.closes``): figures about visits are
    left out on the sides it touches. Raises UnknownArea.
    """
    own = book.area(area) if area is not None else None
    # the table's figures name no area, so that any closed area withholds them
    withheld = {EXOSOME} if set(closed) - {PRP} else set()
    if closed:
        withheld.add(PRP)
    area_open = own is not None and own.id not in closed
    rows = []
    for id, topic, table_topic in _ROWS:
        visits = id in _VISITS
        own_lines = own.about(topic) if own and (area_open or not visits) else ()
        table = book.general.about(table_topic)
        prp = book.prp.about(topic)
        if visits and EXOSOME in withheld:
            table = ()
        if visits and PRP in withheld:
            prp = ()
        table_kind = CellKind.TABLE if own_lines else CellKind.GENERAL
        rows.append(
            Row(
                id,
                (
                    *(Cell(one, CellKind.AREA) for one in own_lines),
                    *(Cell(one, table_kind) for one in table),
                ),
                tuple(Cell(one, CellKind.GENERAL) for one in prp),
            )
        )
    return Comparison(area, tuple(rows), frozenset(withheld))
