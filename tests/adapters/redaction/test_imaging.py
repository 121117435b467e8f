"""DICOM images: what their headers no longer say, what stays, and words burned into frames."""

import io
import struct
from datetime import date
from typing import Any

import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from adapters.redaction.asking import Redactor
from adapters.redaction.types import Imaging, NotRedacted
from deidentify import Identity

AMARA = Identity(names=("Amara Okoye",), births=(date(1971, 3, 14),), numbers=("556712",))
REDACTOR = Redactor()
MAMMOGRAPHY = "1.2.840.10008.5.1.4.1.1.1.2"


def image(burned: str = "", *, instance: str = "1.2.3.4.1.1", kind: str = MAMMOGRAPHY) -> bytes:
    dataset: Any = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(kind), UID(instance)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = UID("1.2.3.4"), UID("1.2.3.4.1")
    dataset.PatientName, dataset.PatientID = "Okoye^Amara", "556712"
    dataset.PatientBirthDate, dataset.StudyDate, dataset.StudyTime = "19710314", "20261102", "1035"
    dataset.AccessionNumber, dataset.Modality, dataset.ViewPosition = "S-24-1", "MG", "MLO"
    dataset.StudyDescription, dataset.ImageComments = "Okoye breast", "for Okoye"
    dataset.InstitutionName, dataset.OperatorsName = "City Hospital", "Bakare^T"
    inner: Any = Dataset()
    inner.PatientName, inner.ReferencedSOPInstanceUID = "Okoye^Amara", UID(instance)
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-04000", "SRT", "Breast"
    dataset.AnatomicRegionSequence = Sequence([inner])
    dataset.private_block(0x0009, "MAKER", create=True).add_new(0x10, "LO", "Okoye again")
    dataset.Rows, dataset.Columns, dataset.PixelSpacing = 300, 500, [0.1, 0.1]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    picture = Image.new("L", (500, 300), 0)
    if burned:
        font = ImageFont.load_default(28)
        ImageDraw.Draw(picture).text((20, 20), burned, fill=255, font=font)
    levels = [level * 16 for level in picture.tobytes()]
    dataset.PixelData = struct.pack(f"<{len(levels)}H", *levels)
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return b"OKOYE".ljust(128, b"\0") + target.getvalue()[128:]


def cleaned(content: bytes, **more: Any) -> Imaging:
    return REDACTOR.imaging(content, AMARA, alias="CASE-1", secret="of the case", **more)


def read(made: Imaging) -> Any:
    return pydicom.dcmread(io.BytesIO(made.content))


def test_a_header_says_nobody_and_keeps_what_the_image_is() -> None:
    made = cleaned(image())
    told = read(made)
    assert [
        name
        for name in (b"koye", b"KOYE", b"556712", b"1971", b"Bakare", b"City", b"S-24")
        if name in made.content
    ] == []
    assert (told.PatientName, told.PatientID, told.PatientIdentityRemoved) == (
        "CASE-1",
        "CASE-1",
        "YES",
    )
    assert (told.Modality, told.ViewPosition, list(told.PixelSpacing)) == ("MG", "MLO", [0.1, 0.1])
    assert told.AnatomicRegionSequence[0].CodeMeaning == "Breast"
    assert not told.AnatomicRegionSequence[0].get("PatientName")
    assert told.PixelData == read_original().PixelData
    assert not [element for element in told if element.tag.is_private]
    assert made.survivors == ()
    assert made.pixels == "no_words"
    assert not made.needs_a_person


def read_original() -> Any:
    return pydicom.dcmread(io.BytesIO(image()))


def test_a_study_stays_together_and_its_identifiers_are_others() -> None:
    first, second = read(cleaned(image())), read(cleaned(image(instance="1.2.3.4.1.2")))
    assert first.StudyInstanceUID == second.StudyInstanceUID != "1.2.3.4"
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert first.AnatomicRegionSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert first.SOPClassUID == MAMMOGRAPHY


def test_days_go_or_move_together() -> None:
    assert read(cleaned(image())).StudyDate == ""
    assert read(cleaned(image(), shift_days=-9000)).StudyDate == "20020313"
    assert read(cleaned(image(), shift_days=-9000)).PatientBirthDate == ""


def test_a_name_burned_into_the_image_keeps_it_back() -> None:
    made = cleaned(image("OKOYE AMARA F55"))
    assert made.pixels == "words"
    assert {one.kind for one in made.survivors} == {"name"}
    assert made.needs_a_person


def test_words_that_nobody_knows_are_for_a_person_to_look_at() -> None:
    made = cleaned(image("PORTABLE UPRIGHT"))
    assert made.pixels == "words"
    assert made.survivors == ()
    assert made.needs_a_person


def test_a_report_in_dicom_is_no_image() -> None:
    with pytest.raises(NotRedacted) as told:
        cleaned(image(kind="1.2.840.10008.5.1.4.1.1.88.11"))
    assert told.value.problem == "unsupported"


def test_nonsense_makes_no_file() -> None:
    with pytest.raises(NotRedacted):
        cleaned(b"\0" * 128 + b"DICM nothing of it")
