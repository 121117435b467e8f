"""ConText for pathology: is a mention affirmed, denied, doubted, of the past or of a relative?

After Harkema et al. 2009 (ConText): triggers before or after a mention, with a scope that ends
at the clause. The trigger lists are those pathologists use.
"""

import re
from typing import Literal

from extractors.patterns import rx
from extractors.reading import Reading

Polarity = Literal["present", "absent", "unknown"]

# A single space stays as it is: most of a text's white space is that.
_SPACES = re.compile(r"\s{2,}|[^\S ]")
# A longer clause is a scan's noise, and searching it for each mention is quadratic.
_SENTENCE = 400
# Immediately in front of the mention.
_DENIED_BEFORE = rx(
    r"(?:\b(?:no|without|absence of|absent|lacks?|lacking|negative for|free of|neither|nor|not|"
    r"fails? to (?:show|reveal|demonstrate)|rule(?:s|d) out|denies|uninvolved by|"
    r"no (?:\w++ ){0,3}(?:evidence|sign|signs|foci|focus|presence|"
    r"features?) (?:of|for|suggest\w++)|"
    r"not? (?:definite|definitive|unequivocal|convincing|obvious|significant|apparent)))"
    r"(?:[\s,/-]++(?!but\b|and (?:is|are|with)\b|however\b|although\b|except\b|"
    r"identified\b|seen\b)[\w(][\w()'/-]*+){0,7}[\s,/(-]*$"
)
_AFTER_SKIP = (
    r"^[\s:.,;)(\"'*_=/-]{0,8}(?:\((?!\s?[+-])[^)]{0,40}\)[\s:.,-]*)?(?:(?:invasion|"
    r"involvement|extension|space|status|is|are|was|were|being|has|have|been|"
    r"tumou?r|carcinoma|present\?|identified\?|or|and|perineural|venous|"
    r"lymphatic|vascular|angiolymphatic|blood|vessel|large|small|extent|both|"
    r"(?:and|or) (?:pni|lvs?i|emvi)|"
    r"focal(?:ly)?)[\s:.,;()/-]{1,4}){0,5}"
)
_DENIED_AFTER = rx(
    _AFTER_SKIP + r"(?:not (?:\w++ ){0,2}(?:identified|seen|present|detected|found|observed|"
    r"evident|noted|demonstrated|"
    r"involved|recognized|appreciated|visible|apparent|visuali[sz]ed)|absent|"
    r"none\b|no\b(?! (?:of|number|slides))|negative|"
    r"nil\b|unremarkable|uninvolved|excluded|without|\(-\)|not?[-.]identified|"
    r"nonidentified|is not\b|neg\b|0\b(?! ?[.,%]))"
)
# "Ductal carcinoma, no lymphovascular invasion": the denial is of what follows it.
_ANOTHER = re.compile(
    r"(?:,\s?(?:but |with |and )?|\s(?:and|but|with)\s(?:with\s)?)(?:no|without)\Z"
)
_ANOTHER_NAMED = re.compile(
    r"\s(?!(?:evidence|definit|unequivoc|identif|seen|present|detect|found|sign|of|it)\b)[a-z]"
)
# "No lymphovascular invasion, DCIS present": the denial ends at the comma.
_OF_ITS_OWN = re.compile(r",\s(?!(?:or|nor|and)\b)[^,]{0,20}\Z|,\s?\Z")
_PRESENT_AFTER = rx(r"^[\s:(-]{0,4}(?:is |are |was )?(?:present|positive|yes)\b")
_AFFIRMED_AFTER = rx(
    _AFTER_SKIP + r"(?:present|identified|seen|positive|yes\b|noted|detected|found|extensive|"
    r"focal(?:ly)?\b|observed|"
    r"evident|prominent|numerous|abundant|confirmed|\(\+\)|\+|pos\b|multifocal|minimal|rare|few|"
    r"limited|massive|marked)"
)
_UNSURE_AFTER = rx(
    _AFTER_SKIP + r"(?:indeterminate|cannot be|can not be|could not be|could neither|"
    r"neither (?:\w++ ){1,3}nor (?:be )?(?:excluded|ruled out)|"
    r"(?:present|absent|yes|no|positive|negative|identified)\s?/\s?(?:present|absent|yes|no|"
    r"positive|negative|not identified|identified)\b|"
    r"(?:yes\s{0,3}no|no\s{0,3}yes)\b|"
    r"not (?:seen|present|identified|found) (?:away|outside|beyond|elsewhere|apart)\b|"
    r"(?:seen|present|identified|found) only (?:in|on) (?:the )?(?:core|biopsy|previous|prior)|"
    r"not (?:be )?(?:assessed|assessable|applicable|specified|"
    r"determined|evaluated|evaluable|reported|stated|provided|given|mentioned)|"
    r"n/a\b|na\b|unknown|pending|see comment|see note|"
    r"suspicious|suspected|equivocal|questionable|uncertain|possible|\?|difficult)"
)
_UNSURE_BEFORE = rx(
    r"\b(?:suspicious for|suspicion of|suggestive of|suggesting|possible|"
    r"possibly|questionable|cannot exclude|"
    r"can not exclude|cannot rule out|rule out|r/o|evaluate for|evaluation for|"
    r"equivocal|concerning for|probable|"
    r"indeterminate for|no (?:information|data|details?|records?|documentation|statement) "
    r"(?:about|on|of|for|regarding|concerning)|to exclude|assess(?:ment)? (?:for|of)|"
    r"may represent|definition of|if|not diagnostic (?:of|for))"
    r"(?:[\s,/-]++[\w(][\w()'/-]*+){0,3}[\s,/(-]*$"
)
# The answer before its label: "Not identified: perineural invasion", "Present: DCIS, LCIS".
_LIST = r"\s?:\s?(?:[\w-]++(?:\s[\w-]++){0,4}(?:,|\sand|\sor)\s){0,4}$"
_DENIED_LABEL = rx(
    r"(?:^|[-#])\s?(?:absent|none|not (?:identified|seen|present|found|detected|given|received))"
    + _LIST
)
_AFFIRMED_LABEL = rx(r"(?:^|[-#])\s?(?:present|identified|seen|found|positive)" + _LIST)
_AFFIRMED_BEFORE = rx(
    r"\b(?:positive for|with|shows?|showing|there (?:is|are|was|were)|evidence of|has|had)"
    r"(?: (?:an?|focal|multifocal|definite|extensive|associated))? $"
)
_PAST_BEFORE = rx(
    r"\b(?:history of|previous(?:ly)?|prior|past|s/p|status post|h/o|"
    r"known)(?:[\s,/-]++[\w(][\w()'/-]*+){0,4}[\s,/(-]*$"
)
FAMILY = rx(
    r"\b(?:family (?:history|hx)|mother|father|sister|brother|aunt|uncle|"
    r"grandmother|grandfather|cousin|nieces?|nephews?|daughters?|siblings?|parents?|"
    r"maternal|paternal|relatives?)\b"
)


