"""Generated customers: bill-to trees, ship-tos, credit terms and the CRM's view of them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from sandbox.dice import Dice
from sandbox.facts_customers import (
    Address,
    Contact,
    CreditTerms,
    Customer,
    Opportunity,
    Relationship,
    ShipTo,
    TransitDays,
)
from sandbox.generate_items import CURRENCIES
from sandbox.generate_names import CITIES, FIRST_WORDS, GIVEN, LAST_WORDS, SECOND_WORDS, STREETS, SURNAMES, City

US_CUSTOMERS = 420
CA_CUSTOMERS = 180
IN_BOTH = 20
WAREHOUSES = {"US": ("RNO", "DFW", "ATL"), "CA": ("YYZ",)}
BUYING_GROUPS = ("AD-WEST", "IBC-NORTH", "MRO-UNION")

_SEGMENTS = ("CONTRACTOR", "INDUSTRIAL", "OEM", "RESELLER", "GOVERNMENT")
_TERMS = ("NET30", "NET45", "NET60", "2/10 NET30", "PREPAID")
_LIMITS = (5_000, 15_000, 25_000, 50_000, 100_000, 250_000, 500_000)
_STAGES = ("PROSPECT", "ACTIVE", "KEY ACCOUNT", "AT RISK")
_OPENINGS = ("Annual fastener contract", "Panel shop expansion", "Vending program", "Packaging line", "Safety refresh")
_ROLES = ("Buyer", "Maintenance Manager", "Accounts Payable", "Site Manager")


class Party(NamedTuple):
    customer: Customer
    ship_tos: tuple[ShipTo, ...]
    credit: CreditTerms
    relationship: Relationship


def make_parties(dice: Dice, today: date) -> dict[str, list[Party]]:
    """By company. The first Canadian numbers are American ones too."""
    american = [str(10_001 + at) for at in range(US_CUSTOMERS)]
    canadian = [*american[100 : 100 + IN_BOTH], *(str(20_001 + at) for at in range(CA_CUSTOMERS - IN_BOTH))]
    return {
        company: [_party(dice, customer, today) for customer in _customers(dice, company, numbers)]
        for company, numbers in (("US", american), ("CA", canadian))
    }


def _customers(dice: Dice, company: str, numbers: list[str]) -> list[Customer]:
    """Some head offices, each with the branches behind it; now and then a branch has branches of its own."""
    found: list[Customer] = []
    head: Customer | None = None
    branches = 0
    for number in numbers:
        if branches and head is not None:
            branches -= 1
            parent = found[-1] if dice.chance(0.08) else head
            found.append(_branch(dice, head, number, parent))
            continue
        head = _head_office(dice, company, number)
        branches = dice.between(2, 8) if dice.chance(0.2) else 0
        found.append(head)
    return found


def _head_office(dice: Dice, company: str, number: str) -> Customer:
    words = (dice.pick(FIRST_WORDS), dice.pick(SECOND_WORDS), dice.pick(LAST_WORDS[company]))
    return Customer(
        company=company,
        number=number,
        name=" ".join(words),
        segment=dice.pick(_SEGMENTS),
        currency=CURRENCIES[company],
        payment_terms=dice.pick(_TERMS),
        buying_group=dice.pick(BUYING_GROUPS) if dice.chance(0.4) else None,
        blocked=dice.chance(0.015),
    )


def _branch(dice: Dice, head: Customer, number: str, parent: Customer) -> Customer:
    return Customer(
        company=head.company,
        number=number,
        name=f"{head.name} - {dice.pick(CITIES[head.company]).name}",
        segment=head.segment,
        currency=head.currency,
        payment_terms=head.payment_terms,
        buying_group=head.buying_group,
        bill_to=parent.number,
    )


def _party(dice: Dice, customer: Customer, today: date) -> Party:
    count = dice.between(1, 4)
    ship_tos = tuple(_ship_to(dice, customer, at) for at in range(1, count + 1))
    return Party(customer, ship_tos, _credit(dice, customer), _relationship(dice, customer, today))


def _ship_to(dice: Dice, customer: Customer, at: int) -> ShipTo:
    city = dice.pick(CITIES[customer.company])
    return ShipTo(
        company=customer.company,
        code=f"{customer.number}-{at}",
        customer=customer.number,
        name=f"{customer.name}, {city.name}",
        address=_address(dice, city, customer.company),
        warehouse=city.warehouse,
        transit_days=tuple(
            TransitDays(code, 1 + dice.below(2) if code == city.warehouse else 3 + dice.below(3))
            for code in WAREHOUSES[customer.company]
        ),
    )


def _address(dice: Dice, city: City, country: str) -> Address:
    return Address(
        line1=f"{dice.between(100, 9_900)} {dice.pick(STREETS)}",
        line2=f"Dock {dice.between(1, 12)}" if dice.chance(0.3) else None,
        city=city.name,
        region=city.region,
        postal_code=city.postal_code,
        country=country,
    )


def _credit(dice: Dice, customer: Customer) -> CreditTerms:
    """Branches owe through their head office: only it has a limit."""
    limited = customer.bill_to is None and dice.chance(0.9)
    return CreditTerms(
        company=customer.company,
        number=customer.number,
        limit=Decimal(f"{dice.pick(_LIMITS)}.00") if limited else None,
        open_invoices=Decimal(dice.below(400_000)).scaleb(-2),
        on_hold=customer.bill_to is None and dice.chance(0.04),
    )


def _relationship(dice: Dice, customer: Customer, today: date) -> Relationship:
    day = today - timedelta(days=dice.between(1, 200))
    seen = datetime.combine(day, time(dice.between(9, 17), dice.below(60)), UTC)
    return Relationship(
        company=customer.company,
        customer=customer.number,
        owner=_person(dice),
        stage=dice.pick(_STAGES),
        last_activity_at=seen,
        contacts=tuple(_contact(dice, customer) for _ in range(dice.between(1, 3))),
        opportunities=tuple(_opportunity(dice, customer, today) for _ in range(dice.below(4))),
    )


def _person(dice: Dice) -> str:
    return f"{dice.pick(GIVEN)} {dice.pick(SURNAMES)}"


def _contact(dice: Dice, customer: Customer) -> Contact:
    name = _person(dice)
    mailbox = name.lower().replace(" ", ".")
    return Contact(
        name=name,
        email=f"{mailbox}@customer{customer.number}.example",
        phone=f"+1-555-01{dice.below(100):02d}",
        role=dice.pick(_ROLES),
    )


def _opportunity(dice: Dice, customer: Customer, today: date) -> Opportunity:
    return Opportunity(
        name=dice.pick(_OPENINGS),
        stage=dice.pick(("QUALIFIED", "QUOTED", "NEGOTIATION")),
        amount=Decimal(f"{dice.between(10, 900) * 100}.00"),
        currency=customer.currency,
        closes_on=today + timedelta(days=dice.between(5, 180)),
    )
