"""Global ids: opaque to clients; they carry the type, the legal entity and the source's own key."""

import asyncio
from typing import Annotated, Any, NamedTuple

import msgspec
import strawberry

from orders.record import Submission
from resolvers.context import Context, Info
from resolvers.errors import LimitExceeded
from resolvers.opaque import foreign, sealed, unsealed
from sources import models

MAX_IDS = 100


class GlobalId(NamedTuple):
    type: str
    company: str
    number: str


NODES: dict[type, tuple[str, str, str]] = {
    models.Customer: ("Customer", "number", "customer_by_number"),
    models.ShipTo: ("ShipTo", "code", "ship_to_by_code"),
    models.Item: ("Item", "sku", "item_by_sku"),
    models.Order: ("Order", "number", "order_by_number"),
    models.Shipment: ("Shipment", "number", "shipment_by_number"),
    Submission: ("OrderSubmission", "id", "submission_by_id"),
}
"""A model's type name in ids, the attribute that holds its own key, and the loader that finds it by that key."""

_LOADERS = {name: loader for name, _, loader in NODES.values()}
_DECODER = msgspec.json.Decoder(GlobalId)


def decode_id(argument: str, text: str) -> GlobalId:
    """Raises BadInput, which names the argument, for anything that `node_id` did not make."""
    node = unsealed(text, _DECODER, argument=argument, kind="id")
    if node.type not in _LOADERS:
        raise foreign(argument, "id")
    return node


def node_id(root: Any) -> strawberry.ID:
    name, attribute, _ = NODES[type(root)]
    # A submission's company may be found out later; its id is the same before and after.
    company = "" if isinstance(root, Submission) else root.company
    return strawberry.ID(sealed(GlobalId(name, company, getattr(root, attribute))))


@strawberry.interface(description="Anything that can be asked for again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(
        resolver=node_id, description="Opaque; the same for the same record at any time."
    )


def _load(context: Context, node: GlobalId) -> Any:
    return getattr(context.loaders, _LOADERS[node.type]).load(models.Key(node.company, node.number))


async def node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="An id that the gateway gave out.")],  # noqa: A002 - GraphQL's name for it
) -> Any:
    return await _load(info.context, decode_id("id", id))


async def nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="Ids that the gateway gave out, at most 100.")],
) -> Any:
    if len(ids) > MAX_IDS:
        raise LimitExceeded("ids", asked=len(ids), limit=MAX_IDS)
    wanted = [decode_id(f"ids[{index}]", text) for index, text in enumerate(ids)]
    return await asyncio.gather(*(_load(info.context, each) for each in wanted))
