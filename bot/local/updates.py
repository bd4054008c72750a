"""What waits for the bot: in order, until it confirms."""

from collections import OrderedDict
from typing import Any

from bot.local.bell import Bell
from bot.local.journal import Journal
from bot.local.limits import MAX_UPDATES_AT_ONCE, UPDATES_LIVE_SECONDS

Json = dict[str, Any]

#: these come only to bots that ask for them by name
ASKED_FOR_ONLY = frozenset(
    {"chat_member", "message_reaction", "message_reaction_count"}
)
KINDS = frozenset(
    {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat_member",
        "message_reaction",
        "message_reaction_count",
    }
)


class Updates:
    """Pending updates, numbered one by one."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending: OrderedDict[int, tuple[float, Json]] = OrderedDict()
        self._last_id = 0
        self._allowed: frozenset[str] | None = None  # None: all but ASKED_FOR_ONLY
        self._poll = 0  # the long poll that may answer; a newer one ends it
        self.bell = Bell()
        self._load()

    def _load(self) -> None:
        for _, document in self._journal.read("update"):
            body = document["body"]
            self._pending[body["update_id"]] = (document["at"], body)
        self._pending = OrderedDict(sorted(self._pending.items()))
        for _, document in self._journal.read("updates"):
            self._last_id = document["last_id"]
            allowed = document["allowed"]
            self._allowed = None if allowed is None else frozenset(allowed)

    def _keep_counters(self) -> None:
        allowed = None if self._allowed is None else sorted(self._allowed)
        self._journal.keep(
            "updates", "counters", {"last_id": self._last_id, "allowed": allowed}
        )

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def allowed(self) -> list[str]:
        """The kinds asked for, empty for the usual ones."""
        return sorted(self._allowed or ())

    def allow(self, kinds: list[str] | None) -> None:
        """Choose kinds for updates to come; None leaves the choice as it was."""
        if kinds is not None:
            self._allowed = frozenset(kinds) & KINDS or None
            self._keep_counters()

    def take_poll(self) -> int:
        """Begin a long poll, ending any other; gives its number."""
        self.end_polls()
        return self._poll

    def end_polls(self) -> None:
        """End any long poll that waits."""
        self._poll += 1
        self.bell.ring()

    def holds_poll(self, number: int) -> bool:
        """Whether this long poll is still the newest."""
        return self._poll == number

    def add(self, kind: str, body: Json, at: float) -> int | None:
        """Number it and let it wait; None where the bot does not want this kind."""
        wanted = (
            kind not in ASKED_FOR_ONLY
            if self._allowed is None
            else kind in self._allowed
        )
        if not wanted:
            return None
        self._last_id += 1
        update = {"update_id": self._last_id, kind: body}
        self._pending[self._last_id] = (at, update)
        self._journal.keep("update", str(self._last_id), {"at": at, "body": update})
        self._keep_counters()
        self.bell.ring()
        return self._last_id

    def confirm_before(self, offset: int) -> None:
        """Forget all below the offset; a negative one keeps that many of the last."""
        if offset < 0:
            keys = list(self._pending)
            offset = keys[offset] if len(keys) >= -offset else 0
        for update_id in [key for key in self._pending if key < offset]:
            self.confirm(update_id)

    def confirm(self, update_id: int) -> None:
        """Forget one; it may be gone already."""
        self._pending.pop(update_id, None)
        self._journal.forget("update", str(update_id))

    def expire(self, now: float) -> None:
        """Drop what waited a day, as the real server does."""
        for update_id, (at, _) in list(self._pending.items()):
            if now - at <= UPDATES_LIVE_SECONDS:
                break
            self.confirm(update_id)

    def drop_all(self) -> None:
        """Forget everything that waits."""
        for update_id in list(self._pending):
            self.confirm(update_id)

    def waiting(self, limit: int = MAX_UPDATES_AT_ONCE) -> list[Json]:
        """The oldest that wait."""
        found: list[Json] = []
        for _, update in self._pending.values():
            if len(found) >= limit:
                break
            found.append(update)
        return found
