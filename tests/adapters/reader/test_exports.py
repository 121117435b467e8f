"""Exports of record systems: what a result's status allows is read, and nothing else."""

import base64
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from adapters.reader import media_type_of, read_tree
from adapters.reader.exports.fhir import read_fhir
from extractors import extract
from extractors.types import Page
from tests.adapters.reader import exported, files
from tests.adapters.reader.exported import Result, State, expected
from tests.adapters.reader.pages import READER, read

Json = dict[str, Any]
SURE = 0.8
HER2 = {"text": "HER2"}
POSITIVE = {"valueString": "Positive"}
REPORT: Json = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "status": "final",
    "code": {"text": "Surgical pathology"},
    "conclusion": "Invasive ductal carcinoma of the left breast, lumpectomy",
}


def stated(pages: tuple[Page, ...]) -> dict[str, tuple[object, float]]:
    return {
        one.field: (one.value, one.confidence) for one in extract(pages, document_id="1").findings
    }


def bundle(*resources: Json, **more: object) -> bytes:
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "entry": entries, **more}).encode()


def observation(status: str = "final", **more: object) -> Json:
    return {"resourceType": "Observation", "status": status, "code": HER2, **POSITIVE, **more}


def text(content: bytes) -> str:
    return "\n".join(page.text for page in read(content).pages)


