"""Inside the child: the few header fields of a DICOM file that say what it is, not whose.

Only modality, class and counts are read; patient fields are never looked at. Study and series
are told apart by a hash of their identifiers.
"""

import hashlib
import struct
from dataclasses import dataclass

_LONG_FORM = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"}
)
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_MODALITY = (0x0008, 0x0060)
_STUDY = (0x0020, 0x000D)
_SERIES = (0x0020, 0x000E)
_UNDEFINED = 0xFFFFFFFF
_MAX_ELEMENTS = 2_000


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """Modality code (CT, MR, MG, ...) and hashes that tell studies and series apart."""

    modality: str
    study: str
    series: str


def is_dicom(head: bytes) -> bool:
    """Say whether the bytes are a DICOM file (PS3.10: `DICM` behind 128 bytes)."""
    return head[128:132] == b"DICM"


def read_header(head: bytes) -> DicomHeader:
    """Read the first elements of a DICOM file; what is not found is an empty string."""
    found = {_TRANSFER_SYNTAX: "", _MODALITY: "", _STUDY: "", _SERIES: ""}
    position, explicit, order = 132, True, "<"
    for _ in range(_MAX_ELEMENTS):
        if position + 8 > len(head):
            break
        tag = struct.unpack_from("<HH" if order == "<" else ">HH", head, position)
        if tag[0] > 0x0002 and found[_TRANSFER_SYNTAX]:
            syntax = found[_TRANSFER_SYNTAX]
            explicit = syntax != "1.2.840.10008.1.2"
            if syntax == "1.2.840.10008.1.2.2":
                order = ">"
                tag = struct.unpack_from(">HH", head, position)
        if tag[0] > 0x0020:
            break
        start, length = _value(head, position, explicit or tag[0] == 0x0002, order)
        if length == _UNDEFINED or start + length > len(head):
            break
        if tag in found:
            found[tag] = head[start : start + length].decode("ascii", "ignore").strip("\0 ")
        position = start + length
    modality = found[_MODALITY]
    return DicomHeader(
        modality if modality.isalnum() and len(modality) <= 4 else "",
        _hashed(found[_STUDY]),
        _hashed(found[_SERIES]),
    )


def _value(head: bytes, position: int, explicit: bool, order: str) -> tuple[int, int]:
    if not explicit:
        return position + 8, struct.unpack_from("<I", head, position + 4)[0]
    if head[position + 4 : position + 6] in _LONG_FORM:
        if position + 12 > len(head):
            return position + 12, _UNDEFINED
        return position + 12, struct.unpack_from(order + "I", head, position + 8)[0]
    return position + 8, struct.unpack_from(order + "H", head, position + 6)[0]


def _hashed(identifier: str) -> str:
    return hashlib.sha256(identifier.encode()).hexdigest()[:16] if identifier else ""


def summary(headers: list[DicomHeader]) -> dict[str, object]:
    """Count files by study: hash, modalities, number of series and files."""
    studies: dict[str, list[DicomHeader]] = {}
    for header in headers:
        studies.setdefault(header.study, []).append(header)
    return {
        "files": len(headers),
        "studies": [
            {
                "study": study,
                "modalities": sorted({header.modality for header in members if header.modality}),
                "series": len({header.series for header in members}),
                "files": len(members),
            }
            for study, members in sorted(studies.items())
        ],
    }
