"""Questions that the team answers at run time, beside those in the files.

A member of the team writes a draft, another approves it, and from then on it serves.
What they write is plain text: it is escaped where it is shown, and never a template.
All of it is sealed by the house; a patient's own words are kept only as a label, and
sealed with that patient's key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from bot.errors import KeyDestroyed
from bot.faq.entries import MAX_ASK_LETTERS, Entry, FaqError
from bot.faq.labelled import Labelled
from bot.faq.vocabulary import vocabulary
from bot.keys import KeyStore, place
from bot.store import faq, people
from bot.store.faq import EntryRow, LabelRow
from bot.texts.claims import forbidden
from dialogs.spelling import plain_tokens

MAX_ANSWER_LETTERS = 2_000  # of an answer, so that all fits under its question
MAX_PHRASING_LETTERS = 300
MAX_PHRASINGS = 200  # of one entry
MAX_DRAFT_LETTERS = 4_000  # of any part of a draft that is not finished

#: What stands in place of an answer that may name a number, while a plan is held.
_CLOSED = '{% include "_own_closed.html.j2" %}'

_ROMAN = re.compile(r"\b[IVX]{2,}\b")


@dataclass(frozen=True, slots=True)
class Said:
    """What a member of the team wrote down for one question."""

    ask: str  #: the question as it stands on a button
    phrasings: tuple[str, ...]  #: other ways to ask it
    answer: str  #: plain text


@dataclass(frozen=True, slots=True)
class Own:
    """One revision of an entry that the team wrote."""

    id: str  #: "C7"
    revision: int
    language: str
    said: Said
    status: str  #: draft, approved or retired
    written_by: bytes | None  #: keyed hash (`Roles.hash`); None: the command line
    written_at: datetime
    approved_by: bytes | None
    approved_at: datetime | None


def names_number(answer: str, language: str) -> bool:
    """Whether an answer may name a number, in figures or in words.

    True where in doubt: such an answer is not shown while somebody's plan is held.
    """
    if _holds_figure(answer) or _ROMAN.search(answer):
        return True
    return not vocabulary(language).numbers.isdisjoint(plain_tokens(answer))


def _holds_figure(text: str) -> bool:
    return any(unicodedata.category(sign) in ("Nd", "Nl", "No") for sign in text)


def faults(said: Said) -> tuple[str, ...]:
    """Why this cannot be kept, in short words; empty where it can."""
    found = []
    if not 0 < len(said.ask) <= MAX_ASK_LETTERS:
        found.append(f"ask: needs 1 to {MAX_ASK_LETTERS} letters, to stand on a button")
    if _holds_figure(said.ask):
        found.append("ask: holds a figure, which people on hold would see")
    if not 0 < len(said.answer) <= MAX_ANSWER_LETTERS:
        found.append(f"answer: needs 1 to {MAX_ANSWER_LETTERS} letters")
    if len(said.phrasings) > MAX_PHRASINGS:
        found.append(f"phrasings: at most {MAX_PHRASINGS}")
    if any(not 0 < len(one) <= MAX_PHRASING_LETTERS for one in said.phrasings):
        found.append(f"phrasings: each needs 1 to {MAX_PHRASING_LETTERS} letters")
    found += [
        f"answer: must not say “{claim.words}”: {claim.reason}"
        for claim in forbidden(said.answer, "own")
    ]
    return tuple(found)


def write_draft(
    connection: Connection,
    keys: KeyStore,
    said: Said,
    *,
    key: str,
    language: str,
    by: bytes | None,
    now: datetime,
    entry: str = "",
    finished: bool = True,
) -> str:
    """Keep a draft; the id of its entry ("C7").

    Args:
        key: names what brought it about (such as "staff:<update_id>"); the same key a
            second time changes nothing.
        by: keyed hash of who wrote it; None for the command line.
        entry: of which it is a new wording; empty for a new entry.
        finished: False where `faults` are put right before somebody approves it.

    Raises:
        FaqError: it is too long, or claims what may not be claimed.
    """
    if finished and (wrong := faults(said)):
        raise FaqError("; ".join(wrong))
    if any(len(part) > MAX_DRAFT_LETTERS for part in (said.ask, said.answer)):
        raise FaqError(f"a draft has at most {MAX_DRAFT_LETTERS} letters")
    body = orjson.dumps(
        {"ask": said.ask, "phrasings": said.phrasings, "answer": said.answer}
    )
    row = {
        "key": key,
        "language": language,
        "body": keys.seal(keys.house, place("faq_entries", "body", key), body),
        "written_by": by,
        "written_at": now,
    }
    return faq.add(connection, row, entry)


def revision(
    connection: Connection, keys: KeyStore, entry: str, number: int
) -> Own | None:
    """One revision of an entry, locked until the transaction ends; None: none such."""
    row = faq.revision(connection, entry, number)
    return None if row is None else opened(row, keys)


def revisions(connection: Connection, keys: KeyStore, *status: str) -> list[Own]:
    """Every revision that stands so (draft, approved, retired), the oldest first."""
    return [opened(row, keys) for row in faq.entries(connection, *status)]


def approve(
    connection: Connection, entry: str, number: int, by: bytes | None, now: datetime
) -> bool:
    """Serve a draft, in place of the revision before; False where it is none (more).

    Who may approve what is for the caller to see to.
    """
    row = faq.revision(connection, entry, number)
    return row is not None and faq.approve(connection, row.id, by, now)


def drop(connection: Connection, entry: str, now: datetime) -> bool:
    """Drop the drafts of an entry; False where there were none.

    What serves goes on serving.
    """
    return faq.drop(connection, entry, now)


def retire(connection: Connection, entry: str, now: datetime) -> bool:
    """Serve an entry no more, and drop its drafts; False where none was left."""
    return faq.retire(connection, entry, now)


def label(
    connection: Connection,
    keys: KeyStore,
    question: Labelled,
    *,
    key: str,
    language: str,
    by: bytes | None,
    now: datetime,
    person: int | None = None,
    at_once: bool = True,
) -> bool:
    """Keep a question with the entry it asks; False where this key was kept before.

    Args:
        key: names what brought it about; the same key a second time changes nothing.
        person: whose words they are: sealed with their key, and gone when they are
            erased. None where the words are the team's own.
        at_once: have the bot learn it now, and not together with others.
    """
    key_id = keys.house
    if person is not None:
        key_id = people.by_id(connection, [person])[person].key_id
    words = question.text[:MAX_PHRASING_LETTERS].encode()
    row = {
        "key": key,
        "entry": question.entry,
        "language": language,
        "person_id": person,
        "body": keys.seal(key_id, place("faq_labels", "body", key), words),
        "labelled_by": by,
        "at": now,
    }
    return faq.add_label(connection, row, at_once)


def legible(rows: Iterable[LabelRow], keys: KeyStore) -> list[Labelled]:
    """Labelled questions whose words can still be read."""
    found = []
    for row in rows:
        at = place("faq_labels", "body", row.key)
        try:
            words = keys.open(row.key_id or keys.house, at, row.body)
        except KeyDestroyed:  # of somebody erased this moment
            continue
        if row.entry.startswith(faq.NOT):
            wrong = row.entry.removeprefix(faq.NOT)
            found.append(Labelled(words.decode(), "", wrong=wrong))
        else:
            found.append(Labelled(words.decode(), row.entry))
    return found


def as_entry(own: Own, areas: Sequence[str]) -> Entry:
    """As the matcher, the conversation and the renderer know an entry.

    Args:
        areas: every area, whose numbers an answer with numbers may name.
    """
    numbers = names_number(f"{own.said.ask} {own.said.answer}", own.language)
    return Entry(
        id=own.id,
        ask=own.said.ask,
        topic="",
        phrasings=own.said.phrasings,
        who="clinic",
        holds_numbers=numbers,
        areas=tuple(areas) if numbers else (),
        only_area="",
        answer=own.said.answer,
        answer_closed=_CLOSED if numbers else "",
        answer_unset="",
        clinic_field="",
        sources=(),
        reviewed_by="",
        reviewed_on="",
        plain=True,
    )


def opened(row: EntryRow, keys: KeyStore) -> Own:
    """A revision as its words can be read."""
    at = place("faq_entries", "body", row.key)
    body = orjson.loads(keys.open(keys.house, at, row.body))
    return Own(
        id=row.entry,
        revision=row.revision,
        language=row.language,
        said=Said(body["ask"], tuple(body["phrasings"]), body["answer"]),
        status=row.status,
        written_by=row.written_by,
        written_at=row.written_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )
