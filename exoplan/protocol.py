"""One protocol text, read strictly: what it says, asks and weighs.

Every mistake is a ProtocolError that names file, table and key.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable

from exoplan.errors import InvalidIntake
from exoplan.intake import (
    CHOICES,
    NOT_SURE,
    PAIN_HIGHEST,
    PAIN_LOWEST,
    QUESTIONS,
    Intake,
)
from exoplan.intake import FIELDS as INTAKE_FIELDS
from exoplan.model import (
    Condition,
    Counted,
    Derivation,
    Direction,
    Hedge,
    NotStated,
    PainBand,
    Range,
    Rule,
    Size,
    Source,
    Statement,
    Topic,
    Unit,
    Value,
    Words,
)
from exoplan.reading import Table, read, refuse_twice

#: Topics on which every area says something, if only that nothing is stated.
REQUIRED_TOPICS = (
    Topic.SESSIONS,
    Topic.UPKEEP,
    Topic.FIRST_CHANGE,
    Topic.FULL_EFFECT,
)
#: Questions whose answer is a place of the area's own.
PLACE_QUESTIONS = ("site", "joint")
MONTHS_IN_A_YEAR = 12

# What has no figure must not smuggle one in by its name.
_WORDLESS_ID = re.compile(r"[a-z]+(_[a-z]+)*")


class Kind(StrEnum):
    """What a protocol text covers."""

    AREA = "area"
    PRP = "prp"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a question offers."""

    id: str  #: what is kept
    size: Size | None = None  #: how large this place is
    implies: str | None = None  #: the health flag this answer raises
    pain_middle_from: int | None = None  #: pain from here on is in the middle
    pain_high_from: int | None = None  #: pain from here on is high


