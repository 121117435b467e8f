"""Mail in: list what the mailbox holds, read message by message, mark what was stored.

Reading leaves a message unseen (BODY.PEEK). The caller stores the raw bytes, commits, and only then
calls `mark_seen`; a crash in between shows the message again, and the inbox absorbs the duplicate.
What was taken is remembered by its UID and never by its flags: somebody who opens a message in a
mail client changes nothing. A message that the server does not hand out is an error of its own.
"""

import imaplib
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

Security = Literal["none", "starttls", "tls"]

LARGEST_MESSAGE = 100 * 1024 * 1024
"""Bytes of one message that are fetched; what lies beyond is cut and said so."""
CHUNK = 4 * 1024 * 1024
"""Bytes that are asked for at once: a server's literal never holds a whole study of images."""

_LOOK_UP = 1.0
"""Seconds after which a wait looks whether it is to stop."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One message as the server keeps it.

    `uid` is unique only together with `uid_validity`. `truncated` means that `raw` is the
    beginning of a message of `size` bytes.
    """

    uid_validity: int
    uid: int
    raw: bytes
    size: int
    truncated: bool


class MailInError(Exception):
    """The mailbox did not answer as expected. `stage` says where; no address, no text."""

    def __init__(self, stage: str, code: str) -> None:
        super().__init__(f"mail box: {stage} failed ({code})")
        self.stage = stage
        self.code = code


class MailNotRead(Exception):
    """The server does not hand out one message; the mailbox itself is well."""

    def __init__(self, uid: int, code: str) -> None:
        super().__init__(f"mail box: message {uid} not read ({code})")
        self.uid = uid
        self.code = code


class MailIn(Protocol):
    """A mailbox that letters arrive in."""

    def list_uids(self, after: int = 0) -> tuple[int, list[int]]:
        """Return UIDVALIDITY and the UIDs above `after`, in order, whatever their flags."""
        ...

    def read(self, uid: int) -> FetchedMail | None:
        """Return one message of the folder listed last; None when it is gone.

        Raises MailNotRead where only this message cannot be had.
        """
        ...

    def fetch(self, limit: int = 50) -> Iterator[FetchedMail]:
        """Yield up to `limit` unseen messages, oldest first, and leave them unseen."""
        ...

    def mark_seen(self, mail: FetchedMail) -> bool:
        """Mark a stored message as seen; False when the mailbox was renumbered meanwhile."""
        ...

    def erase(self, uid_validity: int, uid: int) -> bool:
        """Remove a message for good; False when the mailbox was renumbered meanwhile."""
        ...

    def wait(self, seconds: float, stop: threading.Event) -> bool | None:
        """Wait until a message comes into the folder; False when none did within `seconds`, or
        before `stop` was set. The first call looks whether the folder holds any, and returns.

        None says at once that this server tells nothing by itself (no IDLE, RFC 2177).
        """
        ...

    def close(self) -> None:
        """Leave the server."""
        ...


