"""What people read: easy enough, and without a claim that nobody may make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.checks.finding import Finding
from bot.checks.tour import Tour
from bot.texts.claims import forbidden
from bot.texts.grade import HARDEST_EMERGENCY_GRADE, HARDEST_GRADE, grade
from exoplan import ProtocolBook

#: Under so many words a grade means little.
MIN_WORDS_TO_GRADE = 30


def easy_to_read(seen: Iterable[Tour], book: ProtocolBook) -> Iterator[Finding]:
    """Texts for patients whose reading grade is too high, each template once."""
    for template, reached in sorted(grades(seen, book).items()):
        card = template.startswith("cards/")
        hardest = HARDEST_EMERGENCY_GRADE if card else HARDEST_GRADE
        if reached > hardest:
            what = f"reading grade {reached:.1f}, at most {hardest:.0f}"
            yield Finding("templates", template, what)


def grades(seen: Iterable[Tour], book: ProtocolBook) -> dict[str, float]:
    """The hardest reading grade of each template that patients read."""
    found: dict[str, float] = {}
    for tour in seen:
        for template in tour.for_patients:
            for text in tour.texts[template]:
                own = _our_words(text, book)
                if len(own.split()) >= MIN_WORDS_TO_GRADE:
                    found[template] = max(found.get(template, 0.0), grade(own))
    return found


def claim_nothing(
    seen: Iterable[Tour], book: ProtocolBook, elsewhere: Iterable[str] = ()
) -> Iterator[Finding]:
    """Forbidden wordings in anything that is shown, each once.

    What the texts `elsewhere` claim is left out: it is told of where it stands.
    """
    told = {claim.words for text in elsewhere for claim in forbidden(text, "clinic")}
    found: dict[Finding, None] = {}
    for tour in seen:
        for template, texts in tour.texts.items():
            for text in texts:
                for claim in forbidden(_our_words(text, book), template):
                    if claim.words in told:
                        continue
                    what = f"“{claim.words}”. {claim.reason} (… {claim.around} …)"
                    found[Finding("templates", template, what)] = None
    yield from found


def _our_words(text: str, book: ProtocolBook) -> str:
    """A text without the titles and headings of sources, which are not ours."""
    for heading in _headings(book):
        text = text.replace(heading, "")
    return text


def _headings(book: ProtocolBook) -> tuple[str, ...]:
    sources = (statement.source for statement in book.all_statements())
    names = {name for s in sources for name in (s.title, s.passage, *s.also)}
    return tuple(sorted(names, key=len, reverse=True))  # the longer one first
