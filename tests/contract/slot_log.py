"""Every slot that any replica reserved at the gate of the bot, as it was committed."""

from __future__ import annotations

from sqlalchemy import text

from bot.store.engine import open_engine

_WRITE_DOWN = (
    "CREATE TABLE reserved (free_at timestamptz)",
    """
    CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO reserved VALUES (NEW.free_at); RETURN NEW; END
    $$
    """,
    """
    CREATE TRIGGER write_down AFTER UPDATE ON gate_slots FOR EACH ROW
    WHEN (NEW.gate = 'bot') EXECUTE FUNCTION write_down()
    """,
)
_READ = text("SELECT extract(epoch FROM free_at) FROM reserved ORDER BY free_at")


def write_slots_down(url: str) -> None:
    """From here on the database remembers every slot."""
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in _WRITE_DOWN:
            connection.execute(text(statement))
    engine.dispose()


def reserved(url: str, window: float) -> list[float]:
    """The moment of every slot since then, in order."""
    engine = open_engine(url)
    with engine.connect() as connection:
        slots = [float(moment) - window for moment in connection.scalars(_READ)]
    engine.dispose()
    return slots


def hold_to_the_rate(url: str, size: int, window: float) -> None:
    """No stretch as long as the window has more than `size` slots."""
    slots = reserved(url, window)
    assert len(slots) > size
    for first, beyond in zip(slots, slots[size:], strict=False):
        assert beyond - first >= window - 1e-6
