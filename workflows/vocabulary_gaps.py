"""Event types that nothing records yet, each with its reason: kept here, not in the code path."""

from collections.abc import Mapping

_DEEPER = "comes with hospitals, journeys or follow-up in depth"
_DELIVERY = "an event about a delivery would itself be an event to deliver; see webhook_delivery"
_TABLE = "kept in its own table, where it is looked up"

NOT_YET_RECORDED: Mapping[str, str] = {
    "inquiry.rejected_out_of_scope": "triage records inquiry.triaged with in_scope false",
    "inquiry.merged_duplicate": "comes with the merging of duplicate inquiries",
    "consent.requested": _DEEPER,
    "document.reclassified": "comes with the console's document page",
    "document.superseded": "comes with the console's document page",
    "translation.requested": _DEEPER,
    "clinician.review_requested": "the open human task says it",
    "package.released": _DEEPER,
    "package.opened": _DEEPER,
    "package.revoked": _DEEPER,
    "more_info.requested": _DEEPER,
    "more_info.changed_suitability": _DEEPER,
    "offer.expired": _DEEPER,
    "invitation.requested": _DEEPER,
    "invitation.received": _DEEPER,
    "deposit.paid": _DEEPER,
    "invoice.final": _DEEPER,
    "visa.submitted": _DEEPER,
    "visa.delayed_beyond_admission": _DEEPER,
    "travel.disrupted": _DEEPER,
    "preop.plan_changed": _DEEPER,
    "complication.reported": _DEEPER,
    "supplementary.scheduled": _DEEPER,
    "supplementary.completed": _DEEPER,
    "supplementary.declined": _DEEPER,
    "followup.item_done": _DEEPER,
    "followup.item_missed": _DEEPER,
    "followup.lost_to_followup": _DEEPER,
    "reminder.deferred": _DEEPER,
    "sla.started": "the open human task and its wait say it",
    "sla.met": "human_task.completed says it",
    "timer.fired": _DEEPER,
    "job.succeeded": _TABLE,
    "webhook.delivered": _DELIVERY,
    "webhook.failed": _DELIVERY,
    "access.viewed": "views of personal data are kept in audit_entry",
    "export.produced": "exports are kept in audit_entry",
    "alternative.proposed": _DEEPER,
    "alternative.selected": _DEEPER,
    "message.unmatched": "a letter without a case has no timeline; a human task is opened",
}
