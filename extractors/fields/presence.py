"""Findings that are there or not. To add one, add a row to `ROWS`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractors.candidates import Candidate
from extractors.context import Polarity, is_family, is_past, polarity, polarity_of
from extractors.patterns import rx, rx_once
from extractors.reading import Reading


@dataclass(frozen=True, slots=True)
class Row:
    """A finding that is present or absent: its words, and what a bare mention of them means."""

    concept: str
    words: str
    bare: Polarity = "unknown"
    organs: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


_INVASION = (
    r"(?:invasion|involvement|infiltration|permeation|emboli|tumou?r emboli|"
    r"tumou?r thromb\w++|(?:cancer|carcinoma) (?:embol\w++|thromb\w++)|thromb\w++|"
    r"extension|spread|growth|carcinomatosis|"
    r"inv\b|angioinvasion)"
)
_SKIN = Row(
    "vessels_of_skin",
    r"\b(?:dermal|cutaneous) (?:lymphatics|lymphovascular|lymphatic)\b(?: (?:channels?|spaces?|"
    rf"vessels?))?(?: (?:tumou?r )?{_INVASION})?",
    "present",
    ("breast",),
)
"""No field of its own: it only speaks against "LVI absent" (`extractors.judge`)."""
ROWS: tuple[Row, ...] = (
    _SKIN,
    Row(
        "lvi",
        rf"(?:lympho?[\s/-]{{0,3}}vascular|lymph[\s/-]{{0,2}}vascular|"
        rf"angio[\s/-]{{0,2}}lymphatic|vascular[\s/,]{{0,3}}(?:and |or |"
        rf"& )?(?:/ ?)?lymphatic|lymphatic[\s/,]{{0,3}}(?:and |or |and/or |"
        rf"& )?(?:/ ?)?(?:blood )?(?:vascular|venous|vessel)|blood and lymph\w*|"
        rf"venous/lymphatic|venous/ lymphatic|capillary[\s-]lymphatic|(?:vascular|"
        rf"vessel)[\s-]lymphatic|angiolymphatics?)(?:[\s/-]{{1,2}}(?:vessels?|space|"
        rf"channels?|tumou?r|spaces))*(?: \(?(?:small vessel|"
        rf"large vessel)\)?)?(?: (?:tumou?r )?{_INVASION})?|\blvsi?\b|\blv[ie]\b",
        "present",
    ),
    Row(
        "lymphatic",
        rf"(?<![/\w])lymphatic(?:s)?(?: ?\(?(?:small[\s-])?vessels?\)?)?(?: vessels?|"
        rf" channels?| space| spaces)?(?: \(small vessels?\))? (?:tumou?r )"
        rf"?{_INVASION}|{_INVASION} (?:of|into|in|"
        rf"within) (?:the )?(?:\w++ )?(?:lymphatics?|lymph (?:vessels?|channels?))|"
        rf"(?:small vessel|lymph(?:atic)? vessel) {_INVASION}|(?:peri|"
        rf"intra)tumou?ral lymphatics?|\blymphatic(?= ?\([+-]\))|"
        rf"lymphangi(?:tic|osis|oinvasion)[\s\w]{{0,20}}",
        "present",
    ),
    Row(
        "vascular",
        rf"(?<![/\w-])(?:venous|vein|blood[\s-]vascular|blood[\s-]vessel|"
        rf"extramural ve(?:in|nous)|large[\s-]vessel|intramural ve(?:in|nous)|"
        rf"vasorum|vascular|vessel|angio-?)(?: vessels?| channels?|"
        rf" space)?(?: ?\((?:large|small|intramural|"
        rf"extramural)[\s\w/-]*\))? ?(?:tumou?r )?{_INVASION}|{_INVASION} (?:of|into|"
        rf"in|within) (?:the )?(?:\w++ )?(?:blood vessels?|veins?|vascular|vessels?)|"
        rf"angio-?invasion|(?<![/\w-])(?:vascular|venous)(?= ?\([+-]\))|"
        r"intra-?vascular (?:tumou?r |cancer |carcinoma )?(?:embol\w++|thromb\w++)",
        "present",
    ),
    Row("emvi", r"\bemvi\b(?!\W{0,3}v\d)", "present", ("rectum", "colon")),
    Row(
        "perineural",
        rf"(?:peri-?\s?neural|intra-?neural|neural|nerve|neuronal)(?: (?:sheath|bundle|"
        rf"fib(?:er|re)|space|tumou?r))?(?: {_INVASION})|"
        rf"perineural(?=(?:,| or| and| nor|/)[\w\s,/-]{{0,40}}? {_INVASION})|"
        rf"\bpni\b|perineural(?:ly)?(?= ?(?::|\([+-]\)))|"
        rf"perineurally|(?:peri-?neural|neural) (?:space|sheath)s?",
        "present",
    ),
    Row(
        "extranodal",
        r"extra-?\s?(?:nodal|capsular)(?: (?:tumou?r|soft tissue|"
        r"lymph node))?(?: (?:extension|spread|invasion|involvement|growth|"
        r"infiltration|tumou?r|disease))?|perinodal(?: \w++){0,2} (?:extension|spread|"
        r"invasion|infiltration|involvement|tissue|fat)|capsular (?:invasion|"
        r"extension|infiltration|penetration|rupture)|extranodal|(?:invasion|"
        r"infiltration|extension) (?:of|through|beyond) (?:the )?(?:lymph )?(?:node|"
        r"nodal) capsules?|\bene\b|\bece\b|\bpne\b",
        "present",
    ),
    Row(
        "dcis",
        r"\bdcis\b(?:\s?/\s?lcis)?|duct(?:al)?\s?(?:cell )"
        r"?carcinoma[\s,-]{0,3}in[\s-]{0,2}situ|"
        r"(?<!extensive )intra-?ductal (?:\w++ ){0,2}(?:carcinoma|component)(?!\s?:\s{0,3}lobular)|"
        r"in[\s-]{0,2}situ (?:and \w++ )?(?:duct(?:al)?|component|carcinoma)|"
        r"(?<!lobular )carcinoma[\s,-]{0,3}in[\s-]{0,2}situ|in[\s-]{0,2}situ (?:component|spread|"
        r"part)|non-?invasive component|comedo-?carcinoma",
        "present",
        ("breast",),
    ),
    Row("eic", r"extensive intraductal (?:carcinoma )?component|\beic\b", "unknown", ("breast",)),
    Row("paget", r"paget'?s? disease", "unknown", ("breast",)),
    Row(
        "peritoneal",
        r"peritoneal (?:metasta\w++|carcinomatosis|implants?|seeding|deposits?)|"
        r"carcinomatosis|omental (?:metasta\w++|implants?|deposits?)",
        "present",
        ("colon", "rectum", "stomach", "pancreas", "gynaecological"),
    ),
    Row("hydronephrosis", r"hydro(?:uretero)?-?nephrosis", "present"),
)

_VESSELS = {"lvi", "lymphatic", "vascular", "emvi"}
# The vessels of the skin are a line of their own in CAP's protocol.
_OF_SKIN_BEFORE = rx(r"\b(?:dermal|skin|cutaneous|dermis)(?: \(?skin\)?)?[\s,:/-]{0,3}$")
_OF_SKIN_AFTER = rx(
    r" ?\(?(?:invasion |involvement )?(?:in|of|within|involving) (?:the )?(?:overlying )?"
    r"(?:dermis|dermal|skin)"
)
_FOLLOWS = rx(
    r"[^.;:\n]{0,20}(?:will follow|to follow|is pending|are pending|will be (?:reported|issued))"
)
# A clear margin names what it is clear of; that says nothing of the rest of the specimen.
_CLEAR_MARGIN = rx(
    r"(?:\b(?:no|without|free|negative|clear|uninvolved|not involved)\b[^.;]{0,80}margins?|"
    r"margins?[^.;]{0,60}\b(?:no|without|free|negative|clear|uninvolved|not involved)\b)"
)
_NOT_AT_MARGIN = rx(
    r"\bno (?:\w++ ){0,2}(?:involvement|extension) (?:of|at|to) [^.;]{0,40}margins?"
)
# That DCIS is not extensive, or not away from the tumour, does not deny it.
_OF_A_PART = rx(
    r"\bextensive (?:intraductal|in[\s-]situ|dcis)|\beic\b|\b(?:away from|beyond|outside|elsewhere|"
    r"distant from|separate from)\b"
)
# "LVI-, PNI -.": a minus that ends a saying, or stands before the next one with its own sign.
_MINUS = re.compile(
    r"[^\S\n]?[:=]?[^\S\n]?\(?-\)?(?=\s*\Z|[^\S\n]*(?:[.,;)/]|\n(?!\s*(?:present|absent|not|"
    r"positive|negative|identified|none|no|yes)\b)|"
    r"(?:lvs?i|lve|pn[ie]|en[ei]|ece|eic|[dl]cis|necrosis|v?i|er|pr)\b[\s:]{0,2}\(?[+-]))",
    re.IGNORECASE,
)
# A bare name states that a thing is there, unless its own words deny or question it.
_DENIES = rx(
    r"^(?:(?!\b(?:and|but|with|while)\b)[^.;:,\n]){0,80}\b(?:not|no|none|neither|nor|absent|never|without|excluded|lacking|"
    r"queried|questioned|unclear|uncertain)\b|^[^.;:,\n]{0,40}\?|"
    r"^ (?:nuclear )?(?:grade|size|extent)\s?:?\s?(?:not|n/?a)\b"
)
# A label states nothing, whatever speck a scan left before its colon.
_IS_LABEL = re.compile(r"\s{0,2}[:?]|(?:[^\S\n]?[^\s:.;]{1,2}){1,2}[^\S\n]?:(?=\s)")
_SIGN_VE = re.compile(r"[^\S\n]?[:=]?[^\S\n]?\(?(?P<sign>[+-])\s?ve\b")
# A dash before other words may be a sign or a stop: nobody can tell.
_DASH = re.compile(r"[^\S\n]?-[^\S\n]")
_LETTER = re.compile(r"[^\S\n]?:[^\S\n]{0,3}(?P<letter>[yn])(?=\s*(?:[.,;]|\n|\Z))")
_ASKED_NO = re.compile(r"[^.;:\n?]{1,40}\?\s{0,3}(?:no|none|nil)\b")
_IN_OTHER_SPECIMEN = rx(
    r"^(?: (?:is|was|were|are|only|seen|present|identified|found|noted)){0,4} (?:only )?(?:in|on) "
    r"(?:the |an? )?(?:previous|prior|earlier|initial|outside|core|needle|biopsy)\b"
)
# RCPath's "deepest level of venous invasion: extramural" names where it is.
_LEVEL = rx(r"\s?:\s{0,3}(?:intra|extra|sub)-?\s?(?:mural|mucosal)\b(?!\s?:)")
_DOUBTED = frozenset({"lvi", "perineural"})
"""What is suspected of these speaks against "absent" elsewhere (`extractors.judge`)."""
_SUSPECTED = rx(
    r"(?<!not )(?<!nothing )(?<!no areas )(?<!no foci )"
    r"\b(?:suspicious for|suspicion of|suggestive of|"
    r"concerning for|probable|possible|cannot exclude)(?: (?:a |an |focal |early |definite )*)?$"
)
_INVOLVED = rx(r"\s?(?::|is|are|was|were)? (?:focally |extensively )?involved\b")
# The same finding told again behind a pause, without a subject of its own.
_ASKED_TWICE = _VESSELS | {"perineural"}
_PAUSE = r"(?:;|,|,? ?\bbut|,? ?\bhowever)[\s,]{1,2}(?:but |however |is |was )?"
_WHERE = r" (?:focally |only )?(?:on|in|at|with|by)\b"
_BUT_PRESENT = rx(
    rf"[\s:]{{0,3}}(?:(?:is|was) )?(?:not \w++|absent|negative|none)[^.;,\n]{{0,40}}?{_PAUSE}"
    rf"(?:present|identified|seen|positive|found){_WHERE}(?! (?:the )?(?:core|biopsy|other))"
)
_BUT_ABSENT = rx(
    rf"[\s:]{{0,3}}(?:(?:is|was) )?(?:present|identified|seen|positive)[^.;,\n]{{0,40}}?{_PAUSE}"
    rf"(?:not (?:identified|seen|present|found)|absent|negative){_WHERE}"
    r"(?! (?:the )?(?:core|biopsy|other))"
)
# What a line says of a mention stands this near behind it.
_SENTENCE = 400
_EXTENT = {"focal": r"\bfocal(?:ly)?\b", "extensive": r"\b(?:extensive(?:ly)?|widespread)\b"}


_EMVI_CODE = rx(r"\bemvi\b\W{0,3}v(?P<v>[012])\b")


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield present/absent for every mention of a row's words that says which."""
    for code in _EMVI_CODE.finditer(reading.low) if organ in {"rectum", "colon"} else ():
        weight = reading.section_at(code.start()).weight + 0.5
        yield Candidate("emvi", "absent" if code["v"] == "0" else "present", *code.span(), weight)
    for row in ROWS:
        if row.organs and organ not in row.organs:
            continue
        for match in rx_once(row.words).finditer(reading.low):
            candidate = _judge(reading, row, match.start(), match.end())
            if candidate:
                yield candidate
                yield from _told_otherwise(reading, candidate, match.end())


