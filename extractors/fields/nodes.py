"""Lymph nodes examined and positive: labelled counts, fractions, sentences, and their totals."""

import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.candidates import Candidate
from extractors.fields.markers import number_of
from extractors.fields.node_totals import Count, distinct, merge, settle
from extractors.patterns import COUNT, COUNT_IN_TEXT, count_of, rx
from extractors.reading import Reading

_NODES = r"(?:lymph[\s-]{0,2}nodes?|nodes?|\bln'?s?\b|lymphonodes?|lymphonodi)"
_EXAMINED = rx(
    rf"(?:(?:total )?(?:number|no\.?|#) (?:of )?(?:regional |axillary |sentinel |"
    rf"all )?(?:lymph )?(?:nodes? )?(?:examined|found|identified|recovered|"
    rf"sampled|retrieved|received|submitted|removed|present)"
    rf"|(?:lymph )?nodes? (?:examined|sampled|retrieved|recovered|found)|"
    rf"total (?:number )?(?:of )?(?:regional )?(?:lymph )?nodes?(?: examined)?|"
    rf"number of (?:regional )?(?:lymph )?nodes?|examined)"
    rf"(?: ?\([^)]{{0,45}}\))?\s?(?:[:;=-]|is|was|"
    rf"were)[\s;:]{{0,3}}(?P<e>{COUNT})(?![\d/]|\s?[.]\d| ?cm)"
)
_POSITIVE = rx(
    rf"(?:(?:total )?(?:number|no\.?|#) (?:of )?(?:regional |axillary |lymph |"
    rf"sentinel )*(?:nodes? )?(?:involved|positive|with (?:macro|"
    rf"micro)?-?(?:metast\w++|tumou?r|carcinoma))|(?:lymph )?nodes? (?:positive|"
    rf"involved|with metast\w++)|number of (?:positive|involved|"
    rf"metastatic) (?:lymph )?nodes?|positive|involved|"
    rf"total positive (?:lymph )?nodes?)"
    rf"(?: (?:by|for|with) (?:tumou?r|carcinoma|"
    rf"metasta\w++))?(?: ?\([^)]{{0,45}}\))?\s?(?:[:;=-]|is|"
    rf"was)[\s;:]{{0,3}}(?P<p>{COUNT}|none)(?![\d/]|\s?[.]\d| ?cm|\s?%|\s?\+)"
)
_FRACTION = re.compile(
    r"(?<![\d/.,x-])(?P<p>\d{1,2}|(?<=[\s(])o)\s?/\s?(?P<e>\d{1,3})(?![\d/%]|"
    r"\s?[.,]\d|\s?(?:cm|mm|hpf))"
)
_OF = rx(
    rf"(?P<p>{COUNT}|(?<=\()\d{{1,2}}|\bno\b|\bnone\b|\ball\b|"
    rf"\ba single\b)(?: \(\d+\))?(?: (?:positive|"
    rf"involved))?(?: (?:lymph )?nodes?)?(?: (?:\w++ ){{0,2}}metastas[ei]s)? "
    rf"\(?(?:out )?of (?:the |a total of |total |"
    rf"all )?(?P<e>{COUNT})(?: \((?P<e2>\d+)\))?(?= ?(?:\w[\w-]*+[\s,]++)"
    rf"{{0,5}}?{_NODES}|\s?\)?[\s,.;:]|$)"
)
_CLEAN = rx(
    rf"(?:\b(?P<e>{COUNT_IN_TEXT}|multiple|several|"
    rf"single)(?: \((?P<e2>\d{{1,2}})\))?(?: (?:\(\d+/\d+\)|[a-z-]++|"
    rf"#\d)){{0,5}} {_NODES}(?: \([^)]{{0,25}}\))?[\s,:;-]{{0,4}}(?:\w++[\s,]++)"
    rf"{{0,3}}?(?:(?:is|are|all|with|show\w*|histologically|identified|found|"
    rf"examined|which|both|each|excision|biopsy|dissection)[\s,:-]{{1,3}}){{0,4}}"
    rf"(?:negative|free|no (?:\w++ ){{0,3}}(?:tumou?r|metasta\w++|malignan\w++|"
    rf"carcinoma|neoplas\w++|evidence|pathologic)|benign|without|uninvolved|"
    rf"not involved|reactive|unremarkable|tumou?r-free|hyperplas|sinus hist|"
    rf"with reactive|neither))"
)
_CLEAN_BEFORE = rx(
    rf"(?:benign|negative|uninvolved|tumou?r-?free|reactive|unremarkable|"
    rf"no (?:evidence of )?(?:\w++ ){{0,2}}(?:tumou?r|metasta\w++|malignan\w++|"
    rf"carcinoma|neoplas\w++)[^.;:]{{0,40}}? (?:in|within|involving|of|"
    rf"on)) (?:any of |all )?(?:the )?(?P<e>{COUNT_IN_TEXT})(?: "
    rf"\((?P<e2>\d{{1,2}})\))?(?: [a-z-]++){{0,5}} {_NODES}"
    rf"|(?P<e3>{COUNT_IN_TEXT})(?: \((?P<e4>\d{{1,2}})\))? (?:\w++ )?(?:benign|"
    rf"negative|uninvolved|tumou?r\s?-?\s?free|carcinoma\s?-?\s?free|free|"
    rf"reactive|unremarkable|regular|unaffected|"
    rf"hyperplastic)(?: [a-z-]++){{0,4}} {_NODES}"
)
_SICK = rx(
    rf"(?:metasta\w++|carcinoma|positive|involv\w++|"
    rf"tumou?r)(?: [a-z,-]++){{0,5}}? (?:in|to|involving|within|"
    rf"of) (?P<p>{COUNT_IN_TEXT}|a single)(?: \((?P<p2>\d{{1,2}})\))?(?: "
    rf"[a-z-]++){{0,4}} {_NODES}(?! (?:negative|free))"
    rf"|\b(?P<p3>{COUNT_IN_TEXT})(?: \((?P<p4>\d{{1,2}})\))?(?: [a-z-]++){{0,4}} "
    rf"{_NODES}[\s,:-]{{0,3}}(?:(?:is|are|with|show\w*|containing|"
    rf"contain\w*)[\s,]{{1,3}}){{0,2}}(?:positive|metasta\w++|involved|"
    rf"nodes? metasta\w++|macrometasta\w++)"
)
_ROMAN_FRACTION = re.compile(
    r"\b(?:n[o0]\.?\s?)?(?P<p>[ivxl]{1,6}|[o0])\s?/\s?(?P<e>[ivxl]{1,7})\b"
)
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}
_SINGLE = rx(
    r"lymph node(?!s)[^.;:\n]{0,60}?(?:biopsy|excision|removal|resection|"
    r"dissection|\#\s?\d)[^.;:\n]{0,40}?\s?[:.-]{1,3}\s{0,3}(?:-\s?)"
    r"?(?:(?P<well>negative|no (?:evidence|tumou?r|malig\w*|metasta\w*)|benign|"
    r"free|reactive|rare single cytokeratin)|(?P<sick>positive|metastatic|"
    r"micro-?meta\w*|involved))"
)
# "Lymphonodulitis reactiva (No VIII)": a group's count behind its finding, as in Poland.
_NUMBER_OF_GROUP = rx(
    r"(?:lymphonodul\w++|lymphadenitis|(?:sinus|sinusoidal) histiocyt\w++|lymphonod(?:i|orum|is)\b|"
    r"lymph nodes)[^.;:()\d/]{0,60}\(?\bn[o0]\.? (?P<e>[ivxl]{1,7}|\d{1,2})\b\)?(?!\s?/)"
)
_CONTEXT = rx(rf"{_NODES}|\bp?n\s?[0-3]|\bpno\b|lymphadenectomy|axilla|sentinel|station|metasta")
_NODES_AFTER = rx(rf"\)?[^.;\d]{{0,60}}?{_NODES}")
_NODES_BEFORE = rx(rf"{_NODES}[^.;\d]{{0,25}}$")
_DENIED = rx(r"\b(?:negative for|no (?:evidence of|sign of)?|free of|without) (?:\w++ ){0,2}$")
_NO_NODE = rx(r"\bno (?:\w++ ){0,2}(?:lymphoid|lymph node|lymphatic|nodal)(?: tissue)?")
_NUMBERED = re.compile(r"(?:levels?|part|#|station|group|no\.?|number|sp|case)[\s:]*$")
_AFTER_PN = re.compile(r"p?n\s?[0-3][a-c]?\W{0,4}$")
_TOTAL = rx(r"\btotal\b|altogether|in all\b|overall|summary|combined|\bp?n\s?[0-3][a-c]?")
_NOT_NODES = rx(
    r"nottingham|score|grade|quadrant|o'clock|slides?|blocks?|hpf|cores?|"
    r"levels? \d|page|margin|allred|sbr|elston|mitos|tubul|nuclear"
)


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield the document's nodes examined and nodes positive."""
    by_section: dict[int, list[Count]] = {}
    for count in merge(sorted(_counts(reading), key=lambda c: (c.start, -c.rank))):
        by_section.setdefault(reading.section_at(count.start).start, []).append(count)
    by_section = {
        start: counts
        for start, counts in by_section.items()
        if reading.section_at(start).name not in {"clinical", "intraoperative"}
    }
    floor = max(
        (
            c.examined or 0
            for counts in by_section.values()
            for c in counts
            if c.positive is not None
        ),
        default=0,
    )
    settled = []
    for start, counts in by_section.items():
        weight = _TIERS.get(reading.section_at(start).name, 5.0)
        settled.append((weight, list(settle(distinct(reading, counts), weight, floor))))
    yield from _fullest_first(settled)


