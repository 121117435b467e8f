"""How far the tumour is from its margins: the distances a report gives, as rows."""

import re
from collections.abc import Iterator

from extractors.fields import margin_words as words
from extractors.fields.margin_components import component_at
from extractors.fields.margin_rows import Row, Scope, is_listed, row_at
from extractors.fields.measures import interval, largest_mm, measures
from extractors.patterns import rx
from extractors.reading import Reading

_FROM_MARGIN = rx(
    r"^(?![\s,]{0,3}(?:extend|involv|reach|invad|infiltrat|with\b|present|abut))"
    r"[\s,]{0,2}(?:\([^)]{0,25}\)\s?)?(?:(?:away |distant )?(?:(?!the\b|there|none\b|neither|\d|"
    r"no\b|all\b|not\b|"
    r"margin|positive|negative|aim|sections?|intervals?|slices?|rule|assess|involvement|re-?exci|if\b|please|wide|"
    r"is\b|are\b|extend|involv|reach|present|seen|dcis|invasive|tumou?r|"
    r"carcinoma)\w++ ){0,3}?(?:from|to|of|within)\b (?:the )?"
    r"(?:[\w(][\w/()'-]*+[\s,]++){0,6}?(?:margins?|resection|surgical|inked|edge|line|border|"
    rf"base|crm|{words.EDGE}(?: \([a-z -]{{3,20}}\))? surface)\b|"
    r"(?:(?<!\n)(?:(?:away|clear|free|wide|deep|surgical|resection|closest|nearest|anterior|"
    r"posterior|superior|"
    r"inferior|medial|lateral|radial|proximal|distal)\s){1,3}|(?<![\n,])(?<!,\s))margins?\b"
    r"(?! ?(?:status|are|is|:|\(s|"
    r"involv|pos|neg|free|clear|un|not|all)))"
)
# "The tumour is 0.8 cm from superior, 1.2 cm from inferior": edges named without their noun.
_FROM_EDGE = rf"(?:away |distant )?from (?:the )?{words.EDGE}(?: ?\([a-z ]{{3,12}}\))?"
_NO_NOUN = r"(?= ?[,;.)]| and\b| ?[<>]?\d| (?:resection |surgical )?margins?\b|\s*\Z)"
_TO_EDGE = rx(rf"^[\s,.]{{0,3}}{_FROM_EDGE}{_NO_NOUN}")
_DISTANCE_TO_EDGE = rx(rf"\d ?[cm]ms?\.? {_FROM_EDGE}{_NO_NOUN}")
# The full stop of an abbreviated unit: "within 0.2 cm. of the inked surface".
_UNIT_STOP = re.compile(r"^\.(?=\s+(?:from|of|to|away|distant)\b)")
_MARGIN_AT = rx(
    r"(?:margins?(?: of (?:resection|excision))?|(?:resection|surgical|inked|excision) "
    r"(?:line|edge|border|plane)|base is|\bcrm|closest|nearest|clearance|"
    r"surgical margin)[^.;]{0,60}?\Z"
)
_LISTED_EDGE = rx(rf"{words.EDGE}(?: margin)?(?: is| at)?[\s:=-]{{0,4}}\Z")
_FROM_TUMOUR = rx(
    r"^[\s,]{0,2}(?:\([^)]{0,25}\) )?(?:away |distant |clear )?(?:from|of|"
    r"to) (?:the )?(?:\w++ ){0,2}"
    r"(?:tumou?r|(?:adeno)?carcinoma|\w{0,10}sarcoma|dcis|cancer|lesion|disease)\b"
)
_BACK_WORDS = rx(r"free|negative|by|within|clear|distance|closest|nearest")
_LABEL_DISTANCE = rx(
    r"(?:distance[^.:;]{0,60}(?:margins?|edges?|\bcrm)[^.:;]{0,40}|(?:closest|"
    r"nearest) (?:\w++ ){0,4}margins?[^.;:]{0,40}|"
    r"margins?[^.;:]{0,40}(?:closest|nearest)[^.;:]{0,30})[:;]?[^.;:]{0,30}\Z"
)
_RADIAL_LABEL = rx(
    r"(?:circumferential|radial|mesenteric)(?: \(?\w++\)?)?(?: margin)"
    r"?\s?:\s?(?:(?:not |un)?involved|negative|free|clear|(?:primary |main )?tumou?r)?"
    r"[\s,;(]{0,3}\Z|"
    r"\bcrm\)?(?: clearance| distance| margin)?"
    r"(?:[\s:]{1,3}(?:is |was )?(?:not |un)?(?:involved|clear|"
    r"free|negative|positive)[\s;,.:(]{0,3}(?:by|at|distance|clearance)?)?"
    r"[\s:=]{0,4}(?:(?:is|was|of|at|about)\b)?[\s:=]{0,3}\Z"
)
_MINIMUM = rx(
    r"minim(?:um|al) (?:side |lateral |mesorect\w++ |radial )?margins?(?: (?:is|of|"
    r"was))?\s{0,6}\Z"
)
RADIAL = rx(
    r"(?:circumferential(?= ?(?:\(|radial|resection|margin|surgical|deep|soft))|"
    r"radial|mesorect(?:al|um)|mesocolic|(?<!anti-)(?<!anti)(?<!superior )mesenteric|"
    r"\bcrm\b|retroperitoneal|non-?peritoneali[sz]ed|side margin)"
)
_NO_DISTANCE = rx(
    r"thick|lymph|node|skin ellipse|in length|(?:to|from) (?:the )?(?:skin|nipple)(?!,)|anal verge"
)
_EXTENT_AFTER = rx(
    r"^\s?(?:\([^)]{0,12}\) )?(?:in (?:greatest|length|max|extent|linear|aggregate)|thick|linear|"
    r"front|extent|long|length|wide front|segment|focus|foci|over)"
)
_EXTENT_BEFORE = rx(
    r"(?:over|across|along|(?:for|over|extent|length|span|front) (?:a |an )?(?:distance |length |"
    r"span |"
    r"total |linear |extent )*(?:of|:)|measuring|extent|length|front)[\s:]{0,3}(?:about |"
    r"approximately )?\Z"
)
_OTHER_MARGINS = rx(
    r"(?:closest|nearest|distance|from|to)(?: \w++){0,5}? (?:uninvolved|non-?involved|negative|"
    r"free|"
    r"clear|unaffected|other|remaining)(?: \w++){0,2} margins?"
)
_DENIED = rx(r"\b(?:not|never|no)(?: \w++){0,2} (?:within|closer than|less than|nearer than) ?\Z")
_COMPONENT = r"(?:invasive|infiltrating|dcis|in[\s-]{0,2}situ)(?: (?:carcinoma|tumou?r|component))?"
_PARTS = (
    rf"(?:(?:{_COMPONENT}|{words.EDGE}|of|the|and|margins?|closest|nearest|[<>]?\d[\d.,]*|[cm]m|"
    r"[<>])[\s,:]{0,3}){0,12}?"
)
# "Distance: anterior 5 mm, posterior 2 mm", "distance invasive 5 mm", "deep margin 2 mm".
_LISTED_DISTANCE = rx(
    rf"\b(?:distances?|clearances?)[\s:]{{1,3}}{_PARTS}(?:{_COMPONENT}|{words.EDGE})"
    rf"[\s:=]{{0,3}}\Z|\b{_COMPONENT} distance[\s:=]{{0,3}}\Z|"
    rf"(?<!involved )(?<!positive )\b{words.EDGE} (?:resection |surgical )?margin(?: is)?"
    rf"[\s:=]{{0,3}}\Z"
)
# "Margins: invasive > 10 mm; DCIS 1 mm", "Invasive carcinoma - not involved, 3 mm".
_BY_COMPONENT = rx(
    rf"\b(?:margins?|distances?|clearances?)(?: status)?[\s:(-]{{1,3}}"
    rf"(?:{_COMPONENT}[^.\n]{{0,50}}[;,]\s)?{_COMPONENT}"
    r"(?:[\s:,-]{1,3}(?:clear|free|negative|(?:not |un)involved|closest|nearest|by|is|at)){0,3}"
    r"[\s:,-]{0,3}\Z"
)
# What was cut in an earlier operation has its own margin.
_EARLIER = rx(r"\b(?:previous(?:ly)?|prior|earlier)\b(?![^\n]*\b(?:now|current)\b)[^\n]{0,90}\Z")
# What a rule asks for is no distance of this tumour.
_WANTED = rx(
    r"^\s?(?:\(?or more\)? )?(?:(?:margin|clearance) )?(?:is |are )?(?:required|recommended|needed|"
    r"necessary|considered|regarded|desired|target|threshold)\b"
)
_WANTED_BEFORE = rx(r"\b(?:requires?|recommend\w*|target|threshold|criterion)(?: is| of|:)? ?\Z")
_OPERATIVE = frozenset({"clinical", "intraoperative"})


