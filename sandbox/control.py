"""`/_sandbox/…`: faults to put, calls to count, samples, what was written; no token needed, never faulted, never counted."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.advance import advance
from sandbox.operation import System
from sandbox.problems import Problem, not_allowed

_Handler: TypeAlias = Callable[[System, Request], Awaitable[object]]


async def _list_faults(system: System, _request: Request) -> object:
    return {"faults": system.faults.active}


async def _put_fault(system: System, request: Request) -> object:
    system.faults.add(await request.body())
    return {"faults": system.faults.active}


async def _clear_faults(system: System, _request: Request) -> object:
    system.faults.clear()
    return {"faults": []}


async def _report_calls(system: System, _request: Request) -> object:
    return system.calls.report()


async def _report_heads(system: System, _request: Request) -> object:
    return {"calls": system.calls.heads()}


async def _clear_calls(system: System, _request: Request) -> object:
    system.calls.clear()
    return system.calls.report()


async def _give_samples(system: System, _request: Request) -> object:
    return system.books.dataset.samples


async def _tell_written(system: System, _request: Request) -> object:
    system.books.catch_up()
    return system.books.written.report()


async def _aim_webhook(system: System, request: Request) -> object:
    system.webhook.aim(await request.body())
    return {"webhook": system.webhook.target}


async def _show_webhook(system: System, _request: Request) -> object:
    return {"webhook": system.webhook.target}


async def _clear_webhook(system: System, _request: Request) -> object:
    system.webhook.target = None
    return {"webhook": None}


async def _advance(system: System, request: Request) -> object:
    return await advance(system, await request.body())


_PATHS: dict[str, dict[str, _Handler]] = {
    "/_sandbox/faults": {"GET": _list_faults, "PUT": _put_fault, "DELETE": _clear_faults},
    "/_sandbox/calls": {"GET": _report_calls, "DELETE": _clear_calls},
    "/_sandbox/heads": {"GET": _report_heads},
    "/_sandbox/samples": {"GET": _give_samples},
    "/_sandbox/written": {"GET": _tell_written},
    "/_sandbox/webhook": {"GET": _show_webhook, "PUT": _aim_webhook, "DELETE": _clear_webhook},
    "/_sandbox/advance": {"POST": _advance},
}


def control_routes(system: System) -> list[Route]:
    return [_route(system, path, handlers) for path, handlers in _PATHS.items()]


def _route(system: System, path: str, handlers: dict[str, _Handler]) -> Route:
    async def endpoint(request: Request) -> Response:
        handler = handlers.get(request.method)
        try:
            if handler is None:
                raise not_allowed(request.method, list(handlers))
            body = msgspec.json.encode(await handler(system, request))
        except Problem as problem:
            return Response(problem.body(), problem.status, problem.headers, "application/json")
        return Response(body, media_type="application/json")

    # Every method is taken here, so that a refusal names the path's own and comes in the contract's envelope.
    return Route(path, endpoint, methods=["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"])
