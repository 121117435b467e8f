"""Who says that a letter comes from where it says: what the receiving server wrote on it.

Only the topmost Authentication-Results field is looked at (RFC 8601): the server that hands us the
mail writes on top of what a sender may have put there. Whether that server is ours is for the
caller to know: `by` names it.
"""

import re
from dataclasses import dataclass
from email.message import Message
from typing import Literal

Verdict = Literal["pass", "fail", "none", "unsure"]
Standing = Literal["authentic", "not_authentic", "not_stated"]

_METHOD = re.compile(
    r"\s*(?P<method>spf|dkim|dmarc|arc)(?:\s*/\s*\d+)?\s*=\s*(?P<result>[a-z]+)", re.IGNORECASE
)
_PROPERTY = re.compile(r"(?<!\S)(?P<name>[a-z]+\.[a-z-]+)\s*=\s*(?P<value>\S+)", re.IGNORECASE)
_NOT_PLAIN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a sign of the field's own grammar that somebody put between quotation marks."""
_SHARED = """gouv gob info name firm asso hosp school health ernet onmicrosoft.com github.io
herokuapp.com wixsite.com blogspot.com azurewebsites.net appspot.com web.app firebaseapp.com
netlify.app vercel.app pages.dev"""
_PUBLIC = frozenset(_SHARED.split())
"""Names that many strangers have theirs below, beside the two- and three-letter ones of countries.
"""
_VERDICTS: dict[str, Verdict] = {
    "pass": "pass",
    "bestguesspass": "pass",
    "fail": "fail",
    "hardfail": "fail",
    "softfail": "fail",
    "permerror": "fail",
    "policy": "fail",
    "none": "none",
}
_ABOUT = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mfrom")}
"""Which property names whose a passed check is; the first that is there counts."""
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Trust:
    """What a receiving server says of a letter; `none` is "the sender offers nothing to check".

    `by` is the server that says so (its authserv-id), empty where no server said anything.
    `aligned` is whether what passed belongs to the domain in From.
    """

    spf: Verdict = "none"
    dkim: Verdict = "none"
    dmarc: Verdict = "none"
    by: str = ""
    aligned: bool = False

    @property
    def standing(self) -> Standing:
        """Whether the letter comes from the domain it names, as far as a server has looked.

        A failed DMARC decides; without DMARC, what passed has to belong to the domain in From.
        """
        if self.dmarc == "fail" or (self.dmarc != "pass" and not self.aligned and self._failed()):
            return "not_authentic"
        return "authentic" if self.dmarc == "pass" or self.aligned else "not_stated"

    def _failed(self) -> bool:
        return "fail" in (self.spf, self.dkim)


def read_trust(message: Message, from_address: str) -> Trust:
    """Return what the topmost Authentication-Results field says of a message."""
    written = [str(value) for value in message.get_all("Authentication-Results", [])]
    if not written:
        return Trust()
    by, *clauses = _bare(written[0][:_LONGEST]).split(";")
    own = from_address.rpartition("@")[2].lower()
    verdicts: dict[str, Verdict] = {}
    domains: list[str] = []
    for clause in clauses:
        found = _METHOD.match(clause)
        if found is None:
            continue
        method, verdict = found["method"].lower(), _VERDICTS.get(found["result"].lower(), "unsure")
        said = {p["name"].lower(): p["value"].lower() for p in _PROPERTY.finditer(clause)}
        if method == "dmarc":
            about = said.get("header.from", own).rpartition("@")[2]
            if verdict == "pass" and about != own:
                verdict = "unsure"  # another sender's: nothing is known of ours
            if verdicts.get(method) == "fail":
                continue
        elif verdicts.get(method) == "pass":
            continue  # several signatures: one that holds is enough
        verdicts[method] = verdict
        if verdict == "pass":
            domains += [_domain(said[name]) for name in _ABOUT.get(method, ()) if name in said][:1]
    return Trust(
        spf=verdicts.get("spf", "none"),
        dkim=verdicts.get("dkim", "none"),
        dmarc=verdicts.get("dmarc", "none"),
        by=next(iter(by.split()), "").lower()[:200],
        aligned=bool(own) and any(_same_house(own, domain) for domain in domains),
    )


def _bare(value: str) -> str:
    """Return a field's value without comments; what stands between quotation marks separates
    nothing: a sender chooses the words in both (RFC 5322, 3.2.2 and 3.2.4).
    """
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in value:
        if escaped:
            escaped = False
            sign = _NOT_PLAIN
        elif sign == "\\" and (quoted or depth):
            escaped = True
            continue
        elif sign == '"' and not depth:
            quoted = not quoted
            continue
        elif not quoted and sign in "()":
            depth = depth + 1 if sign == "(" else max(0, depth - 1)
            sign = " "
        elif quoted and (sign in ";=()" or sign.isspace()):
            sign = _NOT_PLAIN
        if not depth:
            out.append(sign)
    return "".join(out)


def _domain(value: str) -> str:
    """Return the domain of an identity; what stands before the sign @ is the sender's choice."""
    return value.rpartition("@")[2].strip("<>")


def _same_house(own: str, other: str) -> bool:
    """Return whether two domains are one, or one is below the other (relaxed alignment).

    A name that many share ("co.uk", "gov.in") is nobody's house.
    """
    if own == other:
        return True
    upper, lower = sorted((own, other), key=len)
    return lower.endswith(f".{upper}") and not _is_public(upper)


def _is_public(domain: str) -> bool:
    first, _, rest = domain.partition(".")
    if not rest or domain in _PUBLIC:
        return True
    return len(rest) == 2 and (len(first) <= 3 or first in _PUBLIC)
