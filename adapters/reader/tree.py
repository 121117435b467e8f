"""A file and the files inside it (mail attachments, archive members), read one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.reader import messages
from adapters.reader.types import (
    Attachment,
    DocumentReader,
    ReadDocument,
    ReaderLimits,
    ReadStatus,
    doubted,
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read. `path` leads to it through the files it was found in.

    Names are the sender's: personal data, for people's eyes only.
    """

    path: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    document: ReadDocument


@dataclass(slots=True)
class Room:
    """What may still be unpacked of one sending: files in all, and bytes of the files inside."""

    limits: ReaderLimits
    files: int = 0
    size: int = 0

    def take(self, depth: int, size: int) -> str:
        """Count a file and return "", or return the message that says why it stays packed.

        `depth` counts the files that it lies in; what was sent itself has depth 0.
        """
        if depth > self.limits.archive_depth:
            return messages.ARCHIVE_DEPTH.format(depth=self.limits.archive_depth)
        inside = size if depth else 0
        if (
            self.files >= self.limits.archive_members
            or self.size + inside > self.limits.archive_bytes
        ):
            return messages.ARCHIVE_LIMITS
        self.files += 1
        self.size += inside
        return ""


def read_tree(
    reader: DocumentReader,
    name: str,
    content: bytes,
    *,
    password: str | None = None,
    limits: ReaderLimits | None = None,
) -> Iterator[ReadFile]:
    """Yield the file and then every file inside it, each read on its own.

    Files deeper than `limits.archive_depth`, and those behind the first
    `limits.archive_members` or `limits.archive_bytes` in all, come unread as `too_large`: nothing
    is left out silently. A file that could not be taken out of its archive says why itself, and
    one that came as preliminary is read as unsure.
    """
    limits = limits or ReaderLimits()
    room = Room(limits)
    waiting: list[tuple[tuple[str, ...], Attachment]] = [((name,), Attachment(name, content))]
    while waiting:
        path, current = waiting.pop(0)
        if current.problem is not None:
            yield ReadFile(path, b"", lost(current.problem))
            continue
        refused = room.take(len(path) - 1, len(current.content))
        if refused:
            document = ReadDocument("application/octet-stream", "too_large", message=refused)
            yield ReadFile(path, current.content, document)
            continue
        document = reader.read(current.content, password=password)
        document = doubted(document) if current.unsure else document
        yield ReadFile(path, current.content, document)
        waiting += [((*path, inner.name), inner) for inner in document.attachments]


def lost(problem: ReadStatus) -> ReadDocument:
    """Return the reading of a member that could not be taken out of its archive."""
    message = messages.member_lost(problem)
    return ReadDocument("application/octet-stream", problem, message=message)
