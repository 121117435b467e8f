"""Before the consent to process a file it is stored, scanned, read and shown to us: nothing more.

`docs/access.md` says so; here it is held to it. The doors of partners and the command line are in
`tests/web/test_hooks.py` and `tests/cli/test_cases.py`, with the same `nothing_left`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from models import Assessment, FindingRecord, HumanTask, Message, OutreachThread
from tests.workflows.acts import SIGNED, SYNOPTIC
from tests.workflows.playing import PATIENT, Play
from tests.workflows.test_chain import play
from workflows.letters.inbound import take_mail

__all__ = ["play"]
CONSENT = "consent.granted"


def by_portal(play: Play) -> None:
    play.open(SYNOPTIC)
    play.run()


def by_mail(play: Play) -> None:
    play.open()
    letter = EmailMessage()
    letter["From"], letter["To"] = PATIENT.email or "", play.world.settings.mail_from
    letter["Subject"], letter["Message-ID"] = "my report", "<report-1@mail.example>"
    letter["Date"] = datetime.now(UTC)
    letter.set_content("Here is the report.")
    letter.add_attachment(SYNOPTIC, maintype="application", subtype="pdf", filename="report.pdf")
    take_mail(play.world, letter.as_bytes(), uid="1:1", now=play.clock.now())
    play.run()


DOORS: dict[str, Callable[[Play], None]] = {"portal": by_portal, "mail": by_mail}


def all_of(play: Play, table: Any) -> list[Any]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(table)))


@pytest.mark.parametrize("door", DOORS)
def test_what_comes_before_the_consent_is_read_and_nothing_more(play: Play, door: str) -> None:
    DOORS[door](play)
    assert {one.state for one in all_of(play, FindingRecord)} == {"proposed"}
    reviews = [one for one in all_of(play, HumanTask) if one.kind == "review_findings"]
    assert {one.role for one in reviews} == {"coordinator"}
    nothing_left(play)
    play.confirm()  # a coordinator who looks at it all the same weighs nothing by it
    nothing_left(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.move(3)
    nothing_left(play)
    play.answer("record_consent", "granted", **SIGNED)
    assert play.case.state != "AWAITING_CONSENT"


def nothing_left(play: Play) -> None:
    """Nothing was weighed, shared or sent on; only the family was written to."""
    assert all_of(play, Assessment) == [] and all_of(play, OutreachThread) == []
    assert {one.to_role for one in all_of(play, Message) if one.direction == "out"} <= {"patient"}
    types = {event.type for event in play.events()}
    assert not {CONSENT, "suitability.assessed", "extraction.verified", "outreach.drafted",
                "clinician.review_signed", "shortlist.proposed"} & types  # fmt: skip
    roles = {task.role for task in all_of(play, HumanTask)}
    assert roles == {"coordinator"}, "no clinician and no hospital hears of it"
