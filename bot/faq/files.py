"""Questions as a clinic keeps them outside: CSV for a spreadsheet, YAML for an editor.

A file holds a list of rows. Of an entry: `id` (empty for a new one), `ask`, `phrasings`
(in CSV a line each), `answer`; what else is written is for reading only. Of a labelled
question: `text` and `entry` (empty where no entry answers it).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.faq.entries import Entry, FaqError
from bot.faq.labelled import Labelled
from bot.faq.own import Said, faults

#: Bytes of a file at most: far more than any clinic's questions.
MAX_BYTES = 10_000_000

_COLUMNS = ("id", "ask", "phrasings", "answer", "who", "holds_numbers")
_FORMULA = re.compile(r"[=+\-@\t\r]")

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Given:
    """An entry as a file gives it."""

    id: str  #: "" for a new one
    said: Said


def written(path: Path, entries: Iterable[Entry]) -> str:
    """The text of a file with these entries, in the form its name asks for.

    Raises:
        FaqError: the name ends otherwise than .csv, .yaml or .yml.
    """
    rows: list[dict[str, Any]] = [
        {
            "id": entry.id,
            "ask": entry.ask,
            "phrasings": list(entry.phrasings),
            "answer": entry.answer,
            "who": entry.who,
            "holds_numbers": entry.holds_numbers,
        }
        for entry in entries
    ]
    out = io.StringIO()
    if _is_csv(path):
        table = csv.writer(out)
        table.writerow(_COLUMNS)
        for row in rows:
            cells = {**row, "phrasings": "\n".join(row["phrasings"])}
            table.writerow([as_text(str(cells[name])) for name in _COLUMNS])
    else:
        from ruamel.yaml import YAML

        yaml: Any = YAML(typ="safe", pure=True)
        yaml.default_flow_style = False
        yaml.allow_unicode = True
        yaml.sort_base_mapping_type_on_output = False
        yaml.width = 1_000
        yaml.dump(rows, out)
    return out.getvalue()


def given(path: Path, leave: Collection[str]) -> list[Given]:
    """The entries of a file.

    Args:
        leave: ids of entries that are not to be read.

    Raises:
        FaqError: one line: the file, the row, the field, what is wrong.
    """
    found = []
    for place, row in _rows(path):
        name = _text(place, row, "id", needed=False)
        if name in leave:
            continue
        ask, answer = (_text(place, row, field) for field in ("ask", "answer"))
        said = Said(ask, _phrasings(place, row), answer)
        if wrong := faults(said):
            raise FaqError(f"{place}: {wrong[0]}")
        found.append(Given(name, said))
    return found


def labelled(path: Path, known: Sequence[str]) -> list[Labelled]:
    """The labelled questions of a file.

    Raises:
        FaqError: one line: the file, the row, the field, what is wrong.
    """
    found = []
    for place, row in _rows(path):
        entry = _text(place, row, "entry", needed=False)
        if entry and entry not in known:
            raise FaqError(f"{place}: entry: there is no {entry}")
        found.append(Labelled(_text(place, row, "text"), entry))
    return found


def as_text(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if _FORMULA.match(words) else words


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    is_csv = _is_csv(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FaqError(f"{path}: is larger than {MAX_BYTES // 1_000_000} MB")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise FaqError(f"{path}: cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise FaqError(f"{path}: is not UTF-8 text") from None
    rows = _csv(path, text) if is_csv else _yaml(path, text)
    for number, row in enumerate(rows, 1):
        yield f"{path}: row {number}", row


def _csv(path: Path, text: str) -> list[Row]:
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        return [
            {
                name: cell[1:] if cell[:1] == "'" and _FORMULA.match(cell[1:]) else cell
                for name, cell in row.items()
                if isinstance(name, str) and isinstance(cell, str)
            }
            for row in table
        ]
    except csv.Error as fault:
        raise FaqError(f"{path}: is not CSV ({fault})") from None


def _yaml(path: Path, text: str) -> list[Row]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        rows = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError) as fault:
        first = " ".join(str(fault).split())[:120]
        raise FaqError(f"{path}: is not YAML ({first})") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FaqError(f"{path}: is not a list of questions")
    return rows


def _is_csv(path: Path) -> bool:
    if path.suffix.lower() not in (".csv", ".yaml", ".yml"):
        raise FaqError(f"{path}: must end in .csv, .yaml or .yml")
    return path.suffix.lower() == ".csv"


def _text(place: str, row: Row, name: str, *, needed: bool = True) -> str:
    value = row.get(name, "")
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise FaqError(
            f"{place}: {name}: {'is missing' if not value else 'is no text'}"
        )
    return value.strip()


def _phrasings(place: str, row: Row) -> tuple[str, ...]:
    value = row.get("phrasings", "")
    lines = value.splitlines() if isinstance(value, str) else value
    if not isinstance(lines, list) or not all(isinstance(one, str) for one in lines):
        raise FaqError(f"{place}: phrasings: is not a list of texts")
    return tuple(line.strip() for line in lines if line.strip())
