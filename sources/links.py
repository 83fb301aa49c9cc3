"""What belongs together: a carrier knows a parcel's number, a warehouse its shipment and order, an ERP whose order it is.

Learnt from the events themselves and from what resolvers read; bounded, the oldest go first. A link is a guess that was once told by
the system that owns it: it completes an event where it is silent and never contradicts it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sources.events import Event
from sources.happenings import PickShort, ShipmentMoved

MAX_LINKS = 100_000


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a parcel or a shipment beside its own number."""

    company: str | None = None
    shipment: str | None = None
    order: str | None = None
    customer: str | None = None
    carrier: str | None = None
    skus: tuple[str, ...] = ()


Known = Mapping[str, Link]
_FIELDS = Link.__struct_fields__


def parcel(tracking_number: str) -> str:
    return f"parcel/{tracking_number}"


def shipment(company: str | None, number: str) -> str:
    return f"shipment/{company or ''}/{number}"


def order(company: str | None, number: str) -> str:
    return f"order/{company or ''}/{number}"


def asked(event: Event) -> list[str]:
    """The names under which something may be known that the event does not say: the closest first."""
    data = event.data
    names: list[str] = []
    if isinstance(data, ShipmentMoved) and data.tracking_number:
        names.append(parcel(data.tracking_number))
    if isinstance(data, ShipmentMoved | PickShort):
        if data.shipment:
            names.append(shipment(data.company, data.shipment))
        if data.order:
            names.append(order(data.company, data.order))
    return names


def completed(event: Event, known: Known) -> Event:
    """The event with what is known of its subject where it says nothing itself."""
    data: Any = event.data
    missing: dict[str, Any] = {}
    for link in [known[name] for name in asked(event) if name in known]:
        if data.company and link.company and data.company != link.company:
            continue
        for field in _FIELDS:
            value = getattr(link, field)
            if value and hasattr(data, field) and not getattr(data, field):
                missing.setdefault(field, value)
    return msgspec.structs.replace(event, data=msgspec.structs.replace(data, **missing)) if missing else event


def taught(event: Event) -> dict[str, Link]:
    """What an event tells of what belongs together."""
    data: Any = event.data
    number, company = getattr(data, "order", None), event.data.company
    links: dict[str, Link] = {}
    if company and number and getattr(data, "customer", None):
        links[order(company, number)] = Link(company=company, order=number, customer=data.customer)
    if not isinstance(data, ShipmentMoved) or not data.shipment or not company:
        return links
    link = Link(**{field: getattr(data, field) for field in _FIELDS})
    links[shipment(company, data.shipment)] = link
    for each in {*data.tracking_numbers, *([data.tracking_number] if data.tracking_number else [])}:
        links[parcel(each)] = link
    return links


class Links:
    """In this process."""

    def __init__(self, max_links: int = MAX_LINKS) -> None:
        self._max_links = max_links
        self._known: OrderedDict[str, Link] = OrderedDict()

    def known(self, names: Iterable[str]) -> dict[str, Link]:
        return {name: self._known[name] for name in names if name in self._known}

    def learn(self, links: Known) -> None:
        for name, link in links.items():
            self._known[name] = merged(link, self._known.get(name))
            self._known.move_to_end(name)
        while len(self._known) > self._max_links:
            self._known.popitem(last=False)


def merged(link: Link, before: Link | None) -> Link:
    if before is None:
        return link
    kept = {field: getattr(before, field) for field in _FIELDS if not getattr(link, field) and getattr(before, field)}
    return msgspec.structs.replace(link, **kept) if kept else link
