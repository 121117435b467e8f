"""What a lead looks at after a restore: counts and kinds, no personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from models.database import transaction
from workflows.engine.restored import standing
from workflows.engine.world import World
from workflows.steps import STEPS


@dataclass(frozen=True, slots=True)
class LettersOfAKind:
    """Letters of one template that may have left since the backup, and the questions about them."""

    template: str
    title: str
    count: int
    tasks: Sequence[int]


@dataclass(frozen=True, slots=True)
class StepsDue:
    """Rows of a step that were due at the restore, or became so since."""

    name: str
    words: str
    count: int
    writes: bool
    """Whether it writes letters: what it writes is kept until somebody says whether it left."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore that no person has released."""

    backup: str
    point: datetime
    restored_at: datetime
    ledger_at: datetime | None
    erased: int
    stops: int
    letters: Sequence[LettersOfAKind]
    steps: Sequence[StepsDue]


_LETTERS = text(
    """
    SELECT m.template, array_agg(t.id ORDER BY t.id) AS tasks
      FROM human_task t
      JOIN message m ON m.id = CAST(t.objects ->> 'message_id' AS bigint)
     WHERE t.kind = 'settle_message' AND t.state = 'open' AND m.state = 'uncertain'
     GROUP BY m.template ORDER BY m.template
    """
)
_STEPS = text(
    """
    SELECT name, count(*) AS due FROM step_run
     WHERE state = 'queued' AND (again OR case_id IS NOT NULL AND due_at <= :now)
     GROUP BY name ORDER BY count(*) DESC, name
    """
)


def restored_now(world: World) -> Restored | None:
    """Return what waits for a person after a restore; None where nothing is held."""
    with transaction(world.engine) as session:
        row = standing(session)
        if row is None:
            return None
        letters = [
            LettersOfAKind(
                one.template or "", _title(world, one.template), len(one.tasks), one.tasks
            )
            for one in session.execute(_LETTERS)
        ]
        due = session.execute(_STEPS, {"now": world.clock.now()})
        steps = [_due(one.name, one.due) for one in due]
        return Restored(
            row.backup, row.point, row.restored_at, row.ledger_at, row.erased, row.stops,
            letters, steps,
        )  # fmt: skip


def _title(world: World, template: str | None) -> str:
    return world.playbooks.letters.meta(template).title if template else "letters without a form"


def _due(name: str, count: int) -> StepsDue:
    step = STEPS.get(name)
    writes = step is not None and bool(step.raises.letters or "message.sent" in step.raises.events)
    return StepsDue(name, step.words if step else name, count, writes)
