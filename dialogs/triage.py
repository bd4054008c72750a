"""The emergency reading: every text, in every state, before anything else.

What people type when something is badly wrong is data (emergencies.toml). This file
judges how it is meant (meaning.toml): happening, asked about, denied, long over or said
in jest. Where that cannot be told, the answer is to ask whether it is happening now.
The same text always gives the same alarm, and the alarm says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from dialogs.inputs import Alarm, Level
from dialogs.phrases import (
    Found,
    Hit,
    Pattern,
    PatternError,
    Phrasebook,
    found_in,
)
from dialogs.spelling import COMMA, FULL_STOP, QUESTION, STOPS, Speller, read_shorthand

#: Words that a denial reaches ("no fever, chills or redness").
DENIAL_REACHES = 5
#: Words a sign of how it is meant may stand away from what it is said of.
MEANING_REACHES = 10
#: Words after a "will it" from which a fact that is told stands on its own.
TOLD_APART = 2

_RANK = {
    Level.NONE: 0,
    Level.INFORM: 1,
    Level.ASK: 2,
    Level.SAME_DAY: 3,
    Level.URGENT_NOW: 4,
}
#: A list in a group and the level at which its patterns fire; `now` is the group's own.
_LISTS = {"same_day": Level.SAME_DAY, "ask": Level.ASK, "topic": Level.INFORM}
_CARD_OF = {Level.SAME_DAY: "same_day"}
#: Lists of words that tell how a sentence is meant.
_SIGNS = (
    "hypothetical",
    "told",
    "about",
    "present",
    "personal",
    "past",
    "recent",
    "habitual",
    "resolved",
    "lifelong",
    "retracted",
    "jest",
)
_LANGUAGE = "en"


def triage(text: str) -> Alarm:
    """How urgent a text reads, which group of emergencies it names, and why."""
    return _reading(_LANGUAGE).alarm(text)


@dataclass(frozen=True, slots=True)
class _Rule:
    group: str
    key: str
    level: Level
    card: str
    pattern: Pattern
    joked: bool  #: its words are often used in jest
    certain: bool  #: "if" does not make it a mere question ("if this fails I …")
    late: bool  #: shows weeks or months later, so a long time ago is no comfort
    cards: Mapping[
        str, tuple[int, ...]
    ]  #: another card when one of these phrases stands


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Phrases and words that tell how a sentence is meant."""

    phrases: Mapping[str, int]
    negators: frozenset[str]
    spare: frozenset[str]
    barriers: frozenset[str]
    openers: frozenset[str]
    openers_of: frozenset[str]  #: openers only before one of the subjects
    modals: frozenset[str]  #: openers only before a subject or a thing
    things: frozenset[str]
    subjects: frozenset[str]
    no_openers_before: frozenset[str]
    greetings: frozenset[str]


@dataclass(slots=True)
class _Text:
    """One message as it is read: its words, what stands where, what is denied."""

    tokens: list[str]
    hits: dict[int, list[Hit]]
    sentence: list[int]  #: number of the sentence each token is in
    questions: frozenset[int] = frozenset()  #: sentences that end with "?"
    opened: dict[int, int] = field(
        default_factory=dict
    )  #: sentence to its "is", "can" …
    denied: dict[int, tuple[int, bool]] = field(default_factory=dict)


