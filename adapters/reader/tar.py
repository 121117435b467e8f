"""Inside the child: one level of a TAR archive, with the limits of a ZIP archive."""

import io
import tarfile

from adapters.reader import messages
from adapters.reader.archive import DICOM_HEAD, MAX_ENTRIES, is_hidden, send_members
from adapters.reader.context import Child
from adapters.reader.dicom import DicomHeader, is_dicom, read_header
from adapters.reader.office import TooMuchError
from adapters.reader.types import Attachment, ReaderLimits


def read_tar(content: bytes, child: Child) -> None:
    """Send the members of an archive; imaging files are counted by study and stay inside.

    Links, devices and folders are nothing that could be read. Nothing is written to a disk.
    """
    try:
        members, headers = _members(content, child.limits)
    except TooMuchError:
        child.done("too_large", messages.ARCHIVE_LIMITS)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        child.done("corrupt", messages.CORRUPT)
    else:
        send_members(members, headers, child)


def _members(content: bytes, limits: ReaderLimits) -> tuple[list[Attachment], list[DicomHeader]]:
    members: list[Attachment] = []
    headers: list[DicomHeader] = []
    total = 0
    # A name that is not UTF-8 gets marks of replacement: it must be writable everywhere.
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:", errors="replace") as archive:
        for count, entry in enumerate(archive, 1):
            if count > MAX_ENTRIES:
                raise TooMuchError
            # A file with holes states its full size, and the holes count.
            if not entry.isreg() or not entry.size or _is_trace(entry.name):
                continue
            stream = archive.extractfile(entry)
            if stream is None:
                continue
            head = stream.read(min(entry.size, DICOM_HEAD))
            if is_dicom(head):
                headers.append(read_header(head))
                continue
            total += entry.size
            if total > limits.archive_bytes or len(members) >= limits.archive_members:
                raise TooMuchError
            members.append(Attachment(entry.name, head + stream.read()))
    return members, headers


def _is_trace(name: str) -> bool:
    """Say whether a member is no file of the sender; macOS puts its notes beside each as `._x`."""
    return is_hidden(name) or name.rpartition("/")[2].startswith("._")
