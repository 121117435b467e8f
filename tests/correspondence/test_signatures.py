"""What the signatures of a mail prove of where it is from, and what they do not."""

import re
from collections.abc import Callable

import pytest

from correspondence.incoming.trust import Trust
from correspondence.signatures.canonical import split_mail
from correspondence.signatures.dkim import check_signatures
from correspondence.signatures.origin import checked_origin
from correspondence.signatures.signing import KeyNotFit, Signer
from tests.correspondence.zones import NOW, Zone, by_hand, pem, sealed, signer

SENDER = "ipd@jinjiang.example"
LETTER = (
    b"From: Board <ipd@jinjiang.example>\r\nTo: cases@c.example\r\nSubject: Re:  your\r\n"
    b"  patient\r\nDate: Mon, 23 Nov 2026 10:00:00 +0800\r\n\r\nWe can offer it.  \r\n\r\n\r\n"
)
PUBLISHED = "v=DMARC1; p=reject"

RFC_8463 = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC_ZONE = {
    "brisbane._domainkey.football.example.com": (
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    ),
    "test._domainkey.football.example.com": (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08"
        "a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3r"
        "G4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
    ),
}


@pytest.fixture
def zone() -> Zone:
    return Zone()


def origin(zone: Zone, raw: bytes, *, sealers: tuple[str, ...] = (), sender: str = SENDER) -> Trust:
    return checked_origin(raw, sender, zone.txt, NOW, sealers)


def test_the_published_example_of_both_kinds_of_keys_holds() -> None:
    """RFC 8463, appendix A."""
    found = check_signatures(split_mail(RFC_8463), Zone(**RFC_ZONE).txt, NOW)
    assert [(one.domain, one.outcome) for one in found] == [("football.example.com", "holds")] * 2


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_what_we_sign_holds_and_proves_the_domain(zone: Zone, kind: str) -> None:
    key = zone.publish(signer(kind=kind))
    assert origin(zone, key.signed(LETTER, NOW)).standing == "authentic"
    zone.records["_dmarc.jinjiang.example"] = [PUBLISHED]
    assert origin(zone, key.signed(LETTER, NOW)).dmarc == "pass"


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        assert old in raw
        return raw.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    "change",
    [
        replaced(b"offer", b"refuse"),
        replaced(b"Subject: Re:  your", b"Subject: Re: their"),
        replaced(b"\r\nSubject:", b"\r\nSubject: urgent\r\nSubject:"),
        replaced(b"\r\nFrom:", b"\r\nFrom: x@other.example\r\nFrom:"),
        replaced(b"\r\nSubject:", b"\r\nReply-To: x@other.example\r\nSubject:"),
        replaced(b"bh=", b"bh=AAAA"),
    ],
)
def test_a_letter_that_was_changed_on_its_way_is_not_authentic(
    zone: Zone, change: Callable[[bytes], bytes]
) -> None:
    raw = zone.publish(signer()).signed(LETTER, NOW)
    trust = origin(zone, change(raw))
    assert (trust.standing, trust.dkim) == ("not_authentic", "fail")
    zone.records["_dmarc.jinjiang.example"] = [PUBLISHED]
    assert origin(zone, change(raw)).dmarc == "fail"


@pytest.mark.parametrize(
    "raw",
    [
        LETTER,
        by_hand(signer(), LETTER, l="4"),
        by_hand(signer(), LETTER, x="1763888400"),
        by_hand(signer(), LETTER, h="to:subject"),
        by_hand(signer(), LETTER, i="@other.example"),
        by_hand(signer(), LETTER, a="rsa-sha1"),
        by_hand(signer(), LETTER, a="rsa-sha256"),
        by_hand(signer(), LETTER, v="2"),
        by_hand(signer(), LETTER, s="unknown"),
        by_hand(signer(), LETTER, s="x/../y"),
        by_hand(signer(), LETTER, q="http"),
        by_hand(signer("other.example"), LETTER),
        by_hand(signer("jinjiang.example.other.example"), LETTER),
        by_hand(signer("example"), LETTER),
        by_hand(signer(), LETTER).replace(b"v=1;", b"v=1; v=1;"),
        by_hand(signer(), LETTER.replace(b"To:", b"X: a\rFrom: x@other.example\r\nTo:")),
        by_hand(signer(), LETTER.replace(b"To:", b"no field\r\nTo:")),
    ],
)
def test_what_covers_too_little_or_is_anothers_proves_nothing(zone: Zone, raw: bytes) -> None:
    for domain in ("jinjiang.example", "other.example", "jinjiang.example.other.example"):
        zone.publish(signer(domain))
    assert origin(zone, raw).standing == "not_stated"


