"""Taxes: those of an item's category, or what a customer's rule makes of them; in a simulation and in the order alike."""

import itertools
from decimal import Decimal

import pytest
from tryton_process import administrator_of, erp_at
from upstream import call

from sandbox.tryton.office import Office
from sandbox.tryton.server import TrytonServer
from sources.changes import NewOrder, NewOrderLine
from sources.models import Basket, BasketLine

PATIENT = 60.0
SKU = "TX-001"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def taxed(tryton: TrytonServer) -> dict[str, str]:
    """An item taxed at 8.25 %, a customer who pays that, and one whom a rule frees of it: their ship-tos."""
    with administrator_of(tryton) as boss:
        revenue, expense, owed = (
            boss.one("account.account", ["code", "=", code]) for code in ("4.1.1", "5.1.1", "2.1.4")
        )
        rate = {"name": "Sales tax", "description": "Sales tax", "type": "percentage", "rate": Decimal("0.0825")}
        (tax,) = boss.create("account.tax", {**rate, "invoice_account": owed, "credit_note_account": owed})
        accounts = {"accounting": True, "account_revenue": revenue, "account_expense": expense}
        (category,) = boss.create("product.category", {"name": "Taxed", **accounts, "customer_taxes": [["add", [tax]]]})
        unit = boss.one("product.uom", ["symbol", "=", "u"])
        units = dict.fromkeys(("default_uom", "sale_uom", "purchase_uom"), unit)
        product = {"products": [["create", [{"suffix_code": SKU}]]], "account_category": category, "salable": True}
        given = {"name": "Taxed", "type": "service", "list_price": Decimal("19.99")}
        boss.create("product.template", {**given, **units, **product})
        line = {"origin_tax": tax, "tax": None}
        (rule,) = boss.create("account.tax.rule", {"name": "Reseller", "kind": "sale", "lines": [["create", [line]]]})
        country = boss.one("country.country", ["code", "=", "US"])
        address = ["create", [{"city": "Plano", "country": country}]]
        boss.create("party.party", {"code": "T-1", "name": "Pays", "addresses": [address]})
        freed = {"code": "T-2", "name": "Resells", "addresses": [address], "customer_tax_rule": rule}
        boss.create("party.party", freed)
        rows = boss.find("party.address", [["party.code", "in", ["T-1", "T-2"]]], ["party.code"])
    return {row["party."]["code"]: str(row["id"]) for row in rows}


@pytest.mark.parametrize(("customer", "tax"), [("T-1", "4.95"), ("T-2", "0.00")])
async def test_an_order_comes_to_what_its_simulation_said_taxes_included(
    tryton: TrytonServer, office: Office, taxed: dict[str, str], customer: str, tax: str
) -> None:
    """Three at 19.99 make 59.97, and 8.25 % of that 4.947525."""
    basket = Basket("US", customer, (BasketLine(SKU, Decimal(3)),))
    lines = (NewOrderLine(1, SKU, Decimal(3), "u", None),)
    reference = f"taxes-{next(_numbers)}"
    order = NewOrder(reference=reference, company="US", customer=customer, ship_to=taxed[customer], lines=lines)
    async with erp_at(tryton.url) as erp:
        told = await erp.simulate(call(PATIENT), basket)
        written = await erp.create_order(call(PATIENT), order)
    (sale,) = office.find(
        "sale.sale", [["description", "=", reference]], ["tax_amount", "untaxed_amount", "total_amount"]
    )
    assert (told.subtotal.amount, told.tax.amount) == (sale["untaxed_amount"], sale["tax_amount"])
    assert (told.total.amount, written.total.amount) == (sale["total_amount"], sale["total_amount"])
    assert (told.subtotal.amount, told.tax.amount) == (Decimal("59.97"), Decimal(tax))