def _fullest_first(settled: list[tuple[float, list[Candidate]]]) -> Iterator[Candidate]:
    """Raise the section that counts most nodes: the others speak of some specimens only.

    A labelled total among them outweighs any specimen of the diagnosis; the gross description,
    where nodes are only searched for, stays out of it.
    """
    counted = [
        (weight, candidates, next((c for c in candidates if c.concept == "nodes_examined"), None))
        for weight, candidates in settled
    ]
    read_under_glass = [c for weight, _, c in counted if c and weight >= _TIERS["microscopic"]]
    most = max((int(number_of(c.value)) for c in read_under_glass), default=0)
    for weight, candidates, examined in counted:
        extra = 0.0
        if examined in read_under_glass and examined and examined.value == most:
            extra = 1.5 if examined.weight >= weight + 1 else 0.5
        yield from (replace(c, weight=c.weight + extra) for c in candidates)


# Diagnosis, synopsis and header speak with one weight here: the fuller count among them decides.
_TIERS = {
    "gross": 0.5,
    "microscopic": 3.0,
    "comment": 4.0,
    "addendum": 4.5,
    "immunohistochemistry": 3.5,
}


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if text in {"no", "none", "o"}:
        return 0
    if "single" in text:
        return 1
    return count_of(text)


def _counts(reading: Reading) -> Iterator[Count]:
    low = reading.low
    for pattern, key in ((_EXAMINED, "e"), (_POSITIVE, "p")):
        for match in pattern.finditer(low):
            near = low[max(0, match.start() - 140) : match.end()]
            number = _number(match[key])
            if number is None or number > 150 or not _CONTEXT.search(near):
                continue
            if re.search(r"margin|estrogen|progest|her-?2|quadrant", near[-60:]):
                continue
            positive, examined = (None, number) if key == "e" else (number, None)
            yield Count(positive, examined, match.start(), match.end(), True, 3)
    yield from _fractions(low)
    yield from _romans(low)
    yield from _groups(reading)
    yield from _sentences(low)
    yield from _singles(low)


