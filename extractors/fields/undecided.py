"""Codes that a page denies or leaves open: "not R0", "R0/R1", "R0 was not achieved", "not pN0"."""

from extractors.patterns import rx

_DENIED = rx(
    r"(?<!if )(?<!whether or )\b(?:not|no|non|never|nor|neither|rather than|instead of)[\s-]{1,2}"
    r"(?:an? |the )?(?:\(\s?)?\Z"
)
_PAIRED_BEFORE = rx(r"(?<![a-z0-9])r ?[012] ?(?:/|or|vs\.?|versus|to) ?\Z")
_PAIRED_AFTER = rx(r"^ ?(?:/|or|vs\.?|versus|to) ?r? ?[012](?![a-z0-9.,]*\d)\b")
_NOT_REACHED = rx(r"^(?: resection| status)?(?: is| was| has| could)? not\b(?! r)")
R_GOES_ON = (
    r"(?=\s{1,2}(?:g\s?[1-4]|l\s?[01]|v\s?[0-2]|pn\s?[01])(?![a-z0-9]))|(?=\s(?:at|on)\s)|"
    r"(?=\s\(?(?:lateral|medial|deep|posterior|anterior|superior|inferior|marginal|cranial|"
    r"caudal)\b)"
)
"""What may follow an R code without a stop: other codes, or the margin that it is about."""
_CODE = rx(r"r ?\(?[012]\)?")


def is_denied(low: str, start: int) -> bool:
    """Say whether the words before a code deny it."""
    return _DENIED.search(low[max(0, start - 30) : start]) is not None


def is_undecided_residual(low: str, start: int, end: int) -> bool:
    """Say whether an R0, R1 or R2 within `start` and `end` is denied, or one of two."""
    codes = list(_CODE.finditer(low, start, end))
    if not codes:
        return False
    code = codes[-1]
    before, after = low[max(0, code.start() - 30) : code.start()], low[code.end() : code.end() + 40]
    return bool(
        is_denied(low, code.start())
        or _PAIRED_BEFORE.search(before)
        or _PAIRED_AFTER.match(after)
        or _NOT_REACHED.match(after)
    )
