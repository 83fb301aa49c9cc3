"""What a resolver may reach: one Context an operation."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import strawberry

from orders.check import Checker
from orders.desk import Desk
from orders.outlook import DEFAULT_POLICY, AvailabilityPolicy
from orders.policy import OrderPolicy
from resolvers.loaders import Loaders
from resolvers.whereabouts import Whereabouts
from sources.bus import Bus
from sources.call import CallContext
from sources.models import Key
from sources.ports import Sources


class Ordering(NamedTuple):
    """What orders are handed in with; without a desk they are only checked. `idempotency_key` is the request's header."""

    checker: Checker
    desk: Desk | None = None
    patience_seconds: float = 3.0
    idempotency_key: str | None = None


class Context:
    """Made when an operation starts, closed when it has been answered."""

    def __init__(
        self,
        call: CallContext,
        sources: Sources,
        *,
        availability: AvailabilityPolicy = DEFAULT_POLICY,
        whereabouts: Whereabouts,
        ordering: Ordering | None = None,
        systems: Callable[[], Sequence[Any] | None] = tuple,
        recent: Callable[[], Sequence[Any] | None] = tuple,
        bus: Bus | None = None,
        within: Callable[[], tuple[CallContext, Sources]] | None = None,
    ) -> None:
        """`within`: the call and the systems by which it is found out whose something is, whatever the caller may see of it."""
        self.call = call
        self.sources = sources
        self.availability = availability
        self.whereabouts = whereabouts
        self.systems = systems
        self.recent = recent
        self.bus = bus
        self.selected: frozenset[str] | None = None
        self.ordering = ordering or Ordering(Checker(sources, availability, OrderPolicy()))
        desk = self.ordering.desk
        self.loaders = Loaders(call, sources, whereabouts, None if desk is None else desk.by_id)
        self._within = within or (lambda: (call, sources))

    @cached_property
    def reach(self) -> Loaders:
        """Records within the caller's reach, for what hangs on whose they are; never for what is shown."""
        return Loaders(*self._within(), self.whereabouts)

    def may_read(self, field: str) -> bool:
        """Whether the operation asks for a field ("Order.lines") anywhere; where nobody knows, it may."""
        return self.selected is None or field in self.selected

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
        if "reach" in vars(self):
            await self.reach.aclose()


Info = strawberry.Info[Context, None]


def by_key(loader: str) -> Callable[[Sequence[Key], Info], None]:
    """Looks ahead for a field that asks its loader by its parents' own keys."""

    def ahead(keys: Sequence[Key], info: Info) -> None:
        getattr(info.context.loaders, loader).expect(keys)

    return ahead
