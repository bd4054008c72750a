"""The words of one language: labels, names of answers, what engine ids read as."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

#: The language of every text that ships.
LANGUAGE = "en"


def folder(language: str) -> Path:
    """Where the texts of a language lie."""
    return Path(str(files("templates"))) / language


#: Tables of words.toml to which the words of an area may add.
OF_THE_ENGINE = ("not_stated", "gaps", "said", "notes", "factors")

_OF_AN_AREA = {"name", "title", "asks", "options", "lines", "for", *OF_THE_ENGINE}


@dataclass(frozen=True, slots=True)
class AreaWords:
    """What people read about one area."""

    name: str  #: "Hair", on its button
    title: str  #: "hair", in a heading
    asks: Mapping[str, str]  #: question to its words, where the area has its own
    options: Mapping[str, str]  #: "site:crown" to its words
    lines: Mapping[str, str]  #: "severity:mild" to the line that describes it
    meant_for: Mapping[str, str]  #: statement id to whom it is meant for
    engine: Mapping[str, Mapping[str, str]]  #: what it adds to tables of words.toml


class Words:
    """All words of one language, looked up by key.

    Raises ConfigError naming file and key where something is missing or misspelt.
    """

    def __init__(self, language: str = LANGUAGE) -> None:
        self.language = language
        self.folder = folder(language)
        labels = self._read("labels.toml")
        self.buttons: Mapping[str, str] = labels["buttons"]
        self.questions: Mapping[str, str] = labels["questions"]
        self.topics: Mapping[str, str] = labels["topics"]
        self.options: Mapping[str, str] = labels["options"]
        self.flags: Mapping[str, Mapping[str, str]] = self._read("flags.toml")
        self.asks: Mapping[str, Mapping[str, str]] = self._read("asks.toml")
        self.commands: Mapping[str, Mapping[str, str]] = self._read("commands.toml")
        self.paper: Mapping[str, Any] = self._read("paper.toml")
        self.visits: Mapping[str, Any] = self._read("visits.toml")
        self._found: dict[str, str] = {}  # by key; looked up for every button
        self.areas: dict[str, AreaWords] = {
            path.stem: self._area(path)
            for path in sorted(self.folder.glob("areas/*.toml"))
        }
        self.engine: Mapping[str, Mapping[str, Any]] = self._of_the_engine()

    def label(self, key: str) -> str:
        """The words of a button, a question, an answer, a topic or a flag.

        An answer is looked up in its area first ("hair/severity:mild"), then in
        general, then by its value alone ("not_sure").
        """
        found = self._found.get(key)
        if found is None:
            if (found := self._find(key)) is None:
                raise ConfigError(f"{self.home_of(key)}: no words for {key!r}")
            self._found[key] = found
        return found

    def knows(self, key: str) -> bool:
        """Whether `label` has words for this key."""
        return self._find(key) is not None

    def home_of(self, key: str) -> str:
        """The file, and the table in it, that has a key's words or ought to."""
        area, _, option = key.rpartition("/")
        kind, _, value = option.partition(":")
        if area:
            return f"areas/{area}.toml [options]"
        return f"areas/{value}.toml" if kind == "area" else "labels.toml"

    def home_of_said(self, table: str, id: str) -> str:
        """The file and table that put an id of the engine into words."""
        for area, own in self.areas.items():
            if id in own.engine.get(table, {}):
                return f"areas/{area}.toml [{table}]"
        return f"words.toml [{table}]"

    def _find(self, key: str) -> str | None:
        area, _, option = key.rpartition("/")
        kind, _, value = option.partition(":")
        own = self.areas[area].options if area in self.areas else {}
        for table, name in (
            (self.buttons, option),
            (own, option),
            (self.options, option),
            (self.options, value),
        ):
            if name and name in table:
                return table[name]
        match kind:
            case "area" if value in self.areas:
                return self.areas[value].name
            case "question":
                return self.questions.get(value)
            case "topic":
                return self.topics.get(value)
            case "flag" if value in self.flags:
                return self.flags[value].get("short")
            case "pain":
                return value
        return None

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(f"{path}: cannot be read ({fault})") from None
        except tomllib.TOMLDecodeError as fault:
            raise ConfigError(f"{path}: is not TOML: {fault}") from None

    def _area(self, path: Path) -> AreaWords:
        table = self._read(f"areas/{path.name}")
        for key in table.keys() - _OF_AN_AREA:
            known = ", ".join(sorted(_OF_AN_AREA))
            raise ConfigError(f"areas/{path.name}: {key}: is none of {known}")
        try:
            return AreaWords(
                name=table["name"],
                title=table["title"],
                asks=table.get("asks", {}),
                options=table.get("options", {}),
                lines=table.get("lines", {}),
                meant_for=table.get("for", {}),
                engine={name: table.get(name, {}) for name in OF_THE_ENGINE},
            )
        except KeyError as missing:
            raise ConfigError(f"areas/{path.name}: {missing} is missing") from None

    def _of_the_engine(self) -> dict[str, dict[str, Any]]:
        """words.toml, and what the areas add; raises ConfigError for what is twice."""
        said: dict[str, dict[str, Any]] = self._read("words.toml")
        for area, own in self.areas.items():
            for table, words in own.engine.items():
                known = said.setdefault(table, {})
                for key in words.keys() & known.keys():
                    where = f"areas/{area}.toml [{table}]"
                    raise ConfigError(f"{where}: {key}: has words elsewhere already")
                known.update(words)
        return said
