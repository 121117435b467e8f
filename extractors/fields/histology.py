"""Histologic type. One row a type; the first rows are the more specific ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.candidates import Candidate
from extractors.context import is_family, is_of_core, is_past, is_suspected, polarity
from extractors.patterns import rx, rx_once
from extractors.reading import Reading


@dataclass(frozen=True, slots=True)
class Type:
    """A histologic type: its name here, its words, and how specific they are (0..2)."""

    name: str
    words: str
    specific: float = 1.0


_INV = r"(?:invasive|infiltrating|infiltrative|invading|infi[l1]trat\w++)"
_GLUE = r"(?:[\s,;/-]++(?!in[\s-]situ|and\b|or\b|no\b)[\w(][\w()-]*+){0,5}?[\s,;/-]++"
_TYPE = r"(?:\b(?:histolog\w++|tumou?r) type|(?m:^)\s{0,4}type)\s?:\s{0,3}"
BREAST: tuple[Type, ...] = (
    Type(
        "mixed_ductal_lobular",
        rf"mixed{_GLUE}(?:ductal|lobular)(?:{_GLUE})?(?:and |& |/ ?|- ?)?(?:ductal|"
        rf"lobular)|{_INV}{_GLUE}(?:duct\w* (?:and|&|/|-) lobular|lobular (?:and|&|/|"
        rf"-) duct\w*)|(?:ductal and lobular|lobular and ductal) (?:features|type|"
        rf"differentiation|carcinoma)|(?:mixed|combined) (?:type|"
        rf"carcinoma)[^.]{{0,20}}(?:ductal|lobular)|"
        rf"duct\w* carcinoma with (?:focal )?lobular (?:features|"
        rf"differentiation)|tubulo-?lobular",
        1.6,
    ),
    Type(
        "metaplastic",
        r"metaplastic (?:\w++ ){0,3}carcinoma|"
        r"carcinoma with (?:\w++ ){0,2}metaplasia|carcinosarcoma|"
        r"metaplastic (?:breast )?(?:cancer|tumou?r)|metaplastic type",
        1.7,
    ),
    Type(
        "medullary",
        r"medullary (?:\w++ ){0,2}carcinoma|carcinoma,? medullary|medullary type|"
        r"\bmedullary features",
        1.2,
    ),
    Type(
        "mucinous",
        rf"(?:{_INV}[\s,]++)?(?:pure )?(?:mucinous|"
        rf"colloid) (?:\([a-z]++\) )?(?:breast |mammary )?(?:adeno)?carcinoma|"
        rf"(?:mucinous|colloid) type|carcinoma,? (?:mucinous|colloid)",
        1.4,
    ),
    Type(
        "papillary",
        rf"{_INV}{_GLUE}papillary (?:adeno)?carcinoma|(?:encapsulated|"
        rf"intracystic|solid) papillary carcinoma|"
        rf"(?<!micro)(?<!micro-)\bpapillary (?:mammary )?carcinoma(?! in situ)",
        1.1,
    ),
    Type(
        "micropapillary",
        rf"{_INV}{_GLUE}micro-?\s?papillary (?:adeno)?carcinoma|"
        rf"micro-?\s?papillary (?:mammary )?carcinoma(?!,? in[\s-]situ)",
        1.3,
    ),
    Type("tubular", r"(?<!in )tubular carcinoma", 1.1),
    Type(
        "other",
        r"adenoid cystic carcinoma|apocrine carcinoma|cribriform carcinoma|"
        r"secretory carcinoma|paget's? disease of (?:the )?nipple(?! ?:)|"
        r"neuroendocrine carcinoma|phyllodes",
        0.9,
    ),
    Type(
        "ilc",
        rf"{_INV}{_GLUE}lobular|(?<!situ )lobular (?:adeno|mammary |"
        rf"breast )?(?:carcinoma|cancer)(?![\s,-]{{0,3}}(?:\(?lcis|"
        rf"in[\s-]{{0,2}}situ|insitu))|\bilc\b|lobular type|"
        rf"{_TYPE}lobular\b(?! (?:carcinoma )?in[\s-]situ| with\b| and\b)|"
        rf"lobular carcinoma,? {_INV}|carcinoma[\s,]++(?:{_INV}[\s,]++)?lobular(?: "
        rf"type)?",
        1.2,
    ),
    Type(
        "idc_nst",
        rf"{_INV}{_GLUE}duct(?:al)?\b|duct(?:al)? (?:adeno|mammary |breast |"
        rf"cell )?(?:carcin\w++|cancer)(?![\s,-]{{0,3}}(?:\(?dcis|in[\s-]{{0,2}}situ|"
        rf"insitu))|\bidc\b|no special type|\bnst\b|"
        rf"{_INV} (?:breast |mammary )?carcinoma,? (?:of )?non-?\s?special type|"
        rf"{_TYPE}ductal\b(?! (?:and|with|carcinoma in|in)\b)|"
        rf"carcinoma[\s,]++(?:{_INV}[\s,]++)?ductal(?: type)?|ductal type|"
        rf"mammary carcinoma(?!,? (?:with )?lobular)|ductal adenocarcinoma",
        1.0,
    ),
)
_ADENO = r"adeno-?\s?carcin[o0]ma"
BOWEL: tuple[Type, ...] = (
    Type(
        "signet_ring",
        r"signet[\s-]{0,2}ring (?:cell )?(?:type )?(?:adeno)?carcinoma|"
        r"signet[\s-]{0,2}ring cell type",
        1.6,
    ),
    Type("medullary", r"medullary (?:type )?(?:adeno)?carcinoma", 1.4),
    Type(
        "mucinous_adenocarcinoma",
        rf"(?<!with )(?:mucinous|colloid|muco(?:us|id)[\s-]*(?:producing|forming)?|"
        rf"mucin[\s-]*(?:producing|forming|secreting|ous)|mucigenous|"
        rf"mucus[\s-]*forming)[\s,-]{{0,3}}(?:\(colloid\) |\([^)]{{0,20}}\) |"
        rf"type )?(?:{_ADENO}|carcinoma)|"
        rf"{_ADENO},? (?:of )?(?:the )?mucinous(?: type)?(?! (?:features|"
        rf"differentiation|component))|mucinous type|{_ADENO} \((?:mucinous|colloid)",
        1.5,
    ),
    Type("neuroendocrine", r"neuroendocrine (?:carcinoma|tumou?r|neoplasm)|carcinoid", 1.0),
    Type(
        "adenocarcinoma",
        rf"{_ADENO}|colo-?rectal carcinoma|carcinoma of the (?:colon|rectum|c[a]?ecum|sigmoid)",
        1.0,
    ),
)
STOMACH: tuple[Type, ...] = (
    Type(
        "signet_ring",
        r"signet[\s-]{0,2}ring[\s-]{0,2}(?:cell)?s? (?:type |"
        r"adeno)?(?:carcinoma)?(?:,? diffuse)?",
        1.5,
    ),
    Type(
        "mucinous_adenocarcinoma",
        rf"(?:mucinous|colloid|muciparous|mucocellular) (?:type )?(?:{_ADENO}|"
        rf"carcinoma)|{_ADENO},? mucinous|mucinous type",
        1.5,
    ),
    Type(
        "diffuse",
        rf"diffuse(?:[\s,-]++\w++){{0,2}}[\s,-]{{0,2}}(?:type|{_ADENO}|carcinoma)|"
        rf"{_ADENO}[^.;]{{0,40}}\bdiffuse(?:[\s-]type| \(|,)|poorly cohesive|"
        rf"lauren[^.;]{{0,25}}diffuse|diffuse[^.;]{{0,25}}lauren|linitis",
        1.4,
    ),
    Type(
        "intestinal",
        rf"intestinal[\s-]++(?:type|{_ADENO})|"
        rf"{_ADENO}[^.;]{{0,40}}\bintestinal(?! metaplasia)|"
        rf"lauren[^.;]{{0,25}}intestinal|intestinal[^.;]{{0,25}}lauren",
        1.3,
    ),
    Type("tubular", rf"tubul\w++ (?:{_ADENO}|carcinoma|type)|{_ADENO}[\s,(]{{0,4}}tubul\w++", 1.2),
    Type("papillary", rf"papillary {_ADENO}", 1.2),
    Type("neuroendocrine", r"neuroendocrine (?:carcinoma|tumou?r|neoplasm)|carcinoid", 1.0),
    Type("adenocarcinoma", rf"{_ADENO}|gastric carcinoma|carcinoma of the stomach", 1.0),
)
PANCREAS: tuple[Type, ...] = (
    Type(
        "colloid",
        r"colloid (?:\([a-z -]++\) )?(?:adeno)?carcinoma|mucinous non-?cystic|"
        r"(?:mucinous|colloid) (?:\(colloid\) )?(?:adeno)?carcinoma",
        1.5,
    ),
    Type(
        "neuroendocrine",
        r"neuroendocrine (?:carcinoma|tumou?r|neoplasm)|islet cell (?:tumou?r|carcinoma)",
        1.4,
    ),
    Type("adenosquamous", r"adenosquamous (?:carcinoma)?", 1.4),
    Type("acinar", r"acinar cell carcinoma", 1.4),
    Type(
        "ductal_adenocarcinoma",
        rf"duct(?:al)? (?:\w++ )?{_ADENO}|{_ADENO},? (?:of )?(?:pancreatic )?duct|"
        rf"(?:infiltrating |invasive )?duct(?:al)? carcinoma|pancreatobiliary",
        1.2,
    ),
    Type("adenocarcinoma", rf"{_ADENO}|pancreatic carcinoma|carcinoma of the pancrea", 1.0),
)
SARCOMA: tuple[Type, ...] = (
    Type(
        "dedifferentiated_liposarcoma",
        r"de-?differentiated[\s,(-]++(?:\w++[\s,-]++){0,3}lipo-?sarcoma|"
        r"lipo-?sarcoma[\s,(-]++(?:(?!not?\b|without\b|non\b)\w++[\s,-]++){0,4}de-?differentiat",
        1.8,
    ),
    Type("myxoid_liposarcoma", r"myxoid[\s/]++(?:round cell )?liposarcoma", 1.5),
    Type(
        "well_differentiated_liposarcoma",
        r"well[\s-]differentiated (?:\w++ )?liposarcoma|atypical lipomatous",
        1.3,
    ),
    Type(
        "myxofibrosarcoma",
        r"myxo-?fibro-?sarcoma|myxoid (?:variant of )?(?:malignant fibrous histiocytoma|mfh)",
        1.6,
    ),
    Type("synovial_sarcoma", r"synovial (?:cell )?sarcoma", 1.5),
    Type("mpnst", r"(?:peripheral )?nerve sheath tumou?r|\bmpnst", 1.4),
    Type(
        "undifferentiated_pleomorphic_sarcoma",
        r"(?:undifferentiated )?pleomorphic (?:\w++ )?sarcoma|"
        r"malignant fibrous histiocytoma|\bmfh\b|"
        r"undifferentiated (?:high[\s-]grade )?(?:\w++ )?sarcoma|"
        r"storiform-pleomorphic|pleomorphic[\s,-]++(?:\w++[\s,-]++){0,2}sarcoma",
        1.3,
    ),
    Type("leiomyosarcoma", r"leio-?\s?myo-?\s?sarcoma", 1.5),
    Type("desmoid", r"desmoid|fibromatosis", 0.9),
    Type("gist", r"gastrointestinal stromal tumou?r", 1.0),
    Type("liposarcoma", r"liposarcoma", 1.0),
    Type("sarcoma", r"sarcoma", 0.5),
)
TYPES = {
    "breast": BREAST,
    "colon": BOWEL,
    "rectum": BOWEL,
    "stomach": STOMACH,
    "pancreas": PANCREAS,
    "soft_tissue": SARCOMA,
}
GYNAE: tuple[Type, ...] = (
    Type("endometrioid", r"endometrioid (?:adeno)?carcinoma", 1.3),
    Type("serous", r"serous (?:adeno|papillary )?carcinoma", 1.3),
    Type("clear_cell", r"clear cell (?:adeno)?carcinoma", 1.3),
    Type("carcinosarcoma", r"carcinosarcoma|m[uü]llerian tumou?r", 1.4),
    Type("squamous", r"squamous cell carcinoma", 1.2),
    Type("adenocarcinoma", _ADENO, 1.0),
)
_LABEL = rx(
    r"(?:histolog\w++(?: type| sub-?type| diagnosis)?|tumou?r type|"
    r"type of (?:tumou?r|carcinoma)|histologic type of invasive carcinoma|"
    r"cell type|type)(?: ?\([a-z ]++\))?\s?[:;-]\s?(?:\w[\w,-]*+ ){0,6}$"
)
_NOISE_AFTER = rx(r"^[\s,-]{0,3}(?:in[\s-]{0,2}situ|insitu|\(?dcis|\(?lcis)")
_IN_SITU_BEFORE = rx(r"(?:in[\s-]{0,2}situ|dcis|lcis|intraductal)[\s,:-]{0,4}(?:\w++ ){0,2}$")


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield the histologic types that the report affirms."""
    invasive = False
    for kind in TYPES.get(organ, GYNAE if organ == "gynaecological" else ()):
        for match in rx_once(kind.words).finditer(reading.low):
            candidate = _judge(reading, kind, match.start(), match.end())
            if candidate and not is_of_core(reading, match.start()):
                invasive = True
                yield candidate
    if organ == "breast" and not invasive:
        yield from _in_situ_alone(reading)


