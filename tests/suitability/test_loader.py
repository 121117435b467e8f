"""A playbook that is not understood is refused with its file, its line and the mend."""

import shutil
from pathlib import Path

import pytest

from suitability import Library, PlaybookError, load_library
from suitability.keeper import LibraryKeeper
from suitability.loader import library_from_texts, playbook_texts
from tests.suitability.cases import PLAYBOOKS, library

TARGIT = "criteria/breast_targit_a.yaml"
ASTRO = "criteria/breast_astro_2017.yaml"
A23 = "criteria/breast_astro_2023.yaml"
POSTOP = "criteria/breast_postop_recheck.yaml"
VOCABULARY = "vocabularies/findings.yaml"
POLICY = "criteria/case_policy.yaml"
SOURCES = "criteria/sources.yaml"


def changed(file: str, old: str, new: str) -> tuple[dict[str, str], int]:
    """The playbooks with one text replaced, and the line on which it stands."""
    texts = playbook_texts(PLAYBOOKS)
    assert old in texts[file], old
    line = texts[file][: texts[file].index(old)].count("\n") + 1
    texts[file] = texts[file].replace(old, new, 1)
    return texts, line


def load(texts: dict[str, str]) -> Library:
    return library_from_texts(texts)


def test_the_playbooks_load_whole() -> None:
    loaded = load_library(PLAYBOOKS)
    assert len(loaded.sets) == 20
    assert sum(len(one.criteria) for one in loaded.sets.values()) == 221
    assert all(one.citations for one in loaded.sets.values())
    assert all(len(one.sha256) == 64 for one in loaded.sets.values())
    kinds = {one.kind for one in loaded.sets.values()}
    assert kinds == {"gate", "grading", "trigger", "reference"}


