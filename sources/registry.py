"""Connectors by the name they have in the settings: an explicit dict, to be read and searched."""

from collections.abc import Mapping

from sources import standard

CONNECTORS: Mapping[str, Mapping[str, type]] = {"standard": standard.ROLES}
"""Connector name → role → class; a class is made from its SourceClient."""
