"""Where a mail comes from, by its own signatures: for letters of which no server of ours says it.

Signatures prove; what is missing proves nothing, for the sender's server may vouch by its address
alone (SPF), which only the server that took the mail can see. So a mail is called forged only where
the signature of its own domain is broken, and a name that cannot be looked up leaves it open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from correspondence.incoming.trust import Trust, Verdict, same_house, trust_in
from correspondence.signatures.arc import Chain, check_chain
from correspondence.signatures.canonical import split_mail, tags_of
from correspondence.signatures.dkim import Signature, check_signatures
from correspondence.signatures.keys import Lookup, NotLookedUp

CHECKED_HERE = "checked here"
"""Who says it, where no server did."""


def checked_origin(
    raw: bytes, from_address: str, lookup: Lookup, now: datetime, sealers: Sequence[str] = ()
) -> Trust:
    """Return what the signatures of a raw mail prove about the domain of `from_address`.

    `sealers` are forwarders whose word counts when their chain holds. `unread` of the answer says
    that a name could not be looked up and that another try may know more. Never raises.
    """
    mail = split_mail(raw)
    lookup = _until_it_fails(lookup)
    own = from_address.rpartition("@")[2].lower()
    if not own:
        return Trust()
    signatures = check_signatures(mail, lookup, now)
    policy = _Policy.of(own, lookup) if signatures else _Policy()
    aligned = [one for one in signatures if _is_aligned(one, own, policy)]
    outcomes = {one.outcome for one in aligned}
    if "holds" in outcomes:
        dmarc: Verdict = "pass" if policy.published else "none"
        return Trust(dkim="pass", dmarc=dmarc, by=CHECKED_HERE, aligned=True)
    chain = check_chain(mail, lookup, sealers) if sealers else Chain("nothing")
    if chain.outcome == "holds":
        return trust_in(chain.results, own, chain.sealer)
    unread = policy.unread or "not_looked_up" in {chain.outcome, *(o.outcome for o in signatures)}
    if "broken" in outcomes and not unread:
        return Trust(dkim="fail", dmarc="fail" if policy.asks else "none", by=CHECKED_HERE)
    others = any(one.outcome == "holds" for one in signatures)
    return Trust(dkim="unsure" if others else "none", by=CHECKED_HERE, unread=unread)


def _until_it_fails(lookup: Lookup) -> Lookup:
    """Return a lookup that asks nothing more once it was not answered: a mail waits once."""
    failed = False

    def ask(name: str) -> Sequence[str]:
        nonlocal failed
        if failed:
            raise NotLookedUp
        try:
            return lookup(name)
        except NotLookedUp:
            failed = True
            raise

    return ask


@dataclass(frozen=True, slots=True)
class _Policy:
    """What a domain asks of who gets mail in its name (DMARC, RFC 7489): whether it published a
    policy, asks not to take what is not proven (`asks`), and wants the very domain (`strict`).
    """

    published: bool = False
    asks: bool = False
    strict: bool = False
    unread: bool = False

    @classmethod
    def of(cls, domain: str, lookup: Lookup) -> "_Policy":
        """Look up the policy of a domain, else that of the nearest name above that has one."""
        try:
            for name in _upwards(domain):
                found = [tags for text in lookup(f"_dmarc.{name}") if (tags := _dmarc(text))]
                if len(found) == 1:
                    (tags,) = found
                    asked = tags["p"] if name == domain else tags.get("sp", tags["p"])
                    asks = asked.lower() in ("quarantine", "reject")
                    return cls(True, asks, tags.get("adkim", "r").lower() == "s")
        except NotLookedUp:
            return cls(unread=True)
        return cls()


def _upwards(domain: str) -> list[str]:
    """Return a domain and the names above it that are one house with it, at most four."""
    labels = domain.split(".")
    names = [".".join(labels[number:]) for number in range(len(labels) - 1)]
    return [name for name in names if name == domain or same_house(domain, name)][:4]


def _dmarc(record: str) -> Mapping[str, str] | None:
    try:
        tags = tags_of(record)
    except ValueError:
        return None
    return tags if tags.get("v") == "DMARC1" and "p" in tags else None


def _is_aligned(signature: Signature, own: str, policy: _Policy) -> bool:
    """Return whether a signature is of the domain in From, as closely as that domain wants."""
    if policy.strict:
        return signature.domain == own
    return bool(signature.domain) and same_house(own, signature.domain)
