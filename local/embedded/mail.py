"""The local mail box as a server; see `local.embedded.mail_server` for what it does."""

import imaplib
import smtplib
import sys
from importlib.metadata import version

from local.embedded.child import Child, base_environment
from local.embedded.server import Server
from settings import PROJECT_ROOT

MAILBOX = "cases@coordination.example"


class Mail(Server):
    """SMTP and IMAP on loopback with one password; what it holds does not survive its restart."""

    name = "mail"
    port_names = ("smtp", "imap")

    def make_child(self) -> Child:
        """Return the server process."""
        environment = base_environment(self.place.instance)
        environment |= {
            "MAIL_HOST": "127.0.0.1",
            "MAIL_SMTP_PORT": str(self.place.ports["smtp"]),
            "MAIL_IMAP_PORT": str(self.place.ports["imap"]),
            "MAIL_PASSWORD": self.place.secrets["mail"],
            "XDG_RUNTIME_DIR": str(self.place.data),  # pymap warns when there is none
        }
        return Child(
            self.name,
            [sys.executable, "-m", "local.embedded.mail_server"],
            environment=environment,
            folder=PROJECT_ROOT,
            log=self.place.log,
        )

    def ready(self) -> bool:
        """Say whether both protocols greet."""
        try:
            with smtplib.SMTP("127.0.0.1", self.place.ports["smtp"], timeout=3) as client:
                client.noop()
            with imaplib.IMAP4("127.0.0.1", self.place.ports["imap"], timeout=3) as mailbox:
                mailbox.noop()
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error):
            return False
        return True

    def env(self) -> dict[str, str]:
        """Return hosts, ports and credentials of both protocols."""
        password = self.place.secrets["mail"]
        return {
            "IORT_SMTP_HOST": "127.0.0.1",
            "IORT_SMTP_PORT": str(self.place.ports["smtp"]),
            "IORT_SMTP_USER": MAILBOX,
            "IORT_SMTP_PASSWORD": password,
            "IORT_SMTP_SECURITY": "none",
            "IORT_IMAP_HOST": "127.0.0.1",
            "IORT_IMAP_PORT": str(self.place.ports["imap"]),
            "IORT_IMAP_USER": MAILBOX,
            "IORT_IMAP_PASSWORD": password,
            "IORT_IMAP_SECURITY": "none",
            "IORT_MAIL_FROM": MAILBOX,
        }

    def version(self) -> str:
        """Return the version of the wheel it is built on."""
        return f"mail-devel {version('mail-devel')}"
