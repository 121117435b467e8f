"""Random results of a breast report, written as FHIR, CDA and HL7 exports with random status."""

import base64
import json
import random
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

State = Literal["holds", "unsure", "void"]
Json = dict[str, Any]

FHIR_STATUS: dict[State, tuple[str, ...]] = {
    "holds": ("final", "amended", "corrected", "appended"),
    "unsure": ("preliminary", "unknown"),
    "void": ("cancelled", "entered-in-error", "registered"),
}
HL7_STATUS: dict[State, str] = {"holds": "FC", "unsure": "PRS", "void": "DXWIN"}
CDA_STATUS: dict[State, tuple[str, ...]] = {
    "holds": ("completed",),
    "unsure": (),
    "void": ("aborted", "nullified", "cancelled"),
}


@dataclass(frozen=True)
class Result:
    """A result: names by which systems call it, its value, and what a document states by it."""

    names: tuple[str, ...]
    value: str | float
    unit: str
    field: str
    stated: object
    state: State

    def name(self, draw: random.Random) -> str:
        return draw.choice(self.names)

    @property
    def words(self) -> str:
        return f"{self.value} {self.unit}".strip()


def results(draw: random.Random, states: tuple[State, ...]) -> list[Result]:
    """Return some results of one report, each with a status of its own."""
    er, pr, her2 = (draw.choice(("positive", "negative")) for _ in range(3))
    lvi = draw.choice(("present", "absent"))
    grade, size = draw.randint(1, 3), draw.randint(4, 60)
    ki67 = draw.randint(1, 90)
    rows: list[tuple[tuple[str, ...], str | float, str, str, object]] = [
        (
            ("Estrogen receptor", "Estrogen receptor Ag [Presence] in Breast cancer specimen by "
             "Immune stain", "ER status"),
            er.capitalize(), "", "breast.er", er,
        ),
        (
            ("Progesterone receptor", "Progesterone receptor Ag [Presence] in Breast cancer "
             "specimen by Immune stain", "PR"),
            pr.capitalize(), "", "breast.pr", pr,
        ),
        (
            ("HER2", "HER2 [Presence] in Breast cancer specimen by Immune stain", "HER2/neu"),
            her2.capitalize(), "", "breast.her2", her2,
        ),
        (("Ki-67", "Ki-67 index"), ki67, "%", "breast.ki67_percent", ki67),
        (("Histologic grade", "Nottingham grade"), grade, "", "breast.grade", grade),
        (("Tumor size", "Greatest dimension of the tumor"), size, "mm", "breast.size_mm", size),
        (
            ("Lymphovascular invasion",),
            {"present": "Present", "absent": "Not identified"}[lvi], "",
            "breast.lvi", {"present": "present_nos"}.get(lvi, lvi),
        ),
    ]  # fmt: skip
    draw.shuffle(rows)
    return [Result(*row, draw.choice(states)) for row in rows[: draw.randint(3, 7)]]


def expected(made: list[Result], state: State) -> dict[str, object]:
    return {one.field: one.stated for one in made if one.state == state}


def fhir(draw: random.Random, made: list[Result], *, inside: bytes = b"") -> Json:
    """Return a bundle: a report that lists its results, some in it, some beside it."""
    entries: list[Json] = []
    for number, one in enumerate(made):
        entries.append(
            {
                "resourceType": "Observation",
                "id": f"o{number}",
                "status": draw.choice(FHIR_STATUS[one.state]),
                "code": draw.choice(
                    (
                        {"text": one.name(draw)},
                        {"coding": [{"system": "http://loinc.org", "display": one.name(draw)}]},
                    )
                ),
                "subject": {"reference": "Patient/p"},
                **_fhir_value(draw, one),
            }
        )
    report: Json = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": "Surgical pathology"},
        "subject": {"reference": "Patient/p"},
        "conclusion": "Invasive ductal carcinoma of the left breast, lumpectomy",
        "result": [{"reference": f"Observation/o{n}"} for n in range(len(made)) if n % 3],
    }
    if inside:
        data = base64.b64encode(inside).decode()
        report["presentedForm"] = [{"contentType": "application/pdf", "data": data}]
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "name": [{"family": "Example", "given": ["Jane", "Maria"]}],
        "birthDate": "1961-03-02",
        "gender": "female",
    }
    resources = [patient, report, *entries]
    draw.shuffle(resources)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }


def _fhir_value(draw: random.Random, one: Result) -> Json:
    if isinstance(one.value, int | float):
        ways: list[Json] = [{"valueQuantity": {"value": one.value, "unit": one.unit}}]
        ways.append({"valueString": one.words})
        return draw.choice(ways)
    return draw.choice(
        [
            {"valueCodeableConcept": {"text": one.value}},
            {"valueCodeableConcept": {"coding": [{"code": "x", "display": one.value}]}},
            {"valueString": one.value},
        ]
    )


