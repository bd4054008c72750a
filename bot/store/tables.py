"""All tables, as the newest migration leaves them.

Sealed columns are bytes that only the key named beside them opens (`bot/keys.py`).
Bodies of inbox and outbox rows are erased as soon as nobody needs them again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    and_,
    literal_column,
    text,
)
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.types import TypeEngine

from bot.store.append_only import only_grows

#: What the lanes of patients' chats begin with.
PATIENTS = "p:"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

#: A row number. SQLite counts up by itself only for a plain INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class _Text(DATETIME):
    """A moment as SQLite has it: "2026-01-05 10:00:00.000000".

    The same as SQLAlchemy's own, written by the moment itself in a quarter of the time.
    """

    def bind_processor(
        self, dialect: Dialect
    ) -> Callable[[datetime | None], str | None]:
        def written(moment: datetime | None) -> str | None:
            if moment is None:
                return None
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds")

        return written


class Utc(TypeDecorator[datetime]):
    """An aware moment, in UTC on both engines; SQLite would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "sqlite":
            return self.impl_instance
        return _Text()  # type: ignore[no-untyped-call]

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def _only_some(name: str, where: str, *columns: Column[Any]) -> Index:
    """An index of the few rows that still matter, however many are stored."""
    some = text(where)
    return Index(name, *columns, sqlite_where=some, postgresql_where=some)


def spelled_out(column: Column[str], *states: str) -> ColumnElement[bool]:
    """`column` holds one of these, spelled out as an index of some rows needs it."""
    spelled: list[ColumnElement[str]] = [
        literal_column(f"'{state}'") for state in states
    ]
    return column == spelled[0] if len(spelled) == 1 else column.in_(spelled)


def in_order(table: Table) -> ColumnElement[bool]:
    """True of every row; asked for where rows are wanted in the order they came.

    The indexes of everything that waits ask for it too, so that a question about one
    lane, which leaves it out, is never answered by walking through all that waits.
    PostgreSQL would: its statistics come from quiet times, when hardly anything does.
    """
    return table.c.id > literal_column("0")


