"""A distributor of two legal entities, each with systems of its own that know nothing of the other's, and use the same numbers."""

from typing import Any

UPS_NUMBER, FEDEX_NUMBER, OTHER_NUMBER = "1Z5R89390357567127", "986578788855", "PRO-7"
BARE_NUMBER = "1Z1"
"""Named UPS by the WMS, and of no form of theirs."""

US: dict[str, Any] = {
    "today": "2026-06-30",
    "companies": [{"code": "US", "currency": "USD"}],
    "warehouses": [{"company": "US", "code": "RNO", "name": "Reno", "priority": 1},
                   {"company": "US", "code": "DAL", "name": "Dallas", "priority": 2}],
    "items": [{"company": "US", "sku": "BOLT", "name": "Bolt of Nevada", "listPrice": "1.00"},
              {"company": "US", "sku": "NUT", "name": "Nut", "listPrice": "0.50"}],
    "stock": [{"company": "US", "sku": "BOLT", "warehouse": "RNO", "onHand": "100"},
              {"company": "US", "sku": "BOLT", "warehouse": "DAL", "onHand": "40"},
              {"company": "US", "sku": "NUT", "warehouse": "DAL", "onHand": "9"}],
    "customers": [{"company": "US", "number": "C1", "name": "Acme of Nevada"},
                  {"company": "US", "number": "C2", "name": "Only here"}],
    "shipTos": [{"company": "US", "code": "S1", "customer": "C1", "warehouse": "RNO"},
                {"company": "US", "code": "S2", "customer": "C2", "warehouse": "DAL"}],
    "credit": [{"company": "US", "number": "C1", "limit": "1000000"}, {"company": "US", "number": "C2", "limit": "1000000"}],
    "orders": [{"company": "US", "number": str(700 + at), "customer": "C1", "status": "SHIPPED",
                "placedAt": f"2026-06-{10 + 2 * at}T08:00:00Z", "lines": [{"sku": "BOLT", "quantity": "1", "unitPrice": "1.00"}]}
               for at in range(4)],
    "shipments": [
        {"company": "US", "number": "SH-R", "order": "700", "warehouse": "RNO", "carrier": "UPS", "status": "SHIPPED",
         "shippedAt": "2026-06-11T16:00:00Z", "parcels": [{"trackingNumber": UPS_NUMBER}]},
        {"company": "US", "number": "SH-D", "order": "700", "warehouse": "DAL", "carrier": "FEDEX", "status": "SHIPPED",
         "shippedAt": "2026-06-12T16:00:00Z", "parcels": [{"trackingNumber": FEDEX_NUMBER}]},
    ],
    "relationships": [{"company": "US", "customer": "C1", "owner": "Dana Reyes"}],
}  # fmt: skip

CA: dict[str, Any] = {
    "today": "2026-07-01",
    "companies": [{"code": "CA", "currency": "CAD"}],
    "warehouses": [{"company": "CA", "code": "TOR", "name": "Toronto"}],
    "items": [{"company": "CA", "sku": "BOLT", "name": "Bolt of Ontario", "listPrice": "2.50"},
              {"company": "CA", "sku": "MAPLE", "name": "Maple", "listPrice": "9.00"}],
    "stock": [{"company": "CA", "sku": "BOLT", "warehouse": "TOR", "onHand": "7"}],
    "customers": [{"company": "CA", "number": "C1", "name": "Acme of Ontario"},
                  {"company": "CA", "number": "C9", "name": "Only there"}],
    "shipTos": [{"company": "CA", "code": "S9", "customer": "C9", "warehouse": "TOR"}],
    "credit": [{"company": "CA", "number": "C1", "limit": "1000000"}, {"company": "CA", "number": "C9", "limit": "1000000"}],
    "orders": [{"company": "CA", "number": str(700 + at), "customer": "C1", "status": "SHIPPED",
                "placedAt": f"2026-06-{11 + 2 * at}T08:00:00Z", "lines": [{"sku": "BOLT", "quantity": "1", "unitPrice": "2.50"}]}
               for at in range(3)],
    "relationships": [{"company": "CA", "customer": "C1", "owner": "Lou Tremblay"}],
}  # fmt: skip


def parcel(number: str, carrier: str, description: str) -> dict[str, Any]:
    event = {"at": "2026-06-28T18:00:00Z", "status": "IN_TRANSIT", "description": description}
    return {"trackingNumber": number, "carrier": carrier, "events": [event]}


def parcels(description: str) -> dict[str, Any]:
    """Every carrier's system knows all of them: only its words tell which one was asked."""
    numbers = ((UPS_NUMBER, "UPS"), (FEDEX_NUMBER, "FEDEX"), (OTHER_NUMBER, "ODFL"), (BARE_NUMBER, "UPS"))
    return {"tracking": [parcel(number, carrier, description) for number, carrier in numbers]}


WORLDS: dict[str, Any] = {
    "worlds": {"us": US, "ca": CA, "ups": parcels("told by UPS"), "any": parcels("told by the aggregator")}
}
SYSTEMS: dict[str, Any] = {
    "erp": {"us": {"world": "us", "companies": ["US"]}, "ca": {"world": "ca", "companies": ["CA"]}},
    "crm": {"us": {"world": "us", "companies": ["US"]}, "ca": {"world": "ca", "companies": ["CA"]}},
    "wms": {
        "reno": {"world": "us", "companies": ["US"], "warehouses": ["RNO"]},
        "dallas": {"world": "us", "companies": ["US"]},
        "toronto": {"world": "ca", "companies": ["CA"], "warehouses": ["TOR"]},
    },
    "carrier": {"ups": {"world": "ups", "carriers": ["UPS"]}, "any": {"world": "any"}},
}
