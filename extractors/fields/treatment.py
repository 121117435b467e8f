"""What went before: neoadjuvant treatment and its effect, earlier radiation, resectability.

Also the number of tumours and the depth of a soft-tissue tumour.
"""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.context import polarity
from extractors.fields import earlier
from extractors.fields.claims import MOOT, OF_ANOTHER, claim, is_open, is_relative
from extractors.gate import withheld
from extractors.patterns import rx, rx_once
from extractors.reading import Reading

_NEO = rx(
    r"neo-?\s?adjuvant(?:ly)?(?: (?:chemo|radio|therapy|treatment|"
    r"chemotherapy))*|pre-?operative (?:[a-z]++[\s-]){0,2}(?:chemo\w*|radi\w++|therapy|"
    r"treatment)|"
    r"status post (?:\w++ ){0,2}(?:chemo\w*|radi\w++)|"
    r"s/p (?:\w++ ){0,2}(?:chemo\w*|radi\w++|xrt)|prior chemo\w++|"
    r"chemo-?radiation therapy|after chemo\w*|treatment effect"
)
_NEO_NO = rx(
    r"^\s?[:;-]?\s?(?:\w++ )?(?:no\b|none|not (?:identified|applicable|received|"
    r"given|performed)|absent|n/a|not specified|unknown|no known|not known|"
    r"cannot)"
)
_NEO_UNKNOWN = rx(r"not (?:specified|applicable|known|stated)|n/a|unknown|cannot|no known")
_LABELLED = re.compile(r"[^.;:\n]{0,40}[:?]")
# "None planned" tells what is to come, not what was.
_TO_COME = rx(
    r"\b(?:planned|scheduled|intended|foreseen|proposed|considered|recommended|offered|advised|"
    r"anticipated|required|needed|indicated)\b"
)
# How a mention begins that states the treatment without a verb ("after chemoradiation").
_GIVEN = ("status", "s/p", "after", "neo", "pre")
_NO_TREATMENT = rx(
    r"\bno (?:known )?(?:history of )?(?!(?:prior|previous) radi)"
    r"(?:prior|pre-?surgical|pre-?operative|"
    r"neo-?adjuvant|previous) (?:treatment|therap\w++|chemo\w*+|radi\w++|"
    r"neo-?adjuvant)|"
    r"(?:treatment|therapy) effect(?: ?\([^)]{0,60}\))?\s?[:;]\s{0,3}(?:not "
    r"applicable|n/a|none|no\b|not identified|absent)"
)
_NEVER = rx(
    r"\b(?:has|have|had|did|was|were) (?:not|never) (?:been )?(?:had|have|received?|undergone|"
    r"undergo|"
    r"given|got|get) (?:any |the )?$"
)
_EFFECT = rx(
    r"(?:treatment|therapy|therapeutic|chemotherap\w++|radiation|"
    r"neoadjuvant)[\s-]++(?:related )?(?:effects?|response|changes|regression)|"
    r"tumou?r regression(?: grade)?|pathologic(?:al)? (?:complete )?response|"
    r"\bpcr\b"
)
EFFECTS: tuple[tuple[str, str], ...] = (
    (
        "complete",
        r"complete (?:pathologic(?:al)? )?(?:response|regression)|no (?:residual|"
        r"viable) (?:invasive )?(?:tumou?r|carcinoma)|grade 0\b",
    ),
    (
        "near_complete",
        r"near[\s-]complete|marked|(?:regression|response|effect)[^.;]{0,20}grade:? 1\b",
    ),
    (
        "minimal",
        r"minimal|poor response|(?:regression|response|effect)[^.;]{0,20}grade:? 3\b|little",
    ),
    ("partial", r"partial|moderate|(?:regression|response|effect)[^.;]{0,20}grade:? 2\b"),
)
_RESECT: tuple[tuple[str, str], ...] = (
    ("borderline", r"borderline[\s-]{1,2}resectab\w++"),
    ("locally_advanced", r"locally[\s-]{1,2}advanced|unresectable"),
    (
        "resectable",
        r"(?<!un)(?<!not )(?<!borderline )(?:\bupfront |clearly |potentially )?\bresectable",
    ),
)
_MULTI = rx(
    r"focality\s?:\s?multiple|multi-?\s?focal(?:ity)?|multi-?\s?centric(?:ity)?|bifocal|(?:two|three|"
    r"four|multiple|several|2|3) (?:separate |distinct |discrete |synchronous |"
    r"invasive )+(?:foci|tumou?rs|masses|nodules|lesions|carcinomas)|"
    r"satellite (?:nodules?|foci|lesions?)"
)
# "Tumour A | Tumour B" over columns, "Focus 1: ..." above "Focus 2: ...": both are counted.
_NUMBERED = re.compile(
    r"(?:(?<=\n)|(?<=\A))[^\n:]{0,40}\b(?P<kind>tumou?r|focus|carcinoma)\s(?:no\.?\s?)?(?:1|a|i)\b"
    r"(?=[ \t]*(?:[|/:(,-]|[ \t]{2}|\t))(?:[^\n]{1,30}|[^\n]*\n(?:[^\n]*\n){0,8}?[ \t-]*)"
    r"(?P=kind)\s(?:no\.?\s?)?(?:2|b|ii)\b"
)
# What imaging suggests, the pathologist has not found.
_BY_IMAGING = rx(
    r"\b(?:mri|mr[it]-?mamm\w++|mrt|radiolog\w++|mammogra\w++|ultraso\w++|sonogra\w++|imaging|"
    r"clinical(?:ly)?|"
    r"pre-?operative(?:ly)?|ct|suggest\w*+|suspect\w++)\b"
)
_NOT_SEEN = rx(
    r" (?:disease |tumou?r |carcinoma |growth |invasion )?(?:is |was |are )(?:not\b|absent|"
    r"excluded)"
)
_COMMA = re.compile(r"[,;]|\bbut\b|\bwhile\b|\bwhereas\b|\bhowever\b")
_UNI = rx(
    r"uni-?focal|uni-?centric|single (?:focus|tumou?r|invasive focus|mass|"
    r"lesion)|solitary|number of (?:foci|tumou?rs)\s?[:=]\s?(?:1|one)\b|"
    r"focality\s?[:=]\s?(?:single|unifocal)"
)
_DEEP = rx(
    r"(?:deep to|beneath|below) (?:the )?(?:superficial )?fascia|subfascial|"
    r"intramuscular|retroperitone\w++|intra-?abdominal|\bdeep(?:-seated|"
    r" soft tissue|,)|deep(?m:$)|depth[^.;]{0,20}deep|skeletal muscle|uter(?:us|ine)|"
    r"mesenter\w++|kidney|pelvi\w++|inferior vena cava"
)
_SUPERFICIAL = rx(
    r"suprafascial|superficial (?:to (?:the )?fascia|soft tissue|location)|"
    r"confined to (?:the )?subcutis|subcutaneous (?:mass|tumou?r|nodule|sarcoma|"
    r"tissue only)|depth[^.;]{0,20}superficial|dermis and subcutis"
)
_PROGRESS: tuple[tuple[str, str], ...] = (
    (
        "no_progression",
        r"(?:no (?:evidence of )?(?:disease )?progression|stable disease|"
        r"partial response|without progression)",
    ),
    (
        "progression",
        r"(?:disease progression|progressive disease|has progressed|interval progression)",
    ),
)
_OF_TISSUE = rx(
    r"\b(?:regression|patholog\w+|histolog\w+|treatment effect|score|viable|fibrosis|margins?|"
    r"specimen|resect\w+)\b"
)
_SYSTEMIC = rx(
    r"\b(?:folfirinox|gemcitabine|nab-?paclitaxel|folfox|capecitabine|xeloda)"
    r"(?: (?:based )?chemotherapy)?\b|\b(?P<any>(?:systemic )?chemo-?therapy|"
    r"systemic (?:therapy|treatment))\b"
)
_CYCLES = rx(r"[\s,(x×:-]{0,5}(?:for )?(?:\d{1,2}|\w++) (?:cycles|courses)\b")


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield treatment before this document, focality and depth."""
    yield from _neoadjuvant(reading, organ)
    yield from earlier.read(reading, organ)
    yield from _focality(reading, organ)
    if organ == "soft_tissue":
        yield from _depth(reading)
    if organ == "pancreas":
        yield from _table(reading, "resectability", _RESECT)
        yield from _table(reading, "restaging", _PROGRESS)
        yield from _systemic(reading)


def _systemic(reading: Reading) -> Iterator[Candidate]:
    """Yield whether chemotherapy was given; that one medicine was not says nothing of others."""
    for match in _SYSTEMIC.finditer(reading.low):
        start, end = match.span()
        claimed = claim(reading, start, end)
        left, right = reading.clause(start, end)
        clause = reading.low[max(left, start - 200) : min(right, end + 200)]
        counted = _CYCLES.match(reading.low[end : end + 40])
        given = claimed[0] == "given" if claimed else bool(counted) and not is_open(clause)
        if is_relative(clause) or (claimed and claimed[0] == "denied" and not match["any"]):
            continue
        if given or claimed:
            weight = reading.section_at(start).weight
            yield Candidate("systemic_given", given, start, end, weight, 0.85)


def _table(
    reading: Reading, concept: str, rows: tuple[tuple[str, str], ...]
) -> Iterator[Candidate]:
    for value, words in rows:
        for match in rx(words).finditer(reading.low):
            # What the microscope calls a response is no scan.
            left, right = reading.clause(*match.span())
            if concept == "restaging" and _OF_TISSUE.search(reading.low, left, right):
                continue
            if (
                polarity(reading, match.start(), match.end(), bare="present") == "present"
                or value == "no_progression"
            ):
                yield Candidate(
                    concept,
                    value,
                    match.start(),
                    match.end(),
                    reading.section_at(match.start()).weight,
                    0.85,
                )


def _neoadjuvant(reading: Reading, organ: str) -> Iterator[Candidate]:
    for match in _NEO.finditer(reading.low):
        start, end = match.span()
        left, right = reading.clause(start, end)
        clause = reading.low[max(left, start - 200) : min(right, end + 200)]
        if is_relative(clause):
            continue
        after = reading.low[end : end + 60]
        stated = polarity(reading, start, end, bare="unknown")
        claimed = claim(reading, start, end)
        labelled = _LABELLED.match(after)
        if _NEVER.search(reading.low, max(left, start - 60), start):
            yield Candidate("neoadjuvant", "none", start, end, 3.0, 0.85)
            continue
        if _TO_COME.search(reading.low, max(left, start - 40), min(right, end + 60)):
            continue
        if organ == "breast" and _is_of_old(reading, match[0], left, right):
            continue
        if organ == "breast" and earlier.whose(reading, left, right) is None:
            said = Candidate("neoadjuvant", "given", start, end, 0.0)
            withheld(reading).append((said, False))
            continue
        if OF_ANOTHER.search(reading.low, max(left, start - 90), start):
            stated = "present"
        if claimed and claimed[0] == "denied" and not _EFFECT.search(clause):
            yield Candidate("neoadjuvant", "none", start, claimed[2], 3.0, 0.85)
        elif _NEO_NO.match(after) or stated == "absent":
            if not _NEO_UNKNOWN.search(clause + after) and not MOOT.search(clause):
                yield Candidate("neoadjuvant", "none", start, end + 10, 3.0, 0.85)
        elif not is_open(clause) and (
            stated == "present" or claimed or (not labelled and match[0].startswith(_GIVEN))
        ):
            yield Candidate("neoadjuvant", "given", start, end, 3.2, 0.8)
    for match in _NO_TREATMENT.finditer(reading.low):
        _, right = reading.clause(match.start(), match.end())
        if _TO_COME.search(reading.low, match.end(), min(right, match.end() + 60)):
            continue
        yield Candidate("neoadjuvant", "none", match.start(), match.end(), 3.4, 0.85)
    for match in _EFFECT.finditer(reading.low):
        left, right = reading.clause(match.start(), match.end())
        clause = reading.low[left:right]
        for value, words in EFFECTS:
            if (
                rx_once(words).search(clause)
                and "no known" not in clause
                and "not applicable" not in clause
            ):
                yield Candidate(
                    "treatment_effect",
                    value,
                    match.start(),
                    match.end(),
                    reading.section_at(match.start()).weight,
                    0.85,
                )
                break


def _is_of_old(reading: Reading, mention: str, left: int, right: int) -> bool:
    """Say whether a treatment was of the other breast, or radiation after an earlier cancer."""
    radiation = "radi" in mention and "chemo" not in mention and mention.startswith(("s", "post"))
    return radiation or earlier.whose(reading, left, right) is False


def _focality(reading: Reading, organ: str) -> Iterator[Candidate]:
    for match in _MULTI.finditer(reading.low):
        start, end = match.span()
        section = reading.section_at(start)
        near = reading.low[max(0, start - 50) : end + 40]
        if section.name in {"clinical", "intraoperative"} or re.search(
            r"dcis|in[\s-]situ|necrosis|lymph|invasion|calcif|metasta|involvement|"
            r"staining|fibroadenoma|benign|margin",
            near,
        ):
            continue
        if _BY_IMAGING.search(reading.low, *_breath(reading, start, end)):
            continue
        stated = polarity(reading, start, end, bare="present")
        if _NOT_SEEN.match(reading.low, end):
            stated = "absent"
        labelled = re.match(
            r"\s?(?:of invasive foci)?\s?(?:\([^)]*\))?[:/]", reading.low[end : end + 24]
        )
        if stated == "unknown" or (
            labelled and stated == "present" and polarity(reading, start, end) != "present"
        ):
            continue
        if stated == "absent":
            yield Candidate("focality", "unifocal", start, end, section.weight, 0.85)
        else:
            kind = "multicentric" if "centric" in match[0] and organ == "breast" else "multifocal"
            yield Candidate("focality", kind, start, end, section.weight + 0.5, 0.85)
    for match in _NUMBERED.finditer(reading.low):
        if reading.section_at(match.start()).name not in {"clinical", "intraoperative"}:
            yield Candidate("focality", "multifocal", match.start(), match.end(), 5.0, 0.85)
    for match in _UNI.finditer(reading.low):
        section = reading.section_at(match.start())
        if section.name not in {"clinical", "intraoperative", "gross"} and not re.search(
            r"node|papilloma|polyp|cyst", reading.low[match.start() : match.end() + 25]
        ):
            yield Candidate(
                "focality", "unifocal", match.start(), match.end(), section.weight, 0.85
            )


def _breath(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Return the part of the clause around a mention that no comma and no "but" ends."""
    left, right = reading.clause(start, end)
    for match in _COMMA.finditer(reading.low, left, start):
        left = match.end()
    following = _COMMA.search(reading.low, end, right)
    return left, following.start() if following else right


def _depth(reading: Reading) -> Iterator[Candidate]:
    for value, pattern, extra in (("superficial", _SUPERFICIAL, 0.5), ("deep", _DEEP, 0.0)):
        for match in pattern.finditer(reading.low):
            section = reading.section_at(match.start())
            yield Candidate("depth", value, match.start(), match.end(), section.weight + extra, 0.7)
