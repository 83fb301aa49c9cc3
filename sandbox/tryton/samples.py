"""Keys of the seeded data that questions can be asked with: shaped as the sandbox's own samples are."""

from typing import Any

from sandbox.tryton.office import Office
from sandbox.tryton.seed import COMPANY, PASSWORD, USER
from sandbox.tryton.seed_goods import ANCHOR, BOLTS, SCARCE, TAPE
from sandbox.tryton.seed_parties import ALDER, BIRCH, CEDAR
from sandbox.tryton.server import DATABASE


def samples_of(url: str) -> dict[str, Any]:
    with Office(url, DATABASE) as office:
        office.login(USER, PASSWORD)
        sales = office.find("sale.sale", [["state", "=", "processing"]], ["number"])
        (address, *_) = office.find("party.address", [["party.code", "=", ALDER]], ["id"])
    lines = [{"sku": TAPE, "quantity": "12"}, {"sku": BOLTS[12], "quantity": "100"}]
    order = {"company": COMPANY, "customer": ALDER, "shipTo": str(address["id"]), "lines": lines}
    numbers = [sale["number"] for sale in sales]
    return {
        "system": {"url": f"{url}/{DATABASE}", "username": USER, "password": PASSWORD},
        "customers": [ALDER, BIRCH, CEDAR],
        "skus": [TAPE, ANCHOR, SCARCE, *BOLTS[:3]],
        "orders": numbers,
        "shippedOrders": numbers,
        "sound": [order],
    }
