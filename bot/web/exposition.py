"""All figures as Prometheus reads them. docs/operations.md lists every one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bot.metrics import STEPS, Durations, Figures
from bot.web.health import State

TURNS = ("kept", "retried", "set_aside")
ERASED = ("asked", "silent")
SENDS = ("sent", "refused", "unreachable", "put_off")


def exposition(figures: Figures, state: State) -> bytes:
    """The text of one scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ours(figures, state))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Ours(Collector):
    """What we count, and what the database and Telegram say."""

    def __init__(self, figures: Figures, state: State) -> None:
        self._figures = figures
        self._state = state

    def collect(self) -> Iterator[Metric]:
        figures, state = self._figures, self._state
        release = GaugeMetricFamily(
            "exoplan_info", "The release at work; always 1.", labels=["version"]
        )
        release.add_metric([version("exoplan")], 1)
        yield release
        yield _counter("exoplan_updates", "Updates stored.", figures.updates)
        yield _by(
            "outcome", "exoplan_turns", "Turns taken, by outcome.", figures.turns, TURNS
        )
        yield _by(
            "outcome",
            "exoplan_sends",
            "Calls to Telegram that came to an end, or were put off, by outcome.",
            figures.sends,
            SENDS,
        )
        yield _counter(
            "exoplan_uncertain_sends",
            "Messages whose delivery nobody confirmed, and that may come twice.",
            figures.uncertain,
        )
        yield _by(
            "reason", "exoplan_erased", "People erased, by why.", figures.erased, ERASED
        )
        for name, words, durations in [
            (
                "exoplan_turn_seconds",
                "From an update's arrival to the commit of its turn.",
                figures.committed,
            ),
            (
                "exoplan_send_seconds",
                "From the commit of a turn to Telegram's word that it has the message.",
                figures.sent,
            ),
            (
                "exoplan_gate_wait_seconds",
                "What the send limits made messages wait.",
                figures.gate_waits,
            ),
        ]:
            yield _histogram(name, words, durations)
        yield GaugeMetricFamily(
            "exoplan_ready", "1 where /readyz says so.", value=not state.reasons
        )
        yield GaugeMetricFamily(
            "exoplan_updates_silent_seconds",
            "Since updates last came, or an empty answer to a poll.",
            value=state.silent_seconds,
        )
        yield GaugeMetricFamily(
            "exoplan_database_up",
            "1 where the database takes a write in time.",
            value=not state.database,
        )
        yield GaugeMetricFamily(
            "exoplan_database_seconds",
            "What the database took for that.",
            value=state.database_seconds,
        )
        if state.receiving.telegram_holds is not None:
            yield GaugeMetricFamily(
                "exoplan_telegram_holds",
                "Updates that Telegram could not deliver to the webhook yet.",
                value=state.receiving.telegram_holds,
            )
        if state.backlog is not None:
            for name, waiting in [
                ("inbox", state.backlog.inbox),
                ("outbox", state.backlog.outbox),
            ]:
                yield GaugeMetricFamily(
                    f"exoplan_{name}_waiting",
                    f"Rows of the {name} that wait, 10,000 at most.",
                    value=waiting.rows,
                )
                yield GaugeMetricFamily(
                    f"exoplan_{name}_oldest_seconds",
                    f"How long the oldest row of the {name} has waited.",
                    value=state.age(waiting),
                )
            yield GaugeMetricFamily(
                "exoplan_desk_waiting",
                "Calls that wait for the staff chat.",
                value=state.backlog.desk.rows,
            )
            yield GaugeMetricFamily(
                "exoplan_desk_oldest_seconds",
                "How long the oldest of them has waited.",
                value=state.age(state.backlog.desk),
            )
            yield GaugeMetricFamily(
                "exoplan_desk_cards_waiting",
                "Cards of the team that are to be drawn anew.",
                value=state.backlog.cards,
            )
            yield GaugeMetricFamily(
                "exoplan_inbox_set_aside",
                "Turns that failed for good and wait for somebody, 10,000 at most.",
                value=state.backlog.set_aside,
            )


def _counter(name: str, words: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, words, value=value)


def _by(
    label: str, name: str, words: str, counted: dict[str, int], kinds: Sequence[str]
) -> CounterMetricFamily:
    """Every kind from the start, so that the first of it shows as a rise."""
    family = CounterMetricFamily(name, words, labels=[label])
    for kind in kinds:
        family.add_metric([kind], counted.get(kind, 0))
    return family


def _histogram(name: str, words: str, durations: Durations) -> HistogramMetricFamily:
    sums = list(accumulate(durations.counts))
    ends = [*map(str, map(float, STEPS)), "+Inf"]
    return HistogramMetricFamily(
        name,
        words,
        buckets=list(zip(ends, sums, strict=True)),
        sum_value=durations.total_seconds,
    )
