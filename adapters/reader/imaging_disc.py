"""Inside the child: what of an imaging disc is the viewer's program, and what somebody wrote.

Hospitals hand out images with a program to look at them (IHE PDI). Its files are no documents of
the patient: they are counted and set aside, so that nobody is asked for a sharper photo of them.
"""

from collections.abc import Sequence

from adapters.reader import media

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
_PROGRAM_ENDINGS = (
    *(".jar", ".ini", ".inf", ".cfg", ".conf", ".xml", ".js", ".css", ".json", ".properties"),
    *(".log", ".lng", ".htm", ".html", ".xsl", ".xsd", ".dtd", ".svg", ".bat", ".sh", ".cmd"),
    *(".reg", ".manifest", ".plist", ".ttf"),
)
_PROGRAM_NAMES = ("readme", "read_me", "license", "licence", "autorun", "copying", "changelog")
_WRITTEN = frozenset(
    {media.PDF, media.DOCX, media.ODT, media.RTF, media.EML, media.MSG, media.ZIP, media.TAR}
    | {media.DICOM, media.XLSX, media.TEXT}
)


def without_viewer(members: Sequence[tuple[str, bytes]]) -> frozenset[str]:
    """Return the names of the members that are no program's, each given with its first bytes.

    Kept is what is of a kind that people send, lies in no folder of a program, and has no name
    that only programs give. A member that shows no bytes could not be opened: it is kept too.
    """
    folders = {
        _folder(name) for name, head in members if head.startswith(_PROGRAMS) and _folder(name)
    }
    return frozenset(
        name for name, head in members if not head or _written(name.lower(), head, folders, name)
    )


def _written(lower: str, head: bytes, folders: set[str], name: str) -> bool:
    own = lower.rpartition("/")[2]
    if own.endswith(_PROGRAM_ENDINGS) or own.startswith(_PROGRAM_NAMES):
        return False
    if any(name.startswith(folder) for folder in folders):
        return False
    media_type = media.media_type_of(head)
    if media_type in media.IMAGES:
        return len(head) >= MIN_PICTURE_BYTES
    return media_type in _WRITTEN


def _folder(name: str) -> str:
    """Return the folder of a member with its slash; empty at the top of the disc."""
    folder, slash, _ = name.rpartition("/")
    return folder + slash
