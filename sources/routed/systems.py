"""Several systems of one role, and which of them is asked about what."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sources.batches import Batches
from sources.errors import SourceError
from sources.routed.territory import Territory
from sources.viewer import Viewer


class Port(Protocol):
    """What the ports of all roles have."""

    @property
    def name(self) -> str: ...

    @property
    def max_batch(self) -> Mapping[str, int]: ...


P = TypeVar("P", bound=Port)
T = TypeVar("T")
K = TypeVar("K")
F = TypeVar("F")


class System(NamedTuple, Generic[P]):
    """`offers`: the operations of its manifest, None for all of its role; where several are asked, one that lacks it is left out."""

    port: P
    territory: Territory
    offers: frozenset[str] | None = None

    @property
    def only_company(self) -> str | None:
        """The one company it has: what is asked without a company, it is asked about that one."""
        companies = self.territory.companies
        return companies[0] if len(companies) == 1 else None


class Systems(Generic[P]):
    """In the order of the settings, which decides wherever nothing else does."""

    def __init__(self, systems: Sequence[System[P]]) -> None:
        self.all = tuple(systems)
        self._by_warehouse = {code: each for each in self.all for code in each.territory.warehouses}
        self._by_carrier = {name.casefold(): each for each in self.all for name in each.territory.carriers}
        broad = [each for each in self.all if not each.territory.warehouses]
        self._broad = tuple(broad)
        self._by_company = {company: each for each in broad for company in each.territory.companies}
        self._rest = next(
            (each for each in broad if not each.territory.companies and not each.territory.carriers), None
        )

    @property
    def max_batch(self) -> Batches:
        """The smallest of them: a batch may go to any."""
        operations = {operation: None for each in self.all for operation in each.port.max_batch}
        return Batches(
            (operation, min(each.port.max_batch[operation] for each in self.all if operation in each.port.max_batch))
            for operation in operations
        )

    # ------------------------------------------------------------ by company

    def of_company(self, company: str) -> tuple[System[P], ...]:
        """All that may hold something of it: one, but for warehouse systems."""
        broad = self._by_company.get(company, self._rest)
        return tuple(
            each
            for each in self.all
            if each is broad or (each.territory.warehouses and each.territory.has_company(company))
        )

    def seen_by(self, viewer: Viewer) -> tuple[System[P], ...]:
        """Where something may lie that the viewer may see: asked when no company is named."""
        if not viewer.companies:
            return self.all
        wanted = {each.port.name for company in viewer.companies for each in self.of_company(company)}
        return tuple(each for each in self.all if each.port.name in wanted)

    def owns(self, system: System[P], company: str) -> bool:
        """What a system says of a company that is another's is not asked for, and not taken."""
        if system.territory.warehouses:
            return system.territory.has_company(company)
        return self._by_company.get(company, self._rest) is system

    # ------------------------------------------------------------ by warehouse

    def of_warehouse(self, company: str | None, code: str) -> tuple[System[P], ...]:
        """Whose it is; without a company, a code that nobody names may be any of those that name none."""
        named = self._by_warehouse.get(code)
        if named is not None:
            return (named,) if company is None or named.territory.has_company(company) else ()
        if company is None:
            return self._broad
        broad = self._by_company.get(company, self._rest)
        return (broad,) if broad is not None else ()

    def owns_warehouse(self, system: System[P], company: str, code: str) -> bool:
        return any(each is system for each in self.of_warehouse(company, code))

    # ------------------------------------------------------------ by carrier

    def of_carrier(self, names: Sequence[str]) -> System[P] | None:
        """That of the first name which one of them has, else the one that names no carriers."""
        found = (self._by_carrier.get(name.casefold()) for name in names)
        return next((each for each in found if each is not None), self._rest)


def able(systems: Sequence[System[P]], operation: str) -> tuple[System[P], ...]:
    """Those that offer it. What one has not to give is absent, as for a single system; where none has it, the first one says so."""
    offering = tuple(each for each in systems if each.offers is None or operation in each.offers)
    return offering or tuple(systems[:1])


async def side_by_side(asking: Sequence[Awaitable[T]]) -> list[T | SourceError]:
    """Each one's answer, or the error that kept it from answering. Raises that error where there is no other answer."""
    if len(asking) == 1:
        return [await asking[0]]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_settled(each)) for each in asking]
    answers = [task.result() for task in tasks]
    for each in answers:
        if not isinstance(each, SourceError):
            return answers
    for each in answers:
        if isinstance(each, SourceError):
            raise each
    return answers


async def each_its_own(
    keys: Iterable[K],
    port_of: Callable[[K], P | None],
    ask: Callable[[P, list[K]], Awaitable[Mapping[F, Any]]],
    *,
    key: Callable[[K], F],
) -> dict[F, Any]:
    """Every key asked of the one system that has it, side by side; a system that fails as a whole fails its own keys only.

    `key`: what a key asked for is found under. What no system has does not exist.
    """
    parts: dict[str, tuple[P, list[K]]] = {}
    for each in keys:
        port = port_of(each)
        if port is not None:
            parts.setdefault(port.name, (port, []))[1].append(each)
    found: dict[F, Any] = {}
    answers = await side_by_side([ask(port, asked) for port, asked in parts.values()])
    for (_, asked), answer in zip(parts.values(), answers, strict=True):
        found |= {key(each): answer for each in asked} if isinstance(answer, SourceError) else answer
    return found


async def _settled(asking: Awaitable[Any]) -> Any:
    try:
        return await asking
    except SourceError as error:
        return error
