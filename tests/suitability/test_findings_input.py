"""Findings are brought to the vocabulary's units, or refused with the line and the mend."""

import json
from datetime import date
from typing import Any

import pytest

from suitability import FindingsError, parse_findings, read_findings
from suitability.values import Interval
from tests.suitability.cases import base, library, output

DAY = date(2026, 11, 23)


def parse(raw: dict[str, Any], on: date | None = DAY) -> Any:
    return parse_findings(raw, library(), on)


def refused(raw: dict[str, Any], on: date | None = DAY) -> str:
    with pytest.raises(FindingsError) as problem:
        parse(raw, on)
    return str(problem.value)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"breast.sise_mm": 12}, "unknown field `breast.sise_mm`"),
        ({"patient.age_years": 450}, "450 years is not possible"),
        ({"patient.age_years": "45"}, "must be a number"),
        ({"patient.age_years": True}, "must be a number"),
        ({"patient.age_years": float("nan")}, "finite"),
        ({"breast.margin_mm": -1}, "not possible"),
        ({"breast.eic_percent": 130}, "not possible"),
        ({"breast.er": "ER+"}, "no value of `breast.er`"),
        ({"breast.er": True}, "no value of `breast.er`"),
        ({"breast.bilateral": "no"}, "true or false"),
        ({"breast.margin_mm": {"lt": 2, "le": 3}}, "one upper"),
        ({"breast.margin_mm": {"ge": 3, "lt": 3}}, "empty"),
        ({"breast.margin_mm": {"about": 3}}, "unknown key `about`"),
        ({"breast.margin_mm": {"lt": 900}}, "not possible"),
        ({"breast.margin_mm": {}}, "a range is written"),
        ({"breast.er": {"lt": 1}}, "no value of `breast.er`"),
        ({"breast.size_mm": [{"value": 12, "unit": "Gy"}]}, "unit `Gy` does not fit"),
        ({"breast.size_mm": [{"value": 99, "unit": "cm"}]}, "99 cm is not possible"),
        ({"breast.er": [{"value": "positive", "unit": "mm"}]}, "has no unit"),
        ({"breast.er": [{"value": "positive", "source": "rumour"}]}, "unknown source `rumour`"),
        ({"breast.er": [{"value": "positive", "dated": "2026"}]}, "dated"),
        ({"breast.er": [{"source": "core_biopsy"}]}, "no `value`"),
        ({"breast.er": [{"value": "positive", "date": "2026-11-24"}]}, "from the future"),
        ({"breast.er": [{"value": "positive", "date": "11/22"}]}, "no date"),
        ({"breast.er": [{"value": "positive", "page": 0}]}, "page"),
        ({"centre.techniques": ["ioert", "laser"]}, "laser"),
    ],
)
def test_refused(raw: dict[str, Any], told: str) -> None:
    assert told in refused(raw)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.1, "cm", 11),
        (0.35, "cm", 3.5),
        (13, "mm", 13),
        (4.4, "cm", 44),
        ({"lt": 0.1}, "cm", Interval(high=1)),
    ],
)
def test_units_are_converted_without_noise(value: Any, unit: str, expected: Any) -> None:
    parsed = parse({"breast.size_mm": [{"value": value, "unit": unit}]})
    assert parsed["breast.size_mm"][0].value == expected


def test_other_units() -> None:
    parsed = parse(
        {
            "breast.neoadjuvant_weeks": {"value": 28, "unit": "days"},
            "rt.prior_dose_gy": {"value": 5040, "unit": "cGy"},
            "patient.age_years": {"value": 545, "unit": "months"},
            "breast.margin_mm": {"ge": 0.2, "unit": "cm"},
        }
    )
    assert parsed["breast.neoadjuvant_weeks"][0].value == 4
    assert parsed["rt.prior_dose_gy"][0].value == 50.4
    assert parsed["patient.age_years"][0].value == pytest.approx(45.4166667)
    assert parsed["breast.margin_mm"][0].value == Interval(low=2, low_open=False)


def test_what_is_null_was_not_reported() -> None:
    parsed = parse({"breast.er": None, "breast.her2": [], "breast.grade": [{"value": None}]})
    assert parsed == {}


def test_a_document_may_give_several_values_and_a_set_is_one_value() -> None:
    parsed = parse({"breast.er": ["positive", "negative"], "centre.techniques": ["ioert", "ebx"]})
    assert [item.value for item in parsed["breast.er"]] == ["positive", "negative"]
    assert [item.value for item in parsed["centre.techniques"]] == [frozenset({"ioert", "ebx"})]


