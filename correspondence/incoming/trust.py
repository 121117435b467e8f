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
    r"(?:^|;)\s*(?P<method>spf|dkim|dmarc|arc)\s*=\s*(?P<result>[a-z]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"\([^()]{0,400}\)")
_SIGNED_BY = re.compile(r"dkim\s*=\s*pass[^;]*?header\.(?:d|i)\s*=\s*@?(?P<domain>[\w.-]+)", re.I)
_SENT_BY = re.compile(
    r"spf\s*=\s*pass[^;]*?smtp\.(?:mailfrom|mfrom)\s*=\s*\S*?@?(?P<domain>[\w.-]+)(?=[\s;]|$)", re.I
)
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
    text = " ".join(_COMMENT.sub(" ", written[0][:_LONGEST]).split())
    by, _, results = text.partition(";")
    verdicts: dict[str, Verdict] = {}
    for found in _METHOD.finditer(f";{results}"):
        verdict = _VERDICTS.get(found["result"].lower(), "unsure")
        method = found["method"].lower()
        # Several signatures: one that holds is enough.
        if verdicts.get(method) != "pass":
            verdicts[method] = verdict
    own = from_address.rpartition("@")[2].lower()
    domains = [
        found["domain"].lower()
        for pattern in (_SIGNED_BY, _SENT_BY)
        for found in pattern.finditer(results)
    ]
    return Trust(
        spf=verdicts.get("spf", "none"),
        dkim=verdicts.get("dkim", "none"),
        dmarc=verdicts.get("dmarc", "none"),
        by=by.strip().split(" ")[0].lower()[:200],
        aligned=bool(own) and any(_same_house(own, domain) for domain in domains),
    )


def _same_house(own: str, other: str) -> bool:
    """Return whether two domains are one, or one is below the other (relaxed alignment)."""
    return own == other or own.endswith(f".{other}") or other.endswith(f".{own}")
