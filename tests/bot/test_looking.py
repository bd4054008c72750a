"""Loops that look at times what is to be done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot import looking
from bot.looking import look_for_ever
from bot.store.engine import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database."""
    opened = Store(tmp_path / "exoplan.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("must_keep", [True, False])
async def test_a_store_in_trouble_is_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch, must_keep: bool
):
    """Longer each time, until it is well; meanwhile it says so."""
    rests: list[float] = []
    monkeypatch.setattr(looking, "FIRST_PAUSE", 1.0)
    monkeypatch.setattr(looking, "LONGEST_PAUSE", 3.0)
    trouble = iter([True, True, True, False, True, False])
    known: list[set[str]] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)
        known.append(set(store.not_kept))

    async def look() -> float:
        bad = next(trouble, None)
        if bad is None:
            raise asyncio.CancelledError
        if bad:
            raise OperationalError("", None, Exception())
        return 7.0

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await look_for_ever(store, "looks", look, must_keep=must_keep)
    assert rests == [1.0, 2.0, 3.0, 7.0, 1.0, 7.0]
    held = {"looks"} if must_keep else set()
    assert known == [held, held, held, set(), held, set()]
