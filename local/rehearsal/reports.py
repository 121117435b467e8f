"""The words of the example reports. Every person, number, hospital and specimen is invented."""

from dataclasses import dataclass
from datetime import date

NOTICE = "FICTITIOUS REPORT - made for demonstration, no real person"
LABORATORY = "Example Laboratory of Pathology, Sampletown"


@dataclass(frozen=True, slots=True)
class Person:
    """An invented patient, as the report's head and the inquiry name them."""

    name: str
    birth_date: date
    sex: str
    record_number: str
    country: str
    """Nationality and residence, ISO 3166 alpha-2."""
    time_zone: str
    email: str


ROSA = Person(
    "Rosa Exempla",
    date(1963, 5, 17),
    "female",
    "FX-100201",
    "KE",
    "Africa/Nairobi",
    "rosa.exempla@family.example",
)
TOMAS = Person(
    "Tomas Musterbauer",
    date(1958, 9, 2),
    "male",
    "FX-100202",
    "KZ",
    "Asia/Almaty",
    "tomas.musterbauer@family.example",
)
NILA = Person(
    "Nila Sampleton",
    date(1971, 1, 30),
    "female",
    "FX-100203",
    "OM",
    "Asia/Muscat",
    "nila.sampleton@family.example",
)
SOMEBODY_ELSE = Person(
    "Petra Otherwise",
    date(1949, 12, 24),
    "female",
    "FX-900999",
    "KE",
    "Africa/Nairobi",
    "petra.otherwise@family.example",
)

Rows = tuple[tuple[str, str], ...]


def head(person: Person, *, accession: str, collected: str, reported: str) -> Rows:
    """Return the particulars that stand on top of a report."""
    return (
        ("Patient name", person.name),
        ("Date of birth", person.birth_date.isoformat()),
        ("Sex", person.sex.capitalize()),
        ("MRN", person.record_number),
        ("Accession", accession),
        ("Date collected", collected),
        ("Date reported", reported),
    )


BREAST_BIOPSY_SYNOPTIC: Rows = (
    ("Procedure", "Core needle biopsy"),
    ("Specimen laterality", "Right"),
    ("Tumor site", "Upper outer quadrant"),
    ("Histologic type", "Invasive carcinoma of no special type (ductal)"),
    ("Histologic grade (Nottingham)", "Grade 1"),
    ("Tubule formation", "Score 2"),
    ("Nuclear pleomorphism", "Score 2"),
    ("Mitotic rate", "Score 1"),
    ("Overall score", "5 of 9"),
    ("Tumor size", "12 mm, largest dimension on ultrasound"),
    ("Tumor focality", "Single focus (unifocal) on mammography and ultrasound"),
    ("Ductal carcinoma in situ (DCIS)", "Present, minor component (5 %)"),
    ("Extensive intraductal component", "Absent"),
    ("Lymphovascular invasion", "Not identified"),
)
BREAST_BIOPSY_MARKERS = (
    ("Marker", "Result", "Detail"),
    ("Estrogen receptor (ER)", "Positive", "95 % of cells, strong"),
    ("Progesterone receptor (PR)", "Positive", "80 % of cells, moderate"),
    ("HER2 (IHC)", "Negative", "Score 1+"),
    ("Ki-67", "8 %", "hot spot count"),
)
BREAST_BIOPSY_DIAGNOSIS = (
    "Right breast, upper outer quadrant, ultrasound-guided core biopsy: invasive carcinoma of no "
    "special type (ductal), Nottingham grade 1."
)

