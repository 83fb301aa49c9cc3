"""SOQL as it is asked: values are quoted here and nowhere else, so that none of them can leave its quotes."""

from collections.abc import Sequence

from sources.salesforce.options import SalesforceOptions

_SEQUENCES = {"'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_HEX = 2
"""How many bytes of UTF-16 one escape holds."""


def quoted(text: str) -> str:
    """A string literal. The two reserved characters get a backslash; what cannot be printed is named by its code."""
    return f"'{''.join(map(_escaped, text))}'"


def _escaped(character: str) -> str:
    sequence = _SEQUENCES.get(character)
    if sequence is not None or character.isprintable():
        return sequence or character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + _HEX].hex()}" for at in range(0, len(units), _HEX))


def accounts(options: SalesforceOptions, company: str | None, numbers: Sequence[str]) -> str:
    """Accounts by the ERP's numbers, each with some contacts and the open opportunities that close next. One question."""
    fields = [*_own_fields(options), options.stage_field, "LastActivityDate", "Owner.Name"]
    worth = "Amount, CurrencyIsoCode" if options.multi_currency else "Amount"
    people = f"SELECT Name, Email, Phone, MobilePhone, Title FROM Contacts ORDER BY Name, Id LIMIT {options.contacts}"  # noqa: S608 - every value passes `quoted`; names come from the settings, by pattern
    business = (
        f"SELECT Name, StageName, CloseDate, {worth} FROM Opportunities WHERE IsClosed = false "  # noqa: S608 - as above
        f"ORDER BY CloseDate, Id LIMIT {options.opportunities}"
    )
    return f"SELECT {', '.join(fields)}, ({people}), ({business}) FROM Account {_where(options, company, numbers)}"  # noqa: S608 - as above


def account_ids(options: SalesforceOptions, company: str, number: str) -> str:
    return f"SELECT {', '.join(_own_fields(options))} FROM Account {_where(options, company, [number])}"  # noqa: S608 - as above


def _own_fields(options: SalesforceOptions) -> list[str]:
    """Those that tell whose an account is."""
    return ["Id", options.customer_field, *([options.company_field] if options.company_field else [])]


def _where(options: SalesforceOptions, company: str | None, numbers: Sequence[str]) -> str:
    wanted = ", ".join(map(quoted, numbers))
    theirs = f" AND {options.company_field} = {quoted(company)}" if options.company_field and company else ""
    return f"WHERE {options.customer_field} IN ({wanted}){theirs} ORDER BY Id"
