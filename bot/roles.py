"""Who of the team may do what. Asked at every command and reply, every time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from bot.keys import KeyStore, place
from bot.store import audit, staff
from bot.store.audit import Entry

Role = Literal["owner", "clinician", "desk"]

ROLES: tuple[Role, ...] = ("owner", "clinician", "desk")

#: Everybody in the group, where the clinic works without roles.
GROUP = "group"

#: Somebody without a role.
NOBODY = "none"

#: What a deep link that makes somebody a member begins with.
INVITE = "s-"

INVITE_DAYS = 7  # until an invitation that nobody used ends
TOKEN_BYTES = 16

#: Every role, and the group where there are none; and those of them who decide.
EVERYONE = frozenset({*ROLES, GROUP})
CLINICAL = frozenset({"owner", "clinician", GROUP})


class Roles:
    """The team's roles, as the database has them now.

    Args:
        enforced: False where the clinic trusts everybody in its staff group.
    """

    def __init__(self, keys: KeyStore, *, enforced: bool) -> None:
        self._keys = keys
        self._enforced = enforced

    def of(self, connection: Connection, user_id: object) -> str:
        """The role of this Telegram user: one of ROLES, GROUP or NOBODY."""
        if not self._enforced or not staff.anyone(connection):
            return GROUP
        return staff.role_of(connection, self.hash(user_id)) or NOBODY

    def hash(self, user_id: object) -> bytes:
        """What a member of the team is known by."""
        return self._keys.lookup_hash(f"staff:{user_id}")

    def subject(self, key_id: str) -> bytes:
        """What a patient is known by in the audit trail, as long as their key lives."""
        return self._keys.lookup_hash(f"subject:{key_id}")

    def keyed(self, said: str) -> bytes:
        """What links the audit trail."""
        return self._keys.lookup_hash(said)

    def invite(self, connection: Connection, role: Role, now: datetime) -> str:
        """The payload of a link that makes one person a member, once, within days."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        until = now + timedelta(days=INVITE_DAYS)
        staff.invite(connection, self._token_hash(token), role, now, until)
        self._note(connection, Entry(now, None, "program", "invite", "done"))
        return INVITE + token

    def redeem(
        self,
        connection: Connection,
        payload: str,
        user_id: int,
        name: str,
        now: datetime,
    ) -> str | None:
        """Make this user a member; None where the link is worth nothing."""
        token = self._token_hash(payload.removeprefix(INVITE))
        role = staff.redeem(connection, token, now)
        if role is None:
            return None
        sealed = self._keys.seal(
            self._keys.house, self._name_place(self.hash(user_id)), name.encode()
        )
        staff.join(connection, self.hash(user_id), role, sealed, now)
        self._note(connection, Entry(now, self.hash(user_id), role, "join", "done"))
        return role

    def remove(self, connection: Connection, member: int, now: datetime) -> bool:
        """End a membership; False where there is no such member."""
        gone = staff.remove(connection, member, now)
        if gone is not None:
            self._note(connection, Entry(now, gone, "program", "remove", "done"))
        return gone is not None

    def members(self, connection: Connection) -> list[tuple[int, str, str, datetime]]:
        """Number, role, first name and beginning of every membership."""
        return [
            (one.id, one.role, self._name(one), one.since)
            for one in staff.members(connection)
        ]

    def team(self, connection: Connection) -> list[tuple[bytes, str]]:
        """What each member is known by, and their first name."""
        found = staff.members(connection)
        return [(one.user_hash, self._name(one)) for one in found]

    def _name(self, member: staff.Member) -> str:
        where = self._name_place(member.user_hash)
        return self._keys.open(self._keys.house, where, member.name).decode()

    def _note(self, connection: Connection, entry: Entry) -> None:
        audit.append(connection, self.keyed, [entry])

    def _token_hash(self, token: str) -> bytes:
        return self._keys.lookup_hash(f"invite:{token}")

    @staticmethod
    def _name_place(user_hash: bytes) -> bytes:
        return place("staff", "name", user_hash.hex())
