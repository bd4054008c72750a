"""The words the engine speaks: answers, units, hedges, and what a source says.

Nothing here knows an area or a number; those live in ``protocols/*.toml``.
"""

from dataclasses import dataclass
from enum import StrEnum

#: The name under which PRP is closed, compared and cited beside the areas.
PRP = "prp"
#: The name of the protocol whose lines name no area.
GENERAL = "general"

Json = dict[str, object]


class Severity(StrEnum):
    """How it looks now, in the person's own words; not a medical grade."""

    MILD = "mild"
    MODERATE = "moderate"
    ADVANCED = "advanced"
    NOT_SURE = "not_sure"


class Goal(StrEnum):
    """How big a change the person hopes for."""

    SUBTLE = "subtle"
    MARKED = "marked"
    NOT_SURE = "not_sure"


class Combination(StrEnum):
    """What the visit is combined with."""

    MICRONEEDLING = "microneedling"
    RADIOFREQUENCY = "radiofrequency"
    NONE = "none"
    NOT_SURE = "not_sure"


class Size(StrEnum):
    """How large the place under treatment is."""

    SMALL = "small"
    LARGE = "large"
    NOT_SURE = "not_sure"


class Duration(StrEnum):
    """How long it has hurt; three months or more is what we call long-lasting."""

    UNDER_3_MONTHS = "under_3_months"
    THREE_MONTHS_OR_MORE = "3_months_or_more"
    NOT_SURE = "not_sure"


class Priority(StrEnum):
    """What matters most to the person; passed to the clinician, chooses nothing."""

    LESS_PAIN = "less_pain"
    MOVING_BETTER = "moving_better"
    SPORT = "sport"
    NOT_SURE = "not_sure"


class Earlier(StrEnum):
    """What the person had before."""

    NONE = "none"
    EXOSOMES = "exosomes"
    PRP = "prp"
    BOTH = "both"
    OTHER = "other"
    NOT_SURE = "not_sure"


class Outcome(StrEnum):
    """How the earlier treatment went."""

    CLEAR_CHANGE = "clear_change"
    SOME_CHANGE = "some_change"
    NO_CHANGE = "no_change"
    BAD_REACTION = "bad_reaction"
    NOT_SURE = "not_sure"


class PainBand(StrEnum):
    """Where 0–10 pain lies between the cut points of its joint."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class Hedge(StrEnum):
    """How firmly the source speaks."""

    MAY = "may"
    OFTEN = "often"
    SOMETIMES = "sometimes"
    NONE = "none"


class Unit(StrEnum):
    """What a number counts."""

    SESSION = "session"
    INJECTION = "injection"
    WEEK = "week"
    MONTH = "month"
    PER_YEAR = "per_year"


class Topic(StrEnum):
    """What a statement is about."""

    SESSIONS = "sessions"
    SPACING = "spacing"
    WINDOW = "window"
    FIRST_CHANGE = "first_change"
    FULL_EFFECT = "full_effect"
    COUNTED_FROM = "counted_from"
    REVIEW = "review"
    UPKEEP = "upkeep"
    LASTING = "lasting"
    HOW_GIVEN = "how_given"
    EVIDENCE = "evidence"
    PHASES = "phases"
    PHASE_EXAMPLE = "phase_example"
    TABLE_SESSIONS = "table_sessions"
    TABLE_UPKEEP = "table_upkeep"
    PRODUCT_SOURCE = "product_source"
    DOWNTIME_PRODUCT = "downtime_product"
    DOWNTIME_PROCEDURE = "downtime_procedure"
    GROWTH_FACTORS = "growth_factors"
    SIDE_EFFECTS = "side_effects"
    CHECK_FIRST = "check_first"
    SET_BY = "set_by"
    PLACE = "place"
    FACTOR = "factor"


class Direction(StrEnum):
    """Which way a factor pulls, where the source says."""

    MORE = "more"
    FEWER = "fewer"
    EITHER = "either"


class Counted(StrEnum):
    """What a factor changes."""

    SESSIONS = "sessions"
    INJECTIONS = "injections"


class Rule(StrEnum):
    """How a number that the source does not print follows from those it prints."""

    #: the first visit is the moment from which the others are counted
    FIRST_VISIT_IS_NOW = "first_visit_is_now"
    #: the n-th visit comes after n-1 gaps, each as the spacing says
    GAPS_ADD_UP = "gaps_add_up"
    #: … and all gaps together stay within the published window
    GAPS_WITHIN_WINDOW = "gaps_within_window"
    #: a year of twelve months shared evenly by its visits
    YEAR_SHARED_BY_VISITS = "year_shared_by_visits"
    #: the same range, counted from the last visit of the first phase
    COUNTED_FROM_LAST_VISIT = "counted_from_last_visit"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement can be read."""

    title: str  #: name of the publication
    passage: str  #: its section heading and list item
    also: tuple[str, ...] = ()  #: further passages that say the same

    def to_json(self) -> Json:
        """Title and passages, as plain values."""
        return {"title": self.title, "passage": self.passage, "also": list(self.also)}


