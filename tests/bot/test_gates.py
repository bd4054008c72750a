"""Messages leave no faster than Telegram takes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.gates import ChatPace, GlobalGate

arrivals = st.lists(st.floats(0, 3), min_size=1, max_size=200).map(sorted)


@given(rate=st.integers(1, 40), at=arrivals)
def test_no_second_holds_more_slots_than_the_rate(rate, at):
    """Wherever the second begins, and however the messages arrive."""
    gate = GlobalGate(rate)
    slots = [gate.reserve(moment) for moment in at]
    assert slots == sorted(slots)
    assert all(slot >= moment for slot, moment in zip(slots, at, strict=True))
    for first, beyond in zip(slots, slots[rate:], strict=False):
        assert beyond - first >= 1 - 1e-9


@given(at=arrivals)
def test_a_chat_gets_its_burst_and_then_its_pace(at):
    """In any stretch of time no more than the burst and what the time adds."""
    pace = ChatPace(2.0, 5)
    slots = [pace.reserve(moment) for moment in at]
    assert slots[:5] == at[:5]
    for n, first in enumerate(slots):
        for m in range(n, len(slots)):
            assert m - n + 1 <= 5 + (slots[m] - first) * 2.0 + 1e-6


def test_a_rate_of_nothing_is_no_limit():
    """Zero lifts a gate."""
    gate, pace = GlobalGate(0), ChatPace(0, 1)
    assert {gate.reserve(1.0) for _ in range(500)} == {1.0}
    assert {pace.reserve(1.0) for _ in range(500)} == {1.0}


def test_a_rested_pace_may_be_forgotten():
    """A new one would allow exactly the same."""
    pace = ChatPace(1.0, 3)
    pace.reserve(10.0)
    assert not pace.rested(10.5)
    assert pace.rested(11.0)
