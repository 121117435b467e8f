"""HER2: immunohistochemistry (0 to 3+), and in situ hybridisation by ASCO/CAP.

Of two probes five groups follow (ASCO/CAP 2018, J Clin Oncol 36:2105, kept by the 2023 update):
1 is a ratio of 2.0 or more with 4.0 or more copies of HER2 a cell, 2 such a ratio with fewer, 3 a
lower ratio with 6.0 or more, 4 with 4.0 to 5.9, and 5 with fewer than 4.0. Group 1 is positive and
group 5 negative; the others are settled only together with immunohistochemistry.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractors.candidates import Candidate
from extractors.fields import her2_words as ish
from extractors.fields import marker_words as words
from extractors.fields.marker_hormones import IHC_STATUS
from extractors.fields.marker_statement import Mention, Statement, status_in, status_of
from extractors.fields.marker_text import receptor_text
from extractors.patterns import decimal_of
from extractors.reading import Reading
from extractors.types import Value

_BLOCK = 300
"""Ratio and copies this close to each other are of one test."""


def is_of_gene(group: Sequence[Mention], said: Statement) -> bool:
    """Say whether a run of markers is about the gene: a test of it is named, or its numbers are."""
    if any(mention.marker == "ish" for mention in group):
        return True
    if not any(mention.marker == "her2" for mention in group):
        return False
    if ish.OTHER_TEST.search(said.window) or words.IHC_SCORE.search(said.window):
        return False
    if ish.NUMBERED.match(said.window):
        return True
    test = ish.GENE_TEST.search(said.lead)
    return test is not None and not ish.OTHER_TEST.search(said.lead, test.end())


def protein(reading: Reading, said: Statement) -> Iterator[Candidate]:
    """Yield what is said of HER2 where no test of the gene is named with it."""
    text = receptor_text(reading)
    unamplified = words.UNAMPLIFIED.search(text[max(0, said.start - 50) : said.start])
    if unamplified:
        start = said.start - len(unamplified[0])
        yield Candidate("her2_ish", "negative", start, said.end, said.weight)
        return
    yield from _numbers(text, said)
    amplified = words.AMPLIFIED.search(said.window) if "amplif" in said.window else None
    plus = words.OUTER_PLUS.match(said.window)
    if plus and plus["plus"]:
        if len(plus["plus"]) > 1:
            value, end = len(plus["plus"]), said.end + plus.end()
            yield Candidate("her2_score", value, said.start, end, said.weight, 0.93)
            yield Candidate("her2_ihc", IHC_STATUS[value], said.start, end, said.weight + 0.2)
        return
    score = None if said.loose_zero else words.IHC_SCORE.search(said.window)
    if amplified and amplified.lastgroup in {"pos", "neg", "neg3"}:
        end = said.end + amplified.end()
        yield Candidate("her2_ish", status_of(amplified), said.start, end, said.weight)
        if score is None or score.start() > amplified.start():
            return
    if score and "ratio" not in said.window[: score.end()]:
        digits = next(v for v in score.groups() if v is not None)
        value, end = 0 if digits == "zero" else int(digits), said.end + score.end()
        yield Candidate("her2_score", value, said.start, end, said.weight, 0.93)
        yield Candidate("her2_ihc", IHC_STATUS[value], said.start, end, said.weight + 0.2)
        yield from _word_beside(said, score, end)
        return
    stated = status_in(said, None)
    status = words.STATUS.search(said.window)
    if stated and not (said.pending and not (status and status.start() < 25)):
        yield from _verdict(text, said, stated)


def _verdict(text: str, said: Statement, stated: tuple[str, int, int]) -> Iterator[Candidate]:
    """Yield a verdict without a score: of the gene, of the protein, or of both together."""
    _, start, end = stated
    if "amplif" in text[start:end] or words.BY_ISH.match(text, max(end, said.end)):
        yield Candidate("her2_ish", *stated, said.weight)
        return
    concludes = ish.CONCLUDES.search(said.lead) or ish.CONCLUSION.match(said.window)
    tested = ish.GENE_TEST.search(text, max(0, said.start - 300), said.start)
    of_protein = ish.OTHER_TEST.search(said.lead) or ish.OTHER_TEST.search(said.window)
    final = concludes or (tested and not of_protein)
    yield Candidate("her2_final" if final else "her2_ihc", *stated, said.weight)


def _word_beside(said: Statement, score: re.Match[str], end: int) -> Iterator[Candidate]:
    """Yield the word that stands before a score: "negative (3+)" is a contradiction to be asked."""
    word = words.STATUS.search(said.window, 0, score.start())
    if word is not None and word.start() < 12:
        yield Candidate("her2_ihc", status_of(word), said.start, end, said.weight + 0.2)


def gene(reading: Reading, group: Sequence[Mention], said: Statement) -> Iterator[Candidate]:
    """Yield what is said of HER2 by in situ hybridisation."""
    text = receptor_text(reading)
    around = text[max(0, said.start - 200) : said.end + 100]
    if not words.HER2_NEAR.search(around) and not ish.GROUP.search(said.window):
        return
    stain = ish.STAIN_INSTEAD.match(text[said.end : said.end + 90])
    if stain:
        value, end = int(stain["a"]), said.end + stain.end()
        yield Candidate("her2_score", value, said.start, end, said.weight, 0.93)
        yield Candidate("her2_ihc", IHC_STATUS[value], said.start, end, said.weight + 0.2)
        return
    unamplified = words.UNAMPLIFIED.search(said.lead)
    if unamplified:
        yield Candidate(
            "her2_ish", "negative", said.start - len(unamplified[0]), said.end, said.weight
        )
        return
    if ish.NO_EVIDENCE.search(said.lead) and (
        any("amplif" in mention.name for mention in group) or ish.AMPLIFIES.match(said.window)
    ):
        yield Candidate("her2_ish", "negative", said.start, said.end, said.weight)
        return
    of_control_alone = all(ish.CONTROL_PROBE.match(mention.name) for mention in group)
    yield from _numbers(text, said, copies=not of_control_alone)
    if of_control_alone is False and ish.CONTROL_PROBE.match(group[-1].name):
        bare = ish.RATIO_BARE.match(said.window)
        if bare:
            end = said.end + bare.end()
            yield Candidate("her2_ratio", _bounded(bare), said.start, end, said.weight)
    before = words.ISH_BEFORE.search(text[max(0, said.start - 50) : said.start])
    window = said.window[: ish.NUMBERS_BEGIN.search(said.window).start()]  # type: ignore[union-attr]
    sign = words.SIGN.match(said.window)
    if sign:
        yield Candidate("her2_ish", status_of(sign), said.start, said.end + sign.end(), said.weight)
        return
    amplified = words.AMPLIFIED.search(window) or (
        None if ish.OTHER_TEST.search(said.window) else words.AMPLIFIED.search(said.window)
    )
    if before and not (amplified and amplified.start() < 8):
        start = said.start - len(before[0])
        yield Candidate("her2_ish", status_of(before), start, said.end, said.weight)
    elif said.before and not amplified and ish.OUTRIGHT.match(said.before[0]):
        start = said.start - len(said.before[0].lstrip())
        yield Candidate("her2_ish", status_of(said.before), start, said.end, said.weight)
    elif amplified and not said.pending:
        end = said.end + amplified.end()
        yield Candidate("her2_ish", status_of(amplified), said.start, end, said.weight)


def _numbers(text: str, said: Statement, *, copies: bool = True) -> Iterator[Candidate]:
    """Yield the ratio, the copies and the group that the words around a name state."""
    ratio = ish.RATIO.search(said.window)
    if ratio:
        end = said.end + ratio.end()
        yield Candidate("her2_ratio", _bounded(ratio), said.start, end, said.weight)
    if copies:
        yield from _copies(text, said)
    group = ish.GROUP.search(said.window)
    if group:
        end = said.end + group.end()
        yield Candidate("her2_group", ish.GROUPS[group["g"]], said.start, end, said.weight)


def _copies(text: str, said: Statement) -> Iterator[Candidate]:
    before = text[max(0, said.start - 40) : said.start]
    counted = ish.COPIES.search(said.window)
    if counted is None and ish.AVERAGE_BEFORE.search(before):
        counted = ish.AVERAGE_OF.match(said.window)
    if counted:
        end = said.end + counted.end()
        yield Candidate("her2_copies", _bounded(counted), said.start, end, said.weight)
    told_before = ish.COPIES_BEFORE.search(before)
    if counted is None and told_before and ish.COPIES_AFTER.match(said.window):
        start = said.start - len(told_before[0])
        yield Candidate("her2_copies", _bounded(told_before), start, said.end, said.weight)


def _bounded(match: re.Match[str]) -> Value:
    """Return a number; "< 1.8" is an interval, not 1.8."""
    number, op = decimal_of(match["a"]) or 0.0, match["op"] or ""
    if not op:
        return number
    return {("l" if op[0] == "<" else "g") + ("e" if "=" in op else "t"): number}


def concluded(candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield what ASCO/CAP concludes from group, ratio and copies, where no verdict is stated.

    `her2_counted` is the group that the numbers make; `her2_ish_open` says that the page has
    numbers or a group, and that they settle nothing without immunohistochemistry.
    """
    numbers = [c for c in candidates if c.concept in {"her2_ratio", "her2_copies", "her2_group"}]
    verdicts = [c for c in candidates if c.concept == "her2_ish" and c.value != "indeterminate"]
    for block in _blocks(numbers):
        first, last = block[0].start, max(c.end for c in block)
        weight = max(c.weight for c in block)
        counted = _group_of(block)
        if counted is not None:
            yield Candidate("her2_counted", counted, first, last, weight)
        ratios = [c for c in block if c.concept == "her2_ratio"]
        if ratios and not any(c.concept == "her2_copies" for c in block):
            yield replace(ratios[0], concept="her2_ratio_alone")
        named = {int(str(c.value)) for c in block if c.concept == "her2_group"}
        groups = named | ({counted} if counted is not None else set())
        if verdicts:
            continue
        if groups == {1} or groups == {5}:
            word = "positive" if groups == {1} else "negative"
            yield Candidate("her2_ish", word, first, last, weight, 0.8)
        else:
            yield Candidate("her2_ish_open", "open", first, last, weight)


