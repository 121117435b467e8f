"""Checking the signatures of a mail (DKIM, RFC 6376): whose hold, whose are broken."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from correspondence.signatures.canonical import (
    RawMail,
    field_as,
    signed_fields,
    tags_of,
    value_of,
    without_signature,
)
from correspondence.signatures.keys import Lookup, NotLookedUp, published_keys

Outcome = Literal["holds", "broken", "nothing", "not_looked_up"]
"""`nothing`: it cannot be checked, or covers too little: as if it were not there."""
MOST_SIGNATURES = 8
"""Of one mail that are looked at; a stranger chooses how many there are."""
LONGEST = 8_000
"""Bytes of one signature's field."""
ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
_DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the domain that takes responsibility, and what became of the check."""

    domain: str
    outcome: Outcome


def check_signatures(mail: RawMail, lookup: Lookup, now: datetime) -> list[Signature]:
    """Return what became of the signatures of a mail, from top to bottom. Never raises."""
    fields = list(mail.named("dkim-signature"))[:MOST_SIGNATURES]
    return [_checked(mail, field, lookup, now) for field in fields]


def _checked(mail: RawMail, field: bytes, lookup: Lookup, now: datetime) -> Signature:
    try:
        tags = tags_of(value_of(field))
        domain = tags["d"].lower().rstrip(".")
        usable = len(field) <= LONGEST and tags["v"] == "1" and _is_usable(tags, domain, now)
    except (KeyError, ValueError):
        return Signature("", "nothing")
    if not usable:
        return Signature(domain, "nothing")
    return Signature(domain, check_signature(mail, field, tags, lookup))


def _is_usable(tags: Mapping[str, str], domain: str, now: datetime) -> bool:
    """Return whether the signature covers what it must and is not past its time."""
    identity = tags.get("i", f"@{domain}").rpartition("@")[2].lower()
    below = identity == domain or identity.endswith(f".{domain}")
    names = [name.strip().lower() for name in tags["h"].split(":")]
    alive = "x" not in tags or int(tags["x"]) >= now.timestamp()
    asked = "dns/txt" in tags.get("q", "dns/txt").split(":")
    return below and alive and asked and "from" in names and "dkim-signature" not in names


def check_signature(
    mail: RawMail, field: bytes, tags: Mapping[str, str], lookup: Lookup
) -> Outcome:
    """Return whether a signature over fields and body holds; `tags` are those of its field.

    One that leaves out the end of the body (`l=`) proves nothing: anybody could write it.
    Raises KeyError and ValueError where a tag is missing or no such tag.
    """
    domain, selector = tags["d"].lower().rstrip("."), tags["s"].lower()
    name = f"{selector}._domainkey.{domain}"
    if tags["a"].lower() not in ALGORITHMS or not _DOMAIN.fullmatch(name) or len(name) > 253:
        return "nothing"
    head_form, _, body_form = tags.get("c", "simple/simple").lower().partition("/")
    body_form = body_form or "simple"
    if not {head_form, body_form} <= {"simple", "relaxed"}:
        return "nothing"
    length, digest = mail.body_hash(body_form)
    if "l" in tags and int(tags["l"]) < length:
        return "nothing"
    if digest != unpadded(tags["bh"]):
        return "broken"
    names = [one.strip().lower() for one in tags["h"].split(":")]
    own = field_as(head_form, without_signature(field) + b"\r\n").rstrip(b"\r\n")
    return proven(tags, signed_fields(mail, head_form, names) + own, lookup)


def proven(tags: Mapping[str, str], content: bytes, lookup: Lookup) -> Outcome:
    """Return whether the key that a signature names made it over this content.

    Without a key nothing is known: it may have been taken back since.
    """
    domain, selector = tags["d"].lower().rstrip("."), tags["s"].lower()
    try:
        records = lookup(f"{selector}._domainkey.{domain}")
    except NotLookedUp:
        return "not_looked_up"
    algorithm = tags["a"].lower()
    keys = [key for key in published_keys(records) if key.fits(algorithm)]
    identity = tags.get("i", f"@{domain}").rpartition("@")[2].lower()
    keys = [key for key in keys if not key.strict or identity == domain]
    if not keys:
        return "nothing"
    digest, signature = hashlib.sha256(content).digest(), unpadded(tags["b"])
    return "holds" if any(key.proves(signature, digest) for key in keys) else "broken"


def unpadded(text: str) -> bytes:
    """Return base64 with spaces in it as bytes. Raises ValueError for any other text."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
