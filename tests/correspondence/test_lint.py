"""What lint finds. Each rule is tried with a letter that breaks it and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from correspondence import Letter, lint
from correspondence.directory import HospitalRecord, load_hospitals
from workflows.engine.playbooks import playbooks_of

LETTERS = playbooks_of(Path(__file__).resolve().parents[2] / "playbooks").letters
NOW = datetime(2027, 3, 1, tzinfo=UTC)
PREVIEW = (
    "You have a message from your coordinators. Please open it when you have some privacy.\n\n"
)


def letter(body: str = "", *, subject: str = "Update", audience: str = "patient") -> Letter:
    return Letter(subject, PREVIEW + body, "M12", "1", "en", audience)  # type: ignore[arg-type]


def rules(text: Letter, **given: object) -> list[str]:
    return [problem.rule for problem in lint(text, **given)]  # type: ignore[arg-type]


def test_a_plain_letter_has_no_problem() -> None:
    assert rules(letter("The hospital has your papers.")) == []


@pytest.mark.parametrize(
    "text",
    [
        "We guarantee it", "This is guaranteed.", "You are eligible", "your eligibility",
        "ineligible",
        "you qualify for it", "you may qualify", "approved for treatment", "You were pre-approved",
        "a cure is near", "She will be cured.", "the best hospital", "the best cancer hospitals",
        "100 % safe", "100% sure", "100 per cent", "no further radiation needed",
        "no more radiotherapy", "it is risk-free", "GUARANTEE",
    ],
)  # fmt: skip
def test_words_of_promise_are_found(text: str) -> None:
    assert rules(letter(text)) == ["forbidden_word"]
    assert rules(letter(text, audience="hospital")) == ["forbidden_word"]


@pytest.mark.parametrize(
    "text",
    [
        "Best regards", "the secure page", "obscure", "a courier", "a 100-page file",
        "further radiotherapy is advised", "the procedure", "curettage", "a warranty",
        "Please qualify the statement", "10 % deposit", "at your best hours",
    ],
)  # fmt: skip
def test_harmless_words_are_not(text: str) -> None:
    assert rules(letter(text)) == []


def test_our_own_coordinators_may_read_any_word() -> None:
    assert rules(letter("guarantee", audience="coordinator")) == []


@pytest.mark.parametrize("code", ["M07", "M08", "M15", "M28b"])
@pytest.mark.parametrize("need", ["no_promise", "not_advice"])
def test_the_honest_sentences_may_not_be_left_out(code: str, need: str) -> None:
    full = LETTERS.render(code, LETTERS.samples(code))
    sentence = dict(full.sentences)[need]
    without = replace(full, body=full.body.replace(sentence, ""))
    assert [p.detail for p in lint(without, call_logged=True)] == [need]


def test_a_required_sentence_may_be_wrapped() -> None:
    full = LETTERS.render("M07", LETTERS.samples("M07"))
    sentence = dict(full.sentences)["no_promise"]
    wrapped = replace(full, body=full.body.replace(sentence, sentence.replace(" that ", "\nthat ")))
    assert rules(wrapped) == []


@pytest.mark.parametrize(
    "word",
    ["cancer", "Tumour", "tumor", "carcinoma", "breast", "pancreas", "IORT", "stage 2", "pT1",
     "metastases", "biopsy", "oncologist", "radiotherapy", "surgery", "HER2", "recurrence"],
)  # fmt: skip
def test_a_bystander_reads_no_diagnosis_in_subject_or_preview(word: str) -> None:
    assert set(rules(letter(subject=f"Your {word}"))) == {"diagnosis_in_preview"}
    shown = Letter("Update", f"About your {word}: the hospital wrote.", "M12", "1", "en", "patient")
    assert set(rules(shown)) == {"diagnosis_in_preview"}
    assert rules(letter(f"Further down {word} may stand.")) == []


def test_a_hospital_sees_the_site_in_the_subject_but_no_diagnosis() -> None:
    subject = "[CFX-26-00017] IORT case review – breast – F 55-59 – reply by 12 Mar 2027"
    assert rules(letter(subject=subject, audience="hospital")) == []
    assert rules(letter(subject=subject + " – carcinoma", audience="hospital")) == [
        "diagnosis_in_preview"
    ]


SHIPPED = load_hospitals(Path(__file__).resolve().parents[2] / "playbooks" / "hospitals.yaml")


@pytest.mark.parametrize("hospital", SHIPPED, ids=lambda one: one.hospital_id)
@pytest.mark.parametrize("code", [one for one in LETTERS.codes
                                  if LETTERS.meta(one).audience == "hospital"])  # fmt: skip
def test_a_hospital_is_greeted_by_the_name_of_its_department(
    hospital: HospitalRecord, code: str
) -> None:
    department = hospital.departments[0].name
    text = LETTERS.render(code, {**LETTERS.samples(code), "department": department})
    assert rules(text, reader=[hospital.name, department]) == []
    told = replace(text, body=text.body.replace("Dear ", "Dear friends of the carcinoma, ", 1))
    assert rules(told, reader=[hospital.name, department]) == ["diagnosis_in_preview"]


def test_names_stay_out_of_subject_and_preview_of_a_private_letter() -> None:
    assert rules(letter("Dear Grace W."), private_words=["Grace W."]) == []
    assert rules(letter(subject="Grace w., news"), private_words=["Grace W."]) == [
        "name_in_preview"
    ]


@pytest.mark.parametrize("text", ["{{ name }}", "{% if %}", "None", "undefined", "nan"])
def test_what_was_not_filled_in_is_found(text: str) -> None:
    assert "unresolved" in rules(letter(f"Dear {text}"))


def test_the_language_is_the_recipients() -> None:
    assert rules(letter(), recipient_language="en") == []
    assert rules(letter(), recipient_language="sw") == ["language"]


def test_a_link_that_has_ended_is_not_sent() -> None:
    assert rules(letter(), link_expires_at=NOW + timedelta(days=1), now=NOW) == []
    assert rules(letter(), link_expires_at=NOW, now=NOW) == ["link_expired"]
    with pytest.raises(ValueError, match="given time"):
        lint(letter(), link_expires_at=NOW)


def test_nobody_writes_to_somebody_who_died_or_withdrew() -> None:
    assert rules(letter(), recipient_stopped=True) == ["recipient_stopped"]


@pytest.mark.parametrize("logged", [None, False])
def test_bad_news_waits_for_a_logged_call(logged: bool | None) -> None:
    full = LETTERS.render("M08", LETTERS.samples("M08"))
    assert rules(full, call_logged=logged) == ["call_not_logged"]
    assert rules(full, call_logged=True) == []


def test_a_problem_does_not_repeat_the_letter() -> None:
    (problem,) = lint(letter("Grace, we guarantee this"))
    assert "Grace" not in f"{problem.rule} {problem.detail}"
