"""What is dangerous: the groups of emergencies and the words each is known by.

The groups are data (emergencies.toml). Each has a level and a card of its own, and
lists of patterns that fire at that level or at a milder one. A rule is one pattern.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from dialogs.inputs import Level
from dialogs.phrases import Pattern, PatternError, Phrasebook

#: A list in a group and the level at which its patterns fire; `now` is the group's own.
_LISTS = {"same_day": Level.SAME_DAY, "ask": Level.ASK, "topic": Level.INFORM}
_CARD_OF = {Level.SAME_DAY: "same_day"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern of a group, and the level at which it fires."""

    group: str
    key: str
    level: Level
    card: str
    pattern: Pattern
    joked: bool  #: its words are often used in jest
    certain: bool  #: "if" does not make it a mere question ("if this fails I …")
    telling: bool  #: who asks about it may be in it ("the painless way to die")
    late: bool  #: shows weeks or months later, so a long time ago is no comfort
    #: another card when one of these phrases stands
    cards: Mapping[str, tuple[int, ...]]

    def card_for(self, said: Set[int]) -> str:
        """The card that answers it, where these phrases stand."""
        card = self.card
        for name, phrases in self.cards.items():
            if any(phrase in said for phrase in phrases):
                card = name
        return card


class Emergencies:
    """The rules of one language's word file, found by the phrases they need."""

    def __init__(
        self, groups: Sequence[Mapping[str, object]], book: Phrasebook
    ) -> None:
        self._book = book
        self._groups = {str(group["id"]): group for group in groups}
        self._rules = tuple(rule for group in groups for rule in self._rules_of(group))
        common = Counter(p for rule in self._rules for p in rule.pattern.phrases)
        #: Rules by that phrase of theirs which the fewest others need, each with the
        #: next such, so that few are looked at whose phrases are not all there.
        self._known_by: dict[int, list[tuple[int, int]]] = {}
        for number, rule in enumerate(self._rules):
            rare = sorted(rule.pattern.phrases, key=lambda p: (common[p], p))
            self._known_by.setdefault(rare[0], []).append((rare[:2][-1], number))
        self._telling = frozenset(self._known_by)

    def within_reach(self, said: Set[int]) -> list[Rule]:
        """The rules whose phrases stand in a text, in the order of the file."""
        rules, known_by = self._rules, self._known_by
        numbers = [
            number
            for phrase in self._telling & said
            for other, number in known_by[phrase]
            if other in said
        ]
        numbers.sort()
        return [rules[n] for n in numbers if rules[n].pattern.phrases <= said]

    def heard(self, group_id: str, level: Level, by: str) -> Rule:
        """A rule for what no pattern found; `by` says what did."""
        group = self._groups[group_id]
        pattern = Pattern(by, (), (), frozenset())
        return self._rule(group, level, pattern, joked=True, certain=False)

    def _rules_of(self, group: Mapping[str, object]) -> Iterator[Rule]:
        own = Level(str(group["level"]))
        joked, certain = bool(group.get("joked")), bool(group.get("certain"))
        for name, level in {"now": own, **_LISTS}.items():
            for said in _strings(group, name):
                pattern = self._book.pattern(said)
                yield self._rule(group, level, pattern, joked=joked, certain=certain)

    def _rule(
        self,
        group: Mapping[str, object],
        level: Level,
        pattern: Pattern,
        *,
        joked: bool,
        certain: bool,
    ) -> Rule:
        return Rule(
            group=str(group["id"]),
            key=str(group["key"]),
            level=level,
            card=_CARD_OF.get(level, str(group["card"])),
            pattern=pattern,
            joked=joked,
            certain=certain,
            telling=bool(group.get("telling")),
            late=bool(group.get("late")),
            cards={
                name: tuple(self._book.phrase(said) for said in _strings(group, name))
                for name in ("vision",)
                if name in group
            },
        )


def _strings(group: Mapping[str, object], name: str) -> Sequence[str]:
    said = group.get(name, [])
    if not isinstance(said, list) or not all(isinstance(s, str) for s in said):
        raise PatternError(f"group {group.get('id')}: {name} is not a list of patterns")
    return said
