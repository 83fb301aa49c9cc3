"""What takes the place of an item that is no longer sold."""

import pytest

from orders.facts import Goods
from orders.problems import ItemDiscontinued, Severity
from orders.substitution import Substituted, substituted, substitutes_wanted
from sources.errors import SourceUnavailable
from sources.models import Item, ItemStatus
from tests.orders.invented import item, line

OLD = item("OLD", status=ItemStatus.DISCONTINUED, replaced_by_sku="NEW", substitute_skus=("PIN",))


def goods(found: Item | SourceUnavailable | None) -> Goods:
    return Goods(found, None, None, None)


def test_a_discontinued_item_is_looked_for_under_its_successor_in_the_same_quantity_unit_and_price() -> None:
    asked = line("OLD", "3", "CS", "1.50")
    assert substitutes_wanted([(line(), goods(item())), (asked, goods(OLD))]) == {1: line("NEW", "3", "CS", "1.50")}


def test_without_a_successor_the_first_substitute_will_do_and_without_any_there_is_none() -> None:
    similar = item("OLD", status=ItemStatus.DISCONTINUED, substitute_skus=("PIN", "NAIL"))
    alone = item("OLD", status=ItemStatus.DISCONTINUED)
    assert substitutes_wanted([(line("OLD"), goods(similar))]) == {0: line("PIN")}
    assert substitutes_wanted([(line("OLD"), goods(alone))]) == {}


@pytest.mark.parametrize("status", [ItemStatus.ACTIVE, ItemStatus.BLOCKED, ItemStatus.UNKNOWN])
def test_an_item_that_is_not_discontinued_is_never_replaced(status: ItemStatus) -> None:
    assert substitutes_wanted([(line(), goods(item(status=status, replaced_by_sku="NEW")))]) == {}


def test_an_item_that_is_unknown_or_unread_is_not_replaced() -> None:
    assert substitutes_wanted([(line(), goods(None)), (line(), goods(SourceUnavailable("erp")))]) == {}


def test_the_successors_line_is_ordered_with_a_warning_that_names_both() -> None:
    new = goods(item("NEW"))
    assert substituted(2, line("OLD"), goods(OLD), (line("NEW"), new)) == Substituted(
        line("NEW"), new, ("lines", "2"), "OLD",
        (ItemDiscontinued("OLD is discontinued: NEW takes its place.", ("lines", "2", "sku"), "NEW",
                          severity=Severity.WARNING),),
    )  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [
        None,
        SourceUnavailable("erp"),
        item("NEW", status=ItemStatus.BLOCKED),
        item("NEW", status=ItemStatus.DISCONTINUED),
        item("NEW", uoms=()),
    ],
    ids=["unknown", "unread", "blocked", "discontinued", "not sold in the unit"],
)
def test_one_that_cannot_be_sold_itself_takes_no_place(found: Item | SourceUnavailable | None) -> None:
    asked = line("OLD", uom="CS")
    kept = Substituted(asked, goods(OLD), ("lines", "0"))
    assert substituted(0, asked, goods(OLD), (line("NEW", uom="CS"), goods(found))) == kept


def test_without_another_item_the_line_stays_as_it_was_asked() -> None:
    assert substituted(0, line(), goods(item()), None) == Substituted(line(), goods(item()), ("lines", "0"))
