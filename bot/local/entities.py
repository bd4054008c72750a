"""Telegram's HTML: markup to text and entities, offsets in UTF-16 units.

Follows the subset of https://core.telegram.org/bots/api#html-style. Errors carry the
real server's words, without the prefix "can't parse entities: ".
"""

import html.entities
import re
from dataclasses import dataclass
from typing import Any

from bot.local.limits import MAX_ENTITIES

Entity = dict[str, Any]

SIMPLE_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
}
TAGS = {*SIMPLE_TAGS, "a", "code", "pre", "blockquote", "span", "tg-emoji"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
#: these hold nothing else and are held by nothing else
CODE = ("pre", "code")
QUOTES = ("blockquote", "expandable_blockquote")

#: outer entities come first where several start at the same place
_RANK = {
    "expandable_blockquote": 0,
    "blockquote": 0,
    "text_link": 1,
    "text_mention": 1,
    "pre": 2,
    "code": 2,
    "bold": 3,
    "italic": 4,
    "underline": 5,
    "strikethrough": 6,
    "spoiler": 7,
    "custom_emoji": 8,
}

_FOUND = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]+|\b(?:t\.me|telegram\.me)/[^\s<>\"]+)"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w/<>])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{3,31})?)\b(?!/)"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)"
)


class Unparsable(ValueError):
    """The markup is not Telegram's HTML; the text says where."""


@dataclass(frozen=True, slots=True)
class Parsed:
    text: str  #: what is shown
    entities: list[Entity]  #: sorted, offsets and lengths in UTF-16 units
    slips: tuple[str, ...] = ()  #: what the real server would silently drop


