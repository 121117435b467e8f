"""Every text that can leave the house is held to the rules of letters: nothing promises."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from correspondence import Letter, lint
from suitability import parse_findings, words
from suitability.explain import explain
from suitability.recheck import recheck
from suitability.report import clinician_report
from suitability.report_blocks import Grid, Quoted, Text
from suitability.side_by_side import side_by_side
from suitability.standing import standing_on_paper
from suitability.what_if import what_if
from tests.suitability.cases import drafts_of, findings_of, library, run, worked

NEVER = (" safe ", "you can have", "is safe", "safely")


def promises(text: str) -> list[str]:
    """Return the forbidden words in a text, as a letter to a patient would be refused for them."""
    letter = Letter("Update", text, "M12", "1", "en", "patient")
    found = [p.detail for p in lint(letter) if p.rule == "forbidden_word"]
    return found + [word for word in NEVER if word in f" {text.lower()} "]


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text inside plain data, leaving out ids of sources and quotes of documents."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in ("quote", "src", "sha256"):
                yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)


def playbook_texts() -> Iterator[tuple[str, str]]:
    for one in library().sets.values():
        yield one.id, one.title
        yield one.id, one.caution
        for banner in one.banners:
            yield f"{one.id} banner", f"{banner.text} {banner.note}"
        for name, fact in one.facts.items():
            yield f"{one.id} {name}", f"{fact.text} {fact.note}"
        for said in (one.several and one.several.said, one.rests_on and one.rests_on.said):
            if said:
                yield f"{one.id} head", f"{said.text} {said.note}"
        for rule in one.technique_rules:
            yield f"{one.id} {rule.technique}", rule.text
        for criterion in one.criteria:
            for part in ("plain", "ask", "action", "note"):
                yield f"{criterion.id} {part}", getattr(criterion, part)
    for alternative in library().policy.alternatives:
        yield "an alternative", str(alternative["text"])
    for field in library().vocabulary.fields.values():
        yield field.name, field.label
    for name in ("CATEGORY_WORDS", "STATUS_WORDS", "REASON_WORDS", "EVIDENCE_WORDS"):
        for code, text in getattr(words, name).items():
            yield f"{name} {code}", text


def test_no_text_of_the_playbooks_promises_anything() -> None:
    refused = {where: found for where, text in playbook_texts() if (found := promises(text))}
    assert refused == {}


@pytest.mark.parametrize("text", ["You are eligible.", "It aims for cure.", "IORT is safe for you"])
def test_the_rule_finds_what_it_is_for(text: str) -> None:
    assert promises(text)


@pytest.mark.parametrize("case", worked()["vignettes"][::9], ids=lambda case: case["id"])
def test_nothing_computed_for_a_case_promises_anything(case: dict[str, Any]) -> None:
    raw, phase = findings_of(case), case.get("phase", "preop")
    result = run(raw, phase)
    before = phase == "preop"
    changes = what_if(parse_findings(raw, library()), result, library()) if before else None
    said = [
        *texts_of(result.to_json()),
        *texts_of(side_by_side(result, library()).to_json()),
        *texts_of([item.to_json() for item in explain(result, library(), changes)]),
        *texts_of(changes.to_json() if changes else recheck(result).to_json()),
    ]
    report = clinician_report(
        result,
        library(),
        case_ref="CFX-26-00001",
        made_on=date(2026, 11, 23),
        standing=standing_on_paper(drafts_of(result)),
        what_if=changes,
    )
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Text):
                said.append(block.text)
            elif isinstance(block, Grid):
                said += [cell for row in block.rows for cell in row]
            elif isinstance(block, Quoted):
                said.append(block.words)
    refused = {text: found for text in set(said) if (found := promises(text))}
    assert refused == {}