@dataclass(frozen=True, slots=True)
class Range:
    """What the source prints: two ends and what they count."""

    low: int | None  #: the least it names; None = this end is not stated
    high: int | None  #: the most it names; None = this end is not stated
    unit: Unit  #: what both ends count

    def to_json(self) -> Json:
        """Both ends, an unstated one in words."""
        return {
            "low": "not stated" if self.low is None else self.low,
            "high": "not stated" if self.high is None else self.high,
            "unit": str(self.unit),
        }


@dataclass(frozen=True, slots=True)
class NotStated:
    """The source gives no figure, and this is why."""

    reason: str  #: id of the reason, to be put into words elsewhere

    def to_json(self) -> Json:
        """The reason's id."""
        return {"not_stated": self.reason}


@dataclass(frozen=True, slots=True)
class Words:
    """The source speaks without a figure."""

    id: str  #: id of what it says, to be put into words elsewhere

    def to_json(self) -> Json:
        """The id of what is said."""
        return {"words": self.id}


Value = Range | NotStated | Words


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a number of ours follows from published ones."""

    rule: Rule  #: the step taken
    of: tuple[str, ...]  #: ids of the statements it starts from

    def __str__(self) -> str:
        return f"{self.rule}({', '.join(self.of)})"

    def to_json(self) -> Json:
        """Rule and the ids it starts from."""
        return {"rule": str(self.rule), "of": list(self.of)}


@dataclass(frozen=True, slots=True)
class Condition:
    """The answers for which a statement was made."""

    field: str  #: field of the intake
    values: tuple[str, ...]  #: answers that meet it

    def to_json(self) -> Json:
        """Field and answers."""
        return {"field": self.field, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing one source says, no wider and no narrower than it says it."""

    id: str  #: e.g. "hair.initial.sessions"
    topic: Topic  #: what it is about
    value: Value  #: a range, words, or that nothing is stated
    hedge: Hedge  #: how firmly the source speaks
    about: bool  #: the source calls the figure approximate
    source: Source  #: where it can be read
    note: str  #: our own remark for the reviewer, never shown to a patient
    applies: tuple[Condition, ...] = ()  #: all must hold; empty = the whole area
    derived: Derivation | None = None  #: set where the figure is ours, not published

    def to_json(self) -> Json:
        """The statement with its source; nothing left out."""
        return {
            "id": self.id,
            "topic": str(self.topic),
            "value": self.value.to_json(),
            "hedge": str(self.hedge),
            "about": self.about,
            "applies": [condition.to_json() for condition in self.applies],
            "derived": self.derived.to_json() if self.derived else None,
            "source": self.source.to_json(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class ClinicStatement:
    """What the clinic itself says, shown under its name beside the published line."""

    area: str  #: id of the area it is about
    topic: Topic  #: which published lines it stands beside
    text: str  #: the clinic's own words
    clinic: str  #: whose words these are

    def to_json(self) -> Json:
        """The clinic's words under the clinic's name."""
        return {
            "area": self.area,
            "topic": str(self.topic),
            "text": self.text,
            "clinic": self.clinic,
        }