def _judge(reading: Reading, row: Row, start: int, end: int) -> Candidate | None:
    section = reading.section_at(start)
    if section.name in {"clinical", "intraoperative"} or is_family(reading, start, end):
        return None
    if row.concept in _VESSELS and _is_of_skin(reading, start, end):
        return None
    if reading.clean.startswith("pN", start):
        return None
    if is_past(reading, start) or _FOLLOWS.match(reading.low, end):
        return None
    if _IN_OTHER_SPECIMEN.match(reading.low[end : end + 90]):
        return None
    stated = polarity(reading, start, end, bare="unknown")
    signed = _SIGN_VE.match(reading.low, end)
    if signed is not None:
        stated = "present" if signed["sign"] == "+" else "absent"
    letter = _LETTER.match(reading.low, end)
    if letter is not None:
        stated = "present" if letter["letter"] == "y" else "absent"
    if _MINUS.match(reading.text, end) or _ASKED_NO.match(reading.low, end):
        stated = "absent"
    of_vessel = row.concept in _ASKED_TWICE and _LEVEL.match(reading.low, end)
    if of_vessel or (row is _SKIN and _INVOLVED.match(reading.low, end)):
        stated = "present"
    if row.concept == "dcis" and _NOT_AT_MARGIN.search(reading.low, *reading.clause(start, end)):
        return None
    if row.concept in _DOUBTED and _SUSPECTED.search(reading.low[max(0, start - 60) : start]):
        return Candidate(f"{row.concept}_doubt", "present", start, end, section.weight, 0.9)
    value: str = stated
    weight = section.weight + 0.5
    if stated == "unknown":
        if _DENIES.match(reading.low[end : end + 100]) or _DASH.match(reading.low, end):
            return None
        value = polarity(reading, start, end, bare=row.bare)
        weight -= 0.7
        if row.concept == "dcis" and _CLEAR_MARGIN.search(reading.low, *reading.clause(start, end)):
            return None
        if value == "unknown" or _IS_LABEL.match(reading.low, end):
            return None
    left, right = reading.clause(start, end)
    if (
        row.concept in {"dcis", "eic"}
        and value == "absent"
        and "margin" in reading.low[max(left, start - 60) : min(right, end + 24)]
    ):
        return None
    if row.concept == "dcis" and value == "absent" and _OF_A_PART.search(reading.low, left, right):
        return None
    first, last = reading.line(start, end)
    before = reading.low[max(first, start - 90) : start]
    after = reading.low[end : min(last, end + _SENTENCE)]
    if polarity_of(before, after, row.bare) == value:
        # The line says it all: the rows of a table above and below are no part of the quote.
        left, right = max(left, first), min(right, last)
    if row.concept == "lvi" and value == "present":
        value = _extent(before, after)
    return Candidate(row.concept, value, max(left, start - 60), min(right, end + 50), weight, 0.9)


def _told_otherwise(reading: Reading, said: Candidate, end: int) -> Iterator[Candidate]:
    """Yield the second half of "not identified on H&E; present on the elastic stain"."""
    pattern = _BUT_PRESENT if said.value == "absent" else _BUT_ABSENT
    turned = pattern.match(reading.low, end) if said.concept in _ASKED_TWICE else None
    if turned is not None:
        value = "present" if said.value == "absent" else "absent"
        yield replace(said, value=value, start=end, end=turned.end())


def _is_of_skin(reading: Reading, start: int, end: int) -> bool:
    before = _OF_SKIN_BEFORE.search(reading.low, max(0, start - 40), start)
    return before is not None or _OF_SKIN_AFTER.match(reading.low, end) is not None


def _extent(before: str, after: str) -> str:
    """Return how much invasion a line states; ASTRO 2017 tells focal from extensive."""
    for extent, words in _EXTENT.items():
        if rx_once(rf"{words} (?:\w++ )?$").search(before[-24:]) or rx_once(
            rf"^[\s:,;(-]{{0,4}}(?:(?:is|was) )?(?:present|identified|seen|yes)?[\s,;:(-]{{0,4}}"
            rf"(?:and |but )?{words}"
        ).match(after):
            return extent
    return "present"
