"""What accounts owe and may owe: the customer's limit and block, and its balance, which the API tells in another list."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from sources.business_central import mapping, payload
from sources.business_central.lookup import Lookup
from sources.business_central.mapping import Entity
from sources.call import CallContext
from sources.errors import SourceError
from sources.models import Credit, Key

_LIMIT = msgspec.json.Decoder(payload.CreditLimit)
_BALANCE = msgspec.json.Decoder(payload.Balance)
_SELECTED = ("$select", "number,blocked,creditLimit")

Limit = tuple[payload.CreditLimit, datetime]


class Credits:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    async def of(
        self, call: CallContext, company: str | None, numbers: Sequence[str]
    ) -> dict[Key, Credit | SourceError]:
        limits = self._lookup.asks(company, numbers, "customers", extra=(_SELECTED,))
        balances = self._lookup.asks(company, numbers, "customerFinancialDetails")
        if not limits:
            return {}
        answers = await self._lookup.reader.ask(call, [*limits, *balances])
        limited = self._lookup.found(
            company, {ask: answers[ask] for ask in limits}, _LIMIT, make=_limit, key=lambda row: row.number
        )
        owed = self._lookup.found(
            company, {ask: answers[ask] for ask in balances}, _BALANCE, make=_balance, key=lambda row: row.number
        )
        found = {key: self._credit(key, limited[key], owed.get(key)) for key in limited}
        return {key: credit for key, credit in found.items() if credit is not None}

    def _credit(
        self, key: Key, limit: Limit | SourceError, owed: payload.Balance | SourceError | None
    ) -> Credit | SourceError | None:
        if isinstance(limit, SourceError):
            return limit
        if owed is None or isinstance(owed, SourceError):
            return owed
        currency = self._lookup.entity(key.company or "").company.currency
        overdue_holds = self._lookup.options.overdue_holds
        return mapping.credit(limit[0], owed, currency, limit[1], overdue_holds=overdue_holds)


def _limit(row: payload.CreditLimit, _: Entity, as_of: datetime) -> Limit:
    return row, as_of


def _balance(row: payload.Balance, _: Entity, __: datetime) -> payload.Balance:
    return row
