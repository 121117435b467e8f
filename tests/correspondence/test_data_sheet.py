"""The data sheet: which findings stand on it, and that a field nobody stated is named so."""

from pathlib import Path

import pytest

from correspondence.data_sheet import Stated, fields_of, fill, load_data_sheet
from models.case import SITES
from playbook_reader import PlaybookError
from settings import PROJECT_ROOT
from workflows.engine.playbooks import playbooks_of

FILE = PROJECT_ROOT / "playbooks" / "data_sheet.yaml"


def test_every_site_has_a_sheet_of_known_findings() -> None:
    playbooks = playbooks_of(PROJECT_ROOT / "playbooks")
    for site in SITES:
        fields = [name for block in playbooks.data_sheet.blocks for name in fields_of(block, site)]
        assert len(fields) > 10, site
        assert len(fields) == len(set(fields)), site


def test_what_nobody_stated_is_listed_and_never_negative() -> None:
    playbook = load_data_sheet(FILE, playbooks_of(FILE.parent).criteria.vocabulary.fields)
    sheet = fill(
        playbook,
        "breast",
        {"breast.er": [Stated("ER", "positive", "core biopsy")]},
        {"breast.er": "ER", "breast.her2": "HER2"},
    )
    rows = {row.label: row.values for _, block in sheet.blocks for row in block}
    assert rows["ER"][0].value == "positive"
    assert rows["HER2"] == () and "HER2" in sheet.not_stated and "ER" not in sheet.not_stated


def test_a_field_that_is_no_finding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "data_sheet.yaml"
    path.write_text(FILE.read_text().replace("breast.er,", "breast.err,"))
    with pytest.raises(PlaybookError, match=r"breast\.err is no finding"):
        load_data_sheet(path, playbooks_of(FILE.parent).criteria.vocabulary.fields)
