"""Is a file ready for a clinician? If not, which things are missing, why they matter and how to
get them: named one by one, in plain words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from playbook_reader import Document, Strict, read

Need = Literal["required", "required_if", "wanted", "later"]
State = Literal["missing", "unreadable", "out_of_date"]


class Item(Strict):
    """Something a file may need, and what counts as having it."""

    plain: str
    why: str
    how: str
    labels: tuple[str, ...]
    fields: tuple[str, ...]
    rule: Literal["any", "all"]


class ProfileLine(Strict):
    """How much one site needs an item. `labels` and `fields` here replace the item's own."""

    item: str
    need: Need
    flag: str | None = None
    max_age_days: int | None = None
    labels: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None


class CompletenessPlaybook(Strict):
    """`playbooks/completeness.yaml`."""

    version: str
    flags: dict[str, str]
    items: dict[str, Item]
    profiles: dict[str, tuple[ProfileLine, ...]]


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """A document of the case: its label, its own date if known, whether it could be read."""

    label: str
    dated: date | None = None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing that is not there. `fields` are the findings that are still unknown."""

    code: str
    state: State
    plain: str
    why: str
    how: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompletenessResult:
    """The answer for one file. `passed` looks at required items only."""

    profile: str
    version: str
    missing: tuple[MissingItem, ...]
    wanted: tuple[MissingItem, ...]
    not_done: tuple[str, ...]
    passed: bool


def load_completeness(path: Path) -> CompletenessPlaybook:
    """Read the playbook strictly. Raises PlaybookError with file, line and reason."""
    document = read(path)
    playbook = document.validate(CompletenessPlaybook)
    _check(document, playbook)
    return playbook


def completeness(
    playbook: CompletenessPlaybook,
    site: str,
    *,
    documents: Sequence[DocumentFact] = (),
    fields: frozenset[str] = frozenset(),
    flags: frozenset[str] = frozenset(),
    not_done: frozenset[str] = frozenset(),
    waived: frozenset[str] = frozenset(),
    on: date,
) -> CompletenessResult:
    """Compare a file with the profile of its site, on a day.

    `fields` are the findings that have a value. `not_done` are items the family answered "not
    done" to: an answer, and no value. `waived` are items two people have signed away. Raises
    KeyError for a site without profile and ValueError for an unknown flag.
    """
    if unknown := flags - set(playbook.flags):
        raise ValueError(f"unknown flags: {sorted(unknown)}")
    missing: list[MissingItem] = []
    wanted: list[MissingItem] = []
    for line in playbook.profiles[site]:
        asked = line.need == "required" or (line.need == "required_if" and line.flag in flags)
        if line.item in not_done | waived or not (asked or line.need == "wanted"):
            continue
        gap = _gap(playbook.items[line.item], line, documents, fields, on)
        if gap is not None:
            (missing if asked else wanted).append(gap)
    return CompletenessResult(
        profile=site,
        version=playbook.version,
        missing=tuple(missing),
        wanted=tuple(wanted),
        not_done=tuple(sorted(not_done)),
        passed=not missing,
    )


def _gap(
    item: Item,
    line: ProfileLine,
    documents: Sequence[DocumentFact],
    fields: frozenset[str],
    on: date,
) -> MissingItem | None:
    """Return what is missing of one item, or None when it is there."""
    labels = item.labels if line.labels is None else line.labels
    needed = item.fields if line.fields is None else line.fields
    unknown = tuple(name for name in needed if name not in fields)
    state = _document_state(labels, documents, line.max_age_days, on)
    has_document = state is None
    has_fields = bool(needed) and not unknown
    if item.rule == "all":
        there = (has_document or not labels) and (has_fields or not needed)
    else:
        there = (bool(labels) and has_document) or has_fields
    if there:
        return None
    return MissingItem(line.item, state or "missing", item.plain, item.why, item.how, unknown)


def _document_state(
    labels: Sequence[str], documents: Iterable[DocumentFact], max_age: int | None, on: date
) -> State | None:
    """Return None when a fitting document is there, else the best of what is wrong."""
    if not labels:
        return "missing"
    state: State = "missing"
    for document in documents:
        if document.label not in labels:
            continue
        if not document.readable:
            state = "unreadable" if state == "missing" else state
        elif _too_old(document, max_age, on):
            state = "out_of_date"
        else:
            return None
    return state


def _too_old(document: DocumentFact, max_age: int | None, on: date) -> bool:
    """Say whether a document is surely too old; one without a date is looked at by a person."""
    return (
        max_age is not None and document.dated is not None and (on - document.dated).days > max_age
    )


def _check(document: Document, playbook: CompletenessPlaybook) -> None:
    for site, lines in playbook.profiles.items():
        seen: set[str] = set()
        for number, line in enumerate(lines):
            place = ("profiles", site, number)
            if line.item not in playbook.items:
                raise document.error(place, f"unknown item {line.item}")
            if line.item in seen:
                raise document.error(place, f"{line.item} stands twice")
            seen.add(line.item)
            if (line.need == "required_if") != (line.flag is not None):
                raise document.error(place, "required_if and flag belong together")
            if line.flag is not None and line.flag not in playbook.flags:
                raise document.error(place, f"unknown flag {line.flag}")
            item = playbook.items[line.item]
            if not any((item.labels, item.fields, line.labels, line.fields)):
                raise document.error(place, f"nothing can ever satisfy {line.item}")