def test_fields_that_documents_state_are_accepted() -> None:
    parsed = parse({"tumour.laterality": "left", "breast.ki67_percent": {"lt": 14}})
    assert set(parsed) == {"tumour.laterality", "breast.ki67_percent"}


def test_a_report_of_today_is_accepted_and_without_a_day_no_date_is_judged() -> None:
    parse({"breast.er": [{"value": "positive", "date": "2026-11-23"}]})
    parse({"breast.er": [{"value": "positive", "date": "2036-01-01"}]}, on=None)


YAML = """phase: postop
findings:
  disease.site: breast
  breast.margin_mm: {lt: 1}
  breast.size_mm:
    - {value: 1.4, unit: cm, source: final_pathology, date: 2026-11-20}
"""


def test_yaml_and_json_files_read_the_same() -> None:
    phase, from_yaml = read_findings(YAML, file="f.yaml", library=library(), on=DAY)
    raw = {
        "phase": "postop",
        "findings": {
            "disease.site": "breast",
            "breast.margin_mm": {"lt": 1},
            "breast.size_mm": [
                {"value": 1.4, "unit": "cm", "source": "final_pathology", "date": "2026-11-20"}
            ],
        },
    }
    again, from_json = read_findings(json.dumps(raw), file="f.json", library=library(), on=DAY)
    assert (phase, from_yaml) == (again, from_json)
    assert phase == "postop"


def test_what_extract_prints_is_accepted() -> None:
    finding = {
        "field": "breast.er", "value": "positive", "unit": None, "source": "core_biopsy",
        "date": None, "document_id": "d1", "page": 2, "box": [1, 2, 3, 4], "quote": "ER: positive",
        "section": "final diagnosis", "specimen": "A", "confidence": 0.98, "extractor_version": "1",
    }  # fmt: skip
    other = {**finding, "field": "tumour.laterality", "value": "left"}
    document = {"id": "d1", "pages": 3, "findings": [finding, other]}
    for text in (json.dumps(document), json.dumps([document, {"id": "d2", "findings": []}])):
        phase, parsed = read_findings(text, file="f.json", library=library(), on=DAY)
        assert phase is None
        assert parsed["breast.er"][0].quote == "ER: positive"
        assert parsed["breast.er"][0].page == 2


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("findings:\n  breast.er: positive\n  breast.sise: 3\n", 3, "unknown field"),
        ("findings:\n  breast.er: positive\n   breast.her2: negative\n", 3, "malformed YAML"),
        ("findings:\n  breast.er: positive\n  breast.er: negative\n", 3, "twice"),
        ("finding:\n  breast.er: positive\n", 1, "no `findings`"),
        ("phase: before\nfindings: {}\n", 1, "phase"),
        ("findings:\n  breast.size_mm:\n    - value: 3\n      unit: kg\n", 4, "kg"),
        ("- just\n- words\n", 1, "must be a mapping"),
        ("", 1, "empty"),
        ('{"findings": {\n"patient.age_years": 450}}', 2, "not possible"),
        ('{"findings": {\n"patient.age_years": 45,}}', 2, "malformed JSON"),
        ("findings: &a {}\nphase: *a\n", 2, "aliases"),
        ("findings: !!python/object:os.system {}\n", 1, "tag"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(text: str, line: int, told: str) -> None:
    with pytest.raises(FindingsError) as problem:
        read_findings(text, file="case.yaml", library=library(), on=DAY)
    assert told in str(problem.value)
    assert problem.value.line == line
    assert str(problem.value).startswith(f"case.yaml:{line}: ")


@pytest.mark.parametrize("levels", [45, 600, 50_000])
@pytest.mark.parametrize("opening", ["findings: ", '{"findings": '])
def test_endless_nesting_is_refused(opening: str, levels: int) -> None:
    closing = "}" if opening.startswith("{") else ""
    text = f"{opening}{'[' * levels}{']' * levels}{closing}"
    with pytest.raises(FindingsError, match=r"nested too deeply|must be a"):
        read_findings(text, file="case.yaml", library=library(), on=DAY)


def test_a_unit_decides_a_limit() -> None:
    just_over = base("low_risk_breast", breast__size_mm={"value": 3.51, "unit": "cm"})
    exactly = base("low_risk_breast", breast__size_mm={"value": 3.5, "unit": "cm"})
    assert output(just_over)["criteria"]["TA-04"] == "not_met"
    assert output(exactly)["criteria"]["TA-04"] == "met"
