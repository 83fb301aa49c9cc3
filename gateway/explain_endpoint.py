"""POST /explain: the plan of an operation, as JSON. Nothing is executed, and no source is asked."""

from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from gateway import body
from gateway.answering import UNKEPT, Answering, Traced, not_executed, response
from gateway.body import Audited, Refused
from gateway.errors import formatted
from gateway.explanation import Explainer, NotExplained
from gateway.intake import Intake
from gateway.limits import LimitSettings
from gateway.telemetry.hearing import Telemetry

SCOPE: Final = "source:read"


class ExplainEndpoint:
    """Made when the gateway starts. What it takes is what /graphql takes: the same body, limits, documents and callers."""

    def __init__(self, limits: LimitSettings, intake: Intake, explainer: Explainer, telemetry: Telemetry) -> None:
        self._limits, self._intake, self._explainer = limits, intake, explainer
        self._answering = Answering(telemetry)

    async def handle(self, http: HttpRequest) -> Response:
        return await self._answering.answer(http, self._answer)

    async def _answer(self, http: HttpRequest, traced: Traced) -> Response:
        """It counts as a request, and costs no points: those are for what sources are asked."""
        admitted = await self._intake.reception.admitted(http)
        if not admitted.viewer.may(SCOPE):
            audited = Audited(admitted.viewer.subject, f"explain without {SCOPE}")
            raise Refused(f"This takes the scope {SCOPE}.", 403, code="FORBIDDEN", audited=audited)
        taken = self._intake.understood(await body.read(http, self._limits))
        headers = {**UNKEPT, **admitted.rates.headers()}
        try:
            request = taken.request
            shown = self._explainer.explained(taken.prepared, request.variables or {}, request.operation_name)
        except NotExplained as wrong:
            told = traced.correlation_id
            errors = [formatted(each, correlation_id=told, document=taken.prepared.document) for each in wrong.errors]
            return response(http, {"errors": errors}, headers, told, status=not_executed(http))
        return response(http, shown, headers, traced.correlation_id, status=200)