REFUSALS = [
    (TARGIT, "field: breast.size_mm, op: le", "field: breast.sizes, op: le", "breast.sizes"),
    (TARGIT, "op: le, value: 35", "op: lte, value: 35", "lte"),
    (TARGIT, "op: le, value: 35", "op: le, value: '35'", "number"),
    (TARGIT, "op: le, value: 35", "op: le, value: 3500", "outside"),
    (TARGIT, "op: le, value: 35", "op: le", "no `value`"),
    (TARGIT, "op: le, value: 35", "op: le, value: .nan", "finite"),
    (TARGIT, "value: [ilc, mixed_ductal_lobular]}, basis", "value: [lobular]}, basis", "lobular"),
    (TARGIT, "value: [ilc, mixed_ductal_lobular]}, basis", "value: []}, basis", "empty"),
    (TARGIT, "op: eq, value: unifocal", "op: gt, value: unifocal", "needs a number"),
    (TARGIT, "id: TA-02", "id: TA-01", "twice"),
    (TARGIT, "id: TA-02", "id: EL-01", "already used"),
    (TARGIT, "role: required, when", "role: must, when", "must"),
    (TARGIT, "role: required, when", "role: trigger, when", "trigger"),
    (TARGIT, "basis: verified, src: [TARGITREG, TARGIT2014], ask", "src: [TARGITREG], ask",
     "no `basis`"),
    (TARGIT, "basis: verified, src: [TARGITREG, TARGIT2014], ask",
     "basis: surely, src: [TARGITREG], ask", "surely"),
    (TARGIT, "src: [TARGITREG, TARGIT2014], ask", "ask", "no `src`"),
    (TARGIT, "src: [TARGITREG, TARGIT2014], ask", "src: [], ask", "empty"),
    (TARGIT, "src: [TARGITREG, TARGIT2014], ask", "src: [HEARSAY], ask", "HEARSAY"),
    (TARGIT, 'ask: "What is your date of birth?", plain', "plain", "no `ask`"),
    (TARGIT, "blocking: false, ask", "blocks: false, ask", "blocks"),
    (TARGIT, "blocking: false, ask", "blocking: maybe, ask", "true or false"),
    (TARGIT, "citations: [TARGIT2014, TARGIT2020, TARGIT2021, TARGITREG, TARGITEXCL, TARGITDELAY, "
     "TARGITAUTH, TARGITR, TARGITOP]",
     "citations: []", "empty"),
    (TARGIT, "site: breast", "site: chest", "chest"),
    (TARGIT, "technique: [kv_iort]", "technique: [laser]", "laser"),
    (TARGIT, "kind: gate", "kind: door", "door"),
    (TARGIT, "phase: preop", "phase: postop", "postop"),
    (TARGIT, "effective: 2026-11-29", "effective: soon", "no date"),
    (TARGIT, "status: draft_needs_clinical_signoff", "status: fine", "fine"),
    (TARGIT, "id: breast_targit_a", "id: breast_eliot", "already used"),
    (TARGIT, "version: 0.2.0", "edition: 0.2.0", "edition"),
    (TARGIT, "facts:", "facts: [", "malformed YAML"),
    (TARGIT, "kind: gate", "kind: gate\nkind: gate", "twice"),
    (ASTRO, "cautionary: {field: patient.age_years", "careful: {field: patient.age_years",
     "careful"),
    (ASTRO, "op: between, lo: 40, hi: 50}", "op: between, lo: 50, hi: 40}", "lo is not below hi"),
    (ASTRO, "op: between, lo: 40, hi: 50}", "op: between, lo: 40}", "no `hi`"),
    (ASTRO, "order: [unsuitable, suitable, cautionary]", "order: [unsuitable, suitable]",
     "does not list its grades"),
    (ASTRO, "level: cautionary}\n    basis", "level: so_so}\n    basis", "so_so"),
    (ASTRO, "applies_unknown: skip", "applies_unknown: guess", "guess"),
    (ASTRO, "levels: [suitable, cautionary, unsuitable]", "levels: []", "empty"),
    (ASTRO, "superseded_by: breast_astro_2023", "superseded_by: breast_astro_2031",
     "breast_astro_2031"),
    (ASTRO, "needs_level: suitable", "needs_level: best", "best"),
    (POSTOP, "strength: reoperate", "strength: panic", "panic"),
    (POSTOP, "field: breast.margin_mm, op: lt, value: 1}",
     "field: tumour.grade, op: eq, value: 1}", "criteria: false"),
    (VOCABULARY, "type: number, unit: mm, min: 0, max: 500, avail: preop, stated_by: reader, super",
     "type: number, min: 0, max: 500, avail: preop, stated_by: reader, super", "unit"),
    (VOCABULARY, "stated_by: reader, values: [M0, M1]", "stated_by: reader", "values"),
    (VOCABULARY, "indeterminate: [not_done]", "indeterminate: [undone]", "indeterminate"),
    (VOCABULARY, "{from: breast.eic_percent, ge: 25", "{from: breast.eic_per_cent, ge: 25",
     "breast.eic_per_cent"),
    (VOCABULARY, "pN0: 0, pN0i+: 0", "pN0: zero, pN0i+: 0", "zero"),
    (POLICY, "gradings: [breast_astro_2017,", "gradings: [breast_targit_a,", "no grading set"),
    (POLICY, "boost: breast_iort_boost", "boost: breast_boost", "breast_boost"),
    # who states it, what it rests on, which grades overlap
    (VOCABULARY, "stated_by: person, values: [curative", "stated_by: rumour, values: [curative",
     "rumour"),
    (ASTRO, "{field: breast.size_mm, op: between, lo: 20, hi: 30, lo_open: true, hi_closed: true}",
     "{field: breast.size_mm, op: between, lo: 20, hi: 30, hi_closed: true}", "tumour size 20 mm"),
    (ASTRO, "order: [unsuitable, suitable, cautionary]", "late: true", "overlap"),
    (ASTRO, "op: in, value: [multifocal, multicentric]}", "op: ne, value: multicentric}",
     "overlap"),
    (A23, "at_least: 2", "at_least: 1", "no count"),
    (A23, "at_least: 2", "at_least: 2.5", "no count"),
    (A23, "level: conditionally_not_recommended\n  text", "level: recommended\n  text",
     "no worse"),
    (A23, "of: conditionally_recommended", "of: fair", "fair"),
    (TARGIT, "facts:", "several: {at_least: 2}\nfacts:", "grading"),
    (A23, "banners:", "rests_on: {kind: series}\nbanners:", "does not belong"),
    (TARGIT, "rests_on: {kind: randomised_trial", "rests_on: {kind: hearsay", "hearsay"),
    (TARGIT, "rests_on: {kind: randomised_trial", "rests_on: {kind: series", "no `ceiling`"),
    (TARGIT, "src: [TARGITOP]", "src: [ABS2018]", "nobody has read"),
    (TARGIT, "silent: skip", "applies_unknown: skip", "judge"),
    (POLICY, "ioert: [breast_eliot]", "ioert: [breast_ebx_series]", "no route"),
    (POLICY, "ioert: [breast_eliot]", "ioert: [breast_asbrs_2018]", "what evidence"),
    (POLICY, "stomach: [gastric]", "stomach: [breast_asbrs_2018]", "what evidence"),
    (POLICY, "other_gates: {ebx:", "other_gates: {laser:", "laser"),
    (SOURCES, "check: verified, seen_at: \"this project\"", "seen_at: \"this project\"", "check"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "told"), REFUSALS, ids=[f"{r[0][9:-5]}-{r[3]}" for r in REFUSALS]
)
def test_what_is_not_understood_is_refused(file: str, old: str, new: str, told: str) -> None:
    texts, line = changed(file, old, new)
    with pytest.raises(PlaybookError) as refused:
        load(texts)
    problem = refused.value
    assert told in str(problem)
    assert problem.file == file
    top_of_set = told.startswith(("already used", "no `", "postop")) or new.startswith("id:")
    if problem.line is None or top_of_set:
        return
    assert abs(problem.line - line) <= 2, (problem.line, line)


