"""Where an operation stands in a distributed trace, as W3C Trace Context writes it: handed down to every call, and on to its source."""

import random
from collections.abc import Mapping

import msgspec

_SPAN_BITS = 64
_ids = random.Random()  # noqa: S311 - an id must be unlike all others, not unguessable


def new_span_id() -> str:
    return f"{_ids.getrandbits(_SPAN_BITS) or 1:016x}"


class Trace(msgspec.Struct, frozen=True, gc=False):
    """`span_id` is the operation's own span, `parent_id` the caller's; ids are lower-case hexadecimal. `state` goes on unread."""

    trace_id: str
    span_id: str
    is_sampled: bool = False
    parent_id: str = ""
    state: str = ""

    def child_id(self) -> str:
        """The id of one call's span. What nobody records needs none of its own."""
        return new_span_id() if self.is_sampled else self.span_id

    def headers(self, span_id: str) -> Mapping[str, str]:
        """What a source is told: that it is asked within this trace, by this span."""
        told = {"traceparent": f"00-{self.trace_id}-{span_id}-{'01' if self.is_sampled else '00'}"}
        return told | {"tracestate": self.state} if self.state else told
