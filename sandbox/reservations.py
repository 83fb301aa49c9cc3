"""What open orders have reserved in each warehouse: allocated or picked, and not yet shipped, in base units."""

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.amounts import ZERO

if TYPE_CHECKING:
    from sandbox.facts import Dataset


def reserved(dataset: "Dataset") -> dict[tuple[str, str, str], Decimal]:
    found: dict[tuple[str, str, str], Decimal] = {}
    for order in dataset.open_orders:
        warehouse = dataset.warehouse_of(order)
        for line in order.lines:
            held = line.progress.allocated + line.progress.picked
            if warehouse and held > 0:
                place = (order.company, line.sku, warehouse)
                found[place] = found.get(place, ZERO) + held * dataset.line_factor(order.company, line)
    return found
