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
