"""Which verdict a count of nodes belongs to: "12/14 negative" counts those that are free.

A count of free nodes says how many are positive only if the rest is plainly involved, or if all
are free. Otherwise it is a row with `free`, which `extractors.fields.node_ledger` asks about.
"""

import re
from collections.abc import Iterator

from extractors.fields.node_rows import NODES, Row
from extractors.patterns import COUNT, count_of, rx

_TUMOUR = r"(?:metasta\w++|malignan\w++|tumou?rs?|carcinomas?|cancer|disease|neoplas\w++)"
_BETWEEN = r"(?:(?:any|evidence|signs?|of|for|definite|metastatic|malignant|residual nodal) )*"
_EDGE = (
    rf"(?= ?(?:[.,;:)]|(?m:$)|\n|\s{{2}}|/|[yr]?p[tn]\d|"
    rf"(?:lymph )?{NODES}|(?:for|of|from) {_BETWEEN}{_TUMOUR}|"
    r"(?:and|but|while|by|on|histolog\w++|only|the|in)\b))"
)
FREE = (
    rf"(?:(?:negative|free|clear|uninvolved|not (?:involved|affected|positive)|unaffected|benign|"
    rf"-ve|reactive|unremarkable|normal|(?:tumou?r|carcinoma|cancer|metastas[ie]s)[\s-]{{0,2}}free)"
    rf"{_EDGE}|(?:no|without|lack\w*+|devoid of|"
    rf"(?:do(?:es)?|did) not (?:contain|show|have|harbou?r|reveal)) {_BETWEEN}(?:{_TUMOUR}|"
    r"involvement)(?! (?:cells|deposits?|in the breast)))"
)
SICK = (
    r"(?:positive|\+ve\b|involved|affected|infiltrated|metasta(?:sis|ses|tic|si[sz]ed)\b|macro-?metasta\w++|"
    r"micro-?metasta\w++|diseased|not (?:free|clear|negative))"
)
_LINK = (
    rf"(?:are|is|were|was|be|been|being|all|both|only|found|to|left|right|axillary|sentinels?|"
    rf"regional|pelvic|mesorectal|peripancreatic|non-?sentinel|lymph|{NODES}|sln?s?|lns?|which|"
    rf"that|of|them|these|histologically|examined|removed|sampled|identified|retrieved|in|within|"
    rf"the|show\w*+|with|have|has|had|prove[dn]?|remain\w*+|appear\w*+|reported|as|completely|"
    rf"entirely|sections?|total|status)"
)
# "1/2 sentinel nodes, non-sentinel nodes negative": a comma may begin another group.
_AFTER = re.compile(
    rf"(?:[\s:()=-]|,(?!\s?(?:non|axill|sentinel|sln|lymph|nodes|level))|\b{_LINK}\b){{0,24}}?(?<![\w-]){rx(FREE).pattern}"
)
_BEFORE = re.compile(
    rf"(?<![\w-])(?P<free>{rx(FREE).pattern})(?P<link>(?:[^\S\n]|[,:()=/-]|\b(?:for|out|{_LINK}|"
    rf"{_TUMOUR})\b){{0,24}})$"
)
_RATIO = rx(
    r"(?:negative|free|uninvolved|benign|clear)\)? ?(?:/|:|of|out of) ?(?:the )?"
    rf"(?:total|all|examined|removed)(?: (?:lymph )?{NODES})?[\s:()=-]{{0,6}}$"
)
_OTHERS = re.compile(
    r"\b(?:er|pr|pgr|her-?2\S*|lvi|pni|margins?|invasion|extension|ki-?67)\b[^.;,]{0,25}$"
)
_CLAUSE = re.compile(r"[.;](?=\s|$)|\n\s*\n")
_REST = rx(
    rf"[\s,;.]{{0,4}}(?:(?:and|but|while|whereas|in|with) )?(?:(?:the|all|of) )*"
    rf"(?:(?P<rest>other|others|rest|remaining|remainder)(?: (?P<n>{COUNT}))?|(?P<m>{COUNT}))"
    rf"(?: (?:lymph )?{NODES})?(?: (?:is|are|were|was|all|both|show\w*+|contain\w*+|with|ha[sv]e?"
    rf"|in))*[\s:]{{0,2}}(?<!no )(?<!not )(?:{SICK}|carcinoma|metasta\w++)"
)
_VERBS = (
    r"(?:is|are|was|were|identified|examined|found|present|dissected|recovered|isolated|seen|"
    r"retrieved|removed|sampled|resected|in total|total)"
)
_TURNED = rx(
    rf"(?<![/\d])\b(?P<e>{COUNT})(?! ?[cm]m\b)(?: \(\d{{1,2}}\))?(?: [a-z-]++){{0,3}}? {NODES}"
    rf"(?: {_VERBS})*[\s,;:(-]{{1,4}}(?:(?:and|with|but) )?(?:of which |of these |of them |out of "
    rf"which |among them |only )?(?P<f>{COUNT})"
    rf"(?: of (?:which|them|these))?(?: (?:lymph )?{NODES})?"
    rf"(?: (?:is|are|was|were|show\w*+|contain\w*+|with|to be|found|have|had))*\s{{1,3}}{FREE}"
)
_TURNED_IN = rx(
    rf"(?<![/\d])\b(?P<e>{COUNT})(?! ?[cm]m\b)(?: [a-z-]++){{0,3}}? {NODES}(?: {_VERBS})*"
    rf"[\s,;:(-]{{1,4}}(?:with )?{FREE} (?:in|within|of) (?:only |just )?"
    rf"(?P<f>{COUNT})\b(?! ?(?:of|/|mm|cm))"
)
_FREE_OF = rx(
    rf"(?<![/\d])\b(?P<f>{COUNT}) (?:negative|free|clear|benign|uninvolved|unaffected|reactive|"
    rf"tumou?r[\s-]{{0,2}}free) (?:out )?of (?:the )?(?P<e>{COUNT})"
    rf"(?:(?: [a-z-]++){{0,2}} {NODES}|(?= ?[.,;)]))"
)
_EXCEPT = re.compile(
    r"[^.;]{0,40}?\b(?:except\w*|apart from|other than|but for|but one|but two|save|bar)\b"
)
_DENIED = rx(
    r"\b(?:not(?: (?:all|every|each|both))?|no the|(?:none|neither|hardly any) of)"
    r"(?: of)?(?: the)? $"
)


