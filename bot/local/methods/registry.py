"""The methods by name, each with the parameters it knows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.local.nouns import User
from bot.local.params import Params
from bot.local.world import World


@dataclass(slots=True)
class Call:
    """One call of one method."""

    world: World
    params: Params
    slips: list[str] = field(default_factory=list)  #: what the real server would hide

    @property
    def bot(self) -> User:
        """The bot that calls."""
        return self.world.bot


Run = Callable[[Call], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    name: str  #: as the documentation writes it
    parameters: frozenset[str]  #: all it knows; others are slips
    run: Run


#: by lower-case name: the real server does not mind the case
METHODS: dict[str, Method] = {}


def method(name: str, *parameters: str) -> Callable[[Run], Run]:
    """Register a method and the parameters it knows."""

    def register(run: Run) -> Run:
        METHODS[name.lower()] = Method(name, frozenset(parameters), run)
        return run

    return register
