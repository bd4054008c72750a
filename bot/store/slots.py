"""Statements about the slots of a gate that several replicas pass through.

A gate has as many rows as slots; each row can be reserved again a window after the
slot it gave. So no stretch of time as long as the window holds more slots than rows,
wherever it begins, whoever reserves. Rows that another replica is just reserving are
passed over. Behind a small burst slots come evenly, as far as the replicas see of each
other's at that moment. PostgreSQL alone.
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
    WITH free AS (
        SELECT gate, number, free_at
        FROM gate_slots
        WHERE gate = :gate AND number >= :first AND number < :size
            AND free_at < clock_timestamp() + make_interval(secs => :ahead)
        ORDER BY free_at, number
        LIMIT :most
        FOR UPDATE SKIP LOCKED
    ), placed AS (
        SELECT free.*,
            CAST(row_number() OVER (ORDER BY free_at, number) AS integer) - 1 AS place
        FROM free
    ), latest AS (
        -- The slots of the last burst, oldest first.
        SELECT array_agg(slot ORDER BY slot) AS slots FROM (
            SELECT free_at - make_interval(secs => :window) AS slot
            FROM gate_slots
            WHERE gate = :gate AND number >= :first AND number < :size
            ORDER BY free_at DESC
            LIMIT CAST(:burst AS integer)
        ) AS last_burst
    ), chosen AS (
        SELECT gate, number, greatest(
            free_at,
            greatest(
                clock_timestamp(),
                slots[place % CAST(:burst AS integer) + 1]
                    + make_interval(secs => :evenly)
            ) + place / CAST(:burst AS integer) * make_interval(secs => :evenly)
        ) AS slot
        FROM placed, latest
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
    burst: int = 0,
) -> list[float]:
    """In how many seconds each of up to `most` slots begins, soonest first.

    Args:
        size: rows of the gate.
        window: seconds before a row can be reserved again.
        first: rows below this one are not for the caller.
        ahead: seconds; slots further in the future are not reserved.
        burst: slots at once, the others evenly behind them; 0: all that are free.
    """
    at_once = burst or size  # with all at once the rows' own windows are what binds
    given = {
        "gate": gate,
        "size": size,
        "window": window,
        "first": first,
        "most": most,
        "ahead": ahead,
        "burst": at_once,
        "evenly": window * burst / (size - first),
    }
    return sorted(connection.execute(_RESERVE, given).scalars())


def hold(connection: Connection, gate: str, seconds: float) -> None:
    """Give no slots for so long."""
    connection.execute(_HOLD, {"gate": gate, "seconds": seconds})
