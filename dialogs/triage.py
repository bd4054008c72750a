"""The emergency reading: every text, in every state, before anything else.

What people type when something is badly wrong is data, found by emergencies.py; how it
is meant (happening, asked about, denied, long over or said in jest) is judged by
meaning.py. Where that cannot be told, the answer is to ask whether it is happening now.
A second ear (ear.py) weighs the same words as a whole: it raises what no list holds,
and lets go what a single word made of small talk.
The same text always gives the same alarm, and the alarm says why.
"""

from __future__ import annotations

import tomllib
from functools import cache, cached_property
from importlib.resources import files

from dialogs.ear import Ear, Heard, Said, Trust, read_trust, read_weights
from dialogs.emergencies import Emergencies, Rule
from dialogs.inputs import Alarm, Level
from dialogs.meaning import Meaning, Text
from dialogs.phrases import Found, Hit, Phrasebook, found_in
from dialogs.spelling import FULL_STOP, QUESTION, STOPS, Speller, read_shorthand

_LANGUAGE = "en"
#: Levels that hold nobody up.
QUIET = (Level.NONE, Level.INFORM)
#: Words beside those that fired without which the ear has too little to go by.
WORDS_TO_CALM = 2
#: The same for what takes several words, or is certain.
WORDS_TO_CALM_THE_FIRM = 3


def triage(text: str) -> Alarm:
    """How urgent a text reads, which group of emergencies it names, and why."""
    return reading(_LANGUAGE).alarm(text)


class Reading:
    """How a text reads by the word files of one language, and by ear."""

    def __init__(self, language: str) -> None:
        self._language = language
        folder = files("dialogs.words") / language
        speller = Speller(read_shorthand(language))
        self._speller = speller
        words = tomllib.loads((folder / "emergencies.toml").read_text("utf-8"))
        meaning = tomllib.loads((folder / "meaning.toml").read_text("utf-8"))
        book = Phrasebook(speller, words["families"], words["contexts"])
        self._idioms = Phrasebook(speller, words["families"])
        for idiom in meaning["idiom"]:
            self._idioms.phrase(idiom)
        self._meaning = Meaning(meaning, book)
        self._emergencies = Emergencies(words["group"], book)
        self._families = {
            book.any_of(f"family {name}", said): name
            for name, said in words["families"].items()
        }

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
            raised = self.by_ear(seen, heard)
            return raised if raised.level.rank > first.level.rank else first
        if found is None or heard.score >= trust.asks_below:
            return first
        score = max(heard.score, self._alone(found, seen, said))
        if score < trust.calms_the_firm_below and _amid_talk(found, seen):
            return Alarm()
        if firm:
            return first
        if score < trust.calms_below:
            return self.by_words(seen, firmly=True)[0]
        if score < trust.asks_below and first.level is not Level.ASK:
            unlikely = f"{first.reason}; unlikely by ear ({score:.1f})"
            return Alarm(Level.ASK, first.group, first.card, unlikely)
        return first

    def read(self, text: str) -> Text:
        """The words of a text, what stands where, and what is denied."""
        tokens = [FULL_STOP, *self._speller.tokens(text), FULL_STOP]
        for hits in self._idioms.hits(tokens).values():
            for hit in hits:
                tokens[hit.start : hit.end] = ["_"] * (hit.end - hit.start)
        return self._meaning.read(tokens)

    def said(self, seen: Text) -> Said:
        """The text as the ear is given it."""
        words = [
            "!" + token if at in seen.denied and token not in STOPS else token
            for at, token in enumerate(seen.tokens)
        ]
        families = [
            (name, hit.start, hit.end)
            for phrase, name in self._families.items()
            if phrase in seen.hits
            for hit in seen.hits[phrase]
        ]
        return Said(words, families, self._meaning.signs(seen))

    def by_ear(self, seen: Text, by: Heard) -> Alarm:
        """The alarm that the ear raises, judged by how its weightiest words stand."""
        group, level = self.ear.likeliest(by).split()
        weighed = tuple(Hit(at, at + 1) for at in self.ear.because(by)) or (Hit(0, 1),)
        rule = self._emergencies.heard(group, Level(level), f"ear ({by.score:.1f})")
        found = Found(weighed)
        judged, why = self._meaning.judge(rule, found, seen)
        if why or judged in QUIET or by.score < self.trust.sure_from:
            judged = Level.ASK  # the ear has weighed denials and excuses already
        return _alarm(rule, found, seen, judged, why)

    def _alone(self, found: Found, seen: Text, said: Said) -> float:
        """The score of what fired, whatever else is said around it.

        The higher of its clauses' and its sentence's: "heart racing and i nearly
        fainted" is graver than its second half.
        """
        mine = {seen.clause[hit.start] for hit in found.hits}
        inside = [at for at, clause in enumerate(seen.clause) if clause in mine]
        first, last = inside[0], inside[-1]
        begins = max(at for at in range(first + 1) if _ends(seen, at - 1))
        ends = min(at for at in range(last, len(seen.tokens)) if _ends(seen, at))
        return max(
            self.ear.hear(said.part(first, last + 1)).score,
            self.ear.hear(said.part(begins, ends + 1)).score,
        )

    def by_words(
        self, seen: Text, firmly: bool = False
    ) -> tuple[Alarm, bool, Found | None]:
        """What the word list makes of it, whether firmly so, and where it fired.

        Firm is what takes several words, what is certain, and a text of hardly more
        than the words that fired. With `firmly` nothing else is heeded.
        """
        best, firm, at = Alarm(), False, None
        for rule in self._emergencies.within_reach(seen.hits.said):
            if rule.level.rank <= best.level.rank:
                continue
            for found in found_in(rule.pattern, seen.hits, seen.elsewhere):
                level, why = self._meaning.judge(rule, found, seen)
                if level.rank <= best.level.rank:
                    continue
                stands = _firm(rule, found, seen)
                if firmly and not stands and level not in QUIET:
                    continue
                best = _alarm(rule, found, seen, level, why)
                firm, at = stands, found
        return best, firm, at


def _ends(seen: Text, at: int) -> bool:
    """Whether a sentence ends with this token; one does before the first."""
    return at < 0 or seen.tokens[at] in (FULL_STOP, QUESTION)


def _firm(rule: Rule, found: Found, seen: Text) -> bool:
    if rule.certain or rule.pattern.anywhere or len(found.hits) > 1:
        return True
    return _words_beside(found, seen) < WORDS_TO_CALM


def _amid_talk(found: Found, seen: Text) -> bool:
    """Whether enough is said around what was found to tell talk from need."""
    return _words_beside(found, seen) >= WORDS_TO_CALM_THE_FIRM


def _words_beside(found: Found, seen: Text) -> int:
    mine = {at for hit in found.hits for at in range(hit.start, hit.end)}
    return sum(
        at not in mine and token not in STOPS for at, token in enumerate(seen.tokens)
    )


def _alarm(rule: Rule, found: Found, seen: Text, level: Level, why: str) -> Alarm:
    words = " … ".join(seen.words(hit) for hit in found.hits)
    reason = f"{rule.group} {rule.key}: '{words}' by {rule.pattern.text}"
    card = rule.card_for(seen.hits.said)
    return Alarm(level, rule.group, card, f"{reason}; {why}" if why else reason)


@cache
def reading(language: str) -> Reading:
    """The word files of a language and the ear for it, read once."""
    return Reading(language)
