"""Searches within a reach: only what belongs to some accounts, or to accounts billed to them."""

from typing import NamedTuple

from sandbox.books import Books
from sandbox.problems import bad_request
from sandbox.query import Query

ANY = "*"


class Reach(NamedTuple):
    """(company, number) pairs; * stands for any. None of them: no bound."""

    entries: frozenset[tuple[str, str]]

    def has_company(self, company: str) -> bool:
        return not self.entries or any(own in {ANY, company} for own, _ in self.entries)

    def has_account(self, books: Books, company: str, number: str) -> bool:
        if not self.entries:
            return True
        customer = books.dataset.customers.one(company, number)
        payer = customer.bill_to if customer is not None else None
        return any(own in {ANY, company} and each in {ANY, number, payer} for own, each in self.entries)


def reach(query: Query) -> Reach:
    entries: set[tuple[str, str]] = set()
    for at, value in enumerate(query.some("reach")):
        company, colon, number = value.partition(":")
        if not (company and colon and number):
            raise bad_request("reach is written COMPANY:NUMBER, * for any.", f"reach[{at}]")
        entries.add((company, number))
    return Reach(frozenset(entries))
