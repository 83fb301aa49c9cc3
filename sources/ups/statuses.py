"""UPS's words for where a package is: three digits say it in detail, a type of one or two letters in general.

The two letters of an activity's own `code` have no published list and are not looked at.
"""

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
    Meaning,
)

DETAILS: dict[str, Meaning] = {
    "000": UNKNOWN_SHIPMENT,  # status not available
    "003": PRE_TRANSIT,  # order processed: ready for UPS
    "005": IN_TRANSIT,
    "006": OUT_FOR_DELIVERY,  # on vehicle for delivery
    "007": CANCELLED,  # shipment information voided
    "010": IN_TRANSIT,  # on time
    "011": DELIVERED,
    "012": IN_TRANSIT,  # clearance in progress
    "013": EXCEPTION,
    "014": IN_TRANSIT,  # clearance completed
    "016": EXCEPTION,  # held in warehouse
    "017": AVAILABLE_FOR_PICKUP,  # held for customer pickup
    "018": IN_TRANSIT,  # delivery change requested: hold for pickup
    "019": IN_TRANSIT,  # held for future delivery, as was asked for
    "020": IN_TRANSIT,  # held for future delivery requested
    "021": OUT_FOR_DELIVERY,  # on vehicle for delivery today
    "022": EXCEPTION,  # first attempt made
    "023": EXCEPTION,  # second attempt made
    "024": EXCEPTION,  # final attempt made
    "025": IN_TRANSIT,  # transferred to the local post office for delivery
    "026": DELIVERED,  # by the local post office
    "027": IN_TRANSIT,  # delivery address change requested
    "028": IN_TRANSIT,  # delivery address changed
    "029": EXCEPTION,  # action required
    "030": EXCEPTION,  # local post office exception
    "032": IN_TRANSIT,  # adverse weather may cause delay
    "033": EXCEPTION,  # return to sender requested
    "034": RETURNED,
    "035": RETURNED,  # returning to sender
    "036": RETURNED,  # returning to sender: in transit
    "037": RETURNED,  # returning to sender: on vehicle for delivery
    "038": IN_TRANSIT,  # picked up
    "039": IN_TRANSIT,  # by post office
    "040": AVAILABLE_FOR_PICKUP,  # at a UPS Access Point
    "041": IN_TRANSIT,  # service upgrade requested
    "042": IN_TRANSIT,  # service upgraded
    "043": CANCELLED,  # voided pickup
    "044": PRE_TRANSIT,  # in transit to UPS
    "045": PRE_TRANSIT,  # order processed: in transit to UPS
    "046": EXCEPTION,  # delay
    "047": EXCEPTION,  # delay
    "048": EXCEPTION,  # delay
    "049": EXCEPTION,  # delay: action required
    "050": EXCEPTION,  # address information required
    "051": EXCEPTION,  # delay: emergency situation or severe weather
    "052": EXCEPTION,  # delay: severe weather
    "053": EXCEPTION,  # delay: severe weather, recovery in progress
    "054": IN_TRANSIT,  # delivery change requested
    "055": IN_TRANSIT,  # rescheduled delivery
    "056": IN_TRANSIT,  # service upgrade requested
    "057": IN_TRANSIT,  # in transit to a UPS Access Point
    "058": EXCEPTION,  # clearance information required
    "059": EXCEPTION,  # damage reported
    "060": EXCEPTION,  # delivery attempted
    "061": EXCEPTION,  # delivery attempted: adult signature required
    "062": EXCEPTION,  # delivery attempted: funds required
    "063": IN_TRANSIT,  # delivery change completed
    "064": EXCEPTION,  # delivery refused
    "065": PRE_TRANSIT,  # pickup attempted: it is still with the shipper
    "066": EXCEPTION,  # post office delivery attempted
    "067": RETURNED,  # by post office
    "068": EXCEPTION,  # sent to lost and found
    "069": EXCEPTION,  # package not claimed
}

TYPES: dict[str, Meaning] = {
    "d": DELIVERED,
    "i": IN_TRANSIT,
    "m": PRE_TRANSIT,  # billing information received
    "mv": CANCELLED,  # billing information voided
    "p": IN_TRANSIT,  # picked up
    "x": EXCEPTION,
    "rs": RETURNED,
    "do": IN_TRANSIT,  # freight: at the container freight station of its origin
    "dd": IN_TRANSIT,  # freight: at that of its destination, not yet with the consignee
    "w": IN_TRANSIT,  # freight: warehousing
    "na": UNKNOWN_SHIPMENT,  # not available
    "o": OUT_FOR_DELIVERY,
    "u": IN_TRANSIT,  # only pushed: its scheduled delivery has changed
}

CODES = Codes("ups", UNKNOWN_SHIPMENT, DETAILS | TYPES)
