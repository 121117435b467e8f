"""What the receiving server says of a letter's origin."""

import pytest

from correspondence import parse_inbound
from tests.correspondence.mails import mail

OWN = "mx.coordination.example"


def results(*said: str) -> str:
    return f"Authentication-Results: {OWN};\n " + ";\n ".join(said) + "\n"


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        (["spf=pass smtp.mailfrom=jinjiang.example", "dkim=none", "dmarc=pass"], "authentic"),
        (["dkim=pass header.d=jinjiang.example", "dmarc=none"], "authentic"),
        (["dkim=pass header.d=mail.jinjiang.example"], "authentic"),
        (["spf=pass smtp.mailfrom=bounce@jinjiang.example"], "authentic"),
        (["spf=pass smtp.mailfrom=other.example", "dmarc=fail (p=none)"], "not_authentic"),
        (["spf=softfail", "dkim=none"], "not_authentic"),
        (
            ["dkim=fail header.d=jinjiang.example", "dkim=pass header.d=jinjiang.example"],
            "authentic",
        ),
        (["dkim=pass header.d=other.example", "dmarc=fail"], "not_authentic"),
        (["dkim=pass header.d=jinjiang.example.other.example", "spf=none"], "not_stated"),
        (["dkim=pass header.d=xjinjiang.example"], "not_stated"),
        (["spf=none", "dkim=none", "dmarc=none"], "not_stated"),
        (["dmarc=temperror"], "not_stated"),
        (["none"], "not_stated"),
        # What a sender chooses: the part before the sign @, quoted words, comments, other domains.
        (["dkim=pass header.i=jinjiang.example@other.example"], "not_stated"),
        (["dkim=pass header.i=@jinjiang.example"], "authentic"),
        (["dkim=pass header.i=@other.example header.d=jinjiang.example"], "authentic"),
        (['spf=pass smtp.mailfrom="jinjiang.example x"@other.example'], "not_stated"),
        (['spf=pass smtp.mailfrom="x; dmarc=pass"@other.example'], "not_stated"),
        (['spf=pass smtp.mailfrom="x\\"; dmarc=pass; \\""@other.example'], "not_stated"),
        (["spf=pass (a (b) c; dmarc=pass) smtp.mailfrom=x@other.example"], "not_stated"),
        (["spf=pass (never closed; dmarc=pass"], "not_stated"),
        (["spf=pass (a \\) ; dmarc=pass) smtp.mailfrom=x@other.example"], "not_stated"),
        (['dkim=fail reason="; dmarc=pass"'], "not_authentic"),
        (["dmarc=pass header.from=other.example"], "not_stated"),
        (["dmarc=pass (p=none) header.from=jinjiang.example"], "authentic"),
        (["dmarc=pass", "dmarc=fail"], "not_authentic"),
        (["dmarc=fail", "dmarc=pass"], "not_authentic"),
        (["spf=pass smtp.mailfrom=prvs=1a2b=ipd@jinjiang.example"], "authentic"),
        (["DKIM = PASS HEADER.D = JINJIANG.EXAMPLE"], "authentic"),
        (["dkim/1=pass header.d=jinjiang.example"], "authentic"),
        (["dkim=pass\n\theader.d=jinjiang.example\n\theader.s=a"], "authentic"),
        (["dkim=pass header.d=example"], "not_stated"),
    ],
)
def test_a_server_says_whether_a_letter_is_from_where_it_says(
    said: list[str], standing: str
) -> None:
    trust = parse_inbound(mail("x", extra=results(*said))).trust
    assert (trust.standing, trust.by) == (standing, OWN)


def test_only_the_topmost_field_counts_as_a_sender_writes_the_others() -> None:
    forged = "Authentication-Results: mx.coordination.example; dmarc=pass\n"
    letter = parse_inbound(mail("x", extra=results("dmarc=fail") + forged))
    assert letter.trust.standing == "not_authentic"


@pytest.mark.parametrize(
    "extra", ["", "Authentication-Results: \n", "Authentication-Results: ;;=\n"]
)
def test_nothing_said_is_not_stated(extra: str) -> None:
    assert parse_inbound(mail("x", extra=extra)).trust.standing == "not_stated"


@pytest.mark.parametrize(
    ("own", "signed", "standing"),
    [
        ("hospital.co.uk", "co.uk", "not_stated"),
        ("tata.gov.in", "gov.in", "not_stated"),
        ("gov.in", "other.gov.in", "not_stated"),
        ("clinic.onmicrosoft.com", "onmicrosoft.com", "not_stated"),
        ("clinic.gouv.fr", "gouv.fr", "not_stated"),
        ("hospital.com", "com", "not_stated"),
        ("mail.hospital.co.uk", "hospital.co.uk", "authentic"),
        ("hospital.com", "mail.hospital.com", "authentic"),
        ("ipd.klinik.de", "klinik.de", "authentic"),
        ("jinjiang.example", "jinjiаng.example", "not_stated"),
    ],
)
def test_a_name_that_many_share_is_nobodys_house(own: str, signed: str, standing: str) -> None:
    raw = mail("x", sender=f"ipd@{own}", extra=results(f"dkim=pass header.d={signed}"))
    assert parse_inbound(raw).trust.standing == standing


@pytest.mark.parametrize(
    "sender",
    [
        "ipd@jinjiang.example, x@other.example",
        "x@other.example, ipd@jinjiang.example",
        "=?utf-8?q?ipd=40jinjiang=2Eexample=2C?= <x@other.example>",
        '"ipd@jinjiang.example" <x@other.example>',
        "ipd@jinjiang.example <x@other.example>",
        "x@other.example (ipd@jinjiang.example)",
        "<x@other.example>, ipd@jinjiang.example;",
    ],
)
def test_who_names_a_second_sender_is_not_taken_for_the_first(sender: str) -> None:
    letter = parse_inbound(mail("x", sender=sender, extra=results("dmarc=pass")))
    assert letter.from_address in ("", "x@other.example")