# Behind a stop an answer may stand ("Perineural invasion. No."), or a denial of another thing.
_NEXT_SENTENCE = re.compile(
    r"[.;]\s{1,3}(?:no|not|negative for)\s(?!evidence(?!\s(?:of|for)\s(?!it\b|this\b|"
    r"that\b))|definit|unequivoc|identif|seen|present|"
    r"detect|found|applicable|observ|evident|demonstr|convincing|obvious)[a-z]"
)


def polarity(reading: Reading, start: int, end: int, *, bare: Polarity = "unknown") -> Polarity:
    """Return what the clause says of the mention `start:end`.

    `bare` is the answer when the clause only mentions it ("carcinoma with lymphatic invasion").
    """
    left, right = reading.clause(start, end)
    before = reading.low[max(left, start - 90) : start]
    after = reading.low[end : max(min(right, end + 160), end + 24)]
    if _NEXT_SENTENCE.match(reading.low, right):
        after = reading.low[end : min(right, end + 160)]
    if after.lstrip().startswith(":"):
        after = reading.low[end : end + 160]
    return polarity_of(before, after, bare)


def polarity_of(before: str, after: str, bare: Polarity) -> Polarity:
    """Return what the lower-case words before and after a mention say of it."""
    before, after = _SPACES.sub(" ", before), _SPACES.sub(" ", after)
    labelled = after.lstrip().startswith(":")
    if _UNSURE_BEFORE.search(before) or _UNSURE_AFTER.match(after):
        return "unknown"
    if _is_denied_after(after):
        return "absent"
    if labelled and _AFFIRMED_AFTER.match(after):
        return "present"
    denied = _DENIED_BEFORE.search(before)
    if denied and not (_OF_ITS_OWN.search(denied[0]) and _PRESENT_AFTER.match(after)):
        return "absent"
    if _AFFIRMED_AFTER.match(after):
        return "present"
    if _DENIED_LABEL.search(before):
        return "absent"
    if _AFFIRMED_LABEL.search(before) or (not labelled and _AFFIRMED_BEFORE.search(before)):
        return "present"
    return bare


