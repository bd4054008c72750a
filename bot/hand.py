"""From a turn into the hand of the sender: calls as they are stored.

A call whose turn it is goes to the sender of this process right after the commit.
Where nothing holds it up it is stored as being sent; where it has to wait at a gate it
is only stored as belonging to this process. The others are left in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.keys import KeyStore, place
from bot.message import Outgoing
from bot.store import outbox


@dataclass(frozen=True, slots=True)
class Hand:
    """Where the calls of turns go straight after their commit."""

    owner: int  #: the replica that will send them
    owns: Callable[[Connection], bool]
    #: whether the owner is still taken to be alive; until the transaction ends it is
    beside: Callable[[Connection], bool]
    #: whether rows of the same lanes may lie in the table, or in other hands
    leave: Callable[[Connection], None]
    #: has others look at the calls that are left in the table
    slots: Callable[[Connection, int], list[float]]
    #: reserves slots at the gate of the bot; fewer than asked for, or none


class Stored(NamedTuple):
    """A call that is on disk and waits to be sent."""

    id: int  #: row in the outbox
    outgoing: Outgoing
    owner: int | None  #: the replica that sends it; None: it is left in the table
    slot: float | None  #: reserved for it, by `time.monotonic`
    sending: bool  #: stored as being sent


#: The last three fields of `Stored`.
_Way = tuple[int | None, float | None, bool]


def store_calls(
    connection: Connection,
    keys: KeyStore,
    calls: Sequence[Outgoing],
    lanes: Sequence[str],
    hand: Hand | None,
    now: datetime,
) -> list[Stored]:
    """Store calls, in the order to be sent.

    Args:
        lanes: of the turn that each comes from.
        hand: where they go, and whose owner is alive; None: all are left in the table.
    """
    if not calls:
        return []
    at_once = [False] * len(calls)
    slots: list[float] = []
    if hand is not None:
        at_once = _at_once(connection, calls, lanes, hand)
        waiting = sum(map(_needs_a_slot, calls, at_once))
        if waiting:
            slots = hand.slots(connection, waiting)
        if not all(at_once):
            hand.leave(connection)
    left = iter(slots)
    ways: list[_Way] = []
    for call, goes in zip(calls, at_once, strict=True):
        owner = hand.owner if hand and goes else None
        slot = next(left, None) if _needs_a_slot(call, goes) else None
        sending = goes and (slot is not None or _waits_for_nothing(call))
        ways.append((owner, slot, sending))
    rows = [_row(keys, *one, now) for one in zip(calls, ways, strict=True)]
    numbers = outbox.add(connection, rows)
    return [Stored(n, c, *w) for n, c, w in zip(numbers, calls, ways, strict=True)]


def _at_once(
    connection: Connection, calls: Sequence[Outgoing], lanes: Sequence[str], hand: Hand
) -> list[bool]:
    """Which may be sent straight away, without breaking the order of a lane."""
    if not hand.beside(connection):
        return [True] * len(calls)
    # Nobody else takes a turn of these patients now, so nobody adds to their lanes.
    own = {
        call.lane
        for call, lane in zip(calls, lanes, strict=True)
        if call.lane == lane and call.about_person is not None
    }
    contested = {call.lane for call in calls} - own
    others = outbox.lanes_not_mine(connection, hand.owner, own, contested)
    # Emergency cards and answers to taps keep no order with anything.
    return [call.lane not in others or _waits_for_nothing(call) for call in calls]


def _waits_for_nothing(call: Outgoing) -> bool:
    """No gate is between it and its chat."""
    return call.urgent or call.call.kind == "toast"


def _needs_a_slot(call: Outgoing, goes: bool) -> bool:
    """It goes as soon as the gate of the bot gives a slot; a group has its own."""
    return goes and not _waits_for_nothing(call) and call.call.kind != "staff"


def _row(keys: KeyStore, call: Outgoing, way: _Way, now: datetime) -> dict[str, Any]:
    owner, _, sending = way
    at = place("outbox", "body", call.key)
    return {
        "key": call.key,
        "lane": call.lane,
        "about_person": call.about_person,
        "method": call.call.method,
        "body": keys.seal(call.key_id, at, call.call.body),
        "refers_to": call.refers_to,
        "kind": call.call.kind,
        "report": call.report,
        "urgent": call.urgent,
        "status": "sending" if sending else "pending",
        "owner": owner,
        "attempts": 0,
        "uncertain": 0,
        "created_at": now,
    }
