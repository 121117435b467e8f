"""Where the tumour sits: side and part of the organ."""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.context import is_family, is_past, polarity
from extractors.contradiction import Contradiction
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.sides import in_doubt, without_cancer
from extractors.specimens import RADIATION

_SIDE = re.compile(
    r"\b(left|right|lt|rt|bilateral)\b(?! (?:of|hand|behind|in place|over|open|angle)\b)|"
    r"\b([lr])(?= (?:breast|axilla|wle|mastectomy|lumpectomy|mrm)\b)|"
    r"(?<=breast )\(([lr])\)|(?<=breast, )([lr])\b(?=[,:.)])|\(([lr])\)(?= breast)"
)
_CANCER = rx(r"(?:invasive|infiltrating|carcinoma|adenocarcinoma|sarcoma|\bdcis\b|malignan)")
_NO_CANCER = rx(
    r"(?:no (?:evidence of )?(?:\w++ ){0,2}(?:carcinoma|malignan\w++|tumou?r)|"
    r"benign|negative for|fibrocystic|hyperplasia|free of)"
)
_LABEL = rx(r"(?:laterality|side)\s?[:;-]\s?$")
_OPERATION = rx(r"mastectomy|lumpectomy|breast|excision|resection|segmental")

# Where radiation was given says nothing of where the tumour is.
_IRRADIATED = rx(
    r"\b(?:radio-?therapy|radiation|irradiat\w++|\d ?gy)\b[^.;\n]{0,20} (?:to|of) (?:the )?$"
)

SUBSITES: dict[str, tuple[tuple[str, str], ...]] = {
    "pancreas": (
        ("head", r"\bhead\b|uncinate|peri-?ampullary|ampulla"),
        ("tail", r"\btail\b"),
        ("body", r"\bbody\b|\bneck\b(?![^.;\n]{0,20}margin)"),
    ),
    "stomach": (
        (
            "gej",
            r"(?:gastro-?\s?o?esophageal|o?esophago-?\s?gastric|\bge\b|"
            r"cardio-?esophageal)[\s-]{0,2}(?:junction)?",
        ),
        ("cardia", r"\bcardia\b|cardiac|subcardia\w*|proximal stomach"),
        ("antrum", r"antr(?:um|al|o)|pylor\w++|prepyloric|distal stomach|incisura"),
        ("fundus", r"\bfundus|fundic"),
        ("body", r"\bbody\b|corpus|lesser curv\w++|greater curv\w++|curvature"),
    ),
    "colon": (
        ("rectosigmoid", r"recto-?\s?sigmoid"),
        ("hepatic_flexure", r"hepatic flexure|right (?:colic )?flexure"),
        ("splenic_flexure", r"splenic flexure|left (?:colic )?flexure"),
        ("cecum", r"\bc[aeo]?ec(?:um|al)\b|ileo-?c[ae]?ecal|caecum|bauhin"),
        ("transverse", r"transverse(?: colon)?|colon transversum"),
        ("descending", r"(?<!a)(?<!s)\bdescending(?: colon)?|left colon"),
        ("ascending", r"ascending(?: colon)?|right colon|colon ascendens"),
        ("sigmoid", r"(?<!recto)(?<!recto[ -])sigmoid"),
        ("rectum", r"\brect(?:um|al)\b"),
    ),
}
SUBSITES["rectum"] = SUBSITES["colon"]
# The name of a specimen rather than of a place in it.
_GENERIC = {"right colon", "left colon", "rectosigmoid", "recto-sigmoid"}
_SITE_LABEL = rx(
    r"(?:tumou?r (?:site|location)|site of (?:the )?tumou?r|tumou?r is located|"
    r"location(?: of (?:the )?tumou?r)?|primary (?:tumou?r )?site|anatomic site|"
    r"site)(?: \([^)]{0,30}\))?\s?[:;-]?[\s(]{0,12}(?:\w++[\s,]++){0,4}$"
)
_TUMOUR_NEAR = rx(r"(?:adeno-?carcinoma|carcinoma|tumou?r|neoplas\w++|cancer|mass|lesion)")
_MARGIN_NEAR = rx(
    r"margin|node|lymph|uninvolved|negative|free|benign|unremarkable|polyp|adenoma\b|diverticul"
)


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield the side (breast) and the part of the organ."""
    if organ in {"breast", "soft_tissue"}:
        yield from _laterality(reading)
    yield from _subsite(reading, organ)


def _laterality(reading: Reading) -> Iterator[Candidate]:
    if in_doubt(reading):
        return
    well = without_cancer(reading)
    for match in _SIDE.finditer(reading.low):
        start, end = match.span()
        section = reading.section_at(start)
        if match[0] in {"l", "r"} and reading.clean[start].islower():
            continue
        value = {"l": "left", "r": "right", "b": "bilateral"}[match[match.lastindex or 0][0]]
        if value in well or (well and value == "bilateral"):
            continue
        if is_family(reading, start, end) or is_past(reading, start):
            continue
        if RADIATION.match(reading.low, start) or _IRRADIATED.search(
            reading.low, max(0, start - 45), start
        ):
            continue
        near = reading.low[max(0, start - 60) : end + 150]
        weight = section.weight * 0.3
        if _LABEL.search(reading.low[max(0, start - 25) : start]):
            weight += 3
        if _OPERATION.search(near):
            weight += 0.5
        if _CANCER.search(near):
            weight += 0.8
        if _NO_CANCER.search(near) and not re.search(r"invasive|infiltrating", near):
            weight -= 0.7
        yield Candidate("laterality", value, start, end, weight, 0.9)


def contradictions(reading: Reading, organ: str) -> list[Contradiction]:
    """Return the words that leave open which side has the cancer."""
    spans = in_doubt(reading) if organ in {"breast", "soft_tissue"} else ()
    return [Contradiction("laterality", "another_side", spans, "left")] if spans else []


def _subsite(reading: Reading, organ: str) -> Iterator[Candidate]:
    for value, words in SUBSITES.get(organ, ()):
        for match in rx(words).finditer(reading.low):
            start, end = match.span()
            section = reading.section_at(start)
            left, right = reading.clause(start, end)
            before = reading.low[max(left, start - 90) : start]
            after = reading.low[end : min(right, end + 60)]
            weight = max(section.weight, 2.0) * 0.5
            if match[0] in _GENERIC:
                weight -= 0.8
            if polarity(reading, start, end) == "absent":
                continue
            if match[0] == "neck" and "margin" in reading.low[left:start]:
                continue  # The neck is where a Whipple's specimen is cut.
            if _SITE_LABEL.search(reading.low[max(0, start - 60) : start]):
                weight += 6
            elif _TUMOUR_NEAR.search(before) or _TUMOUR_NEAR.search(after[:45]):
                weight += 1.2
            if _MARGIN_NEAR.search(before[-35:] + after[:25]):
                weight -= 1.0
            yield Candidate("subsite", value, start, end, weight, 0.85)
