"""Inside the child: the few header fields of a DICOM file that say what it is and whose.

Study, series and images are told apart by hashes of their identifiers. Whom the header names is
only compared with the patient of the case: it is no part of the counts, and is kept nowhere.
"""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extractors.types import Identity

_LONG_FORM = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"}
)
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_CLASS = (0x0008, 0x0016)
_MODALITY = (0x0008, 0x0060)
_STUDY = (0x0020, 0x000D)
_SERIES = (0x0020, 0x000E)
_INSTANCE = (0x0008, 0x0018)
_CHARSET, _IDENTITY_REMOVED = (0x0008, 0x0005), (0x0012, 0x0062)
_NAME, _RECORD, _BORN, _SEX = ((0x0010, number) for number in (0x10, 0x20, 0x30, 0x40))
_WANTED = frozenset(
    {_TRANSFER_SYNTAX, _CLASS, _MODALITY, _STUDY, _SERIES, _INSTANCE, _CHARSET, _IDENTITY_REMOVED}
    | {_NAME, _RECORD, _BORN, _SEX}
)
CHARSETS = {
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
"""Character sets by their DICOM names (PS3.3 C.12.1.1.2)."""
_UNDEFINED = 0xFFFFFFFF
_REPORTS = ("1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.104.")
_SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"
_MAX_ELEMENTS = 2_000
MAX_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class DicomHeader:
    """Modality code (CT, MR, MG, ...) and hashes that tell studies and series apart."""

    modality: str
    study: str
    series: str
    sop_class: str = ""
    instance: str = ""
    person: Identity = field(default=Identity(), repr=False)

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
    found: dict[tuple[int, int], bytes] = {}
    position, order = first_element(head), "<"
    explicit = head[position + 4 : position + 6].isalpha()
    for _ in range(_MAX_ELEMENTS):
        if position + 8 > len(head):
            break
        tag = struct.unpack_from("<HH" if order == "<" else ">HH", head, position)
        if tag[0] > 0x0002 and found.get(_TRANSFER_SYNTAX):
            syntax = _plain(found, _TRANSFER_SYNTAX)
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
        if tag in _WANTED:
            found[tag] = head[start : start + length]
        position = start + length
    modality = _plain(found, _MODALITY)
    return DicomHeader(
        modality if modality.isalnum() and len(modality) <= 4 else "",
        _hashed(_plain(found, _STUDY)),
        _hashed(_plain(found, _SERIES)),
        _plain(found, _CLASS),
        # Every image must have an identifier; one without is known by its first bytes.
        _hashed(_plain(found, _INSTANCE)) or hashlib.sha256(head).hexdigest()[:16],
        _person(found),
    )


def _plain(found: Mapping[tuple[int, int], bytes], tag: tuple[int, int]) -> str:
    return found.get(tag, b"").decode("ascii", "ignore").strip("\0 ")


def _person(found: Mapping[tuple[int, int], bytes]) -> Identity:
    """Return whom the header names; nobody where it says that this was taken out (PS3.3 C.7.1.1).

    What is written in a way that cannot be decoded is not stated.
    """
    if _plain(found, _IDENTITY_REMOVED) == "YES":
        return Identity()
    first = _plain(found, _CHARSET).partition("\\")[0].strip()
    charset = CHARSETS.get(first, "ascii")
    ways = []
    for way in found.get(_NAME, b"").strip(b"\0 ").split(b"="):
        try:
            ways.append("" if b"\x1b" in way else way.decode(charset))
        except UnicodeDecodeError:
            continue
    from extractors.identity import identity_of_header

    return identity_of_header(
        name="=".join(ways),
        birth_date=_plain(found, _BORN),
        sex=_plain(found, _SEX),
        record_number=_plain(found, _RECORD),
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


def people_in(headers: Sequence[DicomHeader]) -> list[Identity]:
    """Return everyone whom the headers name, each once; of very many the first."""
    named = dict.fromkeys(header.person for header in headers if header.person != Identity())
    return list(named)[:MAX_PEOPLE]


def summary(headers: Sequence[DicomHeader]) -> dict[str, object]:
    """Count files by study: hash, modalities, number of series and files.

    `marks` has for each series its number of images and a hash of their identifiers: the same
    series sent once more is known by it.
    """
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
                "marks": _marks(members),
            }
            for study, members in sorted(studies.items())
        ],
    }


def _marks(headers: Sequence[DicomHeader]) -> dict[str, list[object]]:
    series: dict[str, list[str]] = {}
    for header in headers:
        series.setdefault(header.series, []).append(header.instance)
    return {
        name: [len(images), _hashed(" ".join(sorted(set(images))))]
        for name, images in series.items()
    }
