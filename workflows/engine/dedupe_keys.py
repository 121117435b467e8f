"""Keys that make a repeated step write its letter, or queue its run, once: made and matched here.

`message.dedupe_key` and `step_run.dedupe_key` hold them. Rows live for years, so a spelling that
was stored once stays; another kind of key is a function more. The types keep other text out: a key
that nobody can match is a letter that nobody can stop.
"""

from collections.abc import Collection
from typing import NewType

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col

from models import Message

MessageKey = NewType("MessageKey", str)
"""At most 120 characters, as the column."""
RunKey = NewType("RunKey", str)

_RUN = ":run:"


def of_notice(case_id: int, template: str, run_id: int) -> MessageKey:
    """Return the key of a letter to a patient that one run of a step writes."""
    return MessageKey(f"case:{case_id}:{template}{_RUN}{run_id}")


def of_notice_on_document(case_id: int, template: str, document_id: int) -> MessageKey:
    """Return the key of a letter about one document: a second run does not write it again."""
    return MessageKey(f"case:{case_id}:{template}:document:{document_id}")


def of_notice_on_review(case_id: int, review_id: int) -> MessageKey:
    """Return the key of the letter about one signature, before a call or after it: there is one."""
    return MessageKey(f"case:{case_id}:review:{review_id}")


def of_hospital_letter(thread_id: int, template: str, attempt: int) -> MessageKey:
    """Return the key of a letter to a hospital; each attempt of a thread is a letter of its own."""
    return MessageKey(f"thread:{thread_id}:{template}:{attempt}")


def of_written_letter(thread_id: int, form: str) -> MessageKey:
    """Return the key of a letter that a person wrote freely: one for each form that was opened."""
    return MessageKey(f"thread:{thread_id}:written:{form}")


def of_desk_code(link_id: int, code: int) -> MessageKey:
    """Return the key of the letter that brings the n-th code of a hospital's link."""
    return MessageKey(f"desk:{link_id}:code:{code}")


def of_desk_answer(link_id: int, form: str) -> MessageKey:
    """Return the key of what a hospital wrote on its desk: a form that is sent twice is one."""
    return MessageKey(f"desk:{link_id}:form:{form}")


def of_question(reminder_id: int) -> MessageKey:
    """Return the key of the letter that asks one question of the follow-up plan."""
    return MessageKey(f"reminder:{reminder_id}")


def of_erasure(case_id: int) -> MessageKey:
    """Return the key of the last letter to a patient: there is one, whatever was erased by then."""
    return MessageKey(f"case:{case_id}:erasure")


def of_recurring(step: str) -> RunKey:
    """Return the key of the one run that a recurring step has."""
    return RunKey(f"every:{step}")


def written_by(run_ids: Collection[int], reminder_ids: Collection[int]) -> ColumnElement[bool]:
    """Return which messages these runs of steps write, or ask these questions of the plan."""
    key = col(Message.dedupe_key)
    return or_(
        func.split_part(key, _RUN, 2).in_([str(run_id) for run_id in run_ids]),
        key.in_([of_question(reminder_id) for reminder_id in reminder_ids]),
    )
