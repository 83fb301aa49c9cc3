"""The client that ariadne-codegen wrote asks what its argument says, and prints what it got."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from decimal import Decimal
from typing import Any, cast

from crossdock_client import Client, GraphQLClientGraphQLMultiError, Life, QuoteInput, SubmitOrderInput

EVENTS = 5


def say(part: str, found: Any) -> None:
    print(json.dumps({part: found}), flush=True)  # noqa: T201 - what it prints is its answer


async def ask(asked: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {asked['key']}"}
    socket = asked["url"].replace("http", "ws")
    client = Client(url=asked["url"], headers=headers, ws_url=socket, ws_connection_init_payload=headers)
    quote = (await client.quote(QuoteInput.model_validate(asked["quote"]))).quote
    amount = quote.lines[0].total.amount if quote and quote.lines[0].total else None
    data = {"quote": quote.model_dump(mode="json", by_alias=True) if quote else None}
    say("query", {"data": data, "total": str(amount) if isinstance(amount, Decimal) else None})
    order = SubmitOrderInput.model_validate(asked["order"])
    keyed = {"headers": {**headers, "Idempotency-Key": "ariadne-codegen"}}
    orders = [(await client.order(order, **keyed)).submit_order for _ in range(2)]
    say("mutation", [each.model_dump(mode="json", by_alias=True) if each else None for each in orders])
    try:
        await client.partial(asked["customer"])
    except GraphQLClientGraphQLMultiError as error:
        codes = [each.extensions["code"] for each in error.errors if each.extensions]
        say("errors", {"data": error.data, "codes": codes})
    heard = []
    told_of = client.life("ariadne-codegen-websocket")  # annotated as less than it is
    async with aclosing(cast("AsyncGenerator[Life, None]", told_of)) as life:
        async for told in life:
            event = told.shipment_events
            heard.append(event.model_dump(mode="json", by_alias=True) if event else None)
            if len(heard) == EVENTS:
                break
    say("websocket", heard)


asyncio.run(ask(json.loads(sys.argv[1])))
