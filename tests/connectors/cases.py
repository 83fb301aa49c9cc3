"""Every connector's cases: one a role that it plays."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.connectors import (
    business_central,
    easypost,
    fedex,
    hubspot,
    salesforce,
    sap,
    shiphero,
    standard,
    tryton,
    ups,
)
from tests.connectors.case import Case

CASES: tuple[Case, ...] = (
    *standard.CASES,
    *business_central.CASES,
    *ups.CASES,
    *fedex.CASES,
    *easypost.CASES,
    *hubspot.CASES,
    *salesforce.CASES,
    *shiphero.CASES,
    *tryton.CASES,
    *sap.CASES,
)


def each_of(kind: str) -> Sequence[Any]:
    """One parameter a capability: `kind` is a member of Case that holds them."""
    return [pytest.param(case, one, id=_name(case, one)) for case in CASES for one in getattr(case, kind)]


def _name(case: Case, one: Any) -> str:
    return f"{case}-{one.name}-{type(one).__name__.lower()}"
