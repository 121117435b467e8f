"""THE table: the whole process on one screen. Read the mappings at the bottom.

The first says what each fact starts, the second what a case needs on entering a state. What a step,
an answer or a door may request stands in `workflows/on_request.py`. `ALWAYS` runs for the house
itself, beside every case. Deadlines are the proposed defaults of the coordinators' handbook (marked
P there), not agreed contracts. `docs/workflow.md` and its pages are rendered from here.
"""

from collections.abc import Mapping

from workflows.data_requests import DATA_EVENTS
from workflows.family_clocks import CONSENT_CLOCK, DECISION_CLOCK, FAMILY_EVENTS, RECORDS_CLOCK
from workflows.hospital_terms import (
    ANSWER_AWAITED,
    ANSWERED,
    ASKED_FREELY,
    ENDS_A_REQUEST,
    FAMILY_ITEMS,
    ITEMS_OVER,
    LADDER,
    NOT_ARRIVED,
    OF_AN_OPEN_THREAD,
    SILENT_ON_THE_TELEPHONE,
)
from workflows.journey_events import JOURNEY_EVENTS
from workflows.letter_events import LETTER_EVENTS
from workflows.offer_events import OFFER_EVENTS
from workflows.package_events import CLOSES_DESKS, PACKAGE_EVENTS
from workflows.receipt_events import RECEIPT
from workflows.verbs import (
    EVERYTHING,
    UNALLOWED,
    Action,
    as_set,
    ask,
    days,
    do,
    hours,
    minutes,
    repeat,
    stop,
    tell,
    wait,
    working_days,
    working_hours,
)

COORDINATOR, CLINICIAN, LEAD = "coordinator", "clinician", "lead"
TEAM = "team"
"""The team: coordinators, leads and clinicians, whoever sees it first."""

ALARM = ("call_patient_now", "find_sender")
"""Questions that climb: due in minutes at any hour, and each rung reaches more people."""

MORE_TREATMENT = ("supplementary_recommended", "reexcision_recommended", "systemic_review")

POINTS_DIFFER = "points_differ"
"""What a call to the family is about when papers and published sources say different things."""

BY_LETTER = ("token", "references", "subject_ref", "sender_manual")
"""How a hospital's letter was matched; what it typed on its desk needs no classing."""

STOPPING = ("urgent_review", "pathway_stopped")
"""Results on which no hospital is asked: a clinician looks within hours, nights included."""

CALL_SOON = ("problem", "call_me")
NO_SYMPTOM = ("state", "booked", "done", "paper")
"""Kinds of follow-up questions (playbooks/followup.yaml) whose answer may be that all is done."""

FINAL_PATHOLOGY_AFTER = days(10)
"""From the operation; later the hospital is asked every day."""
NEWS_EVERY = hours(72)
"""A patient who waits hears how things stand, also when nothing is new."""

NEWS = repeat(
    "notices.send_update", first=NEWS_EVERY, every=NEWS_EVERY, while_in=("OUTREACH", "MORE_INFO")
)

Table = Mapping[str, tuple[Action, ...]]

