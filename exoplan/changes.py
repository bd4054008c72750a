"""What becomes of a plan when an answer changes: the "what if" of a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exoplan.model import Json
from exoplan.plan import Plan


class Fate(StrEnum):
    """What happened to one item of a plan."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One item of either plan and its fate."""

    part: str  #: part of the plan, a field of it
    id: str  #: which item of that part
    fate: Fate  #: kept, added or removed

    def to_json(self) -> Json:
        """Plain values."""
        return {"part": self.part, "id": self.id, "fate": str(self.fate)}


def what_changes(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Every item of either plan with its fate, part by part; empty where all is kept.

    Kept items are listed beside changed ones, so that a screen can say what stays.
    """
    found: list[Change] = []
    old, new = _items(before), _items(after)
    for part in old:
        found += [
            Change(part, id, Fate.KEPT if id in new[part] else Fate.REMOVED)
            for id in old[part]
        ]
        found += [
            Change(part, id, Fate.ADDED) for id in new[part] if id not in old[part]
        ]
    if all(change.fate is Fate.KEPT for change in found):
        return ()
    return tuple(found)


def _items(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {
        "area": (plan.area,),
        "standing": (str(plan.standing),),
        "general_only": _ids([str(plan.general_only).lower()]),
        "closed_by": _ids(
            f"{one.flag_id}:{one.response}:{'+'.join(sorted(one.closes))}"
            for one in plan.closed_by
        ),
        "lines": _ids(line.statement.id for line in plan.lines),
        "layouts": _ids(f"{one.statement_id}:{one.count}" for one in plan.layouts),
        "factors": _ids(factor.id for factor in plan.factors),
        "factors_conflict": _ids([str(plan.factors_conflict).lower()]),
        "upkeep": _ids(line.statement.id for line in plan.upkeep),
        "first_change": _ids(one.id for one in (plan.first_change,) if one),
        "full_effect": _ids(one.id for one in (plan.full_effect,) if one),
        "not_stated": plan.not_stated,
        "ask_the_clinician": plan.ask_the_clinician,
        "notes": plan.notes,
        "clinic_statements": _ids(
            f"{one.clinic}:{one.topic}" for one in plan.clinic_statements
        ),
    }


def _ids(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
