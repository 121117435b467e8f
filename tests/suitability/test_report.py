"""The clinician's report: what it says, and that it can be drawn whatever the documents say."""

import io
import random
import re
from datetime import date
from typing import Any

import pytest
from PIL import Image, ImageDraw
from pypdfium2 import PdfDocument

from suitability import CriteriaSet, parse_findings
from suitability.recheck import recheck
from suitability.report import Report, clinician_report
from suitability.report_blocks import Grid, Quoted, Text
from suitability.report_pdf import draw_report
from suitability.standing import standing_on_paper
from suitability.what_if import what_if
from tests.suitability.cases import base, drafts_of, findings_of, library, run, worked

DAY = date(2026, 11, 23)
FORBIDDEN = ("eligible", "approved", " safe ", "you can have", "guarantee")
QUOTED = {
    "value": 13,
    "source": "imaging_us",
    "document_id": "d1",
    "page": 2,
    "quote": "mass of <13 mm & \u4e73\u817a \u00b5 \u0416",
}


def report_of(raw: dict[str, Any], phase: str = "preop", **more: Any) -> Report:
    result = run(raw, phase)
    changes = (
        what_if(parse_findings(raw, library()), result, library()) if phase == "preop" else None
    )
    return clinician_report(
        result,
        library(),
        case_ref="CFX-2026-0001",
        made_on=DAY,
        standing=standing_on_paper(drafts_of(result)),
        what_if=changes,
        **more,
    )


