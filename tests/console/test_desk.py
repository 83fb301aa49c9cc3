"""Submissions in the console: found, read and decided on, by keyboard; and the list moves by itself."""

from playwright.async_api import expect

from tests.console.conftest import Visit
from tests.orders.counter import steps


async def test_one_on_credit_hold_is_found_its_reason_read_released_and_seen_accepted_by_keyboard(visit: Visit) -> None:
    counter, tab = visit.counter, visit.tab
    await counter.submit(counter.problem("PRICE_CHANGED"))
    held = (await counter.submit(counter.problem("CREDIT_HOLD")))["submission"]
    number = counter.problem("CREDIT_HOLD")["customer"]
    await counter.writes()

    await visit.open()
    await expect(tab.get_by_role("link", name="Price has changed")).to_be_visible()
    await visit.press("/")
    await tab.keyboard.type(number)
    await expect(tab.get_by_role("link", name="Price has changed")).to_have_count(0)
    await visit.press("Escape", "j", "Enter")
    title = tab.locator("#detail-title")
    await expect(title).to_contain_text(number)
    await expect(title).to_be_focused()
    reason = tab.get_by_label("Why it waits")
    await expect(reason).to_contain_text("Credit hold")
    await expect(reason).to_contain_text("Release the order in spite of the hold, or have the hold lifted")
    await expect(tab.get_by_role("article")).to_contain_text("On hold")

    await visit.ask_by("r")
    await tab.keyboard.type("Paid by wire")
    await visit.press("Control+Enter")
    await expect(tab.locator(".told")).to_contain_text("Accepted. In the ERP and with the warehouse.")
    await expect(tab.get_by_role("dialog")).to_have_count(0)
    await expect(tab.locator(".standing")).to_contain_text("Accepted")
    await expect(title).to_be_focused()

    found = await counter.look(held["id"])
    assert found["status"] == "ACCEPTED"
    assert found["decisions"] == [{"decision": "RELEASE", "by": "development", "note": "Paid by wire"}]
    assert await counter.writes() == {"POST /orders": 1, "POST /orders/release": 1, "POST /notes": 1}
    assert visit.is_clean()


async def test_the_list_and_its_counts_move_by_themselves(visit: Visit) -> None:
    counter, tab = visit.counter, visit.tab
    number = counter.problem("CREDIT_LIMIT")["customer"]
    await visit.open(f"#/submissions?customer={number}")
    await expect(tab.get_by_text("Moves as it happens.")).to_be_visible()
    await expect(tab.get_by_text("None like this")).to_be_visible()
    waiting = (await counter.submit(counter.problem("CREDIT_LIMIT")))["submission"]
    row = tab.get_by_role("link", name="Over the credit limit")
    await expect(row).to_be_visible()
    await expect(tab.get_by_role("link", name="To decide")).to_have_text("To decide 1")
    await row.click()
    await expect(tab.get_by_label("Why it waits")).to_contain_text("Over the limit by")
    await counter.decide(waiting["id"], "REJECT")
    await expect(row).to_have_count(0)
    await expect(tab.get_by_role("link", name="To decide")).to_have_text("To decide 0")
    await expect(tab.locator(".standing")).to_contain_text("Rejected")
    await expect(tab.get_by_role("group", name="What can be decided")).to_have_count(0)
    assert visit.is_clean()


async def test_lines_are_amended_and_a_quantity_that_is_none_is_not_sent(visit: Visit) -> None:
    counter, tab = visit.counter, visit.tab
    short = (await counter.submit(counter.problem("INSUFFICIENT_AVAILABILITY")))["submission"]
    await visit.open(f"#/submissions/{short['id']}")
    await expect(tab.get_by_label("Why it waits")).to_contain_text("Asked for")
    await visit.ask_by("a")
    await tab.keyboard.type("As agreed by telephone")
    await tab.get_by_label("Quantity of line 1").fill("0")
    await visit.press("Control+Enter")
    await expect(tab.get_by_role("alert").filter(has_text="Line 1")).to_have_text(
        "Line 1: the quantity must be a number above 0, such as 12 or 2.5."
    )
    assert (await counter.look(short["id"]))["decisions"] == []
    await tab.get_by_label("Quantity of line 1").fill("10")
    await visit.press("Control+Enter")
    await expect(tab.locator(".standing")).to_contain_text("Accepted")
    found = await counter.look(short["id"])
    assert [(line["sku"], line["quantity"]) for line in found["lines"]] == [(short["lines"][0]["sku"], "10")]
    assert found["decisions"] == [{"decision": "AMEND", "by": "development", "note": "As agreed by telephone"}]
    assert visit.is_clean()


