"""What a resolver may reach: one Context an operation."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import strawberry

from resolvers.loaders import Loaders
from resolvers.whereabouts import Whereabouts
from sources.atp import DEFAULT_RULES, AtpRules
from sources.bus import Bus
from sources.call import CallContext
from sources.models import Key
from sources.ports import Sources


class AvailabilityPolicy(msgspec.Struct, frozen=True):
    """`horizon_days` holds where a question names none; `today` overrides the warehouses' own date."""

    rules: AtpRules = DEFAULT_RULES
    horizon_days: int = 90
    today: date | None = None


DEFAULT_POLICY = AvailabilityPolicy()


class Context:
    """Made when an operation starts, closed when it has been answered."""

    def __init__(
        self,
        call: CallContext,
        sources: Sources,
        *,
        availability: AvailabilityPolicy = DEFAULT_POLICY,
        whereabouts: Whereabouts,
        systems: Callable[[], Sequence[Any]] = tuple,
        bus: Bus | None = None,
    ) -> None:
        self.call = call
        self.sources = sources
        self.availability = availability
        self.whereabouts = whereabouts
        self.systems = systems
        self.bus = bus
        self.loaders = Loaders(call, sources, whereabouts)

    def foreseen(self, kind: str, company: str | None, numbers: Iterable[str]) -> list[Key]:
        """The keys of records that are asked for by number; none unless the company of each is known.

        Some of them would be asked for in one call now and the rest in another later.
        """
        if company is not None:
            return [Key(company, number) for number in numbers]
        viewer = self.call.viewer
        keys = [Key(self.whereabouts.company(kind, number, viewer), number) for number in numbers]
        return keys if all(key.company is not None for key in keys) else []

    async def aclose(self) -> None:
        await self.loaders.aclose()


Info = strawberry.Info[Context, None]


def by_key(loader: str) -> Callable[[Sequence[Key], Info], None]:
    """Looks ahead for a field that asks its loader by its parents' own keys."""

    def ahead(keys: Sequence[Key], info: Info) -> None:
        getattr(info.context.loaders, loader).expect(keys)

    return ahead
