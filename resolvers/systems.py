"""The systems of record as they are doing: for those who run the gateway, and for customer service at three in the morning."""

import enum
from typing import Any

import msgspec
import strawberry

from resolvers.context import Info
from resolvers.enums import publish
from sources.breaker import BreakerState

DEGRADED_ERROR_RATE = 0.05
DOWN_ERROR_RATE = 0.5


class Standing(enum.Enum):
    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"


class Status(msgspec.Struct, frozen=True):
    """One system over the last minute, as this process sees it. Latencies in milliseconds."""

    name: str
    system: str
    breaker: BreakerState
    p50_ms: float | None
    p95_ms: float | None
    error_rate: float
    in_flight: int
    calls: int
    cache_hit_ratio: float | None = None

    @property
    def state(self) -> Standing:
        """Nothing is known of a system that nobody has asked."""
        if self.breaker is BreakerState.OPEN:
            return Standing.DOWN
        if not self.calls:
            return Standing.UNKNOWN
        if self.error_rate >= DOWN_ERROR_RATE:
            return Standing.DOWN
        ailing = self.breaker is BreakerState.HALF_OPEN or self.error_rate >= DEGRADED_ERROR_RATE
        return Standing.DEGRADED if ailing else Standing.UP


publish(
    Standing,
    "How a system is doing.",
    {
        "UP": "It answers.",
        "DEGRADED": "It answers, but fails now and then, or has just come back.",
        "DOWN": "It does not answer, and is left alone but for probes.",
        "UNKNOWN": "Nobody has asked it within the last minute.",
    },
    name="SourceState",
)
publish(
    BreakerState,
    "Whether calls go through to a system.",
    {
        "CLOSED": "All calls go through.",
        "HALF_OPEN": "It has come back: calls go through in growing numbers.",
        "OPEN": "It keeps failing: only probes go through.",
    },
)


@strawberry.type(description="A system of record over the last minute, as this process of the gateway sees it.")
class SourceStatus:
    name: str = strawberry.field(
        description="Its role: erp, crm, wms or carrier; with its own name behind it, as erp.us, where several play the role."
    )
    system: str = strawberry.field(description="The connector that speaks to it.")
    state: Standing = strawberry.field(description="How it is doing.")
    breaker: BreakerState = strawberry.field(description="Whether calls go through to it.")
    p50_ms: float | None = strawberry.field(
        name="p50Ms", description="Half of the calls took less than this many milliseconds."
    )
    p95_ms: float | None = strawberry.field(
        name="p95Ms", description="All but one call in twenty took less than this many milliseconds."
    )
    error_rate: float = strawberry.field(description="The share of calls that failed: 0 to 1.")
    in_flight: int = strawberry.field(description="How many calls are on their way.")
    cache_hit_ratio: float | None = strawberry.field(
        description="The share of keys that were answered from memory since the start; null where nothing is remembered."
    )


async def source_statuses(info: Info) -> Any:
    return info.context.systems()