people = Table(
    "people",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_hash", LargeBinary, nullable=False, unique=True),  # keyed
    Column("key_id", String(64), nullable=False),  # in the key store
    Column("contact", LargeBinary, nullable=False),  # sealed: chat id and first name
    Column("language", String(16), nullable=False),
    Column("zone", String(64)),  # time zone they chose; none: the clinic's
    Column("blocked_at", Utc),  # the bot cannot reach them since
    Column("created_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    Column("person_id", RowId, ForeignKey(people.c.id), primary_key=True),
    Column("generation", Integer, nullable=False),  # one up when begun anew
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("updated_at", Utc, nullable=False),
)

sessions_set_aside = Table(
    "sessions_set_aside",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("person_id", RowId, ForeignKey(people.c.id), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed as in sessions
    Column("reason", String(200), nullable=False),
    Column("at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

consents = Table(
    "consents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("person_id", RowId, ForeignKey(people.c.id), nullable=False, index=True),
    Column("purpose", String(32), nullable=False),
    Column("text_version", String(64), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    # tg:<update_id>, staff:<update_id>, sent:<outbox id>
    Column("key", String(64), nullable=False, unique=True),
    Column("lane", String(64), nullable=False),  # handled in order: p:<id>, s:<chat>
    Column("person_id", RowId, ForeignKey(people.c.id)),  # none: sealed by the house
    Column("body", LargeBinary),  # sealed; erased when done
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Utc),
    Column("reason", String(200)),  # why it was set aside
    Column("received_at", Utc, nullable=False),
    Column("done_at", Utc),
    CheckConstraint("status IN ('pending', 'done', 'set_aside')", name="status"),
    sqlite_autoincrement=True,
)
_only_some("ix_inbox_pending", "status = 'pending' AND id > 0", inbox.c.id)
_only_some("ix_inbox_pending_lane", "status = 'pending'", inbox.c.lane, inbox.c.id)
_only_some("ix_inbox_set_aside", "status = 'set_aside'", inbox.c.id)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    # <lane of the conversation>:<generation>:<ref>
    Column("key", String(96), nullable=False, unique=True),
    Column("lane", String(64), nullable=False),  # sent in order
    Column("about_person", RowId, ForeignKey(people.c.id)),  # whose words it holds
    Column("method", String(64), nullable=False),
    Column("body", LargeBinary),  # sealed; erased when sent
    Column("refers_to", String(96)),  # key of the row whose message it edits
    Column("kind", String(16), nullable=False),  # what a failure or a doubt means
    Column("report", Boolean, nullable=False),  # the outcome is an input again
    Column("urgent", Boolean, nullable=False),  # ahead of every gate
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),  # tries whose outcome is unknown
    Column("not_before", Utc),
    # As Telegram numbered it; below zero what a group left behind as it moved.
    Column("message_id", BigInteger),
    Column("reason", String(200)),
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Column("owner", BigInteger),  # replica that has it in hand; none: left for any
    CheckConstraint(
        "status IN ('pending', 'sending', 'sent', 'failed')", name="status"
    ),
    CheckConstraint(
        "kind IN ('message', 'edit', 'strip', 'toast', 'staff')", name="kind"
    ),
    sqlite_autoincrement=True,
)
_only_some(
    "ix_outbox_unsent", "status IN ('pending', 'sending') AND id > 0", outbox.c.id
)
_only_some(
    "ix_outbox_unsent_lane",
    "status IN ('pending', 'sending')",
    outbox.c.lane,
    outbox.c.id,
)
_only_some("ix_outbox_left", "status = 'pending' AND owner IS NULL", outbox.c.id)

#: A call that lies in the table for any replica to take, as that index has it.
nobody_has_it: ColumnElement[bool] = and_(
    spelled_out(outbox.c.status, "pending"), outbox.c.owner.is_(None)
)
_only_some(
    "ix_outbox_staff_message", "kind = 'staff'", outbox.c.lane, outbox.c.message_id
)

replicas = Table(
    "replicas",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("started_at", Utc, nullable=False),
    # Computer, number and beginning of the process (bot/process.py); none: not known.
    Column("process", String(128)),
    # By the database's own clock, until when it is taken to be alive; none on SQLite,
    # where there is one process.
    Column("lease_until", Utc),
    # What it calls its sessions with the server, so that others may end them.
    Column("sessions", String(64)),
    sqlite_autoincrement=True,
)

gate_slots = Table(
    "gate_slots",
    metadata,
    Column("gate", String(64), primary_key=True),  # the bot, or a group's lane
    Column("number", Integer, primary_key=True),
    Column("free_at", Utc, nullable=False),  # by the database's own clock
)

bot_settings = Table(
    "bot_settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(200), nullable=False),
)

_ROLES = "role IN ('owner', 'clinician', 'desk')"

staff = Table(
    "staff",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("user_hash", LargeBinary, nullable=False, unique=True),  # keyed
    Column("role", String(16), nullable=False),
    Column("name", LargeBinary, nullable=False),  # sealed by the house
    Column("since", Utc, nullable=False),
    Column("removed_at", Utc),
    CheckConstraint(_ROLES, name="role"),
    sqlite_autoincrement=True,
)

staff_invites = Table(
    "staff_invites",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),  # keyed
    Column("role", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
    CheckConstraint(_ROLES, name="role"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("actor", LargeBinary),  # keyed; none: the program, or its command line
    Column("role", String(16), nullable=False),  # of the actor, at that moment
    Column("action", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("subject", LargeBinary),  # keyed; none: about no patient
    Column("previous", LargeBinary, nullable=False),  # hash of the row before
    Column("hash", LargeBinary, nullable=False, unique=True),
    sqlite_autoincrement=True,
)
only_grows(audit)

adverse_events = Table(
    "adverse_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("person_id", RowId, ForeignKey(people.c.id), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("by", LargeBinary, nullable=False),  # keyed
    Column("body", LargeBinary, nullable=False),  # sealed
    sqlite_autoincrement=True,
)

faq_entries = Table(
    "faq_entries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(96), nullable=False, unique=True),  # of what brought it about
    Column("entry", String(16), nullable=False, index=True),  # C<id of the first row>
    Column("revision", Integer, nullable=False),  # each a row of its own
    Column("language", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed by the house
    Column("status", String(16), nullable=False),
    Column("written_by", LargeBinary),  # keyed; none: the command line
    Column("written_at", Utc, nullable=False),
    Column("approved_by", LargeBinary),  # keyed
    Column("approved_at", Utc),
    Column("retired_at", Utc),
    CheckConstraint("status IN ('draft', 'approved', 'retired')", name="status"),
    sqlite_autoincrement=True,
)

faq_labels = Table(
    "faq_labels",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(96), nullable=False, unique=True),  # of what brought it about
    Column("entry", String(16), nullable=False),  # what it asks; empty: nothing of ours
    Column("language", String(16), nullable=False),
    Column(  # whose words
        "person_id", RowId, ForeignKey(people.c.id, ondelete="CASCADE"), index=True
    ),
    Column("body", LargeBinary, nullable=False),  # sealed; by the house without person
    Column("labelled_by", LargeBinary),  # keyed; none: the command line
    Column("at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

#: Questions that nobody answered, and answers that were wrong.
misses = Table(
    "misses",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(96), nullable=False, unique=True),  # of what brought it about
    Column(
        "person_id", RowId, ForeignKey(people.c.id, ondelete="CASCADE"), index=True
    ),  # whose words; none: a member of the team's, sealed by the house
    Column("kind", String(16), nullable=False),
    Column("entry", String(16), nullable=False),  # which was wrong; empty: none was
    Column("body", LargeBinary),  # sealed: the question; none: it was not to be kept
    Column("told_by", LargeBinary),  # keyed: who of the team; none: the patient
    Column("at", Utc, nullable=False, index=True),
    CheckConstraint("kind IN ('unanswered', 'wrong')", name="kind"),
    sqlite_autoincrement=True,
)

clinic_records = Table(
    "clinic_records",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ref_hash", LargeBinary, nullable=False, unique=True),  # keyed
    Column(
        "person_id", RowId, ForeignKey(people.c.id, ondelete="CASCADE"), index=True
    ),  # none: not here
    Column("key_id", String(64)),  # seals what is here, until somebody joins
    Column("body", LargeBinary),  # sealed: the name the clinic calls them by
    Column("link_hash", LargeBinary, unique=True),  # keyed; none: used, or not made
    Column("link_until", Utc),
    Column("created_at", Utc, nullable=False),
    sqlite_autoincrement=True,
)

visits = Table(
    "visits",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("person_id", RowId, ForeignKey(people.c.id, ondelete="CASCADE"), index=True),
    # Whose visit it is until that patient joins.
    Column("record_id", RowId, ForeignKey(clinic_records.c.id), index=True),
    Column("uid_hash", LargeBinary, unique=True),  # keyed: of the clinic's own calendar
    Column("starts_at", Utc, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("booked_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed: area, number, place, upkeep
    CheckConstraint(
        "status IN ('proposed', 'lapsed', 'booked', 'confirmed', 'attended', "
        "'missed', 'cancelled', 'cancelled_late')",
        name="status",
    ),
    sqlite_autoincrement=True,
)
_only_some("ix_visits_to_come", "status IN ('booked', 'confirmed')", visits.c.starts_at)
_only_some("ix_visits_proposed", "status = 'proposed'", visits.c.starts_at)

reminders = Table(
    "reminders",
    metadata,
    Column("id", RowId, primary_key=True),
    Column(
        "visit_id", RowId, ForeignKey(visits.c.id, ondelete="CASCADE")
    ),  # none: about no visit
    Column(
        "person_id",
        RowId,
        ForeignKey(people.c.id, ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("revision", Integer, nullable=False),  # of the visit
    Column("kind", String(32), nullable=False),
    Column("rank", Integer, nullable=False),  # what goes first after a silence
    Column("due_at", Utc),  # none: it was never to be sent
    Column("useful_until", Utc),
    Column("status", String(16), nullable=False),
    Column("reason", String(32)),  # why it was not sent
    Column("ended_at", Utc),
    CheckConstraint(
        "status IN ('pending', 'fired', 'sent', 'skipped', 'void')", name="status"
    ),
    sqlite_autoincrement=True,
)
Index(
    "uq_reminders_visit",
    reminders.c.visit_id,
    reminders.c.revision,
    reminders.c.kind,
    unique=True,
)
Index(
    "uq_reminders_person",
    reminders.c.person_id,
    reminders.c.kind,
    unique=True,
    sqlite_where=text("visit_id IS NULL"),
    postgresql_where=text("visit_id IS NULL"),
)
_only_some(
    "ix_reminders_due", "status = 'pending'", reminders.c.rank, reminders.c.due_at
)

#: Visits of which nothing reminds anybody, as the team was told.
alarms = Table(
    "alarms",
    metadata,
    Column("id", RowId, primary_key=True),
    Column(
        "visit_id", RowId, ForeignKey(visits.c.id, ondelete="CASCADE"), nullable=False
    ),
    Column("revision", Integer, nullable=False),  # of the visit
    Column("reason", String(32), nullable=False),  # why there is none
    Column("raised_at", Utc, nullable=False),
    Column("ended_at", Utc),  # when it was mended, or the visit began
    sqlite_autoincrement=True,
)
Index("uq_alarms_visit", alarms.c.visit_id, alarms.c.revision, unique=True)
_only_some("ix_alarms_standing", "ended_at IS NULL", alarms.c.id)

#: A patient's conversation with the team. Where the group has topics it has one there.
topics = Table(
    "topics",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("person_id", RowId, ForeignKey(people.c.id), nullable=False, unique=True),
    Column("thread_id", BigInteger, index=True),  # as Telegram numbered it
    Column("title", LargeBinary),  # sealed
    Column("status", String(16), nullable=False),
    Column("claimed_by", LargeBinary),  # keyed: who of the team has the chat
    Column("claimer", LargeBinary),  # sealed by the house: their first name
    Column("snoozed_until", Utc),
    Column("asked_at", Utc),  # since when the oldest question waits
    Column("opened_at", Utc, nullable=False),
    Column("first_reply_at", Utc),
    Column("closed_at", Utc),
    Column("card_due_at", Utc),  # since when the card shows something old
    CheckConstraint(
        "status IN ('open', 'claimed', 'snoozed', 'closed')", name="status"
    ),
    sqlite_autoincrement=True,
)
_only_some("ix_topics_card_due_at", "card_due_at IS NOT NULL", topics.c.card_due_at)
_only_some("ix_topics_asked_at", "asked_at IS NOT NULL", topics.c.asked_at)
_only_some("ix_topics_snoozed", "status = 'snoozed'", topics.c.snoozed_until)

#: How helpful people found a conversation with the team. About nobody.
ratings = Table(
    "ratings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("answer", String(16), nullable=False),  # yes, partly or no
    sqlite_autoincrement=True,
)
