"""The vendor's own description of its API (v1.0, the only one there is) has nothing against our requests where v2.0 has the same shape.

Prism stands over it as a process. Parts of a batch are shown to it as the requests that they stand for.
"""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from central_over import central, good, options
from described import Judge, description, judge_by
from upstream import call

from sources.business_central.erp import BusinessCentralErp
from sources.changes import NewOrder, NewOrderLine
from sources.models import OrderFilter, PageRequest
from tests.connectors.central import COMPANY_ID, Central

FILE = "business-central-v1.0.yaml"
JSON = {"Authorization": "Bearer t", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
async def judge() -> AsyncIterator[Judge]:
    file = description(FILE)
    if file is None:
        pytest.skip("the vendor's description stands beside a checkout only")
    async with judge_by(file) as judging:
        yield judging


class Heard(Central):
    """Keeps what it was asked as requests of their own: method, path with query, headers, body."""

    def __init__(self, rows: Any) -> None:
        super().__init__(rows)
        self.heard: list[tuple[str, str, Any, bytes | None]] = []

    def _one(self, method: str, where: str, headers: Any, *, body: bytes | None, base: str) -> tuple[int, Any]:
        self.heard.append((method, where, headers, body))
        return super()._one(method, where, headers, body=body, base=base)


async def every_request(erp: BusinessCentralErp) -> None:
    """But those of what v1.0 does not have: credit limits, locations, purchase orders."""
    await erp.items(call(), "US", ["I1", "O'Hara & Sons"])
    await erp.search_items(call(), PageRequest(1, counted=True), text="it's", category="TAPE", company="US")
    await erp.customers(call(), "US", ["C1", "C2"])
    await erp.search_customers(call(), PageRequest(1), text="Adatum", company="US", reach=("US:C1", "*:C2"))
    await erp.orders(call(), "US", ["S1001"])
    first = await erp.search_orders(call(), PageRequest(1), OrderFilter("US", po_number="4711"))
    assert first.next is None
    page = await erp.search_orders(call(), PageRequest(1, counted=True), OrderFilter())
    await erp.search_orders(call(), PageRequest(1, page.next), OrderFilter())
    await erp.orders_by_reference(call(), "US", ["XD-1"])
    await erp.create_order(call(), NEW)


NEW = NewOrder(
    reference="XD-012345678901234567890123", company="US", customer="C1", ship_to="C1", po_number="4711",
    lines=(NewOrderLine(1, "I1", Decimal("2.5"), "PCS", Decimal("9.50")),),
)  # fmt: skip


async def test_the_vendors_description_has_nothing_against_our_requests(judge: Judge) -> None:
    server = Heard(good())
    async with central(server, options()) as erp:
        await every_request(erp)
    assert [each[0] for each in server.heard].count("GET") == len(server.heard) - 1
    wrong: list[Any] = []
    for method, where, headers, body in server.heard:
        sent = {name: value for name, value in headers.items() if name in {"prefer", "if-match", "isolation"}}
        wrong += await judge.of(method, f"/{where}", headers={**JSON, **sent}, content=body)
    assert wrong == []
    posted = [msgspec.json.decode(body) for method, _, _, body in server.heard if method == "POST" and body]
    assert [each["externalDocumentNumber"] for each in posted] == [NEW.reference]


@pytest.mark.parametrize(
    ("where", "body"),
    [
        (f"companies({COMPANY_ID})/customers?%24expand=payer", None),
        ("companies(US)/items", None),
        (f"companies({COMPANY_ID})/salesOrders", {"externalDocumentNumber": "x" * 36}),
        (f"companies({COMPANY_ID})/salesOrders", {"partialShipping": "yes"}),
    ],
    ids=["expanded", "company", "length", "type"],
)
async def test_it_would_have_refused_what_is_wrong(judge: Judge, where: str, body: Any) -> None:
    """It gives no list of what is wrong where the description has no answer for that: it refuses the request."""
    content = None if body is None else msgspec.json.encode(body)
    with pytest.raises(AssertionError, match="Prism says 422"):
        await judge.of("GET" if body is None else "POST", f"/{where}", headers=JSON, content=content)
