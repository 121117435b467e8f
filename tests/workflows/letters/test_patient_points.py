"""What a patient reads of a signed result: statements of their own papers, each with its place."""

import random
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from models import Assessment
from settings import Settings
from suitability.screening import SITE_FIELD
from tests.suitability.cases import base, library, run, worked
from workflows.engine.playbooks import playbooks_of
from workflows.letters.patient_points import NEVER_TOLD, Points, open_questions, points
from workflows.letters.ways import external_fits

LETTERS = playbooks_of(Settings().playbooks_dir).letters
REVIEWED = ("M07", "M07a", "M08")
BREAST = (*REVIEWED, "M15")
SOURCES = ("core_biopsy", "imaging_us", "imaging_mri", "clinic_letter", "mdt_note")


def assessed(raw: dict[str, Any], **rows: dict[str, Any]) -> Assessment:
    """A stored result of these findings, each quoted from a document unless `rows` say more."""
    observed = {
        name: [
            {
                "value": value,
                "source": "core_biopsy",
                "date": "2026-11-02",
                "document_id": "7",
                "page": 1,
                "quote": f"{name} as written",
                **rows.get(name.replace(".", "__"), {}),
            }
        ]
        for name, value in raw.items()
        if name != SITE_FIELD
    }
    observed[SITE_FIELD] = [{"value": raw[SITE_FIELD], "source": "clinic_letter"}]
    screening = run(observed)
    return Assessment(
        case_id=1,
        phase="preop",
        category=screening.category,
        result=screening.to_json(),
        findings={"observations": observed},
        set_versions={},
        engine_version="2",
        input_hash="-",
        assessed_at=datetime(2026, 11, 29, tzinfo=UTC),
    )


def found(raw: dict[str, Any], **rows: dict[str, Any]) -> Points:
    return points(assessed(raw, **rows), library())


def letter(code: str, told: Points | None = None, **fields: Any) -> str:
    own = (
        {"matching": told.matching, "differing": told.differing, "open": told.open} if told else {}
    )
    return LETTERS.render(code, {**LETTERS.samples(code), **own, **fields}).body


def facts(groups: list[dict[str, Any]]) -> set[str]:
    return {said["fact"].partition("/")[0] for one in groups for said in one["statements"]}


def test_a_fit_is_told_in_the_statements_of_the_papers_with_their_place() -> None:
    told = found(base("low_risk_breast"))
    text = letter("M07", told)
    assert (
        "Your laboratory report of the biopsy of 2026-11-02 (2 November 2026) says:\n" in text
        and "- size of the tumour: 13 mm\n" in text
        and "- one tumour\n" in text
    )
    assert told.differing == []
    assert "should" not in text and "The trial took" not in text


def test_what_no_document_is_quoted_for_is_not_put_into_its_mouth() -> None:
    told = found(
        base("low_risk_breast", breast__neoadjuvant="none", breast__eic=..., breast__grade=...),
        breast__cn={"quote": None, "page": None},
        breast__neoadjuvant={"source": "intake_form", "quote": None, "document_id": None},
        patient__age_years={"source": "intake_form", "quote": None, "document_id": None},
    )
    text = letter("M07", told)
    quoted, _, noted = text.partition("A person here has noted from your papers, or from you:")
    noted, _, said = noted.partition("You have told us:")
    said, _, record = said.partition("Your record with us says:")
    assert "cN0" not in quoted and "cN0" in noted
    assert "no medicines against" not in quoted + noted and "no medicines against" in said
    assert "age" not in said and "- age, from the date of birth: 62 years" in record


def test_who_gave_only_a_date_of_birth_has_told_us_no_age() -> None:
    row = {"source": "intake_form", "quote": None, "document_id": None}
    text = letter("M07", found(base("low_risk_breast"), patient__age_years=row))
    assert "told us" not in text and "Your record with us says:" in text


NO_EXTERNAL: list[tuple[str, dict[str, Any]]] = [
    ("low_risk_breast", {"rt.prior_same_region": True}),
    ("low_risk_breast", {"rt.prior_same_region": ...}),
    ("low_risk_breast", {"patient.pregnant": True}),
    ("low_risk_breast", {"patient.pregnant": ..., "patient.age_years": 40}),
    ("low_risk_breast", {"patient.pregnant": ..., "patient.age_years": ...}),
    ("low_risk_breast", {"rt.ebrt_component": "done_preop"}),
    ("low_risk_breast", {"rt.ebrt_component": "not_possible"}),
    ("low_risk_breast", {"patient.can_return_for_ebrt": False}),
    ("low_risk_breast", {"patient.radiosensitivity_syndrome": True}),
    ("low_risk_breast", {"patient.active_connective_tissue_disease": True}),
    ("low_risk_breast", {"breast.prior_ipsilateral": True}),
    ("low_risk_breast", {"breast.suitable_bcs": False}),
    ("low_risk_breast", {"disease.metastasis": "M1"}),
    ("pelvic_recurrent", {}),
    ("pancreas_borderline", {}),
]
EXTERNAL_FITS: list[dict[str, Any]] = [
    {},
    {"patient.pregnant": ..., "patient.age_years": 70},
    {"patient.pregnant": ..., "patient.sex": "male"},
    {"breast.cn": "cN2"},
]


