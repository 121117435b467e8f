"""Inside the child: one level of a TAR archive, with the limits of a ZIP archive."""

import io
import tarfile
from collections.abc import Callable

from adapters.reader import messages
from adapters.reader.archive import DICOM_HEAD, MAX_ENTRIES, Member, hand_out, is_hidden
from adapters.reader.context import Child
from adapters.reader.office import TooMuchError


def read_tar(content: bytes, child: Child) -> None:
    """Send the members of an archive; imaging files are counted by study and stay inside.

    Links, devices and folders are nothing that could be read. Nothing is written to a disk.
    """
    try:
        # A name that is not UTF-8 gets marks of replacement: it must be writable everywhere.
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:", errors="replace") as archive:
            hand_out(_members(archive), child)
    except TooMuchError:
        child.done("too_large", messages.ARCHIVE_LIMITS)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        child.done("corrupt", messages.CORRUPT)


def _members(archive: tarfile.TarFile) -> list[Member]:
    members = []
    for count, entry in enumerate(archive, 1):
        if count > MAX_ENTRIES:
            raise TooMuchError
        if not entry.isreg() or not entry.size or _is_trace(entry.name):
            continue
        stream = archive.extractfile(entry)
        if stream is not None:
            head = stream.read(min(entry.size, DICOM_HEAD))
            # A file with holes states its full size, and the holes count.
            members.append(Member(entry.name, entry.size, head, _loader(archive, entry)))
    return members


def _loader(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], bytes]:
    def load() -> bytes:
        stream = archive.extractfile(entry)
        return stream.read() if stream is not None else b""

    return load


def _is_trace(name: str) -> bool:
    """Say whether a member is no file of the sender; macOS puts its notes beside each as `._x`."""
    return is_hidden(name) or name.rpartition("/")[2].startswith("._")
