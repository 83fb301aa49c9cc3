"""Python's gql asks what its argument says, and prints what it got."""

import asyncio
import json
import sys
from contextlib import aclosing
from typing import Any

from gql import Client, GraphQLRequest
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport

QUOTE = "query ($input: QuoteInput!) { quote(input: $input) { lines { sku quantity total { amount currency } } } }"
ORDER = "mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) { submission { id } problems { code } } }"
PARTIAL = "query ($number: String!) { customer(number: $number) { number relationship { owner } } }"
LIFE = "subscription ($shipment: String) { shipmentEvents(shipment: $shipment) { type status } }"
EVENTS = 5


def say(part: str, found: Any) -> None:
    print(json.dumps({part: found}), flush=True)  # noqa: T201 - what it prints is its answer


async def ask(asked: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {asked['key']}", "Idempotency-Key": "gql"}
    posting = Client(transport=AIOHTTPTransport(url=asked["url"], headers=headers))
    address = asked["url"].replace("http", "ws")
    following = Client(transport=WebsocketsTransport(url=address, init_payload=headers))
    async with posting as session:
        quote = await session.execute(GraphQLRequest(QUOTE, variable_values={"input": asked["quote"]}))
        say("query", {"data": quote, "total": quote["quote"]["lines"][0]["total"]["amount"]})
        order = GraphQLRequest(ORDER, variable_values={"input": asked["order"]})
        say("mutation", [(await session.execute(order))["submitOrder"] for _ in range(2)])
        partial = GraphQLRequest(PARTIAL, variable_values={"number": asked["customer"]})
        answer = await posting.transport.execute(partial)  # type: ignore[union-attr] - it is asynchronous, as made above
        say("errors", {"data": answer.data, "codes": [each["extensions"]["code"] for each in answer.errors or ()]})
    heard = []
    async with following as session:
        life = GraphQLRequest(LIFE, variable_values={"shipment": "gql-websocket"})
        async with aclosing(session.subscribe(life)) as events:
            async for told in events:
                heard.append(told["shipmentEvents"])
                if len(heard) == EVENTS:
                    break
        say("websocket", heard)


if __name__ == "__main__":
    asyncio.run(ask(json.loads(sys.argv[1])))
