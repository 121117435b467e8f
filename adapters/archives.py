"""Old mail as it lies somewhere: an mbox file, a folder of mails, a folder of an IMAP server.

Each gives its mails one by one, so that an archive of any size costs the memory of one mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from adapters.mail_in import LARGEST_MESSAGE, MailIn, MailNotRead

_SEPARATOR = re.compile(
    rb"From (?:.{0,320}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.{0,60}\d{1,2}:\d{2}|-\s|\s*$)"
)
_FIELD = re.compile(rb"[!-9;-~]{1,100}:|>From |\s*$")
"""How a mail begins: with a field, or without a head at all."""
_ESCAPED = re.compile(rb">+From ")
LONGEST_LINE = 1024 * 1024


class ArchiveRefused(Exception):
    """There is nothing here that could be imported; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class ArchivedMail:
    """One mail: its place in the archive (a number or a path), its bytes, and whether they are cut.

    `raw` is None where it cannot be read: `problem` says why, as a code.
    """

    place: str
    raw: bytes | None
    cut: bool = False
    problem: str = ""


class Archive(Protocol):
    """Mails of the past."""

    kind: str
    """mbox, folder or imap."""

    def mails(self) -> Iterator[ArchivedMail]:
        """Yield the mails in the order in which they lie there, anew at each call."""
        ...


class MboxFile:
    """An mbox file, of whatever program (RFC 4155; ">From " as mboxrd writes it)."""

    kind = "mbox"

    def __init__(self, path: Path) -> None:
        self._path = path

    def mails(self) -> Iterator[ArchivedMail]:
        """Yield the mails of the file; one that is longer than we take is cut. Raises OSError."""
        with self._path.open("rb") as file:
            yield from _split(file)


def _split(file: IO[bytes]) -> Iterator[ArchivedMail]:
    parts: list[bytes] = []
    size, number, blank, begun, starts = 0, 0, True, False, True
    line = file.readline(LONGEST_LINE)
    while line:
        following = file.readline(LONGEST_LINE)
        if starts and blank and _SEPARATOR.match(line) and _FIELD.match(following):
            if begun:
                number += 1
                yield _mail(number, parts, size)
            parts, size, begun = [], 0, True
        elif begun:  # what stands before the first mail is none
            if starts and _ESCAPED.match(line):
                line = line[1:]
            if size < LARGEST_MESSAGE:
                parts.append(line)
            size += len(line)
        blank = starts and not line.strip(b"\r\n")
        starts, line = line.endswith(b"\n"), following
    if begun:
        yield _mail(number + 1, parts, size)


def _mail(number: int, parts: list[bytes], size: int) -> ArchivedMail:
    raw = b"".join(parts)
    for end in (b"\r\n\r\n", b"\n\n"):
        if raw.endswith(end):
            raw = raw[: -len(end) // 2]  # the empty line before the next is no part of the mail
            break
    if not raw.strip():
        return ArchivedMail(str(number), None, problem="empty")
    return ArchivedMail(str(number), raw[:LARGEST_MESSAGE], size > LARGEST_MESSAGE)


class MailFolder:
    """A folder with mails as files (.eml), or a Maildir; folders in it are looked into."""

    kind = "folder"

    def __init__(self, path: Path) -> None:
        self._path = path

    def mails(self) -> Iterator[ArchivedMail]:
        """Yield the mails of the folder by their paths; a file that cannot be read is named."""
        for path in sorted(self._path.rglob("*")):
            if not _is_mail(path):
                continue
            place = str(path.relative_to(self._path))
            try:
                with path.open("rb") as file:
                    raw = file.read(LARGEST_MESSAGE + 1)
            except OSError as error:
                yield ArchivedMail(place, None, problem=type(error).__name__)
                continue
            if not raw.strip():
                yield ArchivedMail(place, None, problem="empty")
            else:
                yield ArchivedMail(place, raw[:LARGEST_MESSAGE], len(raw) > LARGEST_MESSAGE)


def _is_mail(path: Path) -> bool:
    """Whether a file is a mail by its name, or by where a Maildir keeps its mails."""
    of_maildir = path.parent.name in ("cur", "new") and not path.name.startswith(".")
    return path.is_file() and (path.suffix.lower() == ".eml" or of_maildir)


class ImapFolder:
    """A folder of the mail server; nothing is marked there, moved or removed."""

    kind = "imap"

    def __init__(self, mailbox: MailIn) -> None:
        self._mailbox = mailbox

    def mails(self) -> Iterator[ArchivedMail]:
        """Yield the folder's mails by their numbers. Raises `MailInError`."""
        try:
            _, uids = self._mailbox.list_uids()
            for uid in uids:
                try:
                    mail = self._mailbox.read(uid)
                except MailNotRead as error:
                    yield ArchivedMail(str(uid), None, problem=error.code)
                    continue
                if mail is not None:
                    yield ArchivedMail(str(uid), mail.raw, mail.truncated)
        finally:
            self._mailbox.close()


def archive_at(path: Path) -> MboxFile | MailFolder:
    """Return the archive at a path; raise `ArchiveRefused` where there is none."""
    if path.is_dir():
        return MailFolder(path)
    if not path.is_file():
        raise ArchiveRefused("There is no such file or folder.")
    with path.open("rb") as file:
        begin = file.read(4096).lstrip()
    if begin.startswith(b"From ") and _SEPARATOR.match(begin.split(b"\n", 1)[0]):
        return MboxFile(path)
    raise ArchiveRefused(
        'This is no mbox file: its first line would begin with "From ". Give an mbox file, or a '
        "folder of .eml files."
    )
