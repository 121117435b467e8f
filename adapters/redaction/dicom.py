"""A DICOM file without who it is of; runs in the sandbox only.

Basic Application Level Confidentiality Profile (DICOM PS3.15, table E.1-1, 2026c) at every depth,
and stricter where that table is silent: words that nobody listed go, and so do private elements.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pydicom
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, generate_uid

_WORDS = frozenset({"LO", "LT", "ST", "SH", "UT", "UC", "UR", "AE", "PN"})
_MOMENTS = frozenset({"DA", "TM", "DT"})
_BYTES = frozenset({"UN", "OB", "OD", "OF", "OL", "OV"})
_EMPTY_RATHER = frozenset({
    (0x0008, 0x0020), (0x0008, 0x0030), (0x0008, 0x0050), (0x0008, 0x0090), (0x0020, 0x0010),
    (0x0010, 0x0010), (0x0010, 0x0020), (0x0010, 0x0030), (0x0010, 0x0040), (0x0008, 0x0023),
    (0x0008, 0x0033),
})  # fmt: skip
"""What images must have, if only without a value (type 2 of PS3.3)."""
_KEPT_WORDS = frozenset({
    (0x0008, 0x0005), (0x0008, 0x0070), (0x0008, 0x1090), (0x0018, 0x0022), (0x0018, 0x0024),
    (0x0018, 0x1020), (0x0018, 0x1160), (0x0018, 0x1210), (0x0018, 0x1250), (0x0018, 0x1251),
    (0x0028, 0x1055), (0x0028, 0x3003), (0x0018, 0x0010), (0x0018, 0x1008),
})  # fmt: skip
"""Makers, kernels, coils and the like: short words that a machine chose."""
_CODES = frozenset({(0x0008, 0x0100), (0x0008, 0x0102), (0x0008, 0x0104)})
_SCHEMES = frozenset({"DCM", "SCT", "SRT", "SNM3", "UCUM", "LN", "RADLEX"})
_PIXELS = (0x7FE0, 0x0010)
_LUTS = frozenset({(0x0028, 0x1201), (0x0028, 0x1202), (0x0028, 0x1203), (0x0028, 0x3006)})
_NO_IMAGE = ("1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.104.", "1.2.840.10008.1.3.10")
METHOD = "PS3.15 Basic Profile 2026c"


class NotAnImage(Exception):
    """It holds words (a report, a document) or a list of files, no image."""


def cleaned(content: bytes, alias: str, secret: str, shift_days: int | None) -> Dataset:
    """Return the file without who it is of.

    `alias` stands for name and number. Identifiers become others, the same ones for the same
    `secret`, so that a study stays together. Days move by `shift_days`, or go when it is None;
    times always go. Raises NotAnImage, and what pydicom raises.
    """
    dataset = pydicom.dcmread(io.BytesIO(content))
    if str(dataset.get("SOPClassUID", "")).startswith(_NO_IMAGE) or _PIXELS not in dataset:
        raise NotAnImage
    _clean(dataset, secret, shift_days)
    dataset.PatientName, dataset.PatientID = alias, alias
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = METHOD
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113100", "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    dataset.DeidentificationMethodCodeSequence = Sequence([code])
    dataset.LongitudinalTemporalInformationModified = (
        "REMOVED" if shift_days is None else "MODIFIED"
    )
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta = meta
    dataset.preamble = b"\0" * 128
    return dataset


def written(dataset: Dataset) -> bytes:
    """Return the bytes of a file."""
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


def words_in(dataset: Dataset) -> Iterator[str]:
    """Yield every value of words, names, days and identifiers that a file still has."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value or ():
                yield from words_in(item)
        elif element.VR in _WORDS | _MOMENTS | {"CS", "AS"} and element.value:
            yield str(element.value)


def _clean(dataset: Dataset, secret: str, shift_days: int | None) -> None:
    dataset.remove_private_tags()
    for element in list(dataset):
        tag = (element.tag.group, element.tag.element)
        group = element.tag.group
        if tag == _PIXELS:
            continue
        if group & 0xFF00 in (0x5000, 0x6000) or group == 0xFFFA or group == 0xFFFC:
            del dataset[element.tag]
        elif element.VR == "UI":
            element.value = _other(element.value, secret)
        elif tag in _EMPTY_RATHER and element.VR not in _MOMENTS:
            element.value = None
        elif element.VR in _MOMENTS:
            _move(dataset, element, tag, shift_days)
        elif tag in _LISTED or (element.VR in _BYTES and tag not in _LUTS):
            del dataset[element.tag]
        elif element.VR == "SQ":
            for item in element.value or ():
                _clean(item, secret, shift_days)
        elif element.VR in _WORDS and tag not in _KEPT_WORDS and not _is_code(dataset, tag):
            del dataset[element.tag]


def _is_code(dataset: Dataset, tag: tuple[int, int]) -> bool:
    return tag in _CODES and str(dataset.get("CodingSchemeDesignator", "")) in _SCHEMES


def _move(dataset: Dataset, element: Any, tag: tuple[int, int], shift_days: int | None) -> None:
    """Move a day, or take it away; nobody's birth is told by how far a day was moved."""
    text = str(element.value or "")
    born = tag[0] == 0x0010
    if shift_days is not None and not born and element.VR in ("DA", "DT") and text[:8].isdigit():
        try:
            day = datetime.strptime(text[:8], "%Y%m%d") + timedelta(days=shift_days)  # noqa: DTZ007
            element.value = day.strftime("%Y%m%d")
            return
        except (ValueError, OverflowError):
            pass
    if tag in _EMPTY_RATHER:
        element.value = None
    else:
        del dataset[element.tag]


def _other(value: Any, secret: str) -> Any:
    """Return the identifier that stands for another; those of the standard stay."""
    if isinstance(value, str):
        if not value or value.startswith("1.2.840.10008."):
            return value
        return UID(generate_uid(entropy_srcs=[secret, value]))
    return [_other(one, secret) for one in value or ()]


def _listed() -> frozenset[tuple[int, int]]:
    """Return what the standard's table takes out, but identifiers, which are changed."""
    found: set[tuple[int, int]] = set()
    for name in ("D", "Z", "X", "Z_D", "X_Z", "X_D", "X_Z_D", "X_Z_U_STAR"):
        tags: list[tuple[int, ...]] = getattr(table, f"{name}_TAGS")
        found |= {(tag[0], tag[1]) for tag in tags if len(tag) == 2}
    return frozenset(found)


_LISTED = _listed()
