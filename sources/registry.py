"""Connectors by the name they have in the settings: an explicit dict, to be read and searched."""

from collections.abc import Mapping

from sources import business_central, easypost, fedex, hubspot, salesforce, sap, shiphero, standard, tryton, ups
from sources.manifest import Manifest

Connectors = Mapping[str, Manifest]

CONNECTORS: Connectors = {
    each.name: each
    for each in (
        standard.MANIFEST,
        business_central.MANIFEST,
        ups.MANIFEST,
        fedex.MANIFEST,
        easypost.MANIFEST,
        hubspot.MANIFEST,
        salesforce.MANIFEST,
        shiphero.MANIFEST,
        tryton.MANIFEST,
        sap.MANIFEST,
    )
}
"""A connector's class is made from its SourceClient, and from its options where it has an `Options` struct; its static `reason` finds
the machine word in the body of a refusal, for every vendor words those in its own way; `grant` is how it is signed in to, where that
is a way of its own."""
