"""Where a trace begins: by the caller's W3C Trace Context, or anew; and whether it is recorded."""

import re
import secrets
from collections.abc import Mapping

from sources.trace import Trace, new_span_id

_IDS = "-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})"
_PARENT = re.compile(f"00{_IDS}", re.ASCII)
_LATER = re.compile(f"(?!00|ff)[0-9a-f]{{2}}{_IDS}(?:-.*)?", re.ASCII)
"""Versions to come may say more, behind what they say like this one."""
_NOTHING: Mapping[str, str] = {}
_SAMPLED = 1
_MAX_STATE = 512
_LOW_BITS = 64
_STATE = re.compile(r"[\x20-\x7e]*", re.ASCII)


class Tracing:
    """`ratio` of the traces that begin here are recorded, the same ones in every process; a caller's own as it says, if `follows`."""

    def __init__(self, *, ratio: float, follows: bool) -> None:
        self._bound, self._follows = int(ratio * (1 << _LOW_BITS)), follows

    def begun(self, headers: Mapping[str, str] = _NOTHING) -> Trace:
        given = headers.get("traceparent", "")
        found = _PARENT.fullmatch(given) or _LATER.fullmatch(given)
        if found is None or not int(found[1], 16) or not int(found[2], 16):
            trace_id = secrets.token_hex(16)
            return Trace(trace_id, new_span_id(), self._is_chosen(trace_id))
        trace_id, parent_id, flags = found.groups()
        is_sampled = self._follows and bool(int(flags, 16) & _SAMPLED) and self._bound > 0
        state = headers.get("tracestate", "")
        is_readable = len(state) <= _MAX_STATE and _STATE.fullmatch(state)
        return Trace(
            trace_id, new_span_id(), is_sampled or self._is_chosen(trace_id), parent_id, state if is_readable else ""
        )

    def _is_chosen(self, trace_id: str) -> bool:
        return int(trace_id[16:], 16) < self._bound


NOTHING_RECORDED = Tracing(ratio=0, follows=False)
"""Ids are handed on, and nobody keeps anything."""