def test_the_line_is_exact_and_the_mend_is_said() -> None:
    texts, line = changed(TARGIT, "op: le, value: 35", "op: lte, value: 35")
    with pytest.raises(PlaybookError) as refused:
        load(texts)
    assert str(refused.value).startswith(f"{TARGIT}:{line}: ")
    assert "Use one of: eq, ne, in" in str(refused.value)


def test_a_set_that_reads_what_nobody_states_is_refused() -> None:
    texts, _ = changed(VOCABULARY, "stated_by: person, values: [curative", "values: [curative")
    with pytest.raises(PlaybookError, match=r"nobody reads or states `disease\.intent`") as refused:
        load(texts)
    assert refused.value.file == "criteria/breast_eliot.yaml"
    line = texts[refused.value.file].splitlines()[(refused.value.line or 0) - 1]
    assert "disease.intent" in line
    assert "stated_by" in str(refused.value)


def test_what_follows_from_another_field_is_stated_where_that_one_is() -> None:
    texts, _ = changed(VOCABULARY, "avail: postop, stated_by: person, note: \"sentinel",
                       "avail: postop, note: \"sentinel")  # fmt: skip
    assert load(texts).vocabulary.is_stated("breast.nodes_assessed")


def test_a_set_that_compares_with_an_indeterminate_value_is_refused() -> None:
    texts, _ = changed(
        "criteria/breast_page_lowrisk.yaml",
        "field: breast.her2, op: eq, value: negative",
        "field: breast.her2, op: eq, value: equivocal",
    )
    with pytest.raises(PlaybookError, match="never match"):
        load(texts)


def test_aliases_are_refused() -> None:
    texts, _ = changed(TARGIT, "citations: [TARGIT2014,", "note: &a [x]\ncaution: *a\ncitations: [")
    with pytest.raises(PlaybookError, match="aliases"):
        load(texts)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, copy)
    (copy / SOURCES).unlink()
    with pytest.raises(PlaybookError, match=r"sources\.yaml"):
        load_library(copy)
    with pytest.raises(PlaybookError, match="no criteria sets"):
        load_library(tmp_path / "nowhere")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, copy)
    (copy / TARGIT).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlaybookError, match="UTF-8") as refused:
        load_library(copy)
    assert refused.value.file == TARGIT


def test_every_level_of_a_grading_can_be_reached_by_its_own_grades() -> None:
    for one in library().sets.values():
        for criterion in one.criteria:
            assert set(criterion.order) == set(criterion.grades)
            assert set(criterion.grades) <= set(one.levels)


def test_a_running_system_keeps_the_last_good_version(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, folder)
    keeper = LibraryKeeper(folder)
    good = keeper.library
    path = folder / TARGIT
    text = path.read_text(encoding="utf-8")
    assert keeper.look_again().changed is False
    path.write_text(text.replace("op: le, value: 35", "op: lte, value: 35"), encoding="utf-8")
    refused = keeper.look_again()
    assert refused.problem is not None and TARGIT in str(refused.problem)
    assert keeper.library is good
    assert keeper.look_again().problem is not None, "told again until it is mended"
    path.write_text(text.replace("value: 35", "value: 34"), encoding="utf-8")
    mended = keeper.look_again()
    assert mended.changed and mended.problem is None
    assert keeper.library is not good
    path.unlink()
    withdrawn = keeper.look_again()
    assert "breast_targit_a" in str(withdrawn.problem), "the policy still needs the set"
    assert keeper.library is mended.library
