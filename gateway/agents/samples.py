"""Documents worth giving to an agent: what a rep, a customer or the service desk asks many times a day. The demo offers them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

DOCUMENTS: Final[Mapping[str, str]] = {
    "quote": '''
"""
What items cost this customer at these quantities, and when they can be delivered: unit and total prices, subtotal, tax, freight,
delivery promise by line, and problems of lines that cannot be sold like that. Nothing is written.
"""
query Quote("Who asks, and which items." $input: QuoteInput!) {
  quote(input: $input) {
    lines {
      sku quantity uom item { name } price { unit { amount currency } source } total { amount currency }
      promise { complete date portions { warehouse { name } quantity date } shortfall } problems { code message }
    }
    subtotal { amount currency } tax { amount } freight { amount } total { amount currency } asOf
  }
}''',
    "availability": '''
"""Whether items are there: on hand, promised to others, on the way and available, in all and by warehouse, for up to 500 SKUs."""
query Availability("The items' SKUs, exactly." $skus: [String!]!, "The legal entity." $company: String) {
  items(skus: $skus, company: $company) {
    sku name status uom
    availability {
      onHand allocated inbound available asOf stale
      warehouses { warehouse { code name } available } timeline { date available }
    }
  }
}''',
    "where_is_my_order": '''
"""Where an order is: its status, what of each line was shipped or is still to come, its shipments, and where each parcel is."""
query WhereIsMyOrder("The order's number in the ERP." $number: String!, "The legal entity." $company: String) {
  order(number: $number, company: $company) {
    number status poNumber placedAt requestedDate
    lines { number sku item { name } promisedDate progress { ordered shipped backordered cancelled } }
    shipments {
      number status carrier service shippedAt warehouse { name }
      parcels { trackingNumber tracking { status estimatedDelivery deliveredAt events { at status description location } } }
    }
  }
}''',
    "why_is_my_order_stuck": '''
"""Why an order does not go on: who put which hold on it and why, which lines wait, and what is available of their items."""
query WhyIsMyOrderStuck("The order's number in the ERP." $number: String!, "The legal entity." $company: String) {
  order(number: $number, company: $company) {
    number status sourceStatus placedAt requestedDate holds { code reason placedAt owner }
    lines {
      number sku quantity promisedDate progress { ordered allocated picked shipped backordered }
      item { name status availability { onHand available inbound timeline { date available } } }
    }
  }
}''',
    "check_order": '''
"""Whether an order would be accepted, with everything that is wrong with it and from where it would ship. Nothing is written."""
query CheckOrder("The order." $input: SubmitOrderInput!) {
  validateOrder(input: $input) { acceptable problems { code message path severity } route { company reason warehouses { code } } }
}''',
    "submit_order": '''
"""
Place an order. Show it to a person first. `idempotencyKey` names this order for ever: make one up when the person agrees, and send
the same again after any doubt, for the same key is the same order and never a second one.
"""
mutation SubmitOrder("The order." $input: SubmitOrderInput!) {
  submitOrder(input: $input) {
    submission { id status erpOrderNumber steps { name status detail } problems { code message path } }
    order { number status total { amount currency } }
    problems { code message path severity }
  }
}''',
}

TITLES: Final[Mapping[str, str]] = {
    "quote": "Quote prices and delivery",
    "availability": "Availability of items",
    "where_is_my_order": "Where is my order?",
    "why_is_my_order_stuck": "Why is my order stuck?",
    "check_order": "Check an order",
    "submit_order": "Place an order",
}


def offered(folder: Path) -> dict[str, Any]:
    """The settings `documents` and `mcp` that offer all of them, by a manifest written into the folder."""
    manifest = folder / "documents.json"
    manifest.write_text(json.dumps(DOCUMENTS))
    tools: dict[str, dict[str, Any]] = {name: {"document": name, "title": TITLES[name]} for name in DOCUMENTS}
    tools["submit_order"]["destructive"] = False
    return {"documents": {"manifest": str(manifest)}, "mcp": {"enabled": True, "tools": tools}}
