"""A file and the files inside it (mail attachments, archive members), read one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.reader import messages
from adapters.reader.types import DocumentReader, ReadDocument, ReaderLimits


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read. `path` leads to it through the files it was found in.

    Names are the sender's: personal data, for people's eyes only.
    """

    path: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    document: ReadDocument


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
    `limits.archive_members` in all, come unread as `too_large`: nothing is left out silently.
    """
    limits = limits or ReaderLimits()
    waiting: list[tuple[tuple[str, ...], bytes]] = [((name,), content)]
    count = 0
    while waiting:
        path, current = waiting.pop(0)
        count += 1
        if len(path) - 1 > limits.archive_depth or count > limits.archive_members:
            message = messages.ARCHIVE_LIMITS
            document = ReadDocument("application/octet-stream", "too_large", message=message)
            yield ReadFile(path, current, document)
            continue
        document = reader.read(current, password=password)
        yield ReadFile(path, current, document)
        waiting += [((*path, inner.name), inner.content) for inner in document.attachments]
