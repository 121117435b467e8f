"""The timeline's words: every event has some, and they read well with any payload."""

import re
from typing import Any

import pytest
import yaml

from settings import PROJECT_ROOT
from web.values import read_value
from workflows.engine.words import EventWords, in_words

PLAYBOOKS = PROJECT_ROOT / "playbooks"
WORDS = EventWords.load(PLAYBOOKS)
EVENTS: dict[str, dict[str, Any]] = yaml.safe_load(
    (PLAYBOOKS / "vocabularies" / "events.yaml").read_text(encoding="utf-8")
)["events"]


def test_every_event_of_the_vocabulary_has_words_and_no_other() -> None:
    assert WORDS.names() == EVENTS.keys()


@pytest.mark.parametrize("type", EVENTS)
def test_a_sentence_never_shows_its_seams(type: str) -> None:
    full = dict.fromkeys(EVENTS[type] or {}, "some_code")
    for payload in ({}, full):
        sentence = WORDS.sentence(type, payload)
        assert sentence and not re.search(r"[{}\[\]]", sentence)


@pytest.mark.parametrize(
    ("type", "payload", "sentence"),
    [
        ("case.state_changed", {"to_state": "COLLECTING_RECORDS", "waiting_on": "patient"},
         "Now: collecting records; waiting for patient"),
        ("case.state_changed", {"to_state": "VISA"}, "Now: visa"),
        ("clinician.review_signed", {"outcome": "needs_data"}, "A clinician signed: needs data"),
        ("offer.recorded", {"offer_id": 1, "hospital_id": 7, "currency": "USD",
                            "amount_low": 7800.0, "amount_high": 9100.0},
         "Offer 1 of H07 Example was written down: 7800 to 9100 USD"),
        ("completeness.checked", {"missing": []},
         "The file was compared with the checklist; missing: none"),
    ],
)  # fmt: skip
def test_sentences(type: str, payload: dict[str, Any], sentence: str) -> None:
    assert WORDS.sentence(type, payload, {7: "H07 Example"}) == sentence


def test_what_is_not_a_code_is_left_as_it_is() -> None:
    assert [in_words(text) for text in ("needs_data", "VISA", "M10", "CFX-26-00001", "a b_c")] == [
        "needs data",
        "visa",
        "M10",
        "CFX-26-00001",
        "a b_c",
    ]


def test_abbreviations_are_written_as_clinicians_write_them() -> None:
    assert [in_words(code) for code in ("kv_iort", "idc_nst", "imaging_mri", "never")] == [
        "kV IORT",
        "IDC NST",
        "imaging MRI",
        "never",
    ]


def test_a_value_is_read_with_its_unit() -> None:
    assert read_value(95.0, "percent") == "95 %"
    assert read_value({"lt": 14}, "mm") == "< 14 mm"
    assert read_value("pathogenic_brca1") == "pathogenic BRCA1"


def test_every_field_of_the_vocabulary_is_named_for_people() -> None:
    path = PLAYBOOKS / "vocabularies" / "findings.yaml"
    fields = yaml.safe_load(path.read_text(encoding="utf-8"))["fields"]
    assert [name for name, field in fields.items() if "label" not in field] == []
