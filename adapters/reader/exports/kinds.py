"""Tells exports of record systems from other text by what stands in them."""

import re

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
CDA = "application/hl7-cda+xml"
HL7 = "x-application/hl7-v2+er7"

_JSON_RESOURCE = re.compile(r'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')
_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<(?:[\w.-]+:)?(?P<name>[\w.-]+)"
    r"(?P<rest>[^>]*)>",
    re.DOTALL,
)
_FHIR_SPACE, _CDA_SPACE = "http://hl7.org/fhir", "urn:hl7-org:v3"
# A field separator and four to five encoding characters (HL7 2.5.1, 2.14.9.1 and 2.14.9.2).
_HL7_HEAD = re.compile(r"[\s\x0b]*(?:FHS|BHS|MSH)([^\w\s])[^\w\s]{4,5}(?:\1|\r|\n)")


def export_type(text: str) -> str | None:
    """Return the media type of an export of a record system, or None for any other text."""
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "[") and _JSON_RESOURCE.search(text):
        return FHIR_JSON
    if _HL7_HEAD.match(start):
        return HL7
    root = _ROOT.match(start) if start[:1] == "<" else None
    if root is None:
        return None
    if root["name"] == "ClinicalDocument" and _CDA_SPACE in root["rest"]:
        return CDA
    return FHIR_XML if _FHIR_SPACE in root["rest"] else None
