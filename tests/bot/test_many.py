"""Lists in statements come in few lengths, and mean what they meant."""

from hypothesis import given
from hypothesis import strategies as st

from bot.store.many import padded


@given(st.lists(st.integers(), max_size=300))
def test_the_same_values_in_one_of_few_lengths(values: list[int]):
    longer = padded(values)
    assert longer[: len(values)] == values
    assert set(longer) == set(values)
    assert len(longer) in {0, *(2**power for power in range(10))}
    assert len(longer) < 2 * len(values) or not values or len(values) == 1
