"""Connectors for the Crossdock source contract (docs/contracts/*.yaml): one a role."""

from sources.manifest import CAPABILITIES, Manifest, Proof
from sources.standard.carrier import StandardCarrier
from sources.standard.crm import StandardCrm
from sources.standard.erp import StandardErp
from sources.standard.wms import StandardWms

MANIFEST = Manifest(
    name="standard",
    title="Crossdock source contract",
    roles={"erp": StandardErp, "crm": StandardCrm, "wms": StandardWms, "carrier": StandardCarrier},
    offers=CAPABILITIES,
    proofs=(Proof.SANDBOX,),
)
