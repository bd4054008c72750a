"""The emergency reading: every text, in every state, before anything else.

What people type when something is badly wrong is data (emergencies.toml). This file
judges how it is meant (meaning.toml): happening, asked about, denied, long over or said
in jest. Where that cannot be told, the answer is to ask whether it is happening now.
A second ear (ear.py) weighs the same words as a whole: it raises what no list holds,
and lets go what a single word made of small talk.
The same text always gives the same alarm, and the alarm says why.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

from dialogs.clauses import Breaks, clauses
from dialogs.ear import Ear, Heard, Said, Trust, read_trust, read_weights
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

#: Words between what was found and a "normal after" that is asked of it.
VERDICT_WITHIN = 1
#: Words after "can i" and its like that speak of a treatment yet to come.
PLAN_REACHES = 6

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
#: Signs that make no more of a milder alarm than information.
_EXCUSES = {
    Level.SAME_DAY: ("other_cause", "years"),
    Level.ASK: ("mild", "years", "habitual"),
}
#: Lists of words that tell how a sentence is meant.
_SIGNS = (
    "hypothetical",
    "told",
    "about",
    "verdict",
    "present",
    "personal",
    "past",
    "recent",
    "habitual",
    "years",
    "resolved",
    "lifelong",
    "retracted",
    "harmless",
    "mild",
    "other_cause",
    "plans",
    "jest",
)
_LANGUAGE = "en"
#: Levels that hold nobody up.
QUIET = (Level.NONE, Level.INFORM)
#: Words beside those that fired without which the ear has too little to go by.
WORDS_TO_CALM = 2


def triage(text: str) -> Alarm:
    """How urgent a text reads, which group of emergencies it names, and why."""
    return reading(_LANGUAGE).alarm(text)


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
    openers: Mapping[str, frozenset[str]]  #: word to what must follow, if anything
    greetings: frozenset[str]


@dataclass(slots=True)
class Text:
    """One message as it is read: its words, what stands where, what is denied."""

    tokens: list[str]
    hits: dict[int, list[Hit]]
    clause: list[int]  #: number of the clause each token is in
    questions: frozenset[int] = frozenset()  #: clauses that end with "?"
    opened: dict[int, int] = field(default_factory=dict)  #: clause to its "is", "can" …
    denied: dict[int, tuple[int, bool]] = field(default_factory=dict)
    elsewhere: Mapping[int, Sequence[Hit]] = field(
        default_factory=dict
    )  #: hits that are neither denied nor of a treatment yet to come


class Reading:
    """How a text reads by the word files of one language, and by ear."""

    def __init__(self, language: str) -> None:
        self._language = language
        folder = files("dialogs.words") / language
        speller = Speller(read_shorthand(language))
        self._speller = speller
        words = tomllib.loads((folder / "emergencies.toml").read_text("utf-8"))
        meaning = tomllib.loads((folder / "meaning.toml").read_text("utf-8"))
        self._book = Phrasebook(speller, words["families"], words["contexts"])
        self._idiom_book = Phrasebook(speller, words["families"])
        for idiom in meaning["idiom"]:
            self._idiom_book.phrase(idiom)
        self._breaks = Breaks.of(meaning["clauses"])
        self._meaning = _Meaning(
            phrases={sign: self._book.any_of(sign, meaning[sign]) for sign in _SIGNS},
            negators=frozenset(meaning["negators"]),
            spare=frozenset(meaning["spare"]),
            barriers=frozenset(meaning["barriers"]),
            openers={
                word: frozenset(opener.get("before", ()))
                for opener in meaning["opener"]
                for word in opener["words"]
            },
            greetings=frozenset(meaning["greetings"]),
        )
        self._rules = tuple(
            rule for group in words["group"] for rule in self._rules_of(group)
        )
        self._families = {
            self._book.any_of(f"family {name}", said): name
            for name, said in words["families"].items()
        }
        self._signs = {phrase: name for name, phrase in self._meaning.phrases.items()}
        self._groups = {str(group["id"]): group for group in words["group"]}
        common = Counter(p for rule in self._rules for p in rule.pattern.phrases)
        #: Rules by that phrase of theirs which the fewest others need.
        self._known_by: dict[int, list[int]] = {}
        for number, rule in enumerate(self._rules):
            rarest = min(
                rule.pattern.phrases, key=lambda phrase: (common[phrase], phrase)
            )
            self._known_by.setdefault(rarest, []).append(number)

    @cached_property
    def ear(self) -> Ear:
        """What weighs the words; its weights are read with the first text."""
        return Ear(read_weights(self._language))

    @cached_property
    def trust(self) -> Trust:
        """How far the ear is believed."""
        return read_trust(self._language)

    def alarm(self, text: str) -> Alarm:
        """The most urgent thing that the text says."""
        seen = self.read(text)
        said = self.said(seen)
        heard, trust = self.ear.hear(said), self.trust
        first, firm, found = self.by_words(seen)
        if first.level in QUIET:
            if heard.score < trust.asks_from:
                return first
            raised = self.by_ear(seen, heard, self.ear, self.trust)
            return raised if _RANK[raised.level] > _RANK[first.level] else first
        if firm or found is None or heard.score >= trust.asks_below:
            return first
        score = max(heard.score, self._alone(found, seen, said, self.ear))
        if score < trust.calms_below:
            return self.by_words(seen, firmly=True)[0]
        if score < trust.asks_below and first.level is not Level.ASK:
            unlikely = f"{first.reason}; unlikely by ear ({score:.1f})"
            return Alarm(Level.ASK, first.group, first.card, unlikely)
        return first

    def said(self, seen: Text) -> Said:
        """The text as the ear is given it."""
        words = [
            "!" + token if at in seen.denied and token not in STOPS else token
            for at, token in enumerate(seen.tokens)
        ]
        families = [
            (name, hit.start, hit.end)
            for phrase, name in self._families.items()
            for hit in seen.hits.get(phrase, ())
        ]
        signs = [name for phrase, name in self._signs.items() if phrase in seen.hits]
        return Said(words, families, signs)

    def by_ear(self, seen: Text, by: Heard, ear: Ear, trust: Trust) -> Alarm:
        """The alarm that the ear raises, judged by how its weightiest words stand."""
        group_id, level = ear.likeliest(by).split()
        group = self._groups[group_id]
        weighed = tuple(Hit(at, at + 1) for at in ear.because(by)) or (Hit(0, 1),)
        heard = Level(level)
        rule = _Rule(
            group=group_id,
            key=str(group["key"]),
            level=heard,
            card=_CARD_OF.get(heard, str(group["card"])),
            pattern=Pattern(f"ear ({by.score:.1f})", (), (), frozenset()),
            joked=True,
            certain=False,
            late=bool(group.get("late")),
            cards=self._cards(group),
        )
        found = Found(weighed)
        judged, why = self._judge(rule, found, seen)
        sure = by.score >= trust.sure_from
        if judged is Level.NONE or (why and not sure):
            return Alarm()  # a weight alone does not outweigh a denial or a doubt
        if not sure:
            judged = min(judged, Level.ASK, key=_RANK.__getitem__)
        return self._alarm(rule, found, seen, judged, why)

    def _alone(self, found: Found, seen: Text, said: Said, ear: Ear) -> float:
        """The score of the clause that fired, whatever else is said around it."""
        mine = {seen.clause[hit.start] for hit in found.hits}
        inside = [at for at, clause in enumerate(seen.clause) if clause in mine]
        return ear.hear(said.part(inside[0], inside[-1] + 1)).score

    def by_words(
        self, seen: Text, firmly: bool = False
    ) -> tuple[Alarm, bool, Found | None]:
        """What the word list makes of it, whether firmly so, and where it fired.

        Firm is what takes several words, what is certain, and a text of hardly more
        than the words that fired. With `firmly` nothing else is heeded.
        """
        best, firm, at = Alarm(), False, None
        for rule in self._within_reach(seen):
            if _RANK[rule.level] <= _RANK[best.level]:
                continue
            for found in found_in(rule.pattern, seen.hits, seen.elsewhere):
                level, why = self._judge(rule, found, seen)
                if _RANK[level] <= _RANK[best.level]:
                    continue
                stands = self._firm(rule, found, seen)
                if firmly and not stands and level not in QUIET:
                    continue
                best = self._alarm(rule, found, seen, level, why)
                firm, at = stands, found
        return best, firm, at

    def _firm(self, rule: _Rule, found: Found, seen: Text) -> bool:
        if rule.certain or rule.pattern.anywhere or len(found.hits) > 1:
            return True
        own = found.end - found.start
        spoken = sum(token not in STOPS for token in seen.tokens)
        return spoken < own + WORDS_TO_CALM

    def _within_reach(self, seen: Text) -> list[_Rule]:
        """The rules whose phrases stand in the text, in the order of the file."""
        said = seen.hits.keys()
        numbers = [n for phrase in said for n in self._known_by.get(phrase, ())]
        rules = (self._rules[number] for number in sorted(numbers))
        return [rule for rule in rules if rule.pattern.phrases <= said]

    def _rules_of(self, group: Mapping[str, object]) -> Iterator[_Rule]:
        own = Level(str(group["level"]))
        cards = self._cards(group)
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

    def _cards(self, group: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
        return {
            name: tuple(self._book.phrase(said) for said in _strings(group, name))
            for name in ("vision",)
            if name in group
        }

    def read(self, text: str) -> Text:
        """The words of a text, what stands where, and what is denied."""
        tokens = [FULL_STOP, *self._speller.tokens(text), FULL_STOP]
        tokens = self._without_idioms(tokens)
        clause = clauses(tokens, self._breaks)
        questions = {clause[at] for at, token in enumerate(tokens) if token == QUESTION}
        seen = Text(tokens, self._book.hits(tokens), clause, frozenset(questions))
        seen.opened = self._opened(tokens, clause)
        self._deny(seen)
        seen.elsewhere = self._borne_out(seen)
        return seen

    def _borne_out(self, seen: Text) -> Mapping[int, Sequence[Hit]]:
        """The hits that may bear an alarm out from elsewhere in the message."""
        doubtful = {to for to, (_, sure) in seen.denied.items() if sure}
        for plan in seen.hits.get(self._meaning.phrases["plans"], ()):
            for to in range(plan.start, min(plan.end + PLAN_REACHES, len(seen.tokens))):
                if seen.clause[to] == seen.clause[plan.start]:
                    doubtful.add(to)
        if not doubtful:
            return seen.hits
        return {
            phrase: [hit for hit in hits if hit.start not in doubtful]
            for phrase, hits in seen.hits.items()
        }

    def _without_idioms(self, tokens: list[str]) -> list[str]:
        for hits in self._idiom_book.hits(tokens).values():
            for hit in hits:
                tokens[hit.start : hit.end] = ["_"] * (hit.end - hit.start)
        return tokens

    def _opened(self, tokens: Sequence[str], clause: Sequence[int]) -> dict[int, int]:
        opened: dict[int, int] = {}
        begins = True
        for at, token in enumerate(tokens):
            begins = begins or clause[at] != clause[at - 1]
            if begins and self._opens(token, tokens[at + 1 : at + 2]):
                opened.setdefault(clause[at], at)
            begins = token in STOPS or (begins and token in self._meaning.greetings)
        return opened

    def _opens(self, token: str, following: Sequence[str]) -> bool:
        before = self._meaning.openers.get(token)
        if before is None:
            return False
        return not before or not before.isdisjoint(following)

    def _deny(self, seen: Text) -> None:
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
                seen.denied[to] = (at, sure)

    def _judge(self, rule: _Rule, found: Found, seen: Text) -> tuple[Level, str]:
        """The level at which a rule fires here, and what lowered it."""
        denied = self._denied(found, seen)
        if denied is True:
            return Level.NONE, "denied"
        excuse = self._excuse(rule, found, seen)
        if excuse and rule.level is not Level.INFORM:
            return Level.INFORM, excuse
        asked = self._asked(rule, found, seen)
        if asked is not None:
            return min(asked[0], rule.level, key=_RANK.__getitem__), asked[1]
        if rule.level is Level.INFORM:
            return Level.NONE, "not asked about"
        doubt = "may be denied" if denied is False else self._doubt(rule, found, seen)
        return (Level.ASK, doubt) if doubt else (rule.level, "")

    def _excuse(self, rule: _Rule, found: Found, seen: Text) -> str:
        """What shows that it is no emergency at all."""
        if rule.certain:
            return ""
        excuses = _EXCUSES.get(rule.level, ())
        for sign in ("lifelong", "harmless", *excuses):
            said = self._near(sign, found, seen)
            if said:
                return f"{sign}: {said}"
        passing = ("retracted", "resolved") if "mild" in excuses else ("retracted",)
        for sign in passing:
            after = self._said_after(sign, found, seen)
            if after:
                return f"{sign}: {_words(after[0], seen)}"
        return ""

    def _denied(self, found: Found, seen: Text) -> bool | None:
        """True when surely denied, False when perhaps, None when not at all."""
        own = {at for hit in found.hits for at in range(hit.start, hit.end)}
        perhaps = None
        for hit in found.hits:
            by = seen.denied.get(hit.start)
            if by is None or by[0] in own:
                continue
            if by[1] or by[0] == hit.start - 1:
                return True
            perhaps = False
        return perhaps

    def _asked(self, rule: _Rule, found: Found, seen: Text) -> tuple[Level, str] | None:
        sign = None if rule.certain else self._supposed(found, seen)
        if sign is not None:
            now = self._present(found, seen, sign.start)
            if now is None or _overlaps(now, found):
                return Level.INFORM, f"asked about: {_words(sign, seen)}"
            both = f"({_words(sign, seen)}) but also: {_words(now, seen)}"
            return Level.ASK, f"asked about {both}"
        verdict = self._verdict(found, seen)
        if verdict:
            return Level.INFORM, f"asked about: {verdict}"
        asked_in = {seen.clause[hit.start] for hit in found.hits}
        if self._present(found, seen) or self._near(
            "personal", found, seen, apart=True
        ):
            return None
        about = self._near("about", found, seen)
        if about or all(self._follows_opener(found, c, seen) for c in asked_in):
            return Level.INFORM, f"asked about: {about or 'a question'}"
        if asked_in <= seen.questions:
            urgent = rule.level is Level.URGENT_NOW
            return (Level.ASK if urgent else Level.INFORM), "a bare question"
        return None

    def _verdict(self, found: Found, seen: Text) -> str:
        """ "Normal after" and its like, close behind what was found."""
        for sign in self._hits_near("verdict", found, seen, found.start):
            if sign.start <= found.end + VERDICT_WITHIN:
                return _words(sign, seen)
        return ""

    def _follows_opener(self, found: Found, clause: int, seen: Text) -> bool:
        opener = seen.opened.get(clause)
        if opener is None:
            return False
        return opener < found.start <= opener + MEANING_REACHES

    def _supposed(self, found: Found, seen: Text) -> Hit | None:
        """What makes it a mere "what if", unless facts are told in between."""
        told = seen.hits.get(self._meaning.phrases["told"], ())
        for sign in self._hits_near("hypothetical", found, seen):
            apart = sign.end + TOLD_APART
            if sign.start < found.end and not any(
                apart <= hit.start < found.end for hit in told
            ):
                return sign
        return None

    def _doubt(self, rule: _Rule, found: Found, seen: Text) -> str:
        if self._present(found, seen) is None:
            if not rule.late and not self._near("recent", found, seen):
                past = self._near("past", found, seen)
                if past:
                    return f"long ago: {past}"
            habitual = self._near("habitual", found, seen, apart=True)
            if habitual and not rule.certain:
                return f"habitual: {habitual}"
            years = self._near("years", found, seen)
            if years and not rule.certain:
                return f"for years: {years}"
            over = self._said_after("resolved", found, seen)
            if over and not rule.certain:
                return f"resolved: {_words(over[0], seen)}"
        if rule.joked:
            jest = self._near("jest", found, seen)
            if jest:
                return f"in jest: {jest}"
        return ""

    def _present(self, found: Found, seen: Text, after: int = 0) -> Hit | None:
        """What says that it is going on; "gone now" and "since years" do not."""
        said = (
            *self._said_after("resolved", found, seen),
            *self._hits_near("years", found, seen),
        )
        for hit in self._hits_near("present", found, seen, after):
            if not any(o.start <= hit.start and hit.end <= o.end for o in said):
                return hit
        return None

    def _said_after(self, sign: str, found: Found, seen: Text) -> list[Hit]:
        """Where a sign follows what was found, there or in the next breath."""
        last = seen.clause[found.end - 1]
        begins = max(hit.start for hit in found.hits)
        return [
            hit
            for hit in seen.hits.get(self._meaning.phrases[sign], ())
            if begins <= hit.start <= found.end + MEANING_REACHES
            and seen.clause[hit.start] <= last + 1
            and not _overlaps(hit, found)
        ]

    def _near(self, sign: str, found: Found, seen: Text, apart: bool = False) -> str:
        """The words of a sign that stand by what was found, in the same clause."""
        for hit in self._hits_near(sign, found, seen):
            between = found.start < hit.end and hit.start < found.end
            if not (apart and between and _overlaps(hit, found)):
                return _words(hit, seen)
        return ""

    def _hits_near(
        self, sign: str, found: Found, seen: Text, after: int = 0
    ) -> Iterator[Hit]:
        first, last = seen.clause[found.start], seen.clause[found.end - 1]
        for hit in seen.hits.get(self._meaning.phrases[sign], ()):
            if hit.start < after or not first <= seen.clause[hit.start] <= last:
                continue
            if max(found.start - hit.end, hit.start - found.end) <= MEANING_REACHES:
                yield hit

    def _alarm(
        self, rule: _Rule, found: Found, seen: Text, level: Level, why: str
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


def _words(hit: Hit, seen: Text) -> str:
    return " ".join(seen.tokens[hit.start : hit.end])


def _overlaps(hit: Hit, found: Found) -> bool:
    return any(hit.start < own.end and own.start < hit.end for own in found.hits)


def _strings(group: Mapping[str, object], name: str) -> Sequence[str]:
    said = group.get(name, [])
    if not isinstance(said, list) or not all(isinstance(s, str) for s in said):
        raise PatternError(f"group {group.get('id')}: {name} is not a list of patterns")
    return said


@cache
def reading(language: str) -> Reading:
    """The word files of a language and the ear for it, read once."""
    return Reading(language)
