"""python subscription_server.py ours|strawberry PORT: one worker, the same schema and bus; POST /publish tells of one event.

`ours` is the gateway as it is served. `strawberry` is Strawberry's own ASGI application over the same resolvers, every subscriber of
which follows the bus by itself.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from gateway import garbage, serving
from gateway.app import create_app
from gateway.settings import settings_from
from resolvers.context import Context
from resolvers.schema import schema
from resolvers.whereabouts import Whereabouts
from sources.bus import MemoryBus
from sources.call import CallContext, Deadline
from sources.ports import Sources
from sources.viewer import SERVICE_DESK
from tests.happened import moved

NOWHERE: Any = Sources(None, None, None, None)  # type: ignore[arg-type]  # the queries asked here read no source


class Plain(GraphQL[Any, Any]):
    def __init__(self, bus: MemoryBus) -> None:
        super().__init__(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
        self._bus = bus

    async def get_context(self, request: Any, response: Any) -> Any:  # noqa: ARG002 - Strawberry's own signature
        call = CallContext(SERVICE_DESK, Deadline.after(3600), "bench")
        return Context(call, NOWHERE, whereabouts=Whereabouts(), bus=self._bus)


def ours() -> Starlette:
    sources = {role: {"url": "http://127.0.0.1:9"} for role in ("erp", "crm", "wms", "carrier")}
    limits = {"max_connections": 20_000, "max_connections_per_caller": 20_000, "ping_seconds": 600.0}
    events = {"letters": "/tmp/crossdock-bench-letters.sqlite3"}  # noqa: S108 - nothing is written there
    table = {
        "mode": "development",
        "sources": sources,
        "subscriptions": limits,
        "events": events,
        "submissions": {"enabled": False},
        "webhooks": {"carrier": {"secrets": ["bench"]}},
    }
    app = create_app(settings_from(table, origin="bench"))
    routes = control(lambda: app.state.eventing.bus, lambda: app.state.eventing.fanout.members)
    app.router.routes[:0] = routes
    return app


def plain() -> Starlette:
    bus = MemoryBus()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        with garbage.tuned(is_tuned=True):
            yield

    return Starlette(
        routes=[
            *control(lambda: bus, lambda: len(bus.listeners)),
            Mount("/", Plain(bus)),
        ],
        lifespan=lifespan,
    )


def control(bus: Callable[[], MemoryBus], count: Callable[[], int]) -> list[Route]:
    async def publish(request: Request) -> Response:
        at = int(request.query_params["at"])
        await bus().publish(moved(at=at))
        return JSONResponse({"at": at})

    async def counted(_: Request) -> Response:
        return JSONResponse({"count": count()})

    return [Route("/publish", publish, methods=["POST"]), Route("/count", counted, methods=["GET"])]


def main() -> None:
    app = ours() if sys.argv[1] == "ours" else plain()
    config = serving.config(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", backlog=8192)
    server = serving.Server(config, app)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(served(server))


async def served(server: Any) -> None:
    await server.serve(sockets=[serving.bounded(server.config.bind_socket())])


if __name__ == "__main__":
    main()
