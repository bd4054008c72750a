"""Messages leave no faster than Telegram takes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.gates import ChatPace, Gate, LocalGates

arrivals = st.lists(st.floats(0, 3), min_size=1, max_size=200).map(sorted)


def slots_of(gate: Gate, asked: list[tuple[float, bool]]) -> list[float]:
    """What whoever asks is given, at these moments; some in an emergency."""
    now = 0.0
    gates = LocalGates(lambda: now)
    given: list[float] = []
    for moment, urgent in asked:
        now = moment
        gates.ask(gate, urgent, given.append)
    return given


@given(rate=st.integers(1, 40), at=arrivals, data=st.data())
def test_no_second_holds_more_slots_than_the_rate(rate, at, data):
    """Wherever the second begins, and however messages and emergencies arrive."""
    urgent = data.draw(st.lists(st.booleans(), min_size=len(at), max_size=len(at)))
    slots = slots_of(Gate.of_bot(rate), list(zip(at, urgent, strict=True)))
    assert all(slot >= moment for slot, moment in zip(slots, at, strict=True))
    slots.sort()
    for first, beyond in zip(slots, slots[rate:], strict=False):
        assert beyond - first >= 1 - 1e-9


def test_emergencies_find_slots_kept_free():
    """However many messages wait, the next emergencies go at once."""
    gate = Gate.of_bot(27)
    crowd = [(0.0, False)] * 500
    slots = slots_of(gate, [*crowd, *[(0.0, True)] * gate.kept_free])
    assert slots[-gate.kept_free :] == [0.0] * gate.kept_free
    assert max(slots) > 10


@given(rate=st.integers(1, 40), at=arrivals)
def test_slots_come_evenly_behind_a_small_burst(rate, at):
    """So whoever asks a moment later than a crowd does not wait for a whole second."""
    gate = Gate.of_bot(rate)
    slots = sorted(slots_of(gate, [(moment, False) for moment in at]))
    share = gate.burst / (gate.size - gate.kept_free)
    assert gate.burst <= max(1, gate.kept_free, rate / 8)
    for first, beyond in zip(slots, slots[gate.burst :], strict=False):
        assert beyond - first >= share - 1e-9


@given(at=arrivals, late=st.floats(0.02, 0.5))
def test_what_leaves_late_counts_from_when_it_left(at, late):
    """A second that begins with what was held up holds no more than any other."""
    gate, now = Gate.of_bot(27), 0.0
    gates = LocalGates(lambda: now)
    slots: list[float] = []
    for _ in range(24):
        gates.ask(gate, False, slots.append)
    now = slots[-1] + late
    for slot in slots:
        gates.late(gate, slot)
    later: list[float] = []
    for moment in at:
        now = max(now, slots[-1] + late + moment)
        gates.ask(gate, False, later.append)
    assert min(later) >= slots[-1] + late + gate.window


def test_a_group_gets_twenty_a_minute():
    """Wherever the minute begins."""
    slots = slots_of(Gate.of_group("s:1"), [(0.0, False)] * 60)
    assert slots == [0.0] * 20 + [60.0] * 20 + [120.0] * 20


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
    pace = ChatPace(0, 1)
    assert set(slots_of(Gate.of_bot(0), [(1.0, False)] * 500)) == {1.0}
    assert {pace.reserve(1.0) for _ in range(500)} == {1.0}


def test_a_rested_pace_may_be_forgotten():
    """A new one would allow exactly the same."""
    pace = ChatPace(1.0, 3)
    pace.reserve(10.0)
    assert not pace.rested(10.5)
    assert pace.rested(11.0)
