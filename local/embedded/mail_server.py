"""A mail box for local use: SMTP in, IMAP out, in memory, every address accepted.

Built on mail-devel and pymap, with two differences: mail is delivered by its envelope and byte
for byte, as a real server does, and neither addresses nor subjects reach the log.
`name+anything@domain` is delivered to `name@domain`.

Run as `python -m local.embedded.mail_server`; host, ports and password come from `MAIL_*`
variables.
"""

import asyncio
import logging
import os
import signal
import warnings
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from mail_devel.auth import SMTPAuthenticator
from mail_devel.mailbox import TestMailboxDict
from mail_devel.service import Service
from pymap.parsing.message import AppendMessage

_USER = "mailbox@localhost"
_LARGEST_MAIL = 64 * 1024 * 1024


def mailbox_of(recipient: str) -> str:
    """Return the mailbox of an address: lower case, without the part after a plus sign."""
    local, _, domain = recipient.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


class EnvelopeHandler:
    """Puts a message into the mailbox of every envelope recipient."""

    def __init__(self, mailboxes: TestMailboxDict) -> None:
        self._mailboxes = mailboxes

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Deliver; called by aiosmtpd after the end of the message."""
        content = envelope.original_content or b""
        sender = (envelope.mail_from or "").strip("<>")  # an empty one comes as "<>"
        for recipient in envelope.rcpt_tos:
            head = f"Delivered-To: {recipient}\r\nReturn-Path: <{sender}>\r\n"
            account = await self._mailboxes.get(mailbox_of(recipient))
            inbox = await account.get_mailbox("INBOX")
            message = AppendMessage(
                literal=head.encode() + content, when=datetime.now(UTC), flag_set=frozenset()
            )
            await inbox.append(message)
        return "250 OK"


def keep_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Let `loop` hold every task until it ends.

    The loop itself knows its tasks weakly, and pymap keeps no reference to the task of a
    connection: from Python 3.13 on the garbage collector ends connections that are in use.
    """
    running: set[asyncio.Task[Any]] = set()

    def start(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **options)
        running.add(task)
        task.add_done_callback(running.discard)
        return task

    loop.set_task_factory(start)


async def serve(host: str, smtp_port: int, imap_port: int, password: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    keep_tasks(loop)
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    arguments = ["--host", host, "--imap-port", str(imap_port), "--no-http", "--multi-user"]
    arguments += ["--user", _USER, f"--password={password}"]
    service = await Service.init(Service.parse(arguments))
    assert service.mailboxes is not None
    assert service.backend is not None
    assert service.imap is not None
    handler = EnvelopeHandler(service.mailboxes)

    def new_connection() -> SMTP:
        return SMTP(
            handler,
            loop=loop,
            hostname="localhost",
            data_size_limit=_LARGEST_MAIL,
            enable_SMTPUTF8=True,
            auth_required=True,
            auth_require_tls=False,
            authenticator=SMTPAuthenticator(_USER, password, multi_user=True),
        )

    async with AsyncExitStack() as stack:
        await service.backend.start(stack)
        await service.imap.start(stack)
        # In this loop, not in aiosmtpd's thread: pymap's mailboxes belong to one loop.
        smtp = await loop.create_server(new_connection, host, smtp_port)
        stack.callback(smtp.close)
        await end.wait()


def main() -> None:
    """Run the mail box with the settings of the environment."""
    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(message)s")
    # Passwords without TLS: it listens on loopback only.
    warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
    asyncio.run(
        serve(
            os.environ["MAIL_HOST"],
            int(os.environ["MAIL_SMTP_PORT"]),
            int(os.environ["MAIL_IMAP_PORT"]),
            os.environ["MAIL_PASSWORD"],
        )
    )


if __name__ == "__main__":
    main()
