"""Mail out: hand one message to the relay, and know what is certain afterwards.

SMTP has no transaction with the database. Everything before the message text may be repeated;
from the moment the text is on its way until the relay's final answer the outcome is unknown.
So there are exactly three ends: `Delivered`, `MailRefused` (certainly not taken) and
`MailUncertain` (nobody here can know; a person settles it, it is never sent again by itself).
"""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Stage = Literal["connect", "login", "sender", "recipient", "data", "message"]
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The relay took the message; `code` is its final SMTP answer."""

    code: int


class MailRefused(Exception):
    """The relay certainly did not take the message.

    `permanent` means that the same message to the same address will be refused again (5xx about
    the sender, the recipient or the message). A relay that is away or wants another password is
    our problem, not the address's: not permanent. `code` is None when there was no SMTP answer.
    """

    def __init__(self, *, permanent: bool, code: int | None, stage: Stage) -> None:
        super().__init__(f"mail refused at {stage}: {code or 'no answer'}")
        self.permanent = permanent
        self.code = code
        self.stage: Stage = stage

    @property
    def serves_nobody(self) -> bool:
        """Whether the relay itself is away, wants another password, or closes: for every letter."""
        return not self.permanent and (self.stage in ("connect", "login") or self.code == 421)


class MailUncertain(Exception):
    """The message text was on its way and no final answer came. It may have been delivered."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"mail outcome unknown: {reason}")
        self.reason = reason


class MailOut(Protocol):
    """Hands a finished message to the outside world."""

    def deliver(
        self,
        raw: bytes,
        envelope_from: str,
        recipients: Sequence[str],
        *,
        before_text: Callable[[], None] | None = None,
    ) -> Delivered:
        """Hand over `raw` once.

        `before_text` is called when the relay has asked for the text (354): the last look, behind
        every silence of the relay. If it raises, the line is cut before a word of the text, and
        its exception comes out. Raises MailRefused or MailUncertain.
        """
        ...


class SmtpMailOut:
    """`MailOut` through an SMTP relay; one connection per message."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str = "",
        password: str = "",
        security: Security = "starttls",
        timeout: float = 30.0,
        ssl_context: ssl.SSLContext | None = None,
        local_hostname: str | None = None,
    ) -> None:
        """Keep the address; nothing is opened before `deliver`. `timeout` is per answer, in s."""
        self._host, self._port = host, port
        self._user, self._password = user, password
        self._security: Security = security
        self._timeout = timeout
        self._ssl_context = ssl_context
        self._local_hostname = local_hostname

    def deliver(
        self,
        raw: bytes,
        envelope_from: str,
        recipients: Sequence[str],
        *,
        before_text: Callable[[], None] | None = None,
    ) -> Delivered:
        """Hand over `raw`; see the Protocol. All recipients are taken or none."""
        if not recipients:
            raise ValueError("a message needs a recipient")
        smtp = self._connect()
        try:
            self._login(smtp)
            self._envelope(smtp, envelope_from, recipients)
            self._ask_for_text(smtp)
            if before_text is not None:
                before_text()
            return self._hand_over(smtp, raw)
        finally:
            # Not quit(): after the final answer there is nothing to wait for, and a relay that
            # hangs on QUIT must not turn a certain outcome into an exception.
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        # Without encryption none is made: reading the machine's certificates takes 0.1 s a letter.
        context = self._ssl_context
        if context is None and self._security != "none":
            context = ssl.create_default_context()
        try:
            if self._security == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    self._host,
                    self._port,
                    local_hostname=self._local_hostname,
                    timeout=self._timeout,
                    context=context,
                )
            else:
                smtp = smtplib.SMTP(
                    self._host,
                    self._port,
                    local_hostname=self._local_hostname,
                    timeout=self._timeout,
                )
        except smtplib.SMTPResponseException as error:
            raise MailRefused(permanent=False, code=error.smtp_code, stage="connect") from None
        except (smtplib.SMTPException, OSError):
            raise MailRefused(permanent=False, code=None, stage="connect") from None
        try:
            smtp.ehlo_or_helo_if_needed()
            if self._security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
        except smtplib.SMTPResponseException as error:
            smtp.close()
            raise MailRefused(permanent=False, code=error.smtp_code, stage="connect") from None
        except (smtplib.SMTPException, OSError):
            smtp.close()
            raise MailRefused(permanent=False, code=None, stage="connect") from None
        return smtp

    def _login(self, smtp: smtplib.SMTP) -> None:
        if not self._user:
            return
        try:
            smtp.login(self._user, self._password)
        except smtplib.SMTPResponseException as error:
            raise MailRefused(permanent=False, code=error.smtp_code, stage="login") from None
        except (smtplib.SMTPException, OSError):
            raise MailRefused(permanent=False, code=None, stage="login") from None

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
        _must_be_one_line("sender", sender)
        for recipient in recipients:
            _must_be_one_line("recipient", recipient)
        _accept("sender", lambda: smtp.mail(sender))
        for recipient in recipients:
            _accept("recipient", lambda recipient=recipient: smtp.rcpt(recipient))  # type: ignore[misc]

    def _ask_for_text(self, smtp: smtplib.SMTP) -> None:
        def ask() -> tuple[int, bytes]:
            smtp.putcmd("data")
            return smtp.getreply()

        _accept("data", ask, wanted=354)

    def _hand_over(self, smtp: smtplib.SMTP, raw: bytes) -> Delivered:
        try:
            smtp.send(_dot_stuffed(raw))
            code, _ = smtp.getreply()
        except Exception as error:
            # Whatever happened here, a time limit included, the text was on its way. The
            # answer's text is dropped: relays quote addresses in it.
            raise MailUncertain(type(error).__name__) from None
        if 200 <= code < 300:
            return Delivered(code)
        if 400 <= code < 600:
            raise MailRefused(permanent=code >= 500, code=code, stage="message")
        raise MailUncertain("answer not understood")


def _must_be_one_line(stage: Stage, address: str) -> None:
    """Refuse what smtplib would silently cut at the line break, and send to another address."""
    if not address.isprintable():
        raise MailRefused(permanent=True, code=None, stage=stage)


def _accept(stage: Stage, step: Callable[[], tuple[int, bytes]], *, wanted: int = 0) -> None:
    """Run one step before the text; anything but agreement is a certain refusal."""
    try:
        code, _ = step()
    except ValueError:  # an address that the protocol cannot carry (not ASCII)
        raise MailRefused(permanent=True, code=None, stage=stage) from None
    except smtplib.SMTPResponseException as error:
        raise MailRefused(permanent=False, code=error.smtp_code, stage=stage) from None
    except (smtplib.SMTPException, OSError):
        raise MailRefused(permanent=False, code=None, stage=stage) from None
    agreed = code == wanted if wanted else 200 <= code < 300
    if not agreed:
        raise MailRefused(permanent=500 <= code < 600, code=code, stage=stage)


def _dot_stuffed(raw: bytes) -> bytes:
    """Return the text as it travels: CRLF lines, leading dots doubled, final dot."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." if line[:1] == b"." else b"") + line + b"\r\n" for line in lines) + (
        b".\r\n"
    )
