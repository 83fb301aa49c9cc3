"""The connections of the reads: those that a burst opened, and that nobody needs any more, are given back.

Aiohttp takes the connection that has been idle for longest. So each of them is used now and then for as long as there are questions, and
none is idle for so long that it is closed: after one burst a source kept all connections that the burst had needed.
"""

from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler


class Pool(aiohttp.TCPConnector):
    """Takes the one that was used last (docs/decisions/0002)."""

    def _release(self, key: Any, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        """What comes back is put at the end, and taken from the front."""
        super()._release(key, protocol, should_close=should_close)
        idle = self._conns.get(key)
        if idle and idle[-1][0] is protocol:
            idle.rotate(1)
