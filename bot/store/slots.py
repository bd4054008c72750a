"""Statements about the slots of a gate that several replicas pass through.

A gate has as many rows as slots; each row can be reserved again a window after the
slot it gave. So no stretch of time as long as the window holds more slots than rows,
wherever it begins, whoever reserves. Rows that another replica is just reserving are
passed over. PostgreSQL alone.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_MAKE = text(
    """
    INSERT INTO gate_slots (gate, number, free_at)
    SELECT :gate, number, to_timestamp(0) FROM generate_series(0, :size - 1) AS number
    ON CONFLICT DO NOTHING
    """
)
_RESERVE = text(
    """
    WITH chosen AS (
        SELECT gate, number, greatest(free_at, clock_timestamp()) AS slot
        FROM gate_slots
        WHERE gate = :gate AND number >= :first AND number < :size
            AND free_at < clock_timestamp() + make_interval(secs => :ahead)
        ORDER BY free_at, number
        LIMIT :most
        FOR UPDATE SKIP LOCKED
    )
    UPDATE gate_slots
    SET free_at = chosen.slot + make_interval(secs => :window)
    FROM chosen
    WHERE gate_slots.gate = chosen.gate AND gate_slots.number = chosen.number
    RETURNING
        CAST(extract(epoch FROM chosen.slot - clock_timestamp()) AS double precision)
    """
)
_HOLD = text(
    """
    UPDATE gate_slots
    SET free_at = greatest(
        free_at, clock_timestamp() + make_interval(secs => :seconds)
    )
    WHERE gate = :gate
    """
)


def make(connection: Connection, gate: str, size: int) -> None:
    """See to it that a gate has so many rows."""
    connection.execute(_MAKE, {"gate": gate, "size": size})


def reserve(
    connection: Connection,
    gate: str,
    size: int,
    window: float,
    *,
    first: int,
    most: int,
    ahead: float,
) -> list[float]:
    """In how many seconds each of up to `most` slots begins, soonest first.

    Args:
        size: rows of the gate.
        window: seconds before a row can be reserved again.
        first: rows below this one are not for the caller.
        ahead: seconds; slots further in the future are not reserved.
    """
    given = {
        "gate": gate,
        "size": size,
        "window": window,
        "first": first,
        "most": most,
        "ahead": ahead,
    }
    return sorted(connection.execute(_RESERVE, given).scalars())


def hold(connection: Connection, gate: str, seconds: float) -> None:
    """Give no slots for so long."""
    connection.execute(_HOLD, {"gate": gate, "seconds": seconds})
