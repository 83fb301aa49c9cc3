"""Routes and lifespan: opens everything that the gateway holds, and closes it."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from gateway import garbage, guard, starting
from gateway.agents.calling import Calling
from gateway.agents.endpoint import AgentEndpoint
from gateway.agents.toolbox import Toolbox, opened_toolbox
from gateway.auth import opened_identity
from gateway.console import page as console
from gateway.endpoint import GraphQLEndpoint
from gateway.eventing import Eventing, opened_events
from gateway.explain_endpoint import ExplainEndpoint
from gateway.explanation import Explainer
from gateway.explorer import page
from gateway.http_request import HttpRequest
from gateway.intake import Intake
from gateway.operations import Operations
from gateway.rates import opened_rates
from gateway.reception import Reception
from gateway.scrape import Scrape
from gateway.settings import Settings
from gateway.telemetry.logs import dropped_lines
from gateway.telemetry.looking import Looked
from gateway.telemetry.opening import counting, looking, opened_telemetry
from gateway.wiring import Opened, opened_sources

WELCOME = {
    "query": "# Crossdock: ask over all systems at once.\n{ searchItems(first: 5) { edges { node { sku name uom } } } }\n",
    "variables": "{}",
}


def create_app(settings: Settings, *, explorer: Mapping[str, str] = WELCOME) -> Starlette:
    """`explorer`: the query and variables (JSON text) that the explorer opens with; it is served in development mode.

    Raises SettingsError where the settings would leave it open to everybody.
    """
    trusted = starting.check(settings)
    toolbox = opened_toolbox(settings, trusted)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # below that it logs the addresses of our sources

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        is_development = settings.mode == "development"
        async with (
            opened_telemetry(settings.telemetry) as telemetry,
            opened_sources(settings, observer=telemetry.call_made) as opened,
            opened_identity(settings.identity, is_development=is_development) as authenticator,
            opened_rates(settings.rates, is_production=not is_development) as rates,
        ):
            intake = Intake(settings, Reception(authenticator, rates), trusted)
            operations = Operations(settings, opened, telemetry)
            async with AsyncExitStack() as stack:
                stack.enter_context(counting(telemetry, opened.ordering.desk))
                eventing = await stack.enter_async_context(opened_events(settings, opened, intake, operations))
                looked = _looked(opened, eventing)
                await stack.enter_async_context(looking(telemetry, looked))
                app.state.eventing, app.state.looked = eventing, looked
                app.state.endpoint = GraphQLEndpoint(settings, operations, intake, eventing.streams)
                explainer = Explainer(settings, opened.sources)
                app.state.explain = ExplainEndpoint(settings.limits, intake, explainer, telemetry)
                if toolbox is not None:
                    app.state.agents = await stack.enter_async_context(_agents(settings, toolbox, intake, operations))
                app.state.scrape = Scrape(settings.telemetry.metrics, telemetry.metrics, intake.reception)
                with garbage.tuned(is_tuned=settings.garbage_collection == "tuned"):
                    yield
                app.state.endpoint = None

    return Starlette(
        routes=[
            Route("/graphql", Asked(), methods=["GET", "POST"]),
            WebSocketRoute("/graphql", Spoken()),
            Route("/explain", explain, methods=["POST"]),
            Route("/webhooks/{source}", webhook, methods=["POST"]),
            Route("/metrics", metrics, methods=["GET"]),
            Route("/health/live", live, methods=["GET"]),
            Route("/health/ready", ready, methods=["GET"]),
            *([Route("/mcp", Called(), methods=["POST"])] if toolbox is not None else []),
            *(console.routes() if settings.console.enabled else []),
            *(_explorer(explorer) if settings.mode == "development" else []),
            *([Route("/health/events", events, methods=["GET"])] if settings.mode == "development" else []),
        ],
        lifespan=lifespan,
        middleware=guard.layers(settings.http, mode=settings.mode, host=settings.host),
    )


def _looked(opened: Opened, eventing: Eventing) -> Looked:
    return Looked(opened.states, eventing, opened.ordering.desk, dropped_lines)


@asynccontextmanager
async def _agents(
    settings: Settings, toolbox: Toolbox, intake: Intake, operations: Operations
) -> AsyncIterator[AgentEndpoint]:
    from gateway.agents.server import opened_server  # noqa: PLC0415 - four tenths of a second that a gateway without agents saves

    calling = Calling(toolbox, intake, operations)
    async with opened_server(calling, max_bytes=settings.limits.body_bytes) as server:
        yield AgentEndpoint(intake, operations.telemetry, server, settings.http.origins)


def _explorer(opens_with: Mapping[str, str]) -> list[BaseRoute]:
    async def defaults() -> dict[str, str]:
        return dict(opens_with)

    async def home(_: Request) -> Response:
        return RedirectResponse("/explorer")

    return [Route("/", home, methods=["GET"]), *page.routes(defaults)]


class Asked:
    """/graphql over HTTP, without the layers that Starlette puts around a function: the endpoint answers whatever goes wrong itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint: GraphQLEndpoint = scope["app"].state.endpoint
        response = await endpoint.handle(HttpRequest(scope, receive, send))
        await response(scope, receive, send)


class Called:
    """/mcp."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint: AgentEndpoint = scope["app"].state.agents
        response = await endpoint.handle(HttpRequest(scope, receive, send))
        await response(scope, receive, send)


async def explain(request: Request) -> Response:
    endpoint: ExplainEndpoint = request.app.state.explain
    return await endpoint.handle(request)


class Spoken:
    """/graphql as a WebSocket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        eventing: Eventing = scope["app"].state.eventing
        await eventing.sockets(scope, receive, send)


async def webhook(request: Request) -> Response:
    eventing: Eventing = request.app.state.eventing
    return await eventing.webhooks.handle(request)


async def metrics(request: Request) -> Response:
    scrape: Scrape = request.app.state.scrape
    return await scrape.handle(request)


async def events(request: Request) -> Response:
    eventing: Eventing = request.app.state.eventing
    return JSONResponse(await eventing.state())


async def live(_: Request) -> Response:
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> Response:
    """Ready once the sources' clients are open, until it is told to stop; a source that is down is no reason to take the gateway away."""
    state = request.app.state
    is_stopping = getattr(state, "is_stopping", False)
    is_ready = getattr(state, "endpoint", None) is not None and not is_stopping
    status = "ready" if is_ready else "stopping" if is_stopping else "starting"
    return JSONResponse({"status": status}, status_code=200 if is_ready else 503)
