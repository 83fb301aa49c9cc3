"""SAP S/4HANA Cloud as ERP, by its OData V2 services."""

from sources.manifest import Manifest, Proof
from sources.sap.erp import SapErp

MANIFEST = Manifest(
    name="sap",
    title="SAP S/4HANA Cloud",
    roles={"erp": SapErp},
    offers={
        "erp": frozenset(
            {
                "items", "search_items", "customers", "search_customers", "customers_by_bill_to", "ship_tos",
                "ship_tos_by_customer", "prices", "supply_demand", "orders", "search_orders", "orders_by_customer",
                "simulate", "orders_by_reference", "create_order", "hold_order", "unhold_order", "cancel_order",
            }
        )
    },
    proofs=(Proof.VENDOR_DESCRIPTION, Proof.FIXTURES),
)  # fmt: skip
