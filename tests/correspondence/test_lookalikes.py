"""A domain that is made to be taken for a hospital's is named with how it does so."""

import random

import pytest

from correspondence.lookalikes import looks_like

KNOWN = ("sahyadri.example", "mail.rheinaue.de", "jinjiang-hospital.com.cn", "aiims.gov.in")


@pytest.mark.parametrize(
    ("domain", "like", "how"),
    [
        ("sahyаdri.example", "sahyadri.example", "letters"),  # Cyrillic a
        (f"xn--{'sahyаdri'.encode('punycode').decode()}.example", "sahyadri.example", "letters"),
        ("sahyàdri.example", "sahyadri.example", "letters"),
        ("sahyadr1.example", "sahyadri.example", "letters"),
        ("rheinnaue.de", "mail.rheinaue.de", "one_letter"),
        ("rhienaue.de", "mail.rheinaue.de", "one_letter"),
        ("rheinaue.com", "mail.rheinaue.de", "ending"),
        ("rheinaue.co.uk", "mail.rheinaue.de", "ending"),
        ("sahyadri-payments.example", "sahyadri.example", "more"),
        ("sahyadri.example.pay.example", "sahyadri.example", "more"),
        ("jinjiang-hospital.com", "jinjiang-hospital.com.cn", "ending"),
        ("jinjiang-hospitaI.com.cn", "jinjiang-hospital.com.cn", "letters"),
        ("aims.gov.in", "aiims.gov.in", "one_letter"),
    ],
)
def test_what_looks_alike_is_named_with_how(domain: str, like: str, how: str) -> None:
    found = looks_like(domain, KNOWN)
    assert found is not None
    assert (found.domain, found.how) == (like, how)


@pytest.mark.parametrize(
    "domain",
    ["sahyadri.example", "ipd.sahyadri.example", "rheinaue.de", "aiims.gov.in", "gmail.com",
     "gov.in", "hospital.example", "elsewhere.example", "", "localhost", "xn--.example", "de"],
)  # fmt: skip
def test_a_house_itself_and_any_other_is_not(domain: str) -> None:
    assert looks_like(domain, KNOWN) is None


def test_one_slip_of_any_letter_is_seen_and_other_names_are_not() -> None:
    """Made here: 400 slips of one name, and 2,000 names of other letters."""
    dice = random.Random(20261130)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for _ in range(400):
        name, at = list("sahyadri"), dice.randrange(8)
        kind = dice.choice(["left out", "added", "another"])
        if kind == "left out":
            del name[at]
        elif kind == "added":
            name.insert(at, dice.choice(letters))
        else:
            name[at] = dice.choice(letters)
        slip = "".join(name)
        assert slip == "sahyadri" or looks_like(f"{slip}.example", KNOWN), slip
    others = ["".join(dice.choices(letters, k=dice.randint(6, 12))) for _ in range(2_000)]
    assert [one for one in others if looks_like(f"{one}.org", KNOWN)] == []