@pytest.mark.parametrize("more", ["; t=y", "; s=web", "; h=sha1", "; p=x"])
def test_a_key_that_is_not_for_this_proves_nothing(zone: Zone, more: str) -> None:
    raw = zone.publish(signer(), more).signed(LETTER, NOW)
    assert origin(zone, raw).standing == "not_stated"


def test_a_key_that_was_taken_back_or_is_too_short_proves_nothing(zone: Zone) -> None:
    key = zone.publish(signer())
    zone.records[key.name] = ["v=DKIM1; k=ed25519; p="]
    assert origin(zone, key.signed(LETTER, NOW)).standing == "not_stated"
    with pytest.raises(KeyNotFit, match="2048"):
        Signer.of("jinjiang.example", "s1", pem("rsa", 1024))


def test_a_key_for_the_very_domain_signs_for_no_name_below(zone: Zone) -> None:
    key = zone.publish(signer(), "; t=s")
    raw = by_hand(key, LETTER, i="x@mail.jinjiang.example")
    assert origin(zone, raw).standing == "not_stated"
    assert origin(zone, by_hand(key, LETTER)).standing == "authentic"


def test_a_house_may_ask_for_its_very_name(zone: Zone) -> None:
    raw = zone.publish(signer("mail.jinjiang.example")).signed(LETTER, NOW)
    assert origin(zone, raw).standing == "authentic"
    zone.records["_dmarc.jinjiang.example"] = [f"{PUBLISHED}; adkim=s"]
    assert origin(zone, raw).standing == "not_stated"


@pytest.mark.parametrize("down", ["s1._domainkey.jinjiang.example", "_dmarc.jinjiang.example"])
@pytest.mark.parametrize("changed", [False, True])
def test_a_name_that_cannot_be_looked_up_is_never_forged(
    zone: Zone, down: str, changed: bool
) -> None:
    key = zone.publish(signer())
    raw = key.signed(LETTER, NOW)
    zone.down = (down,)
    trust = origin(zone, raw.replace(b"your", b"their", 1) if changed else raw)
    assert trust.standing in ("not_stated", "authentic")
    assert trust.standing == "authentic" or trust.unread


def test_a_second_signature_that_holds_is_enough(zone: Zone) -> None:
    raw = zone.publish(signer("other.example")).signed(LETTER, NOW)
    raw = zone.publish(signer()).signed(raw, NOW)
    broken = by_hand(signer(), LETTER, bh="AAAA").replace(LETTER, b"")
    assert origin(zone, broken + raw).standing == "authentic"


def test_a_stranger_cannot_have_us_ask_for_ever(zone: Zone) -> None:
    raw = b"".join(
        by_hand(signer(f"d{number}.example"), LETTER).replace(LETTER, b"") for number in range(50)
    )
    origin(zone, raw + LETTER)
    assert len(zone.asked) < 20


PASSED = "mx.gate.example; spf=pass smtp.mailfrom=jinjiang.example; dmarc=pass"


@pytest.mark.parametrize("forwarders", [1, 3])
def test_a_known_forwarder_tells_what_it_saw(zone: Zone, forwarders: int) -> None:
    gate = zone.publish(signer("gate.example"))
    raw = LETTER
    for number in range(1, forwarders + 1):
        raw = sealed(gate, raw, PASSED, number)
    assert origin(zone, raw).standing == "not_stated", "anybody may seal"
    trust = origin(zone, raw, sealers=("gate.example",))
    assert (trust.standing, trust.by) == ("authentic", "gate.example")
    forged = sealed(gate, LETTER, "mx.gate.example; dmarc=fail", 1)
    assert origin(zone, forged, sealers=("gate.example",)).standing == "not_authentic"
    zone.down = ("gate.example",)
    assert origin(zone, raw, sealers=("gate.example",)).unread


@pytest.mark.parametrize(
    "change",
    [
        replaced(b"spf=pass", b"spf=fail"),
        replaced(b"offer", b"refuse"),
        lambda raw: re.sub(rb"ARC-Seal: i=1;[^\r]*\r\n", b"", raw),
        lambda raw: re.sub(rb"(ARC-Seal: i=1;[^\r]*\r\n)", rb"\1\1", raw),
        lambda raw: raw.replace(b"i=2", b"i=3"),
        lambda raw: raw.replace(b"cv=none", b"cv=pass"),
    ],
)
def test_a_chain_that_was_touched_says_nothing(
    zone: Zone, change: Callable[[bytes], bytes]
) -> None:
    gate = zone.publish(signer("gate.example"))
    raw = sealed(gate, sealed(gate, LETTER, PASSED, 1), PASSED, 2)
    changed = change(raw)
    assert changed != raw
    assert origin(zone, changed, sealers=("gate.example",)).standing == "not_stated"
