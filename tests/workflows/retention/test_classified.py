"""Nothing new is forgotten: each column is said to stay or to go, and each event's fields too."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table
from sqlmodel import SQLModel

import models
from playbook_reader import PlaybookError
from workflows.policy import Policy
from workflows.process import Process
from workflows.retention.classified import ONLY_ONE_EACH, TABLES
from workflows.retention.table_rows import NOBODYS

ROOT = Path(__file__).parents[3]
FREE = ("words", "reason", "said", "body", "subject", "quote", "file_name", "answers", "intake")
"""Names under which people's own words or names stand, wherever they are found."""


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(ROOT / "playbooks")


def faults(metadata: Any) -> list[str]:
    """Return what nobody has thought of, and what is thought of and not there."""
    found = [f"{name}: no such table" for name in TABLES if name not in metadata.tables]
    for name, table in metadata.tables.items():
        if name not in TABLES:
            found.append(f"{name}: say in classified.py which of its columns an erasure takes")
            continue
        there, said = set(table.columns.keys()), list(TABLES[name].columns)
        found += [f"{name}.{column}: is it erased, or kept?" for column in there - set(said)]
        found += [f"{name}.{column}: no such column" for column in set(said) - there]
        found += [f"{name}.{column}: said twice" for column in said if said.count(column) > 1]
    return found


def test_every_table_and_column_is_kept_or_erased() -> None:
    assert models.Erasure.__tablename__ in SQLModel.metadata.tables
    assert faults(SQLModel.metadata) == []


def test_a_new_table_and_a_new_column_are_not_forgotten() -> None:
    planted = MetaData()
    for table in SQLModel.metadata.tables.values():
        table.to_metadata(planted)
    Table("diary", planted, Column("words", String))
    planted.tables["patient"].append_column(Column("nickname", String))
    assert faults(planted) == [
        "patient.nickname: is it erased, or kept?",
        "diary: say in classified.py which of its columns an erasure takes",
    ]


def test_a_table_that_names_a_case_is_somebodys() -> None:
    """What points at a case, or at something of a case, cannot be said to be about nobody."""
    of_case = {"case"}
    while True:
        more = {
            name
            for name, table in SQLModel.metadata.tables.items()
            if {key.column.table.name for key in table.foreign_keys} & of_case
        }
        if more <= of_case:
            break
        of_case |= more
    assert [name for name in sorted(of_case) if TABLES[name].where == NOBODYS] == []


def test_peoples_own_words_are_never_kept() -> None:
    kept = {
        f"{name}.{column}"
        for name, rows in TABLES.items()
        for column in rows.kept
        if column in FREE and rows.where != NOBODYS
    }
    assert kept == set()


def test_what_is_erased_can_be_blank() -> None:
    """A unique column gets a blank of its own; one that others point at cannot be blank."""
    for name, rows in TABLES.items():
        table = SQLModel.metadata.tables[name]
        for column in (*rows.erased, *rows.last):
            there = table.columns[column]
            assert not there.primary_key and not there.foreign_keys, f"{name}.{column}"
            alone = there.unique or any(
                index.unique and list(index.columns.keys()) == [column] for index in table.indexes
            )
            if alone and not there.nullable and not rows.gone:
                assert f"{name}.{column}" in ONLY_ONE_EACH


def test_every_event_has_its_rule(process: Process) -> None:
    assert set(process.policy.timeline) == set(process.vocabulary.names()), (
        "say in playbooks/retention.yaml what of the event stays when its case is erased"
    )


def test_no_rule_keeps_a_hash_or_a_sign_of_illness(process: Process) -> None:
    for event, kept in process.policy.timeline.items():
        forms = process.vocabulary.fields(event)
        told = [name for name in kept if "hexadecimal" in forms[name].said]
        assert told == [] and "symptom_codes" not in kept, event


def test_an_event_without_a_rule_keeps_nothing(process: Process) -> None:
    policy = process.policy
    opened = {"source": "web", "nationality_group": "x", "attested": ["a"], "new": "y"}
    assert policy.kept("case.opened", opened) == {"source": "web", "attested": ["a"]}
    assert policy.kept("diary.written", {"words": "x"}) == {}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  completed:", "  completely:", "each ending has one period"),
        ("  travel.arrived:", "  travel.landed:", "there is no event travel.landed"),
        ("  case.resumed: [", "  case.resumed: [name, ", "case.resumed carries no name"),
        ("days: 365", "days: 0", "days"),
    ],
)
def test_a_policy_that_says_nothing_sound_is_refused(
    process: Process, tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = (ROOT / "playbooks" / "retention.yaml").read_text()
    assert old in text
    (tmp_path / "retention.yaml").write_text(text.replace(old, new, 1))
    outcomes = {state.removeprefix("CLOSED_").lower() for state in process.machine.terminal}
    fields = {name: process.vocabulary.fields(name) for name in process.vocabulary.names()}
    with pytest.raises(PlaybookError, match=r"retention\.yaml:\d+") as refused:
        Policy.load(tmp_path / "retention.yaml", outcomes, fields)
    assert told in str(refused.value)
