"""What a clinician types is understood whole, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.clinician_plan import MAX_VISITS, ClinicianPlan, NotAPlan, read_plan

AREAS = ("skin", "hair", "joint")


def read(line: str, area: str = "hair") -> ClinicianPlan:
    return read_plan(line, AREAS, area, "Anna", "2026-12-03T15:30:00+00:00")


@given(
    low=st.integers(1, MAX_VISITS),
    more=st.integers(0, 5),
    gap=st.integers(1, 50),
    unit=st.sampled_from(["week", "month"]),
    upkeep=st.integers(1, 60),
    area=st.sampled_from(["", *AREAS]),
)
def test_a_plan_that_is_written_out_reads_back_as_it_was(
    low, more, gap, unit, upkeep, area
):
    """Number, distance and upkeep, in any area, with a range or without."""
    high = min(low + more, MAX_VISITS)
    front = f"{area}: " if area else ""
    line = f"{front}{low}-{high} visits, {gap} {unit}s apart, upkeep {upkeep} months"
    plan = read(line)
    assert (plan.low, plan.high) == (low, high)
    assert (plan.gap_low, plan.gap_high, plan.gap_unit) == (gap, gap, unit)
    assert (plan.upkeep_high, plan.upkeep_unit) == (upkeep, "month")
    assert plan.area == (area or "hair")
    assert ClinicianPlan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(
    "line",
    [
        "",
        "visits",
        "3",
        "3 visits, then we see",
        "3 visits, 4 visits",
        "0 visits",
        "25 visits",
        "4-2 visits",
        "3 visits, 900 months apart",
        "elbow: 3 visits",
        "upkeep 12 months",
    ],
)
def test_what_is_not_understood_whole_is_no_plan(line):
    """Half of a plan would be another one."""
    with pytest.raises(NotAPlan):
        read(line)


@given(st.text(max_size=80))
def test_any_text_is_a_plan_or_none(line):
    """It never fails in any other way, and never leaves its limits."""
    try:
        plan = read(line)
    except NotAPlan:
        return
    assert 1 <= plan.low <= plan.high <= MAX_VISITS
