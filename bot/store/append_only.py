"""Tables that are only ever added to: the database itself refuses anything else."""

from __future__ import annotations

from sqlalchemy import Connection, Table, event

_SQLITE = """\
CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"""

_POSTGRESQL = (
    """\
CREATE OR REPLACE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{table} is only ever added to'; END $$""",
    """\
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()""",
    """\
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()""",
)


def forbid_changes(connection: Connection, table: str) -> None:
    """From here on rows of `table` can be added and read, and nothing else."""
    if connection.dialect.name == "sqlite":
        statements = [_SQLITE.format(table=table, what=w) for w in ("UPDATE", "DELETE")]
    else:
        statements = [one.format(table=table) for one in _POSTGRESQL]
    for statement in statements:
        connection.exec_driver_sql(statement)


def only_grows(table: Table) -> None:
    """Guard `table` wherever it is made."""

    @event.listens_for(table, "after_create")
    def _guard(target: Table, connection: Connection, **_: object) -> None:
        forbid_changes(connection, target.name)