MAKERS: dict[str, tuple[Callable[[random.Random, list[Result]], bytes], tuple[State, ...]]] = {
    "fhir": (lambda d, made: json.dumps(exported.fhir(d, made)).encode(), ("unsure",)),
    "xml": (lambda d, made: exported.as_xml(exported.fhir(d, made)).encode(), ("unsure",)),
    "narrative": (lambda d, made: exported.cda(d, made, narrative=True), ()),
    "entries": (lambda d, made: exported.cda(d, made, narrative=False), ()),
    "hl7": (exported.hl7, ("unsure",)),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("seed", range(4))
def test_only_what_holds_is_stated_and_what_may_change_is_unsure(kind: str, seed: int) -> None:
    draw = random.Random(f"{kind} {seed}")
    write, more = MAKERS[kind]
    made = exported.results(draw, ("holds", "void", *more))
    found = stated(read(write(draw, made)).pages)
    sure = {name: value for name, (value, confidence) in found.items() if confidence >= SURE}
    unsure = {name: value for name, (value, confidence) in found.items() if confidence < SURE}
    fields = {one.field for one in made}
    assert {name: sure[name] for name in sure if name in fields} == expected(made, "holds")
    assert {name: unsure[name] for name in unsure if name in fields} == expected(made, "unsure")


def test_papers_inside_are_documents_of_their_own() -> None:
    paper = files.report()
    data = base64.b64encode(paper).decode()
    reference = {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/b"}}],
    }
    binary = {"resourceType": "Binary", "id": "b", "contentType": "application/pdf", "data": data}
    form = {**REPORT, "presentedForm": [{"contentType": "application/pdf", "data": data}]}
    body = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{data}</text>'
    for content in (
        bundle(form),
        bundle(reference, binary),
        json.dumps(form).encode(),
        exported.as_xml(form).encode(),
        exported.cda_document(f"{body}</nonXMLBody>"),
        f"{exported.head()}\rOBX|1|ED|PDF^Report||LAB^AP^PDF^Base64^{data}||||||F\r".encode(),
        f"{exported.head()}\rOBX|1|ED|PDF||L^AP^PDF^Hex^{paper.hex()}||||||F\r".encode(),
    ):
        found = list(read_tree(READER, "sent", content))
        assert [one.document.media_type for one in found[1:]] == ["application/pdf"]
        assert found[1].content == paper
        assert data[:40] not in found[0].document.pages[0].text if found[0].document.pages else True


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_what_belongs_to_a_withdrawn_report_is_withdrawn(status: str) -> None:
    data = base64.b64encode(files.report()).decode()
    report = {
        **REPORT,
        "status": status,
        "result": [{"reference": "Observation/h"}],
        "presentedForm": [{"data": data}],
    }
    document = read(bundle(report, observation(id="h")))
    assert not document.attachments
    assert not stated(document.pages)
    assert "HER2: withdrawn" in document.pages[0].text


def test_a_paper_that_cannot_be_decoded_is_told() -> None:
    form = {**REPORT, "presentedForm": [{"data": "not base 64!"}]}
    assert [one.problem for one in read(bundle(form)).attachments] == ["corrupt"]


def test_a_result_that_a_report_replaces_or_deletes_is_not_stated() -> None:
    old = {"resourceType": "DocumentReference", "id": "old", "status": "current",
           "description": "HER2: Positive (3+)"}  # fmt: skip
    new = {"resourceType": "DocumentReference", "id": "new", "status": "current",
           "description": "HER2: Negative (1+)",
           "relatesTo": [{"code": "replaces",
                          "target": {"reference": "DocumentReference/old"}}]}  # fmt: skip
    assert "Positive" not in text(bundle(old, new))
    versions = [observation(id="h", meta={"versionId": n}) for n in ("2", "10")]
    versions[1]["valueString"] = "Negative"
    assert "Positive" not in text(bundle(*versions, type="history"))
    deleted = {"resource": observation(), "request": {"method": "DELETE"}}
    gone = {"resourceType": "Bundle", "entry": [deleted, {"resource": REPORT}]}
    assert "Positive" not in text(json.dumps(gone).encode())


def test_what_cannot_be_understood_or_is_about_somebody_else_is_not_stated() -> None:
    for more in (
        {"modifierExtension": [{"url": "x", "valueBoolean": True}]},
        {"focus": [{"reference": "RelatedPerson/1"}]},
        {"subject": {"reference": "Group/1"}},
    ):
        assert "Positive" not in text(bundle(REPORT, observation(**more)))
    mother = {"resourceType": "FamilyMemberHistory", "condition": [{"code": {"text": "HER2"}}]}
    assert "HER2" not in text(bundle(REPORT, mother))


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"valueQuantity": {"value": 95, "unit": "%", "comparator": ">"}}, "HER2: > 95 %"),
        ({"valueQuantity": {"value": 1.40, "code": "cm"}}, "HER2: 1.4 cm"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 5, "unit": "%"}}}, "HER2: 1-5 %"),
        ({"valueRatio": {"numerator": {"value": 2.1}, "denominator": {"value": 1}}}, "HER2: 2.1"),
        ({"valueBoolean": False}, "HER2: no"),
        ({"dataAbsentReason": {"text": "not performed"}}, "HER2: not stated (not performed)"),
        ({"interpretation": [{"coding": [{"code": "NEG"}]}]}, "HER2: negative"),
        (
            {"valueInteger": 1, "interpretation": [{"coding": [{"code": "NEG"}]}]},
            "HER2: negative (1)",
        ),
        (
            {"component": [{"code": {"text": "IHC score"}, "valueString": "1+"}]},
            "HER2:\nIHC score: 1+",
        ),
    ],
)
def test_values_of_every_type_are_words(more: Json, line: str) -> None:
    plain = {"resourceType": "Observation", "status": "final", "code": HER2, **more}
    assert line in text(bundle(plain))


def composition(status: str) -> bytes:
    section = {
        "title": "Results",
        "text": {"status": "generated", "div": "<div><table><tr><td>HER2</td><td>Positive</td>"
                 "</tr><tr><td>ER</td><td>Positive</td></tr></table></div>"},
        "entry": [{"reference": "Observation/h"}, {"reference": "Observation/e"}],
    }  # fmt: skip
    er = {**observation(id="e"), "code": {"text": "ER"}}
    whole = {"resourceType": "Composition", "status": "final", "title": "Pathology report",
             "section": [section]}  # fmt: skip
    return bundle(whole, observation(status, id="h"), er)


def test_the_narrative_of_a_section_counts_only_when_all_its_results_hold() -> None:
    assert "HER2: Positive" in text(composition("final"))
    for status in ("cancelled", "entered-in-error", "registered"):
        words = text(composition(status))
        assert "ER: Positive" in words
        assert "HER2: Positive" not in words
    first, second = read(composition("preliminary")).pages
    assert "HER2" not in first.text
    assert "HER2: Positive (preliminary)" in second.text