def free_of(low: str, start: int, end: int) -> bool:
    """Say whether the count of nodes at `start:end` is told by a verdict of freedom."""
    if _AFTER.match(_CLAUSE.split(low[end : end + 120])[0]):
        return True
    before = _CLAUSE.split(low[max(0, start - 90) : start])[-1]
    if _RATIO.search(before) or re.search(r"\bwithout\s?[:(]\s?$", before):
        return True
    found = _BEFORE.search(before)
    if found is None or _OTHERS.search(before[: found.start()]):
        return False
    if re.search(r"\bnot $|\bnot\s+(?:all\s+)?$", before[: found.start()]):
        return False
    return "," not in found["link"] or re.search(NODES, before[: found.start()]) is not None


def denied_before(low: str, start: int) -> bool:
    """Say whether "not all", "none of the" stands before the nodes at `start`."""
    return _DENIED.search(low[max(0, start - 20) : start]) is not None


def excepted(low: str, end: int) -> bool:
    """Say whether "except one" goes on behind the verdict that ends at `end`."""
    return _EXCEPT.match(low, end) is not None


def positive_beside(low: str, end: int, free: int, examined: int) -> int | None:
    """Return how many are positive of `examined` nodes of which `free` are free, or None.

    None unless all are free or the words behind `end` say that the rest is not.
    """
    if free == examined:
        return 0
    ahead = low[end : end + 140]
    verdict = _AFTER.match(ahead)
    rest = _REST.match(ahead, verdict.end() if verdict else 0)
    if rest is None:
        return None
    said = rest["n"] or rest["m"]
    count = count_of(said) if said else examined - free
    return count if count == examined - free else None


