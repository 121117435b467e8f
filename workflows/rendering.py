"""Renders THE table and the state machine to `docs/workflow.md` and a page per stage.

`python -m workflows.rendering` writes the pages; a test fails when they are not up to date.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from settings import PROJECT_ROOT
from workflows import not_yet
from workflows.decisions import QUESTIONS
from workflows.engine.deciding import Choice
from workflows.engine.words import EventWords
from workflows.hooks.catalogue import catalogue
from workflows.journey.decisions import PROGRESS
from workflows.journey.supplementary_decisions import BY_PATHOLOGY
from workflows.letters.withdrawn_offers import OPERATED
from workflows.process import Process
from workflows.processing_register import as_page, load_register
from workflows.rendering_words import Words, guards_in_words, stage_words, state_words
from workflows.stages import FIRST_STATE, HISTORY, HOLD, SAME, STAGES, Transition
from workflows.steps import STEPS
from workflows.verbs import Action, Ask

DOCS = PROJECT_ROOT / "docs"
PART_OF = {
    "document": "records",
    "extraction": "records",
    "completeness": "records",
    "clinician": "screening",
    "suitability": "screening",
    "shortlist": "outreach",
    "outreach": "outreach",
    "hospital": "outreach",
    "offer": "decision",
    "checklist": "travel",
    "stay": "travel",
    "pathology": "treatment",
    "supplementary": "treatment",
    "followup": "follow_up",
    "reminder": "follow_up",
}
"""On which stage's page the facts of an object stand that move no case; others on their own."""
OPENED = "case.opened"
"""Brings a case into its first state, and moves none."""
ANY_STATE = 15
"""A fact that leads out of more states than this may come in any of them."""

_HEAD = """# Workflow

Rendered from `workflows/table.py`, `playbooks/state_machine.yaml` and what steps and answers
declare, by `python -m workflows.rendering`; do not edit by hand.

A case moves because facts are written on its timeline. Each fact starts the steps that the table
names; people decide what only people may decide. The verbs: **do** a step runs once, **tell** a
letter is written to the patient, **ask** a person decides before a deadline, **wait** a step runs
unless a fact comes first, **repeat** a step runs again and again, **stop** what the fact makes
pointless. Codes stand in brackets.
"""
_RENDERED = "Rendered by `python -m workflows.rendering`; do not edit by hand. [All stages]({})\n"


def _bullets(lines: Iterable[str], indent: int = 0) -> list[str]:
    return [f"{' ' * indent}- {line}" for line in lines]


