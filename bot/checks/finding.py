"""One thing that is wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    file: str  #: the file to mend, as its author knows it
    key: str  #: the place in it; empty where it is the whole file
    what: str  #: what is wrong

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.what) if part)