def as_xml(value: Json) -> str:
    """Return FHIR in JSON as FHIR in XML."""
    return (
        f'<{value["resourceType"]} xmlns="http://hl7.org/fhir">{_xml_parts(value)}'
        f"</{value['resourceType']}>"
    )


def _xml_parts(value: Json) -> str:
    parts = []
    for name, inner in value.items():
        for one in inner if isinstance(inner, list) else [inner]:
            if name == "resourceType":
                continue
            if name == "resource":
                parts.append(f"<resource>{as_xml(one)}</resource>")
            elif name == "div":
                parts.append(one)
            elif isinstance(one, dict):
                parts.append(f"<{name}>{_xml_parts(one)}</{name}>")
            else:
                text = json.dumps(one) if isinstance(one, bool) else str(one)
                parts.append(f"<{name} value={quoteattr(text)}/>")
    return "".join(parts)


def cda(draw: random.Random, made: list[Result], *, narrative: bool) -> bytes:
    """Return a CDA document; with a narrative, some of its entries point into it."""
    rows, entries = [], []
    pointing = draw.random() < 0.6
    for number, one in enumerate(made):
        name = one.name(draw)
        rows.append(
            f'<tr ID="r{number}"><td>{escape(name)}</td><td>{escape(one.words)}</td></tr>'
            if draw.random() < 0.5
            else f'<tr ID="r{number}"><td>{escape(name)}: {escape(one.words)}</td></tr>'
        )
        point = f'<text><reference value="#r{number}"/></text>' if pointing else ""
        status = draw.choice(CDA_STATUS[one.state])
        entries.append(
            f'<entry><observation classCode="OBS" moodCode="EVN"><code displayName='
            f'{quoteattr(name)}/>{point}<statusCode code="{status}"/>'
            f"{_cda_value(one)}</observation></entry>"
        )
    text = f"<text><table><tbody>{''.join(rows)}</tbody></table></text>" if narrative else ""
    return cda_document(
        "<structuredBody><component><section><title>Final diagnosis</title>"
        "<text>Invasive ductal carcinoma of the left breast, lumpectomy</text></section>"
        f"</component><component><section><title>Results</title>{text}{''.join(entries)}"
        "</section></component></structuredBody>"
    )


def _cda_value(one: Result) -> str:
    if isinstance(one.value, int | float):
        return f'<value xsi:type="PQ" value="{one.value}" unit={quoteattr(one.unit)}/>'
    return f'<value xsi:type="CD" displayName={quoteattr(one.value)}/>'


def cda_document(body: str, more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="cda.xsl"?>'
        '<ClinicalDocument xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<title>Surgical pathology report</title>{more}"
        "<recordTarget><patientRole><patient><name><given>Jane</given><family>Example</family>"
        '</name><administrativeGenderCode code="F"/><birthTime value="19610302"/></patient>'
        f"</patientRole></recordTarget><component>{body}</component></ClinicalDocument>"
    ).encode()


def hl7(draw: random.Random, made: list[Result]) -> bytes:
    """Return a message of results."""
    segments = [
        head(),
        "PID|1||0001234^^^H||Example^Jane^Maria||19610302|F",
        "OBR|1||77^LAB|11526-1^Surgical pathology^LN|||20260503",
        "OBX|1|TX|22637-3^Path report.final diagnosis^LN||Invasive ductal carcinoma of the "
        "left breast,\\.br\\lumpectomy||||||F",
    ]
    for number, one in enumerate(made, 2):
        status = draw.choice(HL7_STATUS[one.state])
        name = hl7_escaped(one.name(draw))
        if isinstance(one.value, int | float):
            kind = draw.choice(("NM", "SN", "ST"))
            value = f"^{one.value}" if kind == "SN" else f"{one.value}"
        else:
            kind = draw.choice(("CWE", "ST", "TX"))
            value = f"1^{one.value}^L" if kind == "CWE" else hl7_escaped(str(one.value))
        segments.append(f"OBX|{number}|{kind}|{number}^{name}^L||{value}|{one.unit}|||||{status}")
    return "\r".join([*segments, ""]).encode()


def head(character_set: str = "") -> str:
    return f"MSH|^~\\&|LAB|H|C|C|20260503||ORU^R01|1|P|2.5.1||||||{character_set}"


def hl7_escaped(text: str) -> str:
    for sign, code in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        text = text.replace(sign, f"\\{code}\\")
    return text
