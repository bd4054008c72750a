"""From entries and labelled questions to what finds the right one, ready to serve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.faq.bands import ENOUGH_LABELLED, WRONG_SHARE, Nearest, calibrate
from bot.faq.entries import Entry
from bot.faq.labelled import Labelled, shipped
from bot.faq.match import Matcher, breathing
from bot.faq.sentences import Reads


def learn(
    entries: Sequence[Entry],
    labelled: Sequence[Labelled] = (),
    language: str = "en",
    wrong_share: float = WRONG_SHARE,
    model: Reads | None = None,
) -> Matcher:
    """A matcher of these entries whose bands keep the promise.

    Args:
        labelled: the clinic's own labelled questions. Until there are enough of them,
            what the team wrote is offered and never answers.
        wrong_share: of all questions, answered wrongly: what is promised.
        model: reads what a text means as well; None: its words alone.
    """
    matcher = Matcher(entries, language, model)
    own = frozenset(entry.id for entry in entries if entry.plain)
    questions = (*shipped(language).calibration, *labelled)
    matcher.bands = calibrate(
        nearest(matcher, questions),
        wrong_share=wrong_share,
        only_offered=own if len(labelled) < ENOUGH_LABELLED else (),
    )
    return matcher


def nearest(matcher: Matcher, questions: Iterable[Labelled]) -> list[Nearest]:
    """What a matcher makes of labelled questions."""
    return [Nearest(one, *matcher.nearest(one.text)) for one in breathing(questions)]
