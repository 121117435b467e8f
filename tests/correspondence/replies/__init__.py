"""Replies of hospitals in eight languages, with what each says: class, facts, sums of money.

`departments.jsonl` are letters of international desks, `doctors.jsonl` hasty, colloquial ones. All
are invented. `also`: classes that are right too; `unclear`: facts that count neither way.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SETS = ("departments", "doctors")


def replies(name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the labelled replies of a set."""
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def as_mail(reply: Mapping[str, Any]) -> bytes:
    """Return a reply as a raw message of its day."""
    message = EmailMessage()
    message["From"] = "Desk <desk@hospital.example>"
    message["To"] = "cases@coordination.example"
    message["Subject"] = reply["subject"]
    day = datetime.fromisoformat(reply["date"])
    message["Date"] = format_datetime(day.replace(hour=9, tzinfo=UTC))
    message.set_content(reply["text"], charset="utf-8", cte="8bit")
    return message.as_bytes()
