"""The client that ariadne-codegen wrote asks what its argument says, and prints what it got."""

import asyncio
import json
import sys
from decimal import Decimal
from typing import Any

from crossdock_client import Client, GraphQLClientGraphQLMultiError, QuoteInput, SubmitOrderInput

EVENTS = 5


async def ask(asked: dict[str, Any]) -> dict[str, Any]:
    # setup: begin
    headers = {"Authorization": f"Bearer {asked['key']}"}
    socket = asked["url"].replace("http", "ws")
    client = Client(url=asked["url"], headers=headers, ws_url=socket, ws_headers=headers)
    # setup: end
    quote = (await client.quote(QuoteInput.model_validate(asked["quote"]))).quote
    amount = quote.lines[0].total.amount if quote and quote.lines[0].total else None
    order = SubmitOrderInput.model_validate(asked["order"])
    keyed = {"headers": {"Idempotency-Key": "ariadne-codegen"}}
    orders = [(await client.order(order, **keyed)).submit_order for _ in range(2)]
    data: Any = None
    codes: list[Any] = []
    try:
        await client.partial(asked["customer"])
    except GraphQLClientGraphQLMultiError as error:
        data, codes = error.data, [each.extensions["code"] for each in error.errors if each.extensions]
    heard = []
    async for told in client.life("ariadne-codegen-websocket"):
        heard.append(told.shipment_events.model_dump(mode="json") if told.shipment_events else None)
        if len(heard) == EVENTS:
            break
    return {
        "query": {
            "data": {"quote": quote.model_dump(mode="json") if quote else None},
            "total": str(amount) if isinstance(amount, Decimal) else None,
        },
        "mutation": [each.model_dump(mode="json") if each else None for each in orders],
        "errors": {"data": data, "codes": codes},
        "websocket": heard,
    }


print(json.dumps(asyncio.run(ask(json.loads(sys.argv[1])))))
