"""What the end of a slow step makes due is worked by whoever ended it, with no ring between.

In the transaction that ends a slow step, the cheap steps that it makes due for its case are written
as claimed by this worker. They are worked in one of their own, right after that commit: what the
slow step did outside is on the disk by then, so nothing that becomes of them (an exception, a kill,
a look outside) can undo it or have it done again, and nobody waits for the case meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflows.engine.claims import Claimed
from workflows.engine.fusing import Numbers, as_claimed, may_follow
from workflows.engine.record import Recorder
from workflows.engine.work import Step

if TYPE_CHECKING:
    from workflows.engine.world import World

MOST = 20
"""Rows that are claimed at the end of one slow step; what is more is rung for."""


@dataclass
class AtOnce:
    """The follow-ups of one slow step's row; none where it is not to be followed."""

    world: "World"
    steps: Mapping[str, Step]
    numbers: Numbers
    row: Claimed
    _marked: list[tuple[Mapping[str, Any], int]] = field(default_factory=list)

    def finish(self, recorder: Recorder, follow: bool) -> bool:
        """Write all and end the row; False when it is no longer ours: nothing may be committed."""
        self._marked = []
        for waiting in recorder.pending.steps if follow else ():
            step = self.steps.get(waiting["name"])
            if step is None or len(self._marked) == MOST or not may_follow(step, waiting):
                continue
            if waiting["case_id"] != self.row.case_id:
                continue
            waiting["id"] = self.numbers.take(recorder.session)
            waiting["state"], waiting["room"] = "running", "" if step.to_team else step.queue
            self._marked.append((waiting, waiting["id"]))
        lease = self.world.settings.step_lease if self._marked else None
        return recorder.finish([self.row], lease)

    def claimed(self, recorder: Recorder) -> list[Claimed]:
        """Return what was claimed, in the order of queueing; asked after the commit."""
        queued = {row.id for row in recorder.due_rows}
        return [
            as_claimed(waiting, number, fence=1, paused=recorder.paused, unrung=True)
            for waiting, number in self._marked
            if number not in queued
        ]
