"""The doctor says in plain words what receivers find out about our domain, and what to do."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.health import Unwell
from adapters.names import NameLookup
from cli.doctor import examine
from cli.mail_domain import letters_in, our_domain
from settings import Settings
from tests.correspondence.zones import Zone, pem, signer

DOMAIN = "coordination.example"
SPF = {DOMAIN: "v=spf1 include:relay.example -all"}
DMARC = {f"_dmarc.{DOMAIN}": "v=DMARC1; p=reject"}
KEY = {signer(DOMAIN).name: signer(DOMAIN).record()}


def settings(**changed: object) -> Settings:
    given: dict[str, object] = {
        "mail_from": f"cases@{DOMAIN}",
        "dkim_selector": "s1",
        "dkim_key": SecretStr(pem("ed25519").decode()),
        **changed,
    }
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def said(zone: NameLookup | None, **changed: object) -> str:
    """What the doctor says, and that it is unwell by a first sign."""
    try:
        return our_domain(settings(**changed), zone)
    except Unwell as unwell:
        return f"! {unwell}"


def test_a_domain_that_has_all_is_well_in_words() -> None:
    told = said(Zone(**SPF, **DMARC, **KEY))
    assert not told.startswith("!")
    for words in ("refuses all others", "has our key at s1._domainkey", "refuse unproven mail"):
        assert words in told


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (DMARC | KEY, f"SPF is missing: publish TXT {DOMAIN}"),
        ({DOMAIN: "v=spf1 +all"} | DMARC | KEY, "lets EVERYBODY send"),
        ({DOMAIN: "v=spf1 mx"} | DMARC | KEY, "end it with ~all or -all"),
        (SPF | KEY, f"DMARC is missing: publish TXT _dmarc.{DOMAIN}"),
        (SPF | KEY | {f"_dmarc.{DOMAIN}": "v=DMARC1; p=maybe"}, "DMARC cannot be read"),
        (SPF | DMARC, f"publish TXT s1._domainkey.{DOMAIN} 'v=DKIM1; k=ed25519; p="),
        (SPF | DMARC | {signer(DOMAIN).name: "v=DKIM1; k=ed25519; p=AAAA"}, "has another key"),
    ],
)
def test_what_is_missing_is_named_with_what_to_publish(records: dict[str, str], words: str) -> None:
    told = said(Zone(**records))
    assert told.startswith("!") and words in told


def test_two_records_count_for_none() -> None:
    zone = Zone(**SPF, **DMARC, **KEY)
    zone.records[DOMAIN] *= 2
    zone.records[f"_dmarc.{DOMAIN}"] *= 2
    assert said(zone).count("stands there twice") == 2


def test_who_signs_nothing_or_as_another_is_told(tmp_path: Path) -> None:
    assert "make sure that the relay signs" in said(Zone(**SPF, **DMARC), dkim_selector="")
    other = signer("elsewhere.example")
    zone = Zone(**SPF, **DMARC, **{other.name: other.record()})
    assert "not the domain of our address" in said(zone, dkim_domain="elsewhere.example")
    file = tmp_path / "key.pem"
    file.write_bytes(pem("ed25519"))
    from_file = {"dkim_key": SecretStr(""), "dkim_key_file": str(file)}
    assert not said(Zone(**SPF, **DMARC, **KEY), **from_file).startswith("!")
    file.write_text("no key")
    told = said(Zone(**SPF, **DMARC, **KEY), **from_file)
    assert told.startswith("! letters cannot be signed, so none leaves") and "no key" not in told
    assert "cannot be read" in said(
        None, dkim_key=SecretStr(""), dkim_key_file=str(tmp_path / "gone")
    )


def test_without_an_answer_nothing_is_called_wrong() -> None:
    zone = Zone()
    zone.down = (DOMAIN,)
    told = said(zone)
    assert not told.startswith("!") and told.count("could not be looked up") == 3
    assert "could not be looked up (IORT_MAIL_DNS is none)" in said(None)


def test_it_says_whose_word_on_letters_counts() -> None:
    with pytest.raises(Unwell, match="IORT_MAIL_AUTHSERV_ID is not set"):
        letters_in(settings())
    assert letters_in(settings(mail_authserv_id="MX.coordination.example")) == (
        "the word of mx.coordination.example counts"
    )
    assert "nobody says" in letters_in(settings(embedded=True))


def test_the_doctor_asks_about_both() -> None:
    """Nothing else answers here; these two are asked like the others."""
    found = {check.name: check for check in examine(settings(mail_from=f"a+b@{DOMAIN}"))}
    assert "could not be looked up" in found["our domain"].detail
    assert not found["letters in"].ok and found["letters in"].advice
    assert "plain address" in found["settings"].detail or not found["settings"].ok
