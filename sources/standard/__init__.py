"""Connectors for the Crossdock source contract (docs/contracts/*.yaml): one a role."""

from sources.standard.carrier import StandardCarrier
from sources.standard.crm import StandardCrm
from sources.standard.erp import StandardErp
from sources.standard.wms import StandardWms

ROLES = {"erp": StandardErp, "crm": StandardCrm, "wms": StandardWms, "carrier": StandardCarrier}
