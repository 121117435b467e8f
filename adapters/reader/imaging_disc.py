"""Inside the child: what of an imaging disc is the viewer's program, and what somebody wrote.

Hospitals hand out images with a program to look at them (IHE PDI). Its files are no documents of
the patient: they are counted and set aside, so that nobody is asked for a sharper photo of them.
What a file holds decides, and whether a program lies beside it; what it is called does not.
"""

import re
from collections.abc import Sequence

from adapters.reader import media
from adapters.reader.code_pages import decode_text
from adapters.reader.web_page import html_parts
from extractors.identity import read_identity

MIN_PICTURE_BYTES = 20_000
"""Smaller pictures are a program's icons."""
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"#!",
)
_PAPERS = frozenset(
    {media.PDF, media.DOCX, media.ODT, media.RTF, media.EML, media.MSG, media.DICOM, media.XLSX}
)
_ARCHIVES = frozenset({media.ZIP, media.TAR})
_OF_A_PROGRAM = (b"META-INF/", b".class", b".dll", b".exe")
"""Members that an archive of papers has not."""
_CODE = re.compile(r"\s*(?:[<{/;@]|\[[^\]\n]+\]\s*(?:\n|$))|(?:\s*[\w.\-]+\s*=[^\n]*(?:\n|$)){2,}")
"""How settings, markup and scripts begin."""
_ABOUT_PROGRAMS = re.compile(
    r"\b(?:viewer|software|install\w*|set-?up|double[ -]click\w*|licen[cs]e\w*|copyright|warranty|"
    r"auto-?(?:run|start)|plug-?ins?|drivers?|windows|javascript|browser|version \d|menu)\b",
    re.IGNORECASE,
)


def without_viewer(members: Sequence[tuple[str, bytes]]) -> frozenset[str]:
    """Return the names of the members that are no program's, each given with its first bytes.

    Kept is what is of a kind that people send and lies in no folder of a program. A text must not
    speak of programs, unless it names a patient. A member that shows no bytes could not be opened:
    it is kept too.
    """
    folders = {
        _folder(name) for name, head in members if head.startswith(_PROGRAMS) and _folder(name)
    }
    return frozenset(
        name
        for name, head in members
        if not head or (not any(name.startswith(folder) for folder in folders) and _written(head))
    )


def _written(head: bytes) -> bool:
    """Say whether a person may have written what begins so."""
    kind = media.media_type_of(head)
    if kind in media.IMAGES:
        return len(head) >= MIN_PICTURE_BYTES
    if kind in _ARCHIVES:
        return not any(mark in head for mark in _OF_A_PROGRAM)
    if kind == media.HTML:
        return _names_somebody(html_parts(decode_text(head) or "")[0])
    if kind == media.TEXT:
        text = decode_text(head) or ""
        return _names_somebody(text) or not (_CODE.match(text) or _ABOUT_PROGRAMS.search(text))
    return kind in _PAPERS


def _names_somebody(text: str) -> bool:
    person = read_identity(text)
    return bool(person.names or person.birth_dates)


def _folder(name: str) -> str:
    """Return the folder of a member with its slash; empty at the top of the disc."""
    folder, slash, _ = name.rpartition("/")
    return folder + slash
