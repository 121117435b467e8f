"""Margins: status, the closest distance, which margin, and the circumferential margin."""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.fields.size import MEASURE, interval, largest_mm
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.types import Value

_MARGIN = rx(
    r"(?:(?:surgical |resection |excision\w* |specimen |inked |proximal |"
    r"distal |radial |circumferential |deep |oral |aboral )*(?:margins?|"
    r"marg\b)(?: of (?:the )?(?:surgical )?(?:resection|"
    r"excision))?(?: (?:status|involvement|of resection))?"
    r"|(?:resection|surgical|excision|incision|cut|operative) (?:line|edge|"
    r"border|plane|surface|level)s?|(?:line|border|edge|"
    r"plane)s? of (?:the )?(?:excision|resection|incision)|"
    r"inked (?:tissue )?(?:edges?|surfaces?)|resected (?:in toto|completely)|"
    r"healthy tissue)"
)
_FREE = rx(
    r"\bnegative|\bfree\b|\bclear\b|un-?involved|not (?:be )?(?:\w++ )?involved|"
    r"tumou?r[\s-]{0,2}free|no (?:\w++ ){0,4}(?:tumou?r|carcinoma|malignan\w++|"
    r"neoplas\w++|invasi\w++|involvement|dysplasia|dcis|evidence|residual|"
    r"cancer|sarcoma)|"
    r"without (?:\w++ ){0,2}(?:tumou?r|carcinoma|invol\w++|neoplas\w++|"
    r"malign\w++|evidence)|not (?:\w++ )?(?:present|identified|seen|extend\w*|"
    r"reach\w*|infiltrat\w++|transected|involv\w++)|non-?involved|unremarkable|"
    r"uninfiltrated|no involvement|not affected|unaffected|\bbenign|"
    r"not (?:in )?contact|does not|(?::|-) (?:no\b|none)"
)
_INVOLVED = rx(
    r"\bpositive|(?<!un)(?<!un-)(?<!not )(?<!non)(?<!non-)involved|involves|"
    r"involving|involvement (?:by|of|present)|(?:present|seen|identified|"
    r"extends?|extending|extension|reach\w*|infiltrates?)(?: \w++){0,2} (?:at|"
    r"to(?! within)|into|on|up to|the)(?: \w++){0,3}|transect\w++|"
    r"tumou?r (?:is )?at|at (?:the )?(?:inked|margin)|incomplete|on ink|"
    r"infiltrated"
)
_CLOSE = rx(r"\bclose\b(?! ?st)|very close|narrow")
_SKIP = rx(
    r"margins? (?:is |are |of (?:the )?(?:specimen )?)?(?:inked|painted|marked|"
    r"shaved|submitted|designated|oriented|sampled)|ink(?:ed)?(?! (?:margin|"
    r"surface|edge|tissue|resection))\b|cassette|block|"
    r"submitted|sections? (?:of|from)|representative|perpendicular|en face|"
    r"lymph node|frozen|gland margin|pushing|infiltrating margin|tumou?r margin|"
    r"irregular margin|ill-defined|well-defined|circumscribed"
)
_IN_SITU = rx(
    r"dcis|in[\s-]{0,2}situ|lcis|lobular carcinoma in|dysplasia|adenoma\b|intraepithelial|panin"
)
_LABELLED = rx(
    r" involved by (?:invasive|in[\s-]situ) component\s?:\s{0,3}(?P<v>no\b|yes|focal|\w?)"
)
_WITHIN = rx(r"within (?:\w++ ){0,3}[\d.<]|\d\s?[cme]m\b")
_UNSTATED = rx(
    r"(?:cannot|can not|could not) be (?:\w++ )?(?:assessed|determined|evaluated|predicted|"
    r"confirmed|guaranteed|ascertained)|not (?:specified|stated|"
    r"assessed|applicable|evaluable|evaluated|provided)|n/a|indeterminate|"
    r"unknown|pending"
)
_NEW = rx(r"\bnew\b|additional|re-?excision|final|true|revised")
WHICH = (
    "anterior",
    "posterior",
    "superior",
    "inferior",
    "medial",
    "lateral",
    "deep",
    "superficial",
    "proximal",
    "distal",
    "radial",
    "circumferential",
    "mesenteric",
    "retroperitoneal",
    "uncinate",
    "pancreatic",
    "bile duct",
    "vascular",
)
_RADIAL = rx(
    r"(?:circumferential(?= ?(?:\(|radial|resection|margin|surgical|deep|soft))|"
    r"radial|mesorect(?:al|um)|mesocolic|(?<!anti-)(?<!anti)mesenteric|\bcrm\b|"
    r"retroperitoneal|non-?peritonealized|side margin|lateral margin)"
)
_RADIAL_LABEL = rx(
    r"(?:circumferential|radial|mesenteric)(?: \(?\w++\)?)?(?: margin)"
    r"?\s?:\s?(?:uninvolved|negative|free)?[\s,(]{0,3}$"
)
_MINIMUM = rx(
    r"minim(?:um|al) (?:side |lateral |mesorect\w++ |radial )?margins?(?: (?:is|of|was))?\s{0,6}$"
)
_DISTANCE = rx(MEASURE)
_FROM_MARGIN = rx(
    r"^[\s,]{0,2}(?:\([^)]{0,25}\)\s?)?(?:away |"
    r"distant )?(?:\w++ ){0,3}?(?:from|to|of|"
    r"within)? (?:the )?(?:[\w(][\w/()'-]*+[\s,]++){0,6}?(?:margins?|resection|"
    r"surgical|inked|edge|line|border)\b"
)
# The full stop of an abbreviated unit: "within 0.2 cm. of the inked surface".
_UNIT_STOP = re.compile(r"^\.(?=\s+(?:from|of|to|away|distant)\b)")
_MARGIN_AT = rx(
    r"(?:margins?(?: of (?:resection|excision))?|distance|closest|nearest|"
    r"clearance|surgical margin)[^.;]{0,60}?$"
)
_LABEL_DISTANCE = rx(
    r"(?:distance[^.:;]{0,60}(?:margins?|edges?)[^.:;]{0,40}|(?:closest|"
    r"nearest) (?:\w++ ){0,4}margins?[^.;:]{0,40}|"
    r"margins?[^.;:]{0,40}(?:closest|nearest)[^.;:]{0,30})[:;]?[^.;:]{0,30}$"
)


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield the status of the margins, distances and the circumferential margin."""
    yield from _status(reading)
    yield from _distances(reading, organ)


def _status(reading: Reading) -> Iterator[Candidate]:
    low = reading.low
    for match in _MARGIN.finditer(low):
        section = reading.section_at(match.start())
        if section.name in {"clinical", "intraoperative"}:
            continue
        left, right = reading.clause(match.start(), match.end())
        left, right = max(left, match.start() - 130), min(right, match.end() + 130)
        labelled = _LABELLED.match(low, match.end())
        if labelled:
            value = {"n": "negative", "y": "positive", "f": "positive"}.get(labelled["v"][:1])
            if value:
                yield Candidate(
                    "margin_status", value, match.start(), labelled.end(), section.weight + 0.8, 0.9
                )
            continue
        verdict = _verdict(low, left, match.start(), match.end(), right)
        if verdict is None:
            continue
        value, start, end, extra = verdict
        if value == "positive" and (section.name == "gross" or _WITHIN.search(low[start:right])):
            continue
        weight = (1.0 if section.name == "gross" else section.weight) + extra
        which = re.search("|".join(WHICH), low[start:end])
        radial = _RADIAL.search(low[max(start, match.start() - 40) : min(end, match.end() + 20)])
        if radial and value != "close":
            yield Candidate("crm_status", value, start, end, weight, 0.85)
        if which and value == "positive":
            yield Candidate("margin_which", which[0], start, end, weight, 0.8)
        yield Candidate("margin_status", value, start, end, weight, 0.9)


def _verdict(
    low: str, left: int, start: int, end: int, right: int
) -> tuple[str, int, int, float] | None:
    """Read one mention of a margin: what follows it first, then what stands before it."""
    after, before = low[end:right], low[left:start]
    if _SKIP.search(low[max(left, start - 12) : min(right, end + 14)]) and not re.search(
        r"free|negative|involve|clear", low[start:right]
    ):
        return None
    following = re.split(r"(?:\bbut\b|however|although|margins?)", after)[0]
    if _UNSTATED.search(following[:50]):
        return None
    hits: list[tuple[int, str, int, int]] = []
    free, involved = _FREE.search(following), _INVOLVED.search(following)
    if free:
        hits.append((free.start(), "negative", start, end + free.end()))
    if involved and not (free and free.start() <= involved.start() <= free.end()):
        hits.append((involved.start(), "positive", start, end + involved.end()))
    preceding = re.split(r"(?:\bbut\b|however|although|margins?)", before)[-1]
    offset = left + len(before) - len(preceding)
    if not hits or min(hits)[0] > 40:
        free_before, involved_before = _last(_FREE, preceding), _last(_INVOLVED, preceding)
        if free_before:
            hits.append(
                (len(preceding) - free_before.end(), "negative", offset + free_before.start(), end)
            )
        if involved_before and not (
            free_before and free_before.start() <= involved_before.start() <= free_before.end()
        ):
            hits.append(
                (
                    len(preceding) - involved_before.end(),
                    "positive",
                    offset + involved_before.start(),
                    end,
                )
            )
    if not hits:
        return None
    _, value, first, last = min(hits)
    clause = low[left:right]
    extra = (
        0.5
        if re.search(r"all\b|surgical|resection|status", low[max(left, start - 15) : end])
        else 0.2
    )
    if (
        value == "positive"
        and _IN_SITU.search(clause)
        and not re.search(r"invasive (?:ductal |lobular )?(?:carcinoma|tumou?r)", clause)
    ):
        extra -= 1.5
    if value == "positive":
        extra += 0.4
    return value, first, last, extra


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    matches = list(pattern.finditer(text))
    return matches[-1] if matches else None


def _distances(reading: Reading, organ: str) -> Iterator[Candidate]:
    low = reading.low
    for match in _DISTANCE.finditer(low):
        if match["b"]:
            continue
        length = largest_mm(match)
        if length is None or length > 300:
            continue
        start, end = match.start(), match.end()
        before, after = low[max(0, start - 110) : start], low[end : end + 90]
        clause = re.split(r"[.;]\s", before)[-1]
        after_clause = re.split(r"[.;]\s|\n(?=[^\n:]{3,48}:)", _UNIT_STOP.sub(" ", after))[0]
        forward = _FROM_MARGIN.match(after_clause)
        backward = _LABEL_DISTANCE.search(clause) or (
            _MARGIN_AT.search(clause)
            and re.search(r"free|negative|by|within|clear|distance|closest", clause)
        )
        backward = backward or _RADIAL_LABEL.search(clause) or _MINIMUM.search(clause)
        if not forward and not backward:
            continue
        if re.search(r"thick|lymph|node|skin ellipse|in length", clause[-40:]) or re.match(
            r"\s?(?:in (?:greatest|length|max)|thick)", after
        ):
            continue
        section = reading.section_at(start)
        if section.name in {"clinical", "intraoperative"}:
            continue
        value: Value = interval(match, length)
        around = clause[-80:] + match[0] + after_clause[:60]
        extra = 0.5 if re.search(r"closest|nearest", around) else 0.2
        weight = (1.5 if section.name == "gross" else section.weight) + extra
        span = start, end
        if _IN_SITU.search(around) and "invasive" not in around:
            yield Candidate("dcis_margin_mm", value, *span, weight, 0.85, "mm")
        else:
            yield Candidate("invasive_margin_mm", value, *span, weight, 0.85, "mm")
        if _RADIAL.search(around):
            yield Candidate("crm_mm", value, *span, weight, 0.85, "mm")
        yield Candidate("margin_mm", value, *span, weight, 0.85, "mm")
        if length > 0:
            yield Candidate("margin_status", "negative", *span, weight - 1.5, 0.75)