def distance_rows(reading: Reading) -> list[Row]:
    """Return the distances between the tumour and margins, in millimetres; kept with `reading`."""
    held = reading.kept.get("distances")
    if not isinstance(held, list):
        held = reading.kept["distances"] = list(_distance_rows(reading))
    return held


def _distance_rows(reading: Reading) -> Iterator[Row]:
    low = reading.low
    for match in measures(reading):
        if match["b"]:
            continue
        length = largest_mm(match)
        if length is None or length > 300 or (length == 0 and _torn(low, match.start())):
            continue
        start, end = match.span()
        before = re.split(r"[.;]\s", low[max(0, start - 110) : start])[-1]
        after = low[end : end + 90]
        following = re.split(r"[.;]\s|\n(?=[^\n:]{3,48}:)", _UNIT_STOP.sub(" ", after))[0]
        wide = low[max(0, start - 110) : start]
        radial = _RADIAL_LABEL.search(wide) is not None and not _EARLIER.search(wide)
        listed = _LISTED_EDGE.search(before) is not None and is_listed(low, start)
        if not (
            listed
            or radial
            or _relates(before, following)
            or _is_by_component(wide)
            or _is_in_a_row(low, start, end)
        ) or _is_extent(before, after):
            continue
        if _WANTED.match(after) or _WANTED_BEFORE.search(before):
            continue
        if reading.section_at(start).name in _OPERATIVE or _DENIED.search(before + match[0][:12]):
            continue
        around = before[-80:] + match[0] + following[:60]
        yield row_at(
            reading,
            start,
            end,
            "free" if length > 0 else "involved",
            edges=_edges(before, match[0], following),
            component=component_at(low[max(0, start - 160) : start], _behind(low, match), around),
            mm=interval(match, length),
            scope=_scope(low[max(0, start - 110) : start], before, around),
            later=bool(words.LATER.search(around)),
            radial=radial or RADIAL.search(_own_words(before, match[0], following)) is not None,
        )


