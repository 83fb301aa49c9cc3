"""What each of several systems of one role answers for, and whether together they leave nothing open and nothing twice."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec


class Territory(msgspec.Struct, frozen=True):
    """What one system answers for. What is left out, it takes whatever no other system of its role names.

    `warehouses`: codes, unique in all companies together. `carriers`: as the WMS names them, in any case.
    """

    companies: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()

    def has_company(self, company: str) -> bool:
        return not self.companies or company in self.companies


class Fault(NamedTuple):
    """`system` and `field` say where in the settings it is; both empty: in the role as a whole."""

    told: str
    system: str = ""
    field: str = ""


def faults(territories: Mapping[str, Territory]) -> Iterable[Fault]:
    """What is claimed twice within one role, in the order of the settings."""
    named: dict[tuple[str, str], str] = {}
    leftovers: str | None = None
    for name, territory in territories.items():
        field, claims = _claims(territory)
        if len(set(claims)) < len(claims):
            yield Fault(f"`{field}` names something twice", name, field)
        for claim in dict.fromkeys(claims):
            other = named.setdefault((field, claim), name)
            if other != name:
                yield Fault(f'"{claim}" is that of `{other}` already', name, field)
        if not claims and leftovers is not None:
            yield Fault(f"`{leftovers}` takes whatever is left already: say which are this one's", name)
        leftovers = leftovers if claims else leftovers or name


def _claims(territory: Territory) -> tuple[str, list[str]]:
    """By the narrowest that is named: whoever names its warehouses shares the company with others."""
    if territory.warehouses:
        return "warehouses", [*territory.warehouses]
    if territory.carriers:
        return "carriers", [each.casefold() for each in territory.carriers]
    return "companies", [*territory.companies]


def serves_company(territories: Iterable[Territory], company: str) -> bool:
    """Whether any of them may hold something of this company."""
    return any(each.has_company(company) for each in territories)


def serves_warehouse(territories: Iterable[Territory], code: str) -> bool:
    return any(not each.warehouses or code in each.warehouses for each in territories)


def serves_carrier(territories: Iterable[Territory], carrier: str) -> bool:
    names = [{each.casefold() for each in territory.carriers} for territory in territories]
    return any(not each or carrier.casefold() in each for each in names)
