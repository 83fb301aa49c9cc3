"""A gateway's cache as a process of its own: reads one item many times at once when it is told to.

python tests/reader_process.py REDIS_URL ERP_URL SKU READERS     prints "ready", waits for a line, prints how many were answered
"""

import asyncio
import sys

from sources.cache import Cache, CacheLimits
from sources.call import CallContext, Deadline
from sources.http import Endpoint, SourceClient
from sources.remembered import RememberedErp
from sources.standard import StandardErp
from sources.viewer import SERVICE_DESK


async def read(redis: str, erp: str, sku: str, readers: int) -> None:
    endpoint = Endpoint(name="erp", url=erp, token="sandbox", timeout_seconds=5)
    async with SourceClient(endpoint) as client, Cache(CacheLimits(url=redis)) as cache:
        port = RememberedErp(StandardErp(client), cache)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        call = CallContext(SERVICE_DESK, Deadline.after(5), "reader")
        found = await asyncio.gather(*[port.items(call, "US", [sku]) for _ in range(readers)])
        sys.stdout.write(f"{sum(len(each) for each in found)}\n")


if __name__ == "__main__":
    asyncio.run(read(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