ON_EVENT: Table = {
    # inquiry and documents
    "case.opened": (
        ask("triage_inquiry", COORDINATOR, working_hours(4), urgent_within=hours(1)),
        ask("settle_who_decides", COORDINATOR, working_hours(4), patient_knows=("no", "cannot")),
        tell("M01"),
    ),
    "consent.not_taken": (ask("settle_who_decides", COORDINATOR, working_hours(8)),),
    "inquiry.triaged": (tell("M03", in_scope=False),),
    "document.received": (
        do("ingestion.store_document"),
        do("reminders.wake_silent"),
        do("notices.nudge_later"),
    ),
    "document.stored": (do("extraction.read_document"),),
    "document.access_code_given": (do("extraction.read_document"),),
    "document.text_extracted": (do("extraction.propose_findings"),),
    "document.released": (do("extraction.propose_findings"),),
    "sending.problems_found": (
        ask("repair_document", COORDINATOR, working_hours(8)),
        do("notices.report_document_problem"),
    ),
    "document.quarantined": (
        ask("repair_document", COORDINATOR, working_hours(8), reason="malware"),
        ask("repair_document", COORDINATOR, working_hours(4), reason="malware_late"),
        stop(tasks=("review_findings",), same="document_id"),
        CLOSES_DESKS,
    ),
    "document.duplicate_found": (do("ingestion.check_batch"),),
    "document.superseded": (
        stop(tasks=("review_findings", "settle_wrong_patient"), same="document_id"),
        CLOSES_DESKS,
    ),
    "extraction.wrong_patient_suspected": (
        ask("settle_wrong_patient", COORDINATOR, working_hours(4)),
    ),
    "extraction.completed": (
        ask("review_findings", COORDINATOR, working_hours(8)),
        do("ingestion.check_completeness"),
    ),
    "document.classified": (do("ingestion.check_completeness", label="dicom_study"),),
    "extraction.differences_found": (ask("settle_differences", COORDINATOR, working_hours(8)),),
    "extraction.differences_ended": (stop(tasks=("settle_differences",)),),
    "completeness.checked": (ask("settle_completeness", COORDINATOR, working_hours(8)),),
    "completeness.waiver_proposed": (ask("countersign_waiver", CLINICIAN, working_hours(8)),),
    # suitability
    "suitability.assessed": (
        stop(tasks=("recheck_pathology",), phase="postop"),
        ask("recheck_pathology", CLINICIAN, hours(8), phase="postop", same_day=True),
        ask("recheck_pathology", CLINICIAN, working_hours(24), phase="postop", same_day=False),
    ),
    "suitability.set_withdrawn": (
        ask("settle_withdrawn_set", CLINICIAN, working_hours(24)),
        do("outreach.hold_letters"),
    ),
    "clinician.review_voided": (
        stop(tasks=("second_opinion", "review_case"), phase="preop"),
        stop(tasks=("call_family",), detail=POINTS_DIFFER, phase="preop"),
        ask("review_case", CLINICIAN, hours(4), phase="preop", stops=STOPPING),
        ask("review_case", CLINICIAN, working_hours(24), phase="preop", stops=None),
        do("outreach.hold_letters", phase="preop"),
    ),
    "clinician.review_signed": (
        do("outreach.renew_letters", outcome="suitable_for_outreach"),
        do("notices.tell_signed_anew", outcome="suitable_for_outreach"),
        do("outreach.hold_letters", outcome=("needs_data", "not_suitable")),
    ),
    "clinician.second_opinion_asked": (
        ask("second_opinion", CLINICIAN, hours(4), stops=STOPPING),
        ask("second_opinion", CLINICIAN, working_hours(24), stops=None),
    ),
    "clinician.opinions_differed": (
        ask("review_case", CLINICIAN, hours(4), stops=STOPPING),
        ask("review_case", CLINICIAN, working_hours(8), stops=None),
    ),
    "clinician.urgent_local_care_advised": (ask("call_family", COORDINATOR, hours(1)),),
    # hospitals
    "shortlist.proposed": (tell("M06"), ask("record_hospital_consent", COORDINATOR, hours(48))),
    "shortlist.unconfirmed": (ask("confirm_units", COORDINATOR, working_hours(8)),),
    "shortlist.empty": (stop(tasks=("approve_shortlist", "record_hospital_consent")),),
    "shortlist.approved": (do("outreach.draft_enquiries"),),
    "outreach.drafted": (
        # Whoever is not chosen hears of it the same day, and may give the place to somebody else.
        ask("approve_message", COORDINATOR, working_hours(4), ends=True),
        ask("approve_message", COORDINATOR, working_hours(8)),
    ),
    "message.drafted": (ask("approve_message", COORDINATOR, working_hours(8)),),
    "message.approved": (
        do("outreach.send_enquiry", to_role="hospital"),
        do("notices.send_approved", to_role="patient"),
    ),
    "message.discarded": (stop(tasks=("approve_message",), same="message_id"),),
    "message.refused": (ask("settle_message", COORDINATOR, working_hours(4)),),
    "message.uncertain": (ask("settle_message", COORDINATOR, working_hours(4)),),
    **LADDER,
    "outreach.written": ASKED_FREELY,
    "outreach.letter_held": (stop(tasks=("approve_message",), same="message_id"),),
    "outreach.thread_closed": (
        stop(tasks=OF_AN_OPEN_THREAD, same="thread_id"),
        do("outreach.check_exhausted", reason=ENDS_A_REQUEST),
        CLOSES_DESKS,
    ),
    "outreach.deletion_asked": (
        wait(
            "outreach.chase_deletion",
            until=("hospital.deletion_confirmed", "outreach.deletion_unconfirmed"),
            within=working_days(3, "hospital"),
            same="thread_id",
        ),
    ),
    "hospital.deletion_confirmed": (stop(tasks=("confirm_deletion",), same="thread_id"),),
    "outreach.delivery_updated": (
        ask("mend_address", COORDINATOR, working_hours(4), status=NOT_ARRIVED),
    ),
    "hospital.reply_received": (
        stop(tasks=("follow_thread", *SILENT_ON_THE_TELEPHONE), same="thread_id"),
        do("outreach.classify_reply", matched_by=BY_LETTER),
    ),
    "hospital.reply_proposed": (ask("confirm_reply", COORDINATOR, working_hours(8)),),
    "hospital.reply_classified": (
        ask(
            "record_offer",
            COORDINATOR,
            working_hours(8),
            reply_class=("offer", "opinion"),
            typed=None,
        ),
        do("outreach.check_exhausted", reply_class="decline"),
        do("outreach.close_desks", reply_class="decline"),
        wait(
            "outreach.chase_hospital",
            until=ANSWERED,
            within=working_days(3, "hospital"),
            same="thread_id",
            urgent_halves=True,
            reply_class=("ack", "accept_for_review", "out_of_office"),
        ),
    ),
    "more_info.requested": (ask("answer_more_info", COORDINATOR, working_hours(4)),),
    "more_info.relayed": (
        stop("outreach.nudge_items", same="thread_id"),
        tell("M13"),
        ask("answer_more_info", COORDINATOR, working_hours(4), all_asked=False),
        ask("answer_more_info", COORDINATOR, FAMILY_ITEMS, all_asked=True),
        wait("outreach.nudge_items", until=ITEMS_OVER, within=FAMILY_ITEMS, same="thread_id"),
        wait("outreach.tell_longer", until=ITEMS_OVER, within=days(5), same="thread_id"),
    ),
    "more_info.settled": (
        stop(tasks=("answer_more_info", "call_for_items"), same="thread_id"),
        do("outreach.draft_answer"),
    ),
    "more_info.answered": (ANSWER_AWAITED,),
    **LETTER_EVENTS,
    # records for hospitals
    **PACKAGE_EVENTS,
    # offers and decision
    **OFFER_EVENTS,
    # journey
    **JOURNEY_EVENTS,
    "pathology.final_due": (
        wait(
            "reminders.chase_pathology",
            until=("pathology.final_received",),
            due_from="due_at",
            safety=True,
        ),
    ),
    "pathology.final_received": (do("suitability.recheck_case"),),
    "supplementary.scheduled": (do("travel.plan_journey"),),
    "supplementary.declined": (do("travel.plan_journey"),),
    "supplementary.completed": (do("travel.plan_journey"),),
    "pathology.rechecked": (
        do("travel.plan_journey"),
        tell("M28a", outcome="no_change"),
        ask("call_family", COORDINATOR, hours(4), outcome=MORE_TREATMENT),
    ),
    # follow-up
    "travel.returned_home": (stop(tasks=("await_return",)), do("reminders.plan_followup")),
    "followup.plan_created": (tell("M32"),),
    "reminder.scheduled": (
        wait(
            "reminders.send_reminder",
            until=("reminder.answered",),
            due_from="due_at",
            same="reminder_id",
        ),
    ),
    "reminder.sent": (
        wait(
            "reminders.escalate_reminder",
            until=("reminder.answered",),
            within=days(6),
            same="reminder_id",
        ),
    ),
    "reminder.escalated": (
        ask("call_patient", COORDINATOR, working_hours(8), answers=NO_SYMPTOM),
        ask("ask_symptoms", COORDINATOR, working_hours(8), answers="symptom"),
    ),
    "reminder.answered": (
        stop(tasks=("call_patient", "ask_symptoms"), same="reminder_id"),
        ask("call_patient", COORDINATOR, hours(4), answer_code=CALL_SOON, answers=NO_SYMPTOM),
        ask("ask_symptoms", COORDINATOR, hours(4), answer_code=CALL_SOON, answers="symptom"),
        ask("call_patient", COORDINATOR, working_hours(8), answer_code="stop", answers=NO_SYMPTOM),
        ask("ask_symptoms", COORDINATOR, working_hours(8), answer_code="stop", answers="symptom"),
    ),
    "clinical.red_flag_reported": (
        tell("M33", joined=False),
        ask("call_patient_now", TEAM, minutes(5), once=True),
    ),
    "red_flag.escalated": (do("notices.alert_staff"),),
    **FAMILY_EVENTS,
    # what stops everything
    "consent.withdrawn": (
        stop(EVERYTHING, whole=True),
        stop(UNALLOWED, whole=False),
        ask("close_shared_thread", COORDINATOR, hours(4), whole=False),
        do("outreach.close_withdrawn"),
        CLOSES_DESKS,
        RECEIPT,
    ),
    "patient.deceased": (stop(EVERYTHING), CLOSES_DESKS),
    "patient.stopped": (stop(EVERYTHING), CLOSES_DESKS),
    "case.closed": (
        stop(EVERYTHING),
        CLOSES_DESKS,
        tell("M36", outcome="completed"),
        tell("M37", outcome=("by_patient", "unresponsive")),
    ),
    **DATA_EVENTS,
    # machinery
    "human_task.created": (
        do("notices.alert_staff", kind=ALARM),
        wait(
            "reminders.climb_alarm",
            until=("human_task.completed", "human_task.cancelled"),
            due_from="due_at",
            same="task_id",
            safety=True,
            kind=ALARM,
        ),
        wait(
            "reminders.escalate_task",
            until=("human_task.completed", "human_task.cancelled"),
            due_from="due_at",
            same="task_id",
            safety=True,
        ),
    ),
    "human_task.completed": (
        do("outreach.renew_letters", kind="settle_withdrawn_set", answer="keep"),
    ),
    "job.dead_lettered": (ask("repair_step", COORDINATOR, working_hours(4)),),
}

