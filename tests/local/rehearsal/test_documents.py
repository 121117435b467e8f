"""The example reports are what the generator makes, and are what they claim to be."""

from pathlib import Path

import pytest

from adapters.reader import ReaderLimits, SandboxedReader
from local.rehearsal import reports
from local.rehearsal.documents import EXAMPLES, breast_synoptic, write_examples, wrong_patient

EXAMPLES_FOLDER = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_kept_example_is_what_the_generator_makes(name: str) -> None:
    assert (EXAMPLES_FOLDER / name).read_bytes() == EXAMPLES[name]()


def test_the_examples_are_small(tmp_path: Path) -> None:
    assert sum(path.stat().st_size for path in write_examples(tmp_path)) < 300_000


def _read(content: bytes) -> tuple[str, str, str]:
    read = SandboxedReader(ReaderLimits()).read(content)
    assert read.status == "read"
    (page,) = read.pages
    return page.method, page.reason, page.text


def test_the_synoptic_report_is_born_digital_and_says_that_it_is_invented() -> None:
    method, _, text = _read(EXAMPLES["breast-synoptic.pdf"]())
    assert method == "text_layer"
    assert reports.NOTICE in text
    assert reports.ROSA.name in text


def test_the_two_columns_are_read_one_after_the_other() -> None:
    method, _, text = _read(EXAMPLES["rectum-two-columns.pdf"]())
    assert method == "text_layer"
    assert text.index("CK7 is negative") < text.index("Mismatch repair")
    assert "nuclear expression" in text


def test_the_scan_has_no_text_and_needs_optical_recognition() -> None:
    content = EXAMPLES["breast-scan.pdf"]()
    method, _, text = _read(content)
    assert method == "ocr"
    assert "Invasive lobular carcinoma" in text
    assert "FICTITIOUS" in text


def test_the_wrong_patients_report_differs_in_every_particular() -> None:
    _, _, text = _read(wrong_patient())
    for own in (reports.ROSA.name, reports.ROSA.birth_date.isoformat(), reports.ROSA.record_number):
        assert own not in text


def test_a_password_closes_the_report() -> None:
    reader = SandboxedReader(ReaderLimits())
    content = breast_synoptic(password="open sesame")
    assert reader.read(content).status == "encrypted"
    assert reader.read(content, password="open sesame").status == "read"
