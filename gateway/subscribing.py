"""A system's webhook subscriptions, made and renewed where they end by themselves: run once a day beside a gateway that is reachable."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

import msgspec

from gateway.settings import Settings, SettingsError
from sources.call import CallContext, Deadline
from sources.errors import SourceError
from sources.grant import CLIENT_CREDENTIALS
from sources.http import SourceClient
from sources.registry import CONNECTORS
from sources.viewer import Viewer

SUBSCRIBER = Viewer(subject="crossdock subscribe")
SECONDS = 60.0


@runtime_checkable
class Subscriber(Protocol):
    """A connector whose system has to be asked to tell of changes."""

    async def subscribe(self, call: CallContext, address: str, secret: str) -> Mapping[str, datetime | SourceError]: ...


async def subscribed(settings: Settings, sender: str, role: str) -> tuple[str, bool]:
    """A line for each thing that is told of, and whether all of them are. Raises SettingsError where something is not set for it."""
    webhook = settings.webhooks.get(sender)
    if webhook is None:
        raise SettingsError(f"there is no sender of this name - at `$.webhooks.{sender}`")
    if not settings.public_url:
        raise SettingsError("where deliveries can be sent is not said - at `$.public_url`")
    address = f"{settings.public_url.rstrip('/')}/webhooks/{sender}"
    chosen: Any = getattr(settings.sources, role)
    manifest = CONNECTORS[chosen.connector]
    kind = manifest.roles[role]
    grant = getattr(kind, "grant", CLIENT_CREDENTIALS)
    async with SourceClient(chosen.endpoint(role), reason=kind.reason, grant=grant) as client:
        try:
            connector = manifest.connector(role, client, chosen.options)
        except msgspec.ValidationError as error:
            raise SettingsError(f"{error} - at `$.sources.{role}.options`") from None
        if not isinstance(connector, Subscriber):
            raise SettingsError(f"this system is not asked to tell - at `$.sources.{role}.connector`")
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
