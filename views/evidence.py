"""What stands behind a frozen result: the statements of each field, with their place on a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.storage import StorageError
from suitability import FindingsError, Library, parse_findings
from suitability.errors import PlaybookError
from suitability.evidence import Facts, Observation
from suitability.explain import COUNTED, evidence_for
from suitability.screening import screen
from suitability.side_by_side import SIDE_WORDS, SILENT, side_by_side
from views.shown import ShownAssessment
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as a criterion saw it; `finding_id` names its box, None for what has none."""

    words: str
    role: str
    counted: bool
    quote: str | None
    document_id: int | None
    page: int | None
    finding_id: int | None


@dataclass(frozen=True, slots=True)
class Voice:
    """What one source says of a topic, and how this case stands to it."""

    set_id: str
    criterion: str
    rule: str
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A topic on which published sources point different ways for this case."""

    topic: str
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """The statements by field, the fields whose documents differ, what the sources differ about."""

    said: Mapping[str, tuple[Said, ...]]
    conflicts: frozenset[str]
    disagreements: tuple[Disagreement, ...]


NOTHING = Behind({}, frozenset(), ())


def behind(assessment: ShownAssessment, library: Library) -> Behind:
    """Return what stands behind a result, from its stored inputs and the texts it was made with.

    Empty when the vocabulary has moved on so far that the inputs cannot be read any more.
    """
    stored = assessment.findings.get("observations", {})
    try:
        findings = parse_findings(stored, library, on=assessment.assessed_at.date())
    except FindingsError:
        return NOTHING
    phase = "postop" if assessment.phase == "postop" else "preop"
    facts = Facts(findings, phase, library.vocabulary)
    owner = _owners(assessment, findings)
    names = [name for name, field in library.vocabulary.fields.items() if field.used]
    said = {name: tuple(_said(name, facts, owner)) for name in names}
    return Behind(
        {name: found for name, found in said.items() if found},
        frozenset(name for name in names if len(facts.kept(name).values) > 1),
        _disagreements(findings, library) if phase == "preop" else (),
    )


def behind_stored(world: World, assessment: ShownAssessment) -> Behind:
    """Return what stands behind a result; nothing when the texts it was made with cannot be had."""
    try:
        exact = world.criteria_archive.library_of(assessment.set_versions, world.playbooks.criteria)
    except (PlaybookError, StorageError):
        return NOTHING
    return behind(assessment, exact)


def _owners(
    assessment: ShownAssessment, findings: Mapping[str, list[Observation]]
) -> dict[int, int]:
    """Return the finding's id by its observation; what no document states has none."""
    ids = assessment.findings.get("finding_ids", {})
    return {
        id(item): finding_id
        for name, items in findings.items()
        if len(items) == len(ids.get(name, ()))
        for item, finding_id in zip(items, ids[name], strict=True)
        if item.document_id is not None
    }


def _said(name: str, facts: Facts, owner: Mapping[int, int]) -> list[Said]:
    return [
        Said(
            one.words,
            one.role,
            one.role == COUNTED,
            one.observation.quote,
            int(one.observation.document_id) if one.observation.document_id else None,
            one.observation.page,
            owner.get(id(one.observation)),
        )
        for one in evidence_for(name, facts)
    ]


def _disagreements(
    findings: Mapping[str, list[Observation]], library: Library
) -> tuple[Disagreement, ...]:
    table = side_by_side(screen(findings, phase="preop", library=library), library)
    return tuple(
        Disagreement(
            row.topic,
            tuple(
                Voice(name, cell.criterion, cell.rule, cell.verdict, SIDE_WORDS[cell.verdict])
                for name, cells in row.cells.items()
                for cell in cells
                if cell.verdict != SILENT
            ),
        )
        for row in table.disagreements
    )
