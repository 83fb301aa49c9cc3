"""Settings become sources, and a request becomes a Context: the one place where things are put together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from gateway.settings import Settings, SettingsError, SourceSettings
from resolvers.context import AvailabilityPolicy, Context
from resolvers.whereabouts import Whereabouts
from sources.call import CallContext
from sources.http import SourceClient
from sources.ports import Sources
from sources.registry import CONNECTORS, Connectors


@asynccontextmanager
async def opened_sources(settings: Settings, connectors: Connectors = CONNECTORS) -> AsyncIterator[Sources]:
    """Every source's client, opened in the running loop and closed when the gateway stops."""
    async with AsyncExitStack() as stack:
        roles: dict[str, Any] = {}
        for role in ("erp", "crm", "wms", "carrier"):
            chosen: SourceSettings = getattr(settings.sources, role)
            connector = _connector(connectors, role, chosen.connector)
            client = await stack.enter_async_context(SourceClient(chosen.endpoint(role), reason=connector.reason))
            roles[role] = connector(client)
        yield Sources(**roles)


def _connector(connectors: Connectors, role: str, name: str) -> type[Any]:
    try:
        return connectors[name][role]
    except KeyError:
        known = ", ".join(sorted(each for each, roles in connectors.items() if role in roles))
        raise SettingsError(
            f'"{name}" is no connector for this role; known: {known} - at `$.sources.{role}.connector`'
        ) from None


def context_for(settings: Settings, sources: Sources, call: CallContext, *, whereabouts: Whereabouts) -> Context:
    """One operation's context, over the call that says who asks, until when and how fresh."""
    availability = AvailabilityPolicy(settings.availability.rules(), settings.availability.horizon_days, settings.today)
    return Context(call, sources, availability=availability, whereabouts=whereabouts)
