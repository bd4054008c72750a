"""What a person answered, checked as far as it can be without a protocol."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from exoplan.errors import InvalidIntake
from exoplan.model import (
    Combination,
    Duration,
    Earlier,
    Goal,
    Json,
    Outcome,
    Priority,
    Severity,
    Size,
)

#: Ends of the pain scale, none to worst.
PAIN_LOWEST, PAIN_HIGHEST = 0, 10

#: The closed answers: each field and the words it allows.
CHOICES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "size": Size,
        "severity": Severity,
        "duration": Duration,
        "priority": Priority,
        "goal": Goal,
        "combination": Combination,
        "earlier": Earlier,
        "outcome": Outcome,
    }
)

#: Each question a protocol may ask, and the fields its answer fills.
QUESTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "site": ("site", "size"),
        "joint": ("site",),
        "severity": ("severity",),
        "duration": ("duration",),
        "pain": ("pain",),
        "priority": ("priority",),
        "goal": ("goal",),
        "combination": ("combination",),
        "earlier": ("earlier", "outcome"),
    }
)

NOT_SURE = "not_sure"


@dataclass(frozen=True, slots=True)
class Intake:
    """The answers of one person about one area; None = not asked.

    Raises InvalidIntake, naming the field and what it allows. Whether an area asks a
    question, and which sites it has, is the protocol's to say: see ``make_plan``.
    """

    area: str  #: id of a protocol
    site: str | None = None  #: id of a site, or of a joint
    size: Size | None = None  #: follows from the site where the protocol says so
    severity: Severity | None = None  #: own description of how it looks
    duration: Duration | None = None  #: how long it has hurt
    pain: int | None = None  #: average of the last week, 0–10
    priority: Priority | None = None  #: what matters most
    goal: Goal | None = None  #: how big a change is hoped for
    combination: Combination | None = None  #: what it is combined with
    earlier: Earlier | None = None  #: what was done before
    outcome: Outcome | None = None  #: how that went
    yes: frozenset[str] = frozenset()  #: ids of the health flags ticked
    unsure: frozenset[str] = frozenset()  #: ids of the flags answered "not sure"
    screened: bool = False  #: the health lists were answered

    def __post_init__(self) -> None:
        for name, kind in CHOICES.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _choice(name, kind, value))
        if not isinstance(self.area, str) or not self.area:
            raise InvalidIntake("area", "the id of an area")
        if self.site is not None and not isinstance(self.site, str):
            raise InvalidIntake("site", "the id of a site")
        if self.pain is not None and (
            type(self.pain) is not int or not PAIN_LOWEST <= self.pain <= PAIN_HIGHEST
        ):
            raise InvalidIntake("pain", f"{PAIN_LOWEST} to {PAIN_HIGHEST}")
        for name in ("yes", "unsure"):
            object.__setattr__(self, name, _flag_ids(name, getattr(self, name)))
        if type(self.screened) is not bool:
            raise InvalidIntake("screened", "true or false")

    def but(self, **answers: Any) -> Self:
        """The same intake with some answers changed: the "what if" of a person."""
        _check_fields(answers)
        return replace(self, **answers)

    def to_json(self) -> Json:
        """Plain values in a fixed order; unanswered fields are null."""
        plain: Json = {}
        for name in FIELDS:
            value = getattr(self, name)
            if isinstance(value, frozenset):
                plain[name] = sorted(value)
            else:
                plain[name] = str(value) if isinstance(value, StrEnum) else value
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, object]) -> Self:
        """What ``to_json`` wrote; absent fields count as not asked."""
        if "area" not in plain:
            raise InvalidIntake("area", "the id of an area")
        _check_fields(plain)
        return cls(**plain)  # type: ignore[arg-type]  # checked as it is made


#: Every field of an intake, in its order.
FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Intake))
_NAMES = frozenset(FIELDS)


def _check_fields(names: Iterable[str]) -> None:
    for name in names:
        if name not in _NAMES:
            raise InvalidIntake(name, f"nothing; fields are {', '.join(FIELDS)}")


def _choice(name: str, kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise InvalidIntake(name, ", ".join(kind)) from None


def _flag_ids(name: str, value: object) -> frozenset[str]:
    if not isinstance(value, frozenset | set | list | tuple) or not all(
        isinstance(one, str) for one in value
    ):
        raise InvalidIntake(name, "a set of flag ids")
    return frozenset(value)
