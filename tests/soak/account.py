"""What was promised, and whether it was kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from tests.bench.ledger import Ledger
from tests.bench.patients import Crowd, percentile
from tests.bench.stores import Store

DRAIN_SECONDS = 60.0  # for what is still to be sent when everybody has their answer
#: What a call that is repeated in doubt may be told, and nobody misses.
HARMLESS = ("query is too old", "message is not modified")


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that must hold."""

    words: str
    kept: bool
    seen: str  #: what was found


@dataclass(slots=True)
class Account:
    """One run, held to its promises."""

    title: str
    promises: list[Promise] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)  #: told, not promised

    def hold(self, words: str, kept: bool, seen: object) -> None:
        """Write down whether a promise was kept."""
        self.promises.append(Promise(words, kept, str(seen)))

    def none(self, words: str, found: int | Sequence[object]) -> None:
        """A promise that something does not happen."""
        count = found if isinstance(found, int) else len(found)
        seen = found if isinstance(found, int) else (found[:3] or 0)
        self.hold(words, count == 0, seen)

    @property
    def kept(self) -> bool:
        """Whether all of them were."""
        return all(promise.kept for promise in self.promises)


async def settle(crowd: Crowd, store: Store, seconds: float) -> Ledger:
    """Let the last answers come and the last calls leave; what the database holds."""
    await crowd.end(seconds)
    until = time.monotonic() + DRAIN_SECONDS
    while True:
        book = await asyncio.to_thread(store.ledger)
        if not (book.unsent or book.turns_waiting) or time.monotonic() > until:
            return book
        await asyncio.sleep(0.2)


def nothing_lost(account: Account, crowd: Crowd, book: Ledger) -> None:
    """What holds however a run was disturbed: zeros all the way."""
    tally, far = crowd.tally, crowd.far
    account.none("turns lost", [patient.chat for patient in crowd.unanswered])
    account.none("taps never answered", len(far.waiting_taps))
    account.none("conversation states lost", tally.states_lost)
    account.none("turns taken twice", tally.doubled)
    account.hold(
        "every update is in the database once",
        book.updates == far.updates_made,
        f"{book.updates:,} of {far.updates_made:,}",
    )
    account.none("turns left waiting", book.turns_waiting)
    account.none("turns set aside", book.turns_set_aside)
    account.none("consents written down twice", book.consents_doubled)
    account.none("calls left unsent", book.unsent)
    account.hold(
        "messages that came twice are counted as uncertain",
        tally.sent_again <= book.uncertain,
        f"{tally.sent_again} came twice, {book.uncertain} counted",
    )
    refused = [
        f"{times} × {what}"
        for what, times in far.refusals.items()
        if not any(words in what for words in HARMLESS)
    ]
    account.none("calls that Telegram refuses", refused)
    account.none("other faults", list(dict.fromkeys(tally.faults)))
    account.facts |= {
        "turns": len(tally.waits),
        "people": tally.people,
        "plans": tally.plans,
        "longest wait s": round(max(tally.waits, default=0.0), 2),
        "p99 s": round(percentile(tally.waits, 0.99), 2),
    }


def publish(accounts: Iterable[Account], file: Path | None) -> bool:
    """Print every account, write the JSON where it is wanted; whether all is well."""
    console = Console(width=120)
    known = list(accounts)
    for account in known:
        shown = Table(title=account.title, title_justify="left")
        shown.add_column("promise")
        shown.add_column("")
        shown.add_column("seen", overflow="fold")
        for promise in account.promises:
            mark = "[green]✓[/green]" if promise.kept else "[red]✗[/red]"
            shown.add_row(promise.words, mark, promise.seen)
        for name, value in account.facts.items():
            shown.add_row(f"[dim]{name}[/dim]", "", str(value))
        console.print(shown)
    if file is not None:
        plain = [asdict(account) for account in known]
        file.write_bytes(orjson.dumps(plain, option=orjson.OPT_INDENT_2))
    return all(account.kept for account in known)
