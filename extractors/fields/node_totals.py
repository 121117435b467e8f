"""What a report's several statements about lymph nodes add up to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractors.candidates import Candidate
from extractors.reading import Reading


@dataclass(frozen=True, slots=True)
class Count:
    """One statement about lymph nodes; a number that it does not state is None."""

    positive: int | None
    examined: int | None
    start: int
    end: int
    total: bool
    rank: int


def distinct(reading: Reading, counts: list[Count]) -> list[Count]:
    """Drop restatements: the same large fraction again. Small ones do recur, node by node."""
    seen: set[tuple[int | None, int | None]] = set()
    kept = []
    for count in counts:
        specimen = reading.specimen_at(count.start)
        large = (count.examined or 0) >= 6 and bool(count.positive or not specimen)
        key = (count.positive, count.examined)
        if large and key in seen:
            continue
        seen.add(key)
        kept.append(count)
    return kept


def merge(counts: list[Count]) -> list[Count]:
    """Join statements that say the same thing twice in one breath ("one node negative (0/1)")."""
    merged: list[Count] = []
    for count in counts:
        last = merged[-1] if merged else None
        restates = count.rank > 1 or (last is not None and last.rank < 2)
        within = last is not None and count.start < last.end
        if last and (within or (restates and count.start - last.end < 45 and _same(last, count))):
            better = count if count.rank > last.rank else last
            merged[-1] = replace(
                better,
                positive=better.positive
                if better.positive is not None
                else (last.positive if last.positive is not None else count.positive),
                examined=better.examined
                if better.examined is not None
                else (last.examined if last.examined is not None else count.examined),
                start=min(last.start, count.start),
                end=max(last.end, count.end),
                total=last.total or count.total,
            )
        else:
            merged.append(count)
    return merged


def _same(a: Count, b: Count) -> bool:
    if a.start <= b.start < a.end:
        return True
    if a.total and b.total and (a.positive is None) != (b.positive is None):
        return True
    agree = a.positive is None or b.positive is None or a.positive == b.positive
    return (
        agree
        and (a.examined is None or b.examined is None or a.examined == b.examined)
        and (
            (a.examined is not None and a.examined == b.examined)
            or (a.positive is not None and a.positive == b.positive and (a.rank < 1 or b.rank < 1))
        )
    )


def settle(counts: list[Count], weight: float, floor: int) -> Iterator[Candidate]:
    """Turn one section's statements into its totals.

    A labelled total counts unless a single specimen, here or in another section (`floor`), already
    has more nodes than it; a fraction that equals the sum of the others is their total; otherwise
    the specimens are added up.
    """
    parts = [c for c in counts if c.positive is not None and c.examined is not None]
    largest = max((c.examined or 0 for c in parts if not c.total), default=0)
    most = max(largest, floor if any(c.rank == 3 for c in counts) else 0)
    totals = [c for c in counts if c.total and (c.examined is None or c.examined >= most)]
    if len(totals) < len([c for c in counts if c.total]):
        totals = [c for c in totals if c.examined is not None]
    parts = [c for c in parts if not c.total] or [c for c in parts if c.total]
    best = max(parts, key=lambda c: c.examined or 0, default=None)
    others = sum(c.examined or 0 for c in parts if c is not best)
    summed = [best] if best and _is_sum(best, parts, others) else parts
    for concept, key in (("nodes_examined", "examined"), ("nodes_positive", "positive")):
        total = max(
            (c for c in totals if getattr(c, key) is not None),
            key=lambda c: (c.examined is not None and c.positive is not None, getattr(c, key)),
            default=None,
        )
        if total is not None:
            value = getattr(total, key)
            yield Candidate(concept, value, total.start, total.end, weight + 1, 0.93)
        elif summed:
            first = max(summed, key=lambda c: getattr(c, key))
            value = sum(getattr(c, key) for c in summed)
            sure = 0.9 if len(summed) == 1 else 0.8
            yield Candidate(concept, value, first.start, first.end, weight + 0.5, sure)
        elif key == "positive":
            sick = [c for c in counts if c.positive]
            if sick:
                value = sum(c.positive or 0 for c in sick)
                yield Candidate(concept, value, sick[0].start, sick[0].end, weight - 1, 0.7)


def _is_sum(best: Count, parts: list[Count], others: int) -> bool:
    """Say whether the largest fraction sums up the others instead of adding to them."""
    if len(parts) < 3:
        return False
    if others == best.examined:
        return True
    positive = sum(c.positive or 0 for c in parts if c is not best)
    return (
        best is parts[-1]
        and 0 < positive <= (best.positive or 0)
        and others <= (best.examined or 0)
    )
