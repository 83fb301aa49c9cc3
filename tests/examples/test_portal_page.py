"""The portal page: its account's orders and no others; a shipment moves on it while one looks; what was missed during a cut is told."""

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from examples.page import PAGES
from gateway.development_key import token
from tests.examples.conftest import HISTORY, Visit

pytestmark = pytest.mark.uncovered

ORDERS = """query ($after: String) { orders(first: 12, after: $after) {
  edges { node { number poNumber status } } pageInfo { endCursor } } }"""
MOVED = {
    "created": "Picking",
    "confirmed": "On its way",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
}
"""Where the page says that a shipment is, after each of the sandbox's stages."""


async def opened(visit: Visit, order: str) -> None:
    await visit.tab.goto(f"{visit.stand.pages['portal-page']}/#{order}")
    await expect(line(visit)).to_have_text("Live")
    await visit.tab.evaluate("() => { window.isSamePage = true; }")


def line(visit: Visit) -> Locator:
    return visit.tab.get_by_role("status")


def standing(visit: Visit, shipment: str) -> Locator:
    return visit.tab.get_by_label(f"Shipment {shipment}").locator("[data-cell=standing]")


def spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()


async def heard(visit: Visit, events: Sequence[dict[str, Any]]) -> None:
    """Each of them once, newest first, and nothing else."""
    kinds = [each["type"].partition(".")[2] for each in reversed(events)]
    how_far = [each["data"].get("status") for each in reversed(events)]
    words = [far if kind == "in_transit" else kind for kind, far in zip(kinds, how_far, strict=True)]
    await expect(visit.tab.locator(".heard b")).to_have_text([spoken(each) for each in words])
    cursors: list[str] = await visit.tab.eval_on_selector_all(
        ".heard li", "all => all.map(each => each.dataset.cursor)"
    )
    assert len(set(cursors)) == len(events)


async def seen_by_the_account(visit: Visit, after: str | None = None) -> dict[str, Any]:
    bearer = token(PAGES["portal-page"].bearer)
    answer = await visit.stand.stack.ask(ORDERS, {"after": after}, Authorization=f"Bearer {bearer}")
    assert "errors" not in answer
    found: dict[str, Any] = answer["data"]["orders"]
    return found


async def test_the_orders_are_those_of_the_account_page_by_page(visit: Visit) -> None:
    first = await seen_by_the_account(visit)
    second = await seen_by_the_account(visit, first["pageInfo"]["endCursor"])
    await visit.tab.goto(visit.stand.pages["portal-page"])
    rows = visit.tab.get_by_role("navigation").get_by_role("link")
    await expect(rows.locator("b")).to_have_text([each["node"]["number"] for each in first["edges"]])
    words = [spoken(each["node"]["status"]) for each in first["edges"]]
    await expect(rows.locator("small:last-child")).to_have_text(words)
    await visit.tab.get_by_role("button", name="Older orders").press("Enter")
    await expect(rows.locator("b")).to_have_text(
        [each["node"]["number"] for page in (first, second) for each in page["edges"]]
    )
    await visit.tab.goto(f"{visit.stand.pages['portal-page']}/#118027")  # another account's
    await expect(visit.tab.get_by_role("main")).to_contain_text("Order 118027 is not among these.")
    assert visit.is_clean()


async def test_a_shipment_moves_on_the_page_as_it_moves_in_the_world(visit: Visit) -> None:
    await opened(visit, "119834")
    await expect(standing(visit, "SH119834-2")).to_have_text("Ordered")
    assert await visit.barriers() == []
    events = []
    for stage in ("created", "confirmed"):
        events += await visit.stand.advance("wms", shipment="SH119834-2", company="US", stages=[stage])
        await expect(standing(visit, "SH119834-2")).to_have_text(MOVED[stage])
    (parcel,) = events[-1]["data"]["trackingNumbers"]
    for stage in ("in_transit", "out_for_delivery"):
        events += await visit.stand.advance("carrier", trackingNumber=parcel, location="Reno, NV", stages=[stage])
    await expect(standing(visit, "SH119834-2")).to_have_text("Out for delivery")
    await heard(visit, events)
    assert await visit.barriers("example-portal") == []
    events += await visit.stand.advance(
        "carrier", trackingNumber=parcel, location="Sacramento, CA", stages=["delivered"]
    )
    await expect(standing(visit, "SH119834-2")).to_have_text("Delivered")
    await expect(visit.tab.get_by_label("Shipment SH119834-2").locator(".scans li")).to_have_count(3)
    await heard(visit, events)
    assert await visit.tab.evaluate("() => window.isSamePage") is True
    assert await visit.fits_a_telephone()
    assert visit.is_clean()


