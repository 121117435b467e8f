"""Scope: whose statement a clause is, and whether it still stands.

A report also tells of an earlier tumour, of the other side, and of what it said before it was
corrected. `another` disease states nothing here. What is `replaced` must never come out as a value,
and what is `doubtful` (a double denial, "cannot be excluded") is a question
(`extractors.doubts`). The present and what is told beside it in one breath are kept apart where
a word says so ("now", "compared with"); where none does, the values beside it are doubtful.
"""

import re
from collections.abc import Iterator
from typing import Literal

from extractors.chronology import old_entries
from extractors.context import FAMILY
from extractors.patterns import rx
from extractors.reading import Reading
from extractors.recurrences import YEAR, old_brackets, old_operations
from extractors.replaced import replaced_stretches, submitted_diagnoses
from extractors.shape import is_letter, title_of
from extractors.specimens import side_of

ScopeKind = Literal["another", "replaced", "doubtful", "conditional"]
Stretch = tuple[ScopeKind, int, int]

_DISEASE = (
    r"(?:carcinomas?|cancers?|tumou?rs?|malignanc(?:y|ies)|primar(?:y|ies)|neoplasms?|disease|"
    r"dcis|idc|ilc|ca\b)"
)
# An earlier disease, named as such; a biopsy of today's tumour is not one.
_EARLIER = rx(
    r"\b(?:previous|prior|earlier|former|past|remote|preceding)\b"
    r"(?: (?!core\b|biops\w++|needle\b|fna\b|"
    r"cytolog\w++|report\w*|to\b|this\b|neo|chemo|radi|"
    rf"treat\w*|therap\w*|margin|history\b|primary site)[\w'()/-]++){{0,4}}? (?<!no ){_DISEASE}\b"
    r"(?! ?(?:site|bed|board|marker|biops|core|history|discrepanc))"
)
# "The original tumour, excised in 2016, was grade 2": only where it is plainly over.
_FIRST_DISEASE = rx(
    rf"\b(?:first|original|initial) (?:\w++ ){{0,2}}?{_DISEASE}\b(?=[^.;:\n]{{0,30}}\b(?:was|were|"
    r"had|excised|removed|treated|resected|(?:19|20)\d\d)\b)"
)
_CONTRA = rx(
    r"\bcontra-?\s?lateral\b|\b(?:other|opposite) (?:breast|side)\b|\bsecond primary\b|"
    r"\b(?:breast|side) opposite\b"
)
_PAST = rx(
    r"\b(?:history of|h/o|hx of|known|previous(?:ly)?|prior|past|earlier|treated|diagnosed|excised|"
    r"removed|operated|status post|s/p|underwent|had|was|were)\b"
)
_ANY_DISEASE = rx(rf"\b{_DISEASE}\b|mastectomy|lumpectomy|quadrantectomy|\bwle\b")
_HISTORY = rx(r"\b(?:history of|h/o|hx of|status post|s/p|known|previous(?:ly)?|prior|past)\b")
_SIDED = rx(
    r"\b(?P<side>left|right|lt|rt)[\s-](?:sided )?(?:\w++ ){0,2}?(?:breasts?|axill\w++|mastectomy|"
    r"lumpectomy|wle|carcinomas?|cancers?|idc|ilc|tumou?rs?|mass)\b"
)
_SIDE_BEHIND = rx(rf"\b{_DISEASE},? (?:of the )?(?:left|right)\b")
_PRESENT = rx(
    r"\b(?:now|current(?:ly)?|present(?:ly)?(?= |,)(?! (?:in|as|at|with)\b)|today|"
    r"this (?:specimen|tumou?r|excision|time|lesion|carcinoma|case|one)|compared (?:with|to)|"
    r"(?:in )?contrast|whereas|unlike|new(?:ly)?)\b"
)
_SIDE_TODAY = rx(
    rf"\b(?:now|current(?:ly)?|today|new)\b[\s:,]{{1,3}}(?:(?:the|a|an|in the|primary|core|"
    rf"biopsy) )*"
    rf"(?:left|right)\b(?=[^.;\n]{{0,30}}\b(?:breast|{_DISEASE})\b)"
)
_PAUSE = re.compile(r"[,:(]|\bwith\b|\band\b")
_GOES_ON = rx(
    r"^[\s-]*(?:it|they|that (?:one|tumou?r|carcinoma|cancer|lesion)|there|at that time|then|"
    r"(?:its|the) (?:nodes?|margins?|grade|size|receptors?)|nodes?|margins?|"
    r"the (?:previous|earlier|former|contralateral|old)[^.;]{0,30}) (?:was|were|had|measured|"
    r"showed)\b"
)
_STOP = re.compile(
    r"[.;](?=\s)|\n(?=\s*(?:\n|[-#•]|\(?[A-Za-z0-9]{1,2}[.)]\s))|"
    r"(?<![,(/&-])(?<! of)(?<! as)(?<! the)(?<! an)(?<! is)\n\s*(?=[A-Z])"
)
_NEW_LINE = re.compile(r"\n\s*[A-Z]")
_LONGEST = 400
_LETTERS = frozenset(
    {"consultation_letter", "referral_letter", "discharge_summary", "mdt_report", "surgical_plan"}
)

