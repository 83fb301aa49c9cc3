"""An order's lines as Tryton wants them: its own numbers of items and units, prices where none is given, and taxes."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from sources.call import CallContext
from sources.errors import SourceError, SourceRejected
from sources.models import Price, PriceTerms
from sources.tryton.directory import Company, Directory
from sources.tryton.payload import BuyerRow, LineTaxes, SoldRow
from sources.tryton.pricing import Pricing
from sources.tryton.rpc import Rpc, all_of, both, numeric, question, searched, whole

SOLD = searched("product.product", SoldRow, "code")
TAXES = question("model.sale.line.on_change_product", LineTaxes)
_CENT = Decimal("0.01")


class WantedLine(NamedTuple):
    number: int
    sku: str
    quantity: Decimal
    uom: str | None
    unit_price: Decimal | None


class Party(NamedTuple):
    """Who buys, where: all that lines depend on."""

    company: Company
    buyer: BuyerRow
    directory: Directory

    @property
    def currency_id(self) -> int:
        currency = self.buyer.customer_currency
        return currency.id if currency is not None else self.company.currency_id

    @property
    def currency(self) -> str:
        currency = self.buyer.customer_currency
        return (currency.code if currency is not None else None) or self.company.currency


class Composing:
    def __init__(self, rpc: Rpc, pricing: Pricing) -> None:
        self._rpc, self._pricing = rpc, pricing

    def refused(self, reason: str) -> SourceRejected:
        return SourceRejected(self._rpc.name, reason=reason, detail="by the gateway's own look")

    async def party(self, call: CallContext, directory: Directory, company: str, customer: str) -> Party:
        """Raises SourceRejected where Tryton does not know them."""
        for chosen in directory.chosen(company):
            buyer = (await self._pricing.buyers(call, chosen, [customer])).get(customer)
            if isinstance(buyer, SourceError):
                raise buyer
            if buyer is not None and not buyer.active:
                raise self.refused("CUSTOMER_BLOCKED")
            if buyer is not None:
                return Party(chosen, buyer, directory)
        raise self.refused("UNKNOWN_CUSTOMER")

    async def lines(self, call: CallContext, party: Party, wanted: Sequence[WantedLine]) -> list[dict[str, Any]]:
        """Raises SourceRejected with the first thing that is wrong with one."""
        sold, prices = await both(self._sold(call, party, wanted), self._prices(call, party, wanted))
        lines = [self._line(line, sold, prices, party) for line in wanted]
        taxes = await self._taxes(call, party, sold)
        for line in lines:
            line["taxes"] = taxes.get(line["product"], ())
        return lines

    def _line(
        self, line: WantedLine, sold: dict[str, SoldRow], prices: dict[int, Decimal | None], party: Party
    ) -> dict[str, Any]:
        product = sold.get(line.sku)
        if product is None:
            raise self.refused("UNKNOWN_ITEM")
        if not product.salable:
            raise self.refused("ITEM_BLOCKED")
        units = party.directory
        unit = units.unit(line.uom, like=product.default_uom) if line.uom else units.units.get(product.default_uom)
        if unit is None:
            raise self.refused("UNKNOWN_UOM")
        price = line.unit_price if line.unit_price is not None else prices.get(line.number)
        if price is None:
            raise self.refused("PRICE_UNAVAILABLE")
        return {
            "type": "line",
            "sequence": line.number,
            "product": product.id,
            "unit": unit.id,
            "quantity": line.quantity,
            "unit_price": numeric(price),
        }

    async def _sold(self, call: CallContext, party: Party, wanted: Sequence[WantedLine]) -> dict[str, SoldRow]:
        domain = [["code", "in", sorted({line.sku for line in wanted})]]
        context = {"company": party.company.id}
        found = await self._rpc.search(call, SOLD, domain, context=context, keys=len(wanted))
        return {row.code: row for row in whole(found)}

    async def _prices(self, call: CallContext, party: Party, wanted: Sequence[WantedLine]) -> dict[int, Decimal | None]:
        company, customer = party.company.code, party.buyer.code
        terms = {
            line.number: PriceTerms(company, customer, line.sku, line.quantity, line.uom)
            for line in wanted
            if line.unit_price is None
        }
        if not terms:
            return {}
        found = await self._pricing.prices(call, party.directory, list(dict.fromkeys(terms.values())))
        priced = {number: found.get(each) for number, each in terms.items()}
        for price in priced.values():
            if isinstance(price, SourceError) and not isinstance(price, SourceRejected):
                raise price
        return {number: price.unit.amount if isinstance(price, Price) else None for number, price in priced.items()}

    async def _taxes(self, call: CallContext, party: Party, sold: dict[str, SoldRow]) -> dict[int, tuple[int, ...]]:
        """By product. Where a rule of the customer's changes them, Tryton applies it: once for all that are taxed alike."""
        plain = {
            row.id: row.account_category.customer_taxes_used if row.account_category else () for row in sold.values()
        }
        if party.buyer.customer_tax_rule is None:
            return plain
        examples = {taxes: product for product, taxes in plain.items()}
        ruled = await all_of(self._ruled(call, party, product) for product in examples.values())
        applied = dict(zip(examples, ruled, strict=True))
        return {product: applied[taxes] for product, taxes in plain.items()}

    async def _ruled(self, call: CallContext, party: Party, product: int) -> tuple[int, ...]:
        sale = {"company": party.company.id, "party": party.buyer.id, "currency": party.currency_id}
        line = {"type": "line", "product": product, "quantity": 1, "sale": sale}
        answer, _ = await self._rpc.read(call, TAXES, line, context={"company": party.company.id})
        return answer.taxes


def amount(line: dict[str, Any]) -> Decimal:
    """Of a line, as Tryton rounds it: half to even, to the cent."""
    quantity: Decimal = line["quantity"]
    return (Decimal(line["unit_price"].decimal) * quantity).quantize(_CENT, rounding=ROUND_HALF_EVEN)