async def test_a_cut_line_comes_back_and_nothing_is_missed_or_told_twice(visit: Visit) -> None:
    await opened(visit, "119949")
    events = await visit.stand.advance("wms", shipment="SH119949-1", company="US")
    await heard(visit, events)
    (parcel,) = events[-1]["data"]["trackingNumbers"]
    await visit.stand.line.cut()
    await expect(line(visit)).to_have_text("Connection lost, coming back…")
    stages = ["in_transit", "out_for_delivery"]
    events += await visit.stand.advance("carrier", trackingNumber=parcel, location="Reno, NV", stages=stages)
    await expect(standing(visit, "SH119949-1")).to_have_text("On its way")  # it does not know yet
    await visit.stand.line.mend()
    await expect(line(visit)).to_have_text("Live")
    await heard(visit, events)
    await expect(standing(visit, "SH119949-1")).to_have_text("Out for delivery")
    events += await visit.stand.advance("carrier", trackingNumber=parcel, location="Elko, NV", stages=["exception"])
    await expect(standing(visit, "SH119949-1")).to_have_text("Exception")
    await heard(visit, events)
    assert await visit.tab.evaluate("() => window.isSamePage") is True
    assert visit.stand.asked_elsewhere(visit.traffic) == []


async def test_a_page_that_was_away_for_longer_than_history_says_so_and_reads_the_order_anew(visit: Visit) -> None:
    await opened(visit, "119957")
    parcel, own = "1Z0000028483", "SH119957-1"
    await expect(standing(visit, own)).to_have_text("On its way")
    # A carrier knows no orders: whose a parcel is, the warehouse tells.
    await heard(visit, await visit.stand.advance("wms", shipment=own, company="US", stages=["confirmed"]))
    await visit.stand.line.cut()
    await expect(line(visit)).to_have_text("Connection lost, coming back…")
    await visit.stand.advance("carrier", trackingNumber=parcel, stages=["out_for_delivery"])  # will not be kept
    for at in range(HISTORY):
        await visit.stand.advance("carrier", trackingNumber=f"1ZNOBODYS{at}", stages=["in_transit"])
    await visit.stand.line.mend()
    await expect(line(visit)).to_have_text("Live")
    async with visit.tab.expect_response(lambda given: "query Order(" in (given.request.post_data or "")):
        await visit.stand.advance("carrier", trackingNumber=parcel, stages=["delivered"])
    await expect(visit.tab.locator(".heard li").first).to_contain_text("something before it is not kept any more")
    await expect(standing(visit, own)).to_have_text("Delivered")
    assert visit.stand.asked_elsewhere(visit.traffic) == []


async def test_without_the_warehouse_the_order_is_shown_and_its_shipments_are_not_known(visit: Visit) -> None:
    await visit.stand.stack.fault("wms", status=503)
    await opened(visit, "119695")
    await expect(visit.tab.get_by_role("alert")).to_have_text(
        "The warehouse does not answer: shipments are not known now."
    )
    await expect(visit.tab.locator(".facts dd")).to_have_text(
        ["Shipped", "PO-92119695", "Jun 18, 2026", "Jul 1, 2026", "$715.51"]
    )
    await expect(visit.tab.get_by_role("article")).to_have_count(0)
    assert await visit.barriers() == []
    assert visit.is_clean()
