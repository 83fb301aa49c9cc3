"""Customers, their ship-tos and credit (ERP) and the relationship with them (CRM)."""

from datetime import date
from decimal import Decimal

from sandbox.amounts import ZERO
from sandbox.fact import COMPANY, Fact, Moment


class Customer(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    number: str
    name: str = ""
    segment: str | None = None
    currency: str = ""
    payment_terms: str | None = None
    buying_group: str | None = None
    bill_to: str | None = None
    blocked: bool = False


class Address(Fact, frozen=True, kw_only=True):
    line1: str = "1 Main Street"
    line2: str | None = None
    city: str = "Reno"
    region: str | None = "NV"
    postal_code: str | None = "89501"
    country: str = "US"


class TransitDays(Fact, frozen=True):
    warehouse: str
    days: int = 2


class ShipTo(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    code: str
    customer: str
    name: str = ""
    address: Address = Address()
    warehouse: str | None = None
    transit_days: tuple[TransitDays, ...] = ()


class CreditTerms(Fact, frozen=True, kw_only=True):
    """What the ERP holds about a customer's credit; the exposure is this plus what is ordered and not yet shipped."""

    company: str = COMPANY
    number: str
    limit: Decimal | None = None
    open_invoices: Decimal = ZERO
    on_hold: bool = False


class Credit(Fact, frozen=True, kw_only=True):
    company: str
    number: str
    currency: str
    limit: Decimal | None
    exposure: Decimal
    available: Decimal | None
    on_hold: bool


class Contact(Fact, frozen=True, kw_only=True):
    name: str
    email: str | None = None
    phone: str | None = None
    role: str | None = None


class Opportunity(Fact, frozen=True, kw_only=True):
    name: str
    stage: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    closes_on: date | None = None


class Relationship(Fact, frozen=True, kw_only=True):
    company: str = COMPANY
    customer: str
    owner: str | None = None
    stage: str | None = None
    last_activity_at: Moment | None = None
    contacts: tuple[Contact, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
