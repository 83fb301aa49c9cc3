"""Whether a system answers again: asked of one for which submissions wait, with a question that costs it next to nothing."""

from sources.call import CallContext, Deadline
from sources.errors import SourceError, SourceRejected
from sources.ports import WrittenSources
from sources.viewer import Viewer

_SECONDS = 2.0
_NOTHING = "XD-PROBE"
"""A key that nothing has."""

_PROBER = Viewer(subject="crossdock")


async def answers(sources: WrittenSources, name: str) -> bool:
    call = CallContext(_PROBER, Deadline.after(_SECONDS), "probe", max_age_seconds=0)
    try:
        if name == sources.wms.name:
            await sources.wms.shipments_by_order(call, None, [_NOTHING])
        elif name == sources.erp.name:
            await sources.erp.orders_by_reference(call, None, [_NOTHING])
    except SourceRejected:
        return True
    except SourceError:
        return False
    return True