def test_two_people_of_one_export_have_a_page_each() -> None:
    people = [
        {"resourceType": "Patient", "id": n, "name": [{"text": name}], "birthDate": born}
        for n, name, born in (("a", "Jane Example", "1961-03-02"), ("b", "Mary Other", "1988"))
    ]
    theirs = [
        observation(subject={"reference": "Patient/a"}, valueString="Negative"),
        observation(subject={"reference": "Patient/b"}),
    ]
    first, second = read(bundle(*people, *theirs)).pages
    assert first.text.startswith("Patient: Jane Example\nDate of birth: 1961-03-02")
    assert "Negative" in first.text
    assert "Positive" not in first.text
    assert second.text.startswith("Patient: Mary Other")
    message = "\r".join([
        exported.head(), "PID|1||1||Example^Jane", "OBX|1|ST|1^HER2||Negative||||||F",
        exported.head(), "PID|1||2||Other^Mary", "OBX|1|ST|1^HER2||Positive||||||F",
    ])  # fmt: skip
    assert [page.text.split("\n")[0] for page in read(message.encode()).pages] == [
        "Patient: Jane Example",
        "Patient: Mary Other",
    ]


def message(*segments: str, character_set: str = "", encoding: str = "utf-8") -> bytes:
    first = [exported.head(character_set), "PID|1||1||Example^Jane||19610302|F"]
    return "\r".join([*first, *segments, ""]).encode(encoding)


ORDER = "OBR|1||77|88^Surgical pathology"


@pytest.mark.parametrize("later", ["C", "D", "W", "X"])
@pytest.mark.parametrize("apart", [True, False])
def test_a_correction_takes_the_place_of_a_result(later: str, apart: bool) -> None:
    second = f"OBX|2|ST|5^HER2||Negative||||||{later}"
    between = [exported.head(), "PID|1||1||Example^Jane||19610302|F", ORDER] if apart else []
    words = text(message(ORDER, "OBX|1|ST|5^HER2||Positive||||||F", *between, second))
    assert "Positive" not in words
    assert ("HER2: Negative" in words) == (later == "C")


def test_lines_of_a_narrative_stay_lines_and_their_signs_are_resolved() -> None:
    words = text(
        message(
            ORDER,
            "OBX|1|TX|22637-3^Path report.final diagnosis^LN|A|Invasive carcinoma, H\\T\\E||||||F",
            "OBX|2|TX|22637-3^Path report.final diagnosis^LN|A|ER \\F\\ PR\\.br\\positive||||||F",
            "OBX|3|FT|2^Size|A|14\\X0D\\mm \\H\\left\\N\\||||||F",
            "NTE|1||Seen by two readers",
        )
    )
    assert "Final diagnosis:\nInvasive carcinoma, H&E\nER | PR\npositive" in words
    assert "Size:\n14\nmm left\nSeen by two readers" in words


@pytest.mark.parametrize(
    ("stated_as", "encoding", "name"),
    [
        ("UNICODE UTF-8", "utf-8", "Søren"),
        ("8859/1", "latin-1", "Søren"),
        ("8859/5", "iso8859-5", "Анна"),
        ("GB 18030-2000", "gb18030", "浸润性"),
        ("", "cp1252", "Søren"),
    ],
)
def test_the_character_set_of_a_message_is_used(stated_as: str, encoding: str, name: str) -> None:
    content = message(f"OBX|1|ST|1^Who||{name}||||||F", character_set=stated_as, encoding=encoding)
    assert f"Who: {name}" in text(content)


def test_a_cancelled_order_takes_its_results_along() -> None:
    order = ORDER + "|" * 21 + "X"
    assert order.split("|")[25] == "X"
    assert "Positive" not in text(message(order, "OBX|1|ST|5^HER2||Positive||||||F"))


def _inside_hl7(state: str) -> bytes:
    data = base64.b64encode(files.report()).decode()
    order = ORDER + "|" * 21 + {"holds": "F", "unsure": "P"}[state]
    return message(order, f"OBX|1|ED|1^Report||^application^pdf^Base64^{data}||||||F")


def _inside_fhir(state: str) -> bytes:
    data = base64.b64encode(files.report()).decode()
    status = {"holds": "final", "unsure": "preliminary"}[state]
    paper = {"contentType": "application/pdf", "data": data}
    return bundle({**REPORT, "status": status, "presentedForm": [paper]})


