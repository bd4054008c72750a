"""Free text → an option on screen.

A typed answer works wherever a button does: "hair", "2", "the second", "the top of my
head". There is one clear winner or none: what is denied ("not my crown"), asked ("does
it hurt at the temples?") or named beside another option is left to the conversation.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from dialogs.how_long import Length, LengthWords, how_long
from dialogs.spelling import (
    COMMA,
    MIN_LETTERS_TO_CORRECT,
    QUESTION,
    STOPS,
    Speller,
    one_slip_apart,
    read_shorthand,
)

#: A longer text is a story or a question, not an answer.
MAX_WORDS = 14
#: Words beside the answer that are still an answer ("i lose hair at the temples").
MAX_WORDS_BESIDE = 4
#: Words before an option that a denial reaches.
DENIAL_REACHES = 3
#: Shorter is under 3 months and longer is not; what lies between is not told apart.
SURELY_SHORT_DAYS, SURELY_LONG_DAYS = 84, 91.5
#: Different buttons whose words are kept as tokens.
WORDINGS_KEPT = 2_000

_ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th"})
_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option on screen and what may be typed for it."""

    option: str  #: id of the option ("site:crown")
    words: tuple[str, ...]  #: its label, then its synonyms
    number: int | None  #: its place on the screen, when the screen numbers it


def understand(text: str, choices: Sequence[Choice]) -> str | None:
    """The option that a text names, if it clearly names just one."""
    tokens = _tokens(text)
    words = tuple(token for token in tokens if token not in STOPS)
    if not words or len(words) > MAX_WORDS:
        return None
    choices = _paired(choices)
    asked = QUESTION in tokens or (len(words) > 1 and words[0] in _words().openers)
    whole = _named_whole(words, choices)
    if whole is not None:
        # "What if…?" is the name of a button; "temples?" is somebody asking.
        begins = {words[0], *_bare(words)[:1]}
        named_as_asked = not _words().openers.isdisjoint(begins)
        return whole if named_as_asked or not asked else None
    if asked:
        return None
    lasting = _lasting(words, choices)
    if lasting is not None:
        return _of_length(lasting, words, choices)
    loose = [c for c in choices if not c.option.startswith(_WORD_FOR_WORD)]
    return _numbered(words, loose) or _named_within(tokens, loose)


def is_lost(text: str) -> bool:
    """Whether somebody says, and no more, that they do not follow ("what?")."""
    words = tuple(token for token in _tokens(text) if token not in STOPS)
    return words in _words().lost or _bare(words) in _words().lost


def asks(text: str) -> bool:
    """Whether a text asks somewhere ("i take warfarin is that a problem")."""
    tokens = _tokens(text)
    openers, speakers = _words().openers, _words().speakers
    return QUESTION in tokens or any(
        word in openers and before not in speakers
        for before, word in pairwise(["", *tokens])
    )


def synonyms(option: str) -> tuple[str, ...]:
    """What people type for an option besides its label.

    A tick that would take the mark away has none: typing "aspirin" twice ticks once.
    """
    kind, _, value = option.partition(":")
    known = _words().synonyms
    if kind == "tick":
        flag, _, target = value.partition(":")
        return () if target == "no" else known.get(f"tick:{flag}", ())
    if kind in ("change", "turn") and value:
        return known.get(f"question:{value}", ())
    if value == "not_sure":
        return (*known["not_sure"], *known.get(option, ()))
    if kind == "look":
        return tuple(
            word
            for name, words in known.items()
            if name.endswith(f":{value}") and name.partition(":")[0] in _TRIED
            for word in words
        )
    return known.get(option, ())


def choice(option: str, label: str, number: int | None = None) -> Choice:
    """An option with its label and every synonym we know for it."""
    return Choice(option, (label, *synonyms(option)), number)


#: What is agreed to is said in so many words: no number, no half of a sentence.
_WORD_FOR_WORD = "agree:"
#: The two answers to "how long?", by what stands after the colon.
_SHORT, _LONG = "under_3_months", "3_months_or_more"
#: Questions whose answers "what if" tries out.
_TRIED = frozenset({"severity", "goal", "combination", "site", "duration"})


