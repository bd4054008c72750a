"""Finding the right question, measured: `python -m tests.bench.faq [--semantic]`.

How the shipped half that set no band is answered, how long one question takes, and what
10,000 phrasings take to learn: time, memory, and the longest that anything else in the
process waited meanwhile; beside it how long it waits where nothing is learned, which is
the machine's own doing, and the full rounds of the garbage collector. With the optional
sentence model where that is asked for.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

from bot.faq.entries import Entry, load_entries
from bot.faq.labelled import shipped
from bot.faq.learn import learn
from bot.faq.match import Matcher
from bot.faq.score import score
from bot.faq.sentences import sentence_model

MANY = 10_000  # phrasings
OF_ONE = 25  # of each made-up entry
SEED = 11
TICK = 0.001  # seconds between two signs of life
RESTS = 4.0  # seconds that nothing is learned
FULL = 2  # the collector's round through everything

T = TypeVar("T")


def main() -> None:
    """Measure, and print a line each."""
    print("load of the machine:", *(f"{one:.1f}" for one in os.getloadavg()))
    entries = load_entries("en")
    began = time.perf_counter()
    model = sentence_model() if "--semantic" in sys.argv else None
    matcher = learn(entries, model=model)
    print(f"{phrasings(entries)} phrasings learned in {since(began):.2f} s")
    for name, share in asdict(score(matcher.match, shipped("en").test)).items():
        print(f"  {name:<17} {share:.3f}" if share < 1 else f"  {name:<17} {share}")
    timed("one question", matcher)
    before = resident_mb()
    many = made_up(entries)
    print("nothing learned")
    asyncio.run(beside(lambda: time.sleep(RESTS)))
    began = time.perf_counter()
    larger = asyncio.run(beside(lambda: learn(many, model=model)))
    print(f"  {phrasings(many)} phrasings learned in {since(began):.1f} s")
    print(f"  memory: {before:.0f} MB before, at most {most_mb():.0f} MB, ", end="")
    print(f"{resident_mb():.0f} MB after")
    timed(f"one question among {phrasings(many)}", larger)


def made_up(entries: Sequence[Entry]) -> list[Entry]:
    """The shipped entries and as many more as it takes, of the same words."""
    chance = random.Random(SEED)
    words = [w for e in entries for one in e.phrasings for w in one.split()]
    found = list(entries)
    left = MANY - phrasings(entries)
    while left > 0:
        own = [chance.choice(words) + str(chance.randrange(500)) for _ in range(3)]
        said = [
            " ".join([*chance.choices(words, k=chance.randrange(2, 7)), own[n % 3]])
            for n in range(min(OF_ONE, left) - 1)
        ]
        ask = " ".join(chance.choices(words, k=4))
        name = f"M{len(found)}"
        found.append(replace(entries[0], id=name, ask=ask, phrasings=tuple(said)))
        left -= len(said) + 1
    return found


async def beside(work: Callable[[], T]) -> T:
    """Work in a thread, while the loop and another thread give signs of life."""
    rounds: list[float] = []  # seconds; of the collector, through everything there is
    begun = 0.0

    def collector(phase: str, told: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = time.perf_counter()
        elif told["generation"] == FULL:
            rounds.append(since(begun))

    gaps: list[float] = []
    done = threading.Event()

    def writer() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(TICK)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    thread = threading.Thread(target=writer)
    thread.start()
    gc.callbacks.append(collector)
    working = asyncio.create_task(asyncio.to_thread(work))
    waits: list[float] = []
    while not working.done():
        last = time.perf_counter()
        await asyncio.sleep(TICK)
        waits.append(time.perf_counter() - last)
    done.set()
    thread.join()
    gc.callbacks.remove(collector)
    for name, ticks in (("event loop", waits), ("writer thread", gaps)):
        late = statistics.quantiles(ticks, n=1000)[-1]
        print(f"  the {name} waited {max(ticks) * 1_000:.0f} ms at most, ", end="")
        print(f"{late * 1_000:.0f} ms at p99.9")
    longest = max(rounds, default=0.0) * 1_000
    print(f"  {len(rounds)} full rounds of the collector, {longest:.0f} ms at most")
    return await working


def timed(what: str, matcher: Matcher) -> None:
    """How long one question takes, by this thread's own time and by the clock."""
    halves = shipped("en")
    texts = [one.text for one in (*halves.calibration, *halves.test)]
    clock, own = [], []
    for text in texts:
        began, busy = time.perf_counter(), time.thread_time()
        matcher.match(text)
        clock.append(since(began) * 1_000)
        own.append((time.thread_time() - busy) * 1_000)
    for name, took in (("by the clock", clock), ("of the processor", own)):
        cut = statistics.quantiles(took, n=100)
        print(f"  {what}, {name}: p50 {cut[49]:.2f} ms, p99 {cut[98]:.2f} ms")


def phrasings(entries: Sequence[Entry]) -> int:
    """Ways to ask, the question itself among them."""
    return sum(1 + len(entry.phrasings) for entry in entries)


def since(began: float) -> float:
    """Seconds."""
    return time.perf_counter() - began


def most_mb() -> float:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mb() -> float:
    """The memory this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
