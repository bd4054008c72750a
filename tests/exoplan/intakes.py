"""Every intake a conversation can produce, and random ones beside them."""

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from exoplan import Earlier, Intake, Outcome, load_book
from exoplan.intake import CHOICES

BOOK = load_book()
FLAG_IDS = tuple(flag.id for flag in BOOK.screening.flags)

_HAD_SOMETHING = (Earlier.EXOSOMES, Earlier.PRP, Earlier.BOTH, Earlier.OTHER)
#: What was done before, with how it went where there is something to tell.
HISTORIES = (
    *((earlier, None) for earlier in (None, Earlier.NONE, Earlier.NOT_SURE)),
    *product(_HAD_SOMETHING, Outcome),
)
#: One pain in each band, and none given.
PAINS = (None, 4, 5, 8)


def every_intake(area: str, screened: bool = True) -> Iterator[Intake]:
    """The product of all answers to all questions of one area."""
    protocol = BOOK.area(area)
    open_fields = [f for f in protocol.fields if f not in ("size", "outcome")]
    answers: list[tuple[object, ...]] = []
    for field in open_fields:
        if field == "site":
            answers.append((None, *(place.id for place in protocol.places)))
        elif field == "earlier":
            answers.append(HISTORIES)
        elif field == "pain":
            answers.append(PAINS)
        else:
            answers.append((None, *CHOICES[field]))
    for combination in product(*answers):
        given = dict(zip(open_fields, combination, strict=True))
        given["earlier"], given["outcome"] = given["earlier"]  # type: ignore[misc]
        yield Intake(area, screened=screened).but(**given)


@st.composite
def intakes(draw: st.DrawFn, flags: bool = True) -> Intake:
    """Any intake of any area, with any flags ticked or unsure."""
    area = BOOK.area(draw(st.sampled_from(BOOK.areas)))
    given: dict[str, object] = {}
    for field in area.fields:
        if field == "site":
            values: tuple[object, ...] = tuple(place.id for place in area.places)
        elif field == "size":
            continue  # it follows from the site
        elif field == "pain":
            values = tuple(range(11))
        else:
            values = tuple(CHOICES[field])
        given[field] = draw(st.sampled_from((None, *values)))
    if flags:
        some = st.frozensets(st.sampled_from(FLAG_IDS), max_size=4)
        given["yes"], given["unsure"] = draw(some), draw(some)
    return Intake(area.id, screened=draw(st.booleans())).but(**given)
