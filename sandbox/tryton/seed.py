"""A small distributor of our own invention for a Tryton that is empty: all of it made by JSON-RPC, the same every time.

Days count from the day of seeding; nothing else hangs on the clock.
"""

from decimal import Decimal

from sandbox.tryton.office import Office
from sandbox.tryton.seed_goods import seed_goods
from sandbox.tryton.seed_parties import seed_parties
from sandbox.tryton.seed_trade import seed_trade

COMPANY = "US"
USER, PASSWORD = "crossdock", "crossdock-of-the-sandbox"
GROUPS = ("Sales", "Sales Administrator", "Stock", "Purchase", "Account Credit Limit", "Sale Stock Quantity")
"""What the gateway's own user may do. By the last two, credit and shortage are warnings to it, to be passed over where a person said so."""

ACCOUNTS = {"account_receivable": "1.2.1", "account_payable": "2.1.1"}


def seed(office: Office) -> None:
    company = _company(office)
    _books(office, company)
    seed_goods(office, company)
    seed_parties(office)
    seed_trade(office)
    _user(office, company)


def _company(office: Office) -> int:
    dollar = {"name": "US Dollar", "code": "USD", "symbol": "$", "numeric_code": "840"}
    (currency,) = office.create("currency.currency", {**dollar, "digits": 2, "rounding": Decimal("0.01")})
    (party,) = office.create("party.party", {"name": "Prairie Supply", "code": COMPANY})
    (company,) = office.create("company.company", {"party": party, "currency": currency, "timezone": "America/Chicago"})
    administrator = office.one("res.user", ["login", "=", "admin"])
    office.call("model.res.user.write", [administrator], {"companies": [["add", [company]]], "company": company})
    office.context["company"] = company
    return company


def _books(office: Office, company: int) -> None:
    """The chart of accounts that Tryton brings."""
    template = office.one("account.account.template", ["parent", "=", None])
    session, *_ = office.call("wizard.account.create_chart.create")
    execute = "wizard.account.create_chart.execute"
    chosen = {"account": {"account_template": template, "company": company}}
    office.call(execute, session, chosen, "create_account")
    accounts = {name: office.one("account.account", ["code", "=", code]) for name, code in ACCOUNTS.items()}
    office.call(execute, session, {**chosen, "properties": {"company": company, **accounts}}, "create_properties")
    office.call("wizard.account.create_chart.delete", session)


def _user(office: Office, company: int) -> None:
    groups = [office.one("res.group", ["name", "=", name]) for name in GROUPS]
    name = {"name": "Crossdock", "login": USER, "password": PASSWORD}
    rights = {"companies": [["add", [company]]], "company": company, "groups": [["add", groups]]}
    office.create("res.user", {**name, **rights})
