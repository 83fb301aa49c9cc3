"""Connectors by the name they have in the settings: an explicit dict, to be read and searched."""

from collections.abc import Mapping
from typing import Any

from sources import standard

Connectors = Mapping[str, Mapping[str, type[Any]]]

CONNECTORS: Connectors = {"standard": standard.ROLES}
"""Connector name → role → class. A class is made from its SourceClient; its static `reason` finds the machine word in the
body of a refusal, for every vendor words those in its own way."""
