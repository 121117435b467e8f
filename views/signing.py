"""What stands on the page where a result is signed: the patient, the reasons, what to tick, who."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from accounts.signers import Signer, own_signer
from suitability import FindingsError, Library, parse_findings
from suitability.deciding import NO_OUTREACH, REASONS_SHOWN, Decides, Reason, decides
from suitability.patient_line import Part, patient_line
from suitability.screening import Phase
from views.evidence import Behind, Said
from views.shown import ShownAssessment
from views.suitability import CriterionRow, Prescreen, SetRows, field_label
from workflows.engine.world import World
from workflows.screening.signing import stated_in


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason in words: what the source asks, how the case stands to it, what was stated."""

    source: str
    words: str
    status: str
    tone: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """One finding that decides: ticked by who signs, when they have looked at it."""

    field: str
    label: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Signing:
    """Everything that a signature needs beside the answers.

    `more` is how many reasons there are beyond those shown; `stopped_by` names the findings while
    the result forbids that hospitals are asked.
    """

    line: tuple[Part, ...]
    reasons: tuple[ReasonLine, ...]
    more: int
    ticks: tuple[Tick, ...]
    stopped_by: tuple[str, ...]
    signer: Signer


def signing_of(
    world: World,
    assessment: ShownAssessment,
    result: Prescreen,
    found: Behind,
    *,
    sex: str | None,
    reader: str,
) -> Signing:
    """Return what the signing page shows of a stored result to the account `reader`."""
    library = world.playbooks.criteria
    deciding = decides(assessment.result, stated_in(assessment.findings), library)
    reasons = _strongest(deciding, result)
    ticks = tuple(_tick(name, library, found) for name in deciding.fields)
    stops = assessment.category in NO_OUTREACH
    return Signing(
        line=_line(assessment, library, sex),
        reasons=reasons[:REASONS_SHOWN],
        more=max(0, len(reasons) - REASONS_SHOWN),
        ticks=ticks,
        stopped_by=tuple(tick.label for tick in ticks) if stops else (),
        signer=own_signer(world.engine, reader),
    )


def _tick(name: str, library: Library, found: Behind) -> Tick:
    """Return a finding to tick; its label stands once."""
    label = field_label(library, name)
    said = found.said.get(name, ())
    return Tick(
        name, label, tuple(replace(one, words=one.words.removeprefix(f"{label}: ")) for one in said)
    )


def _line(assessment: ShownAssessment, library: Library, sex: str | None) -> tuple[Part, ...]:
    stored = assessment.findings.get("observations", {})
    try:
        findings = parse_findings(stored, library, on=assessment.assessed_at.date())
    except FindingsError:
        return ()
    phase: Phase = "postop" if assessment.phase == "postop" else "preop"
    return patient_line(findings, library, phase=phase, sex=sex)


def _strongest(deciding: Decides, result: Prescreen) -> tuple[ReasonLine, ...]:
    """Return the reasons in words."""
    sets = {one.id: one for one in result.sets}
    rows = {row.id: row for one in result.sets for row in one.rows}
    lines = [
        _in_words(reason, sets, rows.get(reason.criterion or "")) for reason in deciding.reasons
    ]
    return tuple(line for line in lines if line is not None)


def _in_words(
    reason: Reason, sets: Mapping[str, SetRows], row: CriterionRow | None
) -> ReasonLine | None:
    one = sets.get(reason.criteria_set)
    if one is None:
        return None
    if row is None:
        return ReasonLine(one.title, "", one.result, one.tone, ())
    status = row.words if not row.reasons else f"{row.words}: {', '.join(row.reasons)}"
    counted: Sequence[Said] = [said for said in row.said if said.counted]
    return ReasonLine(one.title, row.rule, status, row.tone, tuple(counted))
