"""The vocabulary of a distributor of fasteners, electrical, packaging and maintenance supplies."""

from typing import NamedTuple


class Family(NamedTuple):
    """`price`: lowest and highest of one base unit, in thousandths."""

    category: str
    prefix: str
    kind: str
    products: tuple[str, ...]
    sizes: tuple[str, ...]
    finishes: tuple[str, ...]
    price: tuple[int, int]
    hazardous: bool = False


_METRIC = ("M3 x 10", "M4 x 16", "M5 x 20", "M6 x 25", "M8 x 30", "M8 x 40", "M10 x 50", "M12 x 60", "M16 x 80")
_INCH = ('1/4"-20 x 1"', '5/16"-18 x 1-1/4"', '3/8"-16 x 1-1/2"', '1/2"-13 x 2"', '5/8"-11 x 3"')
_COATINGS = ("Zinc Plated", "316 Stainless", "Black Oxide", "Hot-Dip Galvanized", "Brass")

FAMILIES = (
    Family(
        "FASTENERS",
        "FST",
        "small",
        ("Hex Cap Screw", "Socket Head Cap Screw", "Carriage Bolt", "Button Head Screw", "Lag Screw", "Eye Bolt"),
        (*_METRIC, *_INCH),
        _COATINGS,
        (30, 2_400),
    ),
    Family(
        "FASTENERS",
        "NWR",
        "small",
        ("Hex Nut", "Nylon Insert Lock Nut", "Flat Washer", "Split Lock Washer", "Wing Nut", "Fender Washer"),
        ("M3", "M4", "M5", "M6", "M8", "M10", "M12", '1/4"', '3/8"', '1/2"'),
        _COATINGS,
        (12, 450),
    ),
    Family(
        "ANCHORS",
        "ANC",
        "small",
        ("Wedge Anchor", "Sleeve Anchor", "Drop-In Anchor", "Toggle Bolt"),
        ('1/4" x 2"', '3/8" x 3"', '1/2" x 4"', "M8 x 75", "M10 x 90"),
        ("Zinc Plated", "304 Stainless"),
        (300, 4_800),
    ),
    Family(
        "ELECTRICAL",
        "WIR",
        "metre",
        ("THHN Building Wire", "Flexible Control Cable", "MC Cable", "Ground Wire", "Tray Cable"),
        ("14 AWG", "12 AWG", "10 AWG", "8 AWG", "1.5 mm2", "2.5 mm2", "4 mm2"),
        ("Black", "Red", "Green", "Gray", "White"),
        (350, 7_500),
    ),
    Family(
        "ELECTRICAL",
        "ELC",
        "each",
        ("Circuit Breaker", "Contactor", "Terminal Block", "Junction Box", "Conduit Coupling", "Ring Lug", "LED Panel"),
        ("10 A", "16 A", "20 A", "32 A", "63 A", "100 A"),
        ("1-Pole", "2-Pole", "3-Pole", "DIN Rail"),
        (900, 185_000),
    ),
    Family(
        "PACKAGING",
        "PKG",
        "each",
        ("Corrugated Carton", "Stretch Film", "Packing Tape", "Bubble Mailer", "Void Fill Bag", "Strapping Roll"),
        ("200x150x100 mm", "305x229x152 mm", "400x300x200 mm", "500 mm x 300 m", "48 mm x 66 m"),
        ("Kraft", "White", "Clear", "Heavy Duty"),
        (400, 46_000),
    ),
    Family(
        "MRO",
        "MRO",
        "each",
        ("Nitrile Gloves", "Safety Glasses", "Cut-Off Wheel", "Drill Bit", "Air Filter", "V-Belt", "Shop Towel"),
        ("Small", "Medium", "Large", "4-1/2 in", "6 mm", "10 mm", "A48"),
        ("Standard", "Premium", "Contractor Pack"),
        (1_200, 89_000),
    ),
    Family(
        "MRO",
        "CHM",
        "each",
        ("Penetrating Oil", "Brake Cleaner", "Contact Cleaner", "Threadlocker", "Epoxy Adhesive", "Zinc Spray"),
        ("50 ml", "250 ml", "400 ml", "1 L", "5 L"),
        ("Aerosol", "Bottle", "Low VOC"),
        (4_500, 78_000),
        hazardous=True,
    ),
    Family(
        "MRO",
        "BLK",
        "kilogram",
        ("Welding Rod", "Bearing Grease", "Lead-Free Solder", "Blasting Media", "Absorbent Granules"),
        ("1.6 mm", "2.4 mm", "3.2 mm", "NLGI 2", "Fine", "Coarse"),
        ("Standard", "High Temperature", "Food Grade"),
        (1_900, 38_000),
    ),
)

FIRST_WORDS = (
    "Cascade", "Summit", "Lakeshore", "Ironwood", "Prairie", "Granite", "Harbor", "Redwood", "Pioneer", "Sierra",
    "Northgate", "Bluewater", "Keystone", "Silverline", "Copperfield", "Maple Ridge", "Stonebridge", "Westland",
    "Evergreen", "Highland", "Riverside", "Tri-County", "Falcon", "Meridian", "Beacon",
)  # fmt: skip
SECOND_WORDS = (
    "Construction", "Electric", "Fabrication", "Manufacturing", "Mechanical", "Packaging", "Supply", "Industries",
    "Contractors", "Machine Works", "Maintenance", "Steel", "Assembly", "Controls", "Logistics",
)  # fmt: skip
LAST_WORDS = {"US": ("Inc.", "LLC", "Co.", "Corp."), "CA": ("Ltd.", "Inc.", "Limited", "ULC")}
STREETS = ("Industrial Way", "Commerce Drive", "Foundry Road", "Railway Avenue", "Mill Street", "Depot Road", "Main St")


class City(NamedTuple):
    name: str
    region: str
    postal_code: str
    warehouse: str


CITIES = {
    "US": (
        City("Sparks", "NV", "89431", "RNO"),
        City("Sacramento", "CA", "95828", "RNO"),
        City("Portland", "OR", "97217", "RNO"),
        City("Salt Lake City", "UT", "84104", "RNO"),
        City("Fort Worth", "TX", "76106", "DFW"),
        City("Tulsa", "OK", "74116", "DFW"),
        City("Denver", "CO", "80216", "DFW"),
        City("Kansas City", "MO", "64120", "DFW"),
        City("Marietta", "GA", "30062", "ATL"),
        City("Charlotte", "NC", "28206", "ATL"),
        City("Jacksonville", "FL", "32218", "ATL"),
        City("Louisville", "KY", "40213", "ATL"),
    ),
    "CA": (
        City("Mississauga", "ON", "L5T 2N7", "YYZ"),
        City("Hamilton", "ON", "L8E 5M8", "YYZ"),
        City("Laval", "QC", "H7L 4S3", "YYZ"),
        City("Winnipeg", "MB", "R3H 0R9", "YYZ"),
        City("Calgary", "AB", "T2C 4X9", "YYZ"),
        City("Surrey", "BC", "V3W 8E7", "YYZ"),
    ),
}
GIVEN = ("Alex", "Maria", "James", "Priya", "Sam", "Linda", "Omar", "Chloe", "Victor", "Hannah", "Diego", "Ruth")
SURNAMES = ("Nguyen", "Carter", "Okafor", "Silva", "Tremblay", "Kowalski", "Singh", "Meyer", "Lopez", "Brandt", "Young")