def changed(name: str, changes: dict[str, Any]) -> Assessment:
    raw = {**base(name), **changes}
    return assessed({key: value for key, value in raw.items() if value is not ...})


def test_external_radiotherapy_is_named_only_where_the_facts_bear_it() -> None:
    wrong = [one for one in NO_EXTERNAL if external_fits(_site(one[0]), changed(*one))]
    assert wrong == []
    right = [external_fits("breast", changed("low_risk_breast", one)) for one in EXTERNAL_FITS]
    assert all(right), right


@pytest.mark.parametrize("seed", range(40))
def test_a_fact_taken_away_never_brings_a_way_in(seed: int) -> None:
    """Blank opens nothing: whatever is left out of a case in which it does not fit."""
    draw = random.Random(f"ways {seed}")
    name, changes = draw.choice(NO_EXTERNAL)
    raw = {key: value for key, value in {**base(name), **changes}.items() if value is not ...}
    kept = {name: value for name, value in raw.items() if name in changes or draw.random() < 0.7}
    made = assessed({**kept, SITE_FIELD: raw[SITE_FIELD]})
    assert not external_fits(_site(name), made)


def _site(name: str) -> str:
    return str(base(name)[SITE_FIELD])


def test_one_way_alone_is_said_in_the_singular() -> None:
    text = letter("M08", options=["second_opinion"])
    assert (
        "A way you can discuss with your doctors:" in text and "external radiotherapy" not in text
    )
    assert "Ways you can discuss" in letter("M08")


def test_what_differs_is_in_no_letter_before_the_call() -> None:
    """Several nodes look involved: not only what matches is told, and nothing before the call."""
    told = found(base("low_risk_breast", breast__cn="cN2", breast__size_mm=32))
    assert {"breast.cn", "breast.size_mm"} <= facts(told.differing)
    assert not facts(told.differing) & facts(told.matching)
    after = letter("M07a", told)
    assert "several nodes look involved on examination or scans (cN2)" in after
    assert "size of the tumour: 32 mm" in after
    assert "differing" not in LETTERS.meta("M07").fields
    for code in LETTERS.codes:
        if "differing" in LETTERS.meta(code).fields:
            assert "after_call" in LETTERS.meta(code).needs and not LETTERS.meta(code).automated


def test_a_set_for_another_situation_is_no_difference() -> None:
    """A borderline tumour is outside the profile of unresected ones: it differs in nothing."""
    told = found(base("pancreas_borderline"))
    assert told.differing == [] and "panc.resectability" in facts(told.matching)
    assert "must" not in letter("M07", told).replace("must not", "")


def test_a_field_that_follows_from_another_is_told_as_it_was_stated() -> None:
    raw = base("low_risk_breast", disease__metastasis=..., tumour__pm="pM1")
    told = found({**raw})
    assert "M stage of the laboratory: pM1" in letter("M07a", told)


def test_documents_that_differ_are_both_told() -> None:
    raw = base("low_risk_breast")
    made = assessed(raw)
    (row,) = made.findings["observations"]["breast.cn"]
    made.findings["observations"]["breast.cn"] = [
        {**row, "value": "cN2"},
        {**row, "value": "cN3", "source": "imaging_us", "document_id": "8"},
    ]
    made.result = run(made.findings["observations"]).to_json()
    text = letter("M07a", points(made, library()))
    assert "(cN2)" in text and "(cN3)" in text


def random_case(draw: random.Random) -> dict[str, Any]:
    """A worked case with values changed, removed or of another sex, as `draw` has it."""
    name = draw.choice(sorted(name for name in worked()["bases"] if name != "post_breast"))
    raw = dict(worked()["bases"][name])
    known = library().vocabulary.fields
    for field in draw.sample(sorted(raw), draw.randint(0, 6)):
        if field == SITE_FIELD:
            continue
        one = known[field]
        if draw.random() < 0.4:
            raw.pop(field)
        elif one.type == "bool":
            raw[field] = not raw[field]
        elif one.type == "enum":
            raw[field] = draw.choice(one.values)
        elif one.type == "number" and isinstance(raw[field], int | float):
            low, high = one.minimum or 0, one.maximum or 100
            raw[field] = min(max(low, raw[field] * draw.choice((0, 1, 2, 3))), high)
    sex = draw.choice(("female", "male", "other", None))
    return raw if sex is None else {**raw, "patient.sex": sex}


WOMEN = re.compile(r"\bwom[ae]n\b|\bpregnan|\bher\b|\bshe\b|\bfemale\b", re.IGNORECASE)