_DCIS = rx(
    r"\bdcis\b|duct(?:al)? (?:cell )?carcinoma[\s,-]{0,3}in[\s-]{0,2}situ|"
    r"intra-?ductal carcinoma"
)
_INVASION = rx(
    r"\b(?:micro-?)?invasi(?:ve|on)\b|\binfiltrat\w++|\bidc\b|\bilc\b|residual|metasta\w++|"
    r"\byp ?t|neo-?adjuvant"
)
_DENIED = rx(
    r"\bno\b|\bnot (?:identified|seen|present|applicable)|\bnegative\b|\bwithout\b|"
    r"\babsent\b|\bfree of\b"
)
_VESSEL = rx(r"(?:vascular|lymphatic|perineural|space|vessel|dermal|lvi|angio\w*)[\s/,-]{0,3}$")
_DIAGNOSES = {"diagnosis", "synoptic", "header", "microscopic", "addendum", "amended"}


def _in_situ_alone(reading: Reading) -> Iterator[Candidate]:
    """Yield pure DCIS where the diagnosis affirms it and nothing in the report is invasive.

    WHO classifies it as a type of its own. An invasion that is affirmed, suspected, treated or
    known from the history leaves the type unstated.
    """
    for match in _INVASION.finditer(reading.low):
        start, end = match.span()
        left, right = reading.clause(start, end)
        # "Ductal carcinoma, no lymphovascular invasion" denies the second, not the first.
        comma = re.compile(r",\s(?:no|without|negative|free)\b").search(reading.low, end, right)
        clause = reading.low[left : comma.start() if comma else right]
        absent = polarity(reading, start, end, bare="present") == "absent"
        denied = absent or _DENIED.search(clause)
        vessel = _VESSEL.search(reading.low, max(0, start - 20), start)
        if not denied and not vessel:
            return
        if match[0].startswith(("residual", "yp", "neo")):
            return
    if _has_unnamed_carcinoma(reading):
        return
    for match in _DCIS.finditer(reading.low):
        start, end = match.span()
        section = reading.section_at(start)
        if section.name not in _DIAGNOSES or is_family(reading, start, end):
            continue
        if is_suspected(reading, start, end) or is_past(reading, start):
            continue
        if polarity(reading, start, end, bare="present") == "present":
            yield Candidate("histology", "dcis_pure", start, end, section.weight, 0.85)


