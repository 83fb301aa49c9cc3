"""Who buys and who supplies, and where goods stand: two warehouses, eight customers with several ship-tos each."""

from decimal import Decimal
from typing import Any

from sandbox.tryton.office import Office

ALDER, BIRCH, CEDAR, CLOSED = "C-1001", "C-1002", "C-1003", "C-1009"
"""With the price list and a wide limit; near its limit; without a limit and without a price list; not active any more."""

SUPPLIER = "S-2001"
CHICAGO, DALLAS = "CHI", "DAL"

_NAMES = ("Alder Hardware", "Birch Builders", "Cedar Contractors", "Dogwood Depot", "Elm Electric", "Fir Fixings",
          "Ginkgo Garages", "Hazel Homes")  # fmt: skip
_TOWNS = (("Naperville", "IL", "60540"), ("Plano", "TX", "75023"), ("Madison", "WI", "53703"))
_LIMITS = {ALDER: Decimal(50_000), BIRCH: Decimal(500), CEDAR: None}


def seed_parties(office: Office) -> None:
    states = [{"name": code, "code": f"US-{code}"} for _, code, _ in _TOWNS]
    (country,) = office.create(
        "country.country",
        {"name": "United States", "code": "US", "code3": "USA", "subdivisions": [["create", states]]},
    )
    term = {
        "name": "30 days",
        "lines": [["create", [{"type": "remainder", "relativedeltas": [["create", [{"days": 30}]]]}]]],
    }
    (thirty_days,) = office.create("account.invoice.payment_term", term)
    price_list = office.one("product.price_list", ["name", "=", "Trade"])
    rows = [_customer(office, at, country) for at in range(len(_NAMES))]
    for row in rows:
        row["customer_payment_term"] = thirty_days
        row["credit_limit_amount"] = _LIMITS.get(row["code"], Decimal(20_000))
        row["sale_price_list"] = None if row["code"] == CEDAR else price_list
    office.create("party.party", *rows, {"code": SUPPLIER, "name": "Foundry West", "addresses": [["create", [{}]]]})
    (closed,) = office.create("party.party", {"code": CLOSED, "name": "Ivy Interiors", "addresses": [["create", [{}]]]})
    office.call("model.party.party.write", [closed], {"active": False})
    _warehouses(office)


def _customer(office: Office, at: int, country: int) -> dict[str, Any]:
    towns = [_TOWNS[(at + step) % len(_TOWNS)] for step in range(1 + (at + 2) % 3)]
    addresses = [
        {
            "sequence": place,
            "street_unstructured": f"{100 * (at + 1) + place} Main Street",
            "city": town,
            "postal_code": code,
            "country": country,
            "subdivision": office.one("country.subdivision", ["code", "=", f"US-{state}"]),
            "party_name": f"{_NAMES[at]} {town}",
            "invoice": place == 0,
            "delivery": True,
        }
        for place, (town, state, code) in enumerate(towns)
    ]
    return {"code": f"C-{1001 + at}", "name": _NAMES[at], "addresses": [["create", addresses]]}


def _warehouses(office: Office) -> None:
    first = office.one("stock.location", ["type", "=", "warehouse"])
    office.call("model.stock.location.write", [first], {"code": CHICAGO, "name": "Chicago"})
    zones = [{"name": f"Dallas {zone}", "code": f"D-{zone}", "type": "storage"} for zone in ("IN", "OUT", "STO")]
    put_in, put_out, kept = office.create("stock.location", *zones)
    lost = office.one("stock.location", ["type", "=", "lost_found"])
    dallas = {"name": "Dallas", "code": DALLAS, "type": "warehouse", "input_location": put_in}
    rest = {"output_location": put_out, "storage_location": kept, "lost_found_location": lost}
    office.create("stock.location", {**dallas, **rest})
