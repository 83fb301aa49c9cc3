"""One system as one uvicorn server, ended by SIGINT, SIGTERM or the end of the process that started it."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop
from starlette.applications import Starlette

_GRACE_SECONDS = 1


class PortTakenError(Exception):
    """Something else listens on the port."""


class _Server(uvicorn.Server):
    """Signals are handled by `serve` below: uvicorn would raise them again after a clean end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound(host: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        # Two sockets may be bound to one port under SO_REUSEADDR until one listens.
        made.listen(2048)
    except (OSError, OverflowError) as taken:
        made.close()
        why = getattr(taken, "strerror", None) or taken
        raise PortTakenError(f"port {port} on {host} cannot be used: {why}") from taken
    return made


def serve(app: Starlette, listening: socket.socket, parent: int | None = None) -> None:
    """`parent`: the reading end of a pipe that the parent holds open; its end is ours too."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, listening, parent))


async def _serve(app: Starlette, listening: socket.socket, parent: int | None) -> None:
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        # The pipe stays readable once the parent is gone: it would call this for ever.
        if parent is not None:
            loop.remove_reader(parent)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    if parent is not None:
        loop.add_reader(parent, stop)
    await server.serve(sockets=[listening])
