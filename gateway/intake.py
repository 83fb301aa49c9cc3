"""From a request's shape to an operation that may be executed: its document found, within its limits, and paid for. For every transport."""

from typing import NamedTuple

from graphql import OperationType

from engine import Prepared
from gateway import limits, operation
from gateway.body import Body, check_values
from gateway.measuring import Measured
from gateway.reception import Reception
from gateway.settings import Settings
from gateway.trusted import TrustedDocuments
from sources.viewer import Viewer


class Taken(NamedTuple):
    """A request that was understood. `cost` in points."""

    request: operation.Request
    prepared: Prepared
    cost: int
    kind: OperationType
    name: str | None = None

    @property
    def is_query(self) -> bool:
        return self.kind is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        """One that is valid, too: what is wrong with it is told like any other mistake."""
        return self.kind is OperationType.SUBSCRIPTION and not self.prepared.errors


class Intake:
    """One a gateway: what is prepared once serves every transport."""

    def __init__(self, settings: Settings, reception: Reception, trusted: TrustedDocuments) -> None:
        self.reception, self.limits = reception, settings.limits
        self._trusted = trusted
        self._documents = operation.documents_within(
            settings.limits, introspection=settings.tells_its_schema, subgraph=settings.http.subgraph
        )

    def understood(self, given: Body) -> Taken:
        """Raises Refused, or TooMuch, which is a ClientError."""
        request = operation.Request(self._trusted.resolve(given), given.variables, given.operation_name)
        prepared = self._documents.prepared(request.query)
        found = prepared.operation(request.operation_name)
        kind = found.operation if found is not None else OperationType.QUERY
        name = found.name.value if found is not None and found.name is not None else None
        return Taken(request, prepared, self._cost(request, prepared), kind, name)

    def _cost(self, request: operation.Request, prepared: Prepared) -> int:
        measured: Measured | None = prepared.measured
        if measured is None or prepared.errors:
            return 0
        return limits.checked_cost(measured, request.operation_name, request.variables, self.limits)

    async def said(self, given: Body, viewer: Viewer) -> Taken:
        """What comes over a stream that is already open: its variables are bounded here, and it is paid for at once."""
        check_values("variables", given.variables, self.limits)
        taken = self.understood(given)
        await self.reception.rates.take("requests", viewer.subject)
        await self.reception.rates.take("cost", viewer.subject, taken.cost)
        return taken
