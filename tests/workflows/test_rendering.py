"""The process in words: the pages are up to date, nothing is left out, no code stands alone."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from workflows.decisions import QUESTIONS
from workflows.engine.playbooks import playbooks_of
from workflows.process import Process
from workflows.rendering import DOCS, heard, render, write
from workflows.rendering_words import FACTS, GUARD_WORDS
from workflows.stages import STAGES
from workflows.steps import STEPS

ROOT = Path(__file__).parents[2]
OUTDATED = "run python -m workflows.rendering"


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(ROOT / "playbooks")


@pytest.fixture(scope="module")
def pages(process: Process) -> Mapping[str, str]:
    return render(process)


def test_the_rendered_pages_are_up_to_date(pages: Mapping[str, str]) -> None:
    for name, text in pages.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, OUTDATED
    kept = {f"workflow/{path.name}" for path in (DOCS / "workflow").iterdir()}
    assert kept == pages.keys() - {"workflow.md"}, OUTDATED


def test_writing_removes_a_page_that_is_rendered_no_more(tmp_path: Path) -> None:
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "translation.md").write_text("an old stage")
    write(tmp_path)
    assert not (tmp_path / "workflow" / "translation.md").exists()
    assert (tmp_path / "workflow" / "records.md").exists()


def test_every_stage_has_a_page_that_the_overview_links(pages: Mapping[str, str]) -> None:
    for name in pages.keys() - {"workflow.md"}:
        assert f"]({name})" in pages["workflow.md"]
    for stage, states in STAGES.items():
        for state in states:
            assert f"(`{state}`)" in pages[f"workflow/{stage}.md"]


def test_nothing_of_the_process_is_left_out(process: Process, pages: Mapping[str, str]) -> None:
    text = "\n".join(pages.values())
    moves = (*process.machine.main.transitions, *process.machine.pathology.transitions)
    for event in {*process.on_event, *(move.event for move in moves)}:
        assert f"(`{event}`)" in text, event
    for name, step in STEPS.items():
        assert f"{step.words} (`{name}`)" in text
    for kind, question in QUESTIONS.items():
        assert f"“{question.title}” (`{kind}`)" in text
    told = {a.template for row in process.on_event.values() for a in row if hasattr(a, "template")}
    letters = playbooks_of(ROOT / "playbooks").letters
    for code in told - {None}:
        assert f"“{letters.meta(str(code)).title}” ({code})" in text


def test_no_code_stands_without_words_beside_it(pages: Mapping[str, str]) -> None:
    """Codes stand in brackets behind their words; a letter's code behind its title."""
    for name, text in pages.items():
        prose = text.split("```mermaid")[0]
        prose = re.sub(r"\(`[\w.]+`\)|\]\([\w/.-]+\)|`[^`]*`", "", prose)
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]+_[A-Z_]+\b", prose), name
        assert not re.search(r"(?<!\()\bM\d\d[a-z]?\b", prose), name


def test_every_guard_and_every_bare_fact_has_words(process: Process) -> None:
    assert set(GUARD_WORDS) == process.machine.guard_names
    assert all(event in process.vocabulary for event in FACTS)
    for text in render(process).values():
        assert "{" not in text


def test_the_catalogue_for_partners_is_up_to_date_and_holds_every_event(process: Process) -> None:
    text = heard(process)
    assert (DOCS / "hook-events.md").read_text(encoding="utf-8") == text, OUTDATED
    assert all(f"### {name}\n" in text for name in process.vocabulary.names())
    assert "sha256" not in text and "_hash`" not in text