async def test_a_rejection_takes_a_note_and_escape_decides_nothing(visit: Visit) -> None:
    counter, tab = visit.counter, visit.tab
    held = (await counter.submit(counter.problem("DUPLICATE_PO")))["submission"]
    await visit.open(f"#/submissions/{held['id']}")
    await expect(tab.get_by_label("Why it waits")).to_contain_text("Order that has it")
    await visit.ask_by("x")
    await visit.press("Control+Enter")
    await expect(tab.get_by_text("Write a note: it stays on the record.")).to_be_visible()
    await visit.press("Escape")
    await expect(tab.get_by_role("dialog")).to_have_count(0)
    assert (await counter.look(held["id"]))["status"] == "NEEDS_ATTENTION"
    await visit.ask_by("x")
    await tab.keyboard.type("Sent twice")
    await visit.press("Control+Enter")
    await expect(tab.locator(".standing")).to_contain_text("Rejected")
    assert (await counter.look(held["id"]))["status"] == "REJECTED"
    assert visit.is_clean()


async def test_one_that_was_mended_elsewhere_is_retried_and_another_taken_back(visit: Visit) -> None:
    counter, tab = visit.counter, visit.tab
    refused = (await counter.submit(counter.problem("RELEASE_REFUSED")))["submission"]
    await visit.open(f"#/submissions/{refused['id']}")
    await expect(tab.get_by_label("Why it waits")).to_be_visible()
    await visit.ask_by("t")
    await visit.press("Control+Enter")
    await expect(tab.locator(".told")).to_contain_text("Needs a person. It waits for a person's decision.")
    await expect(tab.locator(".told")).to_contain_text("Warehouse does not ship it")
    await visit.ask_by("c")
    await visit.press("Control+Enter")
    await expect(tab.locator(".standing")).to_contain_text("Cancelled")
    found = await counter.look(refused["id"])
    assert found["status"] == "CANCELLED"
    assert steps(found)["create"] == "COMPENSATED"
    assert visit.is_clean()


async def test_a_long_list_is_read_page_by_page(visit: Visit) -> None:
    counter, tab = visit.counter, visit.tab
    for _ in range(27):
        await counter.submit(counter.problem("UNKNOWN_SHIP_TO"))
    await visit.open("#/submissions?group=ended&reason=UNKNOWN_SHIP_TO")
    rows, page = tab.locator("[data-row]"), tab.get_by_role("navigation", name="Pages")
    await expect(rows).to_have_count(25)
    await expect(tab.get_by_role("link", name="Not ordered")).to_have_text("Not ordered 27")
    newest = await rows.first.get_attribute("data-row")
    await page.get_by_role("button", name="Older").click()
    await expect(rows).to_have_count(2)
    await expect(page.get_by_role("button", name="Older")).to_be_disabled()
    await page.get_by_role("button", name="Newer").click()
    await expect(rows).to_have_count(25)
    assert await rows.first.get_attribute("data-row") == newest
    assert visit.is_clean()


async def test_focus_stays_within_a_dialog_and_goes_back_where_it_was(visit: Visit) -> None:
    tab = visit.tab
    await visit.open("#/operations")
    keys = tab.get_by_role("button", name="Shortcuts")
    await keys.focus()
    await visit.press("Enter")
    close = tab.get_by_role("button", name="Close")
    await expect(close).to_be_focused()
    await visit.press("Tab")
    await expect(tab.get_by_role("checkbox")).to_be_focused()
    await visit.press("Shift+Tab")
    await expect(close).to_be_focused()
    await visit.press("Escape")
    await expect(keys).to_be_focused()


async def test_single_keys_can_be_switched_off(visit: Visit) -> None:
    tab = visit.tab
    await visit.open("#/operations")
    await expect(tab.get_by_role("heading", name="Slow operations")).to_be_visible()
    await visit.press("?")
    await tab.get_by_role("checkbox").uncheck()
    await visit.press("Escape", "2")
    await expect(tab.get_by_role("heading", name="Slow operations")).to_be_visible()
    await visit.press("?")
    await expect(tab.get_by_role("dialog")).to_have_count(0)
    await tab.get_by_role("link", name="Sources", exact=True).focus()
    await visit.press("Enter")
    await expect(tab.get_by_role("heading", name="Sources")).to_be_visible()
