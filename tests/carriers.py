"""Carriers' connectors over a real socket: to a server that answers what it was told to, and with answers spoilt in every way."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any, NamedTuple, Protocol

from hypothesis import strategies as st
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from upstream import ONCE

from sources.endpoint import Endpoint
from sources.errors import SourceContractBroken
from sources.grant import CLIENT_CREDENTIALS
from sources.http import SourceClient
from sources.models import Tracking, TrackingStatus

Asking = Callable[..., Awaitable[Any]]
"""Asks one connector over a server that stands, which answers with what it is given first."""


class Answering(Protocol):
    async def answered(self, request: Request) -> Response: ...


class Server:
    """Answers every request with `content` and `status`, or by its path; remembers what it was asked."""

    def __init__(self, content: Any = None, status: int = 200, by_path: Mapping[str, Any] | None = None) -> None:
        self.content, self.status, self.by_path = content, status, by_path or {}
        self.asked: list[Request] = []
        self.bodies: list[bytes] = []

    async def answered(self, request: Request) -> Response:
        self.asked.append(request)
        self.bodies.append(await request.body())
        content = self.by_path.get(request.url.path, self.content)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Response(body, status_code=self.status, media_type="application/json")


@asynccontextmanager
async def connector_over(kind: type[Any], server: Server, options: Any = None, **settings: Any) -> AsyncIterator[Any]:
    """Made as the gateway makes it: with the class's own way of signing in, and of finding a refusal's reason."""
    app = Starlette(routes=[Route("/{anything:path}", server.answered, methods=["GET", "POST"])])
    given: dict[str, Any] = {"token": "secret", "retry": ONCE} | settings
    grant = getattr(kind, "grant", CLIENT_CREDENTIALS)
    async with served(app) as url:
        endpoint = Endpoint(name="carrier", url=url, **given)
        async with SourceClient(endpoint, reason=kind.reason, grant=grant) as client:
            yield kind(client) if options is None else kind(client, options)


# ---------------------------------------------------------------- answers that are spoilt

GONE, NULL = "gone", "null"
OTHERS: tuple[Any, ...] = (7, -1.5, True, "x", "", [], {}, [None], {"x": 1})


class Spoilt(NamedTuple):
    """An answer with one member changed: which, in msgspec's own words, and how."""

    content: Any
    path: str
    how: str


def places(tree: Any, path: str = "$") -> Iterator[tuple[str, list[Any]]]:
    """Every member below the root: its path, and the way to it."""
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, member in members:
        step = f"{path}[{name}]" if isinstance(tree, list) else f"{path}.{name}"
        yield step, [name]
        for below, way in places(member, step):
            yield below, [name, *way]


def changed(tree: Any, way: list[Any], how: str, value: Any) -> Any:
    copy = deepcopy(tree)
    holder = copy
    for name in way[:-1]:
        holder = holder[name]
    if how == GONE:
        del holder[way[-1]]
    else:
        holder[way[-1]] = value
    return copy


@st.composite
def spoilt(draw: st.DrawFn, tree: Any) -> Spoilt:
    path, way = draw(st.sampled_from(list(places(tree))))
    how = draw(st.sampled_from([GONE, NULL, "another type", "absurd length"]))
    value = draw(st.sampled_from(OTHERS)) if how == "another type" else None
    if how == "absurd length":
        value = draw(
            st.sampled_from(["9" * 100_000, "é" * 3_000, [{}] * 2_000, {str(each): each for each in range(2_000)}])
        )
    return Spoilt(changed(tree, way, how, value), path, how)


def plain(path: str) -> str:
    """Where in a list it is does not matter: failures of one row do not say it."""
    return re.sub(r"\[(\d+|\.\.\.)\]", "[]", path)


def is_named(broken: SourceContractBroken, path: str) -> bool:
    """Whether a failure's path is the spoilt member's, or leads to or from it."""
    named, meant = plain(broken.path), plain(path)
    return named.startswith("$") and (meant.startswith(named) or named.startswith(meant))


def is_sound(tracking: Tracking) -> bool:
    """Statuses of ours, aware times, oldest first."""
    moments = [each.at for each in tracking.events]
    every = [*moments, *([tracking.delivered_at] if tracking.delivered_at else [])]
    statuses = [tracking.status, *[each.status for each in tracking.events]]
    return (
        all(each.utcoffset() is not None for each in every)
        and moments == sorted(moments)
        and all(isinstance(each, TrackingStatus) for each in statuses)
    )
