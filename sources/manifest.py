"""What a connector is: the roles it plays, what it offers in each, and how that was shown to work."""

import enum
from collections.abc import Mapping
from typing import Any

import msgspec

from sources.endpoint import Endpoint
from sources.grant import CLIENT_CREDENTIALS, Grant
from sources.http import SourceClient
from sources.read_lane import Heard

ERP_READS = frozenset(
    {
        "items", "search_items", "customers", "search_customers", "customers_by_bill_to", "ship_tos", "ship_tos_by_customer",
        "credit_by_customer", "prices", "supply_demand", "orders", "search_orders", "orders_by_customer", "simulate",
    }
)  # fmt: skip
ERP_WRITES = frozenset({"orders_by_reference", "create_order", "hold_order", "unhold_order", "cancel_order"})
CRM_READS, CRM_WRITES = frozenset({"relationships"}), frozenset({"add_note"})
WMS_READS = frozenset({"warehouses", "stock", "shipments", "shipments_by_order"})
WMS_WRITES = frozenset({"release_order"})
CARRIER_READS = frozenset({"tracking"})

CAPABILITIES: Mapping[str, frozenset[str]] = {
    "erp": ERP_READS | ERP_WRITES,
    "crm": CRM_READS | CRM_WRITES,
    "wms": WMS_READS | WMS_WRITES,
    "carrier": CARRIER_READS,
}
"""All that a role can offer: the methods of its ports (sources/ports.py), by name."""


class Proof(enum.Enum):
    """What a connector was run against."""

    REAL_PROCESS = "the real system"
    SANDBOX = "our own sandbox, which `crossdock conform` judges"
    VENDOR_DESCRIPTION = "the vendor's own description of its API"
    FIXTURES = "answers of our own, after the vendor's documentation"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One a package. `name` is what `connector = "…"` takes; `title` what people call the system.

    `roles`: role → the class that plays it, made from a SourceClient and, where it has an `Options` struct, from those. `offers`:
    role → the methods that answer; any other is absent as sources/absence.py says. `proofs`: strongest first.
    """

    name: str
    title: str
    roles: Mapping[str, type[Any]]
    offers: Mapping[str, frozenset[str]]
    proofs: tuple[Proof, ...]

    def options(self, role: str) -> type[msgspec.Struct] | None:
        """What `[sources.<role>.options]` is read as; None where there are none."""
        kind: type[msgspec.Struct] | None = getattr(self.roles[role], "Options", None)
        return kind

    def client(self, role: str, endpoint: Endpoint, heard: Heard | None = None) -> SourceClient:
        """As the one that plays the role signs in, and words its refusals. Raises OSError for TLS files that are none, NoWay."""
        made = self.roles[role]
        grant: Grant = getattr(made, "grant", CLIENT_CREDENTIALS)
        return SourceClient(endpoint, reason=made.reason, grant=grant, heard=heard)

    def connector(self, role: str, client: Any, options: Mapping[str, Any]) -> Any:
        """The one that plays the role. Raises msgspec.ValidationError for options that do not fit."""
        made, kind = self.roles[role], self.options(role)
        if kind is not None:
            return made(client, msgspec.convert(dict(options), kind))
        if options:
            raise msgspec.ValidationError("this connector has no options")
        return made(client)
