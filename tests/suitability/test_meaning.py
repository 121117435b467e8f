"""What an approval is bound to: the text as it counts, and all that its meaning depends on."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from suitability import CriteriaSet, Library
from suitability.loader import library_from_texts, load_set, playbook_texts, text_hash
from suitability.meaning import changed_meaning, meaning_hash, meaning_text
from suitability.vocabulary import load_vocabulary
from tests.suitability.cases import PLAYBOOKS, library

VOCABULARY = "vocabularies/findings.yaml"
POLICY = "criteria/case_policy.yaml"
SOURCES = "criteria/sources.yaml"
TEXTS = playbook_texts(PLAYBOOKS)


def with_change(file: str, old: str, new: str) -> Library:
    assert old in TEXTS[file], old
    return library_from_texts({**TEXTS, file: TEXTS[file].replace(old, new, 1)})


def other_meanings(changed: Library) -> set[str]:
    """The sets whose meaning is another one although not one of their own letters changed."""
    before = library()
    assert {n: s.sha256 for n, s in changed.sets.items()} == {
        n: s.sha256 for n, s in before.sets.items()
    }
    return {
        name
        for name, one in changed.sets.items()
        if meaning_hash(one, changed) != meaning_hash(before.sets[name], before)
    }


def reading(field: str) -> set[str]:
    return {
        name
        for name, one in library().sets.items()
        if any(field in rule.fields() for rule in one.criteria)
        or any(leaf.field == field for rule in one.technique_rules for leaf in rule.needs.leaves())
    }


SIZE = '{label: "tumour size", type: number, unit: mm, min: 0, max: 500'
PREGNANCY = '{label: "pregnancy", type: bool, avail: preop, stated_by: person'
FIELD_CHANGES = {
    "a limit": (SIZE, SIZE.replace("max: 500", "max: 300"), "breast.size_mm"),
    "its unit": (SIZE, SIZE.replace("unit: mm", "unit: cm"), "breast.size_mm"),
    "what it is": ("largest invasive dimension; take", "every dimension; take", "breast.size_mm"),
    "its name for people": ('label: "tumour size"', 'label: "size"', "breast.size_mm"),
    "which of two documents counts": (
        "avail: preop, stated_by: reader, supersede: true, note: \"largest",
        "avail: preop, stated_by: reader, note: \"largest",
        "breast.size_mm",
    ),
    "who may state it": (PREGNANCY, PREGNANCY.replace("person", "reader"), "patient.pregnant"),
    "whose word is enough": (
        'label: "pregnancy", type: bool, avail: preop, stated_by: person, self_ok: true',
        'label: "pregnancy", type: bool, avail: preop, stated_by: person',
        "patient.pregnant",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", FIELD_CHANGES)
def test_another_meaning_of_a_field_is_another_of_each_set_that_reads_it(change: str) -> None:
    old, new, field = FIELD_CHANGES[change]
    found = other_meanings(with_change(VOCABULARY, old, new))
    assert found == reading(field) != set()


def test_what_a_field_follows_from_counts_too() -> None:
    old = "map: {pM1: M1, pM1a: M1, pM1b: M1, pM1c: M1}, beside: [pM1, pM1a, pM1b, pM1c]"
    new = "map: {pM1: M1, pM1a: M1, pM1b: M1}, beside: [pM1, pM1a, pM1b]"
    assert other_meanings(with_change(VOCABULARY, old, new)) == reading("disease.metastasis")


EVERY = set(library().sets)
ROLLED = {name for name, one in library().sets.items() if one.kind in ("gate", "grading")}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (VOCABULARY, "core_biopsy: 40", "core_biopsy: 51", EVERY),
        (VOCABULARY, "gyn_recurrence, stomach,", "stomach, gyn_recurrence,", EVERY),
        (POLICY, "ioert: [breast_eliot]", "ioert: [breast_targit_a]", ROLLED),
        (POLICY, "gradings: [breast_astro_2017, ", "gradings: [", ROLLED),
        (POLICY, ", breast_targit_a.facts.registry_targit_r]", "]", ROLLED),
        (POLICY, "A clinician review is required", "A review is required", set()),
        (POLICY, "version: 0.2.0", "version: 0.2.9", set()),
        (VOCABULARY, "# The vocabulary of findings:", "# All findings:", set()),
    ],
)  # fmt: skip
def test_ranks_sites_and_policy_count_and_remarks_do_not(
    file: str, old: str, new: str, expected: set[str]
) -> None:
    assert other_meanings(with_change(file, old, new)) == expected


def test_what_a_citation_stands_for_counts_for_who_cites_it() -> None:
    one = library().sets["breast_targit_a"]
    name = one.citations[0]
    title = str(library().sources[name]["title"])
    found = other_meanings(with_change(SOURCES, title, f"{title} (another paper)"))
    assert one.id in found
    assert "pancreas_unresected" not in found


def test_every_field_of_every_set_counts() -> None:
    """A vocabulary in which each field in turn is told otherwise: exactly its readers change."""
    lines = TEXTS[VOCABULARY].splitlines()
    named = {line.split(":")[0].strip(): line for line in lines if line.startswith("  ")}
    before, missed = library(), []
    for field in sorted(
        {f for one in before.sets.values() for r in one.criteria for f in r.fields()}
    ):
        line = named[field]
        label = before.vocabulary.fields[field].label
        changed = line.replace(f'label: "{label}"', f'label: "{label} of the other side"', 1)
        if changed == line:
            changed = line.replace("{", '{label: "other side", ', 1)
        text = TEXTS[VOCABULARY].replace(line, changed, 1)
        other = replace(before, vocabulary=load_vocabulary(text, file=VOCABULARY))
        if not reading(field) <= other_meanings(other):
            missed.append(field)
    assert missed == []


def test_what_changed_is_said_in_words() -> None:
    def told(file: str, old: str, new: str) -> tuple[str, ...]:
        changed, before = with_change(file, old, new), library()
        name = "breast_targit_a"
        return changed_meaning(
            meaning_text(before.sets[name], before), meaning_text(changed.sets[name], changed)
        )

    (one,) = told(VOCABULARY, "largest invasive dimension; take", "every dimension; take")
    assert "breast.size_mm" in one and "vocabulary" in one
    (one,) = told(POLICY, "ioert: [breast_eliot]", "ioert: [breast_targit_a]")
    assert "routes" in one and "category" in one
    (one,) = told(VOCABULARY, "core_biopsy: 40", "core_biopsy: 51")
    assert "source counts more" in one


WRITTEN: Mapping[str, Callable[[str], str]] = {
    "byte order mark": lambda text: "\ufeff" + text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "both": lambda text: "\ufeff" + text.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_how_an_editor_ends_lines_is_not_another_text(way: str) -> None:
    for name, one in library().sets.items():
        again = _loaded(WRITTEN[way](one.text), one)
        assert (again.sha256, again.text) == (one.sha256, one.text), name
    policy = WRITTEN[way](TEXTS[POLICY])
    assert text_hash(policy) == library().policy.sha256


def test_any_other_sign_is_another_text() -> None:
    one = library().sets["breast_targit_a"]
    for text in (one.text + "\n", one.text.replace("kind: gate", "kind:  gate"), one.text + "#"):
        assert _loaded(text, one).sha256 != one.sha256


def _loaded(text: str, one: CriteriaSet) -> CriteriaSet:
    now = library()
    return load_set(text, file=one.file, vocabulary=now.vocabulary, sources=now.sources)
