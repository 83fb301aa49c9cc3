"""Settings become sources, and a request becomes a Context: the one place where things are put together."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from gateway import audit
from gateway.call_log import log_failed_call
from gateway.connections import Connections, opened_connections
from gateway.freshness import Tally
from gateway.settings import Settings, SettingsError
from orders.check import Checker
from orders.database import DatabaseTaken
from orders.desk import Desk
from orders.moves import Moves
from orders.outlook import AvailabilityPolicy
from resolvers.context import Context, Ordering
from resolvers.systems import Status
from resolvers.traces import Traced
from sources.cache import Cache
from sources.call import CallContext, Observer
from sources.health import SourceState
from sources.permitted import permitted
from sources.policy import policies
from sources.ports import Sources, WrittenSources
from sources.registry import CONNECTORS, Connectors
from sources.viewer import with_every_scope


class Opened(NamedTuple):
    """The sources, how each of them is doing whenever it is asked, how availability is worked out, and where orders are handed in."""

    sources: Sources
    states: Callable[[], list[SourceState]]
    availability: AvailabilityPolicy
    ordering: Ordering
    moves: Moves
    cache: Cache | None = None


@asynccontextmanager
async def opened_sources(
    settings: Settings, connectors: Connectors = CONNECTORS, *, observer: Observer = log_failed_call
) -> AsyncIterator[Opened]:
    """Every source's client, opened in the running loop and closed when the gateway stops.

    `observer` is told of the calls that submissions make.
    """
    async with AsyncExitStack() as stack:
        connections = await opened_connections(stack, settings, connectors)
        cache: Cache | None = None
        if settings.cache.enabled:
            table = policies(settings.cache.policy)
            cache = await stack.enter_async_context(Cache(settings.cache.limits(), policies=table))
        sources = connections.sources(cache)
        rules, days = settings.availability.rules(), settings.availability.horizon_days
        availability = AvailabilityPolicy(rules, days, settings.today)
        checker = Checker(sources, availability, settings.orders)
        moves = Moves()
        desk = await _desk(stack, settings, (checker, moves, observer), (sources, connections))
        ordering = Ordering(checker, desk, settings.submissions.patience_seconds)
        yield Opened(sources, connections.states, availability, ordering, moves, cache)


async def _desk(
    stack: AsyncExitStack,
    settings: Settings,
    parts: tuple[Checker, Moves, Observer],
    systems: tuple[WrittenSources, Connections],
) -> Desk | None:
    if not settings.submissions.enabled:
        return None
    from orders.submissions import Around, opened_submissions  # noqa: PLC0415 - half a second that a gateway without orders saves

    (checker, moves, observer), (sources, connections) = parts, systems
    around = Around(
        observer,
        connections.is_left_alone,
        connections.answers,
        audit.submission,
        moves.told,
        connections.erp_of,
    )
    try:
        return await stack.enter_async_context(opened_submissions(settings.submissions, sources, checker, around))
    except DatabaseTaken as taken:
        raise SettingsError(f"{taken} - at `$.submissions.url`") from None
    except (OSError, SQLAlchemyError) as error:
        why = error.strerror if isinstance(error, OSError) else "it does not answer"
        raise SettingsError(
            f"the database of the submissions cannot be used: {why} - at `$.submissions.url`"
        ) from error


def context_for(
    opened: Opened,
    call: CallContext,
    *,
    told: Tally,
    idempotency_key: str | None = None,
    recent: Callable[[], Sequence[Traced]] = tuple,
) -> Context:
    """One operation's context, over the call that says who asks, until when and how fresh."""
    viewer = call.viewer
    return Context(
        call,
        permitted(opened.sources, viewer, seen=audit.seen),
        availability=opened.availability,
        whereabouts=told.whereabouts,
        ordering=opened.ordering._replace(idempotency_key=idempotency_key),
        within=lambda: _within(opened, call),
        systems=lambda: [_status(each, told) for each in opened.states()] if viewer.may("source:read") else None,
        recent=lambda: recent() if viewer.may("source:read") and not viewer.is_bounded else None,
    )


def _within(opened: Opened, call: CallContext) -> tuple[CallContext, Sources]:
    viewer = with_every_scope(call.viewer)
    return msgspec.structs.replace(call, viewer=viewer), permitted(opened.sources, viewer)


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
