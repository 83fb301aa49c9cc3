"""What the gateway tells of itself, and to whom."""

from typing import Annotated, Literal

import msgspec

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Url = Annotated[str, msgspec.Meta(pattern=r"^(https?://[^/]|$)")]


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`operations`: which operations have a line of their own: all, those that did not go well, or none."""

    format: Literal["json", "pretty"] = "json"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    operations: Literal["all", "failed", "none"] = "all"


class MetricSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`access`: who may read /metrics: callers with the scope `metrics:read`, or in development everybody; or nobody."""

    access: Literal["scope", "open", "off"] = "scope"
    operation_names: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 100


class TraceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`endpoint`: where spans go by OTLP over HTTP; without one nothing is recorded. `ratio`: of operations that nobody traces already."""

    endpoint: _Url = ""
    headers: dict[str, str] = {}
    ratio: _Share = 0.01
    follow_caller: bool = True
    service: str = "crossdock"

    def __repr__(self) -> str:
        return f"TraceSettings(ratio={self.ratio!r})"


class TelemetrySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    logs: LogSettings = LogSettings()
    metrics: MetricSettings = MetricSettings()
    traces: TraceSettings = TraceSettings()