def _is_in_a_row(low: str, start: int, end: int) -> bool:
    """Say whether a measure is one of several to edges that are named one after the other."""
    if _TO_EDGE.match(low[end : end + 60]) is None:
        return False
    first, last = max(0, start - _ROW), min(len(low), end + _ROW)
    return sum(1 for _ in _DISTANCE_TO_EDGE.finditer(low, first, last)) > 1


_ROW = 160
"""Characters between neighbours in a row of distances."""


def _is_by_component(wide: str) -> bool:
    """Say whether a list of margins by component leads to a measure."""
    if not any(word in wide for word in ("margin", "distance", "clearance")):
        return False
    return _BY_COMPONENT.search(wide) is not None


def _behind(low: str, match: re.Match[str]) -> str:
    """Return what follows a measure's unit, with the bracket that the measure itself may hold."""
    first = match.end("u1") if match["u1"] else match.end()
    return low[first : first + 60]


_NEXT_LINE = re.compile(r"\n\s*(?=(?:an?|the|there|all|no|r[012])\s)")


def _own_words(before: str, measure: str, following: str) -> str:
    """Return the words of a distance itself: what begins on the next line is another statement."""
    ahead = _FROM_MARGIN.match(following)
    until = ahead.end() if ahead else 0
    rest = _NEXT_LINE.split(following[until:])[0] if ahead else following.split("\n")[0]
    return before[-80:] + measure + following[:until] + rest[:60]


def _torn(low: str, start: int) -> bool:
    """Say whether a scan tore a nought off its number: "1 0 mm"."""
    return re.search(r"\d\s{0,2}$", low[max(0, start - 3) : start]) is not None


def _relates(before: str, following: str) -> bool:
    if _FROM_MARGIN.match(following) or _LABEL_DISTANCE.search(before):
        return True
    if _MARGIN_AT.search(before) and _BACK_WORDS.search(before):
        return True
    if words.MARGIN.search(before) and _FROM_TUMOUR.match(following):
        return True
    return bool(_MINIMUM.search(before) or _LISTED_DISTANCE.search(before))


def _is_extent(before: str, after: str) -> bool:
    """Say whether a measure is how broad the tumour touches, or no distance to a margin."""
    return bool(
        _NO_DISTANCE.search(before[-40:])
        or _EXTENT_AFTER.match(after)
        or _EXTENT_BEFORE.search(before)
        or re.match(r"[^.;,]{0,12}(?:from|to|of) (?:the )?(?:skin|nipple)\b(?! margin)", after)
    )


def _edges(before: str, measure: str, following: str) -> frozenset[str]:
    ahead = _FROM_MARGIN.match(following)
    if ahead:
        named = words.edge_names(re.split(r"\band the\b", ahead[0])[0])
        if named:
            return named
    bracket = re.search(r"\(([^)]{3,40})\)", measure) or re.match(r"\s?\(([^)]{3,40})\)", following)
    if bracket and words.edge_names(bracket[1]):
        return words.edge_names(bracket[1])
    segment = re.split(r",|\band\b", before)
    for part in reversed(segment[-2:]):
        named = words.edge_names(part)
        if named:
            return named
    line = following.split("\n")[0]
    tail = re.match(r"[\s,(]{0,3}(?:at |to |at the )?(?:the )?([a-z/ -]{3,30})", line)
    return words.edge_names(tail[1]) if tail else frozenset()


def _scope(wide: str, clause: str, around: str) -> Scope:
    if (
        _OTHER_MARGINS.search(around)
        or words.OTHER.search(clause)
        or words.OTHER.search(wide[-60:])
    ):
        return "other"
    return "closest" if re.search(r"closest|nearest", around) else "edge"
