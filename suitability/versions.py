"""Versions of criteria sets: named by content hash, old ones stay loadable for old results.

`playbooks/criteria/versions/index.yaml` lists what was released; a replaced text is kept beside
it as `<id>-<version>.yaml`. A rule that changes without a new version number is reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from suitability.criteria import CriteriaSet, Criterion, Library
from suitability.errors import PlaybookError
from suitability.loader import CRITERIA_FOLDER, load_library, load_set, text_hash
from suitability.nodes import parse_yaml
from suitability.words import criterion_in_words

VERSIONS_FOLDER = f"{CRITERIA_FOLDER}/versions"
INDEX_FILE = f"{VERSIONS_FOLDER}/index.yaml"

Index = Mapping[str, Mapping[str, str]]

_BESIDE = ("version", "title", "effective", "status")
_JUDGING = ("site", "techniques", "kind", "phase", "superseded_by", "ceiling", "levels",
            "strengths", "several", "technique_rules", "rests_on")  # fmt: skip
HEADS = (*_BESIDE, *_JUDGING)
"""The keys of a set beside its criteria that a comparison names."""


def load_index(text: str, *, file: str = INDEX_FILE) -> Index:
    """Parse the index: set id -> version -> SHA-256; raises PlaybookError."""
    index: dict[str, dict[str, str]] = {}
    root = parse_yaml(text, file=file, error=PlaybookError)
    for name, node in root.mapping("the index of versions").items():
        index[name] = {
            version: digest.text(f"hash of {name} {version}")
            for version, digest in node.mapping(f"versions of {name}").items()
        }
    return index


def unversioned_changes(library: Library, index: Index) -> list[str]:
    """Return one sentence per set whose text is not what its version number stands for."""
    problems: list[str] = []
    for one in library.sets.values():
        released = index.get(one.id, {}).get(one.version)
        if released is not None and released != one.sha256:
            problems.append(
                f"{one.file}: the text changed but the version is still {one.version}. "
                f"Give it a new version and keep the old text as "
                f"{VERSIONS_FOLDER}/{one.id}-{one.version}.yaml"
            )
    return problems


def approved_ahead(library: Library, on: date) -> list[str]:
    """Return one sentence per set whose file says that it was approved on a day after `on`."""
    problems: list[str] = []
    for one in library.sets.values():
        day = one.status.rpartition(",")[2].strip(" )")
        if one.status.startswith("approved(") and date.fromisoformat(day) > on:
            lines = enumerate(one.text.splitlines(), 1)
            line = next((number for number, text in lines if text.startswith("status")), 1)
            problems.append(
                f"{one.file}:{line}: `{one.status}` lies ahead: nobody has approved it yet. Write "
                f"the day on which it was done, or `draft_needs_clinical_signoff`"
            )
    return problems


def find_version(folder: Path, identifier: str, sha256: str) -> CriteriaSet:
    """Load the version of a set that an old result used, by content hash.

    `folder` is the playbooks folder. Raises PlaybookError when no kept text has this hash.
    """
    library = load_library(folder)
    current = library.sets.get(identifier)
    if current is not None and current.sha256 == sha256:
        return current
    for path in sorted((folder / VERSIONS_FOLDER).glob(f"{identifier}-*.yaml")):
        text = path.read_text(encoding="utf-8")
        if text_hash(text) == sha256:
            return load_set(
                text,
                file=path.relative_to(folder).as_posix(),
                vocabulary=library.vocabulary,
                sources=library.sources,
            )
    raise PlaybookError(
        f"no kept version of `{identifier}` has the hash {sha256[:12]}",
        file=VERSIONS_FOLDER,
        mend="restore the old text from the records of that release",
    )


@dataclass(frozen=True, slots=True)
class SetDifference:
    """What changed between two versions of a set, criterion by criterion, in words."""

    before: CriteriaSet
    after: CriteriaSet
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    head: tuple[tuple[str, str, str], ...] = ()

    @property
    def same(self) -> bool:
        """Say whether nothing that matters differs."""
        return not (self.added or self.removed or self.changed or self.head)


def compare(before: CriteriaSet, after: CriteriaSet, library: Library) -> SetDifference:
    """Compare two versions of a set."""
    old = {criterion.id: criterion for criterion in before.criteria}
    new = {criterion.id: criterion for criterion in after.criteria}
    changed = {
        name: differences
        for name in old
        if name in new and (differences := _differences(old[name], new[name], library))
    }
    heads = tuple(
        (key, str(getattr(before, key)), str(getattr(after, key)))
        for key in HEADS
        if repr(getattr(before, key)) != repr(getattr(after, key))
    )
    return SetDifference(
        before,
        after,
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        changed,
        heads,
    )


def changed_heads(before: CriteriaSet, after: CriteriaSet) -> tuple[str, ...]:
    """Return the keys beside the criteria that judge, and that differ between two versions."""
    return tuple(key for key in _JUDGING if repr(getattr(before, key)) != repr(getattr(after, key)))


def _differences(
    old: Criterion, new: Criterion, library: Library
) -> tuple[tuple[str, str, str], ...]:
    plain = ("role", "basis", "src", "ask", "plain", "note", "blocking", "from_final", "urgent",
             "postop_only",
             "late", "sole_caution", "strength", "action", "order",
             "applies_unknown_skips", "applies_unknown_judges", "silent_skips")  # fmt: skip
    rows = [
        (key, str(getattr(old, key)), str(getattr(new, key)))
        for key in plain
        if getattr(old, key) != getattr(new, key)
    ]
    first = criterion_in_words(old, library.vocabulary)
    second = criterion_in_words(new, library.vocabulary)
    if first != second:
        rows.insert(0, ("rule", first, second))
    return tuple(rows)
