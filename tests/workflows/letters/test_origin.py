"""Where a letter is from decides what it may move: by the word of our server, or by signatures."""

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from adapters.clock import FixedClock
from correspondence.signatures.canonical import split_mail
from correspondence.signatures.dkim import check_signatures
from models import Document, Hospital, InboundMail
from settings import Settings
from tests.correspondence.zones import Zone, pem, signer
from tests.workflows.acts import to_outreach
from tests.workflows.letters.posting import Post, answer_to, reasons, rows, sent, written
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.engine.world import World

HOUSE = "coordination.example"
"""The domain of the hospitals that tests ask."""
OURS = "mx.coordination.example"
NEWS = "We decline this case."


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    own = settings.model_copy(update={"mail_authserv_id": OURS, "mail_dns": "system"})
    world = World(own, engine=engine, clock=clock)
    world.names = Zone()
    add_hospitals(world)
    return Play(world, clock)


@pytest.fixture
def asked(play: Play) -> Play:
    """A case whose first hospital was asked."""
    to_outreach(play)
    return play


def zone_of(play: Play) -> Zone:
    names: Any = play.world.names
    assert isinstance(names, Zone)
    return names


def news(play: Play, **more: str) -> bytes:
    own = play.world.settings.mail_from
    hospital = next(one.email for one in rows(play, Hospital) if one.email)
    return written(own, NEWS, sender=hospital, subject=f"Re: [{play.case.ref}]", **more)


def replies(play: Play) -> int:
    return len(play.events("hospital.reply_received"))


@pytest.mark.parametrize(
    ("said", "moved", "why"),
    [
        ([f"{OURS}; dmarc=pass"], 1, []),
        ([f"{OURS}; spf=pass smtp.mailfrom={HOUSE}"], 1, []),
        (["mx.sender.example; dmarc=pass"], 0, ["only_reference"]),
        (["mx.sender.example; dmarc=fail"], 0, ["only_reference"]),
        ([f"{OURS}; dmarc=fail", "mx.sender.example; dmarc=pass"], 0, ["not_authentic"]),
        (["mx.sender.example; dmarc=pass", f"{OURS}; dmarc=fail"], 0, ["not_authentic"]),
        ([f"({OURS}) mx.sender.example; dmarc=pass"], 0, ["only_reference"]),
        ([f'"{OURS} x"; dmarc=pass'], 0, ["only_reference"]),
    ],
)
def test_only_the_word_of_our_own_server_counts(
    asked: Play, said: list[str], moved: int, why: list[str]
) -> None:
    head = "".join(f"Authentication-Results: {one}\r\n" for one in said)
    Post(asked).brings_raw(head.encode() + news(asked))
    assert (replies(asked), reasons(asked)) == (moved, why)


def test_where_nobody_said_which_server_is_ours_a_good_word_proves_nothing(asked: Play) -> None:
    asked.world.settings = asked.world.settings.model_copy(
        update={"mail_authserv_id": "", "mail_dns": "none"}
    )
    asked.world.names = None
    head = b"Authentication-Results: mx.sender.example; dmarc=pass\r\n"
    Post(asked).brings_raw(head + news(asked))
    assert (replies(asked), reasons(asked)) == (0, ["only_reference"])


def test_a_signature_proves_what_no_server_says(asked: Play) -> None:
    key = zone_of(asked).publish(signer(HOUSE))
    Post(asked).brings_raw(key.signed(news(asked), asked.clock.now()))
    assert (replies(asked), reasons(asked)) == (1, [])
    (inbox,) = rows(asked, InboundMail)
    assert inbox.origin["dkim"] == "pass"


def test_a_letter_changed_after_it_was_signed_moves_nothing_though_it_answers_ours(
    asked: Play,
) -> None:
    key = zone_of(asked).publish(signer(HOUSE))
    before = len(rows(asked, Document))
    enquiry = sent(asked, "M10").message_id or ""
    raw = key.signed(news(asked, In_Reply_To=enquiry, file="x.pdf"), asked.clock.now())
    Post(asked).brings_raw(raw.replace(b"decline", b"accept"), answer_to(asked, "M10"))
    assert (replies(asked), reasons(asked)) == (0, ["not_authentic"])
    assert len(rows(asked, Document)) == before


def test_a_letter_whose_key_cannot_be_looked_up_waits_and_is_taken_when_it_can(asked: Play) -> None:
    zone = zone_of(asked)
    key = zone.publish(signer(HOUSE))
    zone.down = (HOUSE,)
    before = len(rows(asked, Document))
    Post(asked).brings_raw(key.signed(news(asked, file="offer.pdf"), asked.clock.now()))
    assert (replies(asked), reasons(asked)) == (0, ["only_reference"])
    asked.move(1 / 24 / 6)
    assert replies(asked) == 0, "still away"
    zone.down = ()
    asked.move(1 / 24)
    assert (replies(asked), reasons(asked)) == (1, [])
    assert [one.file_name for one in rows(asked, Document)][before:] == ["offer.pdf"]
    asked.move(3)
    assert replies(asked) == 1, "once"


def test_what_a_person_placed_meanwhile_is_not_placed_again(asked: Play) -> None:
    zone = zone_of(asked)
    key = zone.publish(signer(HOUSE))
    zone.down = (HOUSE,)
    Post(asked).brings_raw(key.signed(news(asked, file="offer.pdf"), asked.clock.now()))
    asked.decide_only("match_mail", "attach_case", case=asked.case.ref)
    files = len(rows(asked, Document))
    zone.down = ()
    asked.move(1)
    assert replies(asked) == 0
    assert len(rows(asked, Document)) == files


@pytest.mark.parametrize("proven", ["nothing", "signature", "token", "forged"])
def test_a_patients_letter_needs_more_than_their_address(play: Play, proven: str) -> None:
    play.open()
    play.run()
    before = len(rows(play, Document))
    sender = PATIENT.email or ""
    key = zone_of(play).publish(signer(sender.rpartition("@")[2]))
    to = answer_to(play, "M01") if proven in ("token", "forged") else play.world.settings.mail_from
    raw = written(to, "My report.", sender=sender, file="x.pdf")
    if proven in ("signature", "forged"):
        raw = key.signed(raw, play.clock.now())
    Post(play).brings_raw(raw.replace(b"My", b"Her") if proven == "forged" else raw, to)
    moved = proven in ("signature", "token")
    assert len(play.events("message.received")) == moved
    assert len(rows(play, Document)) == before + moved
    why = {"nothing": ["only_address"], "forged": ["not_authentic"]}
    assert reasons(play) == why.get(proven, [])


def test_what_leaves_is_signed_above_the_very_bytes_that_were_kept(
    engine: Engine, settings: Settings, clock: FixedClock, storage: Any
) -> None:
    key = {"dkim_selector": "s1", "dkim_key": SecretStr(pem("ed25519").decode())}
    world = World(settings.model_copy(update=key), engine=engine, clock=clock)
    play = Play(world, clock)
    play.open()
    play.run()
    kept = world.storage.get(sent(play, "M01").raw_object_key or "")
    address = PATIENT.email or ""
    theirs = World(settings.model_copy(update={"imap_user": address}), engine=engine, clock=clock)
    box = theirs.open_mailbox()
    arrived = [mail.raw for mail in box.fetch(limit=10_000) if kept in mail.raw]
    box.close()
    assert len(arrived) == 1
    zone = Zone()
    zone.publish(signer(HOUSE))
    (found,) = check_signatures(split_mail(arrived[0]), zone.txt, clock.now())
    assert (found.domain, found.outcome) == (HOUSE, "holds")
