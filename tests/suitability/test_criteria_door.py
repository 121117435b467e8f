"""Bad criteria files at the door, `iort criteria check`: refused with file, line and mend."""

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.screening import criteria_app
from suitability.loader import playbook_texts
from suitability.versions import approved_ahead
from tests.suitability.cases import PLAYBOOKS, library
from tests.suitability.test_loader import A23, ASTRO, SOURCES, TARGIT, VOCABULARY, changed, load

DRAFT = "status: draft_needs_clinical_signoff"

# what is wrong in the words of issue 11: (file, old, new, what is told, what to do)
REFUSED = {
    "no source of a rule": (
        TARGIT, "src: [TARGITREG, TARGIT2014], ask", "src: [], ask", "empty", "list at least one"),
    "no source of the set": (
        TARGIT, "citations: [TARGIT2014,", "citations: [NOBODY,", "unknown source `NOBODY`",
        "Register it in sources.yaml"),
    "no list of sources": (TARGIT, "citations:", "cites:", "cites", "citations"),
    "a source that nobody read": (
        TARGIT, "src: [TARGITOP]", "src: [ABS2018]", "nobody has read", ""),
    "a limit in two grades": (
        ASTRO,
        "{field: breast.size_mm, op: between, lo: 20, hi: 30, lo_open: true, hi_closed: true}",
        "{field: breast.size_mm, op: between, lo: 20, hi: 30, hi_closed: true}",
        "tumour size 20 mm", ""),
    "two grades of one word": (
        ASTRO, "op: in, value: [multifocal, multicentric]}", "op: ne, value: multicentric}",
        "overlap", ""),
    "a field that there is not": (
        TARGIT, "field: breast.size_mm, op: le", "field: breast.size_cm, op: le",
        "breast.size_cm", ""),
    "a field that no criterion reads": (
        TARGIT, "field: breast.size_mm, op: le, value: 35", "field: tumour.grade, op: eq, value: 1",
        "criteria: false", ""),
    "an id twice in a file": (TARGIT, "id: TA-02", "id: TA-01", "twice", "unique"),
    "an id of another file": (TARGIT, "id: TA-02", "id: EL-01", "already used", "unique"),
    "a set id twice": (TARGIT, "id: breast_targit_a", "id: breast_eliot", "already used", "reused"),
    "no version": (TARGIT, "version: 0.2.0\n", "", "version", ""),
    "a version in words": (
        TARGIT, "version: 0.2.0", "version: newest", "`newest` is no version", "three numbers"),
    "a version of two numbers": (TARGIT, "version: 0.2.0", "version: 0.2", "version", ""),
    "a version with a space that nobody sees": (
        TARGIT, "version: 0.2.0", 'version: "0.2.0\u200b"', "is no version", "three numbers"),
    "a date that is none": (
        TARGIT, "effective: 2026-11-29", "effective: 2026-13-41", "no date", ""),
    "approved by nobody": (
        TARGIT, DRAFT, "status: approved(, 2026-11-01)", "names nobody", "clinician's name"),
    "approved by a space": (
        TARGIT, DRAFT, 'status: "approved(\u200b \u2060, 2026-11-01)"', "names nobody", "name"),
    "approved by a number": (
        TARGIT, DRAFT, "status: approved(12, 2026-11-01)", "names nobody", "name"),
    "approved on no day": (
        TARGIT, DRAFT, "status: approved(Dr. A. Example)", "is not known", "approved(name, date)"),
    "approved on a day that is none": (
        TARGIT, DRAFT, "status: approved(Dr. A. Example, 2026-02-30)", "is no date", "2026-11-23"),
    "approved some day": (
        TARGIT, DRAFT, "status: approved(Dr. A. Example, soon)", "is no date", "2026-11-23"),
    "approved and more": (
        TARGIT, DRAFT, "status: approved(Dr. A, 2026-11-01) really", "is not known", "use"),
    "approved without brackets": (TARGIT, DRAFT, "status: approved", "is not known", "use"),
    "typed garbage": (TARGIT, "kind: gate", "kind: gate\n\tx: [", "", ""),
    "a key that nobody knows": (
        TARGIT, "kind: gate", "kind: gate\napproved_by: me", "approved_by", ""),
    "no worse level": (
        A23, "level: conditionally_not_recommended\n  text", "level: recommended\n  text",
        "no worse", "Name a worse level"),
    "a source without its check": (
        SOURCES, 'check: verified, seen_at: "this project"', 'seen_at: "this project"', "check",
        ""),
    "who states a field": (
        VOCABULARY, "stated_by: person, values: [curative", "stated_by: rumour, values: [curative",
        "rumour", ""),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("criteria", "vocabularies"):
        shutil.copytree(PLAYBOOKS / name, tmp_path / name)
    return tmp_path


def check(folder: Path) -> tuple[int, str]:
    done = CliRunner().invoke(criteria_app, ["check", str(folder)])
    assert done.exit_code in (0, 1) and (done.exit_code == 0 or done.stdout == "")
    return done.exit_code, done.stderr


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_its_file_its_line_and_the_mend(what: str, folder: Path) -> None:
    file, old, new, told, mend = REFUSED[what]
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, words = check(folder)
    assert code == 1 and words.count("\n") <= 2
    place = re.search(rf"{re.escape(file)}:(\d+): ", words)
    assert place, words
    line = text[: text.index(old)].count("\n") + 1
    top = what in ("a set id twice", "no version", "no list of sources")
    assert top or abs(int(place.group(1)) - line) <= 2, (words, line)
    assert told in words and mend.lower() in words.lower(), words
    assert "Traceback" not in words


def test_a_field_that_nobody_states_is_refused_where_it_is_read(folder: Path) -> None:
    path = folder / VOCABULARY
    text = path.read_text(encoding="utf-8")
    name = "breast.size_mm"
    start = text.index(f"{name}:")
    line = text[start : text.index("\n", start)]
    path.write_text(text.replace(line, line.replace(" stated_by: reader,", "")), encoding="utf-8")
    code, words = check(folder)
    assert code == 1 and name in words and re.search(r"\.yaml:\d+: ", words)


def test_an_approval_that_lies_ahead_is_refused_and_one_that_has_come_is_not(folder: Path) -> None:
    path = folder / TARGIT
    text = path.read_text(encoding="utf-8").replace("version: 0.2.0", "version: 0.2.1")
    line = text[: text.index(DRAFT)].count("\n") + 1
    today = date.today()  # noqa: DTZ011 - the command reads the same clock
    for days, refused in ((400, True), (2, True), (-1, False)):
        day = today + timedelta(days=days)
        path.write_text(text.replace(DRAFT, f"status: approved(Dr. A. Example, {day})"), "utf-8")
        code, words = check(folder)
        assert (code == 1) is refused
        assert not refused or (f"{TARGIT}:{line}: " in words and "lies ahead" in words)


@pytest.mark.parametrize(("on", "ahead"), [("2026-11-22", 1), ("2026-11-23", 0), ("2026-11-24", 0)])
def test_the_day_itself_has_come(on: str, ahead: int) -> None:
    texts, _ = changed(TARGIT, DRAFT, "status: approved(Dr. A. Example, 2026-11-23)")
    assert len(approved_ahead(load(texts), date.fromisoformat(on))) == ahead


def test_a_changed_rule_under_its_old_version_is_refused(folder: Path) -> None:
    path = folder / TARGIT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("op: le, value: 35", "op: le, value: 34"), encoding="utf-8")
    code, words = check(folder)
    assert code == 1 and TARGIT in words and "Give it a new version" in words


def test_what_is_shipped_passes(folder: Path) -> None:
    code, words = check(folder)
    assert (code, words) == (0, "")
    assert approved_ahead(library(), date(2000, 1, 1)) == []
    assert set(playbook_texts(folder)) == set(playbook_texts(PLAYBOOKS))
