"""What ShipHero is asked, in its own words: constants, in which keys are variables, and several keys of one question aliases of one field.

Its credits bound how much may be asked at once: a connection costs `first` times what one of its rows costs, so each names its `first`.
"""

from functools import lru_cache
from typing import NamedTuple

MAX_KEYS = 25
"""Keys at once: the dearest of them, 25 orders' shipments, asks for some 1,350 of the 4,004 credits there are."""


class Question(NamedTuple):
    """`field` is asked once a key, under an alias; `@` is the key's place. `variables` are one key's, `shared` those of all."""

    field: str
    variables: str
    fragments: str = ""
    shared: str = ""


_PAGE = "pageInfo { hasNextPage endCursor }"
_PLACE = "warehouse { legacy_id identifier }"
_LINES = f"{_PAGE} edges {{ node {{ quantity shipping_label_id line_item {{ sku }} }} }}"
_SHIPMENT = f"""
fragment Shipped on Shipment {{
  id legacy_id created_date delivered {_PLACE} order {{ order_number }}
  shipping_labels {{ id tracking_number carrier shipping_method status }}
  line_items(first: 25) {{ {_LINES} }}
}}"""
_HELD = """
fragment Held on Order {
  id order_number fulfillment_status
  holds { payment_hold fraud_hold address_hold shipping_method_hold client_hold operator_hold }
}"""
_ACCOUNT = "$account: String"
_ORDERS = "k@: orders(order_number: $k@, customer_account_id: $account) { data(first: 2, after: $a@)"

STOCK = Question(
    "k@: warehouse_products(sku: $k@, customer_account_id: $account, active: true) { data(first: 10, after: $a@) {"
    f" {_PAGE} edges {{ node {{ sku on_hand allocated non_sellable_quantity reserve_inventory {_PLACE} }} }} }} }}",
    "$k@: String!, $a@: String",
    shared=_ACCOUNT,
)
SHIPMENTS = Question("k@: shipment(id: $k@) { data { ...Shipped } }", "$k@: String!", _SHIPMENT)
MORE_LINES = Question(
    f"k@: shipment(id: $k@) {{ data {{ line_items(first: 50, after: $a@) {{ {_LINES} }} }} }}",
    "$k@: String!, $a@: String",
)
SHIPPED_ORDERS = Question(
    f"{_ORDERS} {{ {_PAGE} edges {{ node {{ order_number shipments {{ ...Shipped }} }} }} }} }}",
    "$k@: String!, $a@: String",
    _SHIPMENT,
    _ACCOUNT,
)
HELD_ORDERS = Question(
    f"{_ORDERS} {{ {_PAGE} edges {{ node {{ ...Held }} }} }} }}", "$k@: String!, $a@: String", _HELD, _ACCOUNT
)
WAREHOUSES = "query { account { data { warehouses { legacy_id identifier } } } }"
LIFT_HOLDS = f"""mutation($data: UpdateOrderHoldsInput!) {{
  order_update_holds(data: $data) {{ order {{ ...Held }} }}
}}{_HELD}"""


@lru_cache(maxsize=256)
def document(question: Question, keys: int) -> str:
    """That question about so many keys."""
    places = [str(each) for each in range(keys)]
    variables = [question.variables.replace("@", each) for each in places]
    fields = "\n  ".join(question.field.replace("@", each) for each in places)
    asked = ", ".join([question.shared, *variables] if question.shared else variables)
    return f"query({asked}) {{\n  {fields}\n}}{question.fragments}"
