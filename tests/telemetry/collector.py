"""A collector: a real HTTP server that takes spans by OTLP and keeps them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from stack import served
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATIENCE_SECONDS = 20


class Collector:
    def __init__(self) -> None:
        self.address = ""
        self.headers: dict[str, str] = {}
        self.spans: list[Any] = []
        self._came = asyncio.Event()

    @property
    def url(self) -> str:
        return f"{self.address}/v1/traces"

    async def take(self, request: Request) -> Response:
        said = ExportTraceServiceRequest.FromString(await request.body())
        self.headers = dict(request.headers)
        for resource in said.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        self._came.set()
        return Response(b"", media_type="application/x-protobuf")

    async def operation(self) -> Any:
        """The first span that is an operation's, when it has come."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := [each for each in self.spans if attributes(each).get("graphql.operation.type")]):
                self._came.clear()
                await self._came.wait()
        return found[0]


def attributes(span: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in span.attributes:
        kind = each.value.WhichOneof("value")
        value = getattr(each.value, kind)
        found[each.key] = [part.string_value for part in value.values] if kind == "array_value" else value
    return found


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()
    app = Starlette(routes=[Route("/v1/traces", collector.take, methods=["POST"])])
    async with served(app) as collector.address:
        yield collector
