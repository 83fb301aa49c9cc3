"""Whether a system answers again: asked of one for which submissions wait, with a question that costs it next to nothing."""

from typing import Any

from sources.call import CallContext, Deadline
from sources.errors import SourceError, SourceRejected
from sources.viewer import Viewer

_SECONDS = 2.0
_NOTHING = "XD-PROBE"
"""A key that nothing has."""

_PROBER = Viewer(subject="crossdock")


async def answers(role: str, port: Any) -> bool:
    call = CallContext(_PROBER, Deadline.after(_SECONDS), "probe", max_age_seconds=0)
    try:
        if role == "wms":
            await port.shipments_by_order(call, None, [_NOTHING])
        elif role == "erp":
            await port.orders_by_reference(call, None, [_NOTHING])
    except SourceRejected:
        return True
    except SourceError:
        return False
    return True
