"""How a thing that is said is meant: happening, asked about, denied, over or in jest.

The words that tell it are data (meaning.toml). A text is read once, into its words, its
clauses and what is denied in it; then each thing found there is judged by what stands
around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogs.clauses import Breaks, clauses
from dialogs.emergencies import Rule
from dialogs.inputs import Level
from dialogs.phrases import Found, Hit, Hits, Phrasebook
from dialogs.spelling import COMMA, FULL_STOP, QUESTION, STOPS

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


@dataclass(slots=True)
class Text:
    """One message as it is read: its words, what stands where, what is denied."""

    tokens: list[str]
    hits: Hits  #: where every phrase of the word files stands
    clause: list[int]  #: number of the clause each token is in
    questions: frozenset[int] = frozenset()  #: clauses that end with "?"
    opened: dict[int, int] = field(default_factory=dict)  #: clause to its "is", "can" …
    denied: dict[int, tuple[int, bool]] = field(default_factory=dict)
    elsewhere: Mapping[int, Sequence[Hit]] = field(
        default_factory=dict
    )  #: hits that are neither denied nor of a treatment yet to come

    def words(self, hit: Hit) -> str:
        """What stands there."""
        return " ".join(self.tokens[hit.start : hit.end])


class Meaning:
    """The signs of one language, and the judgement by them."""

    def __init__(self, words: Mapping[str, Any], book: Phrasebook) -> None:
        self._book = book
        self._breaks = Breaks.of(words["clauses"])
        self._phrases = {sign: book.any_of(sign, words[sign]) for sign in _SIGNS}
        self._names = {phrase: sign for sign, phrase in self._phrases.items()}
        self._negators = frozenset(words["negators"])
        self._spare = frozenset(words["spare"])
        self._barriers = frozenset(words["barriers"])
        #: Word to what must follow, if anything.
        self._openers = {
            word: frozenset(opener.get("before", ()))
            for opener in words["opener"]
            for word in opener["words"]
        }
        self._greetings = frozenset(words["greetings"])

    def read(self, tokens: list[str]) -> Text:
        """The clauses of these words, what stands where, and what is denied."""
        clause = clauses(tokens, self._breaks)
        questions = {clause[at] for at, token in enumerate(tokens) if token == QUESTION}
        seen = Text(tokens, self._book.hits(tokens), clause, frozenset(questions))
        seen.opened = self._opened(tokens, clause)
        self._deny(seen)
        seen.elsewhere = self._borne_out(seen)
        return seen

    def signs(self, seen: Text) -> list[str]:
        """The signs that stand anywhere in it."""
        return [name for phrase, name in self._names.items() if phrase in seen.hits]

    def judge(self, rule: Rule, found: Found, seen: Text) -> tuple[Level, str]:
        """The level at which a rule fires here, and what lowered it."""
        denied = self._denied(found, seen)
        if denied is True:
            return Level.NONE, "denied"
        excuse = self._excuse(rule, found, seen)
        if excuse and rule.level is not Level.INFORM:
            return Level.INFORM, excuse
        asked = self._asked(rule, found, seen)
        if asked is not None:
            return asked[0].at_most(rule.level), asked[1]
        if rule.level is Level.INFORM:
            return Level.NONE, "not asked about"
        doubt = "may be denied" if denied is False else self._doubt(rule, found, seen)
        return (Level.ASK, doubt) if doubt else (rule.level, "")

    def _excuse(self, rule: Rule, found: Found, seen: Text) -> str:
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
                return f"{sign}: {seen.words(after[0])}"
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

    def _asked(self, rule: Rule, found: Found, seen: Text) -> tuple[Level, str] | None:
        sign = None if rule.certain else self._supposed(found, seen)
        if sign is not None:
            now = self._present(found, seen, sign.start)
            if now is None or _overlaps(now, found):
                return Level.INFORM, f"asked about: {seen.words(sign)}"
            both = f"({seen.words(sign)}) but also: {seen.words(now)}"
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
            asked = Level.ASK if rule.telling else Level.INFORM
            return asked, f"asked about: {about or 'a question'}"
        if asked_in <= seen.questions:
            urgent = rule.level is Level.URGENT_NOW
            return (Level.ASK if urgent else Level.INFORM), "a bare question"
        return None

    def _verdict(self, found: Found, seen: Text) -> str:
        """ "Normal after" and its like, close behind what was found."""
        for sign in self._hits_near("verdict", found, seen, found.start):
            if sign.start <= found.end + VERDICT_WITHIN:
                return seen.words(sign)
        return ""

    def _follows_opener(self, found: Found, clause: int, seen: Text) -> bool:
        opener = seen.opened.get(clause)
        if opener is None:
            return False
        return opener < found.start <= opener + MEANING_REACHES

    def _supposed(self, found: Found, seen: Text) -> Hit | None:
        """What makes it a mere "what if", unless facts are told in between."""
        told = seen.hits.get(self._phrases["told"], ())
        for sign in self._hits_near("hypothetical", found, seen):
            apart = sign.end + TOLD_APART
            if sign.start < found.end and not any(
                apart <= hit.start < found.end for hit in told
            ):
                return sign
        return None

    def _doubt(self, rule: Rule, found: Found, seen: Text) -> str:
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
                return f"resolved: {seen.words(over[0])}"
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
            for hit in seen.hits.get(self._phrases[sign], ())
            if begins <= hit.start <= found.end + MEANING_REACHES
            and seen.clause[hit.start] <= last + 1
            and not _overlaps(hit, found)
        ]

    def _near(self, sign: str, found: Found, seen: Text, apart: bool = False) -> str:
        """The words of a sign that stand by what was found, in the same clause."""
        for hit in self._hits_near(sign, found, seen):
            between = found.start < hit.end and hit.start < found.end
            if not (apart and between and _overlaps(hit, found)):
                return seen.words(hit)
        return ""

    def _hits_near(
        self, sign: str, found: Found, seen: Text, after: int = 0
    ) -> Iterator[Hit]:
        first, last = seen.clause[found.start], seen.clause[found.end - 1]
        for hit in seen.hits.get(self._phrases[sign], ()):
            if hit.start < after or not first <= seen.clause[hit.start] <= last:
                continue
            if max(found.start - hit.end, hit.start - found.end) <= MEANING_REACHES:
                yield hit

    def _borne_out(self, seen: Text) -> Mapping[int, Sequence[Hit]]:
        """The hits that may bear an alarm out from elsewhere in the message."""
        doubtful = {to for to, (_, sure) in seen.denied.items() if sure}
        for plan in seen.hits.get(self._phrases["plans"], ()):
            for to in range(plan.start, min(plan.end + PLAN_REACHES, len(seen.tokens))):
                if seen.clause[to] == seen.clause[plan.start]:
                    doubtful.add(to)
        if not doubtful:
            return seen.hits
        return seen.hits.apart_from(doubtful)

    def _opened(self, tokens: Sequence[str], clause: Sequence[int]) -> dict[int, int]:
        opened: dict[int, int] = {}
        begins = True
        for at, token in enumerate(tokens):
            begins = begins or clause[at] != clause[at - 1]
            if begins and self._opens(token, tokens[at + 1 : at + 2]):
                opened.setdefault(clause[at], at)
            begins = token in STOPS or (begins and token in self._greetings)
        return opened

    def _opens(self, token: str, following: Sequence[str]) -> bool:
        before = self._openers.get(token)
        if before is None:
            return False
        return not before or not before.isdisjoint(following)

    def _deny(self, seen: Text) -> None:
        tokens = seen.tokens
        for at, token in enumerate(tokens[:-1]):
            if token not in self._negators:
                continue
            following = tokens[at + 1]
            if following in self._spare or following in STOPS:
                continue
            reach, sure = at + DENIAL_REACHES, True
            for to in range(at + 1, len(tokens)):
                if to > reach or tokens[to] in self._barriers:
                    break
                if tokens[to] in (FULL_STOP, QUESTION):
                    break
                if tokens[to] in ("or", "nor", "and"):
                    reach = to + DENIAL_REACHES
                elif tokens[to] == COMMA:
                    reach = to + DENIAL_REACHES
                    sure = sure and "or" in tokens[to : to + DENIAL_REACHES]
                seen.denied[to] = (at, sure)


def _overlaps(hit: Hit, found: Found) -> bool:
    return any(hit.start < own.end and own.start < hit.end for own in found.hits)