@dataclass(frozen=True)
class Renderer:
    """Makes the pages of one process."""

    process: Process
    words: Words

    def pages(self) -> Mapping[str, str]:
        """Return every page as Markdown, by its path below `docs/`."""
        stages = {f"workflow/{stage}.md": self._stage(stage) for stage in STAGES}
        return {
            "workflow.md": self._overview(),
            **stages,
            "workflow/any-time.md": self._any_time(),
            "workflow/pathology.md": self._pathology(),
            "workflow/steps.md": self._steps(),
        }

    @cached_property
    def _by_state(self) -> Mapping[str, Mapping[str, Sequence[Transition]]]:
        """Return the transitions by state and event, those of nearly every state under "*"."""
        moves = self.process.machine.main.transitions
        sources: dict[tuple[str, str], set[str]] = {}
        for move in moves:
            sources.setdefault((move.event, move.target), set()).add(move.source)
        found: dict[str, dict[str, list[Transition]]] = {}
        for move in moves:
            everywhere = len(sources[move.event, move.target]) > ANY_STATE
            rows = found.setdefault("*" if everywhere else move.source, {})
            known = rows.setdefault(move.event, [])
            if not (everywhere and known):
                known.append(move)
        return found

    def _overview(self) -> str:
        waiting = self.process.machine.waiting_on
        lines = [_HEAD, "## Stages and states", ""]
        lines += ["| stage | states, and on whom each waits |", "|---|---|"]
        for stage, states in STAGES.items():
            shown = ", ".join(
                f"{state_words(state)} ({waiting[state]})"
                if state in waiting
                else state_words(state)
                for state in states
            )
            lines.append(f"| [{stage_words(stage)}](workflow/{stage}.md) | {shown} |")
        lines += [
            "",
            "Besides: [facts that may come at any time](workflow/any-time.md), "
            "[the final pathology](workflow/pathology.md), which runs beside the case from the "
            "operation on, and [every step](workflow/steps.md) with what it may raise.",
            "",
            *self._diagram(),
        ]
        return "\n".join(lines) + "\n"

    def _diagram(self) -> Iterator[str]:
        yield from ("## Diagram", "")
        yield "Facts that may come in any state are left out, and so is what nothing does yet."
        yield from ("", "```mermaid", "stateDiagram-v2")
        states = [state for names in STAGES.values() for state in names]
        for state in states:
            if state not in not_yet.STATES:
                yield f"    {state}: {state_words(state)}"
        seen: set[tuple[str, str, str]] = set()
        for state in states:
            for event, moves in self._by_state.get(state, {}).items():
                for move in moves:
                    edge = (state, move.target, event)
                    if edge in seen or move.target not in states or state == move.target:
                        continue
                    seen.add(edge)
                    if not self._missing(move):
                        label = self.words.heading(event).replace(":", " -")
                        yield f"    {state} --> {move.target}: {label}"
        yield "```"

    def _stage(self, stage: str) -> str:
        lines = [f"# Stage: {stage_words(stage)}", "", _RENDERED.format("../workflow.md")]
        asked: list[str] = []
        for state in STAGES[stage]:
            lines += self._state(state)
            asked += self._questions_of(state)
        beside = [event for event in self._beside if PART_OF.get(event.split(".")[0]) == stage]
        lines += self._facts("Facts that start work here and move nothing", beside)
        asked += self._asked_on(beside)
        lines += self._answers(dict.fromkeys(asked), STAGES[stage])
        return "\n".join(lines) + "\n"

    def _state(self, state: str) -> list[str]:
        waiting = self.process.machine.waiting_on.get(state)
        on_whom = f"Waits for the {waiting}." if waiting else "The case is closed."
        on_whom = "Waits for nobody." if waiting == "none" else on_whom
        why = not_yet.STATES.get(state)
        lines = [f"## {state_words(state)} (`{state}`)", "", on_whom, ""]
        if why:
            lines += [f"*No case comes here yet: {why}.*", ""]
        if state == FIRST_STATE:
            lines += [*self._fact(OPENED, ()), ""]
        entering = self.process.on_entering.get(state, ())
        if entering:
            lines += ["On entering:", "", *_bullets(map(self.words.action, entering)), ""]
        moves = self._by_state.get(state, {})
        if moves:
            lines += ["Facts that move it:", ""]
            for event, candidates in moves.items():
                lines += self._fact(event, candidates)
            lines.append("")
        return lines

    def _fact(self, event: str, moves: Sequence[Transition]) -> list[str]:
        lines = [f"- {self.words.fact(event)}"]
        lines += _bullets((self._move(move) for move in moves), 2)
        if any(move.source in not_yet.STATES for move in moves):
            return lines
        lines += _bullets(map(self.words.action, self.process.on_event.get(event, ())), 2)
        return lines

    def _move(self, move: Transition) -> str:
        target = {HISTORY: "where it stood before", SAME: "the same state"}.get(
            move.target, f"**{state_words(move.target)}**"
        )
        if move.target == move.source:
            target = f"**{state_words(move.target)}**, the same state"
        said = [f"to {target}{guards_in_words(move.guards)}."]
        missing = self._missing(move)
        if missing and move.source not in not_yet.STATES:
            said.append(f"*Nothing does it yet: {missing}.*")
        if move.note:
            said.append(f"*Note, not executed: {self.words.note(move.note)}.*")
        return " ".join(said)

    def _missing(self, move: Transition) -> str | None:
        """Return why no case takes this transition; None when one may."""
        for source in (move.source, "*"):
            if why := not_yet.TRANSITIONS.get((source, move.event, move.target)):
                return why
        return not_yet.STATES.get(move.source)

    def _questions_of(self, state: str) -> list[str]:
        facts = self._by_state.get(state, {})
        entering = self.process.on_entering.get(state, ())
        asked = self._asked_on([OPENED]) if state == FIRST_STATE else []
        asked += [action.kind for action in entering if isinstance(action, Ask)]
        return asked + self._asked_on(facts)

    def _answers(self, kinds: Iterable[str], states: Sequence[str]) -> list[str]:
        lines = ["## Questions asked here, and what each answer does", ""]
        for kind in kinds:
            question = QUESTIONS[kind]
            lines += [f"- {self.words.question(kind)}, for: {', '.join(sorted(question.roles))}"]
            offered = dict(question.choices(None))
            if kind == "report_progress":
                offered = {c: o for state in states for c, o in PROGRESS.get(state, {}).items()}
                if set(states) & set(OPERATED):
                    offered |= {c: o for by in BY_PATHOLOGY.values() for c, o in by.items()}
            lines += _bullets(self._choices(offered.values()), 2)
        return [*lines, ""] if len(lines) > 2 else []

    def _choices(self, choices: Iterable[Choice]) -> Iterator[str]:
        """Yield the answers; those that raise the same stand together."""
        for raises, same in groupby(choices, key=lambda choice: choice.raises):
            labels = " / ".join(f"“{choice.label}”" for choice in same)
            yield f"{labels}: {self.words.raises(raises) or 'nothing more'}"

    def _any_time(self) -> str:
        lines = ["# At any time", "", _RENDERED.format("../workflow.md")]
        lines += ["## Facts that move a case from nearly every state", ""]
        everywhere = self._by_state["*"]
        for event, moves in everywhere.items():
            lines += self._fact(event, moves)
        lines += ["", *self._state(HOLD)]
        rest = [event for event in self._beside if event.split(".")[0] not in PART_OF]
        lines += self._facts("Facts that start work in any stage and move nothing", rest)
        asked = [*self._asked_on((*everywhere, *rest)), *self._questions_of(HOLD)]
        by_table = {a.kind for a in self._all_actions() if isinstance(a, Ask)}
        asked += [kind for kind in QUESTIONS if kind not in by_table]
        lines += self._answers(dict.fromkeys(asked), ())
        return "\n".join(lines) + "\n"

    @cached_property
    def _beside(self) -> Sequence[str]:
        """The facts of the table that lead from no state into another."""
        moving = {OPENED, *(event for rows in self._by_state.values() for event in rows)}
        return [event for event in self.process.on_event if event not in moving]

    def _facts(self, title: str, events: Sequence[str]) -> list[str]:
        lines = [line for event in events for line in self._fact(event, ())]
        return [f"## {title}", "", *lines, ""] if lines else []

    def _asked_on(self, events: Iterable[str]) -> list[str]:
        rows = [self.process.on_event.get(event, ()) for event in events]
        return [action.kind for row in rows for action in row if isinstance(action, Ask)]

    def _all_actions(self) -> Iterator[Action]:
        for table in (self.process.on_event, self.process.on_entering):
            for actions in table.values():
                yield from actions

    def _pathology(self) -> str:
        lines = ["# The final pathology", "", _RENDERED.format("../workflow.md")]
        lines += ["It has a state of its own beside the case's, from the operation on.", ""]
        states: dict[str, dict[str, list[Transition]]] = {}
        for move in self.process.machine.pathology.transitions:
            states.setdefault(move.source, {}).setdefault(move.event, []).append(move)
        for state, events in states.items():
            lines += [f"## {state_words(state)} (`{state}`)", ""]
            if why := not_yet.STATES.get(state):
                lines += [f"*No case comes here yet: {why}.*", ""]
            for event, moves in events.items():
                lines += self._fact(event, moves)
            lines.append("")
        return "\n".join(lines) + "\n"

    def _steps(self) -> str:
        lines = ["# Every step", "", _RENDERED.format("../workflow.md")]
        lines += ["What a step does, and everything it may record, ask for or write.", ""]
        for step in STEPS.values():
            raises = self.words.raises(step.raises) or "nothing further"
            lines.append(f"- {self.words.step(step.name)}: {raises}")
        lines += ["", "## What always runs, beside every case", ""]
        lines += _bullets(map(self.words.action, self.process.always))
        lines += ["", "## What may be requested, by whom is said above", ""]
        lines += _bullets(
            f"`{name}`: {self.words.action(action)}"
            for name, action in self.process.on_request.items()
        )
        return "\n".join(lines) + "\n"


def render(process: Process) -> Mapping[str, str]:
    """Return the pages as Markdown, by their path below `docs/`."""
    return Renderer(process, Words.load(PROJECT_ROOT / "playbooks")).pages()


def heard(process: Process) -> str:
    """Return the catalogue of events for partners, as `docs/hook-events.md` has it."""
    return catalogue(process.vocabulary, EventWords.load(PROJECT_ROOT / "playbooks"))


def write(docs: Path = DOCS) -> None:
    """Write the pages, and remove those that are rendered no more."""
    process = Process.load(PROJECT_ROOT / "playbooks")
    pages = render(process)
    (docs / "hook-events.md").write_text(heard(process), encoding="utf-8")
    register = as_page(load_register(PROJECT_ROOT / "playbooks"))
    (docs / "processing.md").write_text(register, encoding="utf-8")
    (docs / "workflow").mkdir(parents=True, exist_ok=True)
    for page in (docs / "workflow").glob("*.md"):
        if f"workflow/{page.name}" not in pages:
            page.unlink()
    for name, text in pages.items():
        (docs / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
