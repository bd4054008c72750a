"""People who press buttons, each the next as soon as the last was answered.

A bot that counts its screens in its buttons ("<serial>|<option>") tells whether a turn
was taken twice or a place in the conversation was lost: each answer must bring exactly
the serial that follows the one before. What comes with an older serial is a message
sent again, if it is the same to the letter.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.telegram import FarEnd, Message

AREAS = ("skin", "hair", "joint")
#: What a patient presses wherever it is offered, in this order.
WANTED = (
    "show",
    "fit",
    "agree:team",
    "agree:plan",
    "none",
    "severity:moderate",
    "duration:chronic",
    "pain:4",
    "earlier:never",
)
#: Of which question of the intake the first answer will do.
ANY_OF = ("site", "joint", "severity", "duration", "goal", "priority", "combination")
ONLY_UNDER_A_PLAN = "what_if"
COMING_SECONDS = 1.0  # until all patients of a run have come in

#: The button to press on this message; None: this way has come to its end.
Choose = Callable[[Message, int], str | None]


def plan_by_plan(message: Message, way: int) -> str | None:
    """From the area's card over the intake to its plan; one area a way."""
    offered: dict[str, str] = {}
    for button in (one for row in message.keyboard for one in row):
        _, _, option = button["callback_data"].partition("|")
        offered[option] = button["callback_data"]
    if ONLY_UNDER_A_PLAN in offered:
        return None
    area = AREAS[way % len(AREAS)]
    for option in (*WANTED, f"area:{area}"):
        if option in offered:
            return offered[option]
    for option, data in offered.items():
        if option.partition(":")[0] in (*ANY_OF, "earlier"):
            return data
    raise LookupError(f"nothing to press for {area} on: {message.shown[0][:200]}")


def always_the_first(message: Message, way: int) -> str | None:
    """The first button there is."""
    return message.keyboard[0][0]["callback_data"] if message.keyboard else None


@dataclass(slots=True)
class Patient:
    """One person in one chat."""

    chat: int
    serial: int = 0  #: of the screen they look at
    way: int = 0  #: how many they have gone to the end
    live: Message | None = None  #: the screen they look at
    asked_at: float = 0.0  #: when the unanswered press was made; 0: none is
    turns: int = 0
    seen: dict[int, object] = field(default_factory=dict)  #: every screen by its serial


@dataclass(slots=True)
class Tally:
    """What the patients saw."""

    turns: int = 0  #: answered
    waits: list[float] = field(default_factory=list)  #: seconds from press to answer
    doubled: int = 0  #: turns taken more than once: a serial was left out
    states_lost: int = 0  #: the conversation was somewhere earlier
    sent_again: int = 0  #: messages that came twice
    plans: int = 0
    people: int = 0
    faults: list[str] = field(default_factory=list)


