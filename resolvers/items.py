"""Items: what a distributor sells."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from engine import batched
from resolvers.availability import Availability, availability_ahead, availability_of_item
from resolvers.connections import After, Connection, First, connection, stretch
from resolvers.context import Info
from resolvers.errors import LimitExceeded
from resolvers.nodes import Node
from resolvers.prices import Price, price_ahead, price_of_item
from sources import models

MAX_SKUS = 500

Company = Annotated[
    str | None,
    strawberry.argument(description="The legal entity; may be left out where the number exists in one only."),
]


@strawberry.type(description="A unit of measure an item is sold in.")
class ItemUom:
    code: str = strawberry.field(description="Its code, such as EA or CS.")
    factor: Decimal = strawberry.field(description="How many base units one of it holds.")


@strawberry.type(description="What quantities may be ordered, in the base unit.")
class QuantityRule:
    minimum: Decimal = strawberry.field(description="The least; more than 0.")
    maximum: Decimal | None = strawberry.field(description="The most; null means no limit.")
    increment: Decimal = strawberry.field(description="Quantities are multiples of this.")


async def replaced_by(items: Sequence[models.Item], info: Info) -> Sequence[models.Item | BaseException | None]:
    keys = [models.Key(item.company, item.replaced_by_sku) if item.replaced_by_sku else None for item in items]
    return await info.context.loaders.item_by_sku.load_linked(keys)


async def substitutes(items: Sequence[models.Item], info: Info) -> Sequence[Any]:
    """Those that exist; a failure among them fails the list, for a list cut short would look like the whole."""
    loader = info.context.loaders.item_by_sku
    wanted = [[models.Key(item.company, sku) for sku in item.substitute_skus] for item in items]
    found = iter(await loader.load_each(key for keys in wanted for key in keys))
    lists = [[next(found) for _ in keys] for keys in wanted]
    return [_whole(row) for row in lists]


def _whole(row: Sequence[models.Item | BaseException | None]) -> Sequence[models.Item] | BaseException:
    failure = next((each for each in row if isinstance(each, BaseException)), None)
    return failure if failure is not None else [each for each in row if isinstance(each, models.Item)]


@strawberry.type(description="Something that is sold, under one SKU in one legal entity.")
class Item(Node):
    sku: str = strawberry.field(description="Its number; may exist in several companies.")
    company: str = strawberry.field(description="The legal entity.")
    name: str = strawberry.field(description="What it is called.")
    description: str | None = strawberry.field(description="More about it.")
    category: str | None = strawberry.field(description="What kind of item it is.")
    status: models.ItemStatus = strawberry.field(description="Whether it can be ordered.")
    replaced_by: Annotated["Item", strawberry.lazy("resolvers.items")] | None = batched(
        replaced_by, description="The item that takes its place.", reads=("erp.items",)
    )
    substitutes: list[Annotated["Item", strawberry.lazy("resolvers.items")]] | None = batched(
        substitutes, description="Items that may be delivered instead.", reads=("erp.items",)
    )
    uom: str = strawberry.field(description="The base unit of measure.")
    uoms: list[ItemUom] = strawberry.field(
        description="All units it is sold in, with their conversion to the base unit."
    )
    quantity_rule: QuantityRule = strawberry.field(description="What quantities may be ordered.")
    hazardous: bool = strawberry.field(description="Dangerous goods.")
    price: Price | None = batched(
        price_of_item,
        description="What a customer pays; null where there is no price.",
        ahead=price_ahead,
        reads=("erp.prices",),
    )
    availability: Availability | None = batched(
        availability_of_item,
        description="What can be promised; null where no warehouse keeps it.",
        ahead=availability_ahead,
        reads=("wms.stock", "erp.supply_demand"),
    )
    as_of: datetime = strawberry.field(description="When it was read from the ERP.")
    stale: bool = strawberry.field(description="Served past its policy because the ERP is down.")

    @classmethod
    def is_type_of(cls, obj: Any, _info: Any) -> bool:
        return isinstance(obj, models.Item)


def foreseen_item(info: Info, *, sku: str, company: str | None = None) -> Sequence[models.Key]:
    return info.context.foreseen("items", company, [sku])


def foreseen_items(info: Info, *, skus: list[str], company: str | None = None) -> Sequence[models.Key]:
    return info.context.foreseen("items", company, skus) if len(skus) <= MAX_SKUS else []


async def item(
    info: Info, sku: Annotated[str, strawberry.argument(description="The item's number.")], company: Company = None
) -> Any:
    return await info.context.loaders.item_by_sku.load(models.Key(company, sku))


async def items(
    info: Info,
    skus: Annotated[list[str], strawberry.argument(description="Numbers of the items, at most 500.")],
    company: Company = None,
) -> Any:
    if len(skus) > MAX_SKUS:
        raise LimitExceeded("skus", asked=len(skus), limit=MAX_SKUS)
    return await info.context.loaders.item_by_sku.load_each(models.Key(company, sku) for sku in skus)


async def search_items(
    info: Info,
    *,
    text: Annotated[str | None, strawberry.argument(description="Part of the SKU or name.")] = None,
    category: Annotated[str | None, strawberry.argument(description="Exactly this category.")] = None,
    company: Annotated[str | None, strawberry.argument(description="Of this legal entity only.")] = None,
    first: First = 20,
    after: After = None,
) -> Any:
    context = info.context

    async def read(page: models.PageRequest) -> models.Page[models.Item]:
        found = await context.sources.erp.search_items(
            context.call, page, text=text, category=category, company=company
        )
        context.loaders.prime_items(found.rows)
        return found

    return await connection(stretch(info, first, after), read)


ItemConnection = Connection[Item]
