"""The plan engine: answers in, published ranges out.

>>> from exoplan import Goal, Intake, Severity, load_book, make_plan
>>> book = load_book()
>>> answers = Intake(
...     area="hair", site="crown", severity=Severity.MODERATE, goal=Goal.MARKED,
...     screened=True,
... )
>>> plan = make_plan(answers, book)
>>> plan.lines[0].statement.id, plan.lines[0].statement.value
('hair.initial.sessions', Range(low=1, high=3, unit=<Unit.SESSION: 'session'>))
>>> [(visit.earliest, visit.latest) for visit in plan.layouts[-1].visits]
[(0, 0), (6, 12), (12, 18)]
>>> [(str(factor.direction), factor.trigger) for factor in plan.factors]
[('fewer', ('site', 'crown')), ('more', ('goal', 'marked')), ('either', None)]
>>> plan.not_stated
('hair.first_change', 'hair.full_effect', 'hair.how_given', 'general.lasting')

A health answer closes it, and no number is left:

>>> held = make_plan(answers.but(yes={"RF10"}), book)
>>> str(held.standing), held.layouts, dict(held.numbers())
('held', (), {})

The engine is pure: it knows no clock, no chance and no channel, and it holds no words
for people, only ids, numbers, units, hedges and sources.
"""

from exoplan.book import ProtocolBook, load_book, load_screening
from exoplan.changes import Change, Fate, what_changes
from exoplan.compare import Cell, CellKind, Comparison, Row, compare
from exoplan.engine import make_plan
from exoplan.errors import (
    AreaClosed,
    ExoplanError,
    InvalidIntake,
    ProtocolError,
    UnknownArea,
    UnknownStatement,
)
from exoplan.intake import Intake
from exoplan.model import (
    GENERAL,
    PRP,
    ClinicStatement,
    Combination,
    Condition,
    Counted,
    Derivation,
    Direction,
    Duration,
    Earlier,
    Goal,
    Hedge,
    NotStated,
    Outcome,
    PainBand,
    Priority,
    Range,
    Rule,
    Severity,
    Size,
    Source,
    Statement,
    Topic,
    Unit,
    Words,
)
from exoplan.plan import AfterLast, Factor, Layout, Line, Plan, Visit
from exoplan.protocol import FactorRule, Option, Protocol
from exoplan.screening import (
    Closure,
    Flag,
    Response,
    Screening,
    Standing,
    Strength,
    TickList,
)

__all__ = [
    "GENERAL",
    "PRP",
    "AfterLast",
    "AreaClosed",
    "Cell",
    "CellKind",
    "Change",
    "ClinicStatement",
    "Closure",
    "Combination",
    "Comparison",
    "Condition",
    "Counted",
    "Derivation",
    "Direction",
    "Duration",
    "Earlier",
    "ExoplanError",
    "Factor",
    "FactorRule",
    "Fate",
    "Flag",
    "Goal",
    "Hedge",
    "Intake",
    "InvalidIntake",
    "Layout",
    "Line",
    "NotStated",
    "Option",
    "Outcome",
    "PainBand",
    "Plan",
    "Priority",
    "Protocol",
    "ProtocolBook",
    "ProtocolError",
    "Range",
    "Response",
    "Row",
    "Rule",
    "Screening",
    "Severity",
    "Size",
    "Source",
    "Standing",
    "Statement",
    "Strength",
    "TickList",
    "Topic",
    "Unit",
    "UnknownArea",
    "UnknownStatement",
    "Visit",
    "Words",
    "compare",
    "load_book",
    "load_screening",
    "make_plan",
    "what_changes",
]
