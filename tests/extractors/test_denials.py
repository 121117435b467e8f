"""Denial tables in small: no yes/no field is reversed or stated out of nothing."""

import pytest

from benchmarks.reading_denials import TABLES, cases, outcome

SMALL = {"affirmed": 8, "denied": 12, "planned": 5, "relative": 4, "unknown": 5}


def test_every_table_has_its_sentences() -> None:
    for table in TABLES:
        assert [len(set(one)) for one in table.sentences] == [30, 30, 10, 10, 10], table.field


@pytest.mark.parametrize("seed", [20261129, 11])
def test_what_is_denied_planned_or_unknown_is_not_affirmed(seed: int) -> None:
    read = [(case, outcome(case)) for case in cases(seed, SMALL)]
    bad = [f"{found}: {case.group}: {case.text!r}" for case, found in read if found != "right"]
    assert bad == []
    assert len(read) == len(TABLES) * sum(SMALL.values())
