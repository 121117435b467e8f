"""What each step does, in plain words, for deadlines and for failures alike."""

from workflows.engine.words import in_words

STEP_WORDS = {
    "ingestion.store_document": "a file is checked and stored",
    "ingestion.check_batch": "the files are counted together",
    "ingestion.check_completeness": "the file is compared with the checklist",
    "ingestion.fetch_mail": "the mailbox is read",
    "extraction.read_document": "a document is read",
    "extraction.propose_findings": "findings are looked for in a document",
    "extraction.check_verified": "it is checked that every finding was looked at",
    "suitability.screen_case": "the findings are weighed against the criteria",
    "suitability.recheck_case": "the final pathology is weighed",
    "suitability.check_playbooks": "the criteria files are checked",
    "outreach.propose_shortlist": "hospitals are looked up",
    "outreach.draft_enquiries": "the enquiries are written",
    "outreach.send_enquiry": "a letter to a hospital is sent",
    "outreach.classify_reply": "a hospital's answer is looked at",
    "outreach.chase_hospital": "a silent hospital is reminded",
    "outreach.close_other_threads": "the other hospitals are told",
    "outreach.check_exhausted": "it is checked whether every hospital has said no",
    "notices.send_notice": "a letter to the patient is written",
    "notices.send_approved": "an approved letter to the patient is sent",
    "notices.report_document_problem": "the patient hears that a file cannot be read",
    "notices.nudge_records": "the patient is reminded of the missing records",
    "notices.send_update": "the patient hears how things stand",
    "travel.plan_journey": "the travel checklist is dated",
    "travel.check_item": "a checklist item falls due",
    "reminders.start_pathology_clock": "the clock of the final pathology starts",
    "reminders.chase_pathology": "the final pathology is asked for",
    "reminders.plan_followup": "the follow-up is planned",
    "reminders.send_reminder": "a follow-up question is sent",
    "reminders.escalate_reminder": "an unanswered question goes to a coordinator",
    "reminders.escalate_task": "a late task is written down as late",
    "hooks.deliver_event": "a partner is told",
}


def step_in_words(name: str) -> str:
    """Return what step `name` does; a step without words is shown by its name."""
    return STEP_WORDS.get(name) or in_words(name.partition(".")[2] or name)