class _Reading:
    """The word files of one language, read once."""

    def __init__(self, language: str) -> None:
        folder = files("dialogs.words") / language
        speller = Speller(read_shorthand(language))
        self._speller = speller
        words = tomllib.loads((folder / "emergencies.toml").read_text("utf-8"))
        meaning = tomllib.loads((folder / "meaning.toml").read_text("utf-8"))
        self._book = Phrasebook(speller, words["families"], words["contexts"])
        self._idiom_book = Phrasebook(speller, words["families"])
        for idiom in meaning["idiom"]:
            self._idiom_book.phrase(idiom)
        self._meaning = _Meaning(
            phrases={sign: self._book.any_of(sign, meaning[sign]) for sign in _SIGNS},
            negators=frozenset(meaning["negators"]),
            spare=frozenset(meaning["spare"]),
            barriers=frozenset(meaning["barriers"]),
            openers=frozenset(meaning["openers"]),
            openers_of=frozenset(meaning["openers_of"]),
            modals=frozenset(meaning["modals"]),
            things=frozenset(meaning["things"]),
            subjects=frozenset(meaning["subjects"]),
            no_openers_before=frozenset(meaning["no_openers_before"]),
            greetings=frozenset(meaning["greetings"]),
        )
        self._rules = tuple(
            rule for group in words["group"] for rule in self._rules_of(group)
        )
        self._begun_by: dict[int, list[int]] = {}
        for number, rule in enumerate(self._rules):
            self._begun_by.setdefault(rule.pattern.near[0][0], []).append(number)

    def alarm(self, text: str) -> Alarm:
        """The most urgent thing that the text says."""
        seen = self._read(text)
        best = Alarm()
        for rule in self._within_reach(seen):
            if _RANK[rule.level] <= _RANK[best.level]:
                continue
            for found in found_in(rule.pattern, seen.hits):
                level, why = self._judge(rule, found, seen)
                if _RANK[level] > _RANK[best.level]:
                    best = self._alarm(rule, found, seen, level, why)
        return best

    def _within_reach(self, seen: _Text) -> list[_Rule]:
        """The rules whose first phrase stands in the text, in the order of the file."""
        numbers = {n for phrase in seen.hits for n in self._begun_by.get(phrase, ())}
        return [self._rules[number] for number in sorted(numbers)]

    def _rules_of(self, group: Mapping[str, object]) -> Iterator[_Rule]:
        own = Level(str(group["level"]))
        cards = {
            name: tuple(self._book.phrase(said) for said in _strings(group, name))
            for name in ("vision",)
            if name in group
        }
        for name, level in {"now": own, **_LISTS}.items():
            for said in _strings(group, name):
                yield _Rule(
                    group=str(group["id"]),
                    key=str(group["key"]),
                    level=level,
                    card=_CARD_OF.get(level, str(group["card"])),
                    pattern=self._book.pattern(said),
                    joked=bool(group.get("joked")),
                    certain=bool(group.get("certain")),
                    late=bool(group.get("late")),
                    cards=cards,
                )

    def _read(self, text: str) -> _Text:
        tokens = self._without_idioms([*self._speller.tokens(text), FULL_STOP])
        sentence, number = [], 0
        questions: set[int] = set()
        for token in tokens:
            sentence.append(number)
            if token == QUESTION:
                questions.add(number)
            number += token in (FULL_STOP, QUESTION)
        seen = _Text(tokens, self._book.hits(tokens), sentence, frozenset(questions))
        seen.opened = self._opened(tokens, sentence)
        self._deny(seen)
        return seen

    def _without_idioms(self, tokens: list[str]) -> list[str]:
        for hits in self._idiom_book.hits(tokens).values():
            for hit in hits:
                tokens[hit.start : hit.end] = ["_"] * (hit.end - hit.start)
        return tokens

    def _opened(self, tokens: Sequence[str], sentence: Sequence[int]) -> dict[int, int]:
        opened: dict[int, int] = {}
        begins = True
        for at, token in enumerate(tokens):
            if begins and self._opens(token, tokens[at + 1 : at + 2]):
                opened.setdefault(sentence[at], at)
            begins = token in STOPS or (begins and token in self._meaning.greetings)
        return opened

    def _opens(self, token: str, following: Sequence[str]) -> bool:
        meaning = self._meaning
        if token in meaning.openers_of:
            return not meaning.subjects.isdisjoint(following)
        if token in meaning.modals:
            return not (meaning.subjects | meaning.things).isdisjoint(following)
        return token in meaning.openers and meaning.no_openers_before.isdisjoint(
            following
        )

    def _deny(self, seen: _Text) -> None:
        tokens, meaning = seen.tokens, self._meaning
        for at, token in enumerate(tokens[:-1]):
            if token not in meaning.negators:
                continue
            following = tokens[at + 1]
            if following in meaning.spare or following in STOPS:
                continue
            reach, sure = at + DENIAL_REACHES, True
            for to in range(at + 1, len(tokens)):
                if to > reach or tokens[to] in meaning.barriers:
                    break
                if tokens[to] in (FULL_STOP, QUESTION):
                    break
                if tokens[to] in ("or", "nor", "and"):
                    reach = to + DENIAL_REACHES
                elif tokens[to] == COMMA:
                    reach = to + DENIAL_REACHES
                    sure = sure and "or" in tokens[to : to + DENIAL_REACHES]
                seen.denied.setdefault(to, (at, sure))

    def _judge(self, rule: _Rule, found: Found, seen: _Text) -> tuple[Level, str]:
        """The level at which a rule fires here, and what lowered it."""
        denied = self._denied(found, seen)
        if denied is True:
            return Level.NONE, "denied"
        asked = self._asked(rule, found, seen)
        if asked is not None:
            return min(asked[0], rule.level, key=_RANK.__getitem__), asked[1]
        if rule.level is Level.INFORM:
            return Level.NONE, "not asked about"
        for sign in () if rule.certain else ("lifelong", "retracted"):
            said = self._near(sign, found, seen)
            if said:
                return Level.INFORM, f"{sign}: {said}"
        doubt = "may be denied" if denied is False else self._doubt(rule, found, seen)
        if doubt:
            return Level.ASK, doubt
        return rule.level, ""

    def _denied(self, found: Found, seen: _Text) -> bool | None:
        """True when surely denied, False when perhaps, None when not at all."""
        own = {at for hit in found.hits for at in range(hit.start, hit.end)}
        perhaps = None
        for hit in found.hits:
            by = seen.denied.get(hit.start)
            if by is None or by[0] in own:
                continue
            if by[1]:
                return True
            perhaps = False
        return perhaps

    def _asked(
        self, rule: _Rule, found: Found, seen: _Text
    ) -> tuple[Level, str] | None:
        present = self._near("present", found, seen)
        sign = "" if rule.certain else self._supposed(found, seen)
        if sign and present:
            return Level.ASK, f"asked about ({sign}) but also: {present}"
        if sign:
            return Level.INFORM, f"asked about: {sign}"
        sentences = {seen.sentence[hit.start] for hit in found.hits}
        if present or self._near("personal", found, seen, apart=True):
            return None
        about = self._near("about", found, seen)
        last = len(seen.tokens)
        if about or all(seen.opened.get(s, last) < found.start for s in sentences):
            return Level.INFORM, f"asked about: {about or 'a question'}"
        if sentences <= seen.questions:
            urgent = rule.level is Level.URGENT_NOW
            return (Level.ASK if urgent else Level.INFORM), "a bare question"
        return None

    def _supposed(self, found: Found, seen: _Text) -> str:
        """The words that make it a mere "what if", unless facts are told as well."""
        for sign in self._hits_near("hypothetical", found, seen):
            if not self._told(sign, found, seen):
                return _words(sign, seen)
        return ""

    def _told(self, sign: Hit, found: Found, seen: _Text) -> bool:
        """Facts between the question and what was found, or before a later question."""
        told = self._hits_near("told", found, seen)
        if sign.start >= found.end:
            return any(hit.start < found.end for hit in told)
        return any(sign.end + TOLD_APART <= hit.start < found.end for hit in told)

    def _doubt(self, rule: _Rule, found: Found, seen: _Text) -> str:
        resolved = self._near("resolved", found, seen, apart=True)
        over = list(self._hits_near("resolved", found, seen)) if resolved else []
        present = any(
            not any(o.start <= hit.start and hit.end <= o.end for o in over)
            for hit in self._hits_near("present", found, seen)
        )  # "gone now" is not "now"
        if not present:
            if not rule.late and not self._near("recent", found, seen):
                past = self._near("past", found, seen)
                if past:
                    return f"long ago: {past}"
            habitual = self._near("habitual", found, seen, apart=True)
            if habitual and not rule.certain:
                return f"habitual: {habitual}"
            if resolved and not rule.certain:
                return f"resolved: {resolved}"
        if rule.joked:
            jest = self._near("jest", found, seen)
            if jest:
                return f"in jest: {jest}"
        return ""

    def _near(self, sign: str, found: Found, seen: _Text, apart: bool = False) -> str:
        """The words of a sign that stand by what was found, in the same sentence."""
        for hit in self._hits_near(sign, found, seen):
            between = found.start < hit.end and hit.start < found.end
            if not (apart and between and _overlaps(hit, found)):
                return _words(hit, seen)
        return ""

    def _hits_near(self, sign: str, found: Found, seen: _Text) -> Iterator[Hit]:
        first, last = seen.sentence[found.start], seen.sentence[found.end - 1]
        for hit in seen.hits.get(self._meaning.phrases[sign], ()):
            if not first <= seen.sentence[hit.start] <= last:
                continue
            before, after = found.start - hit.end, hit.start - found.end
            if max(before, after) <= MEANING_REACHES:
                yield hit

    def _alarm(
        self, rule: _Rule, found: Found, seen: _Text, level: Level, why: str
    ) -> Alarm:
        card = rule.card
        for name, phrases in rule.cards.items():
            if any(phrase in seen.hits for phrase in phrases):
                card = name
        words = " … ".join(
            " ".join(seen.tokens[hit.start : hit.end]) for hit in found.hits
        )
        reason = f"{rule.group} {rule.key}: '{words}' by {rule.pattern.text}"
        return Alarm(level, rule.group, card, f"{reason}; {why}" if why else reason)


def _words(hit: Hit, seen: _Text) -> str:
    return " ".join(seen.tokens[hit.start : hit.end])


def _overlaps(hit: Hit, found: Found) -> bool:
    return any(hit.start < own.end and own.start < hit.end for own in found.hits)


def _strings(group: Mapping[str, object], name: str) -> Sequence[str]:
    said = group.get(name, [])
    if not isinstance(said, list) or not all(isinstance(s, str) for s in said):
        raise PatternError(f"group {group.get('id')}: {name} is not a list of patterns")
    return said


@cache
def _reading(language: str) -> _Reading:
    return _Reading(language)
