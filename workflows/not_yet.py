"""What the vocabulary, the state machine and the letters name and nothing does yet: each with why.

Kept here, not in the code path. Tests compute what can happen from what steps and answers declare,
from the table and from the state machine: what is listed must be out of reach, and what is out of
reach must be listed. "Comes with" names the theme that will bring it.
"""

from collections.abc import Mapping

_DOCUMENTS = "comes with the console's document page"
_HOSPITALS = "comes with hospitals and outreach in depth"
_OFFERS = "comes with offers in depth"
_JOURNEY = "comes with the journey in depth"
_FOLLOW_UP = "comes with follow-up in depth"
_TRANSLATION = "comes with translations: until then no file is said to need one"
_DELIVERY = "an event about a delivery would itself be an event to deliver; see webhook_delivery"

EVENTS: Mapping[str, str] = {
    "inquiry.rejected_out_of_scope": "triage records inquiry.triaged with in_scope false",
    "inquiry.merged_duplicate": "comes with the merging of duplicate inquiries",
    "consent.requested": "the letter that asks for it is recorded as message.sent",
    "document.reclassified": _DOCUMENTS,
    "translation.requested": _TRANSLATION,
    "clinician.review_requested": "the open human task says it",
    "more_info.changed_suitability": _HOSPITALS,
    "deposit.paid": _OFFERS,
    "invoice.final": _OFFERS,
    "visa.submitted": _JOURNEY,
    "visa.delayed_beyond_admission": _JOURNEY,
    "travel.disrupted": _JOURNEY,
    "preop.plan_changed": _JOURNEY,
    "complication.reported": _JOURNEY,
    "followup.item_done": _FOLLOW_UP,
    "followup.item_missed": _FOLLOW_UP,
    "followup.lost_to_followup": _FOLLOW_UP,
    "reminder.deferred": _FOLLOW_UP,
    "sla.started": "the open human task and its wait say it",
    "sla.met": "human_task.completed says it",
    "job.succeeded": "kept in step_run, where it is looked up",
    "webhook.delivered": _DELIVERY,
    "webhook.failed": _DELIVERY,
    "access.viewed": "views of personal data are kept in audit_entry",
    "export.produced": "exports are kept in audit_entry",
    "alternative.proposed": "comes with alternatives in depth",
    "alternative.selected": "comes with alternatives in depth",
    "message.unmatched": "a letter without a case has no timeline; a human task is opened",
}
"""Event types that nothing records."""

STATES: Mapping[str, str] = {"TRANSLATION": _TRANSLATION}
"""States that no case comes to; whatever leads out of them is not taken either."""

TRANSITIONS: Mapping[tuple[str, str, str], str] = {
    ("INQUIRY", "inquiry.rejected_out_of_scope", "CLOSED_OUT_OF_SCOPE"): "triage says it",
    ("INQUIRY", "inquiry.merged_duplicate", "CLOSED_OUT_OF_SCOPE"): "comes with merging",
    ("COMPLETENESS_CHECK", "completeness.passed", "TRANSLATION"): _TRANSLATION,
    ("MORE_INFO", "more_info.changed_suitability", "CLINICIAN_REVIEW"): _HOSPITALS,
    ("VISA", "visa.delayed_beyond_admission", "ADMISSION_SCHEDULING"): _JOURNEY,
    ("LOCAL_PREOP", "preop.plan_changed", "LOCAL_PREOP"): _JOURNEY,
    ("LOCAL_PREOP", "preop.plan_changed", "ALTERNATIVES"): _JOURNEY,
    ("FOLLOW_UP", "followup.lost_to_followup", "CLOSED_UNRESPONSIVE"): _FOLLOW_UP,
    ("ALTERNATIVES", "alternative.selected", "SHORTLISTING"): "comes with alternatives in depth",
}
"""From ("*": nearly any state), event, to: transitions that no case takes, out of states it has."""

LETTERS: Mapping[str, str] = {
    "M22": _JOURNEY,
    "M23": _JOURNEY,
    "M24": _JOURNEY,
    "M26": _JOURNEY,
    "M29": _JOURNEY,
    "M35": _FOLLOW_UP,
}
"""Letters that nothing sends."""

FACTS: Mapping[str, str] = {
    "M25.emergency": _JOURNEY,
    "M25.helper": _JOURNEY,
    "M25.today": _JOURNEY,
    "M25.tomorrow": _JOURNEY,
    "M30.asked_hospital_on": _JOURNEY,
    "M30.earliest_flight": _JOURNEY,
    "M30.emergency": _JOURNEY,
    "M30.wound_plan": _JOURNEY,
    "M31.clot_advice": _JOURNEY,
}
"""Fields of letters that do leave, which nothing gives yet: their sentences are not there."""