def _is_denied_after(after: str) -> bool:
    denied = _DENIED_AFTER.match(after)
    if denied is None:
        return False
    of_another = _ANOTHER.search(denied[0]) and _ANOTHER_NAMED.match(after, denied.end())
    return not of_another


def is_suspected(reading: Reading, start: int, end: int) -> bool:
    """Say whether the words before the mention make it a suspicion only."""
    left, _ = reading.clause(start, end)
    before = _SPACES.sub(" ", reading.low[max(left, start - 90) : start])
    return _UNSURE_BEFORE.search(before) is not None


_CORE_LABEL = rx(r"\b(?:core|needle)(?: biops\w+)?(?: diagnosis)?\s?:[^.;\n]*$")
_EXCISION_LABEL = rx(
    r"\b(?:excision|resection|lumpectomy|mastectomy|wle|surgical specimen)(?: specimen)?\s?:"
)

_SPECIMEN_LABEL = rx(r"\b(?:operation )?specimen\s?:")


def is_of_core(reading: Reading, start: int) -> bool:
    """Say whether `start` stands behind "Core:" in a document that tells of "Excision:" too.

    The whole tumour lies on the table there: its type and grade are those of the excision. The
    receptors of the core stand, they are rarely done again.
    """
    left, _ = reading.clause(start, start + 1)
    if _CORE_LABEL.search(reading.low, max(left, start - 120), start) is None:
        return False
    last, excised = _labels_of_excision(reading)
    return last >= start or excised


def _labels_of_excision(reading: Reading) -> tuple[int, bool]:
    """Return where "Specimen:" stands last, -1 for nowhere, and whether "Excision:" stands."""
    held = reading.kept.get("labels of excision")
    if not isinstance(held, tuple):
        last = max((match.start() for match in _SPECIMEN_LABEL.finditer(reading.low)), default=-1)
        held = last, _EXCISION_LABEL.search(reading.low) is not None
        reading.kept["labels of excision"] = held
    return held


def is_family(reading: Reading, start: int, end: int) -> bool:
    """Say whether the line or lines of one statement speak of a relative.

    What stands on the lines below, without a stop between, is doubtful (`extractors.scope`).
    """
    left, right = reading.told_line(start, end)
    left, right = max(left, start - _SENTENCE), min(right, end + _SENTENCE)
    return FAMILY.search(reading.low, left, right) is not None


def is_past(reading: Reading, start: int) -> bool:
    """Say whether the words right before `start` put the mention into the past."""
    left, _ = reading.clause(start, start + 1)
    return _PAST_BEFORE.search(reading.low[max(left, start - 70) : start]) is not None


_PENDING = rx(
    r"\b(?:pending|(?:has|have) been (?:ordered|requested|sent)|will (?:be|follow)|to follow|"
    r"(?:is|are|was|were) (?:sent|ordered|submitted|requested)|ordered|sent for|"
    r"submitted for|requested|(?:is|are) (?:planned|scheduled))\b"
)


def is_pending(reading: Reading, start: int, end: int) -> bool:
    """Say whether the clause only announces a result."""
    left, right = reading.clause(start, end)
    return is_announced(reading.low[max(left, start - 120) : min(right, end + 120)])


def is_announced(words: str) -> bool:
    """Say whether lower-case words announce a result that is still to come."""
    return _PENDING.search(words) is not None


__all__ = [
    "FAMILY",
    "Polarity",
    "is_announced",
    "is_family",
    "is_of_core",
    "is_past",
    "is_pending",
    "is_suspected",
    "polarity",
    "polarity_of",
]
