"""Entities: records that other subgraphs know by a key, found again by the router, many at once.

A representation names the type and carries one of the type's keys; what else it carries is not looked at. All representations of
a type are one question to its loader, and the types are asked side by side.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, NamedTuple, NewType

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.scalar import ScalarDefinition
from strawberry.types.union import StrawberryUnion

from orders.record import Submission
from resolvers.context import Context, Info
from resolvers.customers import Customer, ShipTo
from resolvers.errors import BadInput, LimitExceeded
from resolvers.items import Item
from resolvers.loader import Loader
from resolvers.nodes import decode_id
from resolvers.orders import Order
from resolvers.shipments import Shipment
from resolvers.submissions import OrderSubmission
from resolvers.warehouses import Warehouse
from sources import models
from sources.parts import grouped

MAX_REPRESENTATIONS = 500
"""As many as `items(skus:)` takes: a router does not cut what it asks for into parts."""

_MAX_SHOWN = 40

Representation = NewType("Representation", object)

ANY: ScalarDefinition = strawberry.scalar(
    name="_Any",
    description="An entity as a router refers to it: an object with __typename and the fields of one of its keys.",
)


class Entity(NamedTuple):
    """A type that others may refer to: as it is declared, its model, the loader that finds it, and what that asks.

    `number`: the field with its own number, if it has one. `has_id`: whether it goes by a global id. `in_company`: whether its
    number needs a company beside it.
    """

    declared: type
    model: type
    loader: str
    reads: str
    number: str = ""
    has_id: bool = True
    in_company: bool = True

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        by_id = (("id",),) if self.has_id else ()
        by_number = ((self.number, "company") if self.in_company else (self.number,),) if self.number else ()
        return (*by_id, *by_number)


ENTITIES: Mapping[str, Entity] = {
    "Customer": Entity(Customer, models.Customer, "customer_by_number", "erp.customers", "number"),
    "Item": Entity(Item, models.Item, "item_by_sku", "erp.items", "sku"),
    "Order": Entity(Order, models.Order, "order_by_number", "erp.orders", "number"),
    "OrderSubmission": Entity(OrderSubmission, Submission, "submission_by_id", ""),
    "ShipTo": Entity(ShipTo, models.ShipTo, "ship_to_by_code", "erp.ship_tos", "code"),
    "Shipment": Entity(Shipment, models.Shipment, "shipment_by_number", "wms.shipments", "number"),
    "Warehouse": Entity(
        Warehouse, models.Warehouse, "warehouse_by_code", "wms.warehouses", "code", has_id=False, in_company=False
    ),
}  # fmt: skip
"""A submission has no number of its own, and a warehouse's code is one in all companies together."""

ENTITY_READS = tuple(each.reads for each in ENTITIES.values() if each.reads)

_NAMES = {each.model: name for name, each in ENTITIES.items()}


class _Entities(StrawberryUnion):
    """Told apart by their models, which is one look; Strawberry's own way asks type after type."""

    def get_type_resolver(self, type_map: Any) -> Any:  # noqa: ARG002 - the parent's signature
        def resolve(value: object, _: GraphQLResolveInfo[Context], __: GraphQLAbstractType) -> str | None:
            return _NAMES.get(type(value))

        return resolve


ENTITY: Any = _Entities(
    "_Entity",
    tuple(StrawberryAnnotation(each.declared) for each in ENTITIES.values()),
    description="Whatever other subgraphs may refer to.",
)

Representations = Annotated[
    list[Representation],
    strawberry.argument(description="Entities by type and key, at most 500; what else they carry is not looked at."),
]


class _Wanted(NamedTuple):
    type_name: str
    key: models.Key


async def entities(info: Info, representations: Representations) -> Any:
    """An outcome a representation, in their order: one that is malformed is an error in its own place."""
    if len(representations) > MAX_REPRESENTATIONS:
        raise LimitExceeded("representations", asked=len(representations), limit=MAX_REPRESENTATIONS)
    wanted = [_wanted_or_error(each, at) for at, each in enumerate(representations)]
    found = await _found(info.context, list(dict.fromkeys(each for each in wanted if isinstance(each, _Wanted))))
    return [found[each] if isinstance(each, _Wanted) else each for each in wanted]


async def _found(context: Context, wanted: Sequence[_Wanted]) -> Mapping[_Wanted, Any]:
    groups = grouped(wanted, lambda each: each.type_name)
    asked = (_loaded(context, name, [each.key for each in those]) for name, those in groups.items())
    outcomes = await asyncio.gather(*asked)
    return dict(zip(chain(*groups.values()), chain(*outcomes), strict=True))


async def _loaded(context: Context, type_name: str, keys: Sequence[models.Key]) -> Sequence[Any]:
    loader: Loader[models.Key, Any] = getattr(context.loaders, ENTITIES[type_name].loader)
    return await loader.load_each(keys)


def foreseen_entities(_: Info, *, representations: Sequence[object]) -> Mapping[str, Sequence[models.Key]]:
    """Where keys say the company, what hangs on the records can be begun while they are on their way; by type."""
    wanted = [_wanted_or_error(each, at) for at, each in enumerate(representations[:MAX_REPRESENTATIONS])]
    known = [each for each in wanted if isinstance(each, _Wanted) and each.key.company]
    return {name: [each.key for each in those] for name, those in grouped(known, lambda each: each.type_name).items()}


def _wanted_or_error(representation: object, at: int) -> _Wanted | BadInput:
    try:
        return _wanted(representation, f"representations[{at}]")
    except BadInput as error:
        return error


def _wanted(representation: object, place: str) -> _Wanted:
    name = representation.get("__typename") if isinstance(representation, Mapping) else None
    if not isinstance(representation, Mapping) or not isinstance(name, str):
        raise BadInput(place, "this is no object with a __typename.")
    entity = ENTITIES.get(name)
    if entity is None:
        raise BadInput(place, f'"{name[:_MAX_SHOWN]}" is no entity of this subgraph.')
    for fields in entity.keys:
        values = [representation.get(field) for field in fields]
        if all(isinstance(each, str) for each in values):
            return _Wanted(name, _key(name, fields, [str(each) for each in values], place))
    known = " or ".join(f'"{" ".join(fields)}"' for fields in entity.keys)
    raise BadInput(place, f"{name} is known by {known}.")


def _key(name: str, fields: Sequence[str], values: Sequence[str], place: str) -> models.Key:
    if fields == ("id",):
        node = decode_id(f"{place}.id", values[0])
        if node.type != name:
            raise BadInput(f"{place}.id", f"this is no id of {name}.")
        return models.Key(node.company, node.number)
    return models.Key(values[1] if len(values) > 1 else None, values[0])