class Crowd:
    """All patients of a run.

    Args:
        ways: each goes before somebody else comes in their place; 0: they stay.
        rate: presses a second offered by all together; 0: as fast as answers come.
    """

    def __init__(
        self,
        patients: int,
        choose: Choose = plan_by_plan,
        *,
        ways: int = 3,
        rate: float = 0.0,
    ) -> None:
        self.far = FarEnd(self._shown)
        self.tally = Tally()
        self._choose = choose
        self._ways = ways
        self._rate = rate
        self._size = patients
        self._next_chat = 1_000_001
        self._here: dict[int, Patient] = {}
        self._ready: deque[Patient] = deque()
        self._left: deque[int] = deque()
        self._pressing = False
        self._quiet = asyncio.Event()
        self._answer = asyncio.Event()
        self._offering: asyncio.Task[None] | None = None

    # — the run —

    def begin(self) -> None:
        """Everybody comes in, one after the other, and presses.

        Not all at once: they would go in step for ever.
        """
        self._pressing = True
        while len(self._here) < self._size:
            self._comes()
        if self._rate:
            self._ready.extend(self._here.values())
            self._offering = asyncio.create_task(self._offer())
            return
        loop = asyncio.get_running_loop()
        for number, patient in enumerate(self._here.values()):
            loop.call_later(COMING_SECONDS * number / self._size, self._begin, patient)

    async def end(self, seconds: float) -> bool:
        """Nobody presses any more; whether all answers came within the time."""
        self._pressing = False
        if self._offering is not None:
            self._offering.cancel()
        self._quiet.clear()
        if self.unanswered:
            try:
                await asyncio.wait_for(self._quiet.wait(), seconds)
            except TimeoutError:
                return False
        return True

    async def greet(self, seconds: float) -> float:
        """One person says hello: how long the first answer takes, in seconds."""
        patient = self._comes()
        self._quiet.clear()
        begun = time.perf_counter()
        self._press(patient)
        await asyncio.wait_for(self._quiet.wait(), seconds)
        return time.perf_counter() - begun

    async def next_answer(self, seconds: float) -> None:
        """Wait until somebody is answered. Raises TimeoutError."""
        self._answer.clear()
        await asyncio.wait_for(self._answer.wait(), seconds)

    @property
    def unanswered(self) -> list[Patient]:
        """Who waits for an answer."""
        return [patient for patient in self._here.values() if patient.asked_at]

    def measure_from_here(self) -> None:
        """Forget what was measured while everything was warming up."""
        self.tally.turns = 0
        self.tally.waits.clear()

    # — a press and its answer —

    def _comes(self) -> Patient:
        patient = Patient(self._next_chat)
        self._next_chat += 1
        self._here[patient.chat] = patient
        self.far.open_chat(patient.chat)
        self.tally.people += 1
        return patient

    def _press(self, patient: Patient) -> None:
        patient.asked_at = time.perf_counter()
        data = None
        if patient.live is not None:
            data = self._choose(patient.live, patient.way)
        if data is None or patient.live is None:
            self.far.write(patient.chat, "/start")
        else:
            self.far.tap(patient.live, data)

    def _shown(self, message: Message, new: bool) -> None:
        patient = self._here.get(message.chat)
        rows = message.keyboard
        if patient is None or not rows:
            return
        serial, _, _ = rows[0][0]["callback_data"].partition("|")
        if not serial.isdigit():
            return  # a button that belongs to no screen
        self._answered(patient, message, int(serial), new)

    def _answered(
        self, patient: Patient, message: Message, serial: int, new: bool
    ) -> None:
        tally = self.tally
        if serial <= patient.serial:
            if patient.seen.get(serial) != message.shown:
                tally.states_lost += 1
                tally.faults.append(f"{patient.chat}: {patient.serial}, then {serial}")
            tally.sent_again += new
            if new and serial == patient.serial:
                patient.live = message
            return
        if serial > patient.serial + 1:
            tally.doubled += serial - patient.serial - 1
            tally.faults.append(f"{patient.chat}: {patient.serial}, then {serial}")
        elif not patient.asked_at:
            tally.doubled += 1
            tally.faults.append(f"{patient.chat}: {serial}, which nobody asked for")
        now = time.perf_counter()
        tally.turns += 1
        patient.turns += 1
        tally.waits.append(now - patient.asked_at)
        patient.serial, patient.live, patient.asked_at = serial, message, 0.0
        patient.seen[serial] = message.shown
        self._answer.set()
        self._next(patient)
        if not self._pressing and not self.unanswered:
            self._quiet.set()

    def _next(self, patient: Patient) -> None:
        assert patient.live is not None
        try:
            over = self._choose(patient.live, patient.way) is None
        except LookupError as fault:
            self.tally.faults.append(str(fault))
            over = True
        if over:
            patient.way += 1
            self.tally.plans += 1
            patient.live = None
            if self._ways and patient.way >= self._ways:
                patient = self._replace(patient)
        if self._pressing:
            self._ready.append(patient)
            if not self._rate:
                asyncio.get_running_loop().call_soon(self._press_ready)

    def _replace(self, patient: Patient) -> Patient:
        """Somebody else takes their place; their chat is closed a while later."""
        del self._here[patient.chat]
        self._left.append(patient.chat)
        if len(self._left) > 2 * self._size:
            self.far.close_chat(self._left.popleft())
        return self._comes()

    def _begin(self, patient: Patient) -> None:
        self._ready.append(patient)
        self._press_ready()

    def _press_ready(self) -> None:
        while self._ready and self._pressing:
            self._press(self._ready.popleft())

    async def _offer(self) -> None:
        loop = asyncio.get_running_loop()
        begun, offered = loop.time(), 0
        while True:
            due = int((loop.time() - begun) * self._rate)
            while offered < due:
                offered += 1
                if self._ready:
                    self._press(self._ready.popleft())
            await asyncio.sleep(
                max(0.0005, begun + (due + 1) / self._rate - loop.time())
            )


def percentile(waits: Sequence[float], share: float) -> float:
    """The wait that `share` of all are at most as long as, in seconds."""
    if not waits:
        return 0.0
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
