"""Settings become sources, and a request becomes a Context: the one place where things are put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from gateway.freshness import Tally
from gateway.settings import Settings, SettingsError, SourceSettings
from resolvers.context import AvailabilityPolicy, Context
from resolvers.systems import Status
from sources.cache import Cache
from sources.call import CallContext
from sources.health import SourceState
from sources.http import SourceClient
from sources.policy import policies
from sources.ports import Sources
from sources.registry import CONNECTORS, Connectors
from sources.remembered import remembered


class Opened(NamedTuple):
    """The sources, how each of them is doing whenever it is asked, and how availability is worked out."""

    sources: Sources
    states: Callable[[], list[SourceState]]
    availability: AvailabilityPolicy
    cache: Cache | None = None


@asynccontextmanager
async def opened_sources(settings: Settings, connectors: Connectors = CONNECTORS) -> AsyncIterator[Opened]:
    """Every source's client, opened in the running loop and closed when the gateway stops."""
    async with AsyncExitStack() as stack:
        roles: dict[str, Any] = {}
        clients: list[SourceClient] = []
        for role in ("erp", "crm", "wms", "carrier"):
            chosen: SourceSettings = getattr(settings.sources, role)
            connector = _connector(connectors, role, chosen.connector)
            client = await stack.enter_async_context(_client(role, chosen, connector))
            clients.append(client)
            roles[role] = connector(client)
        sources = Sources(**roles)
        cache: Cache | None = None
        if settings.cache.enabled:
            table = policies(settings.cache.policy)
            cache = await stack.enter_async_context(Cache(settings.cache.limits(), policies=table))
            sources = remembered(sources, cache)
        rules, days = settings.availability.rules(), settings.availability.horizon_days
        availability = AvailabilityPolicy(rules, days, settings.today)
        yield Opened(sources, lambda: [client.state() for client in clients], availability, cache)


def _client(role: str, chosen: SourceSettings, connector: type[Any]) -> SourceClient:
    try:
        return SourceClient(chosen.endpoint(role), reason=connector.reason)
    except OSError as error:
        raise SettingsError(f"a TLS file cannot be used: {error.strerror} - at `$.sources.{role}.tls`") from None


def _connector(connectors: Connectors, role: str, name: str) -> type[Any]:
    try:
        return connectors[name][role]
    except KeyError:
        known = ", ".join(sorted(each for each, roles in connectors.items() if role in roles))
        raise SettingsError(
            f'"{name}" is no connector for this role; known: {known} - at `$.sources.{role}.connector`'
        ) from None


def context_for(opened: Opened, call: CallContext, *, told: Tally) -> Context:
    """One operation's context, over the call that says who asks, until when and how fresh."""
    return Context(
        call,
        opened.sources,
        availability=opened.availability,
        whereabouts=told.whereabouts,
        systems=lambda: [_status(state, told) for state in opened.states()],
    )


def _status(state: SourceState, told: Tally) -> Status:
    return Status(
        name=state.name,
        system=state.system,
        breaker=state.breaker,
        p50_ms=state.p50_ms,
        p95_ms=state.p95_ms,
        error_rate=round(state.error_rate, 4),
        in_flight=state.in_flight,
        calls=state.calls,
        cache_hit_ratio=told.hit_ratio(state.name),
    )
