"""What the WMS and the CRM are told: that an order may go, and that something happened with a customer."""

from sandbox.fact import Fact, Moment
from sandbox.facts_shipments import Shipment


class Release(Fact, frozen=True, kw_only=True):
    company: str
    order: str
    reference: str
    released_at: Moment


class Released(Release, frozen=True, kw_only=True):
    """A release as the WMS answers it: with the order's shipments as they are now."""

    shipments: tuple[Shipment, ...]


class Note(Fact, frozen=True, kw_only=True):
    reference: str
    company: str
    customer: str
    order: str | None = None
    text: str
    at: Moment