@dataclass(frozen=True, slots=True)
class FactorRule:
    """Which way an answer pulls, as the source has it; never by how much."""

    statement: Statement  #: the source's line
    direction: Direction  #: which way it pulls
    of: Counted  #: what it changes
    fields: tuple[str, ...]  #: answers it looks at, first answered counts; () = always
    values: tuple[str, ...]  #: answers that set it off; () = any but "not sure"
    figure: Range | None  #: the only number the source adds to it
    instead_of: str | None  #: the general factor it takes the place of

    @property
    def id(self) -> str:
        """The id of its statement."""
        return self.statement.id


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything one text says about one area, about PRP, or in general."""

    file: str  #: name of the text, for error messages
    kind: Kind  #: what it covers
    id: str  #: id of the area; "prp"; "general"
    order: int  #: place among the areas
    questions: tuple[str, ...]  #: what the conversation asks, in this order
    places: tuple[Option, ...]  #: the sites or joints to choose from
    statements: tuple[Statement, ...]  #: in the order of the text
    factors: tuple[FactorRule, ...]  #: in the order of the text
    health: tuple[str, ...]  #: flags asked besides those for everybody

    @property
    def fields(self) -> tuple[str, ...]:
        """The intake fields that its questions fill."""
        return tuple(field for one in self.questions for field in QUESTIONS[one])

    def options(self, question: str) -> tuple[Option, ...]:
        """What a question offers here; raises InvalidIntake where it is not asked."""
        if question not in self.questions:
            raise InvalidIntake(question, f"no answer, {self.id} does not ask it")
        if question in PLACE_QUESTIONS:
            return self.places
        if question == "pain":
            return tuple(Option(str(n)) for n in range(PAIN_LOWEST, PAIN_HIGHEST + 1))
        return tuple(Option(str(member)) for member in CHOICES[question])

    def place(self, site: str | None) -> Option | None:
        """The place of this id; None where it has none such."""
        return next((place for place in self.places if place.id == site), None)

    def about(self, *topics: Topic) -> tuple[Statement, ...]:
        """Its statements on these topics, in the order of the text."""
        return tuple(one for one in self.statements if one.topic in topics)

    def check(self, intake: Intake) -> None:
        """Raise InvalidIntake where an answer belongs to no question asked here."""
        always = ("area", "yes", "unsure", "screened")
        for field in INTAKE_FIELDS:
            if field in always or field in self.fields:
                continue
            if getattr(intake, field) is not None:
                raise InvalidIntake(field, f"no answer, {self.id} does not ask it")
        if intake.site is None:
            return
        place = self.place(intake.site)
        if place is None:
            raise InvalidIntake("site", ", ".join(one.id for one in self.places))
        if intake.size is not None and place.size not in (None, intake.size):
            raise InvalidIntake("size", f"{place.size}, which {place.id} is")

    def size(self, intake: Intake) -> Size | None:
        """How large the place is: as answered, else as the site says."""
        if intake.size is not None:
            return intake.size
        place = self.place(intake.site)
        return place.size if place else None

    def pain_band(self, intake: Intake) -> PainBand | None:
        """Where the pain lies for this joint; an unnamed joint takes the strictest
        cut points. None where no pain was given or no cut points exist.
        """
        named = self.place(intake.site)
        among = [named] if named else list(self.places)
        middle = [p.pain_middle_from for p in among if p.pain_middle_from is not None]
        high = [p.pain_high_from for p in among if p.pain_high_from is not None]
        if intake.pain is None or not middle or not high:
            return None
        if intake.pain >= min(high):
            return PainBand.HIGH
        return PainBand.MIDDLE if intake.pain >= min(middle) else PainBand.LOW


def read_protocol(text: Traversable) -> Protocol:
    """One protocol text; raises ProtocolError naming file, table and key."""
    top = read(text)
    head = top.table("protocol")
    head.where = "[protocol]"
    kind = head.word("kind", Kind)
    id = head.text("id")
    is_area = kind is Kind.AREA
    order = head.whole("order") if is_area else 0
    questions = _questions(head) if is_area else ()
    health = head.texts("health")
    head.done()
    places = _places(top, questions)
    answers = _answers(questions, places)
    statements = tuple(_statement(one, id, answers) for one in top.tables("statement"))
    factors = tuple(_factor(one, id) for one in top.tables("factor"))
    top.done()
    refuse_twice(top.file, _ids(places, statements, factors))
    protocol = Protocol(
        top.file, kind, id, order, questions, places, statements, factors, health
    )
    for topic in REQUIRED_TOPICS if kind is Kind.AREA else ():
        if not protocol.about(topic):
            raise head.wrong("kind", f"an area says something on {topic}")
    return protocol


def _ids(
    places: Iterable[Option],
    statements: Iterable[Statement],
    factors: Iterable[FactorRule],
) -> list[str]:
    return [
        *(place.id for place in places),
        *(statement.id for statement in statements),
        *(factor.id for factor in factors),
    ]


def _questions(head: Table) -> tuple[str, ...]:
    questions = head.texts("questions")
    refuse_twice(head.file, questions)
    for one in questions:
        if one not in QUESTIONS:
            known = ", ".join(QUESTIONS)
            raise head.wrong("questions", f"{one!r} is none of {known}")
    if set(PLACE_QUESTIONS) <= set(questions):
        raise head.wrong("questions", "asks for a site and a joint")
    return questions


def _places(top: Table, questions: Iterable[str]) -> tuple[Option, ...]:
    asked = [one for one in questions if one in PLACE_QUESTIONS]
    if not asked:
        if "options" in top:
            raise top.wrong("options", "[protocol] questions asks for no site or joint")
        return ()
    options = top.table("options")
    options.where = "[options]"
    places = tuple(_place(one) for one in options.tables(asked[0]))
    options.done()
    if not places:
        raise options.wrong(asked[0], "offers no answer")
    return places


def _place(table: Table) -> Option:
    place = Option(
        id=table.text("id"),
        size=table.word("size", Size) if "size" in table else None,
        implies=table.text("implies") if "implies" in table else None,
        pain_middle_from=_cut_point(table, "pain_middle_from"),
        pain_high_from=_cut_point(table, "pain_high_from"),
    )
    if (place.pain_middle_from is None) != (place.pain_high_from is None):
        raise table.wrong("pain_high_from", "comes with pain_middle_from or not at all")
    if (place.pain_middle_from or 0) > (place.pain_high_from or 0):
        raise table.wrong("pain_middle_from", "is above pain_high_from")
    table.done()
    return place


def _cut_point(table: Table, key: str) -> int | None:
    if key not in table:
        return None
    cut = table.whole(key)
    if cut > PAIN_HIGHEST:
        raise table.wrong(key, f"is above {PAIN_HIGHEST}")
    return cut


def _answers(
    questions: Iterable[str], places: Iterable[Option]
) -> dict[str, tuple[str, ...]]:
    """For each field a statement may depend on, the answers there are."""
    fields = [field for one in questions for field in QUESTIONS[one]]
    answers = {one: tuple(map(str, CHOICES[one])) for one in fields if one in CHOICES}
    if "site" in fields:
        answers["site"] = tuple(place.id for place in places)
    return answers


def _statement(
    table: Table, protocol: str, answers: dict[str, tuple[str, ...]]
) -> Statement:
    id = _id(table, protocol)
    topic = table.word("topic", Topic)
    value = _value(table.table("value"))
    statement = Statement(
        id=id,
        topic=topic,
        value=value,
        hedge=table.word("hedge", Hedge),
        about=table.yes_no("about", otherwise=False),
        source=_source(table),
        note=table.text("note"),
        applies=_applies(table, answers),
        derived=_derivation(table) if "derived" in table else None,
    )
    table.done()
    return statement


def _id(table: Table, protocol: str) -> str:
    id = table.text("id")
    if not id.startswith(f"{protocol}."):
        raise table.wrong("id", f"must begin with {protocol}.")
    return id


def _value(table: Table) -> Value:
    if "not_stated" in table:
        value: Value = NotStated(_wordless(table, "not_stated"))
    elif "words" in table:
        value = Words(_wordless(table, "words"))
    else:
        return _range(table)
    table.done()
    return value


def _wordless(table: Table, key: str) -> str:
    id = table.text(key)
    if not _WORDLESS_ID.fullmatch(id):
        raise table.wrong(key, "must be an id of small letters, without figures")
    return id


def _range(table: Table) -> Range:
    low, high = table.end("low"), table.end("high")
    found = Range(low, high, table.word("unit", Unit))
    if low is None and high is None:
        raise table.wrong("low", 'both ends not stated: write not_stated = "reason"')
    if low is not None and high is not None and low > high:
        raise table.wrong("low", f"{low} is above high, {high}")
    table.done()
    return found


def _source(table: Table) -> Source:
    source = table.table("source")
    found = Source(source.text("title"), source.text("passage"), source.texts("also"))
    source.done()
    return found


def _applies(
    table: Table, answers: dict[str, tuple[str, ...]]
) -> tuple[Condition, ...]:
    if "applies" not in table:
        return ()
    applies = table.table("applies")
    conditions = []
    for field in applies.keys():  # noqa: SIM118 - a Table is no mapping
        values = applies.texts(field)
        if not values or not set(values) <= set(answers.get(field, ())) - {NOT_SURE}:
            raise applies.wrong(field, "names an answer that is not given here")
        conditions.append(Condition(field, values))
    return tuple(conditions)


def _derivation(table: Table) -> Derivation:
    derived = table.table("derived")
    found = Derivation(derived.word("rule", Rule), derived.texts("of"))
    derived.done()
    return found


def _factor(table: Table, protocol: str) -> FactorRule:
    id = _id(table, protocol)
    direction = table.word("direction", Direction)
    fields, values = _when(table)
    rule = FactorRule(
        statement=Statement(
            id=id,
            topic=Topic.FACTOR,
            value=Words(str(direction)),
            hedge=table.word("hedge", Hedge),
            about=False,
            source=_source(table),
            note=table.text("note"),
        ),
        direction=direction,
        of=table.word("of", Counted),
        fields=fields,
        values=values,
        figure=_range(table.table("figure")) if "figure" in table else None,
        instead_of=table.text("instead_of") if "instead_of" in table else None,
    )
    table.done()
    return rule


def _when(table: Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if "when" not in table:
        return (), ()
    when = table.table("when")
    fields, values = when.texts("fields"), when.texts("values")
    if not fields:
        raise when.wrong("fields", "names no answer")
    for field in fields:
        if field != "site" and field not in CHOICES:
            raise when.wrong("fields", f"no question fills {field}")
        if field != "site" and not set(values) <= set(CHOICES[field]):
            raise when.wrong("values", f"names an answer {field} does not have")
    when.done()
    return fields, values
