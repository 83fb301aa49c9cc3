"""uvicorn as the gateway is served by it: sockets without compression, and clients told before they are cut off."""

import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette

STOP_SECONDS = 10
STARTUP_FAILURE = 3
BACKLOG = 2_048
MAX_MESSAGE_BYTES = 1_048_576
SEND_BUFFER_BYTES = 131_072
KEEP_ALIVE_SECONDS = 75
"""Longer than balancers and routers keep an idle connection: whoever asks must be the first to close it, or a request is lost."""


class Server(uvicorn.Server):
    """Before connections are shut, every client that holds a stream open is told to come back."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        eventing = getattr(self._app.state, "eventing", None)
        if eventing is not None:
            await eventing.drained()
        await super().shutdown(sockets)


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


def serve(app: Starlette, **more: Any) -> None:
    """Until a signal says otherwise. Exits with 3 where the application does not start."""
    chosen = config(app, **more)
    server = Server(chosen, app)
    with suppress(KeyboardInterrupt):  # uvicorn raises again, after a clean end, what it was ended by
        server.run(sockets=[bounded(chosen.bind_socket())])
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def bounded(listening: socket.socket) -> socket.socket:
    """What the kernel holds for a client that does not read is bounded, too: by itself it would grow to megabytes."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listening.listen(BACKLOG)  # at once: uvicorn has already said that it runs
    return listening
