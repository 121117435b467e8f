"""What receivers of our letters find out about our domain, and what we can know of letters in.

SPF (RFC 7208) names who may send for a domain, DKIM (RFC 6376) publishes the key of its signatures,
DMARC (RFC 7489) says what to do with mail that has neither.
"""

from collections.abc import Callable

from adapters.health import Unwell
from adapters.names import NameLookup
from correspondence.signatures.canonical import tags_of
from correspondence.signatures.keys import NotLookedUp
from correspondence.signatures.signing import KeyNotFit, Signer
from settings import Settings
from workflows.engine.world import signer_of

NOT_LOOKED_UP = "could not be looked up"
ENDS = {
    "-all": "refuses all others",
    "~all": "has all others doubted",
    "?all": "says nothing of others: end it with ~all or -all",
    "+all": "lets EVERYBODY send in our name: end it with ~all or -all",
    "all": "lets EVERYBODY send in our name: end it with ~all or -all",
}
POLICIES = {
    "none": "receivers only watch; ask for quarantine or reject when all of our mail is signed",
    "quarantine": "receivers put unproven mail among the unwanted",
    "reject": "receivers refuse unproven mail",
}
Said = tuple[bool, str]
"""Whether it is well, and what it is in words."""


def our_domain(settings: Settings, names: NameLookup | None) -> str:
    """Say what SPF, DKIM and DMARC of our domain are; raise Unwell where something is to be done.

    Without anybody to ask, or without an answer, nothing is called wrong.
    """
    domain = settings.mail_from.rpartition("@")[2]
    try:
        signer = signer_of(settings)
    except KeyNotFit as error:
        raise Unwell(f"letters cannot be signed, so none leaves: {error}") from None
    if names is None:
        signs = "letters are signed" if signer else "letters are not signed here"
        return f"{domain}: SPF, DKIM and DMARC {NOT_LOOKED_UP} (IORT_MAIL_DNS is none); {signs}"
    said = [
        _asked("SPF", lambda: _spf(names, domain)),
        _asked("DKIM", lambda: _dkim(names, domain, signer)),
        _asked("DMARC", lambda: _dmarc(names, domain)),
    ]
    words = f"{domain}: " + "; ".join(text for _, text in said)
    if not all(well for well, _ in said):
        raise Unwell(words)
    return words


def _asked(name: str, ask: Callable[[], Said]) -> Said:
    try:
        well, words = ask()
    except NotLookedUp:
        return True, f"{name} {NOT_LOOKED_UP}"
    return well, f"{name} {words}"


def _spf(names: NameLookup, domain: str) -> Said:
    records = [text for text in names.txt(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return False, f"is missing: publish TXT {domain} 'v=spf1 <your relay> -all'"
    if len(records) > 1:
        return False, "stands there twice, so that receivers ignore both: leave one"
    parts = records[0].lower().split()
    end = next((part for part in parts if part in ENDS), "")
    if not end and any(part.startswith("redirect=") for part in parts):
        return True, "is another domain's (redirect)"
    words = ENDS.get(end, "says nothing of others: end it with ~all or -all")
    return end in ("-all", "~all"), f"names who may send and {words}"


def _dkim(names: NameLookup, domain: str, signer: Signer | None) -> Said:
    if signer is None:
        return False, (
            "is not done here: set IORT_DKIM_SELECTOR and a key, or make sure that the relay signs"
        )
    publish = f"publish TXT {signer.name} '{signer.record()}'"
    ours = tags_of(signer.record())["p"]
    keys = [_key_in(text) for text in names.txt(signer.name)]
    if not keys:
        return False, f"has no key at {signer.name}, so no signature of ours holds: {publish}"
    if ours not in keys:
        return False, f"has another key at {signer.name} than letters are signed with: {publish}"
    below = domain == signer.domain or domain.endswith(f".{signer.domain}")
    if not below:
        return False, f"signs as {signer.domain}, which is not the domain of our address"
    return True, f"has our key at {signer.name}"


def _key_in(text: str) -> str:
    try:
        return "".join(tags_of(text).get("p", "").split())
    except ValueError:
        return ""


def _dmarc(names: NameLookup, domain: str) -> Said:
    place = f"_dmarc.{domain}"
    records = [text for text in names.txt(place) if text.replace(" ", "").startswith("v=DMARC1")]
    if not records:
        return False, f"is missing: publish TXT {place} 'v=DMARC1; p=none; rua=mailto:<you>'"
    if len(records) > 1:
        return False, "stands there twice, so that receivers ignore both: leave one"
    try:
        policy = tags_of(records[0]).get("p", "").lower()
    except ValueError:
        policy = ""
    if policy not in POLICIES:
        return False, f"cannot be read: begin it with 'v=DMARC1; p=none' at {place}"
    return True, f"p={policy}: {POLICIES[policy]}"


def letters_in(settings: Settings) -> str:
    """Say how the origin of letters is known; raise Unwell where nobody can know it."""
    servers = ", ".join(settings.own_mail_servers)
    checks = "signatures are checked here" if settings.mail_dns != "none" else ""
    if servers or settings.embedded:
        said = f"the word of {servers} counts" if servers else "nobody says where letters are from"
        return ", ".join(part for part in (said, checks) if part)
    raise Unwell(
        "IORT_MAIL_AUTHSERV_ID is not set: what your mail server says for a letter is not believed"
        + (f"; {checks}" if checks else ", and nobody checks signatures (IORT_MAIL_DNS is none)")
    )
