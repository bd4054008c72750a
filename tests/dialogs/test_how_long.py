"""A typed length of time answers "how long?" where it is clear, and never wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding import choice, understand

SHORT, LONG = "duration:under_3_months", "duration:3_months_or_more"
SCREEN = (
    choice(SHORT, "Under 3 months", 1),
    choice(LONG, "3 months or more", 2),
    choice("back", "Back"),
)
DAYS = {"day": 1, "week": 7, "month": 30.4, "year": 365}


def typed(text: str) -> str | None:
    return understand(text, SCREEN)


@pytest.mark.parametrize(
    "text",
    [
        "2 weeks", "about two weeks", "a few weeks", "12 weeks", "50 days",
        "1.5 months", "two and a half months", "2 or 3 weeks", "2-3 weeks",
        "half a month", "a fortnight", "less than 3 months", "not long",
        "just started", "since last week", "3 weeks ago", "a month and a week",
        "almost 2 months", "up to 6 weeks", "under 3 months", "1",
        "a couple of weeks", "since yesterday",
    ],
)  # fmt: skip
def test_what_is_surely_short_is_under_3_months(text):
    assert typed(text) == SHORT


@pytest.mark.parametrize(
    "text",
    [
        "20 weeks", "100 days", "half a year", "half year", "2 years",
        "a year and a half", "one and a half years", "3 months", "3-4 months",
        "over a year", "20 months", "1 year 2 months", "a year and 2 months",
        "for about two years now", "15 yrs", "more than 4 months",
        "at least 6 months", "a few years", "2 decades", "ages",
        "2 years in my left knee", "several years", "many months", "2", "all my life",
    ],
)  # fmt: skip
def test_what_is_surely_long_is_3_months_or_more(text):
    assert typed(text) == LONG


@pytest.mark.parametrize(
    "text",
    [
        "since march", "since 2020", "since last year", "since summer",
        "a few months", "2-3 months", "2 to 4 months", "90 days", "13 weeks",
        "more than 2 weeks", "less than a year", "over a month", "not even 2 weeks",
        "not 3 months yet", "im 15 years old", "since i was 20", "2 years or 3 weeks",
        "no more than 2 weeks", "months", "3 weeks but 2 years before",
        "a couple of months", "2 years?", "17", "every 2 weeks for 2 years",
        "7 out of 10", "is 2 years too long",
    ],
)  # fmt: skip
def test_what_may_be_either_is_asked_again(text):
    assert typed(text) is None


@given(
    st.integers(1, 60),
    st.sampled_from(sorted(DAYS)),
    st.sampled_from(["{}", "for {}", "about {}", "{} now", "{} ago", "its {}"]),
)
def test_an_amount_is_never_taken_for_the_wrong_side(amount, unit, around):
    days = amount * DAYS[unit]
    found = typed(around.format(f"{amount} {unit}{'s' * (amount > 1)}"))
    assert found != (SHORT if days > 91 else LONG if days < 90 else "")
    if days <= 84 or days >= 95:
        assert found == (SHORT if days <= 84 else LONG)


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from(["weeks", "months"]))
def test_a_range_is_answered_only_where_both_ends_agree(one, other, unit):
    low, high = sorted((one, other))
    ends = {typed(f"{low} {unit}"), typed(f"{high} {unit}")}
    found = typed(f"{low} to {high} {unit}")
    assert found in ends | {None}
    assert found is None or len(ends) == 1
