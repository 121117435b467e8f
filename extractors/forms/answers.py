"""Printed answers: the words that forms offer most, also as OCR spells them."""

import re
from collections.abc import Sequence

ANSWER = re.compile(
    r"\b(?:positive|negative|equivocal|present|absent|yes|no|not (?:identified|present|detected|"
    r"involved|applicable|performed|known|seen|assessed)|identified|involved|uninvolved|free|"
    r"unknown|indeterminate|cannot be \w+|left|right|bilateral|amplified|non-?amplified)\b",
    re.IGNORECASE,
)
# Answers that forms print between strokes and that running text uses for other things too.
_CHOICE = re.compile(
    rf"(?:{ANSWER.pattern}|\b(?:pos|neg|y|n|possible|suspicious|seen|none|reaches|does not reach|"
    r"clear|close|involves|complete|incomplete|incompletely|completely|done|not done|given|"
    r"not given|high|low|single|multiple|unifocal|multifocal|absence|presence|nil|not|"
    r"not available|n/?a)\b)",
    re.IGNORECASE,
)
_WORDS_OF_A_CHOICE = 4
# "Grade 1", "G2", "pT1c": answers that differ in their number alone.
_NUMBERED = re.compile(r"(?P<name>[A-Za-z][\w ]{0,18}?)\s?(?:\d|I{1,3}V?)[a-d]?")
_GRADED = re.compile(r"\b(?:grade|score|stage|g)\s?\(?(?:[0-4I]{1,3}(?![a-z])|\w\))", re.IGNORECASE)
ANSWERS = re.compile(f"{ANSWER.pattern}|{_GRADED.pattern}", re.IGNORECASE)
"""Any printed answer, also one that differs from its fellows in its number alone."""
_SPELLED = (
    "positive", "negative", "equivocal", "present", "absent", "identified", "notidentified",
    "involved", "uninvolved", "detected", "notdetected", "amplified", "unknown", "bilateral",
)  # fmt: skip
_ALIKE, _FAR = 0.6, 0.45
_ALONE = re.compile(r"[a-z]{6,10}", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_MEASURE = re.compile(r"[<>=~]*\s?\d+(?:[.,]\d+)?\s?(?:%|\+|mm|cm|x)?", re.IGNORECASE)
_BOXED = re.compile(
    r"^[\W_]*?[\[{|©®@OCQDJLI0]{1,3}(?=(?:Positive|Negative|Equivocal|Present|Absent|Not\s|"
    r"Identified|Involved|Uninvolved|Grade|Yes|No\b|Unknown|Left|Right))"
)
_FIRST = re.compile(r"[a-z]+")
_STRAY = " \t.,;:'\"|~_-—()[]{}<>«»"


def all_answers(words: Sequence[str], *, scanned: bool = False) -> bool:
    """Say whether each of some words between strokes could be the answer.

    In a scan one that can be read is enough when the others are like one, or are no words: a pen
    that strikes out or rings an answer spoils its letters.
    """
    if not scanned:
        return _numbered(words) or _is_choice(words)
    bare = [one.strip(_STRAY) for one in words]
    numbers = sum(len(_GRADED.findall(one)) for one in bare)
    answers = [one for one in bare if ANSWER.match(one)]
    if not answers:
        return numbers > 1
    # Two different answers side by side are a choice, whatever became of a third.
    if len({ANSWER.findall(one)[0].lower() for one in answers}) > 1:
        return True
    return all(
        one in answers or _spoiled(one) or not (_LETTERS.search(one) or _MEASURE.fullmatch(one))
        for one in bare
    )


def _is_choice(words: Sequence[str]) -> bool:
    """Say whether some words between strokes are a choice: two answers, and nothing longer."""
    if all(ANSWER.match(one) for one in words):
        return True
    chosen = {match[0].lower() for one in words if (match := _CHOICE.match(one))}
    short = all(
        len(one.split()) <= _WORDS_OF_A_CHOICE and not re.search(r"[:;\d]", one) for one in words
    )
    return len(chosen) > 1 and short and all(len(one) > 2 or _CHOICE.match(one) for one in words)


def _spoiled(words: str) -> bool:
    """Say whether words between strokes may be an answer that a pen went over."""
    alone = _ALONE.fullmatch(words)
    return is_like(words) or (alone is not None and is_like(words, _FAR))


def both_spoiled(words: Sequence[str]) -> bool:
    """Say whether a pen went over all answers of a scanned row: one is like one, all are a little.

    Words of reports are like an answer too ("invasive"): ask only where a label asks for one.
    """
    bare = [one.strip(_STRAY) for one in words if _LETTERS.search(one)]
    return len(bare) > 1 and any(map(is_like, bare)) and all(is_like(one, _FAR) for one in bare)


def _numbered(words: Sequence[str]) -> bool:
    found = [_NUMBERED.fullmatch(one) for one in words]
    return all(found) and len({match["name"].strip().lower() for match in found if match}) == 1


def likeness(one: str, other: str) -> float:
    """Return how much alike two words are spelled, 0 to 1."""
    # Loaded for scans and misspelled forms alone.
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio()


def is_like(words: str, alike: float = _ALIKE) -> bool:
    """Say whether words begin like an answer that OCR misspelled."""
    found = _FIRST.search(words.lower())
    first = found[0] if found else ""
    whole = "".join(_FIRST.findall(words.lower()))[:14]
    return any(
        len(one) > 4 and likeness(one, spelled) >= alike
        for one in (first, whole)
        for spelled in _SPELLED
    )


def without_box(words: str) -> str:
    """Return words without what OCR made of a box before them and glued to an answer: `[QGrade 2`.

    Words that have no such box stay as they are.
    """
    return _BOXED.sub("", words)


def how_many(words: str) -> int:
    """Return how many answers stand in some words: more than one option's if more than one."""
    return len(ANSWER.findall(words)) + len(_GRADED.findall(words))


def is_answer(words: str) -> bool:
    """Say whether some words are one answer of a form, and can be read."""
    answer = ANSWER.match(words) or _GRADED.match(words)
    return answer is not None and how_many(words) == 1 and not re.search(r"[/|:]", words)
