"""A second opinion on the matcher: `python -m tests.bench.intents CORPUS.json …`.

On questions of other people about other things, in the shape of the NLU evaluation
corpora (Braun and others, SIGDIAL 2017): `sentences`, each with `text`, `intent` and
whether it is for `training`. The intent "None" is no entry: nothing is learned for it,
unless `--none` says so.
No corpus is shipped. Figures are of the closest entry, before any band.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import orjson

from bot.faq.entries import Entry
from bot.faq.match import Matcher
from bot.faq.sentences import Reads, sentence_model

NONE = "None"  # the intent of what is none of the others


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sentences with what each asks for."""

    learned: dict[str, list[str]]  #: by intent
    asked: list[tuple[str, str]]  #: text and intent, of the other sentences
    outside: list[str]  #: of the other sentences, those that ask for nothing known


def main() -> None:
    """A line for each corpus."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.intents")
    parser.add_argument("corpus", nargs="+", type=Path)
    parser.add_argument("--semantic", action="store_true")
    told = "learn the intent None like the others, as published figures have it"
    parser.add_argument("--none", action="store_true", help=told)
    given = parser.parse_args()
    model = sentence_model() if given.semantic else None
    for path in given.corpus:
        try:
            said = corpus(path, "" if given.none else NONE)
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as fault:
            parser.error(f"{path}: cannot be used: {fault}")
        print(
            f"{path.stem}: {right(said, model):.3f} of {len(said.asked)} right, "
            f"{len(said.learned)} intents, {len(said.outside)} outside left out"
        )


def corpus(path: Path, outside_is: str = NONE) -> Corpus:
    """A corpus as its file says it.

    Args:
        outside_is: the intent that is no entry; empty where each is one.

    Raises:
        KeyError: a sentence lacks a field; older files do not say what is for training.
    """
    learned: dict[str, list[str]] = defaultdict(list)
    asked, outside = [], []
    for one in orjson.loads(path.read_bytes())["sentences"]:
        text, intent = one["text"], one["intent"]
        if one["training"]:
            if intent != outside_is:
                learned[intent].append(text)
        elif intent == outside_is:
            outside.append(text)
        else:
            asked.append((text, intent))
    return Corpus(dict(learned), asked, outside)


def right(said: Corpus, model: Reads | None = None) -> float:
    """The share of questions whose closest entry is theirs."""
    entries = [_entry(name, texts) for name, texts in said.learned.items()]
    matcher = Matcher(entries, model=model)
    hits = sum(matcher.nearest(text)[0] == intent for text, intent in said.asked)
    return hits / max(1, len(said.asked))


def _entry(name: str, texts: list[str]) -> Entry:
    return Entry(
        id=name,
        ask=texts[0],
        topic="",
        phrasings=tuple(texts[1:]),
        who="general",
        holds_numbers=False,
        areas=(),
        only_area="",
        answer="",
        answer_closed="",
        answer_unset="",
        clinic_field="",
        sources=(),
        reviewed_by="",
        reviewed_on="",
    )


if __name__ == "__main__":
    main()
