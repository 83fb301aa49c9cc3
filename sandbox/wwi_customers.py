"""Wide World Importers' customers, their addresses, credit and contacts."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sandbox.facts_customers import Address, Contact, CreditTerms, Customer, Relationship, ShipTo, TransitDays
from sandbox.wwi_items import WAREHOUSE
from sandbox.wwi_tables import COMPANY, Tables, text

# The tables of categories and of cities are not among those given: names of categories from the sample's own
# documentation, cities from the customer's name or its postal address.
_CATEGORIES = {3: "Novelty Shop", 4: "Supermarket", 5: "Computer Store", 6: "Gift Store", 7: "Corporate"}
_BRANCH = re.compile(r"\((?P<city>.+), (?P<region>[A-Z]{2})\)$")
_HEAD_OFFICE_LIMIT = Decimal("2500000.00")


class Party(NamedTuple):
    customer: Customer
    address: Address
    credit: CreditTerms
    relationship: Relationship


def buying_groups(tables: Tables) -> dict[str, str]:
    """Named as the head office of the group is, before its bracket."""
    found: dict[str, str] = {}
    for group, name in tables.rows("Customers", "BuyingGroupID", "CustomerName"):
        key = text(group)
        if key is not None:
            found.setdefault(key, name.split(" (")[0])
    return found


def read_parties(tables: Tables, groups: dict[str, str]) -> list[Party]:
    names = ("CustomerID", "CustomerName", "BillToCustomerID", "CustomerCategoryID", "BuyingGroupID", "CreditLimit")
    more = ("IsOnCreditHold", "PaymentDays", "PhoneNumber", "PrimaryContactPersonID", "DeliveryAddressLine1")
    last = ("DeliveryAddressLine2", "DeliveryPostalCode", "PostalAddressLine2")
    every = (*names, *more, *last)
    return [_party(dict(zip(every, row, strict=True)), groups) for row in tables.rows("Customers", *every)]


def _party(row: dict[str, Any], groups: dict[str, str]) -> Party:
    customer = Customer(
        company=COMPANY,
        number=str(row["CustomerID"]),
        name=row["CustomerName"],
        segment=f"{_CATEGORIES.get(row['CustomerCategoryID'], 'Other')} (synthetic)",
        currency="USD",
        payment_terms=f"NET{row['PaymentDays']}",
        buying_group=groups.get(text(row["BuyingGroupID"]) or ""),
        bill_to=None if row["BillToCustomerID"] == row["CustomerID"] else str(row["BillToCustomerID"]),
    )
    return Party(customer, _address(row), _credit(customer, row), _relationship(customer, row))


def _address(row: dict[str, Any]) -> Address:
    branch = _BRANCH.search(row["CustomerName"])
    return Address(
        line1=row["DeliveryAddressLine1"],
        line2=row["DeliveryAddressLine2"],
        city=branch["city"] if branch else f"{row['PostalAddressLine2']} (synthetic)",
        region=branch["region"] if branch else None,
        postal_code=str(row["DeliveryPostalCode"]),
        country="US",
    )


def _credit(customer: Customer, row: dict[str, Any]) -> CreditTerms:
    """The two head offices have no limit in the data: theirs is synthetic; branches owe through them."""
    given = row["CreditLimit"]
    limit = None if customer.bill_to else _HEAD_OFFICE_LIMIT if given is None else Decimal(f"{given:.2f}")
    return CreditTerms(company=COMPANY, number=customer.number, limit=limit, on_hold=bool(row["IsOnCreditHold"]))


def _relationship(customer: Customer, row: dict[str, Any]) -> Relationship:
    person = f"Person {row['PrimaryContactPersonID']} (synthetic)"
    contact = Contact(name=person, phone=row["PhoneNumber"], role="Primary contact")
    return Relationship(company=COMPANY, customer=customer.number, owner="Sales desk (synthetic)", contacts=(contact,))


def ship_tos(parties: list[Party]) -> Iterator[ShipTo]:
    """Each customer's own address; and for who pays for others, those of the others under a code of its own."""
    known = {party.customer.number: party for party in parties}
    for party in parties:
        customer = party.customer
        yield _ship_to(customer.number, customer.number, party)
        if customer.bill_to in known:
            yield _ship_to(f"{customer.bill_to}-{customer.number}", customer.bill_to or "", party)


def _ship_to(code: str, customer: str, party: Party) -> ShipTo:
    return ShipTo(
        company=COMPANY,
        code=code,
        customer=customer,
        name=party.customer.name,
        address=party.address,
        warehouse=WAREHOUSE,
        transit_days=(TransitDays(WAREHOUSE, 1),),
    )
