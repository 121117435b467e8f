"""Every step of the process, collected from the modules in which it stands.

A step is declared above its function (`@cheap(...)`, `@slow(...)` of `workflows/engine/work.py`)
with its words and with what it may raise; here only the modules are listed.
"""

from collections.abc import Mapping
from types import ModuleType

from workflows.cases import silence
from workflows.documents import extraction, ingestion, joining, scanning
from workflows.engine import counting
from workflows.engine.queues import QUEUES
from workflows.engine.work import Step, StepRefused
from workflows.findings import moved
from workflows.history import steps as history
from workflows.hooks import delivering as hooks_out
from workflows.hooks import taking as hooks_in
from workflows.journey import follow_up, travel
from workflows.letters import (
    account_news,
    alarms,
    gate,
    mail_room,
    notices,
    nudges,
    origin_again,
    receipts,
)
from workflows.outreach import item_steps, keeping, offer_clock, offer_steps, rates
from workflows.outreach import steps as outreach
from workflows.portal import drafts
from workflows.portal import steps as uploads
from workflows.records import archive, building, closing, preparing
from workflows.records import telling as records_told
from workflows.retention import clock as retention
from workflows.retention import erasing, finished, orphans, versions
from workflows.screening import steps as screening
from workflows.screening import withdrawn
from workflows.watch import steps as watch
from workflows.watch import telling

MODULES = (
    ingestion,
    scanning,
    uploads,
    gate,
    mail_room,
    origin_again,
    counting,
    extraction,
    joining,
    moved,
    screening,
    withdrawn,
    outreach,
    offer_clock,
    keeping,
    offer_steps,
    rates,
    item_steps,
    preparing,
    building,
    archive,
    records_told,
    closing,
    notices,
    alarms,
    account_news,
    nudges,
    receipts,
    drafts,
    travel,
    follow_up,
    silence,
    hooks_in,
    hooks_out,
    watch,
    telling,
    history,
    retention,
    orphans,
    versions,
    finished,
    erasing,
)


def collect(*modules: ModuleType) -> Mapping[str, Step]:
    """Return the steps that stand in `modules`, by name, in the order in which they stand.

    Raises `StepRefused` for a step whose queue does not exist, and for a name that stands twice.
    """
    steps: dict[str, Step] = {}
    for step in (value for module in modules for value in vars(module).values()):
        if not isinstance(step, Step):
            continue
        if step.queue not in QUEUES:
            raise StepRefused(
                f"{step.place}: step {step.name} has no queue {step.queue!r}. Begin its name with "
                f"one of {', '.join(QUEUES)}, or add the queue to workflows/engine/queues.py and "
                "to a group of tasks/queues.py."
            )
        other = steps.setdefault(step.name, step)
        if other is not step:
            raise StepRefused(
                f"{step.place}: step {step.name} stands in {other.place} already. Rename one."
            )
    return steps


STEPS = collect(*MODULES)
SENT_BY_STEPS = frozenset(code for step in STEPS.values() for code in step.raises.letters)
"""Codes of the letters that steps write beside those of the table."""