_DOUBT = rx(
    r"\b(?:cannot|can not|could not|can't) be (?:\w++ )?(?:excluded|ruled out|called|taken|"
    r"regarded|considered|confirmed|said|stated|assumed|inferred|concluded|established)\b|"
    r"\bneither\b[^.;\n]{1,50}\b(?:is|are|was|were) (?:absent|excluded|negative)\b|"
    r"\b(?:is|are|was|were) not (?:\w++ )?(?:negative|absent|excluded|ruled out|denied)\b|"
    r"\bnot (?:entirely |completely )?(?:excluded|ruled out)\b"
)
_EXCEPT = rx(
    r"\b(?:no|without|negative for|absence of)\b[^.;:\n]{1,60}?\b(?:other than|except(?:ing)?"
    r"(?: for)?|apart from|save for|aside from|beyond)\b[^.;\n]{0,80}"
)
_FAMILY_NAMED = rx(
    r"\b(?:mother|father|sister|brother|aunt|uncle|grandmother|cousin|niece|daughter|"
    r"family)(?:'s)? "
    r"(?:tumou?r|carcinoma|cancer|had|has|with|history)\b"
)
_ON_CORE = rx(r"\b(?:on|in) (?:the )?(?:previous |prior |diagnostic |needle )?(?:core|biopsy)\b")
_ON_EXCISION = rx(
    r"\b(?:on|in) (?:the |this )?(?:excision|resection|lumpectomy|specimen|final)\b|\bhere\b"
)
_GRADES = rx(
    r"(?:\bgrade [1-3] (?:or|to) (?:grade )?[1-3]\b|(?:\?|\bat least |\bprobabl[ey] |"
    r"\bpossibl[ey] )"
    r"grade [1-3]\b)"
)
_CONDITION = rx(
    r"(?:(?<=[.;:\n] )|(?<=[.;:\n])|, |\b(?:and|but) )(?:if|should|in case|unless|when|once|were)"
    r" (?:the )?(?:\w++ ){0,4}?(?:margins?|nodes?|sentinel\w*|slnb?s?|er|pr|her-?2|lvi|dcis|"
    r"invasion|receptors?|tumou?r|carcinoma|grade|size|excision|specimen|report|pathology|it)\b"
    r"(?=[^.;\n]{0,60}\b(?:is|are|be|was|were|proves?|turns?|shows?|has|have|remains?)\b)"
    r"[^.;\n]{0,120}"
)


def stretches(reading: Reading) -> Iterator[Stretch]:
    """Yield the stretches that are not of today's disease, or stand no longer, in any order."""
    yield from _another(reading)
    for start, end in replaced_stretches(reading, _sentence):
        yield "replaced", start, end
    for start, end in submitted_diagnoses(reading, _sentence):
        yield "another", start, end
    yield from _of_the_core(reading)
    for start, end in (*old_brackets(reading.low), *old_entries(reading.low)):
        yield "another", start, end
    for match in _FAMILY_NAMED.finditer(reading.low):
        yield "another", *_sentence(reading, match.start(), match.end())
    yield from _of_relatives(reading)
    for match in _GRADES.finditer(reading.low):
        yield "doubtful", match.start(), match.end()
    for match in _CONDITION.finditer(reading.low):
        yield "conditional", match.start(), match.end()
    for match in _EXCEPT.finditer(reading.low):
        yield "doubtful", match.start(), match.end()
    for match in _DOUBT.finditer(reading.low):
        left, right = _sentence(reading, match.start(), match.end())
        if "margin" in reading.low[left : match.start()] and match[0].endswith("negative"):
            continue  # A margin that is not negative is involved.
        comma = reading.low.rfind(", ", left, match.start())
        follows = reading.low.find(",", match.end(), right)
        yield "doubtful", max(left, comma), follows if follows > 0 else right


