"""What changes when one answer changes."""

import json

from hypothesis import given

from exoplan import Fate, Intake, make_plan, what_changes
from tests.exoplan.intakes import BOOK, intakes


@given(intakes(), intakes())
def test_looking_back_turns_added_into_removed(one, other):
    before, after = make_plan(one, BOOK), make_plan(other, BOOK)
    there, back = what_changes(before, after), what_changes(after, before)
    turned = {Fate.ADDED: Fate.REMOVED, Fate.REMOVED: Fate.ADDED, Fate.KEPT: Fate.KEPT}
    assert {(c.part, c.id, turned[c.fate]) for c in there} == {
        (c.part, c.id, c.fate) for c in back
    }
    assert len({(change.part, change.id) for change in there}) == len(there)
    plain = [change.to_json() for change in there]
    assert json.loads(json.dumps(plain)) == plain


def test_leaving_needling_out_keeps_the_range_and_drops_its_factor():
    answers = Intake("hair", screened=True).but(
        severity="mild", combination="microneedling"
    )
    changes = what_changes(
        make_plan(answers, BOOK), make_plan(answers.but(combination="none"), BOOK)
    )
    moved = [(c.part, c.id, c.fate) for c in changes if c.fate is not Fate.KEPT]
    assert moved == [("factors", "general.factor.combination", Fate.REMOVED)]
    kept = {change.id for change in changes if change.fate is Fate.KEPT}
    assert {"hair.initial.sessions", "hair.initial.sessions:3"} <= kept


def test_a_health_answer_removes_every_line():
    answers = Intake("skin", screened=True).but(severity="moderate")
    changes = what_changes(
        make_plan(answers, BOOK), make_plan(answers.but(yes={"RF10"}), BOOK)
    )
    for change in changes:
        if change.part in ("lines", "layouts", "factors", "upkeep"):
            assert change.fate is Fate.REMOVED
    assert ("standing", "held", Fate.ADDED) in [
        (change.part, change.id, change.fate) for change in changes
    ]
