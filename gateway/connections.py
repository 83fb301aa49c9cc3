"""Every system of record opened: its client, its port, and what it answers for; by its own name, or by its role's."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import msgspec

from gateway.probing import answers
from gateway.settings import Settings, SettingsError
from gateway.source_settings import ROLES, path_of
from sources.cache import Cache
from sources.endpoint import Endpoint
from sources.grant import NoWay
from sources.health import SourceState
from sources.http import SourceClient
from sources.manifest import Manifest
from sources.ports import WrittenSources
from sources.registry import Connectors
from sources.remembered import REMEMBERED
from sources.routed import ROUTED, System, Systems


class Connection(NamedTuple):
    role: str
    client: SourceClient
    system: System[Any]


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
        systems = [each.system for each in self._by_role[role]]
        if cache is not None:
            systems = [each._replace(port=REMEMBERED[role](each.port, cache)) for each in systems]
        return systems[0].port if len(systems) == 1 else ROUTED[role](role, systems)

    # ------------------------------------------------------------ what submissions wait for

    def erp_of(self, company: str | None) -> str:
        """The name of the ERP that a company's orders go to; the role's where that is open."""
        if company is None:
            return "erp"
        found = Systems([each.system for each in self._by_role["erp"]]).of_company(company)
        return found[0].port.name if found else "erp"

    def is_left_alone(self, name: str) -> bool:
        """Whether only probes go through; by a role's name: to none of its systems does anything else."""
        return all(each.client.is_left_alone for each in self._named(name))

    async def answers(self, name: str) -> bool:
        """Whether it answers again; by a role's name: whether any of its systems does."""
        for each in self._named(name):
            if await answers(each.role, each.system.port):
                return True
        return False

    def _named(self, name: str) -> list[Connection]:
        return self._by_name.get(name) or self._by_role.get(name.partition(".")[0], [])


async def opened_connections(stack: AsyncExitStack, settings: Settings, connectors: Connectors) -> Connections:
    """In the running loop, until the stack is closed. Raises SettingsError, which names the path."""
    connections = []
    for role in ROLES:
        for name, chosen in settings.sources.role(role).named(role).items():
            path = path_of(name)
            manifest = _manifest(connectors, role, chosen.connector, path=path)
            client = await stack.enter_async_context(_client(manifest, role, chosen.endpoint(name), path=path))
            port = connector_of(manifest, role, client, chosen.options)
            connections.append(Connection(role, client, System(port, chosen.territory(), manifest.offers[role])))
    return Connections(connections)


def _client(manifest: Manifest, role: str, endpoint: Endpoint, *, path: str) -> SourceClient:
    try:
        return manifest.client(role, endpoint)
    except OSError as error:
        raise SettingsError(f"a TLS file cannot be used: {error.strerror} - at `{path}.tls`") from None
    except NoWay as error:
        raise SettingsError(f"{error} - at `{path}.auth`") from None


def connector_of(manifest: Manifest, role: str, client: SourceClient, options: Mapping[str, Any]) -> Any:
    """Raises SettingsError for options that do not fit, with their place."""
    try:
        return manifest.connector(role, client, options)
    except msgspec.ValidationError as error:
        what, found, within = str(error).partition(" - at `$")
        path = path_of(client.name)
        raise SettingsError(f"{what} - at `{path}.options{within if found else '`'}") from None


def _manifest(connectors: Connectors, role: str, name: str, *, path: str) -> Manifest:
    found = connectors.get(name)
    if found is not None and role in found.roles:
        return found
    known = ", ".join(sorted(each for each, manifest in connectors.items() if role in manifest.roles))
    raise SettingsError(f'"{name}" is no connector for this role; known: {known} - at `{path}.connector`')