ON_ENTERING: Table = {
    # Only by reopening: a new case is asked about when it is opened.
    "INQUIRY": (ask("triage_inquiry", COORDINATOR, working_hours(4), urgent_within=hours(1)),),
    "AWAITING_CONSENT": (tell("M02"), ask("record_consent", COORDINATOR, days(10)), *CONSENT_CLOCK),
    "COLLECTING_RECORDS": (
        do("notices.ask_for_records"),
        do("ingestion.check_batch"),
        *RECORDS_CLOCK,
    ),
    "COMPLETENESS_CHECK": (do("ingestion.check_completeness"),),
    "TRANSLATION": (ask("approve_translation", COORDINATOR, working_hours(24)),),
    "EXTRACTION_REVIEW": (do("extraction.check_verified"),),
    "PRE_SCREEN": (do("suitability.screen_case"),),
    "CLINICIAN_REVIEW": (
        ask("review_case", CLINICIAN, hours(4), stops=STOPPING),
        ask(
            "review_case", CLINICIAN, working_hours(24), urgent_within=working_hours(8), stops=None
        ),
    ),
    "SHORTLISTING": (tell("M07"), do("outreach.propose_shortlist")),
    "OUTREACH": (NEWS,),
    "MORE_INFO": (NEWS,),
    "PATIENT_DECISION": (ask("record_patient_decision", COORDINATOR, days(3)), *DECISION_CLOCK),
    "ADMISSION_SCHEDULING": (ask("confirm_admission", COORDINATOR, working_days(2, "hospital")),),
    "INVITATION_LETTER": (
        ask("request_invitation", COORDINATOR, working_hours(8)),
        ask("report_progress", COORDINATOR, working_days(2, "hospital")),
    ),
    "VISA": (ask("report_progress", COORDINATOR, days(21)),),
    "TRAVEL_PREP": (ask("report_progress", COORDINATOR, days(7)),),
    "IN_TRANSIT": (ask("report_progress", COORDINATOR, hours(30)),),
    "LOCAL_PREOP": (ask("report_progress", COORDINATOR, hours(24)),),
    "ADMITTED": (ask("report_progress", COORDINATOR, days(1)),),
    "POST_OP": (ask("report_progress", COORDINATOR, days(1)),),
    "FLY_HOME_CLEARANCE": (ask("report_progress", COORDINATOR, days(2)),),
    "RETURNING": (ask("report_progress", COORDINATOR, hours(24)),),
    "FOLLOW_UP": (ask("report_progress", COORDINATOR, days(365)),),
    "ALTERNATIVES": (
        ask("call_family", COORDINATOR, working_hours(24)),
        ask("record_alternative", COORDINATOR, working_days(3)),
    ),
    "ON_HOLD": (ask("resume_case", COORDINATOR, days(14)),),
    "WITHDRAWAL_WRAPUP": (ask("finish_withdrawal", COORDINATOR, working_hours(8)),),
    "BEREAVEMENT_WRAPUP": (ask("finish_bereavement", LEAD, working_days(1)),),
}

ALWAYS = (
    repeat("ingestion.fetch_mail", every=as_set("mail_poll")),
    repeat("ingestion.reconcile_mail", every=days(1)),
    repeat("suitability.check_playbooks", every=minutes(1)),
    # With three million events counting takes six seconds.
    repeat("ingestion.count_charts", every=minutes(15)),
    repeat("reminders.watch_cases", every=minutes(5)),
    repeat("reminders.look_late", every=minutes(5)),
    repeat("ingestion.tidy_uploads", every=hours(1)),
    repeat("ingestion.scan_late", every=hours(1)),
    repeat("ingestion.sweep_store", every=hours(24)),
    repeat("ingestion.keep_versions", every=hours(24)),
    repeat("reminders.tidy_steps", every=hours(24)),
    repeat("reminders.watch_retention", every=minutes(15)),
    repeat("outreach.fetch_rates", every=hours(6)),
    repeat("reminders.sign_history", every=hours(1)),
    repeat("reminders.check_history", every=hours(24)),
)