def _blocks(numbers: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    block: list[Candidate] = []
    for one in sorted(numbers, key=lambda c: c.start):
        if block and one.start - block[-1].end > _BLOCK:
            yield block
            block = []
        block.append(one)
    if block:
        yield block


def _group_of(block: Sequence[Candidate]) -> int | None:
    """Return the group that ratio and copies make; None where they leave it open."""
    ratios = {repr(c.value): _bounds(c.value) for c in block if c.concept == "her2_ratio"}
    copies = {repr(c.value): _bounds(c.value) for c in block if c.concept == "her2_copies"}
    if len(ratios) != 1 or len(copies) != 1:
        return None
    low, high = next(iter(ratios.values()))
    fewest, most = next(iter(copies.values()))
    if low >= 2.0:
        return 1 if fewest >= 4.0 else 2 if most < 4.0 else None
    if high >= 2.0:
        return None
    if fewest >= 6.0:
        return 3
    return 4 if fewest >= 4.0 and most < 6.0 else 5 if most < 4.0 else None


_LEAST = 0.001


def _bounds(value: Value) -> tuple[float, float]:
    """Return the least and the greatest number that a value may be."""
    if not isinstance(value, dict):
        assert isinstance(value, int | float)
        return float(value), float(value)
    low, high = 0.0, 1000.0
    for key, number in value.items():
        bound = float(number)
        if key.startswith("g"):
            low = bound if key == "ge" else bound + _LEAST
        else:
            high = bound if key == "le" else bound - _LEAST
    return low, high
