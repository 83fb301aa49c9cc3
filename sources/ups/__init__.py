"""UPS, by its Tracking API: where a package is."""

from sources.manifest import Manifest, Proof
from sources.ups.carrier import UpsCarrier

MANIFEST = Manifest(
    name="ups",
    title="UPS",
    roles={"carrier": UpsCarrier},
    offers={"carrier": frozenset({"tracking"})},
    proofs=(Proof.VENDOR_DESCRIPTION, Proof.FIXTURES),
)