def _of_relatives(reading: Reading) -> Iterator[Stretch]:
    """Yield what is told of a relative, and the lines below a relative's disease, up to a stop.

    Whose those are, nobody can tell.
    """
    for match in FAMILY.finditer(reading.low):
        left, own = reading.told_line(*match.span())
        _, right = reading.clause(*match.span())
        yield "another", max(left, match.start() - _LONGEST), min(own, match.end() + _LONGEST)
        if own < right and _ILL.search(reading.low, left, own):
            yield "doubtful", own, right


_ILL = rx(rf"\b(?:{_DISEASE}|brca\w*|her-?2|history|hx|affected|diagnosed)\b")


def side_now(reading: Reading) -> str | None:
    """Return the side of the disease of today: of the diagnosis, the specimens, or a letter."""
    held = reading.kept.get("side now")
    if held is None:
        held = reading.kept["side now"] = _side_now(reading) or ""
    return str(held) or None


def _side_now(reading: Reading) -> str | None:
    stated = {
        _first_side(reading.low, section.start, section.end)
        for section in reading.sections
        if section.name in {"diagnosis", "synoptic"}
    } - {None}
    sides = stated or {
        specimen.side
        for specimen in reading.specimens
        if specimen.side and reading.section_at(specimen.start).name != "clinical"
    }
    if not sides:
        sides = {_side_of_letter(reading)} - {None}
    return sides.pop() if len(sides) == 1 else None


def _first_side(low: str, start: int, end: int) -> str | None:
    """Return the side in the first clause that names one: what stands behind may be the past."""
    for clause in re.split(r"[.;\n]", low[start:end]):
        side = side_of(clause)
        if side and not (_HISTORY.search(clause) or _CONTRA.search(clause)):
            return side
    return None


def _side_of_letter(reading: Reading) -> str | None:
    """Return the side that is called today's, or the first that no word puts into the past."""
    today = _SIDE_TODAY.search(reading.low)
    if today is not None:
        return side_of(today[0])
    old = list(old_entries(reading.low))
    for match in _SIDED.finditer(reading.low):
        if any(start <= match.start() < end for start, end in old):
            continue
        left, right = _sentence(reading, match.start(), match.end())
        left = max(left, reading.low.rfind(",", left, match.start()) + 1)
        comma = reading.low.find(",", match.end(), right)
        words = reading.low[left : comma if comma > 0 else right]
        found = re.search(r"\btreated\b", words) or _HISTORY.search(words) or _CONTRA.search(words)
        past = found is not None or _is_old(reading, words)
        if _ANY_DISEASE.search(words) and not past and side_of(words) in {"left", "right"}:
            return side_of(match[0])
    return None


def _is_old(reading: Reading, words: str) -> bool:
    """Say whether words name a year well before the newest one that the document names."""
    years = [int(one[0]) for one in YEAR.finditer(words)]
    return bool(years) and max(years) < _newest_year(reading) - 1


def _newest_year(reading: Reading) -> int:
    held = reading.kept.get("newest year")
    if not isinstance(held, int):
        held = max((int(one[0]) for one in YEAR.finditer(reading.low)), default=0)
        reading.kept["newest year"] = held
    return held


def _another(reading: Reading) -> Iterator[Stretch]:
    low, done = reading.low, 0
    for start, end in sorted(_mentions(reading)):
        if start < done:
            continue
        left, right = _sentence(reading, start, end)
        first, last = _own_part(reading, left, right, start, end)
        if aside := _bracket_of(low, left, start, right):
            # "(recurrent adenocarcinoma, s/p resection 2019): ..." ends with its bracket.
            done = aside[1]
            yield "another", *aside
            continue
        if opened := low.rfind("(", first, last) + 1:
            closed = low.find(")", opened, last + 120)
            last = max(last, closed + 1)
        if last == right:
            last = _and_what_follows(reading, right)
        done = last
        while first < start and low[first].isspace():
            first += 1
        yield "another", first, last
        if left < first and not _PRESENT.search(reading.low, left, end):
            yield from _beside(reading, left, first)