def _fractions(low: str) -> Iterator[Count]:
    last = -200
    for match in _FRACTION.finditer(low):
        positive, examined = _number(match["p"]), _number(match["e"])
        near = low[max(0, match.start() - 110) : match.end() + 45]
        if positive is None or examined is None or not 0 <= positive <= examined or examined == 0:
            continue
        if not (match.start() - last < 45 or _CONTEXT.search(near)) or re.search(
            r"\d\s?/\s?\d+\s?/|/\s?\d\d\s?/", near[80:]
        ):
            continue
        if _NOT_NODES.search(low[max(0, match.start() - 22) : match.end() + 12]):
            continue
        before = low[max(0, match.start() - 45) : match.start()]
        total = (
            re.search(r"(?:p?n\s?[0-3]|pno)[a-c]?\W{0,4}(?:\([^)]{0,6}\)\s?)?\(?$|total", before)
            is not None
        )
        last = match.end()
        yield Count(positive, examined, match.start(), match.end(), total, 2)


def _romans(low: str) -> Iterator[Count]:
    for match in _ROMAN_FRACTION.finditer(low):
        positive, examined = _roman(match["p"]), _roman(match["e"])
        if not _CONTEXT.search(low[max(0, match.start() - 70) : match.end() + 30]):
            continue
        if re.search(r"grade|score|\blevels?\b", low[max(0, match.start() - 25) : match.start()]):
            continue
        if positive is not None and examined and positive <= examined:
            near = low[max(0, match.start() - 60) : match.start()]
            total = re.search(r"p?n\s?[0-3][a-c]?\W{0,4}$", near) is not None
            yield Count(positive, examined, match.start(), match.end(), total, 2)


