"""Money and acceptance count only from a known person of a hospital, or by a coordinator's word."""

from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.incoming.trust import Trust
from models import InboundMail, ThreadContact
from models.database import transaction
from tests.workflows.acts import OFFER, reply, to_outreach
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused
from workflows.letters.inbound import take_mail
from workflows.letters.origin import kept

COUNTING = ("offer", "opinion", "accept_for_review")


def from_address(play: Play, address: str, text: str, number: int = 1) -> None:
    """Let somebody who has our letter answer it from an address of theirs."""
    enquiry = play.messages(template="M10")[0]
    sent = message_from_bytes(play.world.storage.get(enquiry.raw_object_key or ""), policy=default)
    head = (
        f"From: {address}\r\nTo: {sent['Reply-To']}\r\nSubject: Re: {enquiry.subject[:20]}\r\n"
        f"Message-ID: <n{number}@x.example>\r\nIn-Reply-To: {sent['Message-ID']}\r\n\r\n"
    )
    take_mail(play.world, (head + text).encode(), uid=f"1:{number}", now=play.clock.now())
    play.run()


def said_of(play: Play, trust: Trust) -> None:
    with transaction(play.world.engine) as session:
        row = session.scalars(select(InboundMail).order_by(col(InboundMail.id).desc())).first()
        assert row is not None
        row.origin = kept(trust)


@pytest.mark.parametrize("answer", COUNTING)
def test_from_an_unknown_address_it_counts_only_after_a_coordinator_said_how(
    play: Play, answer: str
) -> None:
    to_outreach(play)
    from_address(play, "finance@elsewhere.example", OFFER)
    with pytest.raises(DecisionRefused, match="an address that the directory does not have"):
        play.answer("confirm_reply", answer)
    assert play.events("hospital.reply_classified") == []
    assert not [task for task in play.tasks() if task.kind == "record_offer"]
    play.answer("confirm_reply", answer, sender_checked="called_back")
    (said,) = play.events("hospital.sender_confirmed")
    assert (said.payload["how"], said.payload["why"]) == ("called_back", "unknown_address")
    assert "elsewhere" not in str(said.payload)
    from_address(play, "Finance@Elsewhere.example", OFFER, 2)
    play.answer("confirm_reply", answer)
    assert len(play.events("hospital.sender_confirmed")) == 1, "once confirmed, it is known"


def test_what_brings_no_money_is_classed_without_asking(play: Play) -> None:
    to_outreach(play)
    from_address(play, "desk@elsewhere.example", "We have received it.")
    play.answer("confirm_reply", "ack")
    assert play.events("hospital.sender_confirmed") == []
    with Session(play.world.engine) as session:
        assert session.scalars(select(ThreadContact)).all() == []


def test_the_departments_own_address_is_known(play: Play) -> None:
    to_outreach(play)
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    assert [task.kind for task in play.tasks() if task.kind == "record_offer"]


def test_a_letter_that_may_be_forged_asks_each_time(play: Play) -> None:
    to_outreach(play)
    for number in (1, 2):
        reply(play, OFFER, number=number)
        said_of(play, Trust(dmarc="fail", by="mx.example"))
        with pytest.raises(DecisionRefused, match="it may be forged"):
            play.answer("confirm_reply", "offer")
        play.answer("confirm_reply", "offer", sender_checked="written_back")
    assert len(play.events("hospital.sender_confirmed")) == 2


def test_where_origins_are_checked_a_letter_that_nothing_proves_asks(play: Play) -> None:
    to_outreach(play)
    checked = {"mail_authserv_id": "mx.example"}
    play.world.settings = play.world.settings.model_copy(update=checked)
    reply(play, OFFER)
    with pytest.raises(DecisionRefused, match="Nothing proves"):
        play.answer("confirm_reply", "offer")
    said_of(play, Trust(dmarc="pass", by="mx.example", aligned=True))
    play.answer("confirm_reply", "offer")


def test_how_it_was_made_certain_is_a_word_of_a_list(play: Play) -> None:
    to_outreach(play)
    from_address(play, "desk@elsewhere.example", OFFER)
    with pytest.raises(DecisionRefused, match="must be one of"):
        play.answer("confirm_reply", "offer", sender_checked="it looks right")