def _inside_cda(state: str) -> bytes:
    data = base64.b64encode(files.report()).decode()
    body = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{data}</text>'
    status = {"holds": "completed", "unsure": "active"}[state]
    return exported.cda_document(f"{body}</nonXMLBody>", f'<statusCode code="{status}"/>')


@pytest.mark.parametrize("write", [_inside_hl7, _inside_fhir, _inside_cda])
def test_a_paper_in_a_preliminary_export_is_as_preliminary(write: Callable[[str], bytes]) -> None:
    for state, sure in (("holds", True), ("unsure", False)):
        for content in (write(state), files.zipped({"export": write(state)})):
            *_, paper = read_tree(READER, "export", content)
            found = stated(paper.document.pages)
            assert found["tumour.laterality"][0] == "left"
            assert {confidence >= SURE for _, confidence in found.values()} <= {sure}, found


def test_other_delimiters_frames_and_batches_are_read() -> None:
    odd = message(ORDER, "OBX|1|CWE|5^HER2||N^Negative^L||||||F").decode()
    odd = odd.translate(str.maketrans("|^", "#*"))
    assert "HER2: Negative" in text(odd.encode())
    framed = b"\x0b" + message("OBX|1|SN|5^Ki-67||>^20|%|||||F") + b"\x1c\r"
    assert "Ki-67: > 20 %" in text(framed)
    assert "Ki-67: > 20 %" in text(b"FHS|^~\\&|A\rBHS|^~\\&|B\r" + framed.strip(b"\x0b\x1c\r"))


def test_narrative_that_was_deleted_and_documents_that_were_withdrawn() -> None:
    section = (
        "<structuredBody><component><section><title>Diagnosis</title><text><paragraph>HER2: "
        '<content revised="delete">Positive</content> <content revised="insert">Negative</content>'
        "</paragraph></text></section></component></structuredBody>"
    )
    words = text(exported.cda_document(section))
    assert "HER2: Negative" in words
    assert "Positive" not in words
    status = '<statusCode code="nullified"/>'
    assert "HER2" not in text(exported.cda_document(section, status))


def test_entities_of_an_export_are_not_resolved() -> None:
    content = exported.cda_document("<nonXMLBody><text>&a;</text></nonXMLBody>").decode()
    bomb = content.replace("<?xml-stylesheet", '<!DOCTYPE x [<!ENTITY a "b">]><?xml-stylesheet')
    assert read(bomb.encode()).status == "corrupt"
    assert read(content.replace("&a;", "<b>" * 300 + "</b>" * 300).encode()).status == "corrupt"


def test_other_json_and_xml_stay_text() -> None:
    for content in (
        b'{"results": [{"her2": "negative"}]}',
        b"<report><her2>negative</her2></report>",
    ):
        assert media_type_of(content) == "text/plain"
    assert read(b'{"resourceType": "Observation", "status"').status == "corrupt"


def test_a_resource_whose_kind_stands_behind_a_long_value_is_known() -> None:
    last = {"presentedForm": [{"data": "QUJD" * 400_000}], "status": "final",
            "resourceType": "DiagnosticReport"}  # fmt: skip
    document = read(json.dumps(last).encode())
    assert document.media_type == "application/fhir+json"
    assert len(document.attachments) == 1


def test_one_resource_a_line_is_read() -> None:
    lines = [json.dumps(REPORT), json.dumps(observation(valueString="Negative"))]
    assert "HER2: Negative" in text("\n".join(lines).encode())


def broken(draw: random.Random, value: Any) -> Any:
    """A structure with some of its parts replaced by what should not stand there."""
    if draw.random() < 0.05:
        return draw.choice([None, 1, True, [], {}, "x", [None], {"a": [1]}, [[{}]]])
    if isinstance(value, dict):
        return {name: broken(draw, inner) for name, inner in value.items()}
    return [broken(draw, inner) for inner in value] if isinstance(value, list) else value


def test_odd_structures_break_nothing() -> None:
    draw = random.Random(7)
    for _ in range(150):
        made = exported.results(draw, ("holds", "void"))
        content = json.dumps(broken(draw, exported.fhir(draw, made, inside=b"abc")))
        if content.startswith("{"):
            read_fhir(content.encode(), content)
