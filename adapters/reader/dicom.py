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
_CLASS = (0x0008, 0x0016)
_MODALITY = (0x0008, 0x0060)
_STUDY = (0x0020, 0x000D)
_SERIES = (0x0020, 0x000E)
_UNDEFINED = 0xFFFFFFFF
_REPORTS = ("1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.104.")
_SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"
_MAX_ELEMENTS = 2_000


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """Modality code (CT, MR, MG, ...) and hashes that tell studies and series apart."""

    modality: str
    study: str
    series: str
    sop_class: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether it is the list of a disc's files (DICOMDIR)."""
        return self.sop_class == "1.2.840.10008.1.3.10"

    @property
    def is_report(self) -> bool:
        """Whether it holds words: a structured report, or an encapsulated document (PS3.4 B.5)."""
        return self.sop_class.startswith(_REPORTS) or (
            not self.sop_class and self.modality in ("SR", "DOC")
        )

    @property
    def is_image(self) -> bool:
        """Whether it is imaging, as far as the header says."""
        return not (self.is_directory or self.is_report)


def is_dicom(head: bytes) -> bool:
    """Say whether the bytes are a DICOM file (PS3.10: `DICM` behind 128 bytes).

    Older files begin with their first element: believed when a class or study follows.
    """
    if head[128:132] == b"DICM":
        return True
    if head[:2] not in (b"\x02\x00", b"\x08\x00") or head[3:4] != b"\x00":
        return False
    header = read_header(head[:4096])
    return header.sop_class.startswith("1.2.840.10008.") and bool(header.study or header.modality)


def first_element(head: bytes) -> int:
    """Return where the first element of a DICOM file begins."""
    return 132 if head[128:132] == b"DICM" else 0


def read_header(head: bytes) -> DicomHeader:
    """Read the first elements of a DICOM file; what is not found is an empty string."""
    found = {_TRANSFER_SYNTAX: "", _CLASS: "", _MODALITY: "", _STUDY: "", _SERIES: ""}
    position, order = first_element(head), "<"
    explicit = head[position + 4 : position + 6].isalpha()
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
        if length == _UNDEFINED and start <= len(head):
            # A sequence without a length, before the study: gone over to its end.
            end = head.find(_SEQUENCE_END, start)
            if end < 0:
                break
            position = end + 8
            continue
        if start + length > len(head):
            break
        if tag in found:
            found[tag] = head[start : start + length].decode("ascii", "ignore").strip("\0 ")
        position = start + length
    modality = found[_MODALITY]
    return DicomHeader(
        modality if modality.isalnum() and len(modality) <= 4 else "",
        _hashed(found[_STUDY]),
        _hashed(found[_SERIES]),
        found[_CLASS],
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