def turned(low: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield free, examined and place of "14 nodes, 12 of which are free", "14, no tumour in 12"."""
    for pattern in (_TURNED, _TURNED_IN, _FREE_OF):
        for match in pattern.finditer(low):
            free, examined = count_of(match["f"]), count_of(match["e"])
            if free is not None and examined and free <= examined:
                yield free, examined, match.start(), match.end()


_SEGMENT = rx(
    rf"(?<!of )(?<!of the )(?<!all )(?<![/\d.#-])(?:\b(?P<n>{COUNT})|\b(?P<one>an?|another|the "
    rf"other)\b)(?: \(\d{{1,2}}\))?(?: (?:further|more|additional|axillary|non-? ?sentinel|"
    rf"sentinel|intramammary|left|right|other|level (?:i{{1,3}}|[123])))*"
    rf"(?P<node> {NODES})?"
    rf"(?: {_VERBS}| (?:show\w*+|contain\w*+|have|has|with))*[\s:(-]{{1,3}}"
    rf"(?:(?P<free>{FREE}|without(?=[\s,]{{1,3}}(?:and )?{COUNT} with\b))|"
    rf"(?:an? )?(?:\d[\d.]* ?[cm]m )?(?P<sick>{SICK}))"
)
_BETWEEN_SEGMENTS = re.compile(
    r"[\s,;.:/()]*(?:(?:and|but|while|whereas|for (?:metastasis|tumou?r|malignancy|carcinoma)|"
    r"of tumou?r|disease|nodes?|lymph)\b[\s,;.:/()]*){0,3}"
)


def beside(low: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield positive, examined and place of "one node positive, four negative": one ledger."""
    chain: list[re.Match[str]] = []
    for match in _SEGMENT.finditer(low):
        if chain and not _BETWEEN_SEGMENTS.fullmatch(low, chain[-1].end(), match.start()):
            yield from _ledger_of(low, chain)
            chain = []
        chain.append(match)
    yield from _ledger_of(low, chain)


def _ledger_of(low: str, chain: list[re.Match[str]]) -> Iterator[tuple[int, int, int, int]]:
    both = any(m["free"] for m in chain) and any(m["sick"] for m in chain)
    if not both or not (
        any(m["node"] or _NODES_NEXT.match(low, m.end()) for m in chain)
        or _headed(low, chain[0].start())
    ):
        return
    counts = [(1 if m["one"] else count_of(m["n"]) or 0, bool(m["sick"])) for m in chain]
    positive = sum(count for count, sick in counts if sick)
    yield positive, sum(count for count, _ in counts), chain[0].start(), chain[-1].end()


_NUMBERED = rx(
    rf"\b{NODES} (?:#|no\.? ?|number )?(?P<i>\d)\b[\s:,-]{{1,3}}(?:(?:is|was|shows?|with) )?"
    rf"(?:(?P<free>{FREE})|(?P<sick>{SICK}))"
)


def numbered(low: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield positive, examined and place of "node 1: negative, node 2: positive"."""
    run: list[re.Match[str]] = []
    for match in [*_NUMBERED.finditer(low), None]:
        following = (
            match is not None
            and run
            and int(match["i"]) == len(run) + 1
            and not re.search(r"[;\n]|.{60}", low[run[-1].end() : match.start()])
        )
        if not following:
            if len(run) > 1:
                yield sum(bool(m["sick"]) for m in run), len(run), run[0].start(), run[-1].end()
            run = []
        if match is not None and int(match["i"]) == len(run) + 1:
            run.append(match)


_NODES_NEXT = re.compile(rf"\s{{1,2}}{NODES}")


def _headed(low: str, start: int) -> bool:
    return re.search(rf"{NODES}\s?[:(-]\s?$", low[max(0, start - 20) : start]) is not None


_SICK_NODE = rx(
    rf"(?:\b(?:one|others?|remaining|rest|another|{NODES}|sentinels?)\b|#|"
    rf"(?:(?<![a-z\d-])|{NODES}|ln)\d)(?: [a-z-]++){{0,2}}?"
    rf"[\s:,-]{{1,3}}(?:(?:is|are|was|were|with|shows?|contains?|a|an) ){{0,2}}"
    rf"(?P<sick>{SICK})(?! ?[:=]| ?\(\d| (?:is |are |was |were )?(?:not|absent|nodes? ?[:=])|"
    r"[^.;]{0,30}(?:isolated|\bitcs?\b))|"
    r"present in (?:only )?(?:one|two|three|\d{1,2})(?= ?[.,;])"
)
_DENYING = re.compile(
    r"\b(?:no|not|none|negative|without|free|nil|zero|0|absence|neither|nor|er|pr|her-?2|margins?|"
    r"number|for|if|suspic\w+|ki-?67|isolated|(?:cyto)?keratin|receptors?|e-?cadherin)\b"
)
# "14 free lymph nodes. Hormone receptors positive": another sentence with words of its own.
_NEXT_SENTENCE = re.compile(r"[.;]\s+(?!(?:is|are|was|were|with|shows?|contains?|an?)\b)\w")


# "Eleven lymph nodes identified. Metastatic carcinoma in four": counted, and not read as a count.
_COUNTED = rx(
    rf"(?<![/\d])\b{COUNT}(?! ?(?:[cm]m|%))(?: [a-z-]++){{0,2}} {NODES}\b[^;]{{0,90}}?"
    rf"(?:{SICK}|carcinoma) in (?:only )?{COUNT}\b(?! ?(?:of|/|mm|cm|%|quadrant|foci|block|core))"
)


def unread(low: str) -> tuple[int, int] | None:
    """Return where nodes are counted and some called positive in words that no pattern reads."""
    for match in _COUNTED.finditer(low):
        if not _DENYING.search(low[match.start() : match.end()]):
            return match.start(), match.end()
    return None


def sick_beside(low: str, row: Row) -> tuple[int, int] | None:
    """Return where a node is called positive beside a row that says that all are free."""
    first = max(0, row.start - 90)
    begin = first + (low[first : row.start].rfind("\n\n") + 1)
    until = low.find("\n\n", row.end, row.end + 110)
    until = until if until >= 0 else min(len(low), row.end + 110)
    for match in _SICK_NODE.finditer(low, begin, until):
        clause = re.split(r"[.;,]\s", low[max(begin, match.start() - 45) : match.end()])[-1]
        inside = row.start < match.end() <= row.end
        if match["sick"] and _NEXT_SENTENCE.search(low, match.start(), match.start("sick") - 1):
            continue
        if not inside and not _DENYING.search(clause):
            return match.start(), match.end()
    return None
