"""The steps: plain functions that do one thing for one row, and the table that names them.

Cheap steps read and write the database only; slow ones reach outside or compute for long.
"""

from models import HumanTask, JourneyEntry
from workflows.documents import extraction, ingestion
from workflows.engine import counting
from workflows.engine.work import Step
from workflows.journey import follow_up as reminders
from workflows.journey import travel
from workflows.letters import inbound as mail
from workflows.letters import notices
from workflows.letters import webhooks_out as hooks
from workflows.outreach import steps as outreach
from workflows.portal import drafts
from workflows.portal import steps as uploads
from workflows.screening import steps as suitability

_ALL = (
    Step("ingestion.store_document", slow=ingestion.store_document),
    Step("ingestion.take_upload", slow=uploads.take_upload),
    Step("ingestion.tidy_uploads", slow=uploads.tidy_uploads),
    Step("ingestion.check_batch", cheap=ingestion.check_batch),
    Step("ingestion.check_completeness", cheap=ingestion.check_completeness),
    Step("ingestion.fetch_mail", slow=mail.fetch_mail),
    Step("ingestion.count_charts", slow=counting.count_charts),
    Step("extraction.read_document", slow=extraction.read_document),
    Step("extraction.propose_findings", slow=extraction.propose_findings),
    Step("extraction.check_verified", cheap=extraction.check_verified),
    Step("suitability.screen_case", cheap=suitability.screen_case),
    Step("suitability.recheck_case", cheap=suitability.recheck_case),
    Step("suitability.check_playbooks", cheap=suitability.check_playbooks),
    Step("outreach.propose_shortlist", cheap=outreach.propose_shortlist),
    Step("outreach.draft_enquiries", cheap=outreach.draft_enquiries),
    Step("outreach.send_enquiry", slow=outreach.send_enquiry),
    Step("outreach.classify_reply", slow=outreach.classify_reply),
    Step("outreach.chase_hospital", cheap=outreach.chase_hospital),
    Step("outreach.close_other_threads", cheap=outreach.close_other_threads),
    Step("outreach.check_exhausted", cheap=outreach.check_exhausted),
    Step("notices.send_notice", slow=notices.send_notice),
    Step("notices.send_draft_link", slow=drafts.send_letter),
    Step("notices.send_approved", slow=notices.send_approved),
    Step("notices.report_document_problem", slow=notices.report_document_problem),
    Step("notices.nudge_records", slow=notices.nudge_records),
    Step("notices.send_update", slow=notices.send_update),
    Step("travel.plan_journey", cheap=travel.plan_journey),
    Step("travel.check_item", cheap=travel.check_item, loads=(JourneyEntry, "item_id")),
    Step("reminders.start_pathology_clock", cheap=reminders.start_pathology_clock),
    Step("reminders.chase_pathology", cheap=reminders.chase_pathology),
    Step("reminders.plan_followup", cheap=reminders.plan_followup),
    Step("reminders.send_reminder", slow=reminders.send_reminder),
    Step("reminders.escalate_reminder", cheap=reminders.escalate_reminder),
    Step("reminders.escalate_task", cheap=reminders.escalate_task, loads=(HumanTask, "task_id")),
    Step("hooks.deliver_event", slow=hooks.deliver_event, max_attempts=len(hooks.RETRY) + 2),
)

STEPS = {step.name: step for step in _ALL}
