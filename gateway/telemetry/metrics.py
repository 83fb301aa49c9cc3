"""Metrics by prometheus-client: counted where things happen, told at /metrics for all processes of this machine's gateway together.

With PROMETHEUS_MULTIPROC_DIR set, as `crossdock serve --workers` does, each process keeps its figures in a file there.
"""

import os
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.telemetry.meters import METERS, Meter
from gateway.telemetry.record import Record
from sources.call import CallMade, Recalled

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each counter, which nobody asks for

OTHER: Final = "other"
UNNAMED: Final = "unnamed"


class Metrics:
    """One a gateway. Hears of operations and calls; `set` and `rose` are for whoever looks from time to time."""

    def __init__(self, *, operation_names: int) -> None:
        self.registry = CollectorRegistry()
        self._shared = bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
        self._families = {name: self._family(name, meter) for name, meter in METERS.items()}
        self._children: dict[tuple[str, ...], Any] = {}
        self._names: set[str] = set()
        self._most_names = operation_names
        self._seen: dict[tuple[str, ...], float] = {}

    def _family(self, name: str, meter: Meter) -> Any:
        given: dict[str, Any] = {"labelnames": meter.labels, "registry": None if self._shared else self.registry}
        if meter.kind == "counter":
            return Counter(name, meter.help, **given)
        if meter.kind == "gauge":
            return Gauge(name, meter.help, multiprocess_mode=meter.together, **given)
        return Histogram(name, meter.help, buckets=meter.buckets, **given)

    def of(self, name: str, *labels: str) -> Any:
        """The one with these labels, found again without looking at each of them."""
        key = (name, *labels)
        child = self._children.get(key)
        if child is None:
            family = self._families[name]
            child = self._children[key] = family.labels(*labels) if labels else family
        return child

    # ------------------------------------------------------------ what is heard

    def begun(self, _: Record) -> None:
        self.of("crossdock_operations_in_flight").inc()

    def over(self, record: Record) -> None:
        kind, name = record.about.kind, self._name(record)
        self.of("crossdock_operations_in_flight").dec()
        self.of("crossdock_operations_total", kind, name, record.outcome).inc()
        self.of("crossdock_operation_seconds", kind, name).observe(record.seconds)
        for code, count in record.errors.items():
            self.of("crossdock_operation_errors_total", code).inc(count)
        if record.left is not None:
            self.of("crossdock_operations_by_graphql_core_total").inc()

    def _name(self, record: Record) -> str:
        """Callers choose names, so they are bounded: the first ones that were executed have series of their own, all others share one."""
        name = record.about.name
        if name is None:
            return UNNAMED
        if name not in self._names:
            if len(self._names) >= self._most_names or record.outcome == "refused":
                return OTHER
            self._names.add(name)
        return name

    def call_made(self, call: CallMade) -> None:
        source, operation = call.source, call.operation
        self.of("crossdock_source_calls_total", source, operation, call.outcome, call.how).inc()
        if call.how == "sent":
            self.of("crossdock_source_call_seconds", source, operation).observe(call.seconds)
            self.of("crossdock_source_keys_total", source, operation).inc(call.keys)
            if call.attempt > 1:
                self.of("crossdock_source_retries_total", source).inc()

    def recalled(self, batch: Recalled) -> None:
        found = {"fresh": batch.hits - batch.stale, "stale": batch.stale, "none": batch.keys - batch.hits}
        for what, count in found.items():
            child = self.of(
                "crossdock_cache_keys_total", batch.source, batch.fact, what
            )  # one without any is told, too
            if count:
                child.inc(count)

    def refused(self, _: str, *, status: int, code: str, caller: str) -> None:  # noqa: ARG002 - a caller would be a label without bound
        self.of("crossdock_requests_refused_total", code).inc()

    # ------------------------------------------------------------ what is looked at

    def set(self, name: str, value: float, *labels: str) -> None:
        self.of(name, *labels).set(value)

    def rose(self, name: str, total: float, *labels: str) -> None:
        """What somebody else counts since the start: the counter is brought up to it."""
        key = (name, *labels)
        child, before = self.of(name, *labels), self._seen.get(key, 0)  # one that counted nothing yet is told, too
        if total > before:
            child.inc(total - before)
            self._seen[key] = total

    # ------------------------------------------------------------ how it is told

    def told(self, accept: str) -> tuple[bytes, str]:
        """The page in the format that the scraper likes, and its content type. Reads files where there are several processes."""
        registry = self.registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library types its others
        encode, kind = choose_encoder(accept)
        page: bytes = encode(registry)
        return page, kind
