"""What a clause of a history claims: something given, denied, planned, or of a relative.

A letter speaks of treatment in all of these ways, and only the first two state a fact about the
patient's past. Whoever is not sure gets None: nothing is stated.
"""

from typing import Literal

from extractors.patterns import rx
from extractors.reading import Reading

Claim = Literal["given", "denied"]

_RELATIVE = rx(
    r"\b(?:family (?:history|hx)|(?:grand|step)?(?:mother|father|parents?)|sisters?|brothers?|"
    r"siblings?|aunts?|uncles?|nieces?|nephews?|cousins?|maternal|paternal|relatives?|daughters?|"
    r"sons?\b|husband|wife|spouse|family member)\b"
)
_PLANNED = rx(
    r"\b(?:plan(?:s|ned|ning)?|proposed?|propos\w++|recommend\w*|consider\w*|candidate|scheduled|"
    r"offer(?:ed|ing)?|discuss\w*|intend\w*|advis\w++|suggest\w*|"
    r"will|would|shall|should|could|may (?:be|have|need|receive|undergo|benefit|follow)|"
    r"might|option\w*|eligible|"
    r"(?:is|are) to (?:be|have|receive|start|undergo)|to (?:be|start|commence|receive|undergo|"
    r"follow)|due (?:to|for)|await\w*|expected|"
    r"next \w++|booked|starts?|begins?|commenc\w++|about to|standard|usual(?:ly)?|normally|"
    r"wish\w*|avoid\w*|declin\w+ to decide|decide\w*|favou?rs?|prefer\w*|suitable|fit for|"
    r"(?:outcome|decision|advice|consensus|action)s?(?=\s?[:=])|"
    r"told about|talked about|leaflet|information (?:about|on)|refer(?:red|ral)?|"
    r"if|unless|agreed to|prior to starting|future)\b"
)
_OPEN = rx(
    r"\b(?:pending|outstanding|not (?:yet )?(?:available|known|stated|documented|reported|"
    r"recorded|clear|certain|back)|unknown|unclear|uncertain whether|unsure|"
    r"cannot (?:be|remember|recall|say)|undetermined|"
    r"no (?:information|records?|documentation|details?)|n/a|not applicable|not specified|"
    r"not assessed|not asked|to be (?:confirmed|clarified|done)|whether|query|"
    r"contra-?indicat\w++|indication for|(?:no|not) indicat\w++|need(?:s|ed)?|necess\w++|"
    r"required|"
    r"role|benefit|reason|"
    r"requested|ordered|(?:was|were|has been|have been|is|are) (?:sent|submitted|drawn))\b|\?"
)
_DENIED_BEFORE = rx(
    r"(?:\b(?:no|not|never|denie[sd]|denying|without|nor|neither|nil|absence of|"
    r"negative for|free of|none|declined|refused|"
    r"(?:has|had|have|was|were|did|does|is)n'?t))\b(?:[\s,/()-]++(?!but\b|however\b|although\b|"
    r"except\b|because\b)[\w][\w'/-]*+){0,9}?[\s,/()-]*$"
)
# "No response to chemotherapy", "no residual tumour after radiation" affirm that it was given.
OF_ANOTHER = rx(
    r"\b(?:no|without|little|lack of) (?:\w++ ){0,2}(?:response|reaction|regression|effect|"
    r"residual|"
    r"remission|shrinkage|viable|residue|tumou?r|carcinoma|change|downstaging|progression)\b"
    r"[^.;:\n]{0,30}\b(?:to|after|following|post|despite|on|under|since|status post|s/p)\b"
    r"(?: (?!no\b|not\b)[\w-]++){0,3}? ?$"
)
_DENIED_AFTER = rx(
    r"^[^.;:\n]{0,60}?(?:[:=?-]\s{0,3}|\b(?:is|was|were|are|has|have|had)\b ?(?:been )?)"
    r"(?:no\b(?! (?:residual|viable|response|evidence|tumou?r|effect|regression|carcinoma))|none\b|"
    r"nil\b|never\b|not (?:(?:been|is|was|were|has) )*(?:received|given|performed|done|delivered|"
    r"administered|required|used|"
    r"undertaken|had|undergone)|negative\b|denied\b|declined\b|refused\b|absent\b|0\b)|"
    r"^[^.;:\n]{0,30}?(?:\bnot (?:(?:been|is|was|were|has) )*(?:received|given|performed|done|"
    r"delivered|administered|had|"
    r"undergone)\b|[\s(]none\b|[\s(]denied\b|[\s(]nil\b|\bdeclined\b|\bnever\b|"
    r" (?:is|was|were|has been) (?:done|given|performed) not\b)"
)
_GIVEN_AFTER = rx(
    r"^[^.;:\n]{0,60}?[:=]\s{0,3}(?:yes\b|y\b|given\b|received\b|done\b|completed\b|present\b|"
    r"positive\b|\(?(?:19|20)\d\d|\d|"
    r"[^.;:\n]{0,60}(?:\bc?gy\b|\b(?:19|20)\d\d\b|\breceived\b|\bcompleted\b))|"
    r"^[^.;:\n]{0,60}?\b(?:completed|(?:was|were) (?:given|delivered|administered|received|"
    r"completed)|had been (?:given|delivered|completed)|received|given|delivered|"
    r"(?:in|until|since|between|during|ended|finished) (?:\w++ )?(?:19|20)\d\d)"
)
# "None planned" tells what is to come, not what was.
_TO_COME = rx(
    r"^[^.;,\n]{0,30}?(?<!and )(?<!was )(?<!were )\b(?:planned|scheduled|intended|proposed|"
    r"recommended|considered|offered|foreseen|anticipated)\b"
)
_DENIED_LABEL = rx(
    r"(?:^|[\n-])\s{0,4}(?:not (?:given|received|done|performed)|never|none)\s?:\s*$"
)
# "Prior radiation to the breast:" with nothing behind it asks, and says nothing.
_LABELLED = rx(r"[^.;:\n]{0,60}[:?]")
_ANSWERED = rx(r"^[^.;:?\n]{0,60}\?\s{0,3}(?:yes\b|y\b)")
_GIVEN_BEFORE = rx(
    r"\b(?:received?|receiving|underwent|undergone|complet\w++|treated with|treated by|given|had|"
    r"history of|h/o|past|previous(?:ly)?|prior|earlier|with)\b(?:[^.;]|[.](?=\d)){0,90}$|"
    r"\b(?:status post|s/p|post|after|following|followed by)"
    r"(?:[\s/-]++(?!(?:surgery|lumpectomy|mastectomy|operation|excision|resection)\b)"
    r"[\w.(+-]++){0,8}[\s/-]*$"
)


