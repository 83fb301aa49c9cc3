"""FedEx, by its Track API: where a package is."""

from sources.fedex.carrier import FedexCarrier
from sources.manifest import Manifest, Proof

MANIFEST = Manifest(
    name="fedex",
    title="FedEx",
    roles={"carrier": FedexCarrier},
    offers={"carrier": frozenset({"tracking"})},
    proofs=(Proof.FIXTURES,),
)
