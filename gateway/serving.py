"""uvicorn as the gateway is served by it: sockets without compression, and clients told before they are cut off."""

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

STOP_SECONDS = 10
TICK_SECONDS = 0.1
STARTUP_FAILURE = 3
BACKLOG = 2_048
MAX_MESSAGE_BYTES = 1_048_576
SEND_BUFFER_BYTES = 131_072
KEEP_ALIVE_SECONDS = 75
"""Longer than proxies (docker/haproxy.cfg) and routers keep an idle connection: whoever asks must be the first to close it, or a request
is lost."""


class Server(uvicorn.Server):
    """Stops in three steps: proxies are given notice, clients that hold streams open are told to come back, what is under way ends.

    `lifeline` is the reading end of a pipe whose other end a parent holds, for as long as it lives.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, *, notice_seconds: float = 0.0) -> None:
        super().__init__(config)
        self._app, self._notice_seconds = app, notice_seconds
        self._is_hurried = False
        self.lifeline: int | None = None
        self.on_started: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self.lifeline is not None:
            asyncio.get_running_loop().add_reader(self.lifeline, self._orphaned, self.lifeline)
        await super().startup(sockets)
        if self.on_started is not None:
            self.on_started()

    def _orphaned(self, lifeline: int) -> None:
        asyncio.get_running_loop().remove_reader(lifeline)
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A second signal is impatience: no notice is given then."""
        self._is_hurried = self.should_exit
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._give_notice()
        eventing = getattr(self._app.state, "eventing", None)
        if eventing is not None:
            await eventing.drained()
        await super().shutdown(sockets)

    async def _give_notice(self) -> None:
        """/health/ready says 503, and everything is served as ever, until whoever sends requests has seen it."""
        self._app.state.is_stopping = True
        for _ in range(round(self._notice_seconds / TICK_SECONDS)):
            if self._is_hurried:
                return
            await asyncio.sleep(TICK_SECONDS)
            await self.on_tick(0)


def config(app: Starlette, **more: Any) -> uvicorn.Config:
    """Pings are the protocol's own, sent by gateway/sockets.py. Compression would double a connection's memory."""
    chosen: dict[str, Any] = {
        "ws": "websockets-sansio",
        "ws_per_message_deflate": False,
        "ws_max_size": MAX_MESSAGE_BYTES,
        "ws_ping_interval": None,
        "timeout_graceful_shutdown": STOP_SECONDS,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "access_log": False,
        "server_header": False,
        "log_config": None,  # uvicorn's lines go where all others do
        "log_level": "info",
    }
    return uvicorn.Config(app, **(chosen | more))


def serve(app: Starlette, *, notice_seconds: float = 0.0, **more: Any) -> None:
    """Until a signal says otherwise. Exits with 3 where the application does not start."""
    chosen = config(app, **more)
    server = Server(chosen, app, notice_seconds=notice_seconds)
    with suppress(KeyboardInterrupt):  # uvicorn raises again, after a clean end, what it was ended by
        server.run(sockets=[bounded(chosen.bind_socket())])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def bounded(listening: socket.socket) -> socket.socket:
    """What the kernel holds for a client that does not read is bounded, too: by itself it would grow to megabytes."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listening.listen(BACKLOG)  # at once: uvicorn has already said that it runs
    return listening
