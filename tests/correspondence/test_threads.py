"""Which thread a letter belongs to, and in which order the proofs count."""

from dataclasses import replace

import pytest

from correspondence import (
    InboundLetter,
    ThreadCandidate,
    ThreadMatch,
    match_thread,
    parse_inbound,
    reply_address,
    reply_token,
)
from correspondence.incoming.trust import Trust
from keys import Ring
from tests.correspondence import mails
from tests.fixtures.keys import OTHER_RING, RING

INDIA = ThreadCandidate(
    7, "CFX-26-00017", frozenset({"<m7@c.example>"}), frozenset({"ipd@sahyadri.example"})
)
CHINA = ThreadCandidate(
    8, "CFX-26-00017", frozenset({mails.OURS}), frozenset({"imd@jinjiang.example"})
)
OTHER_CASE = ThreadCandidate(
    9, "CFX-26-00018", frozenset({"<m9@c.example>"}), frozenset({"iort@rheinaue.example"})
)
THREADS = [INDIA, CHINA, OTHER_CASE]


def letter(**changes: object) -> InboundLetter:
    plain = parse_inbound(mails.mail("x", sender="nobody@elsewhere.example", subject="hello"))
    return replace(plain, **changes)  # type: ignore[arg-type]


def to_token(thread_id: int, ring: Ring = RING) -> tuple[str, ...]:
    return (reply_address("cases@c.example", reply_token(thread_id, ring)),)


def match(**changes: object) -> ThreadMatch | None:
    return match_thread(letter(**changes), THREADS, RING)


def test_the_token_wins_and_what_names_another_case_is_a_doubt() -> None:
    found = match(
        to_addresses=to_token(7),
        references=("<m9@c.example>",),
        subject="[CFX-26-00018]",
        from_address="iort@rheinaue.example",
    )
    assert found == ThreadMatch(7, "token", doubt="other_case", sender_known=False)


def test_a_reply_from_another_address_with_our_token_is_matched_and_unverified() -> None:
    found = match(to_addresses=to_token(8))
    assert found is not None
    assert not found.sender_known


def test_a_token_that_we_did_not_sign_proves_nothing() -> None:
    assert match(to_addresses=to_token(7, OTHER_RING)) is None


def test_a_revoked_thread_is_not_found_by_its_token() -> None:
    assert match_thread(letter(to_addresses=to_token(7)), [CHINA], RING) is None


def test_references_come_before_the_subject() -> None:
    found = match(in_reply_to=mails.OURS, subject="Re: [CFX-26-00018] x")
    assert found == ThreadMatch(8, "references", doubt="other_case", sender_known=False)
    sure = match(in_reply_to=mails.OURS, subject="Re: [CFX-26-00017] x")
    assert sure == ThreadMatch(8, "references", doubt=None, sender_known=False)


def test_references_to_two_threads_prove_neither() -> None:
    assert match(references=("<m7@c.example>", mails.OURS)) is None


def test_a_bounce_finds_the_thread_of_the_letter_that_came_back() -> None:
    found = match_thread(parse_inbound(mails.BOUNCE), THREADS, RING)
    assert found is not None
    assert (found.thread_id, found.matched_by) == (8, "references")


def test_a_bounce_with_no_more_than_the_reference_goes_to_a_person() -> None:
    """A letter to the family may have come back: its subject names the case too."""
    title = b"Undeliverable: Documents we need - CFX-26-00018"
    raw = mails.QMAIL_BOUNCE.replace(b"failure notice", title).replace(b"<m1@", b"<other@")
    assert parse_inbound(raw).machine == "bounce"
    assert match_thread(parse_inbound(raw), THREADS, RING) is None


@pytest.mark.parametrize("sender", ["imd@jinjiang.example", "doctor@jinjiang.example"])
def test_the_reference_in_the_subject_and_the_hospital_behind_the_sender(sender: str) -> None:
    found = match(subject="AW: [cfx-26-00017] Anfrage", from_address=sender)
    assert found is not None
    assert (found.thread_id, found.matched_by, found.doubt) == (8, "subject_ref", "only_reference")


def test_a_reference_with_two_threads_and_a_stranger_goes_to_a_person() -> None:
    assert match(subject="[CFX-26-00017]") is None


def test_a_reference_with_one_thread_is_enough_for_a_proposal() -> None:
    found = match(subject="Fwd: [CFX-26-00018] x")
    assert found is not None
    assert (found.thread_id, found.doubt) == (9, "only_reference")


def test_two_references_in_one_subject_go_to_a_person() -> None:
    assert match(subject="[CFX-26-00017] and [CFX-26-00018]") is None


def test_a_sender_with_one_open_thread_is_proposed() -> None:
    found = match(from_address="ipd@sahyadri.example")
    assert found == ThreadMatch(7, "sender_manual", doubt="only_sender", sender_known=True)


def test_a_sender_with_two_open_threads_or_a_closed_one_goes_to_a_person() -> None:
    second = replace(INDIA, thread_id=10, case_ref="CFX-26-00020")
    mail = letter(from_address="ipd@sahyadri.example")
    assert match_thread(mail, [INDIA, second], RING) is None
    assert match_thread(mail, [INDIA, replace(second, open=False)], RING) is not None
    assert match_thread(mail, [replace(INDIA, open=False)], RING) is None


def test_a_sender_does_not_override_a_reference_that_we_do_not_know() -> None:
    assert match(from_address="ipd@sahyadri.example", subject="[CFX-26-99999]") is None


def test_nothing_matches_nothing() -> None:
    assert match() is None


AUTHENTIC = Trust(dmarc="pass", by="mx.coordination.example")
FORGED = Trust(spf="fail", dmarc="fail", by="mx.coordination.example")


def test_a_known_sender_that_the_server_vouches_for_needs_only_the_reference() -> None:
    asked = {"subject": "Re: [CFX-26-00018]", "from_address": "iort@rheinaue.example"}
    found = match(**asked, trust=AUTHENTIC)
    assert found == ThreadMatch(9, "subject_ref", doubt=None, sender_known=True)
    stranger = match(subject="Re: [CFX-26-00018]", from_address="x@y.example", trust=AUTHENTIC)
    assert stranger is not None and stranger.doubt == "only_reference"


@pytest.mark.parametrize(
    "named",
    [
        {"to_addresses": to_token(8)},
        {"in_reply_to": mails.OURS},
        {"subject": "Re: [CFX-26-00018]", "from_address": "iort@rheinaue.example"},
        {"from_address": "ipd@sahyadri.example"},
    ],
)
def test_what_the_server_calls_forged_is_never_sure(named: dict[str, object]) -> None:
    found = match(**named, trust=FORGED)
    assert found is not None
    assert found.doubt == "not_authentic"


def test_the_tokens_of_two_threads_are_a_doubt() -> None:
    found = match(to_addresses=(*to_token(7), *to_token(8)))
    assert found is not None
    assert found.doubt == "two_threads"
