"""Postfix and Dovecot of this machine, as a mail server beside the coordinator's own.

Both run from a folder of their own, on free ports of the loopback address: Postfix takes mail by
SMTP and puts it into a maildir, Dovecot hands it out by IMAP. They must be installed
(`apt-get install postfix dovecot-imapd`), and the script has to run as root, as both ask for.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

DOMAIN = "coordination.example"
ADDRESS = f"cases@{DOMAIN}"
PASSWORD = "peer"
OWNER = "mail"


def free_port() -> int:
    """Return a port of the loopback address that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Peers:
    """The two servers and their mailbox."""

    def __init__(self, folder: Path) -> None:
        for name in ("dovecot", "postfix"):
            if shutil.which(name) is None and not Path(f"/usr/sbin/{name}").exists():
                raise SystemExit(f"{name} is not installed: apt-get install postfix dovecot-imapd")
        self.folder = folder
        self.smtp, self.imap = free_port(), free_port()
        self.maildir = folder / "mail" / "cases"
        self._dovecot: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start both; each answers before this returns."""
        owner = pwd.getpwnam(OWNER)
        self.folder.chmod(0o755)
        self.maildir.mkdir(parents=True)
        for path in (self.maildir.parent, self.maildir):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self._start_postfix(owner.pw_uid, owner.pw_gid)
        self._start_dovecot(owner.pw_uid, owner.pw_gid)

    def stop(self) -> None:
        """Stop both."""
        self.stop_imap()
        quiet = subprocess.DEVNULL
        command = ["postfix", "-c", str(self.folder / "postfix"), "stop"]
        subprocess.run(command, check=False, stdout=quiet, stderr=quiet)

    def stop_imap(self) -> None:
        """Stop Dovecot."""
        if self._dovecot is not None:
            self._dovecot.terminate()
            self._dovecot.wait()
            self._dovecot = None

    def renumber(self) -> None:
        """Let Dovecot forget its numbers: the mailbox gets another UIDVALIDITY."""
        self.stop_imap()
        for path in self.maildir.glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # UIDVALIDITY is the second of its making
        owner = pwd.getpwnam(OWNER)
        self._start_dovecot(owner.pw_uid, owner.pw_gid)

    def kill_sessions(self) -> int:
        """Kill the processes that serve IMAP connections; return how many there were."""
        found = subprocess.run(
            ["pgrep", "-x", "imap"], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in found:
            os.kill(int(pid), signal.SIGKILL)
        return len(found)

    def messages(self) -> list[Path]:
        """Return the files of the mailbox, oldest first."""
        found = [path for name in ("new", "cur") for path in (self.maildir / name).glob("*")]
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def wait_for(self, count: int) -> None:
        """Wait until the mailbox holds that many messages."""
        until = time.monotonic() + 120
        while len(self.messages()) < count:
            if time.monotonic() > until:
                raise SystemExit(f"{len(self.messages())} of {count} messages arrived")
            time.sleep(0.1)

    def _start_postfix(self, uid: int, gid: int) -> None:
        home = self.folder / "postfix"
        for name in ("", "queue", "data"):
            (home / name).mkdir(parents=True, exist_ok=True)
        shutil.chown(home / "data", "postfix")
        (home / "main.cf").write_text(
            f"""compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = /var/log/iort-peers.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.{DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_base = {self.folder}/mail
virtual_mailbox_maps = static:cases/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
recipient_delimiter = +
message_size_limit = 125829120
virtual_mailbox_limit = 0
header_size_limit = 4194304
smtpd_recipient_limit = 20000
default_transport = error:no mail leaves this machine
smtpd_relay_restrictions = permit_mynetworks, reject
"""
        )
        services = Path("/etc/postfix/master.cf").read_text().splitlines()
        lines = [f"127.0.0.1:{self.smtp} inet n - n - - smtpd"]
        for line in services:
            parts = line.split()
            if len(parts) > 7 and not line.startswith(("#", " ")) and parts[0] != "smtp":
                lines.append(" ".join([*parts[:4], "n", *parts[5:]]))
        (home / "master.cf").write_text("\n".join(lines) + "\n")
        # Its daemons would hold a pipe open for as long as they live.
        quiet = subprocess.DEVNULL
        subprocess.run(
            ["postfix", "-c", str(home), "start"], check=True, stdout=quiet, stderr=quiet
        )
        _answers(self.smtp)

    def _start_dovecot(self, uid: int, gid: int) -> None:
        home = self.folder / "dovecot"
        home.mkdir(exist_ok=True)
        config = home / "dovecot.conf"
        config.write_text(
            f"""base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
mail_location = maildir:{self.maildir}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={self.folder}/mail
}}
service imap-login {{
  inet_listener imap {{
    port = {self.imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
        )
        quiet = subprocess.DEVNULL
        command = ["dovecot", "-F", "-c", str(config)]
        self._dovecot = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        _answers(self.imap)


def _answers(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")
