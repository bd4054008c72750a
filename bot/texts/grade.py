"""How hard a text is to read.

The Flesch-Kincaid grade (Kincaid et al., 1975): 0.39 × words per sentence + 11.8 ×
syllables per word - 15.59, in years of school. Syllables are counted by groups of
vowels, with a table for the words of this field that such counting gets wrong.
"""

from __future__ import annotations

import html
import re
from functools import cache

from bot.texts.syllables import SYLLABLES

#: What our texts aim at, and where a test fails.
AIM_GRADE = 6.0
HARDEST_GRADE = 8.0
#: What cards for an emergency may need at most.
HARDEST_EMERGENCY_GRADE = 5.0
#: One idea a sentence.
MAX_SENTENCE_WORDS = 15

_MARKUP = re.compile(r"<[^>]*>")
_LINK = re.compile(r"https?://\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$|[\"”’)])|\n+")
_VOWELS = re.compile(r"[aeiouyáéíóúàèäëïöüœæ]+")
#: Vowels that are written but not said.
_SILENT = tuple(
    map(
        re.compile,
        (
            r"[^aeiouyl]e$",
            r"[aeiouy]le$",
            r"[gq]ue$",
            r"[^aeiouyszcgxl]es$(?<!ches)(?<!shes)",
            r"[aeiouy]les$",
            r"[^aeiouytd]ed$",
            r"[aeiouy][^aeiouy]e(?:ful|less|ly|ment|where)",
        ),
    )
)
#: Vowels that stand together and are said apart.
_APART = tuple(
    map(
        re.compile,
        (
            r"(?<![tscgx])i[aou]",
            r"(?<![tc])ien|iet",
            r"(?<![qg])ua|uou",
            r"(?<!p)eo(?!us)|[cg]reat(?=[eio])",
            r"yi|[uy]ing$|eing$|oing$",
            r"[^aeiou]sm$",
        ),
    )
)


def plain(text: str) -> str:
    """A text as it is read: without markup, links and entities."""
    return html.unescape(_MARKUP.sub(" ", _LINK.sub(" ", text)))


def sentences(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of each sentence. A line ends a sentence as well."""
    found = (_WORD.findall(part) for part in _SENTENCE_END.split(plain(text)))
    return tuple(tuple(words) for words in found if words)


def grade(text: str) -> float:
    """Years of school that a text asks for; 0 for an empty one.

    Formulas like this are within about a year of one another, and mean little under
    thirty words: judge short texts together.
    """
    found = sentences(text)
    words = [word for sentence in found for word in sentence]
    if not words:
        return 0.0
    per_sentence = len(words) / len(found)
    per_word = sum(syllables(word) for word in words) / len(words)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


def longest_sentence_words(text: str) -> int:
    """Words in the longest sentence."""
    return max((len(words) for words in sentences(text)), default=0)


@cache
def syllables(word: str) -> int:
    """Syllables in one English word; a figure counts as one."""
    word = word.casefold().replace("’", "'")
    if word in SYLLABLES:
        return SYLLABLES[word]
    if word[0].isdigit():
        return 1  # a figure is read at a glance
    base = word.removesuffix("'s")
    if base in SYLLABLES:
        return SYLLABLES[base]
    if base.endswith("s") and base[:-1] in SYLLABLES:
        return SYLLABLES[base[:-1]]
    return _counted(base)


def _counted(word: str) -> int:
    count = len(_VOWELS.findall(word))
    count -= sum(len(rule.findall(word)) for rule in _SILENT)
    count += sum(len(rule.findall(word)) for rule in _APART)
    return max(1, count)
