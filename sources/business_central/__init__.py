"""Dynamics 365 Business Central as ERP, by its API v2.0; what its subscriptions tell by webhook is in webhook.py."""

from sources.business_central.erp import BusinessCentralErp
from sources.manifest import Manifest, Proof

MANIFEST = Manifest(
    name="business_central",
    title="Microsoft Dynamics 365 Business Central",
    roles={"erp": BusinessCentralErp},
    offers={
        "erp": frozenset(
            {
                "items", "search_items", "customers", "search_customers", "customers_by_bill_to", "ship_tos",
                "ship_tos_by_customer", "credit_by_customer", "prices", "supply_demand", "orders", "search_orders",
                "orders_by_customer", "orders_by_reference", "create_order", "cancel_order",
            }
        )
    },
    proofs=(Proof.VENDOR_DESCRIPTION, Proof.FIXTURES),
)  # fmt: skip
