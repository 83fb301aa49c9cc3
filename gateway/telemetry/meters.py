"""Every metric by name: its kind, its labels and what it says. docs/observability.md lists the same, and a test proves it."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]
Together = Literal["livesum", "livemax", "livemin", "livemostrecent"]
"""How the gauges of several processes become one."""

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
LONG: Final = (
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    4 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    5 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
)
"""What people and lorries take."""


class Meter(NamedTuple):
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    together: Together = "livesum"
    buckets: tuple[float, ...] = SECONDS


METERS: Mapping[str, Meter] = {
    # What is asked of the gateway.
    "crossdock_operations_total": Meter("counter", "Operations that are over.", ("kind", "operation", "outcome")),
    "crossdock_operation_seconds": Meter("histogram", "How long operations took.", ("kind", "operation")),
    "crossdock_operations_in_flight": Meter("gauge", "Operations under way."),
    "crossdock_operation_errors_total": Meter("counter", "Errors told to callers, by code.", ("code",)),
    "crossdock_operations_by_graphql_core_total": Meter("counter", "Operations that the engine did not take."),
    "crossdock_requests_refused_total": Meter("counter", "Requests that became no operation.", ("code",)),
    # What the gateway asks of its sources.
    "crossdock_source_calls_total": Meter("counter", "Attempts at calls.", ("source", "operation", "outcome", "how")),
    "crossdock_source_call_seconds": Meter("histogram", "How long calls took that were sent.", ("source", "operation")),
    "crossdock_source_keys_total": Meter("counter", "Keys asked for by calls that were sent.", ("source", "operation")),
    "crossdock_source_retries_total": Meter("counter", "Attempts after the first.", ("source",)),
    "crossdock_source_breaker": Meter("gauge", "0: closed, 1: half open, 2: open.", ("source",), "livemax"),
    "crossdock_source_in_flight": Meter("gauge", "Calls under way.", ("source",)),
    "crossdock_source_queued": Meter("gauge", "Calls that wait for a place in the bulkhead.", ("source",)),
    "crossdock_source_rate_limited_seconds": Meter(
        "gauge", "How long a source is still left alone because it said too many.", ("source",), "livemax"
    ),
    "crossdock_cache_keys_total": Meter("counter", "Keys looked for in memory.", ("source", "fact", "found")),
    # Streams and events.
    "crossdock_streams_open": Meter("gauge", "WebSockets and streams that clients hold open."),
    "crossdock_subscribers": Meter("gauge", "Subscriptions that are told what comes."),
    "crossdock_bus_events_total": Meter("counter", "Events, by what became of them on the bus.", ("outcome",)),
    "crossdock_bus_lag_events": Meter("gauge", "Events that this process has not yet seen.", (), "livemax"),
    "crossdock_bus_lag_seconds": Meter("gauge", "For how long the oldest of them has been there.", (), "livemax"),
    "crossdock_bus_connected": Meter("gauge", "1: the bus answers.", (), "livemin"),
    "crossdock_webhooks_total": Meter("counter", "Deliveries, by what became of them.", ("source", "outcome")),
    "crossdock_polling_total": Meter("counter", "What polling carriers did.", ("what",)),
    "crossdock_outbound_total": Meter("counter", "What telling receivers did.", ("receiver", "outcome")),
    "crossdock_letters": Meter("gauge", "What could not be understood or told, and is kept.", (), "livemax"),
    # Orders.
    "crossdock_submissions": Meter(
        "gauge", "Submissions that are not done, by where they stand.", ("status",), "livemostrecent"
    ),
    # How the business does: docs/metrics.md defines each.
    "crossdock_submissions_done_total": Meter("counter", "Submissions that came to an end.", ("channel", "outcome")),
    "crossdock_exception_resolution_seconds": Meter(
        "histogram", "From needing a person to that person's decision.", ("reason",), buckets=LONG
    ),
    "crossdock_order_cycle_seconds": Meter("histogram", "From accepted to delivered.", ("company",), buckets=LONG),
    "crossdock_orders_delivered_total": Meter("counter", "Orders that were delivered.", ("company", "verdict")),
    "crossdock_shipment_confirmation_seconds": Meter(
        "histogram", "From the release to the warehouse to its word that it is shipped.", ("company",), buckets=LONG
    ),
    "crossdock_short_picks_total": Meter("counter", "Lines of which less was picked than ordered.", ("company",)),
    "crossdock_figures_dropped_total": Meter("counter", "Milestones that could not be kept."),
    # The process.
    "crossdock_loop_lag_seconds": Meter(
        "gauge", "How much later than wanted the event loop came round.", (), "livemax"
    ),
    "crossdock_log_lines_dropped_total": Meter("counter", "Log lines that found no room."),
    "crossdock_info": Meter("gauge", "1, with the version.", ("version",), "livemax"),
}
