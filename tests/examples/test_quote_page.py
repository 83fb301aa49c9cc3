"""The quote page: what it shows is what the gateway answers, it keeps what was told, and it shows what is missing as missing."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from examples.page import BUILT
from gateway.limits import LimitSettings, checked_cost
from gateway.operation import documents_within
from tests.examples.conftest import Stand, Visit

pytestmark = pytest.mark.uncovered

LINES = {"ANC-10003": "50", "ANC-10012": "33033", "ANC-10093": "1", "CHM-10071": "4", "SPC-90001": "3"}
CUSTOMER, SHIP_TO = "10033", "10033-1"
QUERY = """query ($quote: QuoteInput!, $order: SubmitOrderInput!) {
  quote(input: $quote) {
    subtotal { amount } tax { amount } freight { amount } total { amount }
    lines { sku quantity uom item { name uom availability { available } } price { unit { amount } breaks { minimum unit { amount } } }
            total { amount } promise { complete date shortfall portions { date } } }
  }
  validateOrder(input: $order) { acceptable problems { message path } }
}"""


def row(visit: Visit, sku: str) -> Locator:
    return visit.tab.locator(f"[data-sku='{sku}']")


def cell(visit: Visit, sku: str, name: str) -> Locator:
    return row(visit, sku).locator(f"[data-cell={name}]")


async def quoted(visit: Visit, lines: Mapping[str, str]) -> None:
    """By keyboard alone, as a rep would."""
    if visit.tab.url == "about:blank":
        await visit.tab.goto(visit.stand.pages["quote-page"])
        customer = visit.tab.get_by_label("Customer")
        await expect(customer).to_be_focused()
        await visit.tab.keyboard.type(CUSTOMER)
        found = visit.tab.locator(f"#customers option[value^='{CUSTOMER} ']")
        await expect(found).to_have_count(1)
        await customer.fill(await found.get_attribute("value") or "")  # as the browser does when a suggestion is taken
        await expect(visit.tab.get_by_label("Ship to")).to_have_value(SHIP_TO)
    await visit.tab.get_by_label("Lines").fill("\n".join(f"{sku}\t{quantity}" for sku, quantity in lines.items()))
    before = len(visit.traffic.urls)
    async with visit.tab.expect_response(lambda given: "Quote(" in (given.request.post_data or "")):
        await visit.tab.keyboard.press("Control+Enter")
    assert len(visit.traffic.urls) > before
    await expect(visit.tab.get_by_label("The quote")).to_have_attribute("aria-busy", "false")


async def answered(stand: Stand, lines: Mapping[str, str]) -> dict[str, Any]:
    given = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
    party = {"company": "US", "customer": CUSTOMER, "shipTo": SHIP_TO, "lines": given}
    answer = await stand.stack.ask(QUERY, {"quote": party, "order": party})
    assert "errors" not in answer
    data: dict[str, Any] = answer["data"]
    return data


def dollars(amount: str, places: int = 2) -> str:
    return f"${Decimal(amount):,.{places}f}"


def promised(line: Mapping[str, Any]) -> str:
    if line["promise"] is None:
        return "not stocked"
    if line["promise"]["complete"]:
        return spoken(line["promise"]["date"])
    return f"{Decimal(line['promise']['shortfall']):,} short on {spoken(line['promise']['portions'][-1]['date'])}"


def spoken(day: str) -> str:
    return f"{date.fromisoformat(day):%b} {date.fromisoformat(day).day}, {day[:4]}"


async def test_every_figure_is_the_one_that_the_gateway_answers(visit: Visit) -> None:
    data = await answered(visit.stand, LINES)
    await quoted(visit, LINES)
    await expect(visit.tab.locator("[data-sku]")).to_have_count(len(LINES))
    for at, line in enumerate(data["quote"]["lines"]):
        sku = line["sku"]
        await expect(row(visit, sku).get_by_role("rowheader")).to_have_text(f"{sku}{line['item']['name']}")
        await expect(cell(visit, sku, "price")).to_contain_text(dollars(line["price"]["unit"]["amount"], 4))
        breaks = [
            f"{Decimal(each['minimum']):,}+ {dollars(each['unit']['amount'], 4)}"
            for each in line["price"]["breaks"][1:]
        ]
        await expect(cell(visit, sku, "breaks").get_by_role("listitem")).to_have_text(breaks)
        await expect(cell(visit, sku, "promise")).to_contain_text(promised(line))
        if line["item"]["availability"]:
            stock = f"{Decimal(line['item']['availability']['available']):,} {line['item']['uom']} available"
            await expect(cell(visit, sku, "promise")).to_contain_text(stock)
        await expect(cell(visit, sku, "total")).to_have_text(dollars(line["total"]["amount"]))
        wrong = [
            each["message"]
            for each in data["validateOrder"]["problems"]
            if each["path"][0] == "lines" and each["path"][1] == str(at)
        ]
        await expect(row(visit, sku).locator(".problem")).to_have_text(wrong)
    sums = [dollars(data["quote"][name]["amount"]) for name in ("subtotal", "tax", "freight", "total")]
    await expect(visit.tab.locator(".sums dd")).to_have_text(sums)
    assert visit.is_clean()


async def test_no_state_has_a_barrier_that_axe_knows_and_none_is_wider_than_a_telephone(visit: Visit) -> None:
    await visit.tab.goto(visit.stand.pages["quote-page"])
    await expect(visit.tab.get_by_label("The quote")).to_have_text("Choose a customer, and say what they want.")
    await expect(visit.tab.locator("#customers option")).to_have_count(
        8
    )  # what is asked for is there before one leaves
    assert await visit.barriers() == []
    await visit.tab.goto("about:blank")
    await quoted(visit, {"ANC-10003": "50", "ANC-10021": "20", "CHM-10071": "4"})
    await quoted(visit, LINES | {"ANC-10003": "20"})
    await expect(cell(visit, "ANC-10003", "price")).to_contain_text("told $2.6189")
    assert await visit.barriers("example-quote") == []
    assert await visit.fits(".wide")
    assert await visit.fits_a_telephone()
    assert visit.is_clean()


async def test_a_told_price_is_kept_until_another_is_told(visit: Visit) -> None:
    await quoted(visit, {"ANC-10003": "50"})
    notice = visit.tab.locator(".notice")
    await expect(notice).to_have_text("This would go through as an order.")
    await quoted(visit, {"ANC-10003": "20"})
    price = cell(visit, "ANC-10003", "price")
    await expect(price).to_contain_text("$2.8345")
    await expect(price).to_contain_text("told $2.6189")
    await expect(row(visit, "ANC-10003").locator(".problem")).to_have_text(
        "ANC-10003 costs 2.8345 USD now, not 2.6189."
    )
    await expect(notice).to_have_text("As it stands this would not go through as an order.")
    await visit.tab.get_by_role("button", name="tell the new price").press("Enter")
    await expect(notice).to_have_text("This would go through as an order.")
    await expect(price).not_to_contain_text("told")
    assert visit.is_clean()


async def test_without_the_warehouse_prices_stand_and_what_is_from_memory_says_so(visit: Visit) -> None:
    await quoted(visit, {"ANC-10021": "20"})
    await visit.stand.stack.fault("wms", status=503)
    await quoted(visit, {"ANC-10021": "20", "ANC-10030": "10"})
    await expect(visit.tab.locator(".notice.warn")).to_have_text(
        "The warehouse system does not answer: what can be promised is not known now. Prices stand."
    )
    await expect(cell(visit, "ANC-10021", "promise").locator(".badge")).to_have_text("from memory")
    await expect(visit.tab.locator("[data-cell=freshness]")).to_contain_text("from memory: its system does not answer")
    await expect(cell(visit, "ANC-10030", "promise")).to_have_text("not known now")
    await expect(cell(visit, "ANC-10021", "price")).to_contain_text("$3.4068")
    await expect(cell(visit, "ANC-10021", "total")).to_have_text("$68.14")
    await expect(cell(visit, "ANC-10030", "total")).to_have_text("$3.89")
    assert await visit.barriers() == []
    await visit.stand.stack.mend()
    await quoted(visit, {"ANC-10021": "20", "ANC-10030": "10"})
    await expect(cell(visit, "ANC-10030", "promise")).to_contain_text("available")
    await expect(visit.tab.locator(".notice.warn")).to_have_count(0)
    assert visit.is_clean()


async def test_a_row_that_cannot_be_read_and_a_gateway_that_is_away_are_said_where_they_are_met(visit: Visit) -> None:
    await quoted(visit, {"ANC-10003": "50"})
    await visit.tab.get_by_label("Lines").fill("ANC-10003 50\n\nANC-10012\nANC-10021 1e3")
    await expect(visit.tab.locator("#lines-note")).to_have_text("Row 3, 4: write a SKU and a quantity")
    await expect(visit.tab.get_by_role("button", name="Price")).to_be_disabled()
    await visit.tab.get_by_label("Lines").fill("ANC-10003 20")
    await visit.stand.line.cut()
    await visit.tab.keyboard.press("Control+Enter")
    await expect(visit.tab.get_by_role("alert")).to_contain_text("The gateway does not answer.")
    await expect(cell(visit, "ANC-10003", "price")).to_contain_text("$2.6189")  # what was answered before still stands
    await visit.stand.line.mend()
    await visit.tab.get_by_role("button", name="Try again").click()
    await expect(cell(visit, "ANC-10003", "price")).to_contain_text("$2.8345")
    await expect(visit.tab.get_by_role("alert")).to_have_count(0)
    assert visit.stand.asked_elsewhere(visit.traffic) == []


def test_what_the_pages_ask_is_valid_within_the_limits_and_cheap() -> None:
    for file in ("quote-page/quote.graphql", "portal-page/portal.graphql"):
        text = (BUILT.parent / file).read_text()
        for name in re.findall(r"^(?:query|subscription) (\w+)", text, re.MULTILINE):
            prepared = documents_within(LimitSettings(), introspection=False, subgraph=False).prepared(text)
            assert prepared.errors == ()
            assert checked_cost(prepared.measured, name, {}, LimitSettings()) <= 5_000
