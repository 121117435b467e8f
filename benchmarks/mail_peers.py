"""The gate for letters against Postfix and Dovecot, as a hospital's mail server is one.

    python benchmarks/mail_peers.py [--json FILE]

Letters go in by Postfix's SMTP and are taken from Dovecot's IMAP with everything that goes wrong
there: a message that is not handed out, one opened before, 60 MB, 10,000 recipients, a renumbered
mailbox, two pollers at once, connections killed in a fetch, and two robots that answer each other.
For each it says what became of every letter: lost, taken twice, asked about.
"""

import argparse
import email.policy
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import select, text
from sqlmodel import col

from benchmarks.mail_servers import ADDRESS, DOMAIN, PASSWORD, Peers
from local.embedded.servers import EmbeddedServers
from models import Message
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring, hurry
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

SENDER = "ipd@hospital.example"
LARGE = 60 * 1024 * 1024


class Live:
    """The application's gate in this process, its servers, and the two peers."""

    def __init__(self, folder: Path) -> None:
        self.servers = EmbeddedServers(folder / "var", durable=False)
        (folder / "peers").mkdir()
        self.peers = Peers(folder / "peers")
        self.sent: list[str] = []

    def start(self) -> None:
        """Start all and make the database."""
        self.servers.start()
        self.peers.start()
        environment = self.servers.env()
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=PROJECT_ROOT,
            check=True,
            capture_output=True,
            env=os.environ | environment | self.servers.postgres.owner_env(),
        )
        given: dict[str, Any] = {
            name.removeprefix("IORT_").lower(): value for name, value in environment.items()
        }
        given["webhook_secrets"] = json.loads(given["webhook_secrets"])
        given |= {
            "imap_port": self.peers.imap,
            "imap_user": ADDRESS,
            "imap_password": PASSWORD,
            "imap_security": "none",
            "smtp_port": self.peers.smtp,
            "smtp_user": "",
            "mail_from": ADDRESS,
        }
        self.settings = Settings(_env_file=None, **given)
        self.world = World(self.settings)
        ensure_recurring(self.world)

    def stop(self) -> None:
        """Stop all."""
        self.peers.stop()
        self.servers.stop()

    def post(self, subject: str, *, size: int = 0, to: int = 0, **headers: str) -> None:
        """Send a letter to our mailbox, with a file of `size` bytes, to so many others too."""
        letter = EmailMessage(policy=email.policy.SMTP)
        letter["From"], letter["Subject"] = SENDER, subject
        letter["To"] = ADDRESS
        if to:
            letter["Cc"] = ", ".join(f"person-{number}@elsewhere.example" for number in range(to))
        for name, value in headers.items():
            letter[name.replace("_", "-")] = value
        letter.set_content(f"{subject}: hello")
        if size:
            content = os.urandom(size // 2) * 2
            letter.add_attachment(content, maintype="application", subtype="pdf", filename="a.pdf")
        before = len(self.peers.messages())
        with SMTP("127.0.0.1", self.peers.smtp, timeout=120) as server:
            server.sendmail(SENDER, [ADDRESS], letter.as_bytes())
        self.sent.append(subject)
        self.peers.wait_for(before + 1)

    def poll(self, world: World | None = None) -> None:
        """Read the mailbox once, as a worker does; a poll that fails is tried at the next."""
        hurry(self.world, FETCH_MAIL)
        Runner(world or self.world, STEPS).drain(FETCH_MAIL)

    def taken(self) -> dict[str, int]:
        """Return how often each letter that was sent is there."""
        with transaction(self.world.engine) as session:
            came = select(col(Message.subject)).where(col(Message.direction) == "in")
            found = list(session.scalars(came))
        return {subject: found.count(subject) for subject in self.sent}

    def count(self, query: str) -> int:
        """Return one number of the database."""
        with transaction(self.world.engine) as session:
            return int(session.execute(text(query)).scalar_one())


def not_handed_out(live: Live) -> str:
    """A message whose file nobody may read: Dovecot hangs up whenever it is asked for."""
    live.post("before the bad one")
    live.post("the bad one")
    bad = live.peers.messages()[-1]
    bad.chmod(0)
    live.post("behind the bad one")
    live.poll()
    aside = live.count("SELECT count(*) FROM mailbox_message WHERE state = 'set_aside'")
    asked = live.count(
        "SELECT count(*) FROM human_task WHERE kind = 'set_aside_mail' AND state = 'open'"
    )
    others = live.taken()["behind the bad one"]
    next(
        path for path in live.peers.messages() if path.name.split(":")[0] == bad.name.split(":")[0]
    ).chmod(0o600)
    live.poll()
    left = live.count(
        "SELECT count(*) FROM human_task WHERE kind = 'set_aside_mail' AND state = 'open'"
    )
    return (
        f"set aside {aside}, asked {asked}, the one behind it taken {others}; mended: asked {left}"
    )


def opened_before(live: Live) -> str:
    """A letter that somebody opened in another mail program first."""
    live.post("opened before")
    box = live.world.open_mailbox()
    (mail,) = [mail for mail in box.fetch() if b"Subject: opened before" in mail.raw]
    box.mark_seen(mail)
    box.close()
    live.poll()
    return f"taken {live.taken()['opened before']}"


def large(live: Live) -> str:
    """60 MB, and 10,000 recipients."""
    live.post("sixty megabytes", size=LARGE)
    live.post("ten thousand", to=10_000)
    began = time.perf_counter()
    live.poll()
    seconds = time.perf_counter() - began
    there = live.taken()
    both = there["sixty megabytes"], there["ten thousand"]
    return f"60 MB taken {both[0]}, 10,000 recipients taken {both[1]}, {seconds:.1f} s"


def renumbered(live: Live) -> str:
    """Dovecot gives every message another number."""
    before = live.taken()
    live.peers.renumber()
    live.post("behind the renumbering")
    for _ in range(3):
        live.poll()
    after = live.taken()
    again = [name for name, count in before.items() if after[name] != count]
    return (
        f"taken again {len(again)} of {len(before)}, the new one {after['behind the renumbering']}"
    )


def two_pollers(live: Live) -> str:
    """Two workers read the same mailbox at the same time, past the step's own lock."""
    from workflows.letters.gate import MAIL_BATCH_SIZE, _take

    for number in range(20):
        live.post(f"two pollers {number}")

    def read(errors: list[str]) -> None:
        world = World(live.settings)
        box = world.open_mailbox()
        validity, uids = box.list_uids()
        try:
            for uid in uids[-20:][:MAIL_BATCH_SIZE]:
                _take(world, box, validity, uid)
        except Exception as error:
            errors.append(type(error).__name__)
        finally:
            box.close()

    errors: list[str] = []
    threads = [threading.Thread(target=read, args=(errors,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    live.poll()
    counts = [count for name, count in live.taken().items() if name.startswith("two pollers")]
    return f"taken once {counts.count(1)} of {len(counts)}, errors {errors}"


def killed(live: Live) -> str:
    """Dovecot's processes are killed while they hand out 60 MB."""
    live.post("killed in the fetch", size=LARGE)
    live.post("behind the killed")
    kills = 0

    def kill() -> None:
        nonlocal kills
        for _ in range(3):
            time.sleep(0.4)
            kills += live.peers.kill_sessions()

    killer = threading.Thread(target=kill)
    killer.start()
    live.poll()
    killer.join()
    for _ in range(3):
        time.sleep(1)
        live.poll()
    there = live.taken()
    return (
        f"{kills} connections killed; taken {there['killed in the fetch']}"
        f" and {there['behind the killed']}"
    )


def loop(live: Live) -> str:
    """A robot answers every letter, also without the mark of one; nobody answers it."""
    out = "SELECT count(*) FROM message WHERE direction = 'out'"
    before = live.count(out)
    for number in range(6):
        marked: dict[str, Any] = {"Auto_Submitted": "auto-replied"} if number % 2 else {}
        live.post(f"Automatic reply: your letter {number}", **marked)
        live.poll()
    asked = live.count("SELECT count(*) FROM human_task WHERE state = 'open'")
    return (
        f"6 answers of a robot, {live.count(out) - before} letters of ours; open questions {asked}"
    )


SCENES: list[Callable[[Live], str]] = [
    not_handed_out, opened_before, large, renumbered, two_pollers, killed, loop,
]  # fmt: skip


def main() -> None:
    """Run every scene and print what it showed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    shown: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="iort-peers-") as folder:
        Path(folder).chmod(0o755)  # the servers run under accounts of their own
        live = Live(Path(folder))
        try:
            live.start()
            for scene in SCENES:
                shown[scene.__name__] = scene(live)
                print(f"{scene.__name__:<16}{shown[scene.__name__]}", flush=True)
            counts = list(live.taken().values())
            lost, twice = counts.count(0), sum(count > 1 for count in counts)
            shown["all"] = f"{len(counts)} letters to {DOMAIN}: lost {lost}, twice {twice}"
            print(f"{'all':<16}{shown['all']}")
        finally:
            live.stop()
    if given.json:
        given.json.write_text(json.dumps(shown, indent=2) + "\n")


if __name__ == "__main__":
    main()
