"""What nobody answered and what was wrong is kept, counted and let go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.keys import KeyStore
from bot.misses import miss_row, words_of_miss
from bot.store import misses
from bot.store.engine import Store
from tests.contract.test_rights import person

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGES = timedelta(days=99)


def wrong(store: Store, keys: KeyStore, entry: str, key: str, at: datetime) -> None:
    """Somebody of the team says that an answer was wrong."""
    row = miss_row(
        keys, key=key, kind="wrong", entry=entry, words="where?", now=at, told_by=b"m"
    )
    store.write_now(lambda c: misses.add(c, [row]))


def test_what_was_wrong_often_is_listed_and_a_second_word_counts_once(
    store: Store, keys: KeyStore
):
    """By how often; what came before, and what was said twice, does not count."""
    for number in range(4):
        wrong(store, keys, "Q06", f"a:{number}", NOW)
        wrong(store, keys, "Q07", f"b:{number % 3}", NOW)
    wrong(store, keys, "Q08", "c", NOW - timedelta(days=9))
    begin = NOW - timedelta(days=1)
    found = store.write_now(lambda c: misses.often_wrong(c, begin, NOW, 3, 10))
    assert found == [("Q06", 4), ("Q07", 3)]
    assert store.write_now(lambda c: misses.forget(c, begin)) == 1
    kept = store.write_now(lambda c: misses.between(c, NOW - AGES, NOW, 99))
    assert {words_of_miss(keys, one) for one in kept} == {"where?"}
    assert len(kept) == 7


def test_the_words_go_with_the_key_of_whose_they_are(store: Store, keys: KeyStore):
    """They open with that key alone; once it is destroyed nobody reads them."""
    store.write_now(lambda c: person(c, keys))
    (kept,) = store.write_now(lambda c: misses.between(c, NOW - AGES, NOW + AGES, 9))
    assert words_of_miss(keys, kept) == "x"
    assert kept.key_id is not None
    keys.destroy(kept.key_id)
    assert words_of_miss(keys, kept) == ""
