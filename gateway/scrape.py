"""GET /metrics: what Prometheus reads, for whoever may."""

import asyncio
from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response

from gateway.body import Refused
from gateway.reception import Reception
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.settings import MetricSettings

SCOPE: Final = "metrics:read"


class Scrape:
    """Made when the gateway starts."""

    def __init__(self, settings: MetricSettings, metrics: Metrics | None, reception: Reception) -> None:
        self._is_open, self._metrics, self._reception = settings.access == "open", metrics, reception

    async def handle(self, http: HttpRequest) -> Response:
        if self._metrics is None:
            return PlainTextResponse("The gateway tells no metrics: telemetry.metrics.access is off.\n", 404)
        try:
            is_allowed = self._is_open or (await self._reception.admitted(http)).viewer.may(SCOPE)
        except Refused as refused:
            return PlainTextResponse(f"{refused}\n", refused.status, headers=dict(refused.headers))
        if not is_allowed:
            return PlainTextResponse(f"This takes the scope {SCOPE}.\n", 403)
        page, kind = await asyncio.to_thread(self._metrics.told, http.headers.get("accept", ""))
        return Response(page, media_type=kind, headers={"Cache-Control": "no-store"})