def words_of(report: Report) -> str:
    texts: list[str] = [report.title]
    for section in report.sections:
        texts.append(section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                texts.append(block.text)
            elif isinstance(block, Grid):
                texts += [*block.head, *(cell for row in block.rows for cell in row)]
            else:
                texts += [block.words, block.quote, block.place]
    return "\n".join(texts)


def pages_of(content: bytes) -> list[str]:
    document = PdfDocument(content)  # type: ignore[no-untyped-call]
    return [page.get_textpage().get_text_range() for page in document]


def picture() -> bytes:
    image = Image.new("RGB", (900, 60), "white")
    ImageDraw.Draw(image).text((10, 20), "mass of 13 mm", fill="black")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("case", worked()["vignettes"][::8], ids=lambda case: case["id"])
def test_a_report_of_any_case_can_be_drawn_and_promises_nothing(case: dict[str, Any]) -> None:
    report = report_of(findings_of(case), case.get("phase", "preop"))
    said = words_of(report).lower()
    assert not [word for word in FORBIDDEN if word in said]
    pages = pages_of(draw_report(report))
    assert all("not medical advice" in page for page in pages)
    assert f"page 1 of {len(pages)}" in pages[0]


def test_it_holds_criteria_disagreements_unknowns_figures_and_versions() -> None:
    raw = base("low_risk_breast", breast__histology="ilc", breast__her2=...)
    report = report_of(raw, centres=[{"name": "North", "techniques": ["ioert"]}])
    said = words_of(report)
    result = run(raw)
    assert all(name in said for name in result.criteria)
    assert "Where the sources disagree" in said and "histological type" in said
    assert "Please send the HER2 result" in said
    assert "10-year estimate 5.5 %" in said and "[recalled]" in said
    assert result.input_hash[:16] in said
    assert "North" in said
    assert all(one["sha256"][:16] in said for one in result.set_versions.values())


def test_the_same_content_gives_the_same_bytes() -> None:
    report = report_of(base("low_risk_breast"))
    assert draw_report(report) == draw_report(report)


def test_quoted_lines_are_drawn_with_their_pictures_and_odd_characters() -> None:
    raw = base("low_risk_breast", breast__size_mm=[QUOTED])
    report = report_of(raw)
    quotes = [b for s in report.sections for b in s.blocks if isinstance(b, Quoted)]
    assert [quote.quote for quote in quotes] == [QUOTED["quote"]]
    without = draw_report(report)
    assert "mass of <13 mm &" in "".join(pages_of(without))
    with_picture = draw_report(report, {quotes[0].key: picture()})
    pages = list(PdfDocument(with_picture))  # type: ignore[no-untyped-call]
    images = [item for page in pages for item in page.get_objects() if item.type == 3]
    assert len(images) == 1
    broken = draw_report(report, {quotes[0].key: b"no picture"})
    assert "could not be opened" in "".join(pages_of(broken))


def test_a_very_long_quote_and_many_documents_do_not_break_the_page() -> None:
    long = {**QUOTED, "quote": "margin " * 2000}
    many = [{**long, "document_id": str(number)} for number in range(60)]
    raw = base("low_risk_breast", breast__size_mm=many)
    assert len(pages_of(draw_report(report_of(raw)))) > 5


def test_after_surgery_what_fired_comes_first_and_the_gate_is_named() -> None:
    report = report_of(base("post_breast", breast__margin_mm=0), "postop")
    assert report.title == "Re-check on the final pathology"
    summary = report.sections[1]
    said = " ".join(block.text for block in summary.blocks if isinstance(block, Text))
    assert "PT-01 (reoperate)" in said and "flight home waits" in said


def test_what_is_awaited_stands_there_as_a_question() -> None:
    report = report_of(base("post_breast", breast__margin_mm=...), "postop")
    said = [block.text for block in report.sections[1].blocks if isinstance(block, Text)]
    at = said.index("Still awaited, and therefore not clear:")
    assert said[at + 1].startswith("PT-01 (reoperate): ") and said[at + 1].endswith(("?", "."))


def test_each_statement_stands_once_and_criteria_name_its_number() -> None:
    raw = base("low_risk_breast", breast__size_mm=[QUOTED])
    said = words_of(report_of(raw))
    assert said.count(str(QUOTED["quote"])) == 1
    assert said.count("age: 62 years") == 1
    numbers = [line.split()[0] for line in said.splitlines() if "tumour size: 13 mm" in line]
    assert len(numbers) == 1 and numbers[0].startswith("E")
    assert f"[{numbers[0]}]" in said


@pytest.mark.parametrize("name", ["low_risk_breast", "post_breast", "pancreas_borderline"])
def test_a_usual_case_takes_six_pages_at_most(name: str) -> None:
    # Whole clauses: a line of a report states two or three facts.
    raw = {field: [{"value": value, "source": "final_pathology", "document_id": "d1", "page": 1,
                    "quote": f"line {number // 2} of the report, which states it in so many words"}]
           for number, (field, value) in enumerate(base(name).items())}  # fmt: skip
    phase = "postop" if name == "post_breast" else "preop"
    report = report_of(raw, phase)
    keys = [b.key for s in report.sections for b in s.blocks if isinstance(b, Quoted)]
    assert len(pages_of(draw_report(report, dict.fromkeys(keys, picture())))) <= 6


BIOPSY_ALONE: dict[str, dict[str, Any]] = {
    "breast": {
        "breast.histology": "idc_nst",
        "breast.size_mm": 13,
        "breast.grade": 2,
        "breast.er": "positive",
        "breast.pr": "positive",
        "breast.her2": "negative",
        "breast.eic": "absent",
    },
    "pancreas": {"panc.histology": "adenocarcinoma"},
    "stomach": {"gast.histology": "adenocarcinoma"},
    "retroperitoneum": {"rps.histology": "sarcoma"},
    "pelvic_recurrence": {},
    "rectum_primary": {},
}


def quoted(raw: dict[str, Any]) -> dict[str, Any]:
    """The values as a report states them, each in a line of its own."""
    return {
        name: [
            {
                "value": value,
                "source": "core_biopsy",
                "document_id": "d1",
                "page": 1,
                "quote": f"{name}: {value}",
            }
        ]
        for name, value in raw.items()
    }


@pytest.mark.parametrize("site", [*BIOPSY_ALONE, "nothing at all"])
def test_a_case_with_a_biopsy_report_alone_takes_six_pages_at_most(site: str) -> None:
    known = {"disease.histology_confirmed": True, **BIOPSY_ALONE.get(site, {})}
    stated = quoted(known if site in BIOPSY_ALONE else {})
    lines = {("d1", 1, rows[0]["quote"]): picture() for rows in stated.values()}
    where = site if site in BIOPSY_ALONE else "breast"
    raw = {**stated, "disease.site": where, "patient.age_years": 62, "patient.sex": "female"}
    report = report_of(raw)
    assert len(pages_of(draw_report(report, lines))) <= 6
    said = words_of(report)
    assert all(name in said for name in run(raw).criteria), "every rule is on the paper"
    assert said.count("not stated in any document") <= 3, "three reasons of page one"


def test_a_row_is_of_what_speaks_against_the_case_or_is_disputed() -> None:
    """What merely waits is in a line; what differs, straddles or speaks against has its row."""
    raw = base("low_risk_breast", breast__cn="cN2", breast__grade=..., breast__focality=...)
    raw["breast.size_mm"] = [
        {"value": 13, "source": "imaging_us", "document_id": "d1"},
        {"value": 33, "source": "imaging_us", "document_id": "d2"},
    ]
    report = report_of(raw)
    grids = [
        block
        for section in report.sections
        for block in section.blocks
        if isinstance(block, Grid) and block.head[0] == "Id"
    ]
    rows = {row[0]: row[2] for grid in grids for row in grid.rows}
    assert "does not match" in rows["TA-06"] and "documents differ" in rows["EL-02"]
    assert not [name for name, result in rows.items() if result.endswith("any document")]
    assert "TA-05" not in rows and "TA-05 expects that focality" in words_of(report)


def test_the_first_page_is_enough_to_decide() -> None:
    raw = base(
        "low_risk_breast", breast__histology="ilc", breast__her2=..., tumour__laterality="left"
    )
    report = report_of(raw, sex="female", signed=[Text("Signed by Dr. Otieno, reg. 123.")])
    first = " ".join(pages_of(draw_report(report))[0].split())
    assert "age 62 years; sex female; side left; type invasive lobular carcinoma;" in first
    assert "size 13 mm; grade 2" in first
    assert "Not stated: PR, HER2, stage" in first
    assert "outside published criteria" in first or "mixed signals" in first
    assert "Because:" in first and "A23-HIST" in first and "[E" in first
    assert "Open: HER2" in first
    assert "Signed by Dr. Otieno" in first
    assert "Draft criteria" in first and "breast_targit_a 0.2.0" in first


def test_sources_that_only_wait_are_not_said_to_agree() -> None:
    open_case = words_of(report_of(base("low_risk_breast", breast__er=...)))
    assert "They do not, for this case." not in open_case
    assert "something is still unknown" in open_case


def _notes(one: CriteriaSet) -> list[str]:
    said = [text.note for text in (*one.facts.values(), *one.banners)]
    return said + [criterion.note for criterion in one.criteria]


def test_notes_for_those_who_keep_the_criteria_are_not_printed() -> None:
    notes = [note for one in library().sets.values() for note in _notes(one) if note]
    for name, phase in (("low_risk_breast", "preop"), ("post_breast", "postop"), ("rps", "preop")):
        said = words_of(report_of(base(name), phase))
        assert not [note for note in notes if note in said]


@pytest.mark.parametrize("site", ["breast", "pancreas", "stomach", "pelvic_recurrence"])
def test_what_is_awaited_after_surgery_is_asked_and_never_stated(site: str) -> None:
    """“The cancer does not respond to hormones” is no line of a paper on which ER is not known."""
    raw = {"disease.site": site, "patient.age_years": 62}
    said = words_of(report_of(raw, "postop"))
    result = run(raw, "postop")
    rules = [one.criterion for one in result.criteria.values() if one.is_unknown]
    assert rules and not [rule.id for rule in rules if rule.plain and rule.plain in said]
    awaited = recheck(result).awaited
    assert awaited and all(one.ask for one in awaited)
    assert all(f"{one.criterion} ({one.strength}): {one.ask}" in said for one in awaited)


@pytest.mark.parametrize("age", [62.004, 62.52, 62.996])
def test_an_age_is_told_in_completed_years_and_as_of_the_record(age: float) -> None:
    row = {"value": age, "source": "intake_form"}
    said = words_of(report_of({"disease.site": "breast", "patient.age_years": [row]}))
    assert "age: 62 years (the patient's record)" in said and "62." not in said


def test_one_protocol_alone_is_not_said_to_agree_with_others() -> None:
    raw = {"disease.site": "pancreas", "surgery.resection_actual": "R1"}
    report = report_of(raw, "postop")
    (section,) = [one for one in report.sections if one.title == "Where the sources disagree"]
    (block,) = section.blocks
    assert isinstance(block, Text) and "no other to compare it with" in block.text


def test_the_case_reference_is_all_that_names_the_case() -> None:
    report = report_of(base("low_risk_breast"))
    assert report.case_ref == "CFX-2026-0001"
    assert "CFX-2026-0001, 2026-11-23" in pages_of(draw_report(report))[0]


def test_cautions_and_the_evidence_behind_a_fit_stand_on_the_first_page() -> None:
    scleroderma = base("low_risk_breast", patient__active_connective_tissue_disease=True)
    first = pages_of(draw_report(report_of(scleroderma)))[0]
    assert "Caution CC-08: active scleroderma or lupus" in " ".join(first.split())
    assert "rests on a randomised trial" in " ".join(first.split())
    pain = base("pancreas_borderline", panc__resectability="locally_advanced")
    summary = words_of(report_of(pain))
    assert "rests on series of cases without a comparison" in summary
    assert "Caution" not in words_of(report_of(base("low_risk_breast"))).split("\nSets\n")[0]


def test_figures_stand_beside_their_sets() -> None:
    breast = words_of(report_of(base("low_risk_breast")))
    assert "TARGIT-R" in breast and "29 months" in breast and "2.11 % v 0.95 %" in breast
    assert "Not weighed here, because not read" in breast
    sarcoma = words_of(report_of(base("rps")))
    assert "6/15 v 16/20" in sarcoma and "STRASS" in sarcoma
    pelvis = words_of(report_of(base("pelvic_recurrent")))
    assert "without previous pelvic radiotherapy" in pelvis


NOTES = re.compile(r"must confirm|to be obtained|\bdisplay|show it|this project|\btodo\b", re.I)


def test_no_note_to_ourselves_is_a_text_that_papers_carry() -> None:
    """What is written for those who keep the criteria stands in `note`, and no paper prints it."""
    for one in library().sets.values():
        texts = [one.caution, one.evidence_level, one.title]
        texts += [said.text for said in (*one.banners, *one.facts.values())]
        texts += [one.several.said.text] if one.several else []
        texts += [one.rests_on.said.text] if one.rests_on else []
        assert not [text for text in texts if NOTES.search(text)], one.id


CODES = {value.replace("_", " ") for field in library().vocabulary.fields.values()
         for value in field.value_words}  # fmt: skip
CODES -= {"dcis", "lcis", "gist", "not tested", "retroperitoneum", "pNx"}  # words, or names of sets


@pytest.mark.parametrize("seed", range(25))
def test_codes_are_shown_as_words(seed: int) -> None:
    draw = random.Random(f"paper {seed}")
    name = draw.choice(sorted(worked()["bases"]))
    raw = dict(worked()["bases"][name])
    for field in draw.sample(sorted(raw), 4):
        values = library().vocabulary.fields[field].values
        if field != "disease.site" and values:
            raw[field] = draw.choice(values)
        elif field != "disease.site" and draw.random() < 0.5:
            raw.pop(field)
    said = words_of(report_of(raw, "postop" if name == "post_breast" else "preop"))
    found = [code for code in CODES if re.search(rf"\b{re.escape(code)}\b", said)]
    assert not found, found
    assert not re.search(
        r"\bneeds info\b|\bfits pending\b|\bneeds clinical signoff\b|mdt only", said
    )


def test_to_a_pregnant_case_nothing_is_offered() -> None:
    offered = words_of(report_of(base("low_risk_breast")))
    assert "Trial profiles that do not exclude the case" in offered and "Techniques" in offered
    said = words_of(report_of(base("low_risk_breast", patient__pregnant=True)))
    assert "Trial profiles" not in said and "\nTechniques\n" not in said
    assert "rests on a randomised trial" not in said


def test_a_level_that_may_still_fall_is_not_called_the_result() -> None:
    said = words_of(report_of(base("low_risk_breast")))
    assert "suitable so far, unsuitable at worst: the final pathology is awaited" in said
    assert ": suitable\n" not in said


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("pelvic_recurrent", {}, "One published source speaks of this case"),
        ("low_risk_breast", {}, "their results differ all the same"),
        ("pancreas_borderline", {}, "their results differ all the same"),
    ],
)
def test_sources_are_said_to_agree_only_where_their_levels_do(
    name: str, changes: dict[str, Any], words: str
) -> None:
    said = words_of(report_of(base(name, **changes)))
    assert words in said and "They do not, for this case." not in said


def test_a_part_of_a_quoted_line_is_not_shown_beside_the_line() -> None:
    part = {**QUOTED, "quote": "13 mm"}
    raw = base("low_risk_breast", breast__size_mm=[QUOTED], breast__grade=[{**part, "value": 2}])
    report = report_of(raw)
    quotes = [b for s in report.sections for b in s.blocks if isinstance(b, Quoted)]
    assert [quote.quote for quote in quotes] == [QUOTED["quote"]]
    assert "grade: 2" in quotes[0].words and "tumour size: 13 mm" in quotes[0].words


def test_a_typed_value_is_not_shown_as_a_document_s_own_words() -> None:
    typed = {"value": "cN0", "source": "core_biopsy", "document_id": "1"}
    said = words_of(report_of(base("low_risk_breast", breast__cn=[typed])))
    assert "clinical nodes (cN): cN0 (typed by a person; filed with core biopsy)" in said
