"""Inside the child: one level of a ZIP archive, with limits on count, size and ratio.

A member that cannot be taken out is named with its problem; it does not spoil the others.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.reader import messages
from adapters.reader.context import Child
from adapters.reader.dicom import DicomHeader, is_dicom, people_in, read_header, summary
from adapters.reader.imaging_disc import without_viewer
from adapters.reader.office import LockedError, TooMuchError, read_part
from adapters.reader.types import Attachment, ReadStatus

MAX_ENTRIES = 20_000
DICOM_HEAD = 64 * 1024
DAMAGED = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    NotImplementedError,
    ValueError,
    KeyError,
    RuntimeError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its first bytes, and how to take it out."""

    name: str
    size: int
    head: bytes
    load: Callable[[], bytes]
    problem: ReadStatus | None = None


def read_zip(content: bytes, child: Child) -> None:
    """Send the members of an archive; imaging files are counted by study and stay inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _wanted(entry)]
            if len(entries) > MAX_ENTRIES:
                raise TooMuchError
            hand_out([_member(archive, entry, child) for entry in entries], child)
    except TooMuchError:
        child.done("too_large", messages.ARCHIVE_LIMITS)
    except DAMAGED:
        child.done("corrupt", messages.CORRUPT)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, child: Child) -> Member:
    def load() -> bytes:
        return read_part(archive, entry, child.limits)

    name, size = entry.filename, entry.file_size
    if entry.flag_bits & 1:
        return Member(name, size, b"", load, "encrypted")
    try:
        with archive.open(entry) as member:
            return Member(name, size, member.read(DICOM_HEAD), load)
    except DAMAGED:
        return Member(name, size, b"", load, "corrupt")


def hand_out(found: Sequence[Member], child: Child) -> None:
    """Send what an archive holds: its files one by one, its imaging files as counts.

    Raises TooMuchError when the files are too many or too large together; nothing was sent then.
    """
    headers: list[DicomHeader] = []
    rest: list[Member] = []
    aside = 0
    for member in found:
        if member.problem is None and is_dicom(member.head):
            header = read_header(member.head)
            aside += header.is_directory
            if header.is_image:
                headers.append(header)
            elif not header.is_directory:
                rest.append(member)
        else:
            rest.append(member)
    if headers:
        before = len(rest)
        kept = without_viewer([(member.name, member.head) for member in rest])
        rest = [member for member in rest if member.name in kept]
        aside += before - len(rest)
    limits = child.limits
    if (
        len(rest) > limits.archive_members
        or sum(member.size for member in rest) > limits.archive_bytes
    ):
        raise TooMuchError
    _send([_taken_out(member) for member in rest], headers, aside, child)


def _taken_out(member: Member) -> Attachment:
    problem = member.problem
    if problem is None:
        try:
            return Attachment(member.name, member.load())
        except TooMuchError:
            problem = "too_large"
        except LockedError:
            problem = "encrypted"
        except DAMAGED:
            problem = "corrupt"
    return Attachment(member.name, b"", problem)


def _send(members: list[Attachment], headers: list[DicomHeader], aside: int, child: Child) -> None:
    lost = [member.problem for member in members if member.problem is not None]
    if lost and len(lost) == len(members) and not headers:
        message = {"encrypted": messages.ARCHIVE_ENCRYPTED, "too_large": messages.ARCHIVE_LIMITS}
        child.done(lost[0], message.get(lost[0], messages.CORRUPT))
        return
    for attachment in members:
        child.send_attachment(attachment)
    details: dict[str, object] = {"members": len(members)}
    if lost:
        details["lost"] = len(lost)
    if aside:
        details["set_aside"] = aside
    if headers:
        details["dicom"] = summary(headers)
        child.send_people(people_in(headers))
    if members:
        child.done("read", "", details)
    elif headers:
        child.done("no_text", messages.DICOM_KEPT, details)
    else:
        child.done("empty", messages.EMPTY_FILE, details)


def _wanted(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir() and not is_hidden(entry.filename) and entry.file_size > 0


def is_hidden(name: str) -> bool:
    """Say whether a member is a trace of the sender's computer, not a file of the sender."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db")
