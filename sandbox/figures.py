"""By how much the orders written since the data set moved its figures: demand, what is reserved, what is owed."""

from decimal import Decimal

from sandbox.amounts import ZERO
from sandbox.facts import Dataset, unshipped_value
from sandbox.facts_orders import OPEN_STATUSES, Order
from sandbox.flows import Flows, Place

_ON = Decimal(1)
_OFF = Decimal(-1)


class Figures:
    """Differences only; whoever reads adds them to what the data set says."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self.flows = Flows()
        self.held: dict[Place, Decimal] = {}
        self.owed: dict[tuple[str, str], Decimal] = {}

    def replace(self, before: Order | None, after: Order, warehouse: str | None) -> None:
        if before is not None:
            self._weigh(before, warehouse, _OFF)
        self._weigh(after, warehouse, _ON)

    def _weigh(self, order: Order, warehouse: str | None, sign: Decimal) -> None:
        if order.status not in OPEN_STATUSES:
            return
        if warehouse:
            self._weigh_lines(order, warehouse, sign)
        value = sign * unshipped_value(order)
        for account in self._dataset.accounts(order.company, order.customer):
            self.owed[account] = self.owed.get(account, ZERO) + value

    def _weigh_lines(self, order: Order, warehouse: str, sign: Decimal) -> None:
        for line in order.lines:
            place = Place(order.company, line.sku, warehouse)
            factor = sign * self._dataset.line_factor(order.company, line)
            day = line.promised_date or order.requested_date or self._dataset.today
            self.flows.add_demand(place, day, line.progress.open * factor)
            reserved = (line.progress.allocated + line.progress.picked) * factor
            self.held[place] = self.held.get(place, ZERO) + reserved