class ImapMailIn:
    """`MailIn` over IMAP. Connects at the first use; use it as a context manager."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        password: str,
        security: Security = "tls",
        folder: str = "INBOX",
        timeout: float = 30.0,
        largest_message: int = LARGEST_MESSAGE,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Keep the address; nothing is opened yet. `timeout` is per answer, in seconds."""
        self._host, self._port = host, port
        self._user, self._password = user, password
        self._security: Security = security
        self._folder = folder
        self._timeout = timeout
        self._largest = largest_message
        self._ssl_context = ssl_context
        self._box: BaseMailBox | None = None
        self._uid_validity: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def fetch(self, limit: int = 50) -> Iterator[FetchedMail]:
        """Yield up to `limit` unseen messages, oldest first; see the Protocol.

        Raises MailInError; the next call connects anew.
        """
        try:
            box = self._open()
            uid_validity = self._select(box)
            status, found = box.client.uid("SEARCH", "UNSEEN")
            _must_be_ok(status)
            uids = sorted(int(uid) for part in found if part for uid in part.split())
        except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError) as error:
            raise self._failed("search", error) from None
        for uid in uids[:limit]:
            try:
                mail = self._read(box, uid_validity, uid)
            except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError) as error:
                raise self._failed("fetch", error) from None
            if mail is not None:
                yield mail

    def list_uids(self, after: int = 0) -> tuple[int, list[int]]:
        """List the folder anew; see the Protocol. Raises MailInError; it connects anew then."""
        try:
            box = self._open()
            uid_validity = self._select(box)
            status, found = box.client.uid("SEARCH", f"UID {after + 1}:*")
            _must_be_ok(status)
            # "n:*" always names the last message, even where its number is below n.
            uids = sorted(int(uid) for part in found if part for uid in part.split())
        except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError) as error:
            raise self._failed("search", error) from None
        return uid_validity, [uid for uid in uids if uid > after]

    def read(self, uid: int) -> FetchedMail | None:
        """Read one message; see the Protocol. Raises MailNotRead and MailInError."""
        try:
            box = self._open()
            if self._uid_validity is None:
                self._select(box)
            return self._read(box, self._uid_validity or 0, uid)
        except _Refused as error:
            raise MailNotRead(uid, str(error)) from None
        except imaplib.IMAP4.abort as error:
            raise self._failed("fetch", error) from None
        except imaplib.IMAP4.error as error:
            raise MailNotRead(uid, type(error).__name__) from None
        except (ImapToolsError, OSError, ValueError) as error:
            raise self._failed("fetch", error) from None

    def mark_seen(self, mail: FetchedMail) -> bool:
        """Set the seen flag, unless the mailbox was renumbered since; see the Protocol."""
        try:
            box = self._open()
            if self._uid_validity is None:
                self._select(box)
            if self._uid_validity != mail.uid_validity:
                return False
            status, _ = box.client.uid("STORE", str(mail.uid), "+FLAGS.SILENT", "(\\Seen)")
            _must_be_ok(status)
        except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError) as error:
            raise self._failed("mark", error) from None
        return True

    def erase(self, uid_validity: int, uid: int) -> bool:
        """Delete and expunge one message; one that is gone is no error. Raises MailInError."""
        try:
            box = self._open()
            if self._uid_validity is None:
                self._select(box)
            if self._uid_validity != uid_validity:
                return False
            status, _ = box.client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
            _must_be_ok(status)
            status, _ = box.client.expunge()
            _must_be_ok(status)
        except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError) as error:
            raise self._failed("erase", error) from None
        return True

    def wait(self, seconds: float, stop: threading.Event) -> bool | None:
        """Wait for news of the server, under 29 minutes; see the Protocol. Raises MailInError."""
        try:
            box = self._open()
            status, able = box.client.capability()  # what holds after the login
            _must_be_ok(status)
            if b"IDLE" not in b" ".join(able).upper().split():
                return None
            if self._uid_validity is None:
                self._select(box)
                return box.client.untagged_responses.pop("EXISTS", None) is not None
            with box.idle as idle:
                # What came since the last answer is told before the server begins to wait.
                came = box.client.untagged_responses.pop("EXISTS", None) is not None
                until = time.monotonic() + seconds
                while not (came or stop.is_set() or time.monotonic() > until):
                    looked = time.monotonic()
                    lines = idle.poll(_LOOK_UP)
                    came = any(b"EXISTS" in line for line in lines)
                    if not lines and time.monotonic() < looked + _LOOK_UP / 2:
                        break  # readable and empty: the server is gone, which the end of IDLE says
                return came
        except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError, TypeError) as error:
            # TypeError: imaplib's parser, when the server leaves in the middle of an answer.
            raise self._failed("wait", error) from None

    def close(self) -> None:
        """Leave the server; a server that is gone already is no error."""
        box, self._box, self._uid_validity = self._box, None, None
        if box is None:
            return
        try:
            box.logout()
        except (ImapToolsError, imaplib.IMAP4.error, OSError):
            with suppress(OSError):
                box.client.shutdown()

    def _open(self) -> BaseMailBox:
        if self._box is not None:
            return self._box
        context = self._ssl_context
        if context is None and self._security != "none":
            context = ssl.create_default_context()
        box: BaseMailBox
        if self._security == "tls":
            box = MailBox(self._host, self._port, timeout=self._timeout, ssl_context=context)
        elif self._security == "starttls":
            box = MailBoxStartTls(
                self._host, self._port, timeout=self._timeout, ssl_context=context
            )
        else:
            box = MailBoxUnencrypted(self._host, self._port, timeout=self._timeout)
        self._box = box
        box.login(self._user, self._password, initial_folder=None)
        return box

    def _select(self, box: BaseMailBox) -> int:
        """Select the folder anew, which also shows what arrived since; return UIDVALIDITY."""
        box.folder.set(self._folder)
        _, values = box.client.response("UIDVALIDITY")
        self._uid_validity = int(values[-1]) if values and values[-1] else 0
        return self._uid_validity

    def _read(self, box: BaseMailBox, uid_validity: int, uid: int) -> FetchedMail | None:
        status, answer = box.client.uid("FETCH", str(uid), "(RFC822.SIZE)")
        _must_be_ok(status)
        size = _size_of(answer)
        if size is None:  # deleted since the search
            return None
        wanted = min(size, self._largest)
        parts: list[bytes] = []
        taken = 0
        while taken < wanted or not parts:
            part = self._part(box, uid, taken, min(CHUNK, max(1, wanted - taken)))
            if part is None:
                return None
            if not part:
                break  # the server's size was an estimate
            parts.append(part)
            taken += len(part)
        raw = b"".join(parts)[: self._largest]
        return FetchedMail(uid_validity, uid, raw, size, size > self._largest)

    def _part(self, box: BaseMailBox, uid: int, start: int, length: int) -> bytes | None:
        what = f"(BODY.PEEK[]<{start}.{length}>)"
        status, answer = box.client.uid("FETCH", str(uid), what)
        _must_be_ok(status)
        return next((item[1] for item in answer if isinstance(item, tuple)), None)

    def _failed(self, stage: str, error: Exception) -> MailInError:
        self.close()
        return MailInError(stage, type(error).__name__)


class _Refused(ValueError):
    """The server answered NO or BAD to one command."""


def _must_be_ok(status: str) -> None:
    if status != "OK":
        raise _Refused(status[:20])


def _size_of(answer: list[bytes | tuple[bytes, bytes] | None]) -> int | None:
    for item in answer:
        line = item[0] if isinstance(item, tuple) else item
        if line and (found := re.search(rb"RFC822\.SIZE (\d+)", line)):
            return int(found.group(1))
    return None
