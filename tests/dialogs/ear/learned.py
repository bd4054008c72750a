"""What the ear learns from, and how.

A linear model over the grams of dialogs/ear.py: whether a message is an emergency, and
for each group and level, whether it is that one among emergencies. It never sees the
check half. What the word list makes of a message is no part of it: the list was
written with the same messages at hand, so its silence would teach a false calm.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression, RidgeClassifier

from dialogs.ear import Weights, grams
from dialogs.inputs import Level
from dialogs.triage import reading
from tests.dialogs.triage.halves import Half, messages

EXAMPLES = Path(__file__).parents[1] / "triage"
ALARMS = (Level.ASK, Level.SAME_DAY, Level.URGENT_NOW)

#: Grams that are kept of all that are heard at least twice.
KEPT = 30_000
#: Grams kept of each group.
KEPT_OF_A_GROUP = 500
#: Messages from which a group at a level is learned.
LEARNED_FROM = 20
#: Inverse strength with which large weights are held back.
FREEDOM = 20.0
#: The search for the best weights goes on until it is this near. Ended earlier, it ends
#: elsewhere whenever sums are added up in another order, as several threads do.
FOUND_WITHIN = 1e-7
#: Messages that one plain message by the makers of the word list counts for: they wrote
#: the widest talk of all, and one alarm in a thousand is the aim.
PLAIN_COUNTS = 4.0


@dataclass(frozen=True, slots=True)
class Example:
    """A message to learn from."""

    text: str  #: as typed
    grams: Sequence[str]  #: what the ear makes of it
    level: Level  #: how urgent it is
    group: str  #: its emergency group, "" for none
    voice: str  #: who wrote it, "" for who made the word list
    source: str  #: the pattern it was spelled out from, or the text itself
    lookalike: bool  #: calm, though it names what an emergency would

    @property
    def alarming(self) -> bool:
        """Whether it is an emergency or may be one."""
        return self.level in ALARMS

    @property
    def ordinary(self) -> bool:
        """Whether it is plain talk that names no sign."""
        return self.level is Level.NONE and not self.lookalike


def examples() -> list[Example]:
    """The tuning half, and the messages that must and must not fire."""
    read = reading("en")

    def heard(text: str) -> list[str]:
        return grams(read.said(read.read(text)))

    found = [
        Example(
            m.text,
            heard(m.text),
            m.level,
            m.group,
            m.voice,
            m.pattern or m.text,
            m.lookalike,
        )
        for m in messages(Half.TUNING)
    ]
    must_fire = tomllib.loads((EXAMPLES / "must_fire.toml").read_text("utf-8"))
    harmless = tomllib.loads((EXAMPLES / "harmless.toml").read_text("utf-8"))
    found.extend(
        Example(text, heard(text), Level(said["level"]), group, "", text, False)
        for group, said in must_fire.items()
        for text in said["messages"]
    )
    found.extend(
        Example(text, heard(text), Level.NONE, "", "", text, False)
        for text in harmless["messages"]
    )
    return found


@dataclass(frozen=True, slots=True)
class Learned:
    """A fitted model, as scikit-learn has it and as the ear reads it."""

    weights: Weights  #: as the ear reads it
    score: Callable[[Sequence[str]], float]  #: scikit-learn's score of some grams


def learned(of: Sequence[Example]) -> Learned:
    """Fit the model on some examples."""
    alarming = np.array([example.alarming for example in of])
    texts = [example.grams for example in of]
    every = CountVectorizer(analyzer=list, binary=True, min_df=2)
    counts = np.array([PLAIN_COUNTS if e.ordinary and not e.voice else 1.0 for e in of])
    kept = _weightiest(every, every.fit_transform(texts), alarming, counts)
    count = CountVectorizer(analyzer=list, binary=True, vocabulary=kept)
    rarity = TfidfTransformer()
    weighed = rarity.fit_transform(count.transform(texts))
    model = _model().fit(weighed, alarming, sample_weight=counts)

    def score(heard: Sequence[str]) -> float:
        row = rarity.transform(count.transform([heard]))
        return float(model.decision_function(row)[0])

    places = {gram: at for at, gram in enumerate(kept)}
    return Learned(
        Weights(
            grams=places,
            rarity=[float(r) for r in rarity.idf_],
            weight=[float(w) for w in model.coef_[0] * rarity.idf_],
            bias=float(model.intercept_[0]),
            groups=_groups(of, weighed, rarity.idf_),
        ),
        score,
    )


def _model() -> LogisticRegression:
    return LogisticRegression(C=FREEDOM, solver="liblinear", tol=FOUND_WITHIN)


def _weightiest(every: Any, counted: Any, alarming: Any, counts: Any) -> list[str]:
    weighed = TfidfTransformer().fit_transform(counted)
    model = _model().fit(weighed, alarming, sample_weight=counts)
    spread = np.sqrt(np.asarray(weighed.power(2).mean(axis=0)).ravel())
    names = every.get_feature_names_out()
    order = np.argsort(-np.abs(model.coef_[0]) * spread, kind="stable")[:KEPT]
    return sorted(names[order])


def _groups(
    of: Sequence[Example], weighed: Any, rarity: Any
) -> dict[str, tuple[float, dict[int, float]]]:
    urgent = [
        at for at, e in enumerate(of) if e.level in (Level.SAME_DAY, Level.URGENT_NOW)
    ]
    names = [f"{of[at].group} {of[at].level.value}" for at in urgent]
    learn = {name for name, number in Counter(names).items() if number >= LEARNED_FROM}
    kept_rows = [at for at, name in enumerate(names) if name in learn]
    rows = weighed[[urgent[at] for at in kept_rows]]
    spread = np.sqrt(np.asarray(rows.power(2).mean(axis=0)).ravel())
    model = RidgeClassifier(solver="sparse_cg", tol=FOUND_WITHIN)
    model.fit(rows, [names[at] for at in kept_rows])
    groups = {}
    for name, coefficients, bias in zip(
        model.classes_, model.coef_, model.intercept_, strict=True
    ):
        order = np.argsort(-np.abs(coefficients) * spread, kind="stable")
        kept = sorted(int(at) for at in order[:KEPT_OF_A_GROUP])
        weights = {at: float(coefficients[at] * rarity[at]) for at in kept}
        groups[str(name)] = (float(bias), weights)
    return groups
