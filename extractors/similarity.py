"""Whether two documents are copies of one report: the same words, and exactly the same numbers.

A second scan or a re-sent print differs in layout and in misread letters. Two reports of one
laboratory differ in a few numbers and in words such as "positive" only, so these are compared
exactly and in order; only the rest of the text may differ a little. In doubt it is no copy.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.types import Page

_BITS = 64
_SHINGLE = 5
_FEWEST_CHARACTERS = 200
_MOST_BITS_APART = 12
_MOST_LENGTH_APART = 0.1
# Running heads and feet stand among these lines of a page.
_HEAD_LINES, _FOOT_LINES = 8, 4
_PAGE_COUNTER = re.compile(
    r"\b(?:page|seite|página|pagina|sayfa|стр\w*\.?)\s*\d+(?:\s*(?:of|von|de|di|из|/)\s*\d+)?",
    re.IGNORECASE,
)
_DECISIVE = re.compile(
    r"[<>≤≥]?\s?\d+(?:[.,]\d+)*\s?\+{0,3}|(?<!\S)[Il|](?![^\s.,;)])|"
    r"\b(?:positive|negative|equivocal|indeterminate|present|absent|not|no|non|without|free|"
    r"involved|uninvolved|left|right|bilateral|benign|malignant|amended|addendum|revised|"
    r"positif|négatif|positivo|negativo|positiv|negativ|pozitif|nicht|kein\w*|ohne|sans|sin|sem|"
    r"não|не|нет|без|левой|правой|положительн\w+|отрицательн\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a document's text to know a copy of it: nothing can be read back from it.

    `simhash` is a 64-bit hash that is close for texts that share most of their five-character
    runs, `decisive` a hash of the numbers and deciding words in order, `length` the characters
    compared.
    """

    simhash: int
    decisive: str
    length: int

    def to_json(self) -> dict[str, str | int]:
        """Return the fingerprint as JSON; `simhash` as hexadecimal, numbers do not hold it."""
        return {"simhash": f"{self.simhash:016x}", "decisive": self.decisive, "length": self.length}


def fingerprint_from_json(raw: object) -> Fingerprint | None:
    """Return what `Fingerprint.to_json` wrote, or None when `raw` is nothing of the kind."""
    if not isinstance(raw, Mapping):
        return None
    try:
        return Fingerprint(int(str(raw["simhash"]), 16), str(raw["decisive"]), int(raw["length"]))
    except (KeyError, ValueError, TypeError):
        return None


def fingerprint(pages: Sequence[Page]) -> Fingerprint | None:
    """Return the document's fingerprint; None when it has too little text to be compared."""
    text = unicodedata.normalize("NFKC", _without_running_heads(pages))
    letters = "".join(c for c in text.lower() if c.isalnum())
    if len(letters) < _FEWEST_CHARACTERS:
        return None
    decisive = " ".join(_plain(match[0]) for match in _DECISIVE.finditer(text))
    digest = hashlib.sha256(decisive.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Fingerprint(_simhash(letters), digest, len(letters))


def is_near(one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether the texts are the same but for layout and misread letters."""
    longer = max(one.length, other.length)
    return (
        one.decisive == other.decisive
        and abs(one.length - other.length) <= _MOST_LENGTH_APART * longer
        and (one.simhash ^ other.simhash).bit_count() <= _MOST_BITS_APART
    )


def _without_running_heads(pages: Sequence[Page]) -> str:
    """Join the pages, each running head or foot once, without page counters."""
    seen: set[str] = set()
    kept: list[str] = []
    for page in pages:
        lines = [" ".join(_PAGE_COUNTER.sub(" ", line).split()) for line in page.text.split("\n")]
        lines = [line for line in lines if line]
        edge = set(range(_HEAD_LINES)) | set(range(len(lines) - _FOOT_LINES, len(lines)))
        kept += [line for at, line in enumerate(lines) if at not in edge or line not in seen]
        seen.update(line for at, line in enumerate(lines) if at in edge)
    return "\n".join(kept)


def _plain(token: str) -> str:
    """Return a number or word in one spelling: `1,5` and `1.5`, `٣` and `3` are the same."""
    if token in {"I", "l", "|"}:  # what OCR makes of a figure that stands alone, or "grade I"
        return "1"
    digits = (str(unicodedata.digit(c)) if c.isdecimal() else c for c in token.lower())
    return "".join("." if c == "," else c for c in digits if not c.isspace())


def _simhash(letters: str) -> int:
    shingles = {letters[at : at + _SHINGLE] for at in range(len(letters) - _SHINGLE + 1)}
    votes = [0] * _BITS
    for shingle in shingles:
        raw = hashlib.blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        hashed = int.from_bytes(raw, "big")
        for bit in range(_BITS):
            votes[bit] += 1 if hashed >> bit & 1 else -1
    return sum(1 << bit for bit, vote in enumerate(votes) if vote > 0)