def utf16_length(text: str) -> int:
    """How many UTF-16 units the text takes."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    part = raw[offset * 2 : (offset + length) * 2]
    return part.decode("utf-16-le", "surrogatepass")


@dataclass(slots=True)
class _Open:
    tag: str
    start: int  # UTF-16 offset of its first letter
    made: Entity | None  # the entity it will be, without its place
    byte: int


def parse_html(source: str) -> Parsed:
    """Markup to text and entities. Raises Unparsable."""
    reader = _Reader(source)
    reader.read()
    return reader.parsed()


class _Reader:
    """Walks the markup once, left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._shown: list[str] = []
        self._units = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def read(self) -> None:
        source = self._source
        while self._at < len(source):
            letter = source[self._at]
            if letter == "&":
                self._reference()
            elif letter != "<":
                self._show(letter)
                self._at += 1
            elif source.startswith("</", self._at):
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            raise Unparsable(
                f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"'
            )

    def parsed(self) -> Parsed:
        text, entities = trim("".join(self._shown), self._entities)
        entities.sort(key=_order)
        entities, slips = _untangle(entities)
        return Parsed(text, entities[:MAX_ENTITIES], tuple(slips))

    def _byte(self, at: int) -> int:
        return len(self._source[:at].encode("utf-8", "surrogatepass"))

    def _show(self, letter: str) -> None:
        self._shown.append(letter)
        self._units += utf16_length(letter)

    def _reference(self) -> None:
        decoded, length = decode_reference(self._source, self._at)
        self._show(decoded)
        self._at += length

    def _start_tag(self) -> None:
        source, begin = self._source, self._at
        byte = self._byte(begin)
        close = re.compile(r"[\s>]").search(source, begin + 1)
        if close is None:
            raise Unparsable(f"Unclosed start tag at byte offset {byte}")
        tag = source[begin + 1 : close.start()].lower()
        if tag not in TAGS:
            raise Unparsable(f'Unsupported start tag "{tag}" at byte offset {byte}')
        attributes, self._at = self._attributes(tag, close.start(), byte)
        self._open.append(
            _Open(tag, self._units, self._entity(tag, attributes, byte), byte)
        )

    def _attributes(self, tag: str, at: int, byte: int) -> tuple[dict[str, str], int]:
        """The attributes, and the place after the closing bracket."""
        source = self._source
        found: dict[str, str] = {}
        while True:
            while at < len(source) and source[at].isspace():
                at += 1
            if at >= len(source):
                raise Unparsable(f'Unclosed start tag "{tag}" at byte offset {byte}')
            if source[at] == ">":
                return found, at + 1
            name = re.compile(r"[^\s=>]*").match(source, at)
            key = name.group() if name else ""
            if not key:
                raise Unparsable(
                    f'Empty attribute name in the tag "{tag}" at byte offset {byte}'
                )
            at += len(key)
            while at < len(source) and source[at].isspace():
                at += 1
            if at >= len(source) or source[at] != "=":
                found[key.lower()] = ""
                continue
            at += 1
            while at < len(source) and source[at].isspace():
                at += 1
            value, at = self._value(tag, at, byte)
            found[key.lower()] = value

    def _value(self, tag: str, at: int, byte: int) -> tuple[str, int]:
        source = self._source
        if at >= len(source):
            raise Unparsable(f'Unclosed start tag "{tag}" at byte offset {byte}')
        if source[at] in "'\"":
            end = source.find(source[at], at + 1)
            if end < 0:
                raise Unparsable(f'Unclosed start tag "{tag}" at byte offset {byte}')
            return _decode_all(source[at + 1 : end]), end + 1
        bare = re.compile(r"[A-Za-z0-9.-]+").match(source, at)
        if bare is None:
            raise Unparsable(
                f"Unexpected end of name token at byte offset {self._byte(at)}"
            )
        return bare.group().lower(), bare.end()

    def _entity(self, tag: str, given: dict[str, str], byte: int) -> Entity | None:
        if tag in SIMPLE_TAGS:
            return {"type": SIMPLE_TAGS[tag]}
        if tag == "blockquote":
            folded = "expandable" in given
            return {"type": "expandable_blockquote" if folded else "blockquote"}
        if tag == "pre":
            return {"type": "pre"}
        if tag == "code":
            name = given.get("class", "")
            marked = {"type": "code"}
            if name.startswith("language-"):
                marked["language"] = name.removeprefix("language-")
            return marked
        if tag == "span":
            if given.get("class") != "tg-spoiler":
                raise Unparsable(
                    f'Tag "span" must have class "tg-spoiler" at byte offset {byte}'
                )
            return {"type": "spoiler"}
        if tag == "tg-emoji":
            emoji = given.get("emoji-id", "")
            if not emoji.isdigit():
                raise Unparsable("Invalid custom emoji identifier specified")
            return {"type": "custom_emoji", "custom_emoji_id": emoji}
        return {"type": "text_link", "url": given.get("href", "")}

    def _end_tag(self) -> None:
        source, byte = self._source, self._byte(self._at)
        close = source.find(">", self._at)
        if close < 0:
            raise Unparsable(f"Unclosed end tag at byte offset {byte}")
        tag = source[self._at + 2 : close].strip().lower()
        if not self._open:
            raise Unparsable(f"Unexpected end tag at byte offset {byte}")
        opened = self._open.pop()
        if tag and tag != opened.tag:
            raise Unparsable(
                f"Unmatched end tag at byte offset {byte}, "
                f'expected "</{opened.tag}>", found "</{tag}>"'
            )
        self._at = close + 1
        self._finish(opened)

    def _finish(self, opened: _Open) -> None:
        made, length = opened.made, self._units - opened.start
        if made is None or length == 0:
            return
        if made["type"] == "text_link":
            shown = utf16_slice("".join(self._shown), opened.start, length)
            url = _link(made["url"] or shown)
            if url is None:
                return
            made = {"type": "text_link", "url": url}
        if made["type"] == "pre" and self._entities:
            # <pre><code class="language-x"> is one entity with a language.
            last = self._entities[-1]
            whole = (last["offset"], last["length"]) == (opened.start, length)
            if whole and last["type"] == "code" and "language" in last:
                self._entities.pop()
                made = {"type": "pre", "language": last["language"]}
        self._entities.append({"offset": opened.start, "length": length, **made})