@dataclass(frozen=True, slots=True)
class _Words:
    speller: Speller
    synonyms: dict[str, tuple[str, ...]]
    polite: frozenset[str]  #: words around an answer that add nothing
    openers: frozenset[str]  #: how a question begins
    speakers: frozenset[str]  #: after one of these, an opener asks nothing ("i am")
    negators: frozenset[str]
    joining: frozenset[str]  #: after a comma, they carry a denial on
    counting: frozenset[str]  #: words before a number ("number 2", "option 2")
    lost: frozenset[tuple[str, ...]]  #: what people say who do not follow
    lengths: LengthWords
    pairs: tuple[dict[str, tuple[str, ...]], ...]  #: words for options side by side
    numbers: dict[str, str]  #: "two" to "2"
    ordinals: dict[str, str]  #: "second" to "2"


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    option: str


def _tokens(text: str) -> list[str]:
    out: list[str] = []
    for token in _words().speller.tokens(text):
        if token in _ORDINAL_ENDS and out and out[-1].isdigit():
            out[-1] = f"#{out[-1]}"
        elif token in _words().ordinals:
            out.append(f"#{_words().ordinals[token]}")
        else:
            out.append(_words().numbers.get(token, token))
    return out


@lru_cache(WORDINGS_KEPT)
def _phrases(wordings: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The words of a label and its synonyms, as tokens."""
    return tuple(
        tuple(token for token in _tokens(wording) if token not in STOPS)
        for wording in wordings
    )


def _bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words without the polite ones at either end."""
    polite = _words().polite
    start, end = 0, len(words)
    while start < end and words[start] in polite:
        start += 1
    while end > start and words[end - 1] in polite:
        end -= 1
    return words[start:end]


@lru_cache(WORDINGS_KEPT)
def _bare_phrases(wordings: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(_bare(phrase) for phrase in _phrases(wordings))


def _named_whole(words: tuple[str, ...], choices: Sequence[Choice]) -> str | None:
    """The option that all the words name, courtesy aside."""
    bare = _bare(words)
    for label_only in (True, False):
        named = {
            c.option
            for c in choices
            if words in _phrases(c.words)[: 1 if label_only else None]
        }
        if named:
            return named.pop() if len(named) == 1 else None
    if bare:
        named = {c.option for c in choices if bare in _bare_phrases(c.words)}
    else:  # small words alone: "is it for me please"
        named = {
            c.option
            for c in choices
            if any(_holds(words, phrase) for phrase in _phrases(c.words))
        }
    return named.pop() if len(named) == 1 else None


def _holds(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    starts = range(len(words) - size + 1) if phrase else ()
    return any(words[at : at + size] == phrase for at in starts)


def _paired(choices: Sequence[Choice]) -> Sequence[Choice]:
    """The choices, with the words that count only where certain ones stand together."""
    shown = {c.option for c in choices}
    for pair in _words().pairs:
        if pair.keys() <= shown:
            choices = [
                replace(c, words=(*c.words, *pair.get(c.option, ()))) for c in choices
            ]
    return choices


def _lasting(words: tuple[str, ...], choices: Sequence[Choice]) -> Length | None:
    """The length of time that is answered, where one is asked for."""
    asked = any(c.option.partition(":")[2] == _LONG for c in choices)
    return how_long(words, _words().lengths) if asked else None


def _of_length(
    length: Length, words: tuple[str, ...], choices: Sequence[Choice]
) -> str | None:
    if _words().negators.intersection(words):
        return None
    if length.high_days <= SURELY_SHORT_DAYS:
        value = _SHORT
    elif length.low_days >= SURELY_LONG_DAYS:
        value = _LONG
    else:
        return None
    named = [c.option for c in choices if c.option.partition(":")[2] == value]
    return named[0] if named else None


def _numbered(words: tuple[str, ...], choices: Sequence[Choice]) -> str | None:
    if any(c.words[0].isdigit() for c in choices):
        return None  # figures are the answers here, not their places
    counting = _words().counting
    left = [w for w in _bare(words) if w not in counting]
    if len(left) == 2 and left[0][0] in "#l" and left[1] == "1":
        left.pop()  # "the second one", "the last one"
    if len(left) != 1:
        return None
    place = left[0].lstrip("#")
    if left[0] == "last":
        place = str(max((c.number or 0 for c in choices), default=0))
    if not place.isdecimal():  # "➇" is a digit, and no number
        return None
    named = [c.option for c in choices if c.number == int(place)]
    return named[0] if len(named) == 1 else None


def _named_within(tokens: Sequence[str], choices: Sequence[Choice]) -> str | None:
    spans = _longest([span for c in choices for span in _spans(tokens, c)])
    denied = {span.option for span in spans if _denied(span, spans, tokens)}
    named = {span.option for span in spans} - denied
    if len(named) != 1:
        return None
    option = named.pop()
    covered = {at for span in spans for at in range(span.start, span.end)}
    beside = [
        token
        for at, token in enumerate(tokens)
        if at not in covered and token not in STOPS and token not in _words().polite
    ]
    return option if len(beside) <= _allowed_beside(option) else None


def _allowed_beside(option: str) -> int:
    """How many more words an answer may hold. A way through the chat takes none."""
    _, _, value = option.partition(":")
    return MAX_WORDS_BESIDE if value not in ("", "none", "not_sure") else 0


def _spans(tokens: Sequence[str], named: Choice) -> Iterator[_Span]:
    places = [at for at, token in enumerate(tokens) if token not in STOPS]
    begun = {token[0] for token in tokens}
    for phrase in _phrases(named.words):
        if not phrase or phrase[0][0] not in begun:
            continue
        for first in range(len(places) - len(phrase) + 1):
            at = places[first : first + len(phrase)]
            if all(_same(word, tokens[i]) for word, i in zip(phrase, at, strict=True)):
                yield _Span(at[0], at[-1] + 1, named.option)


def _same(word: str, typed: str) -> bool:
    if word[0] != typed[0]:
        return False
    if word == typed or f"{word}s" == typed:
        return True
    long_enough = len(word) >= MIN_LETTERS_TO_CORRECT - 1
    return long_enough and len(typed) > 3 and one_slip_apart(word, typed)


def _longest(spans: Sequence[_Span]) -> list[_Span]:
    """Spans that lie in no longer span ("face" in "part of my face")."""
    return [
        span
        for span in spans
        if not any(
            other.start <= span.start
            and span.end <= other.end
            and other.end - other.start > span.end - span.start
            for other in spans
        )
    ]


def _denied(span: _Span, spans: Sequence[_Span], tokens: Sequence[str]) -> bool:
    for at in range(span.start - 1, max(-1, span.start - 1 - DENIAL_REACHES), -1):
        goes_on = tokens[at] == COMMA and tokens[at + 1] in _words().joining
        if (tokens[at] in STOPS and not goes_on) or tokens[at] == "but":
            return False
        own = any(other.start <= at < other.end for other in spans)
        if tokens[at] in _words().negators and not own:
            return True
    return False


@cache
def _words() -> _Words:
    folder = files("dialogs.words") / _LANGUAGE
    options = tomllib.loads((folder / "options.toml").read_text("utf-8"))
    said = tomllib.loads((folder / "answers.toml").read_text("utf-8"))
    said_of_time = said["lengths"]
    speller = Speller(read_shorthand(_LANGUAGE))
    return _Words(
        speller=speller,
        synonyms={name: tuple(words) for name, words in options["options"].items()},
        polite=frozenset(said["polite"].split()),
        openers=frozenset(said["openers"].split()),
        speakers=frozenset(said["speakers"].split()),
        negators=frozenset(said["negators"].split()),
        joining=frozenset(said["joining"].split()),
        counting=frozenset(said["counting"].split()),
        lost=frozenset(tuple(speller.tokens(phrase)) for phrase in said["lost"]),
        lengths=LengthWords(
            units=said_of_time["units"],
            amounts={w: (n[0], n[1]) for w, n in said_of_time["amounts"].items()},
            **{
                name: frozenset(listed.split())
                for name, listed in said_of_time.items()
                if isinstance(listed, str)
            },
        ),
        pairs=tuple(
            {option: tuple(words) for option, words in pair.items()}
            for pair in options["pair"]
        ),
        numbers={w: str(n) for n, w in enumerate(said["numbers"].split())},
        ordinals={w: str(n) for n, w in enumerate(said["ordinals"].split(), start=1)},
    )
