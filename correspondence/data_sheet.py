"""The data sheet for hospitals: what stands on it, in blocks; a field without a value is named so.

Read from `playbooks/data_sheet.yaml`. Pure: who fills it says which values a person confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playbook_reader import Strict, read

ALL = "all"


class SheetBlock(Strict):
    """One block: `fields` are names of findings by site; those of `all` stand first."""

    code: str
    title: str
    fields: dict[str, tuple[str, ...]]


class SheetPlaybook(Strict):
    """`playbooks/data_sheet.yaml`."""

    version: str
    status: str
    blocks: tuple[SheetBlock, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A value that a person confirmed, in words; `source` is what kind of document states it."""

    label: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line: a label and its values; none means that nobody stated one."""

    label: str
    values: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The filled sheet: blocks of lines in order, and the labels of what is not stated."""

    blocks: tuple[tuple[str, tuple[SheetRow, ...]], ...]

    @property
    def not_stated(self) -> tuple[str, ...]:
        """The labels of the lines without a value, in the order of the sheet."""
        return tuple(row.label for _, rows in self.blocks for row in rows if not row.values)


def load_data_sheet(path: Path, known: Iterable[str]) -> SheetPlaybook:
    """Read the playbook strictly; `known` are the fields of the vocabulary.

    Raises PlaybookError with file, line and reason, also for a field that does not exist.
    """
    document = read(path)
    playbook = document.validate(SheetPlaybook)
    names = frozenset(known)
    for number, block in enumerate(playbook.blocks):
        for site, fields in block.fields.items():
            for place, field in enumerate(fields):
                if field not in names:
                    where = ("blocks", number, "fields", site, place)
                    raise document.error(where, f"{field} is no finding of the vocabulary")
    return playbook


def fields_of(block: SheetBlock, site: str) -> tuple[str, ...]:
    """Return the fields of a block for a site; `other` stands for one that has no line."""
    own = block.fields.get(site, block.fields.get("other", ()))
    return tuple(dict.fromkeys((*block.fields.get(ALL, ()), *own)))


def fill(
    playbook: SheetPlaybook,
    site: str,
    stated: Mapping[str, Sequence[Stated]],
    labels: Mapping[str, str],
) -> Sheet:
    """Return the sheet of a site with its values.

    `stated` maps a field to what was confirmed, `labels` a field to its name in words; a field
    without a label is called by its own name.
    """
    return Sheet(
        tuple(
            (
                block.title,
                tuple(
                    SheetRow(labels.get(name, name), tuple(stated.get(name, ())))
                    for name in fields_of(block, site)
                ),
            )
            for block in playbook.blocks
            if fields_of(block, site)
        )
    )
