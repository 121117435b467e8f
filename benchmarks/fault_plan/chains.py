"""The comparator: the same faults strike plain Celery chains, as their documentation shows them.

A case is a chain of six tasks: keep a file, read it, write to the family, weigh, write to the
hospital, close. `acks_late`, `reject_on_worker_lost`, five tries with back-off, and a visibility
time-out of a minute (the default is an hour, and hides what a killed worker held for so long).
Worker: `celery -A benchmarks.fault_plan.chains worker` with `CHAIN_BROKER` and `CHAIN_DATABASE`.
"""

import hashlib
import os
from email.message import EmailMessage
from smtplib import SMTP
from typing import Any

from celery import Celery, chain
from celery.signals import worker_ready
from sqlalchemy import Engine, create_engine, text

from settings import Settings
from tasks.readiness import touch

STEPS = ("store", "read", "family", "weigh", "hospital", "close")
LETTERS = {"family": "family", "hospital": "desk"}
TABLE = (
    "CREATE TABLE chain_case (case_id bigint PRIMARY KEY, step int NOT NULL DEFAULT 0, sha256 text)"
)
QUEUE = "chains"
DOMAIN = "chain.example"


def make(broker: str) -> Celery:
    """Return the Celery app."""
    made = Celery("chains", broker=broker)
    made.conf.update(
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 60, "socket_timeout": 20},
        task_acks_late=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
    )
    return made


def open_row(database: Engine, case_id: int) -> None:
    """Write a case's row and commit."""
    with database.begin() as connection:
        connection.execute(
            text("INSERT INTO chain_case (case_id) VALUES (:case) ON CONFLICT DO NOTHING"),
            {"case": case_id},
        )


def publish(app: Celery, case_id: int) -> None:
    """Send the chain of a case whose row is there."""
    steps = (app.signature("chains.step", args=(case_id, name), immutable=True) for name in STEPS)
    chain(*steps, app=app).apply_async(retry=False)


def message_id(case_id: int, step: str) -> str:
    """Return the id of a case's letter."""
    return f"<{step}-{case_id}@{DOMAIN}>"


def incomplete(database: Engine) -> tuple[int, int]:
    """Return how many cases there are, and how many did not come to their end."""
    with database.connect() as connection:
        row = connection.execute(
            text("SELECT count(*), count(*) FILTER (WHERE step < :last) FROM chain_case"),
            {"last": len(STEPS)},
        ).one()
    return int(row[0]), int(row[1])


class Work:
    """What the six tasks do."""

    def __init__(self) -> None:
        import boto3

        self.settings = settings = Settings(_env_file=None)
        self.database = create_engine(os.environ["CHAIN_DATABASE"])
        self.s3 = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key,
            aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        )

    def do(self, case_id: int, name: str) -> None:
        """Do one step and write it into the case's row."""
        values: dict[str, Any] = {"case": case_id, "step": STEPS.index(name) + 1, "sha": None}
        key = f"chains/{case_id}"
        if name == "store":
            content = f"report of case {case_id}\n".encode() * 400
            self.s3.put_object(Bucket=self.settings.s3_bucket, Key=key, Body=content)
        if name == "read":
            answer = self.s3.get_object(Bucket=self.settings.s3_bucket, Key=key)
            values["sha"] = hashlib.sha256(answer["Body"].read()).hexdigest()
        if name in LETTERS:
            self._send(case_id, name)
        with self.database.begin() as connection:
            connection.execute(
                text(
                    "UPDATE chain_case SET step = :step, sha256 = coalesce(:sha, sha256)"
                    " WHERE case_id = :case"
                ),
                values,
            )

    def _send(self, case_id: int, name: str) -> None:
        letter = EmailMessage()
        letter["From"] = self.settings.mail_from
        letter["To"] = f"{LETTERS[name]}@{DOMAIN}"
        letter["Subject"] = f"Case {case_id}"
        letter["Message-ID"] = message_id(case_id, name)
        letter.set_content("Hello")
        with SMTP(self.settings.smtp_host, self.settings.smtp_port, timeout=30) as server:
            server.login(self.settings.smtp_user, self.settings.smtp_password.get_secret_value())
            server.send_message(letter)


def _worker() -> Celery:
    made = make(os.environ["CHAIN_BROKER"])
    work: list[Work] = []

    @made.task(
        name="chains.step", autoretry_for=(Exception,), max_retries=5, retry_backoff=2,
        retry_jitter=False,
    )  # fmt: skip
    def step(case_id: int, name: str) -> None:
        if not work:
            work.append(Work())
        work[0].do(case_id, name)

    worker_ready.connect(lambda **_: touch(), weak=False)
    return made


if "CHAIN_BROKER" in os.environ:
    app = _worker()
