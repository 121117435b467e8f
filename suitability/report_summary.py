"""The first page of the clinician's paper: patient, result, reasons and what is open."""

from collections.abc import Mapping, Sequence

from suitability.criteria import Library
from suitability.deciding import NO_OUTREACH, REASONS_SHOWN, Reason, decides
from suitability.explain import Explanation
from suitability.patient_line import patient_line
from suitability.recheck import recheck
from suitability.report_blocks import Block, Section, Text
from suitability.report_evidence import NumberedEvidence
from suitability.screening import SITE_FIELD, Screening
from suitability.what_if import WhatIf
from suitability.words import (
    CATEGORY_NAMES,
    CATEGORY_WORDS,
    EVIDENCE_WORDS,
    in_words,
    outcome_in_words,
)

NOT_ADVICE = (
    "This is a comparison with published profiles, not medical advice and not a decision. "
    "A doctor will review it."
)
OPEN_SHOWN = 6


def plain(code: str) -> str:
    """Return a code as words."""
    return code.replace("_", " ")


def patient_section(screening: Screening, library: Library, sex: str | None) -> Section:
    """Return the patient in one line, and what of it was not stated."""
    parts = patient_line(screening.facts.findings, library, phase=screening.phase, sex=sex)
    said = [f"{part.name} {part.words}" for part in parts if part.stated]
    unsaid = [part.name for part in parts if not part.stated]
    field = library.vocabulary.fields[SITE_FIELD]
    site = in_words(field, screening.site) if screening.site else "site not known"
    blocks = [Text(f"{'; '.join([site, *said])}.", "strong")]
    if unsaid:
        blocks.append(Text(f"Not stated: {', '.join(unsaid)}.", "small"))
    return Section("The patient", tuple(blocks))


def result_section(
    screening: Screening,
    library: Library,
    explained: Sequence[Explanation],
    evidence: NumberedEvidence,
    what_if: WhatIf | None,
) -> Section:
    """Return the result in words with its strongest reasons and what is open."""
    before = screening.category is not None
    blocks: list[Block] = _category(screening) if before else _recheck(screening)
    blocks += _reasons(screening, library, explained, evidence) if before else []
    blocks += [Text(text, "warning") for text in cautions_in_words(screening)]
    blocks += _offered(screening, library) if may_be_offered(screening) else []
    blocks += _open(screening, library, what_if)
    return Section("Result", (*blocks, Text(NOT_ADVICE, "small")))


def may_be_offered(screening: Screening) -> bool:
    """Say whether techniques and profiles belong on the paper: not where no hospital is asked.

    To a pregnant case nothing is offered, whatever the tumour would match.
    """
    return screening.category not in NO_OUTREACH


def _offered(screening: Screening, library: Library) -> list[Block]:
    """Return what the category rests on, tags, and the profiles that do not exclude the case."""
    blocks: list[Block] = [Text(text) for text in evidence_in_words(screening)]
    if screening.tags:
        blocks.append(Text(f"Tags: {', '.join(plain(tag) for tag in screening.tags)}."))
    if screening.routes_open and screening.category is not None:
        routes = ", ".join(technique_in_words(name, library) for name in screening.routes_open)
        blocks.append(Text(f"Trial profiles that do not exclude the case: {routes}."))
    return blocks


def technique_in_words(technique: str, library: Library) -> str:
    """Return a technique's name; its code with spaces when the playbook has none."""
    known = library.capability["techniques"].get(technique, {})
    return str(known.get("name", plain(technique)))


def _category(screening: Screening) -> list[Block]:
    assert screening.category is not None
    return [
        Text(CATEGORY_WORDS[screening.category], "strong"),
        Text(f"Category: {CATEGORY_NAMES.get(screening.category, plain(screening.category))}."),
    ]


def _recheck(screening: Screening) -> list[Block]:
    decision = recheck(screening)
    blocks: list[Block] = [Text(decision.heading, "strong")]
    blocks += [
        Text(f"{one.criterion} ({one.strength}): {one.action}", "warning") for one in decision.fired
    ]
    if decision.awaited:
        blocks.append(Text("Still awaited, and therefore not clear:"))
        blocks += [
            Text(f"{one.criterion} ({one.strength}): {one.ask}", "small")
            for one in decision.awaited
        ]
    if not decision.gate_open:
        blocks.append(
            Text("The flight home waits for a clinician's decision or a waiver in writing.")
        )
    return blocks


def _reasons(
    screening: Screening,
    library: Library,
    explained: Sequence[Explanation],
    evidence: NumberedEvidence,
) -> list[Block]:
    found = decides(screening.to_json(), screening.facts.findings, library).reasons
    by_id = {item.criterion: item for item in explained}
    lines: list[Block] = [
        Text(_reason_in_words(reason, by_id.get(reason.criterion or ""), screening, evidence))
        for reason in found
    ]
    if not lines:
        return []
    more = len(lines) - REASONS_SHOWN
    shown = [Text("Because:"), *lines[:REASONS_SHOWN]]
    return [*shown, Text(f"and {more} more, below.", "small")] if more > 0 else list(shown)


def _reason_in_words(
    reason: Reason, item: Explanation | None, screening: Screening, evidence: NumberedEvidence
) -> str:
    if item is None:
        one = screening.sets[reason.criteria_set]
        return f"- {one.criteria_set.title}: {outcome_in_words(one.outcome)}"
    status = "; ".join([item.status_words, *item.why_unknown])
    rests = evidence.of(item)
    return f"- {item.title}, {item.criterion}: {item.rule}: {status}" + (
        f" [{rests}]" if rests else ""
    )


def _open(screening: Screening, library: Library, what_if: WhatIf | None) -> list[Block]:
    fields: Mapping[str, object] = library.vocabulary.fields
    blocks: list[Block] = []
    open_ones = [request.field for request in screening.missing if request.field in fields]
    if open_ones:
        names = [library.vocabulary.fields[name].label for name in open_ones]
        more = len(names) - OPEN_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        blocks.append(Text(f"Open: {', '.join(names[:OPEN_SHOWN])}{rest}."))
    if what_if is not None and what_if.fewest:
        facts = ", ".join(library.vocabulary.fields[name].label for name in what_if.fewest)
        blocks.append(Text(f"Fewest facts that would settle it: {facts}."))
        blocks += [
            Text(plain(answer.words), "small")
            for answer in what_if.answers
            if answer.field in what_if.fewest
        ]
    return blocks


def cautions_in_words(screening: Screening) -> list[str]:
    """Say, for each caution that keeps the case from a plain fit, what it is about."""
    fields = screening.facts.vocabulary.fields
    judged = (screening.criteria[name].criterion for name in screening.cautions)
    return [
        f"Caution {one.id}: {', '.join(fields[name].label for name in one.fields())}"
        for one in judged
    ]


def evidence_in_words(screening: Screening) -> list[str]:
    """Say, for each set that decides the category, what kind of evidence is behind it."""
    sets = {name: screening.sets[name].criteria_set for name in screening.evidence}
    return [
        f"{one.title}: rests on {EVIDENCE_WORDS[screening.evidence[name]]}"
        + (f" ({one.rests_on.said.text})." if one.rests_on else ".")
        for name, one in sets.items()
    ]
