"""A system's webhook subscriptions, made and renewed where they end by themselves: run once a day beside a gateway that is reachable."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from gateway.checking import system_named
from gateway.connections import connector_of
from gateway.settings import Settings, SettingsError
from gateway.source_settings import path_of
from sources.call import CallContext, Deadline
from sources.errors import SourceError
from sources.registry import CONNECTORS
from sources.viewer import Viewer

SUBSCRIBER = Viewer(subject="crossdock subscribe")
SECONDS = 60.0


@runtime_checkable
class Subscriber(Protocol):
    """A connector whose system has to be asked to tell of changes."""

    async def subscribe(self, call: CallContext, address: str, secret: str) -> Mapping[str, datetime | SourceError]: ...


async def subscribed(settings: Settings, sender: str, name: str) -> tuple[str, bool]:
    """Of the system of that name, a line for each thing that is told of, and whether all of them are.

    Raises SettingsError where something is not set for it.
    """
    webhook = settings.webhooks.get(sender)
    if webhook is None:
        raise SettingsError(f"there is no sender of this name - at `$.webhooks.{sender}`")
    if not settings.public_url:
        raise SettingsError("where deliveries can be sent is not said - at `$.public_url`")
    address = f"{settings.public_url.rstrip('/')}/webhooks/{sender}"
    role, chosen = system_named(settings, name)
    manifest = CONNECTORS[chosen.connector]
    async with manifest.client(role, chosen.endpoint(name)) as client:
        connector = connector_of(manifest, role, client, chosen.options)
        if not isinstance(connector, Subscriber):
            raise SettingsError(f"this system is not asked to tell - at `{path_of(name)}.connector`")
        call = CallContext(SUBSCRIBER, Deadline.after(SECONDS), "subscribe")
        try:
            return _told(await connector.subscribe(call, address, webhook.secrets[0]))
        except SourceError as error:
            return f"{error} {error.detail}", False


def _told(found: Mapping[str, datetime | SourceError]) -> tuple[str, bool]:
    lines = [
        f"{name}: {each} {each.detail}"
        if isinstance(each, SourceError)
        else f"{name}: until {each.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        for name, each in found.items()
    ]
    return "\n".join(lines), not any(isinstance(each, SourceError) for each in found.values())