def _groups(reading: Reading) -> Iterator[Count]:
    """Yield groups of clean nodes that are followed by their number only."""
    for match in _NUMBER_OF_GROUP.finditer(reading.low):
        if re.search(r"metasta|carcinoma", match[0]):
            continue
        # A small l is a scan's capital I; a capital L is fifty.
        digits = reading.clean[match.start("e") : match.end("e")].replace("l", "I").lower()
        examined = int(digits) if digits.isdigit() else _roman(digits)
        if examined and examined <= 60:
            yield Count(0, examined, match.start(), match.end(), False, 1)


def _roman(text: str) -> int | None:
    if text in {"o", "0"}:
        return 0
    total = 0
    values = [_ROMAN_DIGITS[c] for c in text]
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += value if value >= following else -value
    return total


def _singles(low: str) -> Iterator[Count]:
    """Yield one node where a heading names a single node and its verdict has no count."""
    for match in _SINGLE.finditer(low):
        if re.search(
            r"\d\s?/\s?\d|nodes|\bone\b|\btwo\b|\bof\b", low[match.start() : match.end() + 40]
        ):
            continue
        if _NO_NODE.search(low[match.start("well") : match.end() + 60]):
            continue
        positive = 1 if match["sick"] else 0
        yield Count(positive, 1, match.start(), match.end(), False, 0)


def _sentences(low: str) -> Iterator[Count]:
    for match in _OF.finditer(low):
        examined = _number(match["e2"] or match["e"])
        positive = examined if match["p"] == "all" else _number(match["p"])
        if positive is None or examined is None or positive > examined:
            continue
        before = low[max(0, match.start() - 60) : match.start()]
        if not (
            _NODES_AFTER.match(low, match.end())
            or _NODES_BEFORE.search(before)
            or rx(_NODES).search(match[0])
        ):
            continue
        after = low[match.end() : match.end() + 60]
        if (
            re.search(r"^\W{0,3}(?:\w++\W+){0,5}(?:negative|free|benign|uninvolved)", after)
            and positive == examined
        ):
            positive = 0
        if _NOT_NODES.search(low[max(0, match.start() - 14) : match.end() + 8]):
            continue
        total = "total" in match[0] or _AFTER_PN.search(
            low[: match.start()], max(0, match.start() - 25)
        )
        yield Count(positive, examined, match.start(), match.end(), bool(total), 2)
    for match in _CLEAN.finditer(low):
        examined = _number(match["e2"] or match["e"])
        if (
            examined
            and examined <= 120
            and not _NUMBERED.search(low[: match.start()], max(0, match.start() - 12))
        ):
            yield Count(0, examined, match.start(), match.end(), False, 1)
    for match in _CLEAN_BEFORE.finditer(low):
        examined = _number(match["e2"] or match["e4"] or match["e"] or match["e3"])
        if (
            examined
            and examined <= 120
            and not _NUMBERED.search(low[: match.start()], max(0, match.start() - 12))
        ):
            yield Count(0, examined, match.start(), match.end(), False, 1)
    for match in _SICK.finditer(low):
        positive = _number(match["p2"] or match["p4"] or match["p"] or match["p3"])
        if _DENIED.search(low[max(0, match.start() - 40) : match.start()]):
            continue
        if positive and positive <= 80:
            single = positive == 1 and "sentinel" in low[max(0, match.start() - 90) : match.start()]
            yield Count(positive, 1 if single else None, match.start(), match.end(), False, 0)
