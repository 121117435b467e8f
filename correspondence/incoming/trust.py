"""Who says that a letter comes from where it says: what the receiving server wrote on it.

Senders write Authentication-Results fields as well (RFC 8601): a field counts only when it names a
server of ours, and of those the topmost, for a server writes above what the sender wrote.
"""

import re
from collections.abc import Collection
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
    `aligned` is whether what passed belongs to the domain in From. `unread` says that a name could
    not be looked up: another try may know more.
    """

    spf: Verdict = "none"
    dkim: Verdict = "none"
    dmarc: Verdict = "none"
    by: str = ""
    aligned: bool = False
    unread: bool = False

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


def read_trust(
    message: Message, from_address: str, believed: Collection[str] | None = None
) -> Trust:
    """Return what the Authentication-Results field of a server of ours says of a message.

    `believed` are the names of our servers (authserv-ids, lower case). Where they are not known
    (empty), the topmost field is heard when it speaks against the letter, and proves nothing for
    it. None: the topmost as it stands, for who knows where the file comes from.
    """
    own = from_address.rpartition("@")[2].lower()
    fields = [str(value)[:_LONGEST] for value in message.get_all("Authentication-Results", [])]
    said = [(_server_of(value), value) for value in fields]
    if believed:
        said = [(by, value) for by, value in said if by in believed]
    if not said:
        return Trust()
    by, value = said[0]
    trust = trust_in(_bare(value).partition(";")[2], own, by)
    if believed is not None and not believed and trust.standing != "not_authentic":
        return Trust()
    return trust


def _server_of(value: str) -> str:
    """Return the authserv-id that a field begins with."""
    return next(iter(_bare(value).split(";")[0].split()), "").lower()[:200]


def trust_in(results: str, own: str, by: str) -> Trust:
    """Return what the results of a field, without the server's name, say of a sender at `own`."""
    clauses = _bare(results).split(";")
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
        by=by,
        aligned=bool(own) and any(same_house(own, domain) for domain in domains),
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


def same_house(own: str, other: str) -> bool:
    """Return whether two domains are one, or one is below the other (relaxed alignment).

    A name that many share ("co.uk", "gov.in") is nobody's house.
    """
    if own == other:
        return True
    upper, lower = sorted((own, other), key=len)
    return lower.endswith(f".{upper}") and not is_public(upper)


def is_public(domain: str) -> bool:
    """Return whether many strangers have their names below this one."""
    first, _, rest = domain.partition(".")
    if not rest or domain in _PUBLIC:
        return True
    return len(rest) == 2 and (len(first) <= 3 or first in _PUBLIC)
