"""FedEx's tracking status codes: those of movement and those of customs, after its published table."""

from sources.codes import (
    AVAILABLE_FOR_PICKUP,
    CANCELLED,
    DELIVERED,
    EXCEPTION,
    IN_TRANSIT,
    OUT_FOR_DELIVERY,
    PRE_TRANSIT,
    RETURNED,
    UNKNOWN_SHIPMENT,
    Codes,
)

CODES = Codes(
    "fedex",
    UNKNOWN_SHIPMENT,
    {
        "aa": IN_TRANSIT,  # at airport
        "ac": IN_TRANSIT,  # at a Canada Post facility
        "ad": OUT_FOR_DELIVERY,  # at delivery
        "ae": IN_TRANSIT,  # arriving early: not in the table, but beside AO in answers
        "af": IN_TRANSIT,  # at local FedEx facility
        "ao": IN_TRANSIT,  # arriving on time
        "ap": PRE_TRANSIT,  # at pickup
        "ar": IN_TRANSIT,  # arrived at FedEx location
        "ax": IN_TRANSIT,  # at USPS facility
        "ca": CANCELLED,
        "cc": IN_TRANSIT,  # cleared customs
        "cd": EXCEPTION,  # clearance delay
        "ch": IN_TRANSIT,  # location changed
        "cp": IN_TRANSIT,  # clearance in progress
        "dd": EXCEPTION,  # delivery delay
        "de": EXCEPTION,  # delivery exception
        "dl": DELIVERED,
        "dp": IN_TRANSIT,  # departed
        "dr": EXCEPTION,  # vehicle furnished but not used
        "ds": PRE_TRANSIT,  # vehicle dispatched
        "dy": EXCEPTION,  # delay
        "ea": IN_TRANSIT,  # en route to airport, and export approved
        "ed": OUT_FOR_DELIVERY,  # en route to delivery
        "eo": IN_TRANSIT,  # en route to origin airport
        "ep": PRE_TRANSIT,  # en route to pickup
        "fd": IN_TRANSIT,  # at FedEx destination
        "hl": AVAILABLE_FOR_PICKUP,  # hold at location
        "hp": AVAILABLE_FOR_PICKUP,  # ready for recipient pickup
        "it": IN_TRANSIT,
        "ix": IN_TRANSIT,  # see details
        "lo": IN_TRANSIT,  # left origin
        "lp": CANCELLED,  # return label link cancelled by the originator
        "oc": PRE_TRANSIT,  # order created
        "od": OUT_FOR_DELIVERY,
        "of": IN_TRANSIT,  # at FedEx origin facility
        "ow": IN_TRANSIT,  # on the way
        "ox": PRE_TRANSIT,  # shipment information sent to USPS
        "pd": EXCEPTION,  # pickup delay
        "pf": IN_TRANSIT,  # plane in flight
        "pl": IN_TRANSIT,  # plane landed
        "pm": IN_TRANSIT,  # in progress
        "pu": IN_TRANSIT,  # picked up
        "px": IN_TRANSIT,  # picked up, see details
        "rc": IN_TRANSIT,  # the recipient's wish for its delivery cancelled
        "rd": CANCELLED,  # return label link expired
        "rg": PRE_TRANSIT,  # return label link expiring soon
        "rm": IN_TRANSIT,  # the recipient's wish for its delivery modified
        "rp": PRE_TRANSIT,  # return label link sent to the return's sender
        "rr": IN_TRANSIT,  # the recipient has a wish for its delivery
        "rs": RETURNED,  # return to shipper
        "se": EXCEPTION,  # shipment exception
        "sf": IN_TRANSIT,  # at sort facility
        "sp": UNKNOWN_SHIPMENT,  # split status: its pieces are in several places
        "tr": IN_TRANSIT,  # transfer
    },
)
