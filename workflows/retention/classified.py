"""Every table and column of the database: what an erasure takes away, and what stays.

A new column stands in none of these lists and fails a test until somebody has said which it is.
"""

from collections.abc import Mapping

from workflows.retention.classified_records import RECORDS
from workflows.retention.table_rows import NOBODYS, OF_CASE, Rows
from workflows.retention.table_rows import columns as _kept

_MESSAGES = "(case_id = :case OR id = ANY(:unmatched))"
_UPLOADS = """(case_id = :case OR draft_id IN (SELECT id FROM portal_draft WHERE case_id = :case)
    OR document_id IN (SELECT id FROM document WHERE case_id = :case))"""
_HOOKS = """(case_id = :case
    OR conflict_of IN (SELECT id FROM inbound_webhook WHERE case_id = :case))"""
_OF_MESSAGES = f"(SELECT id FROM message WHERE {_MESSAGES})"
_TASKS = f"""(case_id = :case OR case_id IS NULL
    AND CAST(objects ->> 'message_id' AS bigint) IN {_OF_MESSAGES})"""


TABLES: Mapping[str, Rows] = {
    "case": Rows(
        "id = :case",
        kept=_kept(
            "id ref state stage history_state on_hold held_at waiting_on waiting_since"
            " pathology_state site urgency source language residence_country coordinator_ref"
            " admission_date surgery_date discharge_date return_date rehearsal last_seq"
            " link_generation family_currency wished_countries outcome opened_at closed_at erase_on"
            " keep_reason erased_at created_at"
        ),
    ),
    "patient": Rows(
        OF_CASE,
        erased=(
            "other_names", "birth_date", "sex", "record_number", "phone", "nationality", "intake",
            "name_marks",
        ),
        last=("name", "email", "email_mark", "near_marks", "time_zone"),
        kept=("id", "case_id", "deceased_at", "created_at"),
    ),
    "contact_point": Rows(
        OF_CASE,
        erased=("address", "address_mark", "near_marks", "name"),
        kept=_kept(
            "id case_id whose message_id identified_by confirmed_by confirmed_at ended_by ended_at"
            " created_at"
        ),
    ),
    "document": Rows(
        OF_CASE,
        erased=(
            "sha256", "object_key", "file_name", "password", "text_object_key", "report_date",
            "notes",
        ),
        kept=_kept(
            "id case_id size media_type channel state quarantine_reason read_status pages label"
            " scan scanned_at label_confidence organ language identity_result duplicate_of"
            " extractor_version received_at created_at"
        ),
    ),
    "document_page": Rows(
        "document_id IN (SELECT id FROM document WHERE case_id = :case)",
        erased=("reason",),
        kept=_kept("id document_id number width height method characters confidence"),
        gone=True,
    ),
    "reading_use": Rows(
        OF_CASE, erased=("source",), kept=_kept("case_id hour seconds"), gone=True
    ),
    # Of a stranger it is a keyed hash, for a month.
    "spent_budget": Rows(
        OF_CASE,
        erased=("source",),
        kept=_kept(
            "id case_id door began_at last_at refused refused_bytes asked lifts lifted_at"
        ),
        gone=True,
    ),
    "finding": Rows(
        OF_CASE,
        erased=(
            "value", "proposed_value", "report_date", "box", "quote", "section", "specimen",
            "reason",
        ),
        kept=_kept(
            "id case_id document_id field unit source page confidence extractor_version state"
            " decided_by decided_at created_at"
        ),
    ),
    "assessment": Rows(
        OF_CASE,
        erased=("result", "findings", "input_hash"),
        kept=_kept(
            "id case_id phase category set_versions engine_version assessed_at created_at"
        ),
    ),
    "review": Rows(
        OF_CASE,
        erased=("reason", "input_hash"),
        kept=_kept(
            "id case_id assessment_id outcome agrees_with_screen technique clinician_ref"
            " signer_name signer_qualification signer_registration signed_at void_at void_reason"
            " created_at"
        ),
    ),
    "consent": Rows(
        OF_CASE,
        kept=_kept(
            "id case_id scope hospital_id recipient recipient_country law text_version signed_by"
            " method ground paper_id authority_id granted_at withdrawn_at created_at"
        ),
    ),
    "more_info_item": Rows(
        OF_CASE,
        erased=("words", "reason"),
        kept=_kept(
            "id case_id thread_id message_id round code state document_ids asked_at settled_by"
            " settled_at answered_in created_at"
        ),
    ),
    "offer": Rows(
        OF_CASE,
        erased=("inclusions", "exclusions", "deposit_terms", "conditions"),
        kept=_kept(
            "id case_id thread_id hospital_id state technique currency amount_low amount_high"
            " supplementary_ebrt_cost supplementary_ebrt_high deposit_amount deposit_pct stay_days"
            " earliest_admission valid_until message_id recorded_by recorded_at created_at"
        ),
    ),
    "outreach_thread": Rows(
        OF_CASE,
        erased=("subject",),
        kept=_kept(
            "id case_id hospital_id state technique attempts reply_by opened_at closed_at deletion"
            " created_at"
        ),
    ),
    "thread_note": Rows(
        OF_CASE, ("words",), _kept("id case_id thread_id written_by written_at created_at")
    ),
    "thread_contact": Rows(
        OF_CASE,
        erased=("value", "value_mark", "name"),
        kept=_kept("id case_id thread_id message_id way state decided_by decided_at created_at"),
    ),
    **RECORDS,
    "journey_item": Rows(
        OF_CASE,
        erased=("reason",),
        kept=_kept(
            "id case_id code title owner blocking due latest depends_on template_version state"
            " done_at created_at"
        ),
    ),
    "followup_item": Rows(
        OF_CASE,
        erased=("ask", "answer"),
        kept=_kept(
            "id case_id code due recipients critical origin state sent_at answered_at created_at"
        ),
    ),
    "red_flag_call": Rows(
        f"(case_id = :case OR task_id IN (SELECT id FROM human_task WHERE {_TASKS}))",
        erased=("said",),
        kept=_kept("id case_id task_id by_ref reached next_try_at called_at created_at"),
    ),
    "human_task": Rows(
        _TASKS,
        erased=("reason",),
        kept=_kept(
            "id case_id kind role state due_at objects detail root_id cause_event_id answer done_by"
            " taken_by taken_at level climbs_at opened_at done_at created_at"
        ),
    ),
    "inbound_mail": Rows(
        f"message_row_id IN {_OF_MESSAGES}",
        erased=("sha256", "object_key", "mailbox_uid", "letter_hash", "aside_reason", "origin"),
        kept=_kept(
            "id state message_row_id imported_at aside_by aside_at received_at created_at"
        ),
    ),
    "mailbox_message": Rows(
        NOBODYS, kept=_kept("id uid_validity uid state attempts code noted_at created_at")
    ),
    "message": Rows(
        _MESSAGES,
        erased=(
            "address", "address_mark", "subject", "body", "message_id", "message_id_mark",
            "in_reply_to", "raw_object_key",
            "raw_sha256", "sent_sha256", "told",
        ),
        kept=_kept(
            "id case_id thread_id direction state template template_version language to_role"
            " automated attachments dedupe_key edited_by approved_by approved_at held_for"
            " sending_fence sending_run sent_at reply_class reply_confidence created_at"
        ),
    ),
    "inbound_webhook": Rows(
        _HOOKS,
        erased=("object_key", "body_sha256"),
        kept=_kept(
            "id source external_id size content_type kind state problem answer case_id promised_id"
            " promised_ref conflict_of replayed received_at settled_at created_at"
        ),
    ),
    # The hash is keyed: it tells that an object was taken, and not how it was called.
    "hook_object": Rows(
        "document_id IN (SELECT id FROM document WHERE case_id = :case)",
        kept=_kept("id source name_hash document_id created_at"),
    ),
    "upload_piece": Rows(
        f"upload_id IN (SELECT id FROM upload WHERE {_UPLOADS})",
        erased=("object_key",),
        kept=_kept("id upload_id start size kept"),
        gone=True,
    ),
    "upload": Rows(
        _UPLOADS,
        erased=("file_name", "fingerprint", "hints", "public_id"),
        kept=_kept(
            "id draft_id case_id document_id length received state looked_at arrived_at visit_at"
            " expires_at created_at"
        ),
    ),
    "portal_draft": Rows(
        OF_CASE,
        erased=("token_sha256", "seed", "place", "answers"),
        kept=_kept(
            "id done language case_id letters letter_state letter_at expires_at created_at"
        ),
    ),
    "portal_code": Rows(
        OF_CASE,
        erased=("seed", "browser_sha256", "link_ref", "address_ref"),
        kept=_kept("id case_id link_generation expires_at tries used_at acts_until created_at"),
    ),
    "case_event": Rows(
        OF_CASE,
        erased=("payload", "salt"),  # but for what the policy keeps of each type
        kept=_kept(
            "case_id seq event_id type schema_version occurred_at recorded_at actor_type actor_ref"
            " objects root_id step_run_id causation_id rehearsal payload_hash hash"
        ),
    ),
    # Salted hashes; the salts of what an erasure takes go with it.
    "evidence_link": Rows(
        NOBODYS,
        kept=_kept(
            "strand n what form row_id act note at salt hidden_hash content hash sealed_salt"
        ),
    ),
    "signed_head": Rows(NOBODYS, kept=_kept("no at is_full body key_id signature")),
    "history_check": Rows(
        NOBODYS, kept=_kept("id at took_ms cases events links head_no findings")
    ),
    # Codes, numbers and times only; who looked at what stays for those who watch over it.
    "audit_entry": Rows(
        OF_CASE, kept=_kept("id actor_ref action object_ref case_id at created_at")
    ),
    "case_link": Rows(OF_CASE, kept=_kept("id case_id other_case_id kind")),
    "step_run": Rows(
        OF_CASE,
        kept=_kept(
            "id case_id name state wait safety lane due_at attempt fence lease_until rung_at"
            " objects root_id cause_event_id dedupe_key error_class again held_since trace"
            " created_at finished_at"
        ),
    ),
    "peer": Rows(
        NOBODYS, kept=_kept("name away_since next_try_at code was_away_since back_at steps")
    ),
    "late_thing": Rows(NOBODYS, kept=_kept("id kind key role since found_at")),
    "late_letter": Rows(
        NOBODYS, kept=_kept("id user_id state planned_at told_at told created_at")
    ),
    "queue_pause": Rows(NOBODYS, kept=_kept("queue reason by_ref paused_at")),
    "erasure": Rows(
        OF_CASE,
        kept=_kept(
            "id case_id why policy_version decided_by decided_at wait_until parts documents"
            " letters objects patient_told hold_reason hold_until held_by held_at done_at"
            " created_at"
        ),
    ),
    "erased_object": Rows(  # the last part removes them itself
        OF_CASE, kept=_kept("id case_id kind key erased_at")
    ),
    # A case's keys are destroyed at the end of its erasure, an object's with the object.
    "data_key": Rows(
        NOBODYS, kept=_kept("id owner subject case_id wrapped destroyed_at created_at")
    ),
    "sealed_object": Rows(NOBODYS, kept=_kept("id name stored data_key_id wrapped created_at")),
    "webhook_delivery": Rows(
        NOBODYS,
        kept=_kept(
            "id endpoint_id event_id state attempts last_status first_tried_at delivered_at"
            " created_at"
        ),
    ),
    "webhook_attempt": Rows(
        NOBODYS, kept=_kept("id endpoint_id delivery_id status reason took_ms at created_at")
    ),
    "restoration": Rows(
        NOBODYS,
        kept=_kept(
            "id backup point ledger_at letters steps erased stops restored_at released_at"
            " released_by created_at"
        ),
    ),
    "leader": Rows(NOBODYS, kept=_kept("name holder until")),
    "mark": Rows(NOBODYS, kept=_kept("name at")),
    "rate_count": Rows(NOBODYS, kept=_kept("key began_at tries")),
    "clock_shift": Rows(NOBODYS, kept=_kept("id seconds")),
    "hospital": Rows(
        NOBODYS,
        kept=_kept(
            "id code name city country email languages units fictitious active last_confirmed_on"
            " details created_at"
        ),
    ),
    "exchange_rate": Rows(
        NOBODYS,
        kept=_kept("id currency per_euro rate_on source evidence actor_ref at created_at"),
    ),
    "directory_change": Rows(
        NOBODYS,
        kept=_kept(
            "id hospital_id act unit technique fields confirmed_on evidence file_sha256 actor_ref"
            " at created_at"
        ),
    ),
    "criteria_act": Rows(
        NOBODYS,
        kept=_kept(
            "id set_id version sha256 act actor_ref signer_name signer_qualification"
            " signer_registration confirmed look would_change reason at meaning created_at"
        ),
    ),
    "saved_view": Rows(
        NOBODYS, kept=_kept("id user_id place name chosen is_default created_at")
    ),
    "user_account": Rows(
        NOBODYS,
        kept=_kept(
            "id ref user_name display_name qualification registration role password_hash email"
            " active openid_issuer openid_subject last_sign_in_at reset_at created_at"
        ),
    ),
    "account_change": Rows(
        NOBODYS,
        kept=_kept(
            "id act user_name user_id role subject email email_before asked_by asked_at state"
            " settled_by settled_at alone role_before letters link_seed link_expires_at"
            " link_used_at told_at created_at"
        ),
    ),
    "user_session": Rows(
        NOBODYS,
        kept=_kept(
            "id user_id token_sha256 expires_at revoked_at last_seen_at fresh_at pending method"
            " browser created_at"
        ),
    ),
    "second_factor": Rows(
        NOBODYS, kept=_kept("user_id sealed_secret confirmed_at last_step created_at")
    ),
    "recovery_code": Rows(NOBODYS, kept=_kept("id user_id code_hash used_at created_at")),
    "webhook_endpoint": Rows(
        NOBODYS,
        kept=_kept(
            "id name url secret previous_secret previous_until types ordered active"
            " disabled_reason paused_at closed_until failures failing_since removed_at created_at"
        ),
    ),
}  # fmt: skip
"""In the order in which they are erased: what finds other rows comes after them."""

ONLY_ONE_EACH = frozenset({"inbound_mail.sha256", "upload.public_id", "portal_draft.token_sha256"})
"""Columns that no two rows may share: blank is "erased" and the row's number there."""
