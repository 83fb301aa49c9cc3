"""Every system of record opened: its client, its port, and what it answers for; by its own name, or by its role's."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from gateway.probing import answers
from gateway.settings import Settings, SettingsError
from gateway.source_settings import ROLES, SystemSettings
from sources.cache import Cache
from sources.health import SourceState
from sources.http import SourceClient
from sources.ports import WrittenSources
from sources.registry import Connectors
from sources.remembered import REMEMBERED
from sources.routed import ROUTED, System, Systems
from sources.routed.territory import Territory


class Connection(NamedTuple):
    role: str
    client: SourceClient
    port: Any
    territory: Territory


class Connections:
    def __init__(self, connections: Sequence[Connection]) -> None:
        self._all = tuple(connections)
        self._by_name = {each.client.name: [each] for each in self._all}
        self._by_role = {role: [each for each in self._all if each.role == role] for role in ROLES}

    def states(self) -> list[SourceState]:
        return [each.client.state() for each in self._all]

    def sources(self, cache: Cache | None) -> WrittenSources:
        """One port a role. Each system is remembered by itself, so that what one of several could not say is not taken for an answer."""
        return WrittenSources(**{role: self._port(role, cache) for role in ROLES})

    def _port(self, role: str, cache: Cache | None) -> Any:
        systems = [
            System(each.port if cache is None else REMEMBERED[role](each.port, cache), each.territory)
            for each in self._by_role[role]
        ]
        return systems[0].port if len(systems) == 1 else ROUTED[role](role, systems)

    # ------------------------------------------------------------ what submissions wait for

    def erp_of(self, company: str | None) -> str:
        """The name of the ERP that a company's orders go to; the role's where that is open."""
        if company is None:
            return "erp"
        found = Systems([System(each.port, each.territory) for each in self._by_role["erp"]]).of_company(company)
        return found[0].port.name if found else "erp"

    def is_left_alone(self, name: str) -> bool:
        """Whether only probes go through; by a role's name: to none of its systems does anything else."""
        return all(each.client.is_left_alone for each in self._named(name))

    async def answers(self, name: str) -> bool:
        """Whether it answers again; by a role's name: whether any of its systems does."""
        for each in self._named(name):
            if await answers(each.role, each.port):
                return True
        return False

    def _named(self, name: str) -> list[Connection]:
        return self._by_name.get(name) or self._by_role.get(name.partition(".")[0], [])


async def opened_connections(stack: AsyncExitStack, settings: Settings, connectors: Connectors) -> Connections:
    """In the running loop, until the stack is closed. Raises SettingsError, which names the path."""
    connections = []
    for role in ROLES:
        for name, chosen in settings.sources.role(role).named(role).items():
            path = f"$.sources.{role}" + (f".systems.{name.partition('.')[2]}" if name != role else "")
            connector = _connector(connectors, role, chosen.connector, path=path)
            client = await stack.enter_async_context(_client(name, chosen, connector, path=path))
            connections.append(Connection(role, client, connector(client), chosen.territory()))
    return Connections(connections)


def _client(name: str, chosen: SystemSettings, connector: type[Any], *, path: str) -> SourceClient:
    try:
        return SourceClient(chosen.endpoint(name), reason=connector.reason)
    except OSError as error:
        raise SettingsError(f"a TLS file cannot be used: {error.strerror} - at `{path}.tls`") from None


def _connector(connectors: Connectors, role: str, name: str, *, path: str) -> type[Any]:
    try:
        return connectors[name][role]
    except KeyError:
        known = ", ".join(sorted(each for each, roles in connectors.items() if role in roles))
        raise SettingsError(f'"{name}" is no connector for this role; known: {known} - at `{path}.connector`') from None
