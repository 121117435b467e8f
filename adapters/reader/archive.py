"""Inside the child: one level of a ZIP archive, with limits on count, size and ratio."""

import io
import zipfile

from adapters.reader import messages
from adapters.reader.context import Child
from adapters.reader.dicom import DicomHeader, is_dicom, read_header, summary
from adapters.reader.office import LockedError, TooMuchError, read_part
from adapters.reader.types import Attachment

MAX_ENTRIES = 20_000
DICOM_HEAD = 64 * 1024


def read_zip(content: bytes, child: Child) -> None:
    """Send the members of an archive; imaging files are counted by study and stay inside."""
    limits = child.limits
    headers: list[DicomHeader] = []
    members: list[Attachment] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _wanted(entry)]
            if len(entries) > MAX_ENTRIES:
                raise TooMuchError
            total = 0
            for entry in entries:
                if entry.flag_bits & 1:
                    raise LockedError
                with archive.open(entry) as member:
                    head = member.read(DICOM_HEAD)
                if is_dicom(head):
                    headers.append(read_header(head))
                    continue
                total += entry.file_size
                if total > limits.archive_bytes or len(members) >= limits.archive_members:
                    raise TooMuchError
                members.append(
                    Attachment(entry.filename, read_part(archive, entry.filename, limits))
                )
    except TooMuchError:
        child.done("too_large", messages.ARCHIVE_LIMITS)
        return
    except LockedError:
        child.done("encrypted", messages.ARCHIVE_ENCRYPTED)
        return
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError, KeyError):
        child.done("corrupt", messages.CORRUPT)
        return
    send_members(members, headers, child)


def send_members(members: list[Attachment], headers: list[DicomHeader], child: Child) -> None:
    """Send what an archive held: its files one by one, its imaging files as counts."""
    for attachment in members:
        child.send_attachment(attachment)
    details: dict[str, object] = {"members": len(members)}
    if headers:
        details["dicom"] = summary(headers)
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
