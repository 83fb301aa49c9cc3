"""HubSpot, a CRM: what it knows of customers, the notes left there, and what it tells by webhook."""

from sources.hubspot.crm import HubSpotCrm
from sources.manifest import Manifest, Proof

MANIFEST = Manifest(
    name="hubspot",
    title="HubSpot",
    roles={"crm": HubSpotCrm},
    offers={"crm": frozenset({"relationships", "add_note"})},
    proofs=(Proof.VENDOR_DESCRIPTION, Proof.FIXTURES),
)
