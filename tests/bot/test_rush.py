"""Many reminders due at once, and a bot that is killed while they go out."""

from __future__ import annotations

from tests.soak.rush import rushed


async def test_killed_while_they_go_out_everybody_is_reminded():
    """Nobody is left out, and nobody reminded twice without being counted.

    The short form of `python -m tests.soak rush`.
    """
    account, rush = await rushed("sqlite", 40, 1, 27.0, 1)
    assert account.kept, [p for p in account.promises if not p.kept]
    assert len(rush.away) == 1
