"""EasyPost: the trackers that it keeps for many carriers, listed and pushed."""

from sources.easypost.carrier import EasypostCarrier
from sources.manifest import Manifest, Proof

MANIFEST = Manifest(
    name="easypost",
    title="EasyPost",
    roles={"carrier": EasypostCarrier},
    offers={"carrier": frozenset({"tracking"})},
    proofs=(Proof.FIXTURES,),
)
