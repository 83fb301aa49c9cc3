"""Tryton, a free ERP: as the ERP and as the WMS, over the JSON-RPC that its own client speaks. See README.md."""

from sources.manifest import CAPABILITIES, Manifest, Proof
from sources.tryton.erp import TrytonErp
from sources.tryton.wms import TrytonWms

MANIFEST = Manifest(
    name="tryton",
    title="Tryton",
    roles={"erp": TrytonErp, "wms": TrytonWms},
    offers={
        "erp": CAPABILITIES["erp"] - {"customers_by_bill_to", "hold_order", "unhold_order"},
        "wms": CAPABILITIES["wms"],
    },
    proofs=(Proof.REAL_PROCESS,),
)
