"""From observations to the values that count: intake statements, ranks, derivation (SCHEMA 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from suitability.values import Interval, Value, in_interval
from suitability.vocabulary import INTAKE, Derivation, Field, Vocabulary

MISSING = "missing"
NOT_YET = "not_yet_available"
SELF_REPORTED = "self_reported_only"
CONFLICT = "conflict"
INDETERMINATE = "indeterminate_result"
STRADDLES = "range_straddles_limit"
SOURCES_DIFFER = "sources_differ"
NOT_COVERED = "value_not_covered"
NOT_FINAL = "not_from_final_report"

FINAL_SOURCES = frozenset({"final_pathology", "central_review", "amended_report"})
"""Who states what was found in the tissue that was removed."""

Raw = str | bool | int | float | Mapping[str, int | float] | Sequence[str] | Value


@dataclass(frozen=True, slots=True)
class Observation:
    """One statement of one document.

    `value` is a value of the field, a range `{lt|le|gt|ge: n}` in the field's unit, or a list
    for a set; `source` is a name of `source_rank`; `date` is ISO.
    """

    value: Raw
    source: str | None = None
    date: str | None = None
    document_id: str | None = None
    page: int | None = None
    quote: str | None = None


def normal(value: Raw) -> Value:
    """Return a raw value as the evaluator compares it: ranges as Interval, lists as sets."""
    if isinstance(value, Mapping):
        return Interval.from_bounds(value)
    if isinstance(value, str | bool | int | float | Interval | frozenset):
        return value
    return frozenset(value)


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A derived value that its source leaves open, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What one field says after rules 1, 2, 5 and 6.

    Either `values` (one or more) or a `reason` why there is none. `counted` are the
    observations behind the values, `displaced` those that a higher rank replaced, `ignored`
    the patient's own statements that may not decide; `derived_from` names the other field.
    """

    values: tuple[Value | Undetermined, ...]
    reason: str | None = None
    counted: tuple[Observation, ...] = ()
    displaced: tuple[Observation, ...] = ()
    ignored: tuple[Observation, ...] = ()
    derived_from: str | None = None

    @property
    def is_final(self) -> bool:
        """Say whether final reports alone are behind the values.

        A statement whose source nobody named is taken at its word.
        """
        return all(item.source is None or item.source in FINAL_SOURCES for item in self.counted)


Findings = Mapping[str, Sequence[Observation]]


class Facts:
    """The findings of one case in one phase, each field resolved once.

    `phase` is preop or postop; it decides whether silence is missing or not yet available.
    """

    def __init__(self, findings: Findings, phase: str, vocabulary: Vocabulary) -> None:
        self.findings = findings
        self.phase = phase
        self.vocabulary = vocabulary
        self._kept: dict[str, Kept] = {}
        self.truths: dict[object, object] = {}

    def kept(self, name: str) -> Kept:
        """Return what counts for a field of the vocabulary."""
        known = self._kept.get(name)
        if known is None:
            known = self._kept[name] = self._resolve(self.vocabulary.fields[name])
        return known

    def _resolve(self, field: Field) -> Kept:
        observed = self.findings.get(field.name)
        if not observed:
            if field.derive is not None:
                return self._derive(field, field.derive)
            return Kept((), self._silence(field))
        beside = self._beside(field)
        return _weigh(field, (*observed, *beside), self.vocabulary.source_rank)

    def _beside(self, field: Field) -> Iterable[Observation]:
        """Return what another field's statements say of this one although it is stated itself.

        A positive margin is a distance of 0 mm, whatever distance of another edge stands beside it.
        """
        derive = field.derive
        if derive is None or not derive.beside:
            return
        for item in self.findings.get(derive.source, ()):
            if isinstance(item.value, str) and item.value in derive.beside:
                yield replace(item, value=derive.mapping[item.value])

    def _silence(self, field: Field) -> str:
        early = self.phase == "preop" and field.avail == "postop"
        return NOT_YET if early else MISSING

    def _derive(self, field: Field, derive: Derivation) -> Kept:
        origin = self.kept(derive.source)
        if not origin.values:
            own = self._silence(field)
            reason = SELF_REPORTED if origin.reason == SELF_REPORTED else own
            return Kept((), reason, ignored=origin.ignored, derived_from=derive.source)
        values = tuple(self._derived(field, derive, value) for value in origin.values)
        open_reasons = {v.reason for v in values if isinstance(v, Undetermined)}
        if len(values) == 1 and open_reasons:
            return Kept((), open_reasons.pop(), derived_from=derive.source)
        return Kept(
            values,
            counted=origin.counted,
            displaced=origin.displaced,
            ignored=origin.ignored,
            derived_from=derive.source,
        )

    def _derived(
        self, field: Field, derive: Derivation, value: Value | Undetermined
    ) -> Value | Undetermined:
        if isinstance(value, Undetermined):
            return value
        threshold = derive.threshold
        if threshold is None:
            if isinstance(value, str) and value in derive.mapping:
                return derive.mapping[value]
            return Undetermined(self._silence(field))
        if isinstance(value, str | bool | frozenset):
            return Undetermined(self._silence(field))
        reached = in_interval(value, threshold.limit)
        if reached is None:
            return Undetermined(STRADDLES)
        return threshold.then if reached else threshold.otherwise


def _weigh(field: Field, observed: Iterable[Observation], ranks: Mapping[str, int]) -> Kept:
    """Apply rule 1 (the patient's own statements) and rule 2 (precedence)."""
    counted: list[Observation] = []
    ignored: list[Observation] = []
    for item in observed:
        own_word = item.source == INTAKE and not field.self_ok
        (ignored if own_word else counted).append(item)
    if not counted:
        return Kept((), SELF_REPORTED, ignored=tuple(ignored))
    # A statement whose source nobody named ranks below every named one.
    rank = {id(item): ranks.get(item.source or "", 0) for item in counted}
    displaced: list[Observation] = []
    if field.supersede and len(counted) > 1:
        top = max(rank.values())
        displaced = [item for item in counted if rank[id(item)] < top]
        counted = [item for item in counted if rank[id(item)] == top]
    if field.indeterminate:
        settled = [rank[id(item)] for item in counted if not _is_open(field, item)]
        # An indeterminate result yields to a determinate one of the same or a higher rank.
        yielding = [
            item
            for item in counted
            if _is_open(field, item) and any(other >= rank[id(item)] for other in settled)
        ]
        displaced += yielding
        counted = [item for item in counted if item not in yielding]
    values: list[Value | Undetermined] = []
    for item in counted:
        value = normal(item.value)
        if value not in values:
            values.append(value)
    return Kept(tuple(values), None, tuple(counted), tuple(displaced), tuple(ignored))


def _is_open(field: Field, item: Observation) -> bool:
    return isinstance(item.value, str) and item.value in field.indeterminate
