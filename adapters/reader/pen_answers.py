"""The answer that a ring holds: as it was read, or as it can only be beside the others of its row.

The pen's ink spoils letters at the ends of a ring. What is left of an answer is taken for it when
two things agree: it is spelled much like it, and it is the one of its kind that the row does not
print elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from adapters.reader.engine import OcrWord
from extractors.forms.answers import is_answer, likeness

_SURELY = 75.0
_ALIKE = 0.75
_SHORT = 4
_GRADES = ("grade 1", "grade 2", "grade 3")
_SPELLED_GRADE = re.compile(r"\W*(?:[a-z0-9]{0,2}r?ade|gr[a-z0-9]{2}e|g[a-z0-9]{2}de)([1-3])\W*")
_LETTERS = re.compile(r"[a-z]+")
_FAMILIES = (
    ("positive", "negative", "equivocal"),
    ("present", "absent", "not identified"),
    ("involved", "uninvolved"),
    _GRADES,
)
"""Answers of one kind: two of them beside each other exclude each other."""
_ANSWERS = re.compile(r"\b(?:" + "|".join(
    one.replace(" ", r"\s?") for family in _FAMILIES for one in sorted(family, reverse=True)
) + r")\b")  # fmt: skip


def answer_in(held: Sequence[OcrWord], beside: Sequence[OcrWord]) -> list[str] | None:
    """Return what each word in a ring says, all together one answer; None when nobody can tell.

    `held` are the words in the ring, `beside` those on its line that are not.
    """
    near = all(
        abs(b.box[0] - a.box[2]) < 0.9 * (a.box[3] - a.box[1]) and a.line == b.line
        for a, b in pairwise(held)
    )
    words = " ".join(word.text for word in held)
    if not near or re.search(r"[/|:]", words):
        return None
    if min(word.confidence for word in held) >= _SURELY and is_answer(words):
        return [word.text for word in held]
    said = _the_other([word.text for word in held], _others(beside))
    return None if said is None else [said[0], *_like_beside(said[1:], held[1:], beside)]


def _like_beside(
    said: Sequence[str], held: Sequence[OcrWord], beside: Sequence[OcrWord]
) -> Iterator[str]:
    """Yield the further words of an answer, unsure ones as its neighbour has them."""
    printed = sorted({word.text for word in beside if len(word.text) > _SHORT})
    for text, word in zip(said, held, strict=True):
        ratios = {one: likeness(one, text) for one in printed}
        best = max(ratios, key=lambda one: ratios[one], default="") if len(text) > _SHORT else ""
        unsure = word.confidence < _SURELY and ratios.get(best, 0.0) >= _ALIKE
        yield best if unsure else text


def _others(beside: Sequence[OcrWord]) -> list[str]:
    """Return the answers that can be read beside a ring, in small letters, without their spaces."""
    text = " ".join(word.text for word in sorted(beside, key=lambda word: word.box[0]))
    return ["".join(found[0].split()) for found in _ANSWERS.finditer(text.lower())]


def _the_other(held: Sequence[str], others: Sequence[str]) -> list[str] | None:
    """Return the answer that words are spelled like and that the rest of the row leaves open."""
    family = next((one for one in _FAMILIES if others and others[0] in _bare(one)), ())
    if not family or not set(others) <= set(_bare(family)) or len(set(others)) < len(others):
        return None
    spelled = "".join(held).lower()
    if family == _GRADES:
        left = [one for one in _bare(family) if one not in others]
        found = _SPELLED_GRADE.fullmatch(spelled)
        if len(left) > 1 or found is None or f"grade{found[1]}" != left[0]:
            return None
        return ["Grade", found[1]] if len(held) == 2 else [f"Grade{found[1]}"]
    first = "".join(_LETTERS.findall(held[0].partition("(")[0].lower()))
    letters = "".join(_LETTERS.findall(spelled))
    ratios = {
        one: max(likeness(some, one) for some in (first, letters[: len(one) + 1]))
        for one in _bare(family)
    }
    best = max(ratios, key=lambda one: ratios[one])
    if ratios[best] < _ALIKE or best in others:
        return None
    if best == "notidentified":
        return ["Not", "identified"] if len(held) == 2 else None
    # A ring that holds two answers chooses neither: two rings that touch are one piece of ink.
    further = ["".join(_LETTERS.findall(word.lower())) for word in held[1:]]
    if any(likeness(word, one) >= _ALIKE for word in further for one in _bare(family)):
        return None
    rest = re.sub(r"^[^(]*", "", held[0])
    return [best.capitalize() + rest, *held[1:]]


def _bare(family: Sequence[str]) -> list[str]:
    return ["".join(one.split()) for one in family]
