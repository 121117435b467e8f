"""Checking a chain of forwarders (ARC, RFC 8617): what one of them says that it saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from correspondence.signatures.canonical import (
    RawMail,
    field_as,
    tags_of,
    value_of,
    without_signature,
)
from correspondence.signatures.dkim import ALGORITHMS, LONGEST, Outcome, check_signature, proven
from correspondence.signatures.keys import Lookup

LONGEST_CHAIN = 10
"""Forwarders that are followed; the standard allows 50, and a stranger chooses."""
_RESULTS, _MESSAGE, _SEAL = "arc-authentication-results", "arc-message-signature", "arc-seal"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of forwarders: who sealed it last, and what that one wrote of the mail it got."""

    outcome: Outcome
    sealer: str = ""
    results: str = ""


def check_chain(mail: RawMail, lookup: Lookup, sealers: Sequence[str]) -> Chain:
    """Return the chain of a mail whose last sealer is one of `sealers`; `nothing` for any other.

    Anybody may seal: only the word of a forwarder that is known counts. Never raises.
    """
    try:
        sets = _sets_of(mail)
        if not sets:
            return Chain("nothing")
        seal = tags_of(value_of(sets[-1][_SEAL]))
        sealer = seal["d"].lower().rstrip(".")
        if sealer not in sealers:
            return Chain("nothing", sealer)
        outcome = _checked(mail, sets, lookup)
        results = value_of(sets[-1][_RESULTS]).partition(";")[2]
    except (KeyError, ValueError):
        return Chain("nothing")
    return Chain(outcome, sealer, results)


def _sets_of(mail: RawMail) -> list[dict[str, bytes]]:
    """Return the three fields of each forwarder, the first forwarder first.

    Raises ValueError for a chain with a gap, or with two fields of one number.
    """
    sets: dict[int, dict[str, bytes]] = {}
    for name in (_RESULTS, _MESSAGE, _SEAL):
        for field in mail.named(name):
            if len(field) > LONGEST:
                raise ValueError("a field too long")
            number = int(_number(field))
            if name in sets.setdefault(number, {}):
                raise ValueError("two of one number")
            sets[number][name] = field
    if sorted(sets) != list(range(1, len(sets) + 1)) or len(sets) > LONGEST_CHAIN:
        raise ValueError("no chain")
    if any(len(one) < 3 for one in sets.values()):
        raise ValueError("a gap")
    return [sets[number] for number in sorted(sets)]


def _number(field: bytes) -> str:
    name, _, value = value_of(field).partition(";")[0].partition("=")
    if name.strip() == "i":
        return value
    return tags_of(value_of(field))["i"]


def _checked(mail: RawMail, sets: Sequence[Mapping[str, bytes]], lookup: Lookup) -> Outcome:
    newest = sets[-1][_MESSAGE]
    tags = tags_of(value_of(newest))
    outcomes = [check_signature(mail, newest, {**tags, "i": f"@{tags['d']}"}, lookup)]
    for number in range(len(sets)):
        tags = tags_of(value_of(sets[number][_SEAL]))
        wanted = "none" if number == 0 else "pass"
        if tags.get("cv", "").lower() != wanted or tags["a"].lower() not in ALGORITHMS:
            return "broken"
        named = {**tags, "i": f"@{tags['d']}"}  # a seal's number stands where a name may stand
        outcomes.append(proven(named, _sealed(sets[: number + 1]), lookup))
    for outcome in ("broken", "nothing", "not_looked_up"):
        if outcome in outcomes:
            return "broken" if outcome == "nothing" else outcome
    return "holds"


def _sealed(sets: Sequence[Mapping[str, bytes]]) -> bytes:
    """Return what the last of these forwarders sealed: all fields so far, its own unsigned."""
    fields = [one[name] for one in sets for name in (_RESULTS, _MESSAGE, _SEAL)]
    content = b"".join(field_as("relaxed", field) for field in fields[:-1])
    own = field_as("relaxed", without_signature(fields[-1]) + b"\r\n")
    return content + own.rstrip(b"\r\n")
