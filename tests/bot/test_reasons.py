"""Every reason and every kind that the team can be told has its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest
from sqlalchemy import CheckConstraint

from bot.store import tables
from bot.words import LANGUAGE, Words
from dialogs.reminders import Reason, shipped
from dialogs.visits import ACTS, OPEN, Status

LANGUAGES = (LANGUAGE,)


@pytest.fixture(params=LANGUAGES)
def words(request) -> Mapping[str, Any]:
    return Words(request.param).visits


def test_every_reason_has_its_words_and_no_word_is_left_over(words):
    """What `/why` and `exoplan reminders why` can give."""
    assert words["reasons"].keys() == set(get_args(Reason))


def test_every_kind_has_its_words_and_no_word_is_left_over(words):
    """Of those about a visit, which the team is told of, also where they are off."""
    about_visits = {kind.id for kind in shipped().kinds.values() if kind.statuses}
    assert words["kinds"].keys() == about_visits


def test_what_the_team_can_do_is_told_for_reasons_that_there_are(words):
    """And otherwise, for all the others."""
    assert words["mend"].keys() - {"otherwise"} <= set(get_args(Reason))
    assert "otherwise" in words["mend"]


def test_what_became_of_a_visit_is_a_reason_where_it_ends_its_reminders():
    """Every act that leads out of what was planned for."""
    ends = {
        becomes
        for act, (sources, becomes) in ACTS.items()
        if act == "book" or not (becomes in OPEN and sources <= OPEN)
    }
    assert {str(status) for status in ends | {Status.CANCELLED_LATE}} <= set(
        get_args(Reason)
    )


@pytest.mark.parametrize(
    ("table", "section"), [("visits", "statuses"), ("reminders", "became")]
)
def test_every_state_of_a_row_has_its_words_and_no_word_is_left_over(
    words, table: str, section: str
):
    """As the database knows them."""
    (rule,) = [
        one
        for one in tables.metadata.tables[table].constraints
        if isinstance(one, CheckConstraint)
    ]
    states = set(str(rule.sqltext).split("'")[1::2])
    assert words[section].keys() == states