_UNNAMED = rx(
    r"\b(?:breast|mammary) (?:carcinoma|cancer)\b(?![\s,-]{0,3}in[\s-]{0,2}situ)|"
    r"\b(?:tumou?r|carcinoma|cancer)\b[^.;\n]{0,40}\bwith (?:\w++ ){0,2}(?:dcis|"
    r"ductal carcinoma in situ)|"
    r"\b(?:dcis|in[\s-]situ)[\s-]{0,2}(?:component|portion|proportion|share)\b|"
    r"\bextensive intraductal component\b|\beic\b|"
    r"\bdcis (?:comprises|accounts for|makes up|constitutes|forms)\b"
)
_NONE_INVASIVE = rx(
    r"\b(?:no|without|negative for|absence of|not) (?:\w++ ){0,4}(?:invasi\w++|infiltrat\w++)|"
    r"\b(?:invasi\w++|infiltrat\w++)[^.;\n]{0,20}\b(?:not (?:\w++ ){0,2}(?:seen|identified|"
    r"present|found)|"
    r"absent|excluded|none)\b|\b(?:pure|only) (?:dcis|ductal)|\b(?:dcis|in situ) only\b|\bp?tis\b"
)


def _has_unnamed_carcinoma(reading: Reading) -> bool:
    """Say whether a carcinoma whose type is not told stands beside the DCIS.

    "Breast carcinoma with a DCIS component": nothing says that it is in situ throughout.
    """
    if _NONE_INVASIVE.search(reading.low):
        return False
    return _UNNAMED.search(reading.low) is not None


def _judge(reading: Reading, kind: Type, start: int, end: int) -> Candidate | None:
    low = reading.low
    if _NOISE_AFTER.match(low[end : end + 20]) or is_family(reading, start, end):
        return None
    if polarity(reading, start, end, bare="present") == "absent":
        return None
    if is_suspected(reading, start, end):
        return None
    section = reading.section_at(start)
    weight = section.weight + kind.specific
    before = low[max(0, start - 60) : start]
    if _LABEL.search(before):
        weight += 1.0
    if "metasta" in before[-40:]:
        weight -= 0.8
    if is_past(reading, start):
        weight -= 2
    return Candidate("histology", kind.name, start, end, weight, 0.92)
