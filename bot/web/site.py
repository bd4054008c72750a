"""The bot's own small site: Telegram's updates, health, figures."""

from __future__ import annotations

import socket

import orjson
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.metrics import Figures
from bot.web.health import Health
from bot.web.server import GuestServer
from bot.web.webhook import Webhook

log = structlog.get_logger("web")


class Site:
    """Serves until it is told to leave.

    Args:
        listener: already listening; closed at the end.
        webhook: its path and who answers there, where updates are posted.
    """

    def __init__(
        self,
        listener: socket.socket,
        health: Health,
        figures: Figures,
        webhook: tuple[str, Webhook] | None = None,
    ) -> None:
        self._listener = listener
        self._health = health
        self._figures = figures
        routes = [
            Route("/healthz", self._alive),
            Route("/readyz", self._ready),
            Route("/metrics", self._metrics),
        ]
        if webhook is not None:
            path, answers = webhook
            routes.append(Route(path, answers, methods=["POST"]))
        self._server = GuestServer(Starlette(routes=routes))

    async def serve(self) -> None:
        """Answer whoever asks."""
        host, port = self._listener.getsockname()[:2]
        log.info("listening", host=host, port=port)
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            self._listener.close()

    def leave(self) -> None:
        """Take no more, answer what is under way, and return from `serve`."""
        self._health.stopping = True
        self._server.leave()

    async def _alive(self, request: Request) -> Response:
        return _json({"alive": True}, 200)

    async def _ready(self, request: Request) -> Response:
        state = await self._health.look()
        return _json(state.to_json(), 503 if state.reasons else 200)

    async def _metrics(self, request: Request) -> Response:
        # Here, not above: who never asks does not load the library.
        from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

        from bot.web.exposition import exposition

        text = exposition(self._figures, await self._health.look())
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _json(told: dict[str, object], status: int) -> Response:
    return Response(
        orjson.dumps(told),
        status,
        {"Cache-Control": "no-store"},
        media_type="application/json",
    )