def _bracket_of(low: str, left: int, start: int, right: int) -> tuple[int, int] | None:
    """Return the rest of the bracket that `start` stands in, where today's disease is behind it."""
    opened = low.rfind("(", left, start)
    if opened < 0 or ")" in low[opened:start] or not low[left:opened].strip():
        return None
    closed = low.find(")", start, min(right, start + 120))
    return (start, closed + 1) if closed > 0 else None


def _beside(reading: Reading, left: int, first: int) -> Iterator[Stretch]:
    """Yield what stands before an earlier disease in one breath, where no side is told."""
    sided = _SIDED.search(reading.low, left, first) or "\n" in reading.low[left:first]
    if not sided and reading.section_at(left).name not in {"diagnosis", "synoptic", "header"}:
        yield "doubtful", left, first


def _mentions(reading: Reading) -> Iterator[tuple[int, int]]:
    """Yield what names a disease that is not today's."""
    low = reading.low
    for pattern in (_EARLIER, _FIRST_DISEASE, _CONTRA):
        for match in pattern.finditer(low):
            if not _NEW_LINE.search(reading.clean, match.start(), match.end()):
                yield match.span()
    yield from old_operations(low, lambda start, end: _sentence(reading, start, end), _PRESENT)
    now = side_now(reading)
    bilateral = len({one.side for one in reading.specimens} & {"left", "right"}) == 2
    if now in {"left", "right"} and not bilateral:
        today = _SIDE_TODAY.search(low) is not None
        for match in (*_SIDED.finditer(low), *_SIDE_BEHIND.finditer(low)):
            left, right = _sentence(reading, match.start(), match.end())
            words = low[left:right]
            section = reading.section_at(match.start()).name
            after = low[match.end() : right][:30]
            gone = _PAST.search(words) is not None or _is_old(reading, after)
            gone = gone or (
                today and (YEAR.search(after) or _ANY_DISEASE.search(words)) is not None
            )
            if side_of(match[0]) != now and gone and section != "synoptic":
                yield match.span()
    letter = is_letter(reading) or title_of(reading) in _LETTERS
    for match in YEAR.finditer(low):
        left, right = _sentence(reading, match.start(), match.end())
        past = _HISTORY.search(low, left, right) or reading.section_at(left).name == "clinical"
        told = past and _ANY_DISEASE.search(low, left, right)
        if told and (not letter or _is_old(reading, match[0])):
            yield match.span()


def _own_part(reading: Reading, left: int, right: int, start: int, end: int) -> tuple[int, int]:
    """Return the part of a sentence that tells of the other disease: up to a word of today."""
    low, first, last = reading.low, left, right
    after = _PRESENT.search(low, end, right)
    if after is not None:
        last = after.start()
    before = list(_PRESENT.finditer(low, left, start))
    now = side_now(reading)
    today = before or (now and any(side_of(m[0]) == now for m in _SIDED.finditer(low, left, start)))
    lead = low[left:start]
    if today or re.search(r"\bgrade|\d ?[cm]m\b|carcinoma|positive|negative", lead):
        pauses = list(_PAUSE.finditer(low, left, start))
        whole = start if today else left
        first = max([pauses[-1].start() if pauses else whole, *(m.start() for m in before[-1:])])
    return first, last


def _and_what_follows(reading: Reading, right: int) -> int:
    """Return the end of the sentences that go on with the same disease, or of its lines."""
    low = reading.low
    if low[:right].rstrip().endswith(":") or low[right - 1 : right + 1].startswith(":"):
        blank = low.find("\n\n", right)
        return min(blank if blank >= 0 else len(low), right + _LONGEST)
    while right < len(low) - 1 and _GOES_ON.search(low[right + 1 : right + 70]):
        right = _sentence(reading, right + 1, right + 2)[1]
    return right


def _of_the_core(reading: Reading) -> Iterator[Stretch]:
    """Yield what a report on an excision says of the core biopsy beside it."""
    low = reading.low
    for match in _ON_CORE.finditer(low):
        left, right = _sentence(reading, match.start(), match.end())
        if _ON_EXCISION.search(low, left, right):
            breaks = [m.end() for m in _PAUSE.finditer(low, left, match.start())]
            yield "another", max([left, *breaks]), match.end()


def _sentence(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence around a span: stops, and lines that begin anew."""
    left, right = reading.clause(start, end)
    left, right = max(left, start - _LONGEST), min(right, end + _LONGEST)
    for stop in _STOP.finditer(reading.clean, left, start):
        left = stop.end()
    last = _STOP.search(reading.clean, end, right)
    return left, last.start() if last else right
