"""Countries by their ISO 3166 codes and their time zones, from tzdata's own tables."""

from __future__ import annotations

import re
from importlib.resources import files

#: Codes that ISO leaves for everybody's own use, such as the made-up clinic's.
_OWN_USE = re.compile(r"AA|Q[M-Z]|X[A-Z]|ZZ")


def is_country(code: str) -> bool:
    """Whether two capital letters are a country's, or free for everybody's own use."""
    known = {row[0] for row in _rows("iso3166.tab")}
    return code in known or _OWN_USE.fullmatch(code) is not None


def time_zone_of(code: str) -> str | None:
    """The one zone of a country; None where it has several, or none is known."""
    zones = [row[2] for row in _rows("zone.tab") if row[0] == code]
    return zones[0] if len(zones) == 1 else None


def _rows(table: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", table).read_text(encoding="utf-8")
    return [row.split("\t") for row in text.splitlines() if not row.startswith("#")]
