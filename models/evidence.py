"""The chains over evidence, the signed heads over all chains, and what a look at them found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from models.base import chain_hash, identity, json_column, utc


@dataclass(frozen=True, slots=True)
class Form:
    """The columns of a table that a link is about: in this order they are hashed.

    `kept` stay for ever, `hidden` are taken by an erasure and then hold `blank`, `closing` are
    filled once. `in_clear`: hidden columns that are sealed by now were hashed as they stood before.
    """

    kept: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    blank: str = "[]"
    """What `hidden` hold afterwards, as the database writes it."""
    in_clear: bool = False


def _form(kept: str, hidden: str = "", closing: str = "", blank: str = "[]") -> Form:
    return Form(tuple(kept.split()), tuple(hidden.split()), tuple(closing.split()), blank)


def _sealed_since(form: Form) -> Mapping[int, Form]:
    """Return the two forms of a table whose words were in clear at first, and are sealed now."""
    return {1: replace(form, in_clear=True), 2: form}


FORMS: Mapping[str, Mapping[int, Form]] = {
    "assessment": _sealed_since(
        _form(
            "id case_id phase category set_versions engine_version assessed_at created_at",
            "result findings input_hash",
            blank='["", "", ""]',
        )
    ),
    "audit_entry": {
        1: _form("id actor_ref action case_id at created_at", "object_ref", blank='[""]')
    },
    "consent": {
        1: _form(
            "id case_id scope hospital_id recipient recipient_country law text_version signed_by"
            " method ground paper_id authority_id granted_at created_at",
            closing="withdrawn_at",
        )
    },
    "criteria_act": {
        1: _form(
            "id set_id version sha256 meaning act actor_ref signer_name signer_qualification"
            " signer_registration confirmed look would_change reason at created_at"
        )
    },
    "directory_change": {
        1: _form(
            "id hospital_id act unit technique fields confirmed_on evidence file_sha256 actor_ref"
            " at created_at"
        )
    },
    "red_flag_call": _sealed_since(
        _form(
            "id case_id task_id by_ref reached next_try_at called_at created_at",
            "said",
            blank='[""]',
        )
    ),
    "review": _sealed_since(
        _form(
            "id case_id assessment_id outcome agrees_with_screen technique clinician_ref"
            " signer_name signer_qualification signer_registration signed_at created_at",
            "reason input_hash",
            "void_at void_reason",
            blank='[null, ""]',
        )
    ),
}
"""Tables whose rows are linked, with the lists of columns by number; the newest is the last.

A new column needs a new form: add it here, and in its migration make the trigger `linked` anew with
the form's number and lists. Rows of before keep theirs.
"""


class EvidenceLink(SQLModel, table=True):
    """One act of evidence in its strand, written by the database when the act is committed.

    `act` is `add` (a row was added), `close` (its open columns were filled), `erase` (an erasure
    took what it may), `prune` (the oldest visits were taken away) or `rewrite` (the owner changed
    a table and said why, in `note`). `row_id` is the row's number; of `erase` the case's, of
    `prune` the last link's that went. `content` is the hash of what the row held; `hidden_hash`
    the salted one of what an erasure took from it, whose salt is gone.

    Where what was hashed in clear stands sealed since, `sealed_salt` is the salt, sealed with the
    same key (`salt_place`): beside a hash, a salt in clear would tell whether a guess is right.
    """

    __tablename__ = "evidence_link"
    __table_args__ = (Index("ix_evidence_link_row", "what", "row_id"),)

    strand: str = Field(primary_key=True, max_length=10)
    n: int = Field(primary_key=True, sa_type=BigInteger)
    what: str = Field(max_length=30)
    form: int = Field(default=1)
    """Which of the table's lists of columns was hashed (`FORMS`)."""
    row_id: int | None = Field(default=None, sa_type=BigInteger)
    act: str = Field(max_length=10)
    note: str = Field(max_length=120)
    at: datetime = utc(nullable=False)
    salt: bytes | None = Field(default=None)
    hidden_hash: bytes | None = Field(default=None)
    content: bytes = chain_hash()
    hash: bytes = chain_hash()
    sealed_salt: str | None = Field(default=None, sa_type=Text)


def salt_place(table: str, row_id: int) -> str:
    """Return the place for which the salt of a row's link is sealed."""
    return f"evidence_link.salt|{table}|{row_id}"


class SignedHead(SQLModel, table=True):
    """Where every chain stood, signed with a key that the database does not have.

    `body` is compressed JSON (`workflows/history/heads.py`); the object store has it too. A full
    head names every case, the others those that went on since the one before.
    """

    __tablename__ = "signed_head"

    no: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = utc(nullable=False)
    is_full: bool
    body: bytes
    key_id: str = Field(max_length=16)
    signature: bytes


class HistoryCheck(SQLModel, table=True):
    """One look at all chains: how much was looked at, and what was found (codes and numbers)."""

    __tablename__ = "history_check"

    id: int | None = identity()
    at: datetime = utc(nullable=False)
    took_ms: int
    cases: int
    events: int = Field(sa_type=BigInteger)
    links: int = Field(sa_type=BigInteger)
    head_no: int | None = Field(default=None, sa_type=BigInteger)
    """The newest signed head that was compared; None without one."""
    findings: list[dict[str, Any]] = json_column(list)
