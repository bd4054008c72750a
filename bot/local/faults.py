"""Trouble on demand, and the record of every call: for tests, unknown to the page."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.local.bell import Bell
from bot.local.errors import NotSeen
from bot.local.limits import MAX_RECORDED_CALLS, WAIT_SECONDS
from bot.local.nouns import Json


@dataclass(slots=True)
class RecordedCall:
    method: str  #: as the documentation writes it
    params: Json  #: as they came, uploads as {"name", "mime_type", "size"}
    arrived: float  #: monotonic seconds
    status: int = 0  #: HTTP status of the answer, 0 while it runs or when none was sent
    result: Any = None  #: `result` of the answer, None when refused
    description: str = ""  #: the refusal's words
    carried_out: bool = False  #: whether it changed the world
    slips: list[str] = field(default_factory=list)  #: what the real server would hide


@dataclass(slots=True)
class Fault:
    """What happens instead of, or after, carrying out a call."""

    method: str  #: lower-case name, "*" for any but getUpdates and getMe
    left: int  #: calls still to be hit
    status: int = 200
    body: bytes = b""
    carried_out: bool = False  #: the world changes all the same
    drops: bool = False  #: the connection is cut without an answer
    hangs: bool = False  #: no answer until `Faults.clear`
    when: Callable[[Json], bool] | None = None  #: hit only calls with such parameters


class Faults:
    """Switches for trouble. Each hits the next `times` calls of a method."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._released = asyncio.Event()
        self.delay_seconds = 0.0  #: before each call but getUpdates

    def _add(self, method: str, times: int, **how: Any) -> None:
        self._faults.append(Fault(method.lower(), times, **how))

    def refuse(
        self,
        code: int,
        description: str,
        method: str = "*",
        times: int = 1,
        *,
        when: Callable[[Json], bool] | None = None,
        **parameters: Any,
    ) -> None:
        """Answer with an error the real server could give, in JSON."""
        body: Json = {"ok": False, "error_code": code, "description": description}
        if parameters:
            body["parameters"] = parameters
        self._add(method, times, status=code, body=orjson.dumps(body), when=when)

    def too_many(self, retry_after: int, method: str = "*", times: int = 1) -> None:
        """429 with parameters.retry_after, in seconds."""
        self.refuse(
            429,
            f"Too Many Requests: retry after {retry_after}",
            method,
            times,
            retry_after=retry_after,
        )

    def break_down(self, method: str = "*", times: int = 1, code: int = 500) -> None:
        """An error of the server's own."""
        self.refuse(code, "Internal Server Error", method, times)

    def garbage(self, method: str = "*", times: int = 1) -> None:
        """A page of HTML, as proxies send it, with status 502."""
        page = b"<html><head><title>502 Bad Gateway</title></head></html>"
        self._add(method, times, status=502, body=page)

    def drop(
        self,
        method: str = "*",
        times: int = 1,
        *,
        carried_out: bool,
        when: Callable[[Json], bool] | None = None,
    ) -> None:
        """Cut the connection, before or after the call was carried out."""
        self._add(method, times, drops=True, carried_out=carried_out, when=when)

    def hang(
        self,
        method: str = "*",
        times: int = 1,
        *,
        carried_out: bool = False,
        when: Callable[[Json], bool] | None = None,
    ) -> None:
        """Give no answer until `clear`; then the connection is cut."""
        self._add(method, times, hangs=True, carried_out=carried_out, when=when)

    def clear(self) -> None:
        """Take back all trouble, and let go of calls that hang."""
        self._faults.clear()
        self.delay_seconds = 0.0
        self._released.set()
        self._released = asyncio.Event()

    def hit(self, method: str, params: Json) -> Fault | None:
        """The fault this call meets, counted down."""
        name = method.lower()
        for fault in self._faults:
            any_fits = fault.method == "*" and name not in ("getupdates", "getme")
            if not any_fits and fault.method != name:
                continue
            if fault.when is not None and not fault.when(params):
                continue
            fault.left -= 1
            if fault.left <= 0:
                self._faults.remove(fault)
            return fault
        return None

    async def until_cleared(self) -> None:
        """Wait as long as calls hang."""
        await self._released.wait()


class Record:
    """Every call in the order it came, the newest MAX_RECORDED_CALLS of them."""

    def __init__(self) -> None:
        self.calls: deque[RecordedCall] = deque(maxlen=MAX_RECORDED_CALLS)
        self.bell = Bell()  # rung when a call came and when it was answered

    def add(self, call: RecordedCall) -> None:
        """Note a call that came."""
        self.calls.append(call)
        self.bell.ring()

    async def wait_for(
        self,
        predicate: Callable[[RecordedCall], bool],
        *,
        seconds: float = WAIT_SECONDS,
    ) -> RecordedCall:
        """The newest call that fits, now or as soon as there is one. Raises NotSeen."""
        found: list[RecordedCall] = []

        def came() -> bool:
            found[:] = [call for call in self.calls if predicate(call)]
            return bool(found)

        if not await self.bell.until(came, seconds):
            last = ", ".join(call.method for call in list(self.calls)[-20:])
            raise NotSeen(f"No such call within {seconds} s. The last ones: {last}")
        return found[-1]

    def named(self, method: str) -> list[RecordedCall]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    @property
    def slips(self) -> list[str]:
        """What the real server would have let pass in silence."""
        return [f"{call.method}: {slip}" for call in self.calls for slip in call.slips]
