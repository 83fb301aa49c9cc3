"""Several systems of one role behind one port: which is asked hangs on company, warehouse, carrier, and nobody in front of it knows."""

from sources.routed.carrier import RoutedCarrier
from sources.routed.crm import RoutedCrm
from sources.routed.erp import RoutedErp
from sources.routed.systems import System, Systems
from sources.routed.wms import RoutedWms

__all__ = ["ROUTED", "System", "Systems"]

ROUTED = {"erp": RoutedErp, "crm": RoutedCrm, "wms": RoutedWms, "carrier": RoutedCarrier}
"""Role → what stands for several systems of it. Made from the role's name and its systems in the order of the settings."""
