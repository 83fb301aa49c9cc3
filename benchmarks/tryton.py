"""What a batch saves: the prices of one item and of fifty from a real Tryton, in turn, through the connector.

python benchmarks/tryton.py [--rounds 9], after `make tryton`. Wall time of a read, Tryton's own work included: the best of each.
The looked-up numbers (customer, items, units) are known by then, as they are in a gateway that has been asked before.
"""

import argparse
import asyncio
import sys
import time
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from tryton_process import erp_at, tryton_process

from sandbox.tryton.seed_goods import BOLTS
from sandbox.tryton.seed_parties import ALDER
from sources.call import CallContext, CallMade, Deadline
from sources.models import PriceTerms
from sources.tryton.erp import TrytonErp
from sources.viewer import SERVICE_DESK


async def timed(erp: TrytonErp, count: int) -> tuple[float, int]:
    """Milliseconds, and how many calls it took."""
    made: list[CallMade] = []
    terms = [PriceTerms("US", ALDER, sku, Decimal(10)) for sku in BOLTS[:count]]
    begun = time.perf_counter()
    found = await erp.prices(CallContext(SERVICE_DESK, Deadline.after(30), "bench", made.append), terms)
    took = (time.perf_counter() - begun) * 1000
    assert len(found) == count
    return took, len(made)


async def main(rounds: int) -> None:
    with tryton_process() as server:
        async with erp_at(server.url) as erp:
            await timed(erp, 50)
            measured = [(await timed(erp, 1), await timed(erp, 50)) for _ in range(rounds)]
    one, fifty = (min(each[at] for each in measured) for at in (0, 1))
    print(f"1 item: {one[0]:.0f} ms in {one[1]} calls; 50 items: {fifty[0]:.0f} ms in {fifty[1]} calls")
    print(f"50 one after the other would take {50 * one[0]:.0f} ms; ratio of the batch to one {fifty[0] / one[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    asyncio.run(main(parser.parse_args().rounds))
