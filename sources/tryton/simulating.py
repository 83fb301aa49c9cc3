"""What an order would come to, without one: by reads, and by Tryton's own sum of lines that are never kept."""

from decimal import Decimal

from sources.call import CallContext
from sources.models import Basket, Money, Simulation
from sources.tryton import mapping
from sources.tryton.composing import Composing, Party, WantedLine, amount
from sources.tryton.directory import Directory
from sources.tryton.payload import CreditRow, SaleFigures
from sources.tryton.rpc import Rpc, both, numeric, question, searched, whole

CREDIT = searched("party.party", CreditRow)
FIGURES = question("model.sale.sale.on_change_lines", SaleFigures)


class Simulating:
    def __init__(self, rpc: Rpc, composing: Composing) -> None:
        self._rpc, self._composing = rpc, composing

    async def simulated(self, call: CallContext, directory: Directory, basket: Basket) -> Simulation:
        """Raises SourceRejected where the order would be refused before anything is summed up."""
        party = await self._composing.party(call, directory, basket.company, basket.customer)
        wanted = [WantedLine(at, *line, None) for at, line in enumerate(basket.lines, start=1)]
        lines, credit = await both(self._composing.lines(call, party, wanted), self._credit(call, party))
        sums = [{**line, "amount": numeric(amount(line))} for line in lines]
        sale = {"company": party.company.id, "party": party.buyer.id, "currency": party.currency_id, "lines": sums}
        figures, as_of = await self._rpc.read(call, FIGURES, sale, context={"company": party.company.id})
        untaxed, currency = figures.untaxed_amount.decimal, party.currency
        counts = currency == party.company.currency
        return Simulation(
            subtotal=Money(untaxed, currency),
            tax=Money(figures.tax_amount.decimal, currency),
            freight=Money(Decimal(0), currency),
            total=Money(figures.total_amount.decimal, currency),
            as_of=as_of,
            credit=mapping.credit_check(credit, untaxed) if credit is not None and counts else None,
        )

    async def _credit(self, call: CallContext, party: Party) -> CreditRow | None:
        domain, context = [["id", "=", party.buyer.id]], {"company": party.company.id}
        rows = whole(await self._rpc.search(call, CREDIT, domain, context=context))
        return rows[0] if rows else None
