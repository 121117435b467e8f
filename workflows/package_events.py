"""What THE table starts with each fact about records for hospitals: a part of it.

Links and packages are asked at every look whether they may still be open (`desk_links.why_shut`,
`packages.shown_by`); the step that ends them here only writes down what is so already.
"""

from collections.abc import Mapping

from workflows.hospital_terms import ANSWER_AWAITED
from workflows.verbs import Action, ask, do, stop, wait, working_hours

COORDINATOR = "coordinator"
CLOSES_DESKS = do("outreach.close_desks")
"""With each fact after which a link may have to end."""

PACKAGE_EVENTS: Mapping[str, tuple[Action, ...]] = {
    "package.chosen": (do("extraction.prepare_package"),),
    "package.prepared": (ask("approve_package", COORDINATOR, working_hours(8)),),
    "package.approved": (do("extraction.build_package"),),
    "package.released": (
        do("outreach.tell_package"),
        wait(
            "outreach.close_desks",
            until=("package.revoked",),
            due_from="link_expires_at",
            same="package_id",
        ),
    ),
    "package.dropped": (stop(tasks=("approve_package",), same="package_id"),),
    "package.revoked": (
        stop(tasks=("approve_package",), same="package_id"),
        ask("renew_package", COORDINATOR, working_hours(8), reason="replaced"),
    ),
    "outreach.records_sent": (ANSWER_AWAITED,),
}
"""By fact; what stands in no row starts nothing."""
