"""Who speaks which webhooks: how they are signed, how they are read. An explicit dict, to be read and searched."""

from collections.abc import Mapping
from typing import NamedTuple

from sources.aftership import webhook as aftership
from sources.business_central import webhook as business_central
from sources.delivery import Reader
from sources.easypost import statuses as easypost_statuses
from sources.easypost import webhook as easypost
from sources.fedex import statuses as fedex_statuses
from sources.fedex import webhook as fedex
from sources.hubspot import webhook as hubspot
from sources.shiphero import statuses as shiphero_statuses
from sources.shiphero import webhook as shiphero
from sources.standard import webhook as standard
from sources.ups import statuses as ups_statuses
from sources.ups import webhook as ups

CODES = (
    easypost_statuses.CODES,
    ups_statuses.CODES,
    fedex_statuses.CODES,
    shiphero_statuses.LABELS,
    aftership.CODES,
    standard.SHIPMENT_WORDS,
    standard.ORDER_WORDS,
)
"""Every vendor's table, which counts what is not in it."""


class Dialect(NamedTuple):
    """`signature`: the scheme, by its name in sources/signatures.py. `handshake`: the query parameter that is to be echoed."""

    signature: str
    read: Reader
    handshake: str | None = None


DIALECTS: Mapping[str, Dialect] = {
    "standard": Dialect("standard", standard.read),
    "easypost": Dialect("easypost", easypost.read),
    "ups": Dialect("secret", ups.read),
    "fedex": Dialect("fedex", fedex.read),
    "aftership": Dialect("aftership", aftership.read),
    "shiphero": Dialect("shiphero", shiphero.read),
    "hubspot": Dialect("hubspot", hubspot.read),
    "business_central": Dialect("client_state", business_central.read, "validationToken"),
}
