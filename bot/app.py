"""The whole program: one store, one channel, the loops. No other file chooses these."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.telegram import Storefront, Telegram
from bot.clinic import ClinicProfile, calendar_of, missing_for_run
from bot.clock import Clock, RealClock
from bot.config import Settings
from bot.conversation import Conversation
from bot.desk import Desk, StaffRoom
from bot.desk.alarms import Alarms
from bot.desk.rounds import Rounds
from bot.desk.unanswered import UnansweredProposals
from bot.desk.week import weekly_of
from bot.errors import ConfigError, ExoplanBotError, Unreachable
from bot.faq.library import Library
from bot.gates import LocalGates, SharedGates
from bot.handle import Turns
from bot.inbox import Intake, Polling, Worker
from bot.keys import DESTROYED, KeyStore, master_key
from bot.marks import Marks
from bot.message import Renders
from bot.metrics import Figures
from bot.outbox import Sender
from bot.read import Reader
from bot.reminders import Reminders
from bot.replica import CALLS, JOINED, TURNS, Replica
from bot.retention import Retention
from bot.rights import Rights
from bot.roles import Roles
from bot.seals import hold_together
from bot.store.engine import Store
from bot.store.faq import CHANGED
from bot.store.migrations import upgrade
from bot.threads import Threads
from bot.visits import Visits

if TYPE_CHECKING:
    from bot.watch import Watch
    from bot.web.site import Site

STOP_SECONDS = 3.0  # for what is under way when the program is told to stop
FINISH_SECONDS = 1.0  # to write down what became of them
FIRST_PAUSE = 0.5  # seconds before Telegram is greeted again; doubled with each try
LONGEST_PAUSE = 30.0  # seconds
LEARN_WITHIN = 5.0  # seconds; until then the questions leave a start its processor

Receive = Callable[[], Coroutine[Any, Any, None]]

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True)
class Voice:
    """Everything that decides what is said; the rest of the program carries it."""

    conversation: Conversation
    reader: Reader
    renderers: Mapping[str, Renders]  #: by language, the default first
    storefront: Storefront
    library: Library | None = None  #: what people may ask; None: nothing


class App:
    """The bot of one clinic.

    Args:
        settings: what the engineer decides.
        profile: what the clinic says about itself.
        voice: what is said, and how free text is read.
        clock: another than the computer's, for a rehearsal.

    Raises:
        ConfigError: patients would miss something that this profile lacks.
    """

    def __init__(
        self,
        settings: Settings,
        profile: ClinicProfile,
        voice: Voice,
        clock: Clock | None = None,
    ) -> None:
        if missing := missing_for_run(profile):
            lines = [f"{settings.clinic}: {line}" for line in missing]
            raise ConfigError("\n".join(["the clinic's file lacks", *lines]))
        if not settings.token.get_secret_value():
            raise ConfigError("EXOPLAN_TOKEN: is missing; @BotFather gives it")
        self._settings = settings
        self._voice = voice
        self._clock = clock or RealClock()
        self._profile = profile
        self._room = StaffRoom(profile.staff_chat)
        self._stop = asyncio.Event()
        self._greeted = asyncio.Event()  # Telegram knows us: updates may come
        self._figures = Figures()

    def stop(self) -> None:
        """Finish what is under way and return from `run`."""
        self._stop.set()

    async def run(self) -> None:
        """Work until told to stop.

        Raises:
            ExoplanBotError: one clear line about what keeps the bot from working.
        """
        settings, clock, room = self._settings, self._clock, self._room
        open_files: list[Callable[[], None]] = []
        async with AsyncExitStack() as open_things:
            listener = self._listener()  # before anything is begun
            if listener is not None:
                open_things.callback(listener.close)
            # The store first: what it still has to write needs the keys.
            open_things.callback(lambda: [close() for close in open_files])
            store = Store(settings.database)
            open_files.append(store.close)
            await store.write(upgrade)
            secret = settings.master_key
            keys = KeyStore(
                settings.key_store,
                master_key(
                    secret.get_secret_value() if secret else None,
                    settings.key_file_path,
                ),
            )
            open_files.append(keys.close)
            await store.write(lambda connection: hold_together(connection, keys))
            await store.write(room.recall)
            telegram = await open_things.enter_async_context(
                Telegram(settings.token.get_secret_value(), settings.api_url)
            )
            profile = self._profile
            roles = Roles(keys, enforced=profile.staff_roles == "on")
            renderers = self._voice.renderers
            desk = self._desk(keys, room, roles)
            visits = Visits(keys, calendar_of(profile), profile.time_zone)
            copies = profile.retention.key_backup_days
            turns = Turns(
                keys=keys,
                conversation=self._voice.conversation,
                reader=self._voice.reader,
                renderers=renderers,
                desk=desk,
                room=room,
                roles=roles,
                rights=Rights(keys, renderers, roles.subject, copies, room),
                visits=visits,
            )
            replica = Replica(
                store, clock, lambda doubted: sender.look(doubted), room.recall
            )
            marks = Marks(store, keys, clock, replica, wake=lambda: worker.wake())

            async def moved(chat_id: int) -> None:
                room.current = chat_id
                await marks.flush()  # what was sent before it moved is known as such
                await marks.durably(lambda connection: room.moved(connection, chat_id))
                log.warning("staff_group_moved", chat=chat_id)

            sender = Sender(
                store=store,
                keys=keys,
                clock=clock,
                marks=marks,
                replica=replica,
                gates=SharedGates(store) if store.shared else LocalGates(),
                call=telegram.call,
                moved=moved,
                threads=Threads(
                    keys, marks, room, clock, telegram.call, lambda: worker.wake()
                ),
                figures=self._figures,
                rate=settings.rate,
                chat_rate=settings.chat_rate,
            )
            worker = Worker(store, turns, sender, room, clock, self._figures)
            tell = partial(replica.tell, what=TURNS)
            intake = Intake(keys, desk, room, tell)
            polling = Polling(
                telegram.updates, store, intake, worker, clock, self._figures
            )
            watch = self._watch(keys, worker, sender, replica)
            ways = self._ways(telegram, polling, store, intake, worker, listener, watch)
            await replica.enter()
            retention = Retention(
                store,
                keys,
                clock,
                worker.wake,
                days=profile.retention.intake_days,
                key_copies=settings.key_backups,
                key_copy_days=copies,
                row_days=settings.keep_days,
            )
            reminders = Reminders(store, keys, clock, worker.wake, settings.rate)
            loops: list[Receive] = [
                *(marks.run, replica.run, retention.run, reminders.run)
            ]
            if (library := self._voice.library) is not None:
                loops.append(partial(self._learn, library, store, keys))
            if room.configured is not None:
                zone = ZoneInfo(profile.time_zone)
                rounds = Rounds(
                    *(store, keys, room, clock, worker.wake),
                    weekly_of(profile),
                    Alarms(keys, room, zone),
                    UnansweredProposals(keys),
                )
                loops.append(rounds.run)
            if watch is not None:
                loops.append(watch.run)
            await self._work(telegram, *ways, worker, sender, marks, loops)
            await self._finish(sender, replica)

    def _desk(self, keys: KeyStore, room: StaffRoom, roles: Roles) -> Desk:
        """The team's desk; what it teaches is learned at once."""
        language, renderer = next(iter(self._voice.renderers.items()))
        library, loop = self._voice.library, asyncio.get_running_loop()
        zone = self._profile.time_zone
        if library is None:
            return Desk(keys, renderer, room, roles, zone, language=language)

        def look() -> None:  # from the writer thread
            loop.call_soon_threadsafe(library.look)

        return Desk(
            keys,
            renderer,
            room,
            roles,
            zone,
            language=language,
            learn=look,
            knows=lambda entry: entry in library.entries,
        )

    def _listener(self) -> socket.socket | None:
        """The socket of the listening address, where there is one."""
        address = self._settings.listen_address
        if address is None:
            return None
        from bot.web.server import listening

        return listening(*address)

    def _watch(
        self, keys: KeyStore, worker: Worker, sender: Sender, replica: Replica
    ) -> Watch | None:
        """What listens to other replicas; None where there can be none."""
        database = self._settings.database
        if isinstance(database, Path):
            return None
        from bot.watch import Watch  # loads a driver few need

        library = self._voice.library

        def hear(what: str) -> None:
            if what == TURNS:
                worker.wake()
            elif what == CALLS:
                sender.look()
            elif what == JOINED:
                replica.joined()
            elif what == CHANGED and library is not None:
                library.look()
            elif what.startswith(DESTROYED):
                keys.forget(what.removeprefix(DESTROYED))

        def missed() -> None:
            keys.forget()
            worker.wake()
            sender.look()
            if library is not None:
                library.look()

        return Watch(database, hear, missed)

    def _ways(
        self,
        telegram: Telegram,
        polling: Polling,
        store: Store,
        intake: Intake,
        worker: Worker,
        listener: socket.socket | None,
        watch: Watch | None,
    ) -> tuple[Receive, Site | None]:
        """How updates come in, and the site where something listens."""
        settings, clock, figures = self._settings, self._clock, self._figures
        poll = partial(watch.in_turn, polling.run) if watch else polling.run

        if listener is None:
            return poll, None
        # Here, not above: it takes longer to load than a bot that polls takes to start.
        from bot.web.health import Health, Receiving
        from bot.web.site import Site
        from bot.web.webhook import Door, Posted, Webhook

        if not settings.webhook_url:

            def polled() -> Receiving:
                by = "polling" if watch is None or watch.polls else "standby"
                return Receiving(by, polling.last_poll_at)

            return poll, Site(listener, Health(store, clock, polled), figures)
        url, secret = settings.webhook_url, settings.webhook_secret.get_secret_value()
        posted = Posted(url, lambda: telegram.post_to(url, secret), telegram.posting)
        door = Door(store, intake, clock, figures, worker.follow)

        def delivered() -> Receiving:
            return Receiving("webhook", door.last_update_at, posted.waiting)

        health = Health(store, clock, delivered)
        webhook = settings.webhook_path, Webhook(secret, door.keep)
        return posted.run, Site(listener, health, figures, webhook)

    async def _work(
        self,
        telegram: Telegram,
        receive: Receive,
        site: Site | None,
        worker: Worker,
        sender: Sender,
        marks: Marks,
        others: Sequence[Receive],
    ) -> None:
        """Run the loops; when told to stop, end them from the door inwards."""
        try:
            async with asyncio.TaskGroup() as loops:
                working = loops.create_task(worker.run())
                sending = loops.create_task(sender.run())
                resting = [loops.create_task(run()) for run in others]
                receiving = loops.create_task(self._receive(telegram, receive, marks))
                serving = loops.create_task(site.serve()) if site else None
                await self._stop.wait()
                log.info("stopping")
                receiving.cancel()
                if site and serving:
                    site.leave()
                    await serving
                worker.stop()
                told = time.monotonic()
                await asyncio.wait([working], timeout=STOP_SECONDS)
                working.cancel()
                left = STOP_SECONDS - (time.monotonic() - told)
                await sender.stop(max(0.0, left))
                sending.cancel()
                for one in resting:
                    one.cancel()
        except BaseExceptionGroup as faults:
            if (known := _known(faults)) is None:
                raise
            raise known from None

    async def _finish(self, sender: Sender, replica: Replica) -> None:
        """Write down what is known; where the store is away, others will find out."""
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await sender.let_go()
                await replica.leave()
        except (TimeoutError, SQLAlchemyError) as fault:
            log.warning("left_unfinished", fault=type(fault).__name__)

    async def _receive(
        self, telegram: Telegram, receive: Receive, marks: Marks
    ) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                self._room.username = (await telegram.introduce()).lower()
                if not self._settings.webhook_url:
                    await telegram.post_nowhere()
                break
            except Unreachable as fault:
                log.warning("telegram_unreachable", fault=str(fault))
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
        await marks.durably(self._room.keep_username)
        await self._look_at_room(telegram, marks)
        log.info("receiving", bot=self._room.username)
        self._greeted.set()
        async with asyncio.TaskGroup() as both:
            both.create_task(receive())
            both.create_task(self._dress(telegram))

    async def _learn(self, library: Library, store: Store, keys: KeyStore) -> None:
        """Learn what people may ask, once updates come in: that is what cannot wait."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LEARN_WITHIN):
                await self._greeted.wait()
        await library.run(store, keys)

    async def _look_at_room(self, telegram: Telegram, marks: Marks) -> None:
        """Whether the staff chat has topics; as it was where nobody answers."""
        room = self._room
        if room.current is None:
            return
        try:
            room.topics = await telegram.has_topics(room.current)
        except Unreachable as fault:
            log.warning("staff_chat_not_seen", fault=str(fault))
            return
        await marks.durably(lambda c: room.keep_topics(c, room.topics))

    async def _dress(self, telegram: Telegram) -> None:
        """Menu and description: worth a try, not worth keeping anybody waiting."""
        try:
            await telegram.dress(self._voice.storefront, self._room.current)
        except Unreachable as fault:
            log.warning("storefront_not_set", fault=str(fault))


def run(app: App) -> None:
    """Run until SIGTERM or SIGINT, on uvloop where that exists.

    Raises:
        ExoplanBotError: one clear line about what keeps the bot from working.
    """
    run_until_told(app.run, app.stop)


def run_until_told(
    work: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], None]
) -> None:
    """Run `work` in a loop of its own; SIGTERM and SIGINT call `stop`."""
    loop_factory = None
    with suppress(ImportError):
        import uvloop

        loop_factory = uvloop.new_event_loop

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError):  # Windows ends a program another way
                loop.add_signal_handler(one, stop)
        await work()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main())


def _known(fault: BaseException) -> ExoplanBotError | None:
    """What went wrong in words for people, out of whatever groups it came in."""
    if isinstance(fault, BaseExceptionGroup):
        return next(filter(None, map(_known, fault.exceptions)), None)
    return fault if isinstance(fault, ExoplanBotError) else None
