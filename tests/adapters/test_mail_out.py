"""The three ends of handing a letter over: taken, certainly refused, unknown."""

import threading
import traceback

import pytest

from adapters.mail_out import MailRefused, MailUncertain, SmtpMailOut
from tests.adapters.peers import Relay, relay, scripted

RAW = b"From: a@x.example\r\nTo: patient.name@y.example\r\nSubject: s\r\n\r\nhello\r\n"
ADDRESS = "patient.name@y.example"


def mail_out(port: int, **changes: object) -> SmtpMailOut:
    given: dict[str, object] = {"host": "127.0.0.1", "port": port, "security": "none"}
    return SmtpMailOut(**{**given, "timeout": 5.0, **changes})  # type: ignore[arg-type]


def test_a_taken_letter_is_delivered_once_unchanged() -> None:
    peer = Relay()
    raw = RAW + b".\r\n..\r\nend without newline"
    with relay(peer) as port:
        assert mail_out(port).deliver(raw, "a@x.example", [ADDRESS]).code == 250
    (envelope,) = peer.taken
    assert envelope.content == raw + b"\r\n"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("a@x.example", [ADDRESS])


def test_the_null_sender_is_possible() -> None:
    peer = Relay()
    with relay(peer) as port:
        mail_out(port).deliver(RAW, "", [ADDRESS])
    assert peer.taken[0].mail_from == "<>"


@pytest.mark.parametrize(
    ("peer", "stage", "permanent", "code"),
    [
        (Relay(mail="550 no"), "sender", True, 550),
        (Relay(mail="451 later"), "sender", False, 451),
        (Relay(rcpt=f"550 <{ADDRESS}> unknown"), "recipient", True, 550),
        (Relay(rcpt="450 greylisted"), "recipient", False, 450),
        (Relay(data="554 spam"), "message", True, 554),
        (Relay(data="452 disk full"), "message", False, 452),
        (Relay(data="421 going down"), "message", False, 421),
    ],
)
def test_a_refusal_is_certain_and_tells_stage_and_code(
    peer: Relay, stage: str, permanent: bool, code: int
) -> None:
    with relay(peer) as port, pytest.raises(MailRefused) as refused:
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS])
    assert (refused.value.stage, refused.value.permanent, refused.value.code) == (
        stage,
        permanent,
        code,
    )
    assert not peer.taken
    assert ADDRESS not in str(refused.value)
    assert ADDRESS not in "".join(traceback.format_exception(refused.value))


def test_a_line_that_drops_after_the_text_is_uncertain_although_it_was_taken() -> None:
    peer = Relay(drop_after_data=True)
    with relay(peer) as port, pytest.raises(MailUncertain):
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS])
    assert len(peer.taken) == 1


GREETING = (b"220 hi\r\n", b"250 peer\r\n", b"250 ok\r\n", b"250 ok\r\n")


def test_a_drop_before_the_relay_asks_for_the_text_is_a_certain_refusal() -> None:
    with scripted(*GREETING) as port, pytest.raises(MailRefused) as refused:
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS])
    assert (refused.value.stage, refused.value.permanent) == ("data", False)


def test_silence_after_the_text_is_uncertain() -> None:
    with scripted(*GREETING, b"354 go\r\n", hang=True) as port, pytest.raises(MailUncertain):
        mail_out(port, timeout=0.5).deliver(RAW, "a@x.example", [ADDRESS])


def test_an_endless_answer_line_after_the_text_is_uncertain_and_no_refusal() -> None:
    lines = len(RAW.splitlines())
    noise = [b""] * lines
    answers = (*GREETING, b"354 go\r\n", *noise, b"250 " + b"x" * 10_000 + b"\r\n")
    with scripted(*answers) as port, pytest.raises(MailUncertain):
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS])


def test_an_answer_that_is_no_answer_is_uncertain() -> None:
    noise = [b""] * len(RAW.splitlines())
    answers = (*GREETING, b"354 go\r\n", *noise, b"what?\r\n")
    with scripted(*answers) as port, pytest.raises(MailUncertain):
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS])


def test_a_relay_that_is_away_is_a_refusal_that_may_be_tried_again() -> None:
    with pytest.raises(MailRefused) as refused:
        mail_out(9).deliver(RAW, "a@x.example", [ADDRESS])
    assert (refused.value.stage, refused.value.permanent, refused.value.code) == (
        "connect",
        False,
        None,
    )


def test_a_relay_that_greets_with_an_error_is_a_refusal() -> None:
    with scripted(b"554 no service\r\n") as port, pytest.raises(MailRefused) as refused:
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS])
    assert refused.value.stage == "connect"
    assert not refused.value.permanent


def test_starttls_that_is_not_offered_sends_nothing() -> None:
    peer = Relay()
    with relay(peer) as port, pytest.raises(MailRefused):
        mail_out(port, security="starttls").deliver(RAW, "a@x.example", [ADDRESS])
    assert not peer.taken


@pytest.mark.parametrize("address", ["grüße@y.example", "a@y.example\r\nRCPT TO:<b@y.example>"])
def test_an_address_that_the_protocol_cannot_carry_is_refused_for_good(address: str) -> None:
    peer = Relay()
    with relay(peer) as port, pytest.raises(MailRefused) as refused:
        mail_out(port).deliver(RAW, "a@x.example", [address])
    assert refused.value.permanent
    assert not peer.taken


def test_before_text_runs_when_the_relay_asks_for_it_and_its_error_stops_the_letter() -> None:
    peer = Relay()

    def claim_lost() -> None:
        raise LookupError("fence moved")

    with relay(peer) as port, pytest.raises(LookupError):
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS], before_text=claim_lost)
    assert not peer.taken


def test_before_text_does_not_run_for_a_refused_recipient() -> None:
    called: list[bool] = []
    with relay(Relay(rcpt="550 no")) as port, pytest.raises(MailRefused):
        mail_out(port).deliver(
            RAW, "a@x.example", [ADDRESS], before_text=lambda: called.append(True)
        )
    assert not called


def test_one_refused_recipient_refuses_the_whole_letter() -> None:
    peer = Relay(refused_address="bad@y.example")
    with relay(peer) as port, pytest.raises(MailRefused):
        mail_out(port).deliver(RAW, "a@x.example", [ADDRESS, "bad@y.example"])
    assert not peer.taken


def test_a_letter_without_recipient_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="recipient"):
        mail_out(9).deliver(RAW, "a@x.example", [])


def test_a_relay_that_hangs_on_quit_does_not_delay_a_certain_outcome() -> None:
    noise = [b""] * len(RAW.splitlines())
    answers = (*GREETING, b"354 go\r\n", *noise, b"250 taken\r\n")
    heard: list[bytes] = []
    with scripted(*answers, hang=True, heard=heard) as port:
        assert mail_out(port).deliver(RAW, "a@x.example", [ADDRESS]).code == 250
    assert heard == [], "who says QUIT waits for its answer"
    assert threading.active_count() < 50