@pytest.mark.parametrize("seed", range(60))
def test_a_statement_stands_and_falls_with_its_fact(seed: int) -> None:
    """Whatever the case: all that is said was stated, and a removed fact removes its sentence."""
    draw = random.Random(f"statements {seed}")
    raw = random_case(draw)
    told = found(raw)
    said = facts(told.matching) | facts(told.differing)
    assert said <= set(raw), "nothing is told that nobody stated"
    known = library().vocabulary.fields
    own = {
        name
        for name in said
        if known[name].type == "bool" or name.startswith(("breast.", "panc.", "rps."))
    }
    for name in sorted(own):
        left = found({key: value for key, value in raw.items() if key != name})
        assert name not in facts(left.matching) | facts(left.differing), name
    for code in ("M07", "M07a"):
        text = letter(code, told)
        if raw.get("patient.sex") != "female":
            assert not WOMEN.search(text.replace("neither female nor male", "")), text
        if "patient.age_years" not in raw:
            assert not re.search(r"\byour age\b|^- age", text, re.MULTILINE)
            assert "women aged" not in text


@pytest.mark.parametrize("code", REVIEWED)
def test_without_its_fact_a_sentence_is_absent(code: str) -> None:
    whole = letter(code)
    gone = {
        "signed": ({**LETTERS.samples(code)["signed"], "name": None}, "EX-00001"),
        "searching": (False, "Next, we look for hospitals"),
        "matching": ([], "agree with what published"),
        "differing": ([], "says something else"),
        "open": ([], "do not answer these questions"),
        "two_sides": (None, "It costs this"),
    }
    for field, (nothing, words) in gone.items():
        if field in LETTERS.meta(code).fields:
            assert words in whole or words.lower() in whole, field
            assert (
                words not in LETTERS.render(code, {**LETTERS.samples(code), field: nothing}).body
            ), field


@pytest.mark.parametrize("code", BREAST)
def test_every_breast_letter_has_both_sides_of_iort_with_figures_of_the_criteria(code: str) -> None:
    text = letter(code)
    assert "IORT may offer this" in text and "It costs this" in text
    assert "IORT may offer" not in letter(code, two_sides=None)
    (sentence,) = [line for line in text.splitlines() if "It costs this" in line]
    targit, eliot = (library().sets[name].facts for name in ("breast_targit_a", "breast_eliot"))
    cited = " ".join(
        fact.text
        for fact in (targit["result_2020"], targit["ebrt_added"], eliot["result_2013"])
        if fact.basis == "verified"
    )
    figures = re.findall(r"[\d.]+ %", sentence)
    assert len(figures) == 5 and all(figure in cited for figure in figures), figures
    assert not WOMEN.search(sentence)
    man = letter(code, two_sides="breast_male")
    assert sentence in man and "No man took part in either trial" in man
    assert "No man" not in text and not WOMEN.search(man.partition("IORT may offer")[2])


@pytest.mark.parametrize(
    ("sex", "age", "asked"),
    [
        ("female", 41, True),
        ("female", None, True),
        ("female", 70, False),
        ("male", 41, False),
        ("other", 41, False),
        (None, 41, False),
    ],
)
def test_pregnancy_is_asked_in_writing_of_whom_it_fits(
    sex: str | None, age: int | None, asked: bool
) -> None:
    raw = base("low_risk_breast", patient__pregnant=..., patient__age_years=age or ...)
    made = assessed(raw if sex is None else {**raw, "patient.sex": sex})
    assert any("pregnant" in ask for ask in open_questions(made)) is asked


def test_without_a_signed_result_there_is_nothing_to_ask() -> None:
    assert open_questions(None) == []


def test_every_fact_that_criteria_read_has_words_for_the_patient() -> None:
    """Also the facts from which others follow: no difference is left untold for want of words."""
    known = library().vocabulary.fields
    read = {f for one in library().sets.values() for c in one.criteria for f in c.fields()}
    read |= {known[name].derive.source for name in read if known[name].derive}  # type: ignore[union-attr]
    for name in sorted(read - {SITE_FIELD}):
        if name.startswith(NEVER_TOLD):
            continue
        field = known[name]
        values: list[Any] = [True, False] if field.type == "bool" else list(field.values) or [3]
        for value in values:
            made = points_said(name, value)
            assert LETTERS.render("M07", {**LETTERS.samples("M07"), "matching": made}).body


def points_said(name: str, value: Any) -> list[dict[str, Any]]:
    from workflows.letters.patient_points import _said

    said = _said(name, value, library().vocabulary)
    return [{"kind": "core_biopsy", "day": date(2026, 11, 2), "statements": [said]}]


def test_every_kind_of_document_has_words() -> None:
    for source in library().vocabulary.source_rank:
        if source != "intake_form":
            one: dict[str, Any] = {"kind": source, "day": None, "statements": []}
            assert "Your " in letter("M07", matching=[one])