BREAST_FINAL_SYNOPTIC: Rows = (
    ("Procedure", "Excision (lumpectomy) with intraoperative radiotherapy"),
    ("Specimen laterality", "Right"),
    ("Tumor site", "Upper outer quadrant"),
    ("Histologic type", "Invasive carcinoma of no special type (ductal)"),
    ("Histologic grade (Nottingham)", "Grade 1"),
    ("Tumor size", "13 mm, greatest dimension of the invasive focus"),
    ("Tumor focality", "Single focus of invasive carcinoma"),
    ("Ductal carcinoma in situ (DCIS)", "Present, 5 % of the tumor"),
    ("Extensive intraductal component", "Absent"),
    ("Lymphovascular invasion", "Not identified"),
    ("Margins", "All margins negative for invasive carcinoma and DCIS"),
    ("Closest margin", "6 mm (anterior)"),
    ("Regional lymph nodes", "Negative for tumor"),
    ("Number of lymph nodes examined", "2"),
    ("Number of lymph nodes with metastasis", "0"),
    ("Extranodal extension", "Not applicable"),
    ("Pathologic stage", "pT1c pN0 (AJCC 8th edition)"),
)
BREAST_FINAL_DIAGNOSIS = (
    "Right breast, lumpectomy: invasive carcinoma of no special type (ductal), 13 mm, Nottingham "
    "grade 1. Margins negative, closest 6 mm. Two sentinel lymph nodes, negative (0/2)."
)

RECTUM_TITLE = "Surgical Pathology Report"
RECTUM_PARAGRAPHS = (
    ("Clinical history", "Low anterior resection three years ago for adenocarcinoma of the "
     "rectum, followed by pelvic radiotherapy of 50.4 Gy in 28 fractions. Rising CEA. MRI shows a "
     "mass at the anastomosis, in contact with the left pelvic side wall."),
    ("Specimen", "Presacral soft tissue beside the colorectal anastomosis, CT-guided core needle "
     "biopsies (4)."),
    ("Gross description", "Four grey-white cores, 11 to 16 mm long, submitted entirely in two "
     "cassettes."),
    ("Microscopic description", "The cores show fibrous tissue infiltrated by irregular glands "
     "with central necrosis. The lining cells have enlarged, hyperchromatic nuclei. Nerve bundles "
     "are surrounded by tumour: perineural invasion is present. Lymphovascular invasion is not "
     "identified. No mucinous differentiation is seen. The glands stain for CK20 and CDX2; CK7 is "
     "negative."),
    ("Mismatch repair", "MLH1, PMS2, MSH2 and MSH6: nuclear expression retained. Mismatch repair "
     "proficient (pMMR)."),
    ("Diagnosis", "Presacral soft tissue, core biopsies: adenocarcinoma, moderately differentiated "
     "(grade 2), consistent with local recurrence of the known rectal adenocarcinoma."),
    ("Comment", "The findings were telephoned to the referring department. Correlation with "
     "imaging is advised for the distance to the sacrum."),
)  # fmt: skip

BREAST_SCAN_LINES = (
    "SURGICAL PATHOLOGY REPORT",
    "",
    "Clinical information: palpable lump, left breast, 3 o'clock. BI-RADS 5.",
    "",
    "Specimen: Left breast, ultrasound-guided core needle biopsy (5 cores).",
    "",
    "Macroscopic description: five cores, 9 to 14 mm.",
    "",
    "Microscopic description: single-file strands of small cells in a",
    "fibrous stroma. E-cadherin is negative in the tumour cells.",
    "",
    "Diagnosis: Left breast, core biopsy:",
    "Invasive lobular carcinoma, Nottingham grade 2.",
    "Tubule formation 3, nuclear pleomorphism 2, mitotic rate 1.",
    "Tumour size on ultrasound: 27 mm.",
    "Lobular carcinoma in situ: present.",
    "",
    "Estrogen receptor: positive (90 %).",
    "Progesterone receptor: positive (40 %).",
    "HER2 (IHC): not performed on this specimen.",
    "",
    "Left axillary lymph node, fine needle aspiration:",
    "metastatic carcinoma, compatible with breast primary.",
)

ADDENDUM_LINES: Rows = (
    ("Addendum", "Fluorescence in situ hybridisation for HER2 was added at the clinician's wish."),
    ("HER2 (ISH)", "Not amplified. HER2/CEP17 ratio 1.2"),
)