def is_relative(clause: str) -> bool:
    """Say whether the lower-case clause speaks of a relative."""
    return _RELATIVE.search(clause) is not None


def is_open(clause: str) -> bool:
    """Say whether the lower-case clause only announces, offers, asks or does not know."""
    return _OPEN.search(clause) is not None or _PLANNED.search(clause) is not None


def claim(reading: Reading, start: int, end: int) -> tuple[Claim, int, int] | None:
    """Return what is claimed of the mention `start:end`, with the bounds of the clause that does.

    None when the clause is a plan, a question, about a relative, or merely mentions it.
    """
    left, right = reading.clause(start, end)
    left, right = max(left, start - 240), min(right, end + 240)
    if is_relative(reading.low[left:right]):
        return None
    left = _last(reading.low, left, start)
    right = _first(reading.low, end, right)
    before, after = reading.low[left:start], reading.low[end:right]
    mention = reading.low[start:end]
    clause = before + mention + after
    if _TO_COME.match(after):
        return None
    if _DENIED_LABEL.search(before):
        return "denied", left, right
    if _DENIED_AFTER.match(after):
        return None if _asks(after) or MOOT.search(before) else ("denied", left, right)
    if OF_ANOTHER.search(before):
        return "given", left, right
    if _DENIED_BEFORE.search(before):
        return None if _OPEN.search(clause) else ("denied", left, right)
    if _ANSWERED.match(reading.low[end : end + 80]):
        return "given", left, right
    if is_open(clause):
        return None
    if _GIVEN_AFTER.match(after) or _GIVEN_BEFORE.search(before + mention):
        if _LABELLED.match(reading.low, end) and not _GIVEN_AFTER.match(after):
            return None
        return "given", left, right
    return None


MOOT = rx(r"contra-?indicat\w++|\b(?:need|reason|role|indication|indicated|benefit)\b")


def _asks(after: str) -> bool:
    return (
        rx(r"\b(?:known|available|record\w*|information|stated|document\w*|certain)\b").search(
            after[:90]
        )
        is not None
    )


_TURN = rx(r"\b(?:but|however|although|though|whereas|while|now)\b|,? (?:who|which) now\b")


def _last(low: str, left: int, start: int) -> int:
    for match in _TURN.finditer(low, left, start):
        left = match.start()
    return left


def _first(low: str, end: int, right: int) -> int:
    match = _TURN.search(low, end, right)
    return match.start() if match else right
