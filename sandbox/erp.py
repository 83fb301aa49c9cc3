"""The ERP: items, customers, prices, supply and demand, orders."""

from starlette.applications import Starlette

from sandbox import erp_changes, erp_goods, erp_orders, erp_parties
from sandbox.application import TOKEN, application
from sandbox.books import Books

OPERATIONS = (*erp_goods.OPERATIONS, *erp_parties.OPERATIONS, *erp_orders.OPERATIONS, *erp_changes.OPERATIONS)


def erp_app(books: Books, token: str = TOKEN) -> Starlette:
    return application("erp", OPERATIONS, books=books, token=token)
