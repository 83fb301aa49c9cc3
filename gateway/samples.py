"""Queries worth pasting, filled with keys that the running data holds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

OPENING = """# Price and availability while a rep quotes, live from the ERP and the WMS.
query Quote($skus: [String!]!, $customer: String!) {
  items(skus: $skus) {
    sku
    name
    price(customer: $customer, quantity: "10") {
      unit { amount currency }
      source
      breaks { minimum unit { amount } }
    }
    availability {
      available
      warehouses { warehouse { name } available }
      timeline { date available }
    }
  }
}
"""


def queries(samples: Mapping[str, Sequence[Any]]) -> list[tuple[str, str]]:
    """Title and text: three queries, and an order that the rules let pass."""
    skus, customer, order = list(samples["skus"][:3]), samples["customers"][0], samples["shippedOrders"][0]
    return [
        ("Price and availability while a rep quotes", quote(skus, customer)),
        ("A customer's account: credit and latest orders", account(customer)),
        ("Where is my order?", shipped(order)),
        ("An order, checked and placed (the same key again is the same order)", ordered(samples["sound"][0])),
    ]


def opening(samples: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """What the explorer opens with: the query, and its variables as JSON text."""
    variables = {"skus": list(samples["skus"][:5]), "customer": samples["customers"][0]}
    return {"query": OPENING, "variables": json.dumps(variables, indent=2)}


def quote(skus: Sequence[str], customer: str) -> str:
    return f"""{{
  items(skus: {json.dumps(list(skus))}) {{
    sku name
    price(customer: {json.dumps(customer)}, quantity: "10") {{ unit {{ amount currency }} source breaks {{ minimum unit {{ amount }} }} }}
    availability {{ available warehouses {{ warehouse {{ code }} available }} promise(quantity: "10") {{ complete date }} }}
  }}
}}"""


def account(customer: str) -> str:
    return f"""{{
  customer(number: {json.dumps(customer)}) {{
    name
    credit {{ limit {{ amount currency }} exposure {{ amount }} onHold }}
    orders(first: 3) {{ edges {{ node {{ number status poNumber total {{ amount currency }} holds {{ code reason }} }} }} }}
  }}
}}"""


def shipped(order: str) -> str:
    return f"""{{
  order(number: {json.dumps(order)}) {{
    number status
    lines {{ number sku item {{ name }} progress {{ ordered shipped backordered }} }}
    shipments {{ number status warehouse {{ name }} parcels {{ trackingNumber tracking {{ status estimatedDelivery }} }} }}
  }}
}}"""


def ordered(order: Mapping[str, Any]) -> str:
    """`order` as GET /_sandbox/samples tells it: company, customer, shipTo, lines of sku and quantity."""
    to = " ".join(f"{name}: {json.dumps(order[name])}" for name in ("company", "customer", "shipTo"))
    lines = " ".join(
        f"{{ sku: {json.dumps(line['sku'])} quantity: {json.dumps(line['quantity'])} }}" for line in order["lines"]
    )
    return f"""mutation {{
  submitOrder(input: {{ idempotencyKey: "a-first-order" {to} lines: [{lines}] }}) {{
    submission {{ status erpOrderNumber steps {{ name status detail }} problems {{ code message }} }}
    order {{ number status lines {{ sku }} }}
    problems {{ code message path }}
  }}
}}"""
