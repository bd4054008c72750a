"""What no text may say: cures, promises, comparisons, advice on medicine, titles.

The words are data, templates/<language>/claims.toml, each with its reason. They are
looked for in texts as they are rendered, so that no template can slip by in pieces.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from bot.texts.grade import plain


@dataclass(frozen=True, slots=True)
class Finding:
    """One forbidden wording in a text."""

    words: str  #: as they stand in the text
    reason: str  #: why they may not
    around: str  #: a little of the text around them


@dataclass(frozen=True, slots=True)
class _Exception:
    key: str  #: of the texts it holds for, with * for any ending
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Claims:
    forbidden: tuple[tuple[re.Pattern[str], str], ...]
    exceptions: tuple[_Exception, ...]


#: Letters shown to either side of a finding.
_AROUND = 30
_LANGUAGE = "en"


def forbidden(text: str, key: str) -> tuple[Finding, ...]:
    """Every forbidden wording of a rendered text, in the order they stand.

    `key` names the text ("plan", "faq/Q06"), for exceptions that hold for it alone.
    """
    claims = _claims(_LANGUAGE)
    read = re.sub(r"\s+", " ", plain(text))
    excused = [
        found.span()
        for exception in claims.exceptions
        if fnmatchcase(key, exception.key)
        for found in exception.words.finditer(read)
    ]
    findings = [
        (found.start(), Finding(found.group(), reason, _around(read, found)))
        for pattern, reason in claims.forbidden
        for found in pattern.finditer(read)
        if not any(a <= found.start() and found.end() <= b for a, b in excused)
    ]
    return tuple(finding for _, finding in sorted(findings, key=lambda f: f[0]))


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - _AROUND) : found.end() + _AROUND].strip()


@cache
def _claims(language: str) -> _Claims:
    path = files("templates") / language / "claims.toml"
    said = tomllib.loads(path.read_text("utf-8"))
    return _Claims(
        forbidden=tuple(
            (re.compile(claim["pattern"], re.IGNORECASE), claim["reason"])
            for claim in said["forbidden"]
        ),
        exceptions=tuple(
            _Exception(
                reviewed["key"],
                re.compile(re.escape(reviewed["words"]), re.IGNORECASE),
            )
            for reviewed in said["exception"]
        ),
    )
