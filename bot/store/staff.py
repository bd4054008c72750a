"""Statements about who belongs to the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bot.store.tables import staff, staff_invites


@dataclass(frozen=True, slots=True)
class Member:
    """One of the team."""

    id: int
    user_hash: bytes  #: keyed hash of their Telegram id
    role: str
    name: bytes  #: sealed by the house
    since: datetime


def role_of(connection: Connection, user_hash: bytes) -> str | None:
    """The role of whoever has this hash; None for one who is not of the team."""
    found: str | None = connection.scalar(
        select(staff.c.role).where(
            staff.c.user_hash == user_hash, staff.c.removed_at.is_(None)
        )
    )
    return found


def anyone(connection: Connection) -> bool:
    """Whether there ever was a member; removing the last does not open the doors."""
    return connection.scalar(select(staff.c.id).limit(1)) is not None


def members(connection: Connection) -> list[Member]:
    """Everybody of the team, the longest first."""
    found = connection.execute(
        select(staff.c.id, staff.c.user_hash, staff.c.role, staff.c.name, staff.c.since)
        .where(staff.c.removed_at.is_(None))
        .order_by(staff.c.id)
    )
    return [Member(*row) for row in found]


def join(
    connection: Connection, user_hash: bytes, role: str, name: bytes, now: datetime
) -> None:
    """They are of the team from now on, in this role and no other."""
    values = {"role": role, "name": name, "since": now, "removed_at": None}
    changed = connection.execute(
        update(staff).where(staff.c.user_hash == user_hash).values(values)
    )
    if not changed.rowcount:
        connection.execute(insert(staff).values(user_hash=user_hash, **values))


def remove(connection: Connection, member: int, now: datetime) -> bytes | None:
    """End a membership; the hash of who it was, None where there is no such member."""
    found: bytes | None = connection.scalar(
        update(staff)
        .where(staff.c.id == member, staff.c.removed_at.is_(None))
        .values(removed_at=now)
        .returning(staff.c.user_hash)
    )
    return found


def invite(
    connection: Connection,
    token_hash: bytes,
    role: str,
    now: datetime,
    until: datetime,
) -> None:
    """Whoever first brings the token of this hash, in time, joins in this role."""
    connection.execute(
        insert(staff_invites).values(
            token_hash=token_hash, role=role, created_at=now, expires_at=until
        )
    )


def redeem(connection: Connection, token_hash: bytes, now: datetime) -> str | None:
    """The role this token gives, which it does once; None where it gives none."""
    found: str | None = connection.scalar(
        update(staff_invites)
        .where(
            staff_invites.c.token_hash == token_hash,
            staff_invites.c.used_at.is_(None),
            staff_invites.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(staff_invites.c.role)
    )
    return found


def drop_old_invites(connection: Connection, now: datetime) -> None:
    """Forget invitations that nobody can use any more."""
    connection.execute(
        delete(staff_invites).where(
            staff_invites.c.used_at.is_not(None) | (staff_invites.c.expires_at <= now)
        )
    )
