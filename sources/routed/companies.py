"""What the roles have alike that are asked by company and number: which system is asked, and what its answers come to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Key
from sources.routed.merging import Answer, merged
from sources.routed.systems import Port, System, Systems, able, side_by_side

P = TypeVar("P", bound=Port)
Asked = tuple[str | None, Sequence[str]]
"""A company, and numbers within it."""


class ByCompany(Generic[P]):
    """`name` is the role's: it stands in errors of no single system."""

    def __init__(self, name: str, systems: Sequence[System[P]]) -> None:
        self.name = name
        self._systems = Systems(systems)
        self.max_batch: Mapping[str, int] = self._systems.max_batch

    def _of(self, company: str) -> P | None:
        found = self._systems.of_company(company)
        return found[0].port if found else None

    async def _found(
        self,
        call: CallContext,
        operation: str,
        asked: Asked,
        ask: Callable[[P, str | None], Awaitable[Mapping[Key, Any]]],
    ) -> Mapping[Key, Any]:
        """Within a company its own system's answer, as it is; without one, those of all together."""
        company, numbers = asked
        if company is not None:
            port = self._of(company)
            return {} if port is None else await ask(port, company)
        systems = able(self._systems.seen_by(call.viewer), operation)
        answers = await side_by_side([ask(each.port, each.only_company) for each in systems])
        rows = [Answer(numbers, self._own(system, found)) for system, found in zip(systems, answers, strict=True)]
        return merged(None, rows)

    def _own(self, system: System[P], found: Mapping[Key, Any] | SourceError) -> Mapping[Key, Any] | SourceError:
        """Without the records of companies that are another system's."""
        if isinstance(found, SourceError):
            return found
        return {
            key: value
            for key, value in found.items()
            if key.company is None or isinstance(value, SourceError) or self._systems.owns(system, key.company)
        }
