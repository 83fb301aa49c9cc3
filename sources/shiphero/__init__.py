"""ShipHero, a WMS that is itself GraphQL: its connector, and what it tells by webhook."""

from sources.manifest import WMS_READS, WMS_WRITES, Manifest, Proof
from sources.shiphero.wms import ShipHeroWms

MANIFEST = Manifest(
    name="shiphero",
    title="ShipHero",
    roles={"wms": ShipHeroWms},
    offers={"wms": WMS_READS | WMS_WRITES},
    proofs=(Proof.FIXTURES,),
)
