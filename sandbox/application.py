"""A system's operations as a Starlette application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.books import Books
from sandbox.calls import Calls
from sandbox.clock import FrozenDay
from sandbox.control import control_routes
from sandbox.faults import Faults
from sandbox.operation import Endpoint, Operation, System
from sandbox.overlay import overlaid
from sandbox.problems import Problem
from sandbox.progress import Progress
from sandbox.webhook import Webhook

TOKEN = "sandbox"


def system_of(name: str, books: Books, operations: Sequence[Operation], token: str) -> System:
    return System(
        name=name,
        books=books,
        clock=FrozenDay(books.dataset.today),
        token=token,
        faults=Faults([operation.name for operation in operations]),
        calls=Calls(),
        progress=Progress(),
        webhook=Webhook(name),
    )


def application(name: str, operations: Sequence[Operation], *, books: Books, token: str) -> Starlette:
    system = system_of(name, books, operations, token)
    by_path: dict[str, list[Operation]] = {}
    for operation in [overlaid(each, system.progress) for each in operations]:
        by_path.setdefault(operation.path, []).append(operation)
    routes = [Route(path, Endpoint(system, group)) for path, group in by_path.items()]
    app = Starlette(
        routes=[*routes, *control_routes(system)],
        exception_handlers={404: _not_found, Exception: _internal},
    )
    app.router.redirect_slashes = False
    app.state.system = system
    return app


async def _not_found(request: Request, _error: Exception) -> Response:
    problem = Problem(404, f"There is no {request.url.path} here.")
    return Response(problem.body(), 404, media_type="application/json")


async def _internal(_request: Request, _error: Exception) -> Response:
    problem = Problem(500, "The sandbox itself went wrong; its log says how.")
    return Response(problem.body(), 500, media_type="application/json")
