"""Generated prices beside the lists: customers' contracts, and promotions for buying groups and customers."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sandbox.amounts import unit_price
from sandbox.dice import Dice
from sandbox.facts_prices import Break, PriceRow
from sandbox.generate_customers import BUYING_GROUPS, Party
from sandbox.generate_items import Good

_CONTRACT_SHARE = 0.5


def make_prices(dice: Dice, goods: Sequence[Good], parties: Sequence[Party], today: date) -> list[PriceRow]:
    lists = [good.price for good in goods]
    return [*lists, *_contracts(dice, goods, parties, today), *_promotions(dice, goods, parties, today)]


def _contracts(dice: Dice, goods: Sequence[Good], parties: Sequence[Party], today: date) -> Iterator[PriceRow]:
    begun = today.replace(month=1, day=1)
    for party in parties:
        if not dice.chance(_CONTRACT_SHARE):
            continue
        share = Decimal(dice.between(72, 90)).scaleb(-2)
        for good in dice.some(goods, dice.between(4, 16)):
            yield PriceRow(
                company=good.item.company,
                sku=good.item.sku,
                customer=party.customer.number,
                breaks=_scaled(good, share),
                source="CONTRACT",
                valid_from=begun,
                valid_to=begun.replace(month=12, day=31),
            )


def _promotions(dice: Dice, goods: Sequence[Good], parties: Sequence[Party], today: date) -> Iterator[PriceRow]:
    """Some run, some are over, some are still to come."""
    for good in dice.some(goods, len(goods) // 12):
        to_group = dice.chance(0.7)
        begins = today + timedelta(days=dice.between(-60, 20))
        yield PriceRow(
            company=good.item.company,
            sku=good.item.sku,
            buying_group=dice.pick(BUYING_GROUPS) if to_group else None,
            customer=None if to_group else dice.pick(parties).customer.number,
            breaks=_scaled(good, Decimal("0.88"))[:1],
            source="PROMOTION",
            valid_from=begins,
            valid_to=begins + timedelta(days=30),
        )


def _scaled(good: Good, share: Decimal) -> tuple[Break, ...]:
    return tuple(Break(each.minimum, unit_price(each.unit * share)) for each in good.price.breaks)