def decode_reference(source: str, at: int) -> tuple[str, int]:
    """What the "&" at this place stands for, and how many letters it takes."""
    numeric = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}));?").match(source, at)
    if numeric:
        code = int(numeric[1], 16) if numeric[1] else int(numeric[2])
        if 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code), len(numeric.group())
        return "&", 1
    named = re.compile(r"&([a-zA-Z]+);?").match(source, at)
    if named and named[1] in NAMED:
        return NAMED[named[1]], len(named.group())
    return "&", 1


def unknown_references(source: str) -> list[str]:
    """HTML's other names, such as &nbsp;, which Telegram shows letter by letter."""
    return [
        found.group()
        for found in re.finditer(r"&([a-zA-Z]+);", source)
        if found[1] not in NAMED and f"{found[1]};" in html.entities.html5
    ]


def _decode_all(source: str) -> str:
    out, at = [], 0
    while at < len(source):
        if source[at] == "&":
            letter, length = decode_reference(source, at)
            out.append(letter)
            at += length
        else:
            out.append(source[at])
            at += 1
    return "".join(out)


def _link(url: str) -> str | None:
    """The link as Telegram keeps it, None where it keeps none."""
    url = url.strip()
    if re.match(r"(?i)(https?|tg|ton|tonsite)://\S+$", url):
        return url
    if re.match(r"(?i)[\w-]+(\.[\w-]+)*\.[a-z]{2,}(/\S*)?$", url):
        return f"http://{url}"
    return None


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """White space around the message goes; entities of nothing but it go too."""
    led = utf16_length(text[: len(text) - len(text.lstrip())])
    shown = text.strip()
    total = utf16_length(shown)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - led, 0)
        end = min(entity["offset"] + entity["length"] - led, total)
        if end > start and utf16_slice(shown, start, end - start).strip():
            kept.append({**entity, "offset": start, "length": end - start})
    return shown, kept


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity["offset"], -entity["length"], _RANK.get(entity["type"], 9)


def _untangle(entities: list[Entity]) -> tuple[list[Entity], list[str]]:
    """Drop what may not be nested, as the real server does, and name what it was."""
    kept: list[Entity] = []
    slips: list[str] = []
    for entity in entities:
        around = [one for one in kept if _holds(one, entity)]
        kinds = {one["type"] for one in around}
        if kinds & set(CODE):
            slips.append(f"{entity['type']} inside code")
        elif entity["type"] in kinds:
            continue
        elif entity["type"] in QUOTES and kinds & set(QUOTES):
            slips.append("blockquote inside blockquote")
        elif entity["type"] in CODE and kinds - set(QUOTES):
            slips.append(f"{entity['type']} inside {min(kinds - set(QUOTES))}")
            kept = [one for one in kept if one not in around or one["type"] in QUOTES]
            kept.append(entity)
        else:
            kept.append(entity)
    for entity in kept:
        if entity["type"] == "code":
            entity.pop("language", None)
    return kept, slips


def _holds(outer: Entity, inner: Entity) -> bool:
    return bool(
        outer["offset"] <= inner["offset"]
        and inner["offset"] + inner["length"] <= outer["offset"] + outer["length"]
    )


def found_in(text: str, taken: list[Entity]) -> list[Entity]:
    """What Telegram finds by itself: links, commands, mentions, e-mail, hashtags.

    `taken` are the entities given already; nothing is found inside links and code.
    """
    closed = [one for one in taken if one["type"] in ("text_link", *CODE)]
    found: list[Entity] = []
    for match in _FOUND.finditer(text):
        kind = match.lastgroup or ""
        shown = match.group()
        if kind == "url":
            shown = shown.rstrip(".,;:!?)]}'»”")
        entity = {
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(shown),
            "type": kind,
        }
        if not any(_overlap(entity, one) for one in closed):
            found.append(entity)
    return found


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"]
        and other["offset"] < one["offset"] + one["length"]
    )


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """The given entities and those Telegram finds, in order."""
    return sorted([*entities, *found_in(text, entities)], key=_order)
